"""Finds the notes in a part of the score quickly, without Qt, also where one note is as long as the piece."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from musicgen_app.core.score import Score

_BLOCK = 256


class NoteIndex:
    """The columns of a score's notes side by side in memory, with the latest end of each block of them.

    Notes are sorted by onset, so those that begin in a span are a slice. Those that began earlier and still sound are
    only looked for in blocks whose latest end says there is one.

    Args:
        score: The score.
        own: Which of its notes can be touched, shape (notes,); all where None.
        others: Which are seen behind those; none where None.

    Attributes:
        onset: Ticks, shape (notes,), like the rest; ascending.
        end: Ticks.
        pitch: 0 to 127.
        velocity: 1 to 127.
        track: Number of the track.
    """

    def __init__(
        self, score: Score, own: NDArray[np.bool_] | None = None, others: NDArray[np.bool_] | None = None
    ) -> None:
        notes = score.notes
        self.onset: NDArray[np.int64] = np.ascontiguousarray(notes["onset"])
        self.end: NDArray[np.int64] = self.onset + notes["duration"]
        self.pitch: NDArray[np.int64] = notes["pitch"].astype(np.int64)
        self.velocity: NDArray[np.uint8] = np.ascontiguousarray(notes["velocity"])
        self.track: NDArray[np.uint16] = np.ascontiguousarray(notes["track"])
        self._pitches = (int(self.pitch.min()), int(self.pitch.max())) if len(notes) else (0, 0)
        self._own = own
        self._others = others
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

    def everything(self) -> NDArray[np.intp]:
        """Indices, ascending, of all notes that can be touched."""
        return np.arange(len(self), dtype=np.intp) if self._own is None else np.flatnonzero(self._own)

    def inside(self, start: float, stop: float, low: int, high: int) -> NDArray[np.intp]:
        """Indices, ascending, of the notes to touch that sound in [start, stop) with a pitch from low to high."""
        return self._among(self._own, start, stop, low, high)

    def behind(self, start: float, stop: float, low: int, high: int) -> NDArray[np.intp]:
        """The same of the notes seen behind them."""
        if self._others is None:
            return np.empty(0, np.intp)
        return self._among(self._others, start, stop, low, high)

    def _among(
        self, some: NDArray[np.bool_] | None, start: float, stop: float, low: int, high: int
    ) -> NDArray[np.intp]:
        found = self.between(start, stop)
        if some is not None:
            found = found[self.of(some, found)]
        if low <= self._pitches[0] and high >= self._pitches[1]:
            return found
        pitch = self.of(self.pitch, found)
        return found[(pitch >= low) & (pitch <= high)]

    @staticmethod
    def of(column: NDArray[Any], notes: NDArray[np.intp]) -> NDArray[Any]:
        """A column's values for ascending indices; the column itself where they are all, which costs nothing."""
        return column if len(notes) == len(column) else column[notes]

    def at(self, start: float, stop: float, pitch: int) -> int | None:
        """The uppermost of the notes to touch of a pitch that sound in [start, stop); None where there is none."""
        found = self.inside(start, stop, pitch, pitch)
        return int(found[-1]) if len(found) else None

    def begun(self, start: float, stop: float) -> NDArray[np.intp]:
        """Indices, ascending, of the notes to touch that begin in [start, stop)."""
        first, last = (int(place) for place in np.searchsorted(self.onset, [start, stop], side="left"))
        found = np.arange(first, last, dtype=np.intp)
        return found if self._own is None else found[self._own[first:last]]
