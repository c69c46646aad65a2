"""Windows of rows for training: full batches, shuffled anew every epoch, gathered from the mapped store."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from musicgen_app.core.errors import DatasetError
from musicgen_app.dataset.store import Dataset, Piece, Split
from musicgen_app.tokens.codec import Rows
from musicgen_app.tokens.context import NOTHING_SHOWN, Shown, recent_pitches
from musicgen_app.tokens.repeats import moved, repeats

LOWEST_SHIFT = -5
HIGHEST_SHIFT = 6
"""Semitones by which a window may be moved: every key once."""

LEAD_A_PITCH = 2
"""Rows looked back over for each recent pitch: some of them press the pedal."""

_ORDER, _SHIFTS = 0, 1
"""Separate streams of random numbers, so that switching transposition on does not change the order."""


@dataclass(frozen=True, slots=True)
class _Epoch:
    """How one epoch reads the pieces.

    Attributes:
        number: Of the epoch.
        ends: Shape (pieces,): where each piece ends in the stream of this epoch.
        leads: Shape (pieces,): what to add to a place in the stream to find the row in the store.
        pieces: Shape (pieces,): which piece stands where.
        offset: Place in the stream at which the first window begins.
        windows: Shape (windows,): the order in which windows are dealt.
    """

    number: int
    ends: NDArray[np.int64]
    leads: NDArray[np.int64]
    pieces: NDArray[np.int64]
    offset: int
    windows: NDArray[np.int64]


class Windows:
    """Batches of windows over one side of a data set, each a pure function of (seed, epoch, index).

    In every epoch the pieces are joined in a new order into a ring (the end row of a piece is what stands before the
    first row of the next), and the ring is cut from a new place into windows of ``length`` predictions. Every row is
    predicted once an epoch; a last batch that would not be full is filled up from the beginning.

    Attributes:
        batch_size, length: Windows in a batch, predictions in a window.
        batches_per_epoch: As the name says.
        notes_per_epoch: Notes among the rows that are predicted once.
    """

    def __init__(
        self,
        dataset: Dataset,
        split: Split,
        batch: int,
        length: int,
        seed: int,
        transpose: bool = False,
        shown: Shown = NOTHING_SHOWN,
    ) -> None:
        """Prepare to read; cheap.

        Args:
            dataset: Where the rows come from.
            split: Which side of it.
            batch: Windows in a batch.
            length: Predictions in a window.
            seed: Of every random choice made here.
            transpose: Move each window by -5 to +6 semitones, as far as the pitches of its pieces allow.
            shown: How much context stands behind each row.

        Raises:
            DatasetError: This side has no pieces.
            ValueError: ``batch`` or ``length`` is below 1.
        """
        if batch < 1 or length < 1:
            raise ValueError("A batch needs at least one window and a window at least one prediction.")
        pieces = dataset.pieces_of(split)
        if not pieces:
            raise DatasetError(f"The data set has no pieces for {split}.")
        self._dataset = dataset
        self._seed = seed
        self.batch_size = batch
        self.length = length
        self._firsts = np.array([piece.first_row for piece in pieces], dtype=np.int64)
        self._counts = np.array([piece.row_count for piece in pieces], dtype=np.int64)
        self._total = int(self._counts.sum())
        self._recent = shown.recent
        self._lead = min(LEAD_A_PITCH * shown.recent, self._total - 1)
        self._positions = _positions(dataset, pieces, shown.positions)
        self._repeats = _repeats(dataset, pieces, shown.repeats)
        self._stored = np.cumsum(self._counts) - self._counts
        self._window_count = -(-self._total // length)
        self.batches_per_epoch = -(-self._window_count // batch)
        self.notes_per_epoch = sum(piece.notes for piece in pieces)
        self._bounds: NDArray[np.int64] | None = None
        if transpose:
            bounds = [dataset.codec.transposable(dataset.rows(piece)) for piece in pieces]
            self._bounds = np.clip(np.array(bounds, dtype=np.int64), LOWEST_SHIFT, HIGHEST_SHIFT)
        self._epoch: _Epoch | None = None

    def batch(self, epoch: int, index: int) -> Rows:
        """Wide rows: feed ``[:, :-1]``, foretell the fields of ``[:, 1:]``.

        Returns:
            Shape (batch, length + 1, fields + context), as ``tokens.context`` lays them out; an array of your own.

        Raises:
            IndexError: ``index`` is not in 0 .. batches_per_epoch - 1.
        """
        laid, windows = self._dealt(epoch, index)
        steps = np.arange(-self._lead, self.length + 1)
        places = (laid.offset - 1 + windows[:, np.newaxis] * self.length + steps) % self._total
        slots = np.searchsorted(laid.ends, places, side="right")
        batch = np.asarray(self._dataset.all_rows[places + laid.leads[slots]])
        pieces = laid.pieces[slots]
        stored = places - laid.ends[slots] + self._counts[pieces] + self._stored[pieces]
        again = self._repeats[stored]
        if self._bounds is not None:
            lowest = self._bounds[laid.pieces[slots], 0].max(axis=1)
            highest = self._bounds[laid.pieces[slots], 1].min(axis=1)
            rng = np.random.default_rng([self._seed, epoch, _SHIFTS, index])
            shifts = rng.integers(lowest, highest + 1)
            for window, semitones in zip(batch, shifts, strict=True):
                window[:] = self._dataset.codec.transpose(window, int(semitones))
            again = moved(self._dataset.codec, again, shifts[:, np.newaxis])
        recent = [recent_pitches(self._dataset.codec, window, self._recent) for window in batch]
        parts = [batch, self._positions[stored], np.stack(recent), again]
        wide = np.concatenate(parts, axis=2, dtype=np.int16)
        return wide[:, self._lead :]

    def targets(self, batch: Rows) -> Rows:
        """The rows of a batch that are foretold, without their context: shape (batch, length, fields)."""
        return batch[:, 1:, : len(self._dataset.codec.fields)]

    def mask(self, epoch: int, index: int) -> NDArray[np.bool_]:
        """Shape (batch, length): False for predictions that only fill up, because this epoch makes them elsewhere."""
        _, windows = self._dealt(epoch, index)
        first = index * self.batch_size
        new = first + np.arange(self.batch_size) < self._window_count
        inside = windows[:, np.newaxis] * self.length + np.arange(self.length) < self._total
        return inside & new[:, np.newaxis]

    def _dealt(self, epoch: int, index: int) -> tuple[_Epoch, NDArray[np.int64]]:
        """How the epoch is laid out, and the windows of one batch."""
        if not 0 <= index < self.batches_per_epoch:
            raise IndexError(f"There is no batch {index}; an epoch has {self.batches_per_epoch}.")
        laid = self._laid(epoch)
        order = (index * self.batch_size + np.arange(self.batch_size)) % self._window_count
        return laid, laid.windows[order]

    def _laid(self, epoch: int) -> _Epoch:
        if self._epoch is None or self._epoch.number != epoch:
            rng = np.random.default_rng([self._seed, epoch, _ORDER])
            pieces, windows = rng.permutation(len(self._counts)), rng.permutation(self._window_count)
            offset = int(rng.integers(self._total))
            ends = np.cumsum(self._counts[pieces])
            leads = self._firsts[pieces] - (ends - self._counts[pieces])
            self._epoch = _Epoch(epoch, ends, leads, pieces, offset, windows)
        return self._epoch


def _positions(dataset: Dataset, pieces: Sequence[Piece], wanted: bool) -> NDArray[np.int16]:
    """Shape (rows of all these pieces, positions): where in the bar each row stands; no column where none is wanted."""
    codec = dataset.codec
    if not wanted:
        return np.empty((sum(piece.row_count for piece in pieces), 0), np.int16)
    return np.concatenate([codec.positions(np.cumsum(codec.steps(dataset.rows(piece)))) for piece in pieces])


def _repeats(dataset: Dataset, pieces: Sequence[Piece], wanted: bool) -> NDArray[np.int16]:
    """Shape (rows of all these pieces, columns): what followed the same passage before; no column where not wanted."""
    if not wanted:
        return np.empty((sum(piece.row_count for piece in pieces), 0), np.int16)
    return np.concatenate([repeats(dataset.codec, dataset.rows(piece)) for piece in pieces])
