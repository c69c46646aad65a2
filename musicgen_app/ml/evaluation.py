"""How well a network foretells whole pieces, in nats per note with its parts.

Every piece is read from its start row to its end with the state carried on, in chunks of one size, several pieces side
by side. The sum of -ln p over all rows is divided by the notes; classes that cover several grid steps pay the logarithm
of their width, so that codecs of different coarseness compare. Validation and ``evaluate`` both come here.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from musicgen_app.core.progress import CancelToken, Progress, Report, silent
from musicgen_app.ml.network import Network
from musicgen_app.tokens.codec import Codec, Rows
from musicgen_app.tokens.context import wide_rows

_CHUNK = 64
"""Rows read between two looks at the cancel token."""
_MOST_LANES = 16
"""Pieces read side by side."""


@dataclass(frozen=True, slots=True)
class Likelihood:
    """What reading some pieces came to.

    Attributes:
        notes: Notes in the pieces.
        nats: Nats of each part, in the order of the codec's ``part_names``.
    """

    notes: int
    nats: tuple[float, ...]

    @property
    def nats_per_note(self) -> float:
        """All parts over all notes; pieces without a single note count as one."""
        return sum(self.nats) / max(1, self.notes)

    def parts(self, names: Sequence[str]) -> dict[str, float]:
        """Nats per note by name of the part; they add up to ``nats_per_note``."""
        return {name: nats / max(1, self.notes) for name, nats in zip(names, self.nats, strict=True)}


def nats_by_part(codec: Codec, rows: Rows, nats: NDArray[np.float32]) -> NDArray[np.float64]:
    """Sum nats (rows, fields) by part of the codec, the widths of coarse classes added."""
    weights = nats.astype(np.float64) + codec.log_widths(rows)
    parts = codec.parts(rows).ravel()
    return np.bincount(parts, weights.ravel(), minlength=len(codec.part_names)).astype(np.float64)


class Evaluator:
    """Reads pieces with a network; compiled once for a network and a number of lanes."""

    def __init__(self, network: Network, codec: Codec, pieces: int) -> None:
        self._network = network
        self._codec = codec
        self._lanes = max(1, min(_MOST_LANES, pieces))
        config = network.config
        self._read = tf.function(
            self._chunk,
            input_signature=[
                tf.TensorSpec((self._lanes, _CHUNK + 1, config.columns), tf.int32),
                tf.TensorSpec((config.layers, 2, self._lanes, config.units), tf.float32),
            ],
        )

    def read(
        self, pieces: Sequence[Rows], report: Report = silent, cancel: CancelToken | None = None
    ) -> tuple[Likelihood, ...]:
        """The likelihood of each piece.

        Args:
            pieces: Rows of whole pieces, each (rows, fields) and closed by its end row.
            report: Told how far the reading is.
            cancel: Looked at between chunks.

        Raises:
            Cancelled: A stop was asked for.
        """
        sums = [np.zeros(len(self._codec.part_names)) for _ in pieces]
        start, shown = self._codec.start_row[np.newaxis], self._network.config.shown
        wide = [wide_rows(self._codec, np.concatenate([start, rows]), shown) for rows in pieces]
        schedule = _schedule([len(rows) for rows in pieces], self._lanes)
        states = self._network.zero_states(self._lanes)
        for number, line in enumerate(schedule):
            if cancel is not None:
                cancel.check()
            report(Progress("Reading pieces", number, len(schedule)))
            rows, fresh = self._rows(wide, line)
            states = states * tf.constant(~fresh, tf.float32)[None, None, :, None]
            nats, states = self._read(tf.constant(rows, tf.int32), states)
            self._collect(pieces, line, nats.numpy(), sums)
        return tuple(
            Likelihood(int(self._codec.is_note(rows).sum()), tuple(float(part) for part in parts))
            for rows, parts in zip(pieces, sums, strict=True)
        )

    def _chunk(self, rows: tf.Tensor, states: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        heard, states = self._network.listen(rows[:, :-1], states)
        return self._network.nats(heard, rows[:, :-1], rows[:, 1:]), states

    def _rows(self, wide: Sequence[Rows], line: "_Line") -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
        """The wide rows of one chunk of every lane with the row before it, and which lanes begin a piece."""
        rows = np.zeros((self._lanes, _CHUNK + 1, self._network.config.columns), np.int32)
        fresh = np.ones(self._lanes, dtype=bool)
        for lane, (piece, first) in enumerate(line):
            if piece >= 0:
                fresh[lane] = first == 0
                here = wide[piece][first : first + _CHUNK + 1]
                rows[lane, : len(here)] = here
        return rows, fresh

    def _collect(
        self, pieces: Sequence[Rows], line: "_Line", nats: NDArray[np.float32], sums: list[NDArray[np.float64]]
    ) -> None:
        for lane, (piece, first) in enumerate(line):
            if piece >= 0:
                here = pieces[piece][first : first + _CHUNK]
                sums[piece] += nats_by_part(self._codec, here, nats[lane, : len(here)])


_Line = list[tuple[int, int]]
"""For every lane a piece's index and the first row read of it; -1 for a lane without work."""


def _schedule(lengths: Sequence[int], lanes: int) -> list[_Line]:
    """Who is read where and when: the longest pieces first, each into the lane that is free first."""
    queues: list[_Line] = [[] for _ in range(lanes)]
    for piece in sorted(range(len(lengths)), key=lambda index: (-lengths[index], index)):
        queue = min(queues, key=len)
        queue.extend((piece, first) for first in range(0, lengths[piece], _CHUNK))
    longest = max(len(queue) for queue in queues)
    return [[queue[turn] if turn < len(queue) else (-1, 0) for queue in queues] for turn in range(longest)]


def total(likelihoods: Sequence[Likelihood]) -> Likelihood:
    """Several pieces taken as one body (micro-average)."""
    notes = sum(one.notes for one in likelihoods)
    return Likelihood(notes, tuple(float(sum(parts)) for parts in zip(*(one.nats for one in likelihoods), strict=True)))
