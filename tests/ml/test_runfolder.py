"""The folder of a run: the table of losses is mended, and one process at a time writes."""

import subprocess
import sys
from pathlib import Path

import pytest

from musicgen_app.core.errors import FileWriteError, TrainingError
from musicgen_app.ml.runfolder import RunFolder

_HEADER = ("epoch", "train", "validation", "time", "seconds")


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return RunFolder(tmp_path)


def _lines(run: RunFolder) -> list[str]:
    return (run.folder / "losses.csv").read_text().splitlines()


def test_a_new_table_has_only_its_header(run: RunFolder) -> None:
    run.cut_losses(_HEADER, 0)
    assert _lines(run) == ["epoch,train,validation,time,seconds"]


def test_rows_beyond_the_state_and_torn_rows_are_cut(run: RunFolder) -> None:
    run.cut_losses(_HEADER, 0)
    for epoch in (1, 2, 3):
        run.append_losses([epoch, 1.5, None, 0.25, 2.0])
    with (run.folder / "losses.csv").open("a") as file:
        file.write("4,1.")
    run.cut_losses(_HEADER, 2)
    assert _lines(run)[1:] == ["1,1.5,,0.25,2.0", "2,1.5,,0.25,2.0"]
    run.cut_losses(_HEADER, 9)
    assert len(_lines(run)) == 3


def test_an_epoch_stands_only_once(run: RunFolder) -> None:
    run.cut_losses(_HEADER, 0)
    for epoch in (1, 2, 2, 7, 3):
        run.append_losses([epoch, 1.0, 1.0, 1.0, 1.0])
    run.cut_losses(_HEADER, 9)
    assert [line.split(",")[0] for line in _lines(run)] == ["epoch", "1", "2", "3"]


def test_a_full_disk_is_told_in_a_sentence(run: RunFolder) -> None:
    (run.folder / "losses.csv").mkdir()
    with pytest.raises(FileWriteError, match="losses"):
        run.append_losses([1])


def test_a_description_comes_back(run: RunFolder) -> None:
    assert not run.begun
    run.describe({"status": "running"})
    assert run.begun
    assert run.description()["status"] == "running"


@pytest.mark.parametrize("content", ["", "[]", '{"version": 99}'])
def test_a_description_that_is_damaged_is_told_in_a_sentence(run: RunFolder, content: str) -> None:
    (run.folder / "run.json").write_text(content)
    with pytest.raises(TrainingError, match=run.folder.name):
        run.description()


def test_a_second_trainer_is_turned_away_and_a_killed_one_leaves_no_lock(run: RunFolder) -> None:
    script = (
        "import sys, pathlib; from musicgen_app.ml.runfolder import RunFolder\n"
        "with RunFolder(pathlib.Path(sys.argv[1])).locked(): print('locked', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(run.folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"locked\n"
        with pytest.raises(TrainingError, match="another process"), run.locked():
            pytest.fail("The lock was given away twice.")
        other.kill()
    with run.locked():
        assert run.folder.is_dir()


def test_a_folder_that_cannot_be_made_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(TrainingError, match="cannot be written"), RunFolder(tmp_path / "file" / "run").locked():
        pytest.fail("There is no such folder.")
