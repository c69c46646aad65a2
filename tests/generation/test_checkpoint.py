import json
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save

from musicgen_app.core.errors import CheckpointError
from musicgen_app.generation.checkpoint import (
    FORMAT_VERSION,
    Checkpoint,
    CheckpointHeader,
    NetworkConfig,
    checkpoint_bytes,
    read_checkpoint,
    read_header,
    weight_shapes,
    write_checkpoint,
)
from musicgen_app.tokens.codec import Field
from musicgen_app.tokens.notes import metrical_codec
from tests.generation.networks import FIELDS, random_checkpoint, shown_checkpoint

HEADER = CheckpointHeader(
    network=NetworkConfig(FIELDS, embedding=4, units=8, layers=2, head_units=6, dropout=0.25),
    codec={"codec": "notes", "version": 1},
    training={"epochs": 7, "validation": 5.25, "seed": 3},
    corpus={"fingerprint": "ab12", "pieces": 14, "notes": 9000},
    licence="CC BY-SA 4.0",
    attribution=("Frédéric Chopin", "A transcriber"),
    title="Nocturnes",
)


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def foreign(tmp_path: Path, header: object, weights: dict[str, np.ndarray] | None = None) -> Path:
    """A well-formed safetensors file with whatever header and weights."""
    text = header if isinstance(header, str) else json.dumps(header)
    weights = weights if weights is not None else random_checkpoint().weights
    return written(tmp_path / "model.safetensors", save(weights, metadata={"musicgen": text}))


def good_header() -> dict[str, Any]:
    return random_checkpoint().header.to_json()


def test_a_checkpoint_comes_back_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    checkpoint = random_checkpoint()
    write_checkpoint(path, checkpoint)
    back = read_checkpoint(path)
    assert back.header == checkpoint.header
    assert back.weights.keys() == checkpoint.weights.keys()
    assert all(np.array_equal(back.weights[name], checkpoint.weights[name]) for name in back.weights)


def test_a_header_comes_back_as_it_was() -> None:
    assert CheckpointHeader.from_json(json.loads(json.dumps(HEADER.to_json()))) == HEADER


def test_the_header_is_read_without_the_weights(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    write_checkpoint(path, random_checkpoint(title="Étude"))
    assert read_header(path).title == "Étude"


def test_equal_checkpoints_are_equal_bytes() -> None:
    assert checkpoint_bytes(random_checkpoint()) == checkpoint_bytes(random_checkpoint())


def test_parameters_are_the_sizes_of_all_weights() -> None:
    checkpoint = random_checkpoint()
    assert checkpoint.header.network.parameters() == sum(w.size for w in checkpoint.weights.values())


@pytest.mark.parametrize("keep", [0, 5, 8, 100, -1])
def test_a_truncated_file_ends_in_a_sentence(tmp_path: Path, keep: int) -> None:
    path = written(tmp_path / "model.safetensors", checkpoint_bytes(random_checkpoint())[:keep])
    with pytest.raises(CheckpointError, match=r"model\.safetensors"):
        read_checkpoint(path)


@given(st.integers(0, 3000), st.integers(0, 255))
def test_a_changed_byte_is_read_or_ends_in_a_sentence(tmp_path: Path, place: int, byte: int) -> None:
    content = bytearray(checkpoint_bytes(random_checkpoint()))
    content[place] = byte
    path = written(tmp_path / "model.safetensors", bytes(content))
    with suppress(CheckpointError):
        weights = read_checkpoint(path).weights
        assert all(np.isfinite(w).all() for w in weights.values())


@given(st.binary(max_size=200))
def test_any_bytes_end_in_a_sentence(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(CheckpointError):
        read_header(written(tmp_path / "model.safetensors", content))


def test_a_file_that_would_need_much_memory_is_refused_at_once(tmp_path: Path) -> None:
    path = written(tmp_path / "huge", (50_000_000).to_bytes(8, "little") + b"{}")
    with pytest.raises(CheckpointError, match="not a model"):
        read_header(path)


def test_a_missing_file_and_a_folder_end_in_a_sentence(tmp_path: Path) -> None:
    for path in (tmp_path / "nothing.safetensors", tmp_path):
        with pytest.raises(CheckpointError, match="There is no model file"):
            read_header(path)


def test_a_file_that_may_not_be_read_ends_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "model.safetensors", checkpoint_bytes(random_checkpoint()))

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "open", refuse)
        with pytest.raises(CheckpointError, match="cannot be read: Permission denied"):
            read_header(path)
    monkeypatch.setattr("musicgen_app.generation.checkpoint.safe_open", refuse)
    with pytest.raises(CheckpointError, match="cannot be read: Permission denied"):
        read_header(path)


def test_safetensors_of_somebody_else_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "other.safetensors", save({"a": np.zeros(3, np.float32)}))
    with pytest.raises(CheckpointError, match="not a model of this program"):
        read_header(path)


