"""Windows of tokens as the seeds cut them: from one long list, at every place, each with the token that follows."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from musicgen_app.core.errors import DatasetError
from musicgen_app.dataset.store import Dataset, Split
from musicgen_app.tokens.codec import Codec, Rows


class TokenWindows:
    """Batches of windows over one side of a data set, each a pure function of (seed, epoch, index).

    The pieces are joined without their end rows, so windows also lie across the seams, as in the experiments. Every
    window is dealt once an epoch; a last batch that would not be full is filled up from the beginning. Only the tokens
    are in memory, two bytes each: windows are gathered when they are asked for.

    Attributes:
        batches_per_epoch: As the name says.
        windows: How many windows there are.
    """

    def __init__(self, dataset: Dataset, split: Split, batch: int, length: int, seed: int) -> None:
        """Prepare to read.

        Args:
            dataset: Where the tokens come from.
            split: Which side of it.
            batch: Windows in a batch.
            length: Tokens in a window.
            seed: Of the order.

        Raises:
            DatasetError: This side has too few tokens for a window and the token behind it.
        """
        self._tokens = joined_tokens(dataset, split)
        self.windows = len(self._tokens) - length
        if self.windows < 1:
            raise DatasetError(
                f"The data set has {len(self._tokens)} tokens for {split}, too few for a window of {length}.",
                "Choose a shorter window, or prepare more music.",
            )
        self._seed = seed
        self._batch = batch
        self._steps = np.arange(length + 1)
        self.batches_per_epoch = -(-self.windows // batch)
        self._order: tuple[int, NDArray[np.int64]] | None = None

    def batch(self, epoch: int, index: int) -> Rows:
        """Windows with the token that follows: shape (batch, length + 1, 1); an array of your own.

        Raises:
            IndexError: ``index`` is not in 0 .. batches_per_epoch - 1.
        """
        if not 0 <= index < self.batches_per_epoch:
            raise IndexError(f"There is no batch {index}; an epoch has {self.batches_per_epoch}.")
        if self._order is None or self._order[0] != epoch:
            self._order = epoch, np.random.default_rng([self._seed, epoch]).permutation(self.windows)
        dealt = self._order[1][(index * self._batch + np.arange(self._batch)) % self.windows]
        windows: Rows = self._tokens[dealt[:, np.newaxis] + self._steps][..., np.newaxis]
        return windows

    def targets(self, batch: Rows) -> Rows:
        """The rows of a batch that are foretold: shape (batch, 1, 1)."""
        return batch[:, -1:]


def joined_tokens(dataset: Dataset, split: Split) -> NDArray[np.int16]:
    """Shape (tokens,): the tokens of one side, piece after piece, without the end rows."""
    parts = [words(dataset.codec, dataset.rows(piece)) for piece in dataset.pieces_of(split)]
    return np.concatenate([np.empty(0, np.int16), *parts])


def words(codec: Codec, rows: Rows) -> NDArray[np.int16]:
    """Shape (tokens,): the tokens of rows (rows, 1) that are no end."""
    found: NDArray[np.int16] = np.asarray(rows[~codec.is_end(rows), 0])
    return found


def counted(codec: Codec, rows: Rows, window: int) -> NDArray[np.bool_]:
    """Shape (rows,): whether a whole window of a piece stands before each of its rows, and it is no end.

    Only these tokens can be foretold as in training, so only these are measured.
    """
    ends = codec.is_end(rows)
    before: NDArray[np.int64] = np.cumsum(~ends) - ~ends
    return np.logical_and(before >= window, ~ends)


def measured_tokens(pieces: Sequence[Rows], codec: Codec, window: int) -> str:
    """A sentence that says how many tokens of held-out pieces are measured."""
    inside = sum(int(counted(codec, rows, window).sum()) for rows in pieces)
    tokens = sum(len(words(codec, rows)) for rows in pieces)
    return (
        f"{inside:,} of {tokens:,} held-out tokens are measured: those with a whole window of {window} before them in "
        "their piece."
    )
