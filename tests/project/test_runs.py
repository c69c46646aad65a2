"""Runs are read from their folders whatever state they are in."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from musicgen_app.core.errors import ProjectError
from musicgen_app.ml.runfolder import RunFolder
from musicgen_app.project import runs

HEADER = "epoch,train,validation,time,pitch,duration,velocity,pedal,seconds\n"


def make_run(folder: Path, rows: str = "", **contents: object) -> Path:
    folder.mkdir(parents=True)
    (folder / "run.json").write_text(json.dumps(contents))
    (folder / "losses.csv").write_text(HEADER + rows)
    return folder


def test_run_folders_count_on_and_never_reuse_a_deleted_number(tmp_path: Path) -> None:
    first, second = runs.new_run_folder(tmp_path / "runs"), runs.new_run_folder(tmp_path / "runs")
    assert (first.name, second.name) == ("0001", "0002")
    runs.delete_run(second)
    assert runs.new_run_folder(tmp_path / "runs").name == "0003"


def test_a_run_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ProjectError, match="could not be made"):
        runs.new_run_folder(tmp_path / "file" / "runs")


def test_losses_are_read_by_epoch(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "0001", "1,5.5,5.25,1,2,1,1,,10.5\n2,5.0,5.125,1,2,1,1,,9.5\n3,4.5,5.5,1,2,1,1,,9\n")
    losses = runs.read_losses(folder / "losses.csv")
    assert losses.epochs.tolist() == [1, 2, 3]
    assert losses.train.tolist() == [5.5, 5.0, 4.5]
    assert losses.validation.tolist() == [5.25, 5.125, 5.5]
    assert losses.seconds.tolist() == [10.5, 9.5, 9]
    assert losses.best_epoch == 2
    assert losses.at(3) == (4.5, 5.5)


def test_a_row_that_is_still_being_written_is_left_out(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "0001", "1,5.5,5.25,,,,,,1\n2,5.0,5.1")
    assert runs.read_losses(folder / "losses.csv").epochs.tolist() == [1]


def test_damaged_rows_and_values_are_left_out(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "0001", "x,1,1,,,,,,1\n\n1,oops,inf,,,,,,1\n2,5.0,,,,,,,1\n")
    losses = runs.read_losses(folder / "losses.csv")
    assert losses.epochs.tolist() == [1, 2]
    assert np.isnan(losses.validation).all()
    assert losses.best_epoch == 2
    assert math.isnan(losses.at(7)[0])


def test_epochs_done_again_after_a_resume_replace_those_before(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "0001", "1,5,5,,,,,,1\n2,4,4,,,,,,1\n3,3,3,,,,,,1\n2,4.5,4.5,,,,,,1\n")
    losses = runs.read_losses(folder / "losses.csv")
    assert losses.epochs.tolist() == [1, 2]
    assert losses.train.tolist() == [5, 4.5]


def test_a_run_tells_which_model_it_started_from_and_where_its_copy_is(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "0001", "")
    (folder / "start.safetensors").write_bytes(b"weights")
    assert runs.read_run(folder).start_model is None
    (folder / "run.json").write_text(json.dumps({"start": {"title": "Piano", "attribution": ["Ada"]}}))
    run = runs.read_run(folder)
    assert run.start == {"title": "Piano"}
    assert run.start_model == folder / "start.safetensors"
    (folder / "start.safetensors").unlink()
    assert runs.read_run(folder).start_model is None


def test_no_losses_yet_is_no_best_epoch(tmp_path: Path) -> None:
    losses = runs.read_losses(tmp_path / "none.csv")
    assert losses.best_epoch is None
    assert math.isnan(runs.RunRecord(1, tmp_path, "Run 1").best)


def test_without_validation_the_training_loss_decides(tmp_path: Path) -> None:
    record = runs.read_run(make_run(tmp_path / "0001", "1,5,,,,,,,1\n2,4,,,,,,,1\n"))
    assert record.losses.best_epoch == 2
    assert record.best == 4
    assert record.epochs == 2


def test_a_killed_run_counts_as_stopped_and_can_be_resumed(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "0001", status="running")
    assert runs.read_run(folder).status == "stopped"
    assert not runs.read_run(folder).can_resume
    (folder / "state").mkdir()
    (folder / "state" / "1.safetensors").write_bytes(b"x")
    assert runs.read_run(folder).can_resume
    assert runs.read_run(folder, running=True).status == "running"
    assert not runs.read_run(folder, running=True).can_resume
    assert not runs.read_run(folder).can_go_further


def test_a_run_that_a_process_trains_counts_as_running(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "0001", status="running")
    with RunFolder(folder).locked():
        assert runs.read_run(folder).status == "running"
    assert runs.read_run(folder).status == "stopped"
    finished = make_run(tmp_path / "0002", status="finished")
    with RunFolder(finished).locked():
        assert runs.read_run(finished).status == "done"


def test_a_run_that_came_to_its_end_can_be_given_more_epochs(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "0001", "1,5,4,,,,,,60\n", status="finished")
    assert not runs.read_run(folder).can_go_further
    (folder / "state").mkdir()
    (folder / "state" / "1.safetensors").write_bytes(b"x")
    assert runs.read_run(folder).can_go_further
    assert not runs.read_run(folder).can_resume


@pytest.mark.parametrize(
    ("contents", "status", "reason"),
    [
        ({"status": "finished", "summary": {"reason": "no better for 8 epochs"}}, "done", "no better for 8 epochs"),
        ({"summary": {"epochs": 3}}, "done", ""),
        ({"status": "failed", "error": "The loss is not a number."}, "failed", "The loss is not a number."),
        ({"status": "stopped"}, "stopped", ""),
        ({"status": "running"}, "stopped", ""),
        ({"status": "finished", "summary": 3, "error": [4], "parameters": "many"}, "done", ""),
    ],
)
def test_a_run_tells_how_it_ended(tmp_path: Path, contents: dict[str, object], status: str, reason: str) -> None:
    folder = make_run(tmp_path / "0001", config={"preset": "small"}, **contents)
    record = runs.read_run(folder)
    assert (record.status, record.reason, record.preset) == (status, reason, "small")


def test_a_run_is_called_as_its_maker_called_it(tmp_path: Path) -> None:
    assert runs.read_run(make_run(tmp_path / "0001", title="Waltzes", parameters=5)).title == "Waltzes"
    assert runs.read_run(make_run(tmp_path / "0002", title="0002")).title == "Run 2"


def test_a_damaged_run_does_not_hide_the_others(tmp_path: Path) -> None:
    make_run(tmp_path / "runs" / "0002", status="finished")
    (tmp_path / "runs" / "0001").mkdir()
    (tmp_path / "runs" / "0001" / "run.json").write_text("{")
    (tmp_path / "runs" / "0001" / "label.json").write_text('{"title": 3}')
    (tmp_path / "runs" / "notes.txt").write_text("")
    found = runs.list_runs(tmp_path / "runs")
    assert [(record.id, record.title, record.status) for record in found] == [
        (1, "Run 1", "stopped"),
        (2, "Run 2", "done"),
    ]


@pytest.mark.parametrize("kept", [None, 3, {"uniform": None, "unigram": float("inf"), "4gram": "x"}])
def test_what_a_run_was_compared_with_is_read_as_far_as_it_is_numbers(tmp_path: Path, kept: object) -> None:
    folder = tmp_path / "0001"
    folder.mkdir()
    (folder / "run.json").write_text(json.dumps({"baselines": kept}))
    assert dict(runs.read_run(folder).baselines) == {}
    (folder / "run.json").write_text(json.dumps({"baselines": {"uniform": 19, "unigram": None, "4gram": 6.8}}))
    assert dict(runs.read_run(folder).baselines) == {"uniform": 19.0, "4gram": 6.8}


def test_the_run_that_goes_on_is_told_apart(tmp_path: Path) -> None:
    one, two = make_run(tmp_path / "0001"), make_run(tmp_path / "0002")
    assert [record.status for record in runs.list_runs(tmp_path, running=two)] == ["stopped", "running"]
    assert runs.list_runs(tmp_path)[0].folder == one


def test_a_run_keeps_the_title_and_notes_it_is_given(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "0001")
    runs.label_run(folder, "First try", "Too fast.")
    record = runs.read_run(folder)
    assert (record.title, record.notes) == ("First try", "Too fast.")


def test_a_deleted_run_can_be_brought_back_until_the_trash_is_emptied(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "runs" / "0001")
    trashed = runs.delete_run(folder)
    assert runs.list_runs(tmp_path / "runs") == ()
    assert runs.restore_run(trashed) == folder
    trashed = runs.delete_run(folder)
    runs.empty_trash(tmp_path / "runs")
    with pytest.raises(ProjectError, match="could not be brought back"):
        runs.restore_run(trashed)


def test_deleting_what_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="could not be deleted"):
        runs.delete_run(tmp_path / "0009")
