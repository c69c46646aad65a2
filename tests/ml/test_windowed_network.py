"""The six networks of the seeds compute what the same stack of stock Keras layers computes."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from musicgen_app.generation.checkpoint import Weights
from musicgen_app.generation.windowed import Layer, WindowedConfig, in_seed_order, named_layers
from musicgen_app.generation.windowed_presets import WINDOWED_PRESETS
from musicgen_app.generation.windowed_stepper import WindowedStepper
from tests.generation.networks import random_weights

pytestmark = pytest.mark.usefixtures("tensorflow")

_WORDS, _WINDOWS, _SMALLER = 13, 32, 64


def small(name: str, window: int = 5, **changes: Any) -> WindowedConfig:
    """A network of the seeds with layers of a few units."""
    preset = WINDOWED_PRESETS[name]
    layers = tuple(
        replace(layer, units=max(layer.units // _SMALLER, 3 if layer.units else 0)) for layer in preset.layers
    )
    return WindowedConfig(_WORDS, window, layers, **changes)


def positive(config: WindowedConfig, seed: int = 0) -> Weights:
    """Random weights whose variances are some."""
    weights = random_weights(config, seed)
    return {name: np.abs(w) + 0.5 if name.endswith("variance") else w for name, w in weights.items()}


def stock(config: WindowedConfig, weights: Weights) -> tuple[Any, dict[str, Any]]:
    """The same network of Keras' own layers, and its variables by our names."""
    import keras

    shown = keras.Input((config.window, config.embedding or 1))
    flow, named = shown, {}
    lasts = [n for layer, n, _ in named_layers(config) if layer.kind == "lstm"][-1:]
    for layer, name, _ in named_layers(config):
        units = layer.units
        if layer.kind == "lstm":
            made = keras.layers.LSTM(units, return_sequences=name not in lasts, use_cudnn=False)
            parts = ("kernel", "recurrent", "bias")
        elif layer.kind == "bilstm":
            made = keras.layers.Bidirectional(keras.layers.LSTM(units, return_sequences=True, use_cudnn=False))
            name, parts = (
                "",
                tuple(f"{way}.{p}" for way in ("forward", "backward") for p in ("kernel", "recurrent", "bias")),
            )
        elif layer.kind == "attention":
            made, parts = _attention(units), ("query", "key", "bias", "score", "offset")
        elif layer.kind == "pool":
            made, parts = keras.layers.GlobalMaxPooling1D(), ()
        elif layer.kind == "norm":
            made, parts = keras.layers.BatchNormalization(), ("gamma", "beta", "mean", "variance")
        elif layer.kind == "dropout":
            continue
        else:
            made = keras.layers.Dense(units, activation="relu" if layer.kind == "relu" else None)
            parts = ("kernel", "bias")
        flow = made(flow)
        for variable, part in zip(made.weights, parts, strict=True):
            own = f"{name}.{part}".lstrip(".")
            named[own] = variable
            variable.assign(weights[own])
    return keras.Model(shown, flow), named


def _attention(units: int) -> Any:
    """Additive self-attention, written down a second time."""
    import keras

    class Attention(keras.layers.Layer):  # type: ignore[misc]
        def build(self, shape: tuple[int, ...]) -> None:
            self.query = self.add_weight(shape=(shape[-1], units))
            self.key = self.add_weight(shape=(shape[-1], units))
            self.bias = self.add_weight(shape=(units,))
            self.score = self.add_weight(shape=(units, 1))
            self.offset = self.add_weight(shape=(1,))

        def call(self, x: Any) -> Any:
            ops = keras.ops
            q, k = ops.matmul(x, self.query), ops.matmul(x, self.key)
            e = ops.tanh(ops.expand_dims(q, 2) + ops.expand_dims(k, 1) + self.bias)
            e = ops.sigmoid(ops.squeeze(ops.matmul(e, self.score), -1) + self.offset)
            e = ops.exp(e - ops.max(e, axis=-1, keepdims=True))
            return ops.matmul(e / ops.sum(e, axis=-1, keepdims=True), x)

    return Attention()


