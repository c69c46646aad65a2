"""The verb train: what it writes beside the checkpoint, and what it refuses."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from musicgen_app.core.errors import Cancelled, DatasetError, TrainingError, UsageError
from musicgen_app.core.progress import CancelToken, silent
from musicgen_app.dataset.baselines import baselines, training_rows
from musicgen_app.dataset.store import Dataset
from musicgen_app.ml.config import DEFAULT_EPOCHS
from musicgen_app.project.document import Project
from musicgen_app.project.notebook import read_notebook
from musicgen_app.workflow.control import TrainControl
from musicgen_app.workflow.reports import BatchReport, EpochReport, TrainStarted
from musicgen_app.workflow.train import TrainRequest, config_of, train
from tests.ml.synthetic import TINY, write_synthetic

Requests = Callable[..., TrainRequest]


def _described(folder: Path) -> dict[str, object]:
    values = json.loads((folder / "run.json").read_text())
    assert isinstance(values, dict)
    return values


def test_a_run_describes_itself_and_its_result(tmp_path: Path, request_for: Requests, small_dataset: Dataset) -> None:
    result = train(request_for(tmp_path / "run", epochs=1, seed=3, title="First"), silent, TrainControl())
    described = _described(tmp_path / "run")
    assert (described["status"], described["title"], described["seed"]) == ("finished", "First", 3)
    assert described["summary"] == {**result.summary(), "reason": "all epochs done"}
    assert described["dataset"]["fingerprint"] == small_dataset.fingerprint  # type: ignore[index]
    assert described["config"]["units"] == 16  # type: ignore[index]
    assert described["versions"]["tensorflow"] != "not installed"  # type: ignore[index]
    assert result.checkpoint == tmp_path / "run" / "model.safetensors"


def test_a_run_is_compared_with_counting_from_the_first_moment_on(
    tmp_path: Path, request_for: Requests, small_dataset: Dataset
) -> None:
    rows = [small_dataset.rows(piece) for piece in small_dataset.pieces_of("validation")]
    expected = baselines(small_dataset.codec, training_rows(small_dataset), rows)
    control = TrainControl()

    def stop(report: object) -> None:
        if isinstance(report, TrainStarted):
            assert _described(tmp_path)["baselines"] == expected
            control.cancel()

    with pytest.raises(Cancelled):
        train(request_for(tmp_path, epochs=1), stop, control)
    described = _described(tmp_path)
    assert described["baselines"] == expected
    described["baselines"] = kept = {**expected, "4gram": 1.25}
    (tmp_path / "run.json").write_text(json.dumps(described))
    result = train(request_for(tmp_path, resume=True), silent, TrainControl())
    assert result.baselines == kept, "it is counted once"
    assert result.summary()["baselines"] == kept
    assert "worse than the 4-gram" in result.verdict
    assert replace(result, validation=0.5).verdict == ""
    assert replace(result, validation=None).verdict == ""


def test_a_stopped_run_says_so_and_can_be_resumed_and_prolonged(tmp_path: Path, request_for: Requests) -> None:
    control = TrainControl()

    def stop(report: object) -> None:
        if isinstance(report, BatchReport):
            control.cancel()

    with pytest.raises(Cancelled):
        train(request_for(tmp_path, resume=True, epochs=1), stop, control)
    assert _described(tmp_path)["status"] == "stopped"
    epochs: list[int] = []

    def listen(report: object) -> None:
        if isinstance(report, EpochReport):
            epochs.append(report.epoch)

    result = train(request_for(tmp_path, resume=True, epochs=2, units=999), listen, TrainControl())
    assert epochs == [1, 2]
    assert result.epochs == 2
    assert _described(tmp_path)["config"]["epochs"] == 2  # type: ignore[index]
    assert _described(tmp_path)["config"]["units"] == 16, "a run keeps its settings"  # type: ignore[index]


def test_a_plain_token_stops_it_too(tmp_path: Path, request_for: Requests) -> None:
    token = CancelToken()

    def stop(report: object) -> None:
        if isinstance(report, BatchReport):
            token.cancel()

    with pytest.raises(Cancelled):
        train(request_for(tmp_path), stop, token)
    assert list((tmp_path / "state").iterdir())


def test_a_folder_that_holds_a_run_is_not_overwritten(tmp_path: Path, request_for: Requests) -> None:
    (tmp_path / "run.json").write_text("{}")
    with pytest.raises(UsageError, match="holds a run already"):
        train(request_for(tmp_path), silent, TrainControl())


def test_another_data_set_is_refused_on_resume(tmp_path: Path, request_for: Requests) -> None:
    control = TrainControl()
    control.cancel()
    with pytest.raises(Cancelled):
        train(request_for(tmp_path / "run"), silent, control)
    other = write_synthetic(tmp_path / "other", pieces=3)
    with pytest.raises(TrainingError, match="another data set"):
        train(TrainRequest(other.folder, tmp_path / "run", resume=True), silent, control)


def test_a_failed_run_keeps_its_sentence(tmp_path: Path) -> None:
    only_held_out = write_synthetic(tmp_path / "dataset", pieces=2, validation=2)
    with pytest.raises(DatasetError):
        train(TrainRequest(only_held_out.folder, tmp_path / "run"), silent, TrainControl())
    described = _described(tmp_path / "run")
    assert described["status"] == "failed"
    assert "no pieces for train" in str(described["error"])


def test_a_run_without_validation_pieces_says_that_the_last_counts(tmp_path: Path) -> None:
    dataset = write_synthetic(tmp_path / "dataset", pieces=1, validation=0)
    request = TrainRequest(dataset.folder, tmp_path / "run", overrides=TINY, epochs=1)
    result = train(request, silent, TrainControl())
    assert "no validation pieces" in str(_described(tmp_path / "run")["remarks"])
    assert result.summary()["baselines"] is None
    assert result.verdict == ""


def test_a_request_becomes_settings() -> None:
    def settings(**values: object) -> tuple[int | None, float | None, int]:
        config = config_of(TrainRequest(Path("d"), Path("r"), **values))  # type: ignore[arg-type]
        return config.epochs, config.minutes, config.seed

    assert settings() == (DEFAULT_EPOCHS, None, 0)
    assert settings(epochs=3, seed=7) == (3, None, 7)
    assert settings(minutes=1.5) == (None, 1.5, 0)
    assert settings(minutes=1.5, epochs=2) == (2, 1.5, 0)
    assert settings(overrides={"epochs": 5, "seed": 9}) == (5, None, 9)
    with pytest.raises(UsageError, match="Minutes"):
        settings(minutes=0.0)


def test_a_run_inside_a_project_writes_its_entry(tmp_path: Path, request_for: Requests) -> None:
    project = Project.create(tmp_path / "a.musicgen")
    train(request_for(project.new_run_folder(), epochs=1), silent, TrainControl())
    assert "[Run 1](run:1)" in read_notebook(project.folder)
    assert len(list((project.folder / "notebook").iterdir())) == 1
