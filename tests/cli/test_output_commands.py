"""Outputs of runs, and how words sound, from the command line."""

import json
from pathlib import Path

import numpy as np
import pytest

from musicgen_app.cli.main import main
from musicgen_app.midi.reader import read_midi
from musicgen_app.tokens.note_file import write_list
from tests.workflow.seed_runs import add_seed_run, word_project


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    project = word_project(tmp_path / "words.musicgen")
    add_seed_run(project)
    return project.folder


def run(*words: object) -> int:
    return main([str(word) for word in words])


def answer(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


def test_the_output_of_a_run_is_made_and_listed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("runs", "output", 1, "--project", folder, "--notes", 30, "--random-pick", 3, "--seed", 5, "--json") == 0
    made = answer(capsys)
    assert (made["run"], made["sample"]) == (1, {"notes": 30, "seed": 5, "random_pick": 3})
    assert made["file"] == str(folder / "runs" / "0001" / "1_output.mid")
    run("runs", "list", "--project", folder, "--json")
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["random_pick"], row["score"], row["cells"]["random pick"]) == (3, made["score"], "3")


def test_a_child_is_made_listed_and_exported(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("runs", "again", 1, "--project", folder, "--notes", 20, "--title", "Bolder", "--temperature", 1.2)
    assert run(*asked) == 0
    assert "(run 2, which shares the model of run 1)" in capsys.readouterr().out
    run("runs", "list", "--project", folder)
    assert "Bolder" in capsys.readouterr().out
    assert run("runs", "export", "--project", folder, "--out", tmp_path / "tests.csv") == 0
    assert "model: run 1" in (tmp_path / "tests.csv").read_text()


def test_a_run_that_is_not_there_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("runs", "output", 7, "--project", folder) == 2
    assert "There is no run 7 in words.musicgen." in capsys.readouterr().err


def test_words_are_written_as_they_are_to_sound(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.mid"
    sounds = ("--step", 2, "--duration", 0.25, "--velocity", 30, "--octave", 3)
    assert run("generate", folder / "runs" / "0001", "--out", out, "--notes", 9, "--random-pick", 4, *sounds) == 0
    notes = read_midi(out).score.notes
    assert np.unique(notes["onset"]).tolist() == [960 * step for step in range(9)]
    assert set(notes["velocity"].tolist()) == {30}


def test_a_note_file_becomes_music(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_list(["C4", "7", "0.4.7"], tmp_path / "notes")
    out = tmp_path / "new" / "notes.mid"
    assert run("tokens", tmp_path / "notes", "--midi", out, "--octave", 5) == 0
    notes = read_midi(out).score.notes
    found = list(zip(notes["onset"].tolist(), notes["pitch"].tolist(), strict=True))
    assert found == [(0, 60), (240, 79), (480, 72), (480, 76), (480, 79)]
    assert run("tokens", tmp_path / "notes", "--midi", tmp_path / "a.wav") == 2
    assert "a.wav cannot be written" in capsys.readouterr().err
    assert run("tokens", tmp_path / "notes", "--step", 1) == 2
    assert "Add --midi" in capsys.readouterr().err
    assert run("tokens", tmp_path / "notes", "--midi", out, "--octave", 9) == 2
