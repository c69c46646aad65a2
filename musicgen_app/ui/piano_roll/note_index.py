"""Finds the notes in a part of the score quickly, without Qt, also where one note is as long as the piece."""

import numpy as np
from numpy.typing import NDArray

from musicgen_app.core.score import Score

_BLOCK = 256


class NoteIndex:
    """The columns of a score's notes side by side in memory, with the latest end of each block of them.

    Notes are sorted by onset, so those that begin in a span are a slice. Those that began earlier and still sound are
    only looked for in blocks whose latest end says there is one.

    Attributes:
        onset: Ticks, shape (notes,), like the rest; ascending.
        end: Ticks.
        pitch: 0 to 127.
        velocity: 1 to 127.
    """

    def __init__(self, score: Score) -> None:
        notes = score.notes
        self.onset: NDArray[np.int64] = np.ascontiguousarray(notes["onset"])
        self.end: NDArray[np.int64] = self.onset + notes["duration"]
        self.pitch: NDArray[np.int64] = notes["pitch"].astype(np.int64)
        self.velocity: NDArray[np.uint8] = np.ascontiguousarray(notes["velocity"])
        starts = np.arange(0, len(notes), _BLOCK)
        self._block_ends: NDArray[np.int64] = (
            np.maximum.reduceat(self.end, starts) if len(notes) else np.empty(0, np.int64)
        )

    def __len__(self) -> int:
        return len(self.onset)

    def between(self, start: float, stop: float) -> NDArray[np.intp]:
        """Indices, ascending, of all notes that sound at some time in [start, stop)."""
        first, last = (int(place) for place in np.searchsorted(self.onset, [start, stop], side="left"))
        blocks = np.flatnonzero(self._block_ends[: -(-first // _BLOCK)] > start)
        earlier = (blocks[:, None] * _BLOCK + np.arange(_BLOCK)).ravel()
        earlier = earlier[earlier < first]
        earlier = earlier[self.end[earlier] > start]
        return np.concatenate([earlier, np.arange(first, last, dtype=np.intp)]).astype(np.intp, copy=False)

    def inside(self, start: float, stop: float, low: int, high: int) -> NDArray[np.intp]:
        """Indices, ascending, of all notes that sound in [start, stop) with a pitch from low to high."""
        found = self.between(start, stop)
        if low <= 0 and high >= 127:
            return found
        pitch = self.pitch[found]
        return found[(pitch >= low) & (pitch <= high)]

    def at(self, start: float, stop: float, pitch: int) -> int | None:
        """The note drawn uppermost among those of a pitch that sound in [start, stop); None where there is none."""
        found = self.inside(start, stop, pitch, pitch)
        return int(found[-1]) if len(found) else None

    def begun(self, start: float, stop: float) -> NDArray[np.intp]:
        """Indices, ascending, of the notes that begin in [start, stop)."""
        first, last = (int(place) for place in np.searchsorted(self.onset, [start, stop], side="left"))
        return np.arange(first, last, dtype=np.intp)
