"""The LSTM over time, behind one small class so that a faster one can take its place."""

import keras
import tensorflow as tf


class Lstm(keras.layers.Layer):  # type: ignore[misc]  # Keras has no types
    """One LSTM layer over sequences with a state that is handed in and out.

    Weights, in Keras' gate order (input, forget, cell, output): ``kernel`` (inputs, 4 units), ``recurrent``
    (units, 4 units) and ``bias`` (4 units).
    """

    def __init__(self, units: int, seed: int) -> None:
        super().__init__()
        self._inner = keras.layers.LSTM(
            units,
            return_sequences=True,
            return_state=True,
            kernel_initializer=keras.initializers.GlorotUniform(seed),
            recurrent_initializer=keras.initializers.Orthogonal(seed=seed + 1),
        )

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the weights for inputs of shape (batch, steps, width)."""
        self._inner.build(input_shape)
        self.kernel, self.recurrent, self.bias = self._inner.weights
        self.built = True

    def call(self, inputs: tf.Tensor, hidden: tf.Tensor, cell: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """Run over (batch, steps, width) from (batch, units) states.

        Returns:
            The outputs (batch, steps, units) and the last hidden and cell state.
        """
        outputs, hidden, cell = self._inner(inputs, initial_state=[hidden, cell])
        return outputs, hidden, cell