def _tokens(config: WindowedConfig) -> np.ndarray:
    return np.random.default_rng(2).integers(0, _WORDS, (_WINDOWS, config.window)).astype(np.int32)


def _shown(config: WindowedConfig, tokens: np.ndarray, weights: Weights) -> np.ndarray:
    return weights["embedding"][tokens] if config.embedding else tokens[..., None].astype(np.float32) / _WORDS


def close(ours: Any, theirs: Any) -> None:
    """Equal to float32's 1e-5 of the greatest value."""
    ours, theirs = np.array(ours), np.array(theirs)
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-5 * max(1.0, np.abs(theirs).max()))


CONFIGS = [small(name) for name in WINDOWED_PRESETS]
CONFIGS += [
    small("seed-base", embedding=4),
    replace(small("seed-bidi"), layers=in_seed_order(small("seed-bidi").layers)),
]
IDS = [*WINDOWED_PRESETS, "embedding", "seed order"]


@pytest.mark.parametrize("config", CONFIGS, ids=IDS)
@pytest.mark.parametrize("learning", [False, True], ids=["used", "learning"])
def test_values_and_gradients_are_those_of_stock_layers(config: WindowedConfig, learning: bool) -> None:
    import tensorflow as tf

    from musicgen_app.ml.windowed_network import WindowedNetwork, windowed_filed

    weights = positive(config)
    network, (model, named) = WindowedNetwork(config), stock(config, weights)
    network.assign_weights(weights)
    tokens, targets = _tokens(config), np.arange(_WINDOWS) % _WORDS
    found = []
    for own in (True, False):
        with tf.GradientTape() as tape:
            if own:
                seed = tf.constant([1, 2])
                logits, updates = (
                    network.learning_logits(tf.constant(tokens), seed)
                    if learning
                    else (network.logits(tf.constant(tokens)), [])
                )
            else:
                logits = model(_shown(config, tokens, weights), training=learning)
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(targets, logits))
        variables = network.trained_variables() if own else named
        trained = [name for name in network.trained_variables() if name != "embedding"]
        gradients = tape.gradient(loss, [variables[name].value for name in trained])
        gradients = [np.array(g) for g in gradients]
        found.append(
            [np.array(logits), *(windowed_filed(n, g) if own else g for n, g in zip(trained, gradients, strict=True))]
        )
    for ours, theirs in zip(*found, strict=True):
        close(ours, theirs)
    for variable, value in updates:
        own_name = next(name for name, known in network.named_variables().items() if known is variable)
        close(value, named[own_name].numpy())
    assert bool(updates) == (learning and any(layer.kind == "norm" for layer in config.layers))


def test_recurrent_dropout_is_that_of_keras() -> None:
    import keras
    import tensorflow as tf

    from musicgen_app.ml.lstm import Lstm, regated

    rng = np.random.default_rng(5)
    lanes, steps, width, units = 3, 7, 4, 6
    masks = (rng.random((4, lanes, units)) < 0.6).astype(np.float32) / 0.6
    inputs = rng.normal(0, 1, (lanes, steps, width)).astype(np.float32)
    weights = [rng.normal(0, 0.5, shape).astype(np.float32) for shape in ((width, 24), (units, 24), (24,))]
    pull = rng.normal(0, 1, (lanes, steps, units)).astype(np.float32)
    theirs = keras.layers.LSTM(units, return_sequences=True, recurrent_dropout=0.4)
    theirs.build((None, None, width))
    theirs.set_weights(weights)
    theirs.cell.get_recurrent_dropout_mask = lambda _: list(tf.unstack(tf.constant(masks)))
    ours = Lstm(units, 1)
    ours.build((None, width))
    ours.set_weights([regated(weight) for weight in weights])
    found = []
    for own in (True, False):
        with tf.GradientTape() as tape:
            if own:
                flat = tf.reshape(tf.transpose(tf.constant(inputs), (1, 0, 2)), (steps * lanes, width))
                nothing = tf.zeros((lanes, units))
                # Keras' gates are input, forget, candidate, output; ours input, candidate, forget, output.
                out, *_ = ours(flat, nothing, nothing, kept=tf.constant(masks[[0, 2, 1, 3]]))
                out = tf.transpose(tf.reshape(out, (steps, lanes, units)), (1, 0, 2))
            else:
                out = theirs(inputs, training=True)
            loss = tf.reduce_sum(out * pull)
        gradients = [np.array(g) for g in tape.gradient(loss, [v.value for v in (ours if own else theirs).weights])]
        found.append([out, *(regated(g) if own else g for g in gradients)])
    for mine, other in zip(*found, strict=True):
        close(mine, other)


