"""``musicgen runs`` as a person types it."""

import csv
import json
from dataclasses import asdict
from pathlib import Path

from musicgen_app.core.score import Score
from musicgen_app.midi.writer import write_midi
from musicgen_app.project.document import Project
from musicgen_app.project.timeline import Timeline, TimelineTake, take_file, write_timeline
from musicgen_app.tokens.note_file import write_json
from tests.cli.test_commands import musicgen, result_of
from tests.project.experiments import write_experiments


def test_experiments_go_in_are_listed_and_come_out(tmp_path: Path) -> None:
    folder, project = write_experiments(tmp_path / "experiments"), tmp_path / "a.musicgen"
    found = result_of("runs", "import", folder, "--project", project)
    assert set(found) == {"rows", "logs", "outputs", "warnings"}
    assert (found["rows"], found["logs"], found["outputs"]) == (4, 2, 2)
    listed = result_of("runs", "list", "--project", project)
    assert [run["architecture"] for run in listed] == ["base", "complex2", "complex2", "bidi"]
    assert listed[0]["lr_time_decay"] == 0.05
    assert listed[2]["parent"] == "2"
    assert listed[3]["cells"]["loss"] == "-"
    assert listed[3]["loss"] is None
    out = tmp_path / "new" / "tests.csv"
    assert result_of("runs", "export", "--project", project, "--out", out) == {"file": str(out), "rows": 4}
    with out.open(newline="") as new, (folder / "tests.csv").open(newline="") as old:
        assert [row[:14] for row in csv.reader(new)] == list(csv.reader(old))

    again = musicgen("runs", "import", folder, "--project", project)
    assert again.returncode == 0
    assert "Imported 0 rows, 0 logs and 0 outputs." in again.stdout
    assert "All of them were imported before and not added again." in again.stdout
    shown = musicgen("runs", "list", "--project", project).stdout.splitlines()
    assert shown[0].split()[:4] == ["run", "title", "state", "network"]
    assert len(shown) == 5
    assert "complex2" in shown[2]


def test_a_project_without_runs_and_what_is_no_project_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.musicgen").mkdir()
    (tmp_path / "a.musicgen" / "project.json").write_text(json.dumps({"format": "musicgen project", "version": 1}))
    assert musicgen("runs", "list", "--project", tmp_path / "a.musicgen").stdout == "There are no runs yet.\n"
    for code, *arguments in (
        (2, "list", "--project", tmp_path / "none"),
        (2, "export", "--project", tmp_path / "none", "--out", tmp_path / "t.csv"),
        (1, "import", tmp_path, "--project", tmp_path / "b.musicgen"),
    ):
        done = musicgen("runs", *arguments)
        assert (done.returncode, done.stdout) == (code, "")
        assert "musicgen: " in done.stderr
    assert not (tmp_path / "b.musicgen").exists()


def test_an_import_judges_at_once_where_the_list_is_there(tmp_path: Path) -> None:
    folder = write_experiments(tmp_path / "experiments")
    write_json(["C4", "C#4", "D4", "E-4"] * 8, folder / "notes.json")
    later = musicgen("runs", "import", folder, "--project", tmp_path / "a.musicgen", "--no-judge")
    assert "were held against" not in later.stdout
    at_once = musicgen("runs", "import", folder, "--project", tmp_path / "b.musicgen")
    assert "2 outputs were held against notes.json: " in at_once.stdout
    listed = result_of("runs", "list", "--project", tmp_path / "b.musicgen")
    assert [run["longest_copy"] for run in listed].count(8) == 2
    found = result_of("runs", "judge", "--project", tmp_path / "a.musicgen")
    assert (found["against"], len(found["runs"])) == ("notes.json", 2)