@pytest.mark.parametrize("number", [np.float64, np.float16, np.int32])
def test_weights_of_another_number_type_are_refused(tmp_path: Path, number: type) -> None:
    weights = {name: w.astype(number) for name, w in random_checkpoint().weights.items()}
    with pytest.raises(CheckpointError, match="not 32-bit"):
        read_header(foreign(tmp_path, good_header(), weights))


def test_missing_foreign_and_misshapen_weights_are_named(tmp_path: Path) -> None:
    weights = random_checkpoint().weights
    some = {name: w for name, w in weights.items() if name != "norm.beta"}
    with pytest.raises(CheckpointError, match=r"lacks the weights norm\.beta"):
        read_header(foreign(tmp_path, good_header(), some))
    with pytest.raises(CheckpointError, match=r"has not: surprise"):
        read_header(foreign(tmp_path, good_header(), weights | {"surprise": np.zeros(1, np.float32)}))
    with pytest.raises(CheckpointError, match=r"norm\.beta of .* have the shape \(3,\), not \(24,\)"):
        read_header(foreign(tmp_path, good_header(), weights | {"norm.beta": np.zeros(3, np.float32)}))


def test_weights_that_are_not_finite_are_neither_read_nor_written(tmp_path: Path) -> None:
    weights = random_checkpoint().weights
    weights["norm.beta"][2] = np.nan
    with pytest.raises(CheckpointError, match=r"norm\.beta .* not finite"):
        read_checkpoint(foreign(tmp_path, good_header(), weights))
    with pytest.raises(CheckpointError, match="not finite"):
        write_checkpoint(tmp_path / "out.safetensors", Checkpoint(random_checkpoint().header, weights))
    assert not (tmp_path / "out.safetensors").exists()


def test_weights_of_another_network_are_not_written() -> None:
    with pytest.raises(CheckpointError, match="This model lacks"):
        checkpoint_bytes(replace(random_checkpoint(), weights={}))


def test_a_newer_version_says_so(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="newer version"):
        read_header(foreign(tmp_path, good_header() | {"version": FORMAT_VERSION + 1}))


@pytest.mark.parametrize(
    "header",
    [
        "{",
        "[1, 2]",
        "[" * 100_000,
        '{"version": NaN}',
        "1" * 5000,
        {},
        *(good_header() | {key: None} for key in good_header()),
        good_header() | {"attribution": [1]},
        good_header() | {"version": True},
        *(good_header() | {"network": good_header()["network"] | {key: None}} for key in good_header()["network"]),
        *(
            good_header() | {"network": good_header()["network"] | {"fields": fields}}
            for fields in (
                [],
                [["time"]],
                [["time", "x"]],
                [["time", True]],
                [["Time!", 5]],
                [[5, 5]],
                ["ab"],
                [["a", 1]],
            )
        ),
        good_header() | {"network": good_header()["network"] | {"fields": [["a", 5], ["a", 5]]}},
        good_header() | {"network": good_header()["network"] | {"fields": [[f"f{i}", 5] for i in range(17)]}},
        good_header() | {"network": good_header()["network"] | {"units": 10**9}},
        good_header() | {"network": good_header()["network"] | {"units": 4096, "layers": 8}},
        good_header() | {"network": good_header()["network"] | {"dropout": 1.0}},
        good_header() | {"network": good_header()["network"] | {"dropout": True}},
    ],
    ids=lambda header: str(header)[:30],
)
def test_a_header_that_cannot_be_used_ends_in_a_sentence(tmp_path: Path, header: object) -> None:
    with pytest.raises(CheckpointError, match="cannot be used"):
        read_header(foreign(tmp_path, header))


def test_every_weight_of_the_definition_is_listed_once() -> None:
    one = NetworkConfig((Field("token", 50),), embedding=4, units=8, layers=1, head_units=6)
    assert list(weight_shapes(one)) == [
        "embedding.token",
        "input.kernel",
        "input.bias",
        "layer0.norm.gamma",
        "layer0.norm.beta",
        "layer0.kernel",
        "layer0.recurrent",
        "layer0.bias",
        "norm.gamma",
        "norm.beta",
        "head.token.hidden.kernel",
        "head.token.hidden.bias",
        "head.token.kernel",
        "head.token.bias",
    ]


def test_a_network_that_is_shown_more_comes_back(tmp_path: Path) -> None:
    checkpoint = shown_checkpoint(recent=3, repeats=True)
    write_checkpoint(tmp_path / "model.safetensors", checkpoint)
    network = read_checkpoint(tmp_path / "model.safetensors").header.network
    assert network == checkpoint.header.network
    assert network.columns == 4 + 3 + 3 + 4 + 2
    assert network.fits(metrical_codec())
    assert not network.fits(metrical_codec(pedal=False))


def test_intervals_need_pitches() -> None:
    with pytest.raises(ValueError, match="without a field of pitches"):
        NetworkConfig((Field("token", 200),), embedding=4, units=8, layers=1, head_units=4, recent=2)
