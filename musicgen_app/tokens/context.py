"""What a network is shown beside each row: its place in time, the last pitches, and what came next the last time.

All of it follows from the rows alone, so it is no part of what is foretold: a network could work it out, and learns
much quicker when it need not.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from musicgen_app.tokens.codec import Codec, Rows
from musicgen_app.tokens.repeats import NOTHING, Repeats, repeats

NO_PITCH = -1
"""Stands where no pitch has been struck yet."""


@dataclass(frozen=True, slots=True)
class Shown:
    """How much context there is.

    Attributes:
        positions: Whether places in the bar are shown.
        recent: How many of the last pitches.
        repeats: Whether what followed the same passage before is shown (``tokens.repeats``).
    """

    positions: bool = False
    recent: int = 0
    repeats: bool = False


NOTHING_SHOWN = Shown()


def wide_rows(codec: Codec, rows: Rows, shown: Shown, began: int = 0) -> Rows:
    """Rows of one piece with their context behind them.

    Args:
        codec: What the rows mean.
        rows: Shape (rows, fields), consecutive; a start row may stand before the first.
        shown: How much context is wanted.
        began: Grid steps from the beginning of the piece to where the rows begin.

    Returns:
        Shape (rows, columns): the rows, the classes of their positions, the pitches of the last notes, the row's own
        first, and the lines of ``repeats``.
    """
    parts = [rows, recent_pitches(codec, rows, shown.recent)]
    if shown.positions:
        parts.insert(1, codec.positions(began + np.cumsum(codec.steps(rows))))
    if shown.repeats:
        parts.append(repeats(codec, rows))
    return np.concatenate(parts, axis=1, dtype=np.int16)


def recent_pitches(codec: Codec, rows: Rows, count: int) -> NDArray[np.int16]:
    """Pitches of the last notes at every row, nothing remembered across an end row.

    Args:
        codec: What the rows mean.
        rows: Shape (rows, fields).
        count: How many pitches.

    Returns:
        Shape (rows, count): the latest first; ``NO_PITCH`` where there were fewer.
    """
    pitches = codec.pitches(rows)
    struck = pitches[pitches != NO_PITCH]
    so_far = np.cumsum(pitches != NO_PITCH)
    since = np.maximum.accumulate(np.where(codec.is_end(rows), so_far, 0))
    places = so_far[:, np.newaxis] - 1 - np.arange(count)
    known = places >= since[:, np.newaxis]
    found = np.full(places.shape, NO_PITCH, np.int16)
    found[known] = struck[places[known]]
    return found


class Following:
    """The context of several pieces while they are made, row by row.

    Attributes:
        clocks: Shape (batch,): grid steps from the beginning of each piece.
        recent: Shape (batch, recent): the pitches of the last notes, the latest first.
        repeats: What each piece remembers of itself; empty where that is not shown.
    """

    def __init__(self, codec: Codec, shown: Shown, batch: int, patience: float = math.inf) -> None:
        """Begin so many pieces.

        Args:
            codec: What the rows mean.
            shown: How much context is wanted.
            batch: How many pieces.
            patience: What has come back more often in succession is not shown any more: a network that repeats what
                it said hears it again, and would go on for ever.
        """
        self._codec = codec
        self._patience = patience
        self._shows_positions = shown.positions
        self.clocks: NDArray[np.int64] = np.zeros(batch, np.int64)
        self.recent: NDArray[np.int16] = np.full((batch, shown.recent), NO_PITCH, np.int16)
        self.repeats = [Repeats(codec) for _ in range(batch)] if shown.repeats else []

    def add(self, rows: Rows) -> Rows:
        """Take the next row of every piece, shape (batch, fields), and give the wide rows, shape (batch, columns)."""
        steps, pitches = self._codec.steps(rows), self._codec.pitches(rows)
        self.clocks = self.clocks + steps
        struck, ended = pitches.tolist(), self._codec.is_end(rows).tolist()
        if self.recent.shape[1]:
            if NO_PITCH not in struck:
                self.recent[:, 1:] = self.recent[:, :-1]
                self.recent[:, 0] = pitches
            else:
                notes = pitches != NO_PITCH
                self.recent[notes, 1:] = self.recent[notes, :-1]
                self.recent[notes, 0] = pitches[notes]
        if True in ended:
            self.clocks[ended] = 0
            self.recent[ended] = NO_PITCH
        parts = [rows]
        if self._shows_positions:
            parts.append(self._codec.positions(self.clocks))
        parts.append(self.recent)
        if self.repeats:
            told = zip(rows.tolist(), steps.tolist(), struck, ended, strict=True)
            lines = [one.add(*row) for one, row in zip(self.repeats, told, strict=True)]
            for line, one in enumerate(self.repeats):
                if one.times > self._patience:
                    lines[line] = [NOTHING] * rows.shape[1] + [0, 0]
            parts.append(np.array(lines, np.int16))
        return np.concatenate(parts, axis=1)

    def ahead(self, rows: Rows) -> NDArray[np.int64]:
        """Where rows that follow would stand, shape (batch,); only their times need to be chosen."""
        clocks: NDArray[np.int64] = self.clocks + self._codec.steps(rows)
        return clocks
