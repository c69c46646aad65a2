"""Training states: three are kept, and the newest that verifies is loaded."""

from pathlib import Path

import numpy as np
import pytest

from musicgen_app.core.errors import FileWriteError
from musicgen_app.ml.checkpoint import Counters, StateFolder, TrainingState

_SHAPES = {"weights.a": (2, 3), "first.a": (2, 3)}


def _state(step: int, **counters: int) -> TrainingState:
    values = {name: np.full(shape, step, np.float32) for name, shape in _SHAPES.items()}
    return TrainingState(Counters(step=step, **counters), values)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    StateFolder(tmp_path / "state").sweep()
    return tmp_path / "state"


def _files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_an_empty_folder_has_no_state(folder: Path) -> None:
    assert StateFolder(folder).newest(_SHAPES) is None


def test_a_state_comes_back_with_every_counter_and_number(folder: Path) -> None:
    counters = Counters(7, 1, 2, 3.25, 9, 100, 1, 4.5, 4.25, 0, 60.125, 50.0, 900, 1.5)
    rng = np.random.default_rng(0)
    arrays = {name: rng.standard_normal(shape).astype(np.float32) for name, shape in _SHAPES.items()}
    StateFolder(folder).save(TrainingState(counters, arrays))
    back = StateFolder(folder).newest(_SHAPES)
    assert back is not None
    assert back.counters == counters
    for name, array in arrays.items():
        np.testing.assert_array_equal(back.arrays[name], array)


def test_three_states_are_kept_and_the_newest_is_loaded(folder: Path) -> None:
    states = StateFolder(folder)
    for step in range(1, 7):
        states.save(_state(step))
    assert [name[6:15] for name in _files(folder)] == ["000000004", "000000005", "000000006"]
    newest = states.newest(_SHAPES)
    assert newest is not None
    assert newest.counters.step == 6


def test_of_two_states_of_one_step_the_finished_epoch_counts(folder: Path) -> None:
    states = StateFolder(folder)
    states.save(_state(5, epoch=1, batch=0))
    states.save(_state(5, epoch=0, batch=5))
    newest = states.newest(_SHAPES)
    assert newest is not None
    assert newest.counters.epoch == 1


@pytest.mark.parametrize("damage", ["cut", "flip", "empty"])
def test_a_damaged_state_is_deleted_and_the_one_before_is_used(folder: Path, damage: str) -> None:
    states = StateFolder(folder)
    states.save(_state(1))
    path = states.save(_state(2))
    content = bytearray(path.read_bytes())
    if damage == "flip":
        content[-1] ^= 1
    path.write_bytes(bytes(content[: {"cut": -7, "flip": len(content), "empty": 0}[damage]]))
    newest = states.newest(_SHAPES)
    assert newest is not None
    assert newest.counters.step == 1
    assert not path.exists()


def test_a_state_of_another_network_is_passed_over(folder: Path) -> None:
    StateFolder(folder).save(_state(1))
    assert StateFolder(folder).newest({"weights.a": (2, 3)}) is None
    assert StateFolder(folder).newest({**_SHAPES, "first.a": (3, 2)}) is None


def _renamed(path: Path, content: bytes) -> None:
    import hashlib

    path.unlink()
    path.with_name(f"state-000000001-{hashlib.sha256(content).hexdigest()}.safetensors").write_bytes(content)


def test_a_file_with_the_right_hash_but_foreign_content_is_passed_over(folder: Path) -> None:
    states = StateFolder(folder)
    path = states.save(_state(1))
    whole = path.read_bytes()
    for content in (
        b"",
        b"{}",
        whole.replace(b'\\"version\\": 2', b'\\"version\\": 9'),
        whole.replace(b"best", b"rest"),
    ):
        assert content != whole
        _renamed(path if path.exists() else next(folder.iterdir()), content)
        assert states.newest(_SHAPES) is None


def test_what_a_killed_writer_left_is_swept(folder: Path) -> None:
    (folder / ".unfinished-abc.safetensors").write_bytes(b"half")
    (folder / "notes.txt").write_text("not ours")
    StateFolder(folder).sweep()
    assert _files(folder) == ["notes.txt"]


def test_a_full_disk_leaves_the_states_before_untouched(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    states = StateFolder(folder)
    states.save(_state(1))
    before = _files(folder)

    def full(path: Path, content: bytes) -> None:
        raise FileWriteError("No space left.")

    monkeypatch.setattr("musicgen_app.ml.checkpoint.write_atomically", full)
    with pytest.raises(FileWriteError):
        states.save(_state(2))
    assert _files(folder) == before
