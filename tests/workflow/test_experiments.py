"""A table of experiments with its logs and outputs becomes runs of a project, and a table again."""

import csv
from pathlib import Path

import pytest

from musicgen_app.core.errors import Cancelled, ProjectError, UsageError
from musicgen_app.core.progress import CancelToken, silent
from musicgen_app.project.document import Project
from musicgen_app.project.runs import label_run
from musicgen_app.project.seed_row import SEED_COLUMNS
from musicgen_app.workflow import experiment_files
from musicgen_app.workflow.experiments import (
    ImportReport,
    ImportRequest,
    ListRequest,
    export_experiments,
    import_experiments,
    list_runs,
    run_list,
)
from tests.project.experiments import HEADER, write_experiments


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_experiments(tmp_path / "experiments")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "a.musicgen"


def take_in(folder: Path, project: Path) -> ImportReport:
    return import_experiments(ImportRequest(folder, project), silent, CancelToken())


def cells_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [row[: len(SEED_COLUMNS)] for row in csv.reader(file)]


def test_each_row_becomes_a_run_with_its_log_and_output(folder: Path, place: Path) -> None:
    found = take_in(folder, place)
    assert (found.rows, found.logs, found.outputs) == (4, 2, 2)
    assert found.summary() == "Imported 4 rows, 2 logs and 2 outputs."
    first, second, third, fourth = Project.open(place).runs()
    assert (first.title, first.status, first.preset) == ("Test 1", "imported", "base")
    assert first.losses.train.tolist() == [3.5, 2.5]
    assert second.losses.best_epoch == 2
    assert second.output is not None
    assert second.output.read_bytes() == (folder / "outputs" / "2_output.mid").read_bytes()
    assert third.row is not None
    assert (third.row.parent, third.output, third.epochs) == ("2", None, 0)
    assert fourth.preset == "bidi"
    assert (place / "runs.csv").read_text(encoding="utf-8").count("\n") == 5


def test_what_is_missing_is_told_once(folder: Path, place: Path) -> None:
    assert take_in(folder, place).warnings == (
        "Without a log, since another row's model was used again: 3 (of 2).",
        "No log was found for 1 row: 4.",
        "No output was found for 2 rows: 3, 4.",
    )


def test_a_second_import_adds_nothing_twice_and_what_was_missing(folder: Path, place: Path) -> None:
    take_in(folder, place)
    (folder / "logs" / "4.csv").write_text("epoch,loss\n1,3.0\n")
    found = take_in(folder, place)
    assert (found.rows, found.logs, found.outputs) == (0, 1, 0)
    assert found.warnings[-1] == "All of them were imported before and not added again."
    assert len(Project.open(place).runs()) == 4
    with (folder / "tests.csv").open("a") as file:
        file.write("5,0.001,64,1,30,0,adam,0.3,3,-,-,-,,\n5,0.001,64,1,30,0,adam,0.3,3,-,-,-,,\n")
    found = take_in(folder, place)
    assert found.rows == 2
    assert "tests.csv has 2 rows called 5; each became a run of its own." in found.warnings
    assert take_in(folder, place).rows == 0


def test_contradictions_between_a_log_and_its_row_are_told(folder: Path, place: Path) -> None:
    (folder / "logs" / "1.csv").write_text("epoch,loss\n1,3.5\n2,0.93599\n3,1.5\n")
    warnings = take_in(folder, place).warnings
    assert "1.csv contradicts row 1: its lowest loss is 0.936, the row says 2.5." in warnings
    assert "1.csv has 3 epochs, row 1 says 2." in warnings


def test_bad_files_are_told_by_name_and_the_rest_is_imported(folder: Path, place: Path) -> None:
    (folder / "logs" / "1.csv").write_text("epoch,loss\n1,3.5\n2,abc\n,\n2,2.5\n")
    (folder / "logs" / "2.csv").write_text("a,b\n1,2\n")
    (folder / "logs" / "4.csv").write_text("epoch,loss\n")
    (folder / "logs" / "9.csv").write_text("epoch,loss\n1,1\n")
    (folder / "outputs" / "1_output.mid").write_bytes(b"not music")
    (folder / "outputs" / "8_output.mid").write_bytes(b"no row")
    (folder / "tests.csv").write_text(
        (folder / "tests.csv").read_text().replace("0.002,64,3,20,0,adam,0.5,3", "0.002,64,many,20,0,adam,half,3")
        + ",,,,,,,,,,,,no name,\n"
    )
    found = take_in(folder, place)
    assert (found.rows, found.logs, found.outputs) == (5, 1, 2)
    told = "\n".join(found.warnings)
    for words in (
        "1.csv, row 3, loss: “abc” is no number.",
        "1.csv, row 4, epoch: “” is no number.",
        "2.csv is not a log.",
        "4.csv holds no losses.",
        "1_output.mid cannot be opened as music",
        "tests.csv, row 4, epochs: “many” is no whole number.",
        "tests.csv, row 4, dropout: “half” is no number.",
        "tests.csv, row 6: it has no test_id.",
        "1 log without a row: 9.csv.",
        "1 output without a row: 8_output.mid.",
    ):
        assert words in told
    rows = run_list(place, silent, CancelToken())
    assert rows[2].cells[3] == "many"
    assert rows[2].epochs is None


