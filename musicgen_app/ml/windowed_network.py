"""Windowed networks in TensorFlow: what stock Keras layers would compute, on our own LSTM layer.

Weights have the names and shapes of ``generation.windowed.windowed_shapes``. As in ``ml.network`` time comes first and
every random choice follows from a seed that is handed in.
"""

from collections.abc import Callable, Mapping

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from musicgen_app.generation.checkpoint import Weights
from musicgen_app.generation.windowed import BATCH_NORM_EPSILON, Layer, WindowedConfig, named_layers, windowed_shapes
from musicgen_app.ml.lstm import Lstm, regated

FOLLOWING = ("mean", "variance")
"""Endings of the weights that no gradient moves: they follow what a batch normalisation sees."""

_MOMENTUM = 0.99
"""Of what a batch normalisation has seen so much is kept at every step."""
_TABLE_SPREAD = 0.05
"""Fresh embeddings lie evenly between this and its negative, as Keras' do."""
_GATED = ("lstm", "forward", "backward")

_Updates = list[tuple[keras.Variable, tf.Tensor]]


class WindowedNetwork(keras.Model):  # type: ignore[misc]  # Keras has no types
    """The network of a config with fresh weights, drawn as Keras draws them."""

    def __init__(self, config: WindowedConfig, seed: int = 0, half: bool = False) -> None:
        """Make a network.

        Args:
            config: Its shape.
            seed: Of the fresh weights.
            half: Make the large products of a training in bfloat16.
        """
        super().__init__()
        self.config = config
        self._product_in_training = tf.bfloat16 if half else tf.float32
        self._named: dict[str, keras.Variable] = {}
        self._lstms: dict[str, Lstm] = {}
        seeds = iter(np.random.SeedSequence(seed).generate_state(512) >> 1)
        for name in (f"{name}." for _, name, _ in named_layers(config) if name.startswith("lstm")):
            self._lstms[name[:-1]] = self._lstm(name, int(next(seeds)))
            next(seeds)
        if config.bidirectional:
            for name in ("forward.", "backward."):
                self._lstms[name[:-1]] = self._lstm(name, int(next(seeds)))
                next(seeds)
        for name, shape in windowed_shapes(config).items():
            if name not in self._named:
                fresh = _fresh(name, int(next(seeds)))
                moved = not name.endswith(FOLLOWING)
                self._named[name] = self.add_weight(
                    shape=shape, initializer=fresh, name=name.replace(".", "_"), trainable=moved
                )
        self.built = True

    def named_variables(self) -> dict[str, keras.Variable]:
        """The weights by name, in the order of ``windowed_shapes``; gates in the order of ``ml.lstm``."""
        return {name: self._named[name] for name in windowed_shapes(self.config)}

    def trained_variables(self) -> dict[str, keras.Variable]:
        """Those of them that gradients move."""
        return {name: value for name, value in self.named_variables().items() if not name.endswith(FOLLOWING)}

    def weights_as_arrays(self) -> Weights:
        """A copy of all weights by name, as a checkpoint holds them."""
        return {name: windowed_filed(name, variable.numpy()) for name, variable in self.named_variables().items()}

    def assign_weights(self, weights: Mapping[str, NDArray[np.float32]]) -> None:
        """Take over weights of a checkpoint, whose names and shapes have been checked."""
        for name, variable in self.named_variables().items():
            variable.assign(windowed_filed(name, weights[name]))

    def logits(self, tokens: tf.Tensor) -> tf.Tensor:
        """How likely each word is to follow, before softmax.

        Args:
            tokens: Shape (windows, window).

        Returns:
            Shape (windows, vocabulary).
        """
        return self._run(tokens, None)[0]

    def learning_logits(self, tokens: tf.Tensor, seed: tf.Tensor) -> tuple[tf.Tensor, _Updates]:
        """The same in training: with dropout, and normalised by the batch.

        Args:
            tokens: Shape (windows, window).
            seed: Two numbers for the dropout.

        Returns:
            The logits, and what the averages of the normalisations become.
        """
        return self._run(tokens, seed)

    def call(self, tokens: tf.Tensor) -> tf.Tensor:
        """As ``logits``."""
        return self.logits(tokens)

    def _run(self, tokens: tf.Tensor, seed: tf.Tensor | None) -> tuple[tf.Tensor, _Updates]:
        windows, steps = tokens.shape
        updates: _Updates = []
        flow = self._enter(tf.reshape(tf.transpose(tokens), [-1]))
        last = max(place for place, layer in enumerate(self.config.layers) if layer.kind in ("lstm", "bilstm"))
        for place, (layer, name, _) in enumerate(named_layers(self.config)):
            if layer.kind == "lstm":
                outputs, hidden = self._listen(name, flow, windows, self._kept(layer, windows, seed, place), seed)
                flow = hidden if place == last else outputs
            elif layer.kind == "bilstm":
                flow = self._both_ways(flow, windows, steps, seed)
            elif layer.kind == "attention":
                flow = self._attend(tf.transpose(tf.reshape(flow, (steps, windows, -1)), (1, 0, 2)), name)
            elif layer.kind == "pool":
                flow = tf.reduce_max(flow, axis=1)
            elif layer.kind == "dropout":
                flow = _dropped(flow, self.config.dropout, seed, place)
            elif layer.kind == "norm":
                flow = self._normalise(flow, name, updates, seed is not None)
            else:
                flow = self._dense(flow, layer, name)
        return flow, updates

    def _enter(self, tokens: tf.Tensor) -> tf.Tensor:
        """What tokens (steps x windows,) look like to the first layer."""
        if not self.config.embedding:
            return tf.cast(tokens, tf.float32)[:, tf.newaxis] / self.config.vocabulary
        # Read by matmul with one-hot rows: its gradient is summed in the same order every time.
        return tf.matmul(tf.one_hot(tokens, self.config.vocabulary), self._value("embedding"))

    def _listen(
        self, name: str, flow: tf.Tensor, windows: int, kept: tf.Tensor | None, seed: tf.Tensor | None
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """All outputs and the last one of an LSTM layer that begins from nothing."""
        lstm = self._lstms[name]
        nothing = tf.zeros((windows, lstm.recurrent.shape[0]))
        product = tf.float32 if seed is None else self._product_in_training
        outputs, hidden, _ = lstm(flow, nothing, nothing, product=product, kept=kept)
        return outputs, hidden

    def _both_ways(self, flow: tf.Tensor, windows: int, steps: int, seed: tf.Tensor | None) -> tf.Tensor:
        forward, _ = self._listen("forward", flow, windows, None, seed)
        backward, _ = self._listen("backward", _reversed(flow, steps), windows, None, seed)
        return tf.concat([forward, _reversed(backward, steps)], axis=-1)

    def _kept(self, layer: Layer, windows: int, seed: tf.Tensor | None, place: int) -> tf.Tensor | None:
        """What is kept of the last output of a layer with recurrent dropout, for each gate."""
        rate = self.config.recurrent_dropout
        if seed is None or rate == 0 or not layer.recurrent_dropout:
            return None
        return _dropped(tf.ones((4, windows, layer.units)), rate, seed, place)

    def _attend(self, flow: tf.Tensor, name: str) -> tf.Tensor:
        """Additive attention of every step to all: sums of the steps (windows, steps, width), weighted by likeness."""
        query = tf.matmul(flow, self._value(f"{name}.query"))[:, :, tf.newaxis]
        key = tf.matmul(flow, self._value(f"{name}.key"))[:, tf.newaxis]
        told = tf.tanh(query + key + self._value(f"{name}.bias"))
        scores = tf.tensordot(told, self._value(f"{name}.score"), 1)[..., 0] + self._value(f"{name}.offset")
        return tf.matmul(tf.nn.softmax(tf.sigmoid(scores)), flow)

    def _normalise(self, flow: tf.Tensor, name: str, updates: _Updates, learning: bool) -> tf.Tensor:
        """Batch normalisation: in training by the batch, otherwise by what batches were like."""
        mean, variance = self._value(f"{name}.mean"), self._value(f"{name}.variance")
        if learning:
            seen = tf.nn.moments(flow, axes=[0])
            for part, before, now in zip(FOLLOWING, (mean, variance), seen, strict=True):
                updates.append((self._named[f"{name}.{part}"], _MOMENTUM * before + (1 - _MOMENTUM) * now))
            mean, variance = seen
        gamma, beta = self._value(f"{name}.gamma"), self._value(f"{name}.beta")
        return tf.nn.batch_normalization(flow, mean, variance, beta, gamma, BATCH_NORM_EPSILON)

    def _dense(self, flow: tf.Tensor, layer: Layer, name: str) -> tf.Tensor:
        found = tf.matmul(flow, self._value(f"{name}.kernel")) + self._value(f"{name}.bias")
        return tf.nn.relu(found) if layer.kind == "relu" else found

    def _value(self, name: str) -> tf.Tensor:
        return tf.convert_to_tensor(self._named[name])

    def _lstm(self, prefix: str, seed: int) -> Lstm:
        shapes = windowed_shapes(self.config)
        layer = Lstm(shapes[f"{prefix}recurrent"][0], seed)
        layer.build((None, shapes[f"{prefix}kernel"][0]))
        self._named[f"{prefix}kernel"] = layer.kernel
        self._named[f"{prefix}recurrent"] = layer.recurrent
        self._named[f"{prefix}bias"] = layer.bias
        return layer


def windowed_filed(name: str, array: NDArray[np.float32]) -> NDArray[np.float32]:
    """What a checkpoint holds of a weight of the network (or of something of its shape), and the other way round."""
    return np.ascontiguousarray(regated(array)) if name.startswith(_GATED) else array.copy()


def _fresh(name: str, seed: int) -> Callable[..., tf.Tensor]:
    """What a weight begins with."""
    if name == "embedding":
        return keras.initializers.RandomUniform(-_TABLE_SPREAD, _TABLE_SPREAD, seed)  # type: ignore[no-any-return]
    if name.endswith(("gamma", "variance")):
        return keras.initializers.Ones()  # type: ignore[no-any-return]
    if name.endswith(("bias", "beta", "mean", "offset")):
        return keras.initializers.Zeros()  # type: ignore[no-any-return]
    return keras.initializers.GlorotUniform(seed)  # type: ignore[no-any-return]


def _dropped(values: tf.Tensor, rate: float, seed: tf.Tensor | None, place: int) -> tf.Tensor:
    """Values with a share of them left out and the others made up for it; without a seed as they are."""
    if seed is None or rate == 0:
        return values
    own = tf.random.experimental.stateless_fold_in(seed, place)
    keep = tf.random.stateless_uniform(tf.shape(values), own) >= rate
    return tf.where(keep, values / (1 - rate), 0.0)


def _reversed(flow: tf.Tensor, steps: int) -> tf.Tensor:
    """(steps x windows, width) with the last step first."""
    windows, width = flow.shape[0] // steps, flow.shape[1]
    return tf.reshape(tf.reverse(tf.reshape(flow, (steps, windows, width)), [0]), (steps * windows, width))
