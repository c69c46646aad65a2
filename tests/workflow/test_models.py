from dataclasses import replace
from pathlib import Path

import pytest

from musicgen_app.generation.checkpoint import write_checkpoint
from musicgen_app.project.runs import RunRecord
from musicgen_app.workflow.models import list_models
from tests.generation.networks import random_checkpoint


def write(path: Path, title: str = "Nocturnes", **header: object) -> Path:
    checkpoint = random_checkpoint(title=title)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_checkpoint(path, replace(checkpoint, header=replace(checkpoint.header, **header)))
    return path


def run(number: int, checkpoint: Path | None) -> RunRecord:
    return RunRecord(number, Path(), f"Run {number}", checkpoint=checkpoint)


def test_runs_come_first_newest_first_and_then_bundled_models_by_name(tmp_path: Path) -> None:
    runs = [run(n, write(tmp_path / str(n) / "model.safetensors")) for n in (1, 2)]
    write(tmp_path / "models" / "b.safetensors", title="Bee")
    write(tmp_path / "models" / "a.safetensors", title="")
    models = list_models(runs, tmp_path / "models")
    assert [(model.title, model.bundled) for model in models] == [
        ("Run 2", False),
        ("Run 1", False),
        ("a", True),
        ("Bee", True),
    ]


def test_runs_without_a_model_and_damaged_models_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "broken.safetensors").write_bytes(b"nothing")
    assert list_models([run(1, None), run(2, tmp_path / "gone")], tmp_path) == ()
    assert list_models([], tmp_path / "no such folder") == ()


def test_a_model_tells_what_it_learned_from(tmp_path: Path) -> None:
    path = write(
        tmp_path / "m.safetensors",
        corpus={"pieces": 14, "notes": 27_013, "fingerprint": "2aaa"},
        training={"best_epoch": 9, "validation": 4.25},
    )
    (model,) = list_models([], tmp_path)
    assert (model.path, model.fingerprint) == (path, "2aaa")
    assert (model.pieces, model.notes, model.epochs, model.validation) == (14, 27_013, 9, 4.25)


@pytest.mark.parametrize("wrong", [None, True, "many", [1]])
def test_facts_that_make_no_sense_are_not_known(tmp_path: Path, wrong: object) -> None:
    write(tmp_path / "m.safetensors", corpus={"pieces": wrong, "fingerprint": [wrong]}, training={"validation": wrong})
    (model,) = list_models([], tmp_path)
    assert (model.pieces, model.notes, model.epochs, model.validation) == (0, 0, 0, None)
    assert model.fingerprint == ""
