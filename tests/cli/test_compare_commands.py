"""``musicgen runs compare``, ``listen`` and ``tally`` as a person types them."""

from pathlib import Path

import pytest

from musicgen_app.project.notebook import read_notebook
from tests.cli.test_commands import musicgen, result_of
from tests.workflow.compared_runs import compared_project


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compared_project(tmp_path_factory.mktemp("made")).folder


def test_runs_are_laid_side_by_side(project: Path, tmp_path: Path) -> None:
    out = tmp_path / "takes"
    asked = ("runs", "compare", "1", "5", "6", "--project", project, "--takes", "1", "--notes", "20")
    found = result_of(*asked, "--out", out)
    assert set(found) == {"runs", "settings", "alike", "single", "likeness", "remarks"}
    assert [run["number"] for run in found["runs"]] == [1, 5, 6]
    assert found["runs"][1]["likelihood"]["unit"] == "note"
    rates = next(one["values"] for one in found["settings"] if one["name"] == "Learning rate")
    assert rates == {"1": "0.001", "5": "0.003", "6": "0.01"}
    assert sorted(path.name for path in out.iterdir()) == [f"run-{run}-take-1.mid" for run in (1, 5, 6)]
    shown = musicgen(*asked)
    assert shown.returncode == 0
    for words in ("Settings that differ", "Likelihood, held out", "Longest copied run", "Held-out pieces", "imported"):
        assert words in shown.stdout
    for runs, code in ((("5",), 2), (("5", "99"), 2)):
        done = musicgen("runs", "compare", *runs, "--project", project)
        assert (done.returncode, done.stdout) == (code, "")


def test_a_blind_test_goes_out_and_its_answers_are_counted(project: Path, tmp_path: Path) -> None:
    out = tmp_path / "blind"
    asked = ("runs", "listen", "5", "6", "--project", project, "--rounds", "2", "--seconds", "3", "--out", out)
    made = result_of(*asked, "--seed", "3")
    assert (made["rounds"], len(made["files"]), made["seconds"]) == (2, 4, 3)
    assert musicgen(*asked).returncode == 2
    assert "No round was decided" in musicgen("runs", "tally", out).stdout
    answers = tmp_path / "mine.csv"
    answers.write_text("1,A\n2,same\n")
    found = result_of("runs", "tally", out, "--answers", answers, "--project", project)
    assert found["runs"] == [5, 6]
    assert found["session"] == found["total"]
    assert (found["session"]["decided"], found["session"]["ties"]) == (1, 1)
    assert found["text"] in read_notebook(project)
    answers.write_text("1,maybe\n")
    assert musicgen("runs", "tally", out, "--answers", answers).returncode == 2
