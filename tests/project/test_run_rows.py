"""Runs as rows of a table, and the index that spares opening each of them."""

import csv
import io
import json
from pathlib import Path

import pytest

from musicgen_app.core.errors import Cancelled, ProjectError
from musicgen_app.core.progress import CancelToken
from musicgen_app.core.score import Score, make_notes
from musicgen_app.midi.writer import write_midi
from musicgen_app.ml.runfolder import RunFolder
from musicgen_app.project import run_index, runs
from musicgen_app.project.run_index import read_index, refresh_index
from musicgen_app.project.run_rows import OWN_COLUMNS, RunRow, experiment_table, run_rows, score_of
from musicgen_app.project.runs import label_run, read_run, write_imported
from musicgen_app.project.seed_row import SEED_COLUMNS
from tests.project.experiments import row
from tests.project.test_runs import make_run

CONFIG = {"preset": "small", "batch": 16, "learning_rate": 0.001, "window": 96, "dropout": 0.3, "weight_decay": 0.01}


def imported(folder: Path, **cells: str) -> Path:
    folder.mkdir(parents=True)
    write_imported(folder, row(**cells), "2026-01-02T03:04:05+00:00")
    return folder


def rows_of(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def test_a_run_of_our_own_fills_the_columns_of_the_seeds(tmp_path: Path) -> None:
    folder = make_run(
        tmp_path / "0001", "1,5,4,,,,,,60\n", config={**CONFIG, "epochs": 40, "seed": 7}, status="failed", error="Full."
    )
    label_run(folder, "First", "a\nb")
    make_run(tmp_path / "0002")
    header, first, second = rows_of(experiment_table(run_rows(tmp_path)))
    assert tuple(header[:14]) == SEED_COLUMNS
    assert first[:14] == [
        "1", "0.001", "16", "40", "96", "-", "adamw", "0.3", "-", "5.0000", "-", "1.00", "a b", "Full.",
    ]  # fmt: skip
    ours = dict(zip(header[14:], first[14:], strict=True))
    assert (ours["title"], ours["seed"], ours["validation"]) == ("First", "7", "4.0000")
    assert ours["true weight decay"] == "0.01"
    assert second[9:12] == ["-", "-", "-"]


def test_an_imported_run_can_be_looked_at_and_not_generated_from(tmp_path: Path) -> None:
    folder = imported(tmp_path / "0001", test_id="7", epochs="3", weight_decay="0.05", comments="complex model 1")
    (folder / "losses.csv").write_text("epoch,train\n1,3.5\n2,2.5\n3,2.75\n")
    (folder / "model.safetensors").write_bytes(b"not from here")
    (folder / "7_output.mid").write_bytes(b"")
    run = read_run(folder)
    assert (run.title, run.status, run.preset) == ("Test 7", "imported", "complex1")
    assert (run.checkpoint, run.can_resume, run.can_go_further) == (None, False, False)
    assert (run.losses.best_epoch, run.best) == (2, 2.5)
    assert run.output == folder / "7_output.mid"
    assert dict(run.settings) == {"epochs": 3, "lr_time_decay": 0.05}
    (found,) = run_rows(tmp_path)
    assert (found.imported, found.lr_time_decay, found.weight_decay, found.output) == (True, 0.05, None, "7_output.mid")
    assert (found.epochs, found.epochs_done, found.loss) == (3, 3, None)


@pytest.mark.parametrize("kept", [3, {"cells": "x"}, {"cells": ["1"]}])
def test_a_damaged_row_counts_as_a_run_that_was_stopped(tmp_path: Path, kept: object) -> None:
    make_run(tmp_path / "0001", row=kept)
    assert run_rows(tmp_path)[0].status == "stopped"


def test_names_of_imported_tests_are_not_given_twice(tmp_path: Path) -> None:
    make_run(tmp_path / "0001", config=CONFIG)
    make_run(tmp_path / "0002", config=CONFIG)
    imported(tmp_path / "0003", test_id="1")
    assert [cells[0] for cells in rows_of(experiment_table(run_rows(tmp_path)))[1:]] == ["run 1", "2", "1"]


def test_further_columns_of_a_table_stand_behind_ours(tmp_path: Path) -> None:
    folder = imported(tmp_path / "0001", test_id="1")
    described = json.loads((folder / "run.json").read_text())
    described["row"]["extra"] = {"hall": "red", "title": "no"}
    (folder / "run.json").write_text(json.dumps(described))
    header, first = rows_of(experiment_table(run_rows(tmp_path)))
    assert header == [*SEED_COLUMNS, *OWN_COLUMNS, "hall"]
    assert first[-1] == "red"


def test_the_score_is_the_share_of_distinct_tokens(tmp_path: Path) -> None:
    notes = [(0, 10, 60, 64), (0, 10, 64, 64), (10, 10, 60, 64), (20, 10, 60, 64), (20, 10, 64, 64), (30, 5, 62, 64)]
    write_midi(Score(notes=make_notes(notes)), tmp_path / "a_output.mid")
    assert score_of(tmp_path / "a_output.mid") == 0.75
    write_midi(Score(), tmp_path / "empty.mid")
    assert score_of(tmp_path / "empty.mid") is None
    assert score_of(tmp_path / "none.mid") is None
    folder = make_run(tmp_path / "runs" / "0001", config=CONFIG)
    (tmp_path / "a_output.mid").rename(folder / "1_output.mid")
    assert run_rows(tmp_path / "runs")[0].cells[10] == "0.750"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    make_run(tmp_path / "runs" / "0001", "1,5,4,,,,,,60\n", config=CONFIG, status="finished")
    imported(tmp_path / "runs" / "0002", test_id="7", loss="0.5", comments="ä, “b”\n\r")
    return tmp_path


def test_the_index_says_what_the_folders_say(project: Path) -> None:
    index, changed = refresh_index(project)
    assert changed
    assert index.rows == run_rows(project / "runs")
    assert read_index(project) == index
    assert refresh_index(project) == (index, False)


def test_only_runs_that_have_changed_are_read_again(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refresh_index(project)
    read: list[str] = []

    def spy(folder: Path) -> runs.RunRecord:
        read.append(folder.name)
        return read_run(folder)

    monkeypatch.setattr(run_index, "read_run", spy)
    label_run(project / "runs" / "0002", "Seven", "")
    make_run(project / "runs" / "0003")
    index, changed = refresh_index(project)
    assert (read, changed) == (["0002", "0003"], True)
    assert [known.title for known in index.rows] == ["Run 1", "Seven", "Run 3"]
    runs.delete_run(project / "runs" / "0003")
    assert [known.id for known in refresh_index(project)[0].rows] == [1, 2]


def test_a_run_whose_training_was_killed_is_no_longer_listed_as_running(project: Path) -> None:
    folder = make_run(project / "runs" / "0003", config=CONFIG, status="running")
    with RunFolder(folder).locked():
        assert refresh_index(project)[0].rows[-1].status == "running"
        assert not refresh_index(project)[1]
    index, changed = refresh_index(project)
    assert (index.rows[-1].status, changed) == ("stopped", True)


@pytest.mark.parametrize(
    "content", ["", "x", "{}\n", '{"version": 9}\n', "HEAD[]x\n", 'HEAD[["s", [1]]]\n', "HEAD3\n", "HEAD[3]\n"]
)
def test_a_damaged_index_is_made_anew(project: Path, content: str) -> None:
    index, _ = refresh_index(project)
    path = project / "cache" / run_index.INDEX_FILE
    head = path.read_text().splitlines(keepends=True)[0]
    path.write_text(content.replace("HEAD", head))
    assert read_index(project).rows == ()
    assert refresh_index(project)[0] == index


def test_an_index_of_values_of_other_kinds_is_not_believed(project: Path) -> None:
    refresh_index(project)
    path = project / "cache" / run_index.INDEX_FILE
    path.write_text(path.read_text().replace('"adamw"', "5"))
    assert read_index(project).rows == ()


def test_without_a_place_for_the_index_runs_are_listed_all_the_same(project: Path) -> None:
    (project / "cache").write_text("no folder")
    assert len(refresh_index(project)[0].rows) == 2


def test_reading_runs_can_be_stopped(project: Path) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        refresh_index(project, cancel=cancel)


def test_a_row_has_a_kind_for_each_of_its_values() -> None:
    assert len(run_index._ROW_KINDS) == len(RunRow._fields)


def test_a_folder_that_takes_no_row_is_told(tmp_path: Path) -> None:
    (tmp_path / "run.json").mkdir()
    with pytest.raises(ProjectError):
        write_imported(tmp_path, row(test_id="1"), "")
