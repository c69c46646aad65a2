"""Runs of the table become entries of the queue, on the data set they learned from where it is still there."""

import json
from pathlib import Path

import pytest

from musicgen_app.core.errors import UsageError
from musicgen_app.core.progress import CancelToken, silent
from musicgen_app.dataset.store import Dataset
from musicgen_app.ml.config import TrainConfig
from musicgen_app.ml.runfolder import RunFolder
from musicgen_app.ml.windowed_config import WindowedTrainConfig
from musicgen_app.project.document import Project
from musicgen_app.project.queue import DONE, QueueEntry
from musicgen_app.project.queue_file import QueueFile
from musicgen_app.project.runs import read_run, write_imported
from musicgen_app.workflow.queue_settings import new_entry, train_request
from musicgen_app.workflow.queue_time import Pace
from musicgen_app.workflow.repeat import named_settings, repeat_runs, repeated
from musicgen_app.workflow.sweep import Axis
from musicgen_app.workflow.train import config_of
from tests.ml.synthetic import tiny_config, write_synthetic
from tests.project.experiments import row


@pytest.fixture
def project(tmp_path: Path, small_dataset: Dataset) -> Project:
    made = Project.create(tmp_path / "a.musicgen")
    made.dataset_folder = small_dataset.folder
    return made


def trained(project: Project, config: TrainConfig, dataset: Dataset) -> Path:
    """A run as its training left it."""
    folder = project.new_run_folder()
    told = {"path": str(dataset.folder), "fingerprint": dataset.fingerprint}
    RunFolder(folder).describe(
        {"title": folder.name, "status": "finished", "config": config.to_json(), "dataset": told}
    )
    return folder


def test_a_run_is_repeated_with_all_its_settings(project: Project, small_dataset: Dataset) -> None:
    config = tiny_config(dropout=0.15, epochs=3, seed=8, transpose=False, patience=2)
    folder = trained(project, config, small_dataset)
    entry, remarks = repeated(project, read_run(folder))
    assert remarks == ()
    assert (entry.title, entry.sample["notes"]) == ("Run 1 again", 200)
    assert config_of(train_request(project, entry, folder)) == config
    assert "batch" in entry.overrides
    assert "recent" not in entry.overrides, "what is as usual is not named"


def test_another_data_set_is_told_and_the_old_one_found_again(
    project: Project, small_dataset: Dataset, tmp_path: Path
) -> None:
    other = write_synthetic(tmp_path / "other", notes=90)
    folder = trained(project, tiny_config(), other)
    entry, remarks = repeated(project, read_run(folder))
    assert (project.folder / entry.dataset).resolve() == other.folder.resolve()
    assert remarks == ()
    (other.folder / "dataset.json").unlink()
    entry, remarks = repeated(project, read_run(folder))
    assert (project.folder / entry.dataset).resolve() == small_dataset.folder.resolve()
    assert remarks == ("It learned from another data set, and is repeated on the project's.",)


def test_what_does_not_fit_is_refused_and_the_others_are_added(project: Project, small_dataset: Dataset) -> None:
    good = trained(project, tiny_config(), small_dataset)
    imported = project.new_run_folder()
    write_imported(imported, row(test_id="74", comments="complex model 2", pick="1"), "2026-01-02T03:04:05+00:00")
    lost = trained(project, tiny_config(), small_dataset)
    described = json.loads((lost / "run.json").read_text())
    (lost / "run.json").write_text(json.dumps({**described, "start": {"title": "Piano"}}))
    result = repeat_runs(project.folder, (good, imported, lost), silent, CancelToken())
    assert len(result.entries) == 1 == len(QueueFile(project.folder).read().entries)
    assert result.refused[0].startswith("Test 74: The networks of the seeds read the tokens of the seed codec")
    assert result.refused[1].startswith("Run 3: The model that Run 3 started from is gone.")
    with pytest.raises(UsageError, match="is gone"):
        repeated(project, read_run(lost))


def test_a_config_is_named_as_an_entry_takes_it(project: Project) -> None:
    config = tiny_config(epochs=4, seed=2)
    entry = new_entry(project, named_settings(config))
    assert config_of(train_request(project, entry, Path())) == config
    seeds = named_settings(WindowedTrainConfig.from_preset("seed-base"))
    assert {"layers", "recurrent_dropout", "optimizer", "preset"} <= seeds.keys()


def test_time_is_told_by_the_queue_else_by_earlier_runs() -> None:
    pace = Pace(notes=1000, speeds={"medium": 500.0})
    assert pace.seconds(QueueEntry(preset="medium", epochs=10)) == 30.0
    assert pace.seconds(QueueEntry(preset="medium", epochs=1000, minutes=1.0)) == 70.0
    assert pace.seconds(QueueEntry(preset="seed-base", epochs=10)) is None
    assert pace.seconds(QueueEntry(preset="small", epochs=10)) is not None, "there is a usual speed"
    done = QueueEntry(id=1, preset="medium", epochs=10, state=DONE, seconds=50.0)
    assert Pace(1000, {"medium": 500.0}, (done,)).seconds(QueueEntry(preset="medium", epochs=4)) == 20.0
    axes = (Axis("preset", ("medium",)), Axis("epochs", (10, 20)), Axis("dropout", (0.1, 0.2, 0.3)))
    assert pace.sweep_seconds(axes) == 3 * (30.0 + 50.0)
    assert pace.sweep_seconds((Axis("preset", ("seed-base",)), Axis("epochs", (1,)))) is None
