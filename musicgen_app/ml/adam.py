"""AdamW in one pass over each weight; Keras' own reads and writes all of them about ten times a step."""

from collections.abc import Mapping, Sequence

import keras
import tensorflow as tf

MEMORY = 0.9
SQUARES_MEMORY = 0.99
_EPSILON = 1e-7


class AdamW:
    """Adam with decoupled weight decay (Loshchilov and Hutter, 2019).

    Attributes:
        first, second: Running averages of the gradients and of their squares, in the order of the weights.
    """

    def __init__(
        self,
        weights: Mapping[str, keras.Variable],
        decay: float,
        decayed: Sequence[str],
        squares_memory: float = SQUARES_MEMORY,
    ) -> None:
        """Prepare to move weights.

        Args:
            weights: By name.
            decay: Pull towards zero, as a share of the learning rate.
            decayed: Endings of the names that are pulled.
            squares_memory: How much of the average of the squares is kept at every step.
        """
        self._squares_memory = squares_memory
        self._weights = [variable.value for variable in weights.values()]
        self._decay = [decay if name.endswith(tuple(decayed)) else 0.0 for name in weights]
        self.first = [tf.Variable(tf.zeros_like(weight)) for weight in self._weights]
        self.second = [tf.Variable(tf.zeros_like(weight)) for weight in self._weights]

    def apply(self, gradients: Sequence[tf.Tensor], rate: tf.Tensor, number: tf.Tensor) -> None:
        """Take one step.

        Args:
            gradients: One a weight.
            rate: Learning rate.
            number: The step's number, from 0: what the averages were begun with fades with it.
        """
        count = tf.cast(number + 1, tf.float32)
        settings = {
            "beta1_power": tf.pow(MEMORY, count),
            "beta2_power": tf.pow(self._squares_memory, count),
            "lr": rate,
            "beta1": MEMORY,
            "beta2": self._squares_memory,
            "epsilon": _EPSILON,
        }
        parts = zip(self._weights, self._decay, self.first, self.second, gradients, strict=True)
        for weight, decay, first, second, gradient in parts:
            if decay:
                weight.assign_sub(rate * decay * weight)
            tf.raw_ops.ResourceApplyAdam(var=weight.handle, m=first.handle, v=second.handle, grad=gradient, **settings)
