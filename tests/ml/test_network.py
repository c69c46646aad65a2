"""The Keras network computes the function that the checkpoint's format describes."""

from pathlib import Path

import numpy as np
import pytest

from musicgen_app.generation.checkpoint import Checkpoint, CheckpointHeader, NetworkConfig, weight_shapes
from musicgen_app.generation.stepper import Stepper
from musicgen_app.tokens.codec import Field
from musicgen_app.tokens.context import wide_rows
from musicgen_app.tokens.notes import metrical_codec
from tests.ml.synthetic import piece_of_music

pytestmark = pytest.mark.usefixtures("tensorflow")

_THREE = (Field("time", 7), Field("pitch", 20), Field("velocity", 5))
_CONFIGS = [
    NetworkConfig(_THREE, embedding=6, units=16, layers=1, head_units=12, dropout=0.0),
    NetworkConfig((*_THREE, Field("duration", 9)), embedding=5, units=12, layers=3, head_units=8, dropout=0.3),
    NetworkConfig((Field("token", 50),), embedding=8, units=8, layers=2, head_units=8, dropout=0.5),
]
_CODEC = metrical_codec()
_MUSICAL = NetworkConfig(
    _CODEC.fields,
    embedding=5,
    units=12,
    layers=1,
    head_units=8,
    positions=_CODEC.position_fields,
    recent=3,
    repeats=True,
)


def _network(config: NetworkConfig, seed: int = 3):  # type: ignore[no-untyped-def]
    from musicgen_app.ml.network import Network

    network = Network(config, seed)
    # Fresh biases and offsets are zeros and fresh gains ones: give them values that would be missed.
    rng = np.random.default_rng(seed)
    weights = network.weights_as_arrays()
    for name, array in weights.items():
        if name.endswith(("bias", "beta", "gamma")):
            weights[name] = array + rng.normal(0, 0.3, array.shape).astype(np.float32)
    network.assign_weights(weights)
    return network


def _rows(config: NetworkConfig, batch: int = 2, steps: int = 11):  # type: ignore[no-untyped-def]
    from musicgen_app.ml.network import one_batch_of_classes

    return one_batch_of_classes(config, batch, steps, 1)


@pytest.mark.parametrize("config", [*_CONFIGS, _MUSICAL], ids=lambda c: f"{len(c.fields)} fields")
def test_the_weights_have_the_names_and_shapes_of_the_format(config: NetworkConfig) -> None:
    network = _network(config)
    found = {name: tuple(variable.shape) for name, variable in network.named_variables().items()}
    assert found == weight_shapes(config)
    assert sum(np.prod(v.shape) for v in network.trainable_variables) == config.parameters()


@pytest.mark.parametrize("config", _CONFIGS, ids=lambda c: f"{len(c.fields)} fields")
def test_its_logits_equal_those_of_the_numpy_stepper(config: NetworkConfig) -> None:
    network = _network(config)
    rows = _rows(config)
    heard, _ = network.listen(rows[:, :-1], network.zero_states(2))
    ours = network.logits(heard, rows[:, :-1], rows[:, 1:])
    stepper = Stepper(Checkpoint(CheckpointHeader(config, {}), network.weights_as_arrays()))
    stepper.start(2)
    for step in range(rows.shape[1] - 1):
        out = stepper.feed(rows[:, step].astype(np.int16))
        for field in range(len(config.fields)):
            chosen = rows[:, step + 1, :field].astype(np.int16)
            theirs = stepper.logits(out, field, chosen)
            np.testing.assert_allclose(ours[field][step].numpy(), theirs, atol=1e-4)


def test_a_carried_state_reads_on_as_if_nothing_had_been_cut() -> None:
    config = _CONFIGS[1]
    network = _network(config)
    rows = _rows(config)
    whole, after = network.listen(rows, network.zero_states(2))
    first, state = network.listen(rows[:, :4], network.zero_states(2))
    second, state = network.listen(rows[:, 4:], state)
    np.testing.assert_allclose(np.concatenate([first, second], axis=0), whole, atol=1e-5)
    np.testing.assert_allclose(state, after, atol=1e-5)


def test_an_interval_is_told_the_same_in_every_key() -> None:
    network = _network(_MUSICAL)
    weights = network.weights_as_arrays()
    for name, array in weights.items():
        # Only what is told by intervals is left, so pitches themselves must not matter.
        if name in ("head.pitch.kernel", "head.pitch.bias", "embedding.pitch"):
            weights[name] = np.zeros_like(array)
    network.assign_weights(weights)
    piece = _CODEC.encode(piece_of_music(1, 30))
    low, high = (
        wide_rows(_CODEC, _CODEC.transpose(piece, shift), _MUSICAL.shown)[None].astype(np.int32) for shift in (0, 7)
    )

    def pitches(rows: np.ndarray) -> np.ndarray:
        heard, _ = network.listen(rows[:, :-1], network.zero_states(1))
        return network.logits(heard, rows[:, :-1], rows[:, 1:])[1].numpy()[:, 0]

    below, above = pitches(low), pitches(high)
    np.testing.assert_allclose(above[5:, 37:121], below[5:, 30:114], atol=1e-5)
    assert np.ptp(below[5:, 30:114], axis=1).min() > 1e-3


