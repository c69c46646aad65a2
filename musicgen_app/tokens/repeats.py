"""What a piece said the last time it was where it is now: music repeats itself, often note for note.

The last notes are looked for earlier in the piece, as intervals and times, so a passage is found again in any key. What
followed there is what may follow here, moved to the key of here. A network shown this need not keep whole pieces in its
state: it has to learn how far to trust it. (Data compression calls it a match model; Mahoney, 2005.)
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from musicgen_app.tokens.codec import Codec, Rows
from musicgen_app.tokens.notes import PITCHES

LENGTHS = (2, 3, 4, 6, 8, 12, 16, 24, 32, 64)
"""So many last rows are looked for; the longest that is found counts."""
DISTANCES = 12
"""Classes of how far back it is: powers of two."""
NOTHING = -1
"""Stands for what followed where nothing was found."""

_BASE = 0x9E3779B97F4A7C15
_WORD = 2**64
_PITCH = "pitch"
_NO_INTERVAL = 511
_OTHER = 1 << 40
_SUMS = {
    2: (1, 1),
    3: (2, 1),
    4: (2, 2),
    6: (4, 2),
    8: (4, 4),
    12: (8, 4),
    16: (8, 8),
    24: (16, 8),
    32: (16, 16),
    64: (32, 32),
}
"""Of which shorter ones each length is put together."""
_POWERS = {length: pow(_BASE, length, _WORD) for length in (1, *LENGTHS)}


def repeats(codec: Codec, rows: Rows) -> NDArray[np.int16]:
    """What followed the last time, at every row of one piece.

    Args:
        codec: What the rows mean.
        rows: Shape (rows, fields), from the beginning of the piece on; a start row may stand before it.

    Returns:
        Shape (rows, fields + 2): for every row the classes of the row that followed the same passage before
        (``NOTHING`` where there is none, and for a pitch that would lie beyond all pitches), then the class of the
        length of the passage (0 for none) and the class of the distance. Behind an end row nothing is foretold.
    """
    count = len(rows)
    source, lengths = _sources(_symbols(codec, rows), count)
    found = np.full((count, rows.shape[1] + 2), NOTHING, np.int16)
    found[:, -2:] = 0
    at = np.flatnonzero((lengths > 0) & ~codec.is_end(rows))
    back = source[at]
    lasts = _last_pitches(codec.pitches(rows))
    found[at, :-2] = moved(codec, rows[back + 1], lasts[at] - lasts[back])
    found[at, -2] = lengths[at]
    found[at, -1] = np.minimum(np.log2(at - back).astype(np.int16), DISTANCES - 1)
    return found


def moved(codec: Codec, rows: Rows, semitones: NDArray[np.int64]) -> Rows:
    """Rows with the pitches of notes moved, each by its own interval; ``NOTHING`` for one that no key has.

    Args:
        codec: What the rows mean.
        rows: Shape (..., columns): rows, or lines of ``repeats``.
        semitones: Of a shape that broadcasts to (...).
    """
    column = _pitch_column(codec)
    if column is None or rows.shape[-1] == 0:
        return rows
    rows = rows.copy()
    pitches = rows[..., column].astype(np.int64)
    shifted = pitches + semitones
    shifted = np.where((shifted >= 0) & (shifted < PITCHES), shifted, NOTHING)
    rows[..., column] = np.where((pitches >= 0) & (pitches < PITCHES), shifted, pitches)
    return rows


class Repeats:
    """The same for one piece while it is made, row by row.

    Attributes:
        times: How often in succession the passage that is going on has come back by now.
    """

    def __init__(self, codec: Codec) -> None:
        self._codec = codec
        self._pitch = _pitch_column(codec)
        self._clear()

    @staticmethod
    def of(codec: Codec, rows: Rows) -> "Repeats":
        """What there is to remember of rows, shape (rows, fields)."""
        made = Repeats(codec)
        told = (rows.tolist(), codec.steps(rows).tolist(), codec.pitches(rows).tolist(), codec.is_end(rows).tolist())
        for row in zip(*told, strict=True):
            made.add(*row)
        return made

    def copy(self) -> "Repeats":
        """One that goes on from here by itself."""
        other = Repeats(self._codec)
        other._rows, other._symbols, other._lasts = self._rows.copy(), self._symbols.copy(), self._lasts.copy()
        other._hashes, other._places = self._hashes.copy(), [places.copy() for places in self._places]
        other._distance, other._rows_alike, other.times = self._distance, self._rows_alike, self.times
        return other

    def _clear(self) -> None:
        self._rows: list[list[int]] = []
        self._symbols: list[int] = []
        self._lasts: list[int] = []
        self._hashes = [0] * len(LENGTHS)
        self._places: list[dict[int, int]] = [{} for _ in LENGTHS]
        self._distance, self._rows_alike, self.times = 0, 0, 0.0

    def add(self, row: Sequence[int], step: int, pitch: int, ends: bool) -> list[int]:
        """Take the next row, and say what followed the last time.

        Args:
            row: Its classes.
            step: Its time in grid steps.
            pitch: Its pitch, below 0 for none.
            ends: Whether it is an end row: everything is forgotten.

        Returns:
            As a line of ``repeats``.
        """
        if ends:
            self._clear()
            return [NOTHING] * len(row) + [0, 0]
        here, last = len(self._rows), self._lasts[-1] if self._lasts else NOTHING
        self._rows.append(list(row))
        self._symbols.append(_symbol(row, step, pitch, last))
        self._lasts.append(pitch if pitch >= 0 else last)
        length, back = self._look(here)
        distance = here - back if length else 0
        self._rows_alike = self._rows_alike + 1 if distance == self._distance else 1
        self._distance = distance
        if length == 0:
            self.times = 0.0
            return [NOTHING] * len(row) + [0, 0]
        # A note struck again and again is no passage: as many of them count as one of two notes.
        self.times = self._rows_alike / max(2, distance)
        return [*self._followed(here, back), length, min((here - back).bit_length() - 1, DISTANCES - 1)]

    def _look(self, here: int) -> tuple[int, int]:
        """The class of the longest passage found and where it ended, and remember the passages that end here."""
        symbols, found, back = self._symbols, 0, 0
        for index, length in enumerate(LENGTHS):
            gone = symbols[here - length] * _POWERS[length] if here >= length else 0
            hashed = (self._hashes[index] * _BASE + symbols[here] - gone) % _WORD
            self._hashes[index] = hashed
            if here >= length - 1:
                places = self._places[index]
                if hashed in places:
                    found, back = index + 1, places[hashed]
                places[hashed] = here
        return found, back

    def _followed(self, here: int, back: int) -> list[int]:
        """The row behind ``back``, moved to the key of here."""
        row = list(self._rows[back + 1])
        interval = self._lasts[here] - self._lasts[back]
        if self._pitch is not None and row[self._pitch] < PITCHES:
            pitch = row[self._pitch] + interval
            row[self._pitch] = pitch if 0 <= pitch < PITCHES else NOTHING
        return row


def _symbol(row: Sequence[int], step: int, pitch: int, last: int) -> int:
    """What a row says in any key: its time and its interval from the last pitch; all of it where it is no note."""
    if pitch >= 0:
        return step << 10 | (pitch - last + 128 if last >= 0 else _NO_INTERVAL)
    told = _OTHER
    for value in row:
        told = (told * _BASE + value) % _WORD
    return told


def _symbols(codec: Codec, rows: Rows) -> NDArray[np.uint64]:
    """The symbols of many rows."""
    pitches, told = codec.pitches(rows).astype(np.int64), np.full(len(rows), _OTHER, np.uint64)
    for column in rows.T:
        told = told * np.uint64(_BASE) + column.astype(np.uint64)
    before = np.concatenate([[NOTHING], _last_pitches(pitches)[:-1]])
    intervals = np.where(before >= 0, pitches - before + 128, _NO_INTERVAL)
    notes = codec.steps(rows) << 10 | intervals
    return np.where(pitches >= 0, notes.astype(np.uint64), told)


def _last_pitches(pitches: NDArray[np.integer]) -> NDArray[np.int64]:
    """Shape (rows,): the pitch of the last note at every row, its own included; ``NOTHING`` before the first."""
    at = np.maximum.accumulate(np.where(pitches >= 0, np.arange(len(pitches)), -1))
    return np.where(at >= 0, pitches[at], NOTHING).astype(np.int64)


def _sources(symbols: NDArray[np.uint64], count: int) -> tuple[NDArray[np.int64], NDArray[np.int16]]:
    """Where the longest passage that ends at each row ended the last time, and the class of its length, 0 for none."""
    hashes = {1: symbols}
    source, lengths = np.zeros(count, np.int64), np.zeros(count, np.int16)
    for index, length in enumerate(LENGTHS):
        if count < length:
            break
        late, early = _SUMS[length]
        hashes[length] = hashes[late].copy()
        hashes[length][late:] += hashes[early][: count - late] * np.uint64(_POWERS[late])
        whole = hashes[length][length - 1 :]
        order = np.argsort(whole, kind="stable")
        again = np.flatnonzero(whole[order[1:]] == whole[order[:-1]])
        at = order[again + 1] + length - 1
        source[at], lengths[at] = order[again] + length - 1, index + 1
    return source, lengths


def _pitch_column(codec: Codec) -> int | None:
    """Which field holds pitches, if any."""
    names = [field.name for field in codec.fields]
    return names.index(_PITCH) if _PITCH in names else None
