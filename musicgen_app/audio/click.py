"""The sound of the metronome, made by formula: a short knock, higher for the first beat of a bar."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from musicgen_app.audio.samples import RATE

_HERTZ = {True: 1760.0, False: 1175.0}
_SECONDS = 0.04
_RISE_SEC = 0.001
_LOUDEST = 0.35


@lru_cache(maxsize=2)
def knock(accent: bool) -> NDArray[np.float32]:
    """The loudest click, shape (frames,), full scale 1."""
    at = np.arange(round(_SECONDS * RATE)) / RATE
    tone = np.sin(2 * np.pi * _HERTZ[accent] * at) + 0.4 * np.sin(4 * np.pi * _HERTZ[accent] * at)
    fall = np.exp(-at / 0.008) * np.linspace(1, 0, len(at))
    rise = np.minimum(at / _RISE_SEC, 1.0)
    wave: NDArray[np.float32] = (_LOUDEST * tone * fall * np.sin(rise * np.pi / 2) ** 2).astype(np.float32)
    return wave


class Clicker:
    """Adds clicks to a block, wherever they begin."""

    def __init__(self) -> None:
        self._clicks: list[tuple[int, NDArray[np.float32]]] = []

    def strike(self, frame: int, accent: bool, loudness: int) -> None:
        """Begin a click at a frame; ``loudness`` is 1 to 127."""
        self._clicks.append((frame, knock(accent) * np.float32((loudness / 127) ** 2)))

    def add(self, out: NDArray[np.float32], begin: int) -> None:
        """Add what sounds from frame ``begin`` on to ``out``, shape (2, frames)."""
        end = begin + out.shape[1]
        for frame, wave in self._clicks:
            first, last = max(frame, begin), min(frame + len(wave), end)
            if first < last:
                out[:, first - begin : last - begin] += wave[first - frame : last - frame]
        self._clicks = [(frame, wave) for frame, wave in self._clicks if frame + len(wave) > end]