def test_the_gradient_of_intervals_is_the_true_one() -> None:
    import tensorflow as tf

    from musicgen_app.generation.checkpoint import INTERVALS
    from musicgen_app.ml.intervals import told_by_intervals

    rng = np.random.default_rng(3)
    recent = tf.constant([[60, 127], [0, -1], [127, 3]], tf.int32)
    intervals = tf.constant(rng.normal(size=(3, 2, INTERVALS)).astype(np.float32))
    pull = tf.constant(rng.normal(size=(3, 131)).astype(np.float32))
    with tf.GradientTape() as tape:
        tape.watch(intervals)
        told = told_by_intervals(intervals, recent, 131)
        loss = tf.reduce_sum(told * pull)
    by_hand, gradient = np.zeros((3, 131)), np.zeros((3, 2, INTERVALS))
    for row, back, place in np.ndindex(3, 2, INTERVALS):
        pitch = int(recent[row, back]) + place - 24
        if recent[row, back] >= 0 and 0 <= pitch < 128:
            by_hand[row, pitch] += float(intervals[row, back, place])
            gradient[row, back, place] = float(pull[row, pitch])
    np.testing.assert_allclose(told, by_hand, atol=1e-5)
    np.testing.assert_allclose(tape.gradient(loss, intervals), gradient, atol=1e-6)


def test_what_comes_later_changes_nothing_before() -> None:
    config = _CONFIGS[0]
    network = _network(config)
    rows = _rows(config)
    other = rows.copy()
    other[:, 6:] = (other[:, 6:] + 1) % 5
    np.testing.assert_allclose(network(rows)[:, :5], network(other)[:, :5], atol=1e-6)
    assert np.abs(network(rows)[:, 5:] - network(other)[:, 5:]).max() > 1e-3


def test_a_head_is_told_the_fields_before_it_and_no_others() -> None:
    config = _CONFIGS[0]
    network = _network(config)
    rows = _rows(config)
    heard, _ = network.listen(rows, network.zero_states(2))
    other = rows.copy()
    other[..., 1] = (other[..., 1] + 1) % 20
    before, after = network.logits(heard, rows, rows), network.logits(heard, rows, other)
    for field in (0, 1):
        np.testing.assert_array_equal(before[field], after[field])
    assert np.abs(before[2] - after[2]).max() > 1e-3


def test_the_probabilities_of_every_field_add_up_to_one() -> None:
    config = NetworkConfig((Field("a", 3), Field("b", 4)), embedding=4, units=8, layers=1, head_units=8)
    network = _network(config)
    heard, _ = network.listen(np.zeros((12, 1, 2), np.int32), network.zero_states(12))
    every_row = np.array([(a, b) for a in range(3) for b in range(4)], np.int32)[:, None, :]
    nats = network.nats(heard, every_row, every_row).numpy().sum(axis=(1, 2))
    assert np.exp(-nats).sum() == pytest.approx(1.0, abs=1e-5)


def test_dropout_is_a_function_of_its_seed_alone() -> None:
    config = _CONFIGS[1]
    network = _network(config)
    rows = _rows(config)

    def heard(seed: list[int] | None) -> np.ndarray:
        import tensorflow as tf

        numbers = None if seed is None else tf.constant(seed, tf.int32)
        return np.array(network.listen(rows, network.zero_states(2), numbers)[0])

    np.testing.assert_array_equal(heard([0, 5]), heard([0, 5]))
    for other in ([0, 6], [1, 5], None):
        assert np.abs(heard([0, 5]) - heard(other)).max() > 1e-3  # type: ignore[arg-type]


def test_dropout_leaves_out_its_share_and_keeps_the_mean() -> None:
    import tensorflow as tf

    config = _CONFIGS[1]
    dropped = np.array(_network(config)._dropout(tf.ones((100, 100)), tf.constant([0, 1], tf.int32), 0))
    assert np.mean(dropped == 0) == pytest.approx(0.3, abs=0.02)
    assert dropped.mean() == pytest.approx(1.0, abs=0.03)


def test_the_same_seed_gives_the_same_network(tmp_path: Path) -> None:
    from musicgen_app.ml.network import Network

    first, second, third = (Network(_CONFIGS[0], seed).weights_as_arrays() for seed in (1, 1, 2))
    for name in first:
        np.testing.assert_array_equal(first[name], second[name])
    assert any(np.abs(first[name] - third[name]).max() > 0 for name in first)
