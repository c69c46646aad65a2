"""The seeds' networks as values: sizes as published, bounds, JSON, and their place in the checkpoint."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from safetensors.numpy import save

from musicgen_app.core.errors import CheckpointError
from musicgen_app.generation.checkpoint import (
    Checkpoint,
    CheckpointHeader,
    network_from,
    read_checkpoint,
    read_header,
    weight_shapes,
    write_checkpoint,
)
from musicgen_app.generation.windowed import Layer, WindowedConfig, in_seed_order
from musicgen_app.generation.windowed_presets import WINDOWED_PRESETS
from musicgen_app.tokens.notes import metrical_codec
from tests.generation.networks import random_checkpoint, random_weights

WORDS = 702
"""Of the note file of the experiments; every number below belongs to it."""

TINY = WindowedConfig(7, 4, (Layer("lstm", 6, True), Layer("norm"), Layer("dropout"), Layer("relu", 5)), dropout=0.2)
BIDI = WindowedConfig(7, 4, (Layer("bilstm", 6), Layer("attention", 3), Layer("pool"), Layer("dropout")), embedding=5)


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("seed-base", 5_565_886),
        ("seed-reduced", 1_439_806),
        ("seed-complex1", 8_329_534),
        ("seed-complex2", 8_386_270),
        ("seed-bidi", 2_890_495),
        ("seed-article", 2_872_766),
    ],
)
def test_the_networks_have_as_many_parameters_as_the_seeds(name: str, parameters: int) -> None:
    assert WINDOWED_PRESETS[name].network(WORDS).parameters() == parameters


def test_presets_say_what_they_are() -> None:
    for name, preset in WINDOWED_PRESETS.items():
        assert preset.name == name
        assert preset.title
        assert preset.explanation.endswith(".")
    assert WINDOWED_PRESETS["seed-article"].window == 100
    assert WINDOWED_PRESETS["seed-article"].optimizer == "rmsprop"


@pytest.mark.parametrize("config", [TINY, BIDI])
def test_a_config_comes_back_as_it_was(config: WindowedConfig) -> None:
    assert network_from(json.loads(json.dumps(config.to_json()))) == config
    assert weight_shapes(config)["output.bias"] == (7,)
    assert config.fields[0].size == 8


def test_only_the_bidirectional_one_is_bidirectional() -> None:
    assert BIDI.bidirectional
    assert not TINY.bidirectional


def test_it_does_not_fit_the_codec_of_notes() -> None:
    assert not TINY.fits(metrical_codec())


def test_the_seeds_order_has_the_dropout_before_the_pool() -> None:
    assert [layer.kind for layer in in_seed_order(BIDI.layers)] == ["bilstm", "attention", "dropout", "pool"]
    assert in_seed_order(in_seed_order(BIDI.layers)) == in_seed_order(BIDI.layers)
    assert in_seed_order(TINY.layers) == TINY.layers
    assert replace(BIDI, layers=in_seed_order(BIDI.layers)).parameters() == BIDI.parameters()


@pytest.mark.parametrize(
    "wrong",
    [
        {"vocabulary": 1},
        {"vocabulary": 32_767},
        {"window": 0},
        {"window": 1001},
        {"embedding": -1},
        {"embedding": 1025},
        {"dropout": 1.0},
        {"recurrent_dropout": -0.1},
        {"layers": ()},
        {"layers": (Layer("relu", 4),)},
        {"layers": (Layer("lstm", 4), Layer("pool"))},
        {"layers": (Layer("lstm", 4), Layer("relu", 4), Layer("lstm", 4))},
        {"layers": (Layer("bilstm", 4), Layer("lstm", 4))},
        {"layers": (Layer("bilstm", 4), Layer("attention", 4))},
        {"layers": (Layer("lstm", 4),) * 9},
        {"layers": (Layer("lstm", 4), *(Layer("norm"),) * 32)},
        {"layers": (Layer("lstm", 4096),) * 3},
    ],
)
def test_a_value_out_of_range_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        replace(TINY, **wrong)


@pytest.mark.parametrize(
    "wrong", [("gru", 4), ("lstm", 0), ("lstm", 4097), ("norm", 1), ("dropout", 1), ("relu", 4, True)]
)
def test_a_layer_out_of_range_is_refused(wrong: tuple[Any, ...]) -> None:
    with pytest.raises(ValueError, match=r"layer"):
        Layer(*wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "other"},
        {"kind": 3},
        {"layers": None},
        {"layers": [["lstm", 4, False]] * 33},
        {"layers": [["lstm", 4]]},
        {"layers": [["lstm", True, False]]},
        {"layers": ["lstm"]},
        {"dropout": "much"},
        {"window": 4.0},
        {"vocabulary": None},
    ],
)
def test_a_header_that_describes_none_ends_in_a_sentence(tmp_path: Path, wrong: dict[str, Any]) -> None:
    header = CheckpointHeader(TINY, {}).to_json()
    header["network"] |= wrong
    path = tmp_path / "model.safetensors"
    path.write_bytes(save(random_weights(TINY), metadata={"musicgen": json.dumps(header)}))
    with pytest.raises(CheckpointError, match="header"):
        read_header(path)


@pytest.mark.parametrize("config", [TINY, BIDI])
def test_a_checkpoint_comes_back_as_it_was_written(tmp_path: Path, config: WindowedConfig) -> None:
    path, weights = tmp_path / "model.safetensors", random_weights(config)
    write_checkpoint(path, Checkpoint(CheckpointHeader(config, {}), weights))
    back = read_checkpoint(path)
    assert back.header.network == config
    assert all((back.weights[name] == weights[name]).all() for name in weights)


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    header = CheckpointHeader(TINY, {}).to_json()
    path = tmp_path / "model.safetensors"
    path.write_bytes(save(random_checkpoint().weights, metadata={"musicgen": json.dumps(header)}))
    with pytest.raises(CheckpointError, match="lacks the weights"):
        read_checkpoint(path)