def test_outputs_are_judged(tmp_path: Path) -> None:
    folder, project = write_experiments(tmp_path / "experiments"), tmp_path / "a.musicgen"
    result_of("runs", "import", folder, "--project", project)
    reference = tmp_path / "notes.json"
    write_json(["C4", "C#4", "D4", "E-4"] * 4, reference)
    found = result_of("runs", "judge", "--project", project, "--against", reference)
    assert [run["verdict"]["copied"]["longest"] for run in found["runs"]] == [8, 8]
    assert (found["against"], found["silent"]) == ("notes.json", 2)
    (project / "runs" / "0002" / "2_output.mid").write_bytes(b"torn")
    shown = musicgen("runs", "judge", "--project", project, "--against", reference)
    assert shown.returncode == 0
    heading, first, problem, summary = shown.stdout.splitlines()
    assert heading.split() == ["run", "title", "copy", "copied", "stuck", "score", "from"]
    assert first.split() == ["1", "Test", "1", "8", "100%", "1", "0.500", "place", "0", "of", "notes.json"]
    assert problem.startswith("  Test 2: 2_output.mid")
    assert summary.startswith("1 output was held against notes.json")
    assert musicgen("runs", "judge", "--project", project, "--against", tmp_path / "none").returncode == 2
    assert musicgen("runs", "judge", "--project", tmp_path / "none", "--against", reference).returncode == 2


def test_the_losses_of_runs_are_drawn_without_a_display(tmp_path: Path) -> None:
    folder, project = write_experiments(tmp_path / "experiments"), tmp_path / "a.musicgen"
    result_of("runs", "import", folder, "--project", project)
    out = tmp_path / "new" / "losses.png"
    asked = ("runs", "plot", "--project", project, "--out", out, "--log", "--smooth", "3")
    found = result_of(*asked)
    assert found == {"file": str(out), "runs": [1, 2]}
    assert out.read_bytes().startswith(b"\x89PNG")
    done = musicgen("runs", "plot", "--project", project, "--runs", "1-2,1", "--out", tmp_path / "a.csv")
    assert done.stdout == f"{tmp_path / 'a.csv'}: 2 runs\n"
    with (tmp_path / "a.csv").open(newline="") as table:
        assert {row["run"] for row in csv.DictReader(table)} == {"1", "2"}
    for runs, name, code, words in (
        ("99", "a.svg", 2, "no run 99"),
        ("4", "a.svg", 2, "None of these runs has a loss yet"),
        ("one", "a.svg", 2, "is no run's number"),
        ("1", "a.gif", 2, "is no PNG, SVG or CSV"),
    ):
        done = musicgen("runs", "plot", "--project", project, "--runs", runs, "--out", tmp_path / name)
        assert (done.returncode, done.stdout) == (code, "")
        assert words in done.stderr
        assert not (tmp_path / name).exists()


def test_the_notebook_is_added_to_read_and_exported(tmp_path: Path) -> None:
    project = tmp_path / "a.musicgen"
    project.mkdir()
    (project / "project.json").write_text(json.dumps({"format": "musicgen project", "version": 1}))
    assert musicgen("notebook", "--project", project).stdout == "Nothing is written yet.\n"
    found = result_of("notebook", "--project", project, "--add", "Plan\nMore music.", "--out", tmp_path / "a.html")
    assert found["entries"][0]["heading"].endswith("Plan")
    assert found["entries"][0]["text"] == "More music."
    assert "More music." in (tmp_path / "a.html").read_text()
    assert musicgen("notebook", "--project", project, "--out", tmp_path / "a.doc").returncode == 2


def test_takes_of_a_run_are_listed(tmp_path: Path) -> None:
    project = Project.create(tmp_path / "a.musicgen")
    run = project.new_run_folder()
    assert musicgen("runs", "takes", "1", "--project", project.folder).stdout == "Run 1 has no takes.\n"
    (run / "timeline").mkdir()
    take = TimelineTake(2, 0, 2.0, 34, 61.5, 4.25, None, 7, 93, 20.1, 0.4)
    write_midi(Score(), take_file(run, take))
    write_timeline(run, Timeline((take,), 0.1))
    found = result_of("runs", "takes", 1, "--project", project.folder)
    assert (found["run"], found["cost_sec"]) == (1, 0.5)
    assert found["takes"] == [{**asdict(take), "file": str(take_file(run, take))}]
    shown = musicgen("runs", "takes", "1", "--project", project.folder).stdout.splitlines()
    assert shown[0].split() == ["epochs", "seconds", "training", "notes", "length", "cost", "file"]
    assert shown[1].split()[-1] == "epoch-0002.mid"
    assert "There is no run 5" in musicgen("runs", "takes", "5", "--project", project.folder).stderr


def test_how_often_takes_are_made_is_checked_at_once(tmp_path: Path) -> None:
    done = musicgen("train", tmp_path / "none", "--out", tmp_path / "run", "--takes", "often")
    assert done.returncode == 2
    assert "off, auto, epoch, or a number of minutes" in done.stderr