def test_many_bad_rows_of_a_log_are_summed_up(folder: Path, place: Path) -> None:
    (folder / "logs" / "1.csv").write_text("epoch,loss\n1,2.5\n2,2.5\n" + "x,y\n" * 30)
    assert "1.csv: 25 more rows cannot be read." in take_in(folder, place).warnings


def test_files_that_are_far_too_large_are_left_out(folder: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("musicgen_app.workflow.experiments.LARGEST_OUTPUT_BYTES", 10)
    monkeypatch.setattr(experiment_files, "LARGEST_LOG_BYTES", 30)
    found = take_in(folder, place)
    assert (found.rows, found.logs, found.outputs) == (4, 1, 0)
    assert any(warning.startswith("2.csv is larger than") for warning in found.warnings)


def test_files_are_found_wherever_they_lie(folder: Path, place: Path, tmp_path: Path) -> None:
    deep = tmp_path / "clone" / "some" / "where"
    deep.parent.mkdir(parents=True)
    folder.rename(deep)
    (tmp_path / "clone" / "other").mkdir()
    (deep / "logs").rename(tmp_path / "clone" / "other" / "logs")
    (tmp_path / "clone" / "1.csv").write_text("epoch,loss\n1,9\n")
    (tmp_path / "clone" / ".git").mkdir()
    (tmp_path / "clone" / ".git" / "tests.csv").write_text(HEADER)
    (tmp_path / "clone" / "some" / "where" / "old").mkdir()
    (tmp_path / "clone" / "some" / "where" / "old" / "tests.csv").write_text(HEADER)
    found = take_in(tmp_path / "clone", place)
    assert (found.rows, found.logs, found.outputs) == (4, 2, 2)
    assert "1.csv was left out; other/logs/1.csv was taken." in found.warnings
    assert "some/where/old/tests.csv is another table; some/where/tests.csv was taken." in found.warnings


def test_a_table_of_another_name_is_known_by_its_headings(folder: Path, place: Path) -> None:
    (folder / "tests.csv").rename(folder / "evening.csv")
    assert take_in(folder, place).rows == 4


def test_folders_without_a_table_and_projects_that_are_none_are_told(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not a folder"):
        take_in(tmp_path / "nowhere", tmp_path / "a.musicgen")
    with pytest.raises(ProjectError, match="holds no table"):
        take_in(folder / "logs", tmp_path / "a.musicgen")
    assert not (tmp_path / "a.musicgen").exists()
    with pytest.raises(ProjectError, match="not a project"):
        take_in(folder, folder)
    with pytest.raises(UsageError):
        export_experiments(ListRequest(Project.create(tmp_path / "b").folder), silent, CancelToken())
    with pytest.raises(ProjectError):
        list_runs(ListRequest(tmp_path / "c"), silent, CancelToken())


def test_a_stopped_import_keeps_what_it_has_and_goes_on_later(folder: Path, place: Path) -> None:
    cancel = CancelToken()

    def stop_at_the_third(report: object) -> None:
        if getattr(report, "stage", "") == "Importing experiments" and getattr(report, "done", 0) == 2:
            cancel.cancel()

    with pytest.raises(Cancelled):
        import_experiments(ImportRequest(folder, place), stop_at_the_third, cancel)
    assert len(Project.open(place).runs()) == 3
    assert take_in(folder, place).rows == 1
    assert [run.title for run in Project.open(place).runs()] == ["Test 1", "Test 2", "Test 3", "Test 4"]


def test_a_table_we_wrote_is_taken_in_with_titles_and_notes(folder: Path, place: Path, tmp_path: Path) -> None:
    take_in(folder, place)
    label_run(place / "runs" / "0002", "The best", "Listen\nagain.")
    (tmp_path / "again").mkdir()
    out = tmp_path / "again" / "tests.csv"
    assert export_experiments(ListRequest(place, out), silent, CancelToken()) == 4
    take_in(tmp_path / "again", tmp_path / "b.musicgen")
    second = Project.open(tmp_path / "b.musicgen").runs()[1]
    assert (second.title, second.notes) == ("The best", "Listen\nagain.")
    export_experiments(ListRequest(tmp_path / "b.musicgen", tmp_path / "c.csv"), silent, CancelToken())
    assert cells_of(tmp_path / "c.csv") == cells_of(out)


def test_the_experiments_of_the_seeds_come_back_cell_by_cell(shared: Path, place: Path, tmp_path: Path) -> None:
    seeds = shared / "seed" / "music_gen"
    found = take_in(seeds, place)
    assert (found.rows, found.logs, found.outputs) == (79, 68, 79)
    assert "28.csv contradicts row 28: its lowest loss is 0.936, the row says 0.05164." in found.warnings
    assert len(found.warnings) == 3
    export_experiments(ListRequest(place, tmp_path / "tests.csv"), silent, CancelToken())
    assert cells_of(tmp_path / "tests.csv") == cells_of(seeds / "tests.csv")
    rows = run_list(place, silent, CancelToken())
    parents = {row.test_id: row.parent for row in rows if row.parent}
    assert parents == {
        **dict.fromkeys(("39", "40"), "38"),
        **dict.fromkeys(("42", "43", "44"), "41"),
        **dict.fromkeys(("46", "47", "48"), "45"),
        **dict.fromkeys(("50", "51", "52"), "49"),
    }
