import os
from dataclasses import replace
from pathlib import Path

import pytest

from musicgen_app.core.errors import CheckpointError, CodecError
from musicgen_app.generation.checkpoint import write_checkpoint
from musicgen_app.generation.ready import KeptModel, make_ready
from musicgen_app.tokens.notes import metrical_codec
from tests.generation.networks import musical_checkpoint


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "model.safetensors"
    write_checkpoint(path, musical_checkpoint(title="Nocturnes"))
    return path


def test_a_model_that_is_ready_knows_its_name_and_its_notes(path: Path) -> None:
    model = make_ready(path)
    assert model.title == "Nocturnes"
    assert model.codec == metrical_codec()
    assert model.stepper.network == musical_checkpoint().header.network


def test_a_network_that_does_not_fit_its_codec_is_refused(path: Path) -> None:
    checkpoint = musical_checkpoint(metrical_codec(pedal=False))
    header = replace(checkpoint.header, codec=metrical_codec(pedal=True).description())
    write_checkpoint(path, replace(checkpoint, header=header))
    with pytest.raises(CheckpointError, match="does not fit"):
        make_ready(path)


def test_a_codec_that_is_not_known_is_refused(path: Path) -> None:
    checkpoint = musical_checkpoint()
    write_checkpoint(path, replace(checkpoint, header=replace(checkpoint.header, codec={"codec": "neumes"})))
    with pytest.raises(CodecError, match="neumes"):
        make_ready(path)


def test_the_model_used_last_is_kept(path: Path) -> None:
    kept = KeptModel()
    assert kept.ready(path) is kept.ready(path)


def test_another_model_takes_its_place(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.safetensors"
    write_checkpoint(other, musical_checkpoint(title="Waltzes"))
    kept = KeptModel()
    first = kept.ready(path)
    assert kept.ready(other).title == "Waltzes"
    assert kept.ready(path) is not first


def test_a_file_that_was_written_anew_is_read_again(path: Path) -> None:
    kept = KeptModel()
    kept.ready(path)
    write_checkpoint(path, musical_checkpoint(title="Mazurkas!"))
    assert kept.ready(path).title == "Mazurkas!"
    os.utime(path, ns=(0, 0))
    content = path.read_bytes()
    kept.ready(path)
    path.write_bytes(content.replace(b"Mazurkas!", b"Preludes!"))
    assert kept.ready(path).title == "Preludes!"


def test_a_file_that_is_gone_is_missed(path: Path) -> None:
    kept = KeptModel()
    kept.ready(path)
    path.unlink()
    with pytest.raises(CheckpointError, match="no model file"):
        kept.ready(path)
    write_checkpoint(path, musical_checkpoint(title="Nocturnes"))
    assert kept.ready(path).title == "Nocturnes"
