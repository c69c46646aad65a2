"""Test 74's network: a training step and 200 tokens, ours against the seeds' own way of doing it.

Their way is a Keras model of stock layers, inputs as floats, one-hot targets of the whole collection, and a call of
``predict`` for every token. Both take turns in one process; a ratio is the median of those of the rounds.
"""

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from musicgen_app.generation.sampling import random_pick
from musicgen_app.generation.windowed_presets import WINDOWED_PRESETS
from musicgen_app.generation.windowed_stepper import WindowedStepper
from musicgen_app.ml.windowed_config import WindowedTrainConfig

PRESET = "seed-complex2"
WORDS, TOKENS = 702, 25_134
"""Of the seeds' note file."""
ROUNDS = 3
NEW = 200
PREDICTED = 20
"""Calls of ``predict`` measured; 200 take ten times as long."""


def seconds_of(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def their_model(window: int) -> Any:
    """The network of test 74 as it was published, from stock layers."""
    import keras

    layers: list[Any] = [keras.Input((window, 1))]
    for units, last in ((1024, 0.3), (512, 0.3), (256, 0.0)):
        layers.append(keras.layers.LSTM(units, recurrent_dropout=last, return_sequences=True))
    layers += [keras.layers.LSTM(128), keras.layers.BatchNormalization(), keras.layers.Dropout(0.3)]
    for units in (128, 64, 32):
        layers += [keras.layers.Dense(units, activation="relu"), keras.layers.BatchNormalization()]
        layers.append(keras.layers.Dropout(0.3))
    model = keras.Sequential([*layers, keras.layers.Dense(WORDS, activation="softmax")])
    model.compile(loss="categorical_crossentropy", optimizer=keras.optimizers.Adam(0.001))
    return model


def run() -> dict[str, float]:
    """Steps, tokens and memory."""
    from musicgen_app.ml.backend import bfloat16_is_quicker, start_tensorflow
    from musicgen_app.ml.windowed_learner import WindowedLearner

    start_tensorflow()
    preset = WINDOWED_PRESETS[PRESET]
    precision = "bfloat16" if bfloat16_is_quicker() else "float32"
    config = WindowedTrainConfig.from_preset(PRESET, precision=precision)
    network, window = preset.network(WORDS), preset.window
    rng = np.random.default_rng(0)
    tokens = rng.integers(0, WORDS, TOKENS).astype(np.int16)
    places = rng.integers(0, TOKENS - window, preset.batch)
    batch = tokens[places[:, np.newaxis] + np.arange(window + 1)]
    heard = (batch[:, :-1, np.newaxis] / WORDS).astype(np.float32)
    targets = np.eye(WORDS, dtype=np.float32)[batch[:, -1]]
    learner, model = WindowedLearner(network, config), their_model(window)

    def our_step() -> object:
        return learner.step(batch[..., np.newaxis], 0, 0.001)

    def their_step() -> object:
        return model.train_on_batch(heard, targets)

    def our_tokens() -> None:
        stepper = WindowedStepper(network, learner.network.weights_as_arrays())
        stepper.resume([stepper.read(batch[0, :-2, np.newaxis])])
        row = batch[:1, -2:-1]
        for _ in range(NEW):
            shares = random_pick(stepper.feed(row)[:, :WORDS], np.ones((1, WORDS), bool), 1)
            row = shares.argmax(axis=1)[:, np.newaxis].astype(np.int16)

    def their_tokens() -> None:
        pattern = batch[0, :-1].tolist()
        for _ in range(PREDICTED):
            shown = np.reshape(pattern, (1, window, 1)) / WORDS
            pattern = [*pattern[1:], int(np.argmax(model.predict(shown, verbose=0)))]

    for act in (our_step, their_step, their_tokens):
        act()
    times: dict[str, list[float]] = {"our_step": [], "their_step": [], "our_tokens": [], "their_tokens": []}
    for _ in range(ROUNDS):
        for name, act in zip(times, (our_step, their_step, our_tokens, their_tokens), strict=True):
            times[name].append(seconds_of(act))
    steps = zip(times["their_step"], times["our_step"], strict=True)
    made = zip(times["their_tokens"], times["our_tokens"], strict=True)
    theirs = (TOKENS - window) * (window * np.dtype(np.float64).itemsize + WORDS * np.dtype(np.float32).itemsize)
    return {
        "seed_step_seconds": statistics.median(times["our_step"]),
        "seed_step_seconds_keras": statistics.median(times["their_step"]),
        "seed_step_vs_keras": statistics.median(their / our for their, our in steps),
        "seed_200_tokens_seconds": statistics.median(times["our_tokens"]),
        "seed_200_tokens_seconds_keras": statistics.median(times["their_tokens"]) * NEW / PREDICTED,
        "seed_generate_vs_predict": statistics.median(their * NEW / PREDICTED / our for their, our in made),
        "seed_memory_vs_keras": theirs / tokens.nbytes,
    }
