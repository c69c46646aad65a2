"""How well a network foretells whole pieces, in nats per note with its parts.

Every piece is read from its start row to its end with the state carried on, in chunks of one size, several pieces side
by side. The sum of -ln p over all rows is divided by the notes; classes that cover several grid steps pay the logarithm
of their width, so that codecs of different coarseness compare. Validation and ``evaluate`` both come here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from musicgen_app.core.progress import CancelToken, Progress, Report, silent
from musicgen_app.ml.bootstrap import interval
from musicgen_app.ml.network import Network, nats_of, right_of
from musicgen_app.tokens.codec import Codec, Rows
from musicgen_app.tokens.context import wide_rows

_CHUNK = 64
"""Rows read between two looks at the cancel token."""
_RESAMPLING_SEED = 0
"""The same every time: an interval is no matter of luck."""
_MOST_LANES = 16
"""Pieces read side by side."""


@dataclass(frozen=True, slots=True)
class Likelihood:
    """What reading some pieces came to.

    Attributes:
        notes: Notes in the pieces.
        nats: Nats of each part, in the order of the codec's ``part_names``.
        right: So many fields of each part the network would have chosen itself, told the fields before them.
        asked: Of so many.
        whole: Notes of which that holds for every field; choosing the likeliest each time would have made them.
    """

    notes: int
    nats: tuple[float, ...]
    right: tuple[int, ...] = ()
    asked: tuple[int, ...] = ()
    whole: int = 0

    @property
    def nats_per_note(self) -> float:
        """All parts over all notes; pieces without a single note count as one."""
        return sum(self.nats) / max(1, self.notes)

    def parts(self, names: Sequence[str]) -> dict[str, float]:
        """Nats per note by name of the part; they add up to ``nats_per_note``."""
        return {name: nats / max(1, self.notes) for name, nats in zip(names, self.nats, strict=True)}

    def accuracy(self, names: Sequence[str]) -> dict[str, float]:
        """Shares foretold right, 0 to 1: of whole notes ("note"), and of the fields of each part that occurs."""
        parts = zip(names, self.right, self.asked, strict=True)
        return {"note": self.whole / max(1, self.notes), **{name: right / of for name, right, of in parts if of}}


class Tally:
    """Adds up what reading one piece comes to.

    Args:
        codec: Of its rows.
    """

    def __init__(self, codec: Codec) -> None:
        parts = len(codec.part_names)
        self._codec = codec
        self._nats = np.zeros(parts)
        self._right = np.zeros(parts, np.int64)
        self._asked = np.zeros(parts, np.int64)
        self._whole = 0

    def add(self, rows: Rows, nats: NDArray[np.float32], right: NDArray[np.bool_]) -> None:
        """Add rows (rows, fields) with what each field cost, and whether it was foretold right."""
        size = len(self._nats)
        parts = self._codec.parts(rows)
        self._nats += nats_by_part(self._codec, rows, nats)
        self._right += np.bincount(parts[right], minlength=size)
        self._asked += np.bincount(parts.ravel(), minlength=size)
        self._whole += int((right.all(axis=1) & self._codec.is_note(rows)).sum())

    def likelihood(self, notes: int) -> "Likelihood":
        """What it came to, for so many notes."""
        right, asked = (tuple(int(one) for one in counts) for counts in (self._right, self._asked))
        return Likelihood(notes, tuple(float(part) for part in self._nats), right, asked, self._whole)


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
        tallies = [Tally(self._codec) for _ in pieces]
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
            read = self._read(tf.constant(rows, tf.int32), states)
            nats, right, states = read[0].numpy(), read[1].numpy(), read[2]
            for lane, (piece, first) in enumerate(line):
                if piece >= 0:
                    here = pieces[piece][first : first + _CHUNK]
                    tallies[piece].add(here, nats[lane, : len(here)], right[lane, : len(here)])
        return tuple(
            tally.likelihood(int(self._codec.is_note(rows).sum())) for rows, tally in zip(pieces, tallies, strict=True)
        )

    def _chunk(self, rows: tf.Tensor, states: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        heard, states = self._network.listen(rows[:, :-1], states)
        logits = self._network.logits(heard, rows[:, :-1], rows[:, 1:])
        return nats_of(logits, rows[:, 1:]), right_of(logits, rows[:, 1:]), states

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
    nats, right, asked = (
        zip(*(getattr(one, name) for one in likelihoods), strict=True) for name in ("nats", "right", "asked")
    )
    return Likelihood(
        notes,
        tuple(float(sum(parts)) for parts in nats),
        tuple(sum(parts) for parts in right),
        tuple(sum(parts) for parts in asked),
        sum(one.whole for one in likelihoods),
    )


def held_out(epoch: int, likelihoods: Sequence[Likelihood], codec: Codec) -> dict[str, Any]:
    """How well held-out pieces were foretold, as JSON values; the interval is over pieces, None for a single one."""
    whole = total(likelihoods)
    rng = np.random.default_rng(_RESAMPLING_SEED)
    span = interval([sum(one.nats) for one in likelihoods], [one.notes for one in likelihoods], rng)
    return {
        "epoch": epoch,
        "pieces": len(likelihoods),
        "notes": whole.notes,
        "nats": whole.nats_per_note,
        "interval": None if span is None else list(span),
        "accuracy": whole.accuracy(codec.part_names),
    }
