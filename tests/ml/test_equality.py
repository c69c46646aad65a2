"""The network that is trained and the one that generates are the same function."""

import numpy as np
import pytest

from musicgen_app.generation.checkpoint import Checkpoint, CheckpointHeader, NetworkConfig
from musicgen_app.generation.presets import PRESETS
from musicgen_app.generation.stepper import Stepper
from musicgen_app.tokens.codec import Field
from musicgen_app.tokens.context import wide_rows
from musicgen_app.tokens.notes import metrical_codec
from tests.generation.networks import FIELDS, again_and_again, random_rows, random_weights

CLOSE = 1e-4

ONE_LAYER = NetworkConfig(FIELDS, embedding=6, units=24, layers=1, head_units=10)
THREE_LAYERS = NetworkConfig(FIELDS, embedding=6, units=40, layers=3, head_units=16)
ONE_FIELD = NetworkConfig((Field("token", 60),), embedding=8, units=32, layers=2, head_units=12)
SMALL = PRESETS["small"].network(metrical_codec().fields, metrical_codec().position_fields)
LARGE = PRESETS["large"].network(metrical_codec().fields, metrical_codec().position_fields)


def _checkpoint(config: NetworkConfig) -> Checkpoint:
    return Checkpoint(CheckpointHeader(config, metrical_codec().description()), random_weights(config, seed=5))


@pytest.mark.parametrize(
    "config",
    [ONE_LAYER, THREE_LAYERS, ONE_FIELD, SMALL, LARGE],
    ids=["one layer", "three layers", "one field", "small preset", "large preset"],
)
def test_the_steppers_logits_are_those_of_the_keras_network(config: NetworkConfig) -> None:
    import tensorflow as tf

    from musicgen_app.ml.network import Network

    checkpoint = _checkpoint(config)
    shown = config.recent > 0
    pieces = np.stack(
        [again_and_again(checkpoint, 33, s) if shown else random_rows(config.fields, 33, s) for s in range(3)]
    )
    wide = [wide_rows(metrical_codec(), piece, config.shown) if shown else piece for piece in pieces]
    network = Network(config)
    network.assign_weights(checkpoint.weights)
    rows = tf.constant(np.stack(wide).astype(np.int32))
    heard, states = network.listen(rows[:, :-1], network.zero_states(3))
    trained = [np.array(logits) for logits in network.logits(heard, rows[:, :-1], rows[:, 1:])]

    stepper = Stepper(checkpoint)
    stepper.start(3)
    for step in range(32):
        hidden = stepper.feed(pieces[:, step])
        for field, logits in enumerate(trained):
            own = stepper.logits(hidden, field, pieces[:, step + 1])
            assert np.abs(own - logits[step]).max() < CLOSE

    for place in range(3):
        read = stepper.read(pieces[place, :-1])
        assert np.abs(read.layers - np.array(states)[:, :, place]).max() < CLOSE
