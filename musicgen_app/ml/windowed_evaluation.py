"""How well a windowed network foretells pieces: each token from the window of the piece that stands before it."""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from musicgen_app.core.progress import CancelToken, Progress, Report, silent
from musicgen_app.dataset.token_windows import counted, words
from musicgen_app.ml.evaluation import Likelihood, Tally
from musicgen_app.ml.windowed_network import WindowedNetwork
from musicgen_app.tokens.codec import Codec, Rows

_AT_ONCE = 128


class WindowedEvaluator:
    """Reads pieces with a windowed network; compiled once for a network.

    The first tokens of a piece, before which no whole window stands, and its end are heard but not counted: the
    networks never learned to foretell them. ``Likelihood.notes`` is the number of tokens that were counted.
    """

    def __init__(self, network: WindowedNetwork, codec: Codec) -> None:
        self._codec = codec
        self._window = network.config.window

        def nats(tokens: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            logits, target = network.logits(tokens[:, :-1]), tokens[:, -1]
            right = tf.equal(tf.argmax(logits, -1, tf.int32), target)
            return tf.nn.sparse_softmax_cross_entropy_with_logits(target, logits), right

        self._nats = tf.function(nats, input_signature=[tf.TensorSpec((_AT_ONCE, self._window + 1), tf.int32)])

    def read(
        self, pieces: Sequence[Rows], report: Report = silent, cancel: CancelToken | None = None
    ) -> tuple[Likelihood, ...]:
        """The likelihood of each piece, as ``Evaluator.read``.

        Raises:
            Cancelled: A stop was asked for.
        """
        counts = [int(counted(self._codec, rows, self._window).sum()) for rows in pieces]
        tokens = np.concatenate([np.empty(0, np.int16), *(words(self._codec, rows) for rows in pieces)])
        lengths = np.array([len(words(self._codec, rows)) for rows in pieces], np.int64)
        begins = np.cumsum(lengths) - lengths
        starts = np.concatenate([begin + np.arange(count) for begin, count in zip(begins, counts, strict=True)])
        owners = np.repeat(np.arange(len(pieces)), counts)
        tallies = [Tally(self._codec) for _ in pieces]
        for first in range(0, len(starts), _AT_ONCE):
            if cancel is not None:
                cancel.check()
            report(Progress("Reading pieces", first, len(starts)))
            here = starts[first : first + _AT_ONCE]
            filled = np.zeros(_AT_ONCE, np.int64)
            filled[: len(here)] = here
            batch = tokens[filled[:, np.newaxis] + np.arange(self._window + 1)]
            nats, right = (one.numpy()[: len(here), np.newaxis] for one in self._nats(tf.constant(batch, tf.int32)))
            for piece in np.unique(owners[first : first + _AT_ONCE]):
                own = owners[first : first + _AT_ONCE] == piece
                tallies[piece].add(batch[: len(here)][own, -1:], nats[own], right[own])
        return tuple(tally.likelihood(count) for count, tally in zip(counts, tallies, strict=True))
