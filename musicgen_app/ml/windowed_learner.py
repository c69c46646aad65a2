"""A windowed network with its optimizer and its one compiled step."""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from musicgen_app.generation.checkpoint import Weights
from musicgen_app.generation.windowed import WindowedConfig, windowed_shapes
from musicgen_app.ml.adam import AdamW
from musicgen_app.ml.checkpoint import Arrays
from musicgen_app.ml.rmsprop import RMSprop
from musicgen_app.ml.windowed_config import WindowedTrainConfig
from musicgen_app.ml.windowed_network import FOLLOWING, WindowedNetwork, windowed_filed

_SQUARES_MEMORY = 0.999
_EVERY = ("",)
"""Ending of all names: as in Keras, a weight decay pulls every weight."""


class WindowedLearner:
    """Trains a windowed network, one batch of fixed size a step; restored from ``arrays`` it goes on exactly.

    Attributes:
        network: What is trained.
        averaged: The same: the seeds kept the weights of the last moment, and no average of them.
    """

    def __init__(self, network: WindowedConfig, config: WindowedTrainConfig) -> None:
        self.network = WindowedNetwork(network, config.seed, half=config.precision == "bfloat16")
        self.averaged = self.network
        self._trained = self.network.trained_variables()
        self._slots, apply = _optimizer(self._trained, config)
        self._step = tf.function(
            _step(self.network, self._trained, apply, config.seed),
            input_signature=[
                tf.TensorSpec((config.batch, network.window + 1), tf.int32),
                tf.TensorSpec((), tf.int32),
                tf.TensorSpec((), tf.float32),
            ],
        )

    def step(self, rows: NDArray[np.integer], number: int, rate: float) -> tuple[float, float]:
        """Learn from one batch.

        Args:
            rows: Windows with the token that follows, shape (batch, window + 1, 1).
            number: The step's number in the whole training; the dropout follows from it.
            rate: Learning rate.

        Returns:
            Nats of all tokens foretold, and the norm of the gradient.
        """
        nats, norm = self._step(
            tf.constant(rows[..., 0], tf.int32), tf.constant(number, tf.int32), tf.constant(rate, tf.float32)
        )
        return float(nats), float(norm)

    def arrays(self) -> Arrays:
        """A copy of the weights and of the optimizer's averages, by name."""
        found: Arrays = {f"weights.{name}": array for name, array in self.network.weights_as_arrays().items()}
        for kind, values in self._slots.items():
            for name, value in zip(self._trained, values, strict=True):
                found[f"{kind}.{name}"] = windowed_filed(name, value.numpy())
        return found

    def begin_with(self, weights: Weights) -> None:
        """Take over a model's weights before the first step."""
        self.network.assign_weights(weights)

    def restore(self, arrays: Arrays) -> None:
        """Take over what ``arrays`` gave."""
        kept = {name.removeprefix("weights."): a for name, a in arrays.items() if name.startswith("weights.")}
        self.network.assign_weights(kept)
        for kind, values in self._slots.items():
            for name, value in zip(self._trained, values, strict=True):
                value.assign(windowed_filed(name, arrays[f"{kind}.{name}"]))


def windowed_array_shapes(network: WindowedConfig, config: WindowedTrainConfig) -> dict[str, tuple[int, ...]]:
    """The names and shapes of ``WindowedLearner.arrays``."""
    kinds = ("squares",) if config.optimizer == "rmsprop" else ("first", "second")
    shapes = windowed_shapes(network)
    found = {f"weights.{name}": shape for name, shape in shapes.items()}
    moved = {name: shape for name, shape in shapes.items() if not name.endswith(FOLLOWING)}
    return found | {f"{kind}.{name}": shape for kind in kinds for name, shape in moved.items()}


_Apply = Callable[[list[tf.Tensor], tf.Tensor, tf.Tensor], None]


def _optimizer(
    trained: dict[str, keras.Variable], config: WindowedTrainConfig
) -> tuple[dict[str, list[tf.Variable]], _Apply]:
    """What an optimizer remembers of each weight, by kind, and how it moves them."""
    if config.optimizer == "rmsprop":
        rmsprop = RMSprop(trained, config.weight_decay)
        return {"squares": rmsprop.squares}, lambda gradients, rate, _: rmsprop.apply(gradients, rate)
    adam = AdamW(trained, config.weight_decay, _EVERY, _SQUARES_MEMORY)
    return {"first": adam.first, "second": adam.second}, adam.apply


def _step(
    network: WindowedNetwork, trained: dict[str, keras.Variable], apply: _Apply, own_seed: int
) -> Callable[[tf.Tensor, tf.Tensor, tf.Tensor], tuple[tf.Tensor, tf.Tensor]]:
    """The function that is compiled."""

    def step(rows: tf.Tensor, number: tf.Tensor, rate: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        seed = tf.stack([tf.constant(own_seed, tf.int32), number])
        with tf.GradientTape() as tape:
            logits, updates = network.learning_logits(rows[:, :-1], seed)
            nats = tf.nn.sparse_softmax_cross_entropy_with_logits(rows[:, -1], logits)
            loss = tf.reduce_mean(nats)
        gradients = tape.gradient(loss, [variable.value for variable in trained.values()])
        apply(gradients, rate, number)
        for variable, value in updates:
            variable.assign(value)
        return tf.reduce_sum(nats), tf.linalg.global_norm(gradients)

    return step