def test_recurrent_dropout_is_the_same_in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    import tensorflow as tf

    from musicgen_app.ml.lstm import Lstm

    layer = Lstm(4, 1)
    layer.build((None, 3))
    rng = np.random.default_rng(1)
    inputs = tf.constant(rng.normal(0, 1, (9 * 2, 3)).astype(np.float32))
    kept = tf.constant((rng.random((4, 2, 4)) < 0.5).astype(np.float32) * 2)
    nothing = tf.zeros((2, 4))
    found = []
    for most in (128, 4):
        monkeypatch.setattr("musicgen_app.ml.lstm.MOST_STEPS_A_CHUNK", most)
        with tf.GradientTape() as tape:
            out, *_ = layer(inputs, nothing, nothing, kept=kept)
            loss = tf.reduce_sum(out**2)
        found.append([out, *tape.gradient(loss, [v.value for v in layer.weights])])
    for whole, cut in zip(*found, strict=True):
        close(whole, cut)


def test_dropout_follows_from_the_seed() -> None:
    import tensorflow as tf

    from musicgen_app.ml.windowed_network import WindowedNetwork

    network = WindowedNetwork(small("seed-base", dropout=0.5, recurrent_dropout=0.5))
    tokens = tf.constant(_tokens(network.config))
    one, again, other = (np.array(network.learning_logits(tokens, tf.constant(s))[0]) for s in ([1, 2], [1, 2], [1, 3]))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)
    assert np.array_equal(network(tokens), network.logits(tokens))


def test_fresh_weights_are_drawn_as_keras_draws_them() -> None:
    from musicgen_app.ml.windowed_network import WindowedNetwork

    config = WindowedConfig(_WORDS, 4, (Layer("lstm", 8), Layer("norm"), Layer("relu", 5)), embedding=3)
    weights = WindowedNetwork(config, seed=11).weights_as_arrays()
    assert weights["lstm0.bias"].tolist() == [0] * 8 + [1] * 8 + [0] * 16
    assert np.allclose(weights["lstm0.recurrent"] @ weights["lstm0.recurrent"].T, np.eye(8), atol=1e-5)
    assert weights["norm0.variance"].tolist() == [1] * 8
    assert 0 < np.abs(weights["embedding"]).max() <= 0.05
    assert weights["dense0.bias"].tolist() == [0] * 5
    assert all(np.array_equal(w, weights[n]) for n, w in WindowedNetwork(config, seed=11).weights_as_arrays().items())


@pytest.mark.parametrize("config", CONFIGS, ids=IDS)
def test_the_stepper_foretells_what_the_network_does(config: WindowedConfig) -> None:
    import tensorflow as tf

    from musicgen_app.ml.windowed_network import WindowedNetwork

    weights = positive(config)
    network, stepper = WindowedNetwork(config), WindowedStepper(config, weights)
    network.assign_weights(weights)
    words = np.random.default_rng(4).integers(0, _WORDS, (2, 2 * config.window)).astype(np.int16)
    stepper.start(2)
    found = np.stack([stepper.feed(words[:, [step]]) for step in range(words.shape[1])])[:, :, :-1]
    for step in range(config.window - 1, words.shape[1]):
        windows = tf.constant(words[:, step + 1 - config.window : step + 1].astype(np.int32))
        shares = tf.nn.softmax(network.logits(windows)).numpy()
        assert np.abs(tf.nn.softmax(found[step]).numpy() - shares).max() < 1e-4
