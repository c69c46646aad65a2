"""The layer computes what Keras' LSTM computes, forwards and backwards."""

import numpy as np
import pytest

pytestmark = pytest.mark.usefixtures("tensorflow")

_LANES, _WIDTH, _UNITS = 3, 5, 8


def _both(steps: int, half: bool = False) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Outputs, last states and all gradients of our layer and of Keras' with equal weights, in Keras' shapes."""
    import keras
    import tensorflow as tf

    from musicgen_app.ml.lstm import Lstm, regated

    rng = np.random.default_rng(4)

    def some(*shape: int) -> np.ndarray:
        return rng.normal(0, 0.5, shape).astype(np.float32)

    ours, theirs = Lstm(_UNITS, 1), keras.layers.LSTM(_UNITS, return_sequences=True, return_state=True)
    ours.build((None, _WIDTH))
    theirs.build((None, None, _WIDTH))
    weights = [some(_WIDTH, 4 * _UNITS), some(_UNITS, 4 * _UNITS), some(4 * _UNITS)]
    theirs.set_weights(weights)
    ours.set_weights([regated(weight) for weight in weights])
    inputs, hidden, cell = (
        tf.constant(some(*s)) for s in ((_LANES, steps, _WIDTH), (_LANES, _UNITS), (_LANES, _UNITS))
    )
    pulls = [tf.constant(some(*s)) for s in ((_LANES, steps, _UNITS), (_LANES, _UNITS), (_LANES, _UNITS))]
    found = []
    for own in (True, False):
        with tf.GradientTape() as tape:
            tape.watch([inputs, hidden, cell])
            if own:
                flat = tf.reshape(tf.transpose(inputs, (1, 0, 2)), (steps * _LANES, _WIDTH))
                out, *state = ours(flat, hidden, cell, product=tf.bfloat16 if half else tf.float32)
                out = tf.transpose(tf.reshape(out, (steps, _LANES, _UNITS)), (1, 0, 2))
            else:
                out, *state = theirs(inputs, initial_state=[hidden, cell])
            loss = sum(tf.reduce_sum(part * pull) for part, pull in zip((out, *state), pulls, strict=True))
        variables = [v.value for v in (ours if own else theirs).weights]
        gradients = tape.gradient(loss, [inputs, hidden, cell, *variables])
        arrays = [np.array(a) for a in (out, *state, *gradients)]
        found.append([*arrays[:-3], *(regated(a) for a in arrays[-3:])] if own else arrays)
    return found[0], found[1]


@pytest.mark.parametrize("steps", [1, 2, 17])
def test_values_and_gradients_are_those_of_keras(steps: int) -> None:
    for ours, theirs in zip(*_both(steps), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5, rtol=1e-5)


def test_a_long_sequence_in_chunks_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("musicgen_app.ml.lstm.MOST_STEPS_A_CHUNK", 6)
    for ours, theirs in zip(*_both(20), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5, rtol=1e-5)


def test_products_in_bfloat16_come_close() -> None:
    gaps = [
        np.abs(ours - theirs).max() / np.abs(theirs).max() for ours, theirs in zip(*_both(17, half=True), strict=True)
    ]
    assert 1e-5 < max(gaps) < 0.05


def test_gates_turned_twice_are_as_before() -> None:
    from musicgen_app.ml.lstm import regated

    weights = np.arange(24.0).reshape(2, 12)
    assert regated(weights)[0].tolist() == [0, 1, 2, 6, 7, 8, 3, 4, 5, 9, 10, 11]
    np.testing.assert_array_equal(regated(regated(weights)), weights)
