"""The recordings of the built-in piano: decoded when first needed, tuned to every key, leveled by measurement."""

import json
import math
from collections import OrderedDict
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from musicgen_app.core.errors import AudioError
from musicgen_app.environment import bundled

Wave = NDArray[np.int16]

RATE = 48_000
_TAPS = 24
_PIECE_FRAMES = 4096
_KEPT_FRAMES = 100_000_000
"""Tuned notes are kept up to this many frames (200 MB if all were heard to their ends); the longest unused go first."""
_KEYS = range(21, 109)


@dataclass(frozen=True, slots=True)
class Recording:
    """One recorded blow.

    Attributes:
        path: The Ogg file.
        pitch: The key that was struck.
        loudness_db: K-weighted loudness of the stored file's first half second.
        likeness: Correlation with the next louder recording of the key, over the same part.
    """

    path: Path
    pitch: int
    loudness_db: float
    likeness: float


@dataclass(frozen=True, slots=True)
class Layer:
    """How one recording takes part in a note: its number among the key's recordings, and the factor on its samples."""

    number: int
    gain: float


class Tuning:
    """Plays a recording ``semitones`` higher, in pieces that all have the same length.

    The ratio of the speeds is a fraction (exact to 0.1 cent for the neighbours that are needed), so the weights of
    the windowed sinc repeat from piece to piece and are computed once.
    """

    def __init__(self, semitones: int) -> None:
        step = Fraction(2 ** (semitones / 12)).limit_denominator(256)
        pieces = math.ceil(_PIECE_FRAMES / step.denominator)
        self.frames = pieces * step.denominator
        self.hop = pieces * step.numerator
        places = np.arange(self.frames) * step.numerator
        self._first = places // step.denominator
        fractions = (places % step.denominator) / step.denominator
        offsets = np.arange(_TAPS) - (_TAPS // 2 - 1)
        distance = offsets[:, None] - fractions[None, :]
        cutoff = min(1.0, 1 / float(step))
        window = np.cos(np.pi * np.clip(distance / _TAPS, -0.5, 0.5)) ** 2
        weights = cutoff * np.sinc(cutoff * distance) * window
        self._weights = (weights / weights.sum(axis=0)).astype(np.float32)

    def piece(self, source: Wave, number: int) -> Wave:
        """Frames ``number * frames`` to the next multiple of the tuned note."""
        lead = _TAPS // 2 - 1
        begin = number * self.hop - lead
        window = np.zeros(int(self._first[-1]) + _TAPS, np.float32)
        known = source[max(begin, 0) : max(begin + len(window), 0)]
        window[max(-begin, 0) :][: len(known)] = known
        out = np.zeros(self.frames, np.float32)
        for tap in range(_TAPS):
            out += window[self._first + tap] * self._weights[tap]
        return np.clip(np.rint(out), -32768, 32767).astype(np.int16)


@lru_cache(maxsize=64)
def _tuning(semitones: int) -> Tuning:
    return Tuning(semitones)


class TunedNote:
    """One recording as one key plays it; computed as far as it has been heard, and remembered."""

    def __init__(self, source: Wave, semitones: int) -> None:
        self._source = source
        self._tuning = _tuning(semitones) if semitones else None
        self._ready = 0
        if self._tuning is None:
            self._wave, self._ready = source, len(source)
        else:
            pieces = len(source) // self._tuning.hop + 1
            self._wave = np.empty(pieces * self._tuning.frames, np.int16)
        self.frames = len(self._wave)

    def part(self, begin: int, end: int) -> Wave:
        """Frames ``begin`` to ``end``, int16; ``end`` at most ``frames``."""
        while self._tuning is not None and self._ready < end:
            piece = self._tuning.piece(self._source, self._ready // self._tuning.frames)
            self._wave[self._ready : self._ready + len(piece)] = piece
            self._ready += len(piece)
        return self._wave[begin:end]


class Samples:
    """All recordings. Opening reads the index only; each file is decoded when it is first played, or by `load`."""

    def __init__(self, folder: Path | None = None) -> None:
        """Read the index.

        Args:
            folder: Where ``index.json`` and the recordings are; the bundled piano by default.

        Raises:
            AudioError: The folder has no usable index.
        """
        folder = folder or bundled("resources", "piano")
        try:
            index: dict[str, Any] = json.loads((folder / "index.json").read_text(encoding="utf-8"))
            self._velocities = [int(layer["velocity"]) for layer in index["layers"]]
            self._recordings: dict[int, list[Recording]] = {}
            for row in index["samples"]:
                recording = Recording(folder / row["file"], row["pitch"], row["loudness_db"], row["likeness"])
                self._recordings.setdefault(recording.pitch, []).append(recording)
            balance = {int(pitch): float(value) for pitch, value in index["balance_db"].items()}
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise AudioError(
                f"The recordings of the built-in piano in {folder} cannot be used.", "Install the program again."
            ) from error
        self._pitches = np.array(sorted(self._recordings))
        self._balance = np.interp(np.arange(128), sorted(balance), [balance[pitch] for pitch in sorted(balance)])
        self._sources: dict[Path, Wave] = {}
        self._notes: OrderedDict[tuple[int, int], TunedNote] = OrderedDict()
        self._kept = 0

    def load(self) -> None:
        """Decode every recording now, so that no note has to wait for one. Any thread may do it; about a second.

        Raises:
            AudioError: A recording is missing or damaged.
        """
        for recordings in self._recordings.values():
            for recording in recordings:
                self._source(recording)

    def tune(self) -> None:
        """Tune the beginning of every key of a piano now, so that no chord has to wait for it; 0.1 s."""
        for pitch in _KEYS:
            for layer in range(len(self._velocities)):
                self.note(pitch, layer).part(0, 1)

    def _source(self, recording: Recording) -> Wave:
        wave = self._sources.get(recording.path)
        if wave is None:
            try:
                wave, _ = soundfile.read(recording.path, dtype="int16")
            except (OSError, soundfile.LibsndfileError) as error:
                raise AudioError(
                    f"The piano recording {recording.path.name} cannot be read.", "Install the program again."
                ) from error
            self._sources[recording.path] = wave
        return wave

    def nearest(self, pitch: int) -> int:
        """The recorded pitch that a key is played from."""
        return int(self._pitches[np.argmin(np.abs(self._pitches - pitch))])

    def note(self, pitch: int, layer: int) -> TunedNote:
        """The recording of a layer, tuned to a key."""
        key = (pitch, layer)
        found = self._notes.get(key)
        if found is None:
            base = self.nearest(pitch)
            found = TunedNote(self._source(self._recordings[base][layer]), pitch - base)
            self._notes[key] = found
            self._kept += found.frames
            while self._kept > _KEPT_FRAMES:
                self._kept -= self._notes.popitem(last=False)[1].frames
        else:
            self._notes.move_to_end(key)
        return found

    def layers(self, pitch: int, velocity: int, loudness_db: float) -> tuple[Layer, ...]:
        """Which recordings sound, and how loud, for one blow.

        The two layers around the velocity are mixed as if both were equally loud; what they lack in likeness is made
        up for, so that the mix has the same measured loudness everywhere.

        Args:
            pitch: The key, 0 to 127.
            velocity: 1 to 127; chooses the timbre only.
            loudness_db: K-weighted loudness that a key in the middle shall have; full scale is 0.
        """
        place = float(np.interp(velocity, self._velocities, np.arange(len(self._velocities))))
        lower = min(int(place), len(self._velocities) - 2)
        upper_part = place - lower
        recordings = self._recordings[self.nearest(pitch)]
        parts = (1 - upper_part, upper_part)
        power = parts[0] ** 2 + parts[1] ** 2 + 2 * parts[0] * parts[1] * recordings[lower].likeness
        level = loudness_db + float(self._balance[pitch]) - 10 * math.log10(power)
        return tuple(
            Layer(lower + at, part * 10 ** ((level - recordings[lower + at].loudness_db) / 20) / 32768)
            for at, part in enumerate(parts)
            if part > 0
        )
