"""RMSprop as Keras has it (T. Tieleman and G. Hinton, 2012), without momentum."""

from collections.abc import Mapping, Sequence

import keras
import tensorflow as tf

_MEMORY = 0.9
_EPSILON = 1e-7


class RMSprop:
    """Steps divided by the running size of the gradient.

    Attributes:
        squares: Running averages of the squared gradients, in the order of the weights.
    """

    def __init__(self, weights: Mapping[str, keras.Variable], decay: float) -> None:
        """Prepare to move weights.

        Args:
            weights: By name.
            decay: Pull of all weights towards zero, as a share of the learning rate.
        """
        self._weights = [variable.value for variable in weights.values()]
        self._decay = decay
        self.squares = [tf.Variable(tf.zeros_like(weight)) for weight in self._weights]

    def apply(self, gradients: Sequence[tf.Tensor], rate: tf.Tensor) -> None:
        """Take one step; one gradient a weight."""
        for weight, squares, gradient in zip(self._weights, self.squares, gradients, strict=True):
            if self._decay:
                weight.assign_sub(rate * self._decay * weight)
            squares.assign(_MEMORY * squares + (1 - _MEMORY) * tf.square(gradient))
            weight.assign_sub(rate * gradient * tf.math.rsqrt(squares + _EPSILON))
