"""A network with its optimizer and its one compiled step."""

from collections.abc import Callable, Sequence

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from musicgen_app.generation.checkpoint import NetworkConfig, Weights, weight_shapes
from musicgen_app.ml.adam import AdamW
from musicgen_app.ml.checkpoint import Arrays
from musicgen_app.ml.cluster import Lanes
from musicgen_app.ml.config import TrainConfig
from musicgen_app.ml.distributed import Group
from musicgen_app.ml.network import Network, filed, mean_nats_of, nats_of

_DECAYED = ("kernel", "recurrent")
"""Only these weights are pulled towards nothing: not biases, norms and tables of classes."""
_AVERAGED_EVERY = 8
"""Steps between two that enter the average; to add every one of them would only cost time."""
_RECENT_SHARE = 1 / 9
"""The average reaches back over this share of all steps so far, ..."""
_MOST_AVERAGED = 60
"""... but never over more than about so many of those that enter it."""


class Learner:
    """Trains a network, one batch of fixed size a step.

    What a step does depends on the weights, the optimizer's averages, the batch, the step's number and the learning
    rate, and on nothing else, so a learner restored from ``arrays`` goes on exactly.

    Attributes:
        network: What is trained. Its weights swing about what they are drawn to.
        averaged: The same network with the average of its last weights (Polyak and Juditsky, 1992; here an exponential
            one): what is measured, kept and generated with. It foretells unheard music better at every moment.
    """

    def __init__(self, network: NetworkConfig, config: TrainConfig, group: Group | None = None) -> None:
        """Make a learner.

        Args:
            network: What is to be trained.
            config: The settings.
            group: Those who train it together, each from its share of every batch; None for this process alone.
        """
        self._lanes = Lanes(0, config.batch, config.batch) if group is None else group.cluster.lanes(config.batch)
        share = None if group is None else self._lanes
        self.network = Network(network, config.seed, half=config.precision == "bfloat16", lanes=share)
        self.averaged = Network(network, config.seed)
        self._variables = self.network.named_variables()
        self._optimizer = AdamW(self._variables, config.weight_decay, _DECAYED)
        columns = network.columns
        signature = [
            tf.TensorSpec((self._lanes.count, config.window + 1, columns), tf.int32),
            tf.TensorSpec((), tf.int32),
            tf.TensorSpec((), tf.float32),
        ]
        if group is None:
            step = _step(self.network, self.averaged, self._optimizer, config)
            self._step = tf.function(step, input_signature=signature)
        else:
            step = _step(self.network, self.averaged, self._optimizer, config, group.summed)
            self._step = group.compiled(step, signature)

    def step(self, rows: NDArray[np.integer], number: int, rate: float) -> tuple[float, float]:
        """Learn from one batch.

        Args:
            rows: Wide rows of the whole batch, shape (batch, window + 1, fields + context).
            number: The step's number in the whole training; the dropout follows from it.
            rate: Learning rate.

        Returns:
            Nats of all rows but the first of each window (without smoothing), and the norm of the gradient before
            clipping; of the whole batch, whoever learned from it.
        """
        own = rows[self._lanes.first : self._lanes.last]
        nats, norm = self._step(
            tf.constant(own, tf.int32), tf.constant(number, tf.int32), tf.constant(rate, tf.float32)
        )
        return float(nats), float(norm)

    def arrays(self) -> Arrays:
        """A copy of the weights, of their average and of the optimizer's averages, by name."""
        found: Arrays = {f"weights.{name}": array for name, array in self.network.weights_as_arrays().items()}
        found |= {f"average.{name}": array for name, array in self.averaged.weights_as_arrays().items()}
        for name, first, second in zip(self._variables, self._optimizer.first, self._optimizer.second, strict=True):
            found[f"first.{name}"] = filed(name, first.numpy())
            found[f"second.{name}"] = filed(name, second.numpy())
        return found

    def begin_with(self, weights: Weights) -> None:
        """Take over a model's weights before the first step; the optimizer's averages stay at nothing."""
        self.network.assign_weights(weights)
        self.averaged.assign_weights(weights)

    def restore(self, arrays: Arrays) -> None:
        """Take over what ``arrays`` gave."""
        self.network.assign_weights(weights_of(arrays))
        self.averaged.assign_weights(weights_of(arrays, "average"))
        for name, first, second in zip(self._variables, self._optimizer.first, self._optimizer.second, strict=True):
            first.assign(filed(name, arrays[f"first.{name}"]))
            second.assign(filed(name, arrays[f"second.{name}"]))


def array_shapes(network: NetworkConfig) -> dict[str, tuple[int, ...]]:
    """The names and shapes of ``Learner.arrays``."""
    kinds = ("weights", "average", "first", "second")
    return {f"{kind}.{name}": shape for kind in kinds for name, shape in weight_shapes(network).items()}


def weights_of(arrays: Arrays, kind: str = "weights") -> Weights:
    """Only the network's weights (or their average), under their own names."""
    return {name.removeprefix(f"{kind}."): a for name, a in arrays.items() if name.startswith(f"{kind}.")}


_Summed = Callable[[Sequence[tf.Tensor]], Sequence[tf.Tensor]]


def _step(
    network: Network,
    averaged: Network,
    optimizer: AdamW,
    config: TrainConfig,
    summed: _Summed = list,
) -> Callable[[tf.Tensor, tf.Tensor, tf.Tensor], tuple[tf.Tensor, tf.Tensor]]:
    """The function that is compiled; ``summed`` adds up what each share of the batch came to."""
    trained = [variable.value for variable in network.named_variables().values()]
    averages = [variable.value for variable in averaged.named_variables().values()]

    def average(number: tf.Tensor) -> None:
        taken = tf.cast(number // _AVERAGED_EVERY, tf.float32)
        share = tf.maximum(1 / (1 + _RECENT_SHARE * (1 + taken)), 1 / _MOST_AVERAGED)
        for mean, weight in zip(averages, trained, strict=True):
            mean.assign_add(share * (weight - mean))

    def step(rows: tf.Tensor, number: tf.Tensor, rate: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        seed = tf.stack([tf.constant(config.seed, tf.int32), number])
        with tf.GradientTape() as tape:
            heard, _ = network.listen(rows[:, :-1], network.zero_states(rows.shape[0]), seed)
            logits = network.logits(heard, rows[:, :-1], rows[:, 1:], seed)
            nats = wanted = tf.reduce_sum(nats_of(logits, rows[:, 1:]))
            if config.smoothing > 0:
                wanted = (1 - config.smoothing) * nats + config.smoothing * tf.reduce_sum(mean_nats_of(logits))
            loss = wanted / (config.batch * config.window)
        nats, *gradients = summed([nats, *tape.gradient(loss, trained)])
        gradients, norm = tf.clip_by_global_norm(gradients, config.clip)
        optimizer.apply(gradients, rate, number)
        # The first steps all count: a small collection's first epoch may have no more.
        if number % _AVERAGED_EVERY == 0 or number < _AVERAGED_EVERY:
            average(number)
        return nats, norm

    return step
