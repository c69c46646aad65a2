"""``musicgen recipe`` and ``musicgen prepare --rebuild`` as a person types them, in this process."""

import json
import shutil
from pathlib import Path

import pytest

from musicgen_app.cli.main import main
from musicgen_app.dataset.recipe import FileEdit, Recipe, read_recipe
from musicgen_app.project.document import Project
from tests.dataset.music import melody, write_midi_file


@pytest.fixture
def project(tmp_path: Path) -> Project:
    for number in range(5):
        write_midi_file(tmp_path / "music" / "bach" / f"{number}.mid", melody(number))
    project = Project.create(tmp_path / "P.musicgen")
    project.sources = (tmp_path / "music",)
    return project


def said(capsys: pytest.CaptureFixture[str], *arguments: object, code: int = 0) -> str:
    assert main([str(one) for one in arguments]) == code
    caught = capsys.readouterr()
    return caught.err if code == 2 else caught.out


def test_files_are_decided_about_by_name_folder_and_pattern(
    project: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    of = ("--project", project.folder)
    assert said(capsys, "recipe", "exclude", *of, "bach/1.mid") == "music/bach/1.mid: left out\n"
    assert said(capsys, "recipe", "set", *of, "--quantise", "yes", "bach") == "5 files of 5 changed.\n"
    values = ("--title", "Aria", "--key", "eb", "--tracks", "2,1", "--quantise", "no")
    said(capsys, "recipe", "set", *of, *values, tmp_path / "music" / "bach" / "2.mid")
    told = json.loads(said(capsys, "recipe", "sides", "test", *of, "music/*3.mid", "--json"))
    assert list(told["files"]) == ["music/bach/3.mid"]
    assert Project.open(project.folder).recipe == Recipe(
        {
            "music/bach/0.mid": FileEdit(quantise=True),
            "music/bach/1.mid": FileEdit(excluded=True, quantise=True),
            "music/bach/2.mid": FileEdit(title="Aria", key="E♭ major", tracks=(0, 1)),
            "music/bach/3.mid": FileEdit(quantise=True, side="test"),
            "music/bach/4.mid": FileEdit(quantise=True),
        }
    )
    shown = said(capsys, "recipe", "show", *of, "2.mid", "bach/3.mid", code=2)
    assert "No file is called 2.mid" in shown
    shown = said(capsys, "recipe", "show", *of, "bach/[23].mid")
    assert shown == (
        "music/bach/2.mid: title Aria; key E♭ major; tracks 1, 2\nmusic/bach/3.mid: quantised; side test\n"
    )
    said(capsys, "recipe", "include", *of, "*/1.mid")
    said(capsys, "recipe", "set", *of, "--tracks", "auto", "--title", "", "--key", "", "--quantise", "no", "*")
    said(capsys, "recipe", "sides", "chance", *of, "*")
    assert "Nothing was decided" in said(capsys, "recipe", "show", *of)


def test_a_recipe_of_its_own_serves_a_preparation_and_follows_its_folder(
    project: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    music, recipe = tmp_path / "music", tmp_path / "mine.json"
    said(capsys, "recipe", "exclude", "--recipe", recipe, "--in", music, "bach/4.mid")
    music.rename(tmp_path / "notes")
    moved = said(capsys, "recipe", "move", "music", "notes", "--recipe", recipe)
    assert moved == "1 file: music is called notes now.\n"
    assert read_recipe(recipe) == Recipe({"notes/bach/4.mid": FileEdit(excluded=True)})
    done = said(capsys, "prepare", tmp_path / "notes", "--recipe", recipe, "--out", tmp_path / "set")
    assert "4.mid: set aside: excluded by you" in done
    assert "Nothing was decided about" in said(capsys, "recipe", "move", "a", "b", "--recipe", recipe, code=2)
    assert "Nothing is to be set" in said(capsys, "recipe", "set", "--recipe", recipe, "x", code=2)
    assert "are no tracks" in said(capsys, "recipe", "set", "--recipe", recipe, "--tracks", "0", "x", code=2)


def test_a_data_set_is_made_again_and_compared(
    project: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    music, recipe = tmp_path / "music", tmp_path / "mine.json"
    said(capsys, "recipe", "sides", "test", "--recipe", recipe, "--in", music, "bach/4.mid")
    said(capsys, "recipe", "exclude", "--recipe", recipe, "--in", music, "bach/3.mid")
    settings = ("--validation", 0.3, "--grid", "seconds", "--pedal", "none", "--seed", 5)
    first = json.loads(
        said(capsys, "prepare", music, "--recipe", recipe, *settings, "--out", tmp_path / "one", "--json")
    )
    again = ("prepare", "--rebuild", tmp_path / "one", "--out", tmp_path / "two")
    write_midi_file(music / "bach" / "new.mid", melody(9))
    done = json.loads(said(capsys, *again, "--json"))
    assert (done["equal"], done["fingerprint"], done["recorded"]) == (True, *[first["fingerprint"]] * 2)
    assert sorted(done["files"].values()) == ["excluded", "same", "same", "same", "same"]
    assert (tmp_path / "one" / "dataset.json").read_bytes() == (tmp_path / "two" / "dataset.json").read_bytes()
    assert (tmp_path / "one" / "recipe.json").read_bytes() == (tmp_path / "two" / "recipe.json").read_bytes()

    shutil.move(music, tmp_path / "elsewhere")
    assert "The folder music is not where it was" in said(capsys, *again, code=2)
    moved = (*again, "--from", tmp_path / "elsewhere")
    assert "The data sets are equal" in said(capsys, *moved)
    write_midi_file(tmp_path / "elsewhere" / "bach" / "0.mid", melody(30))
    (tmp_path / "elsewhere" / "bach" / "1.mid").unlink()
    told = said(capsys, *moved, code=1)
    assert "music/bach/0.mid: changed\nmusic/bach/1.mid: missing\n1 file is gone.\n1 file has changed.\n" in told
    assert "The data sets differ" in told
    assert "Name no folders" in said(capsys, *moved, music.parent, code=2)
    assert "would replace" in said(capsys, *again[:3], "--out", tmp_path / "one", code=2)
