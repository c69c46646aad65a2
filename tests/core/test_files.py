import errno
import os
from pathlib import Path

import pytest

from musicgen_app.core import files
from musicgen_app.core.errors import FileWriteError
from musicgen_app.core.files import make_folder, replacing, sweep_unfinished, write_atomically


def strays(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob(".unfinished-*"))


def test_a_new_file_holds_what_was_written(tmp_path: Path) -> None:
    write_atomically(tmp_path / "song.mid", b"MThd")
    assert (tmp_path / "song.mid").read_bytes() == b"MThd"
    assert strays(tmp_path) == []


def test_an_old_file_is_replaced_and_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "song.mid"
    path.write_bytes(b"old and longer")
    path.chmod(0o640)
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_new_file_gets_the_usual_permissions(tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(b"")
    write_atomically(tmp_path / "ours", b"")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_symbolic_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "song.mid").write_bytes(b"old")
    (tmp_path / "link.mid").symlink_to(tmp_path / "real" / "song.mid")
    write_atomically(tmp_path / "link.mid", b"new")
    assert (tmp_path / "link.mid").is_symlink()
    assert (tmp_path / "real" / "song.mid").read_bytes() == b"new"


def test_a_missing_folder_is_named_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(FileWriteError) as caught:
        write_atomically(tmp_path / "nowhere" / "song.mid", b"x")
    assert caught.value.message == "song.mid could not be written: No such file or directory."
    assert caught.value.hint == "Choose a folder that exists."


def test_a_folder_is_never_replaced_by_a_file(tmp_path: Path) -> None:
    (tmp_path / "song.mid").mkdir()
    with pytest.raises(FileWriteError, match="A folder has that name"):
        write_atomically(tmp_path / "song.mid", b"x")
    assert strays(tmp_path) == []


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "song.mid"
    path.write_bytes(b"old")

    def full(_self: Path, _content: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(FileWriteError, match=r"No space left on device\. Free some space"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert strays(tmp_path) == []


def test_a_short_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "song.mid"
    path.write_bytes(b"old")

    def short(self: Path, content: bytes) -> int:
        with self.open("wb") as file:
            return file.write(content[:-1])

    monkeypatch.setattr(Path, "write_bytes", short)
    with pytest.raises(FileWriteError, match=r"Only 2 of 3 bytes of song\.mid could be written\."):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert strays(tmp_path) == []


def test_an_error_without_a_reason_still_makes_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def odd(_path: Path) -> None:
        raise OSError

    monkeypatch.setattr(files, "_flush_to_disk", odd)
    with pytest.raises(FileWriteError, match="the disk gave no reason"):
        write_atomically(tmp_path / "song.mid", b"x")


def test_an_exception_inside_the_block_leaves_nothing_behind(tmp_path: Path) -> None:
    def write_half_and_stop() -> None:
        with replacing(tmp_path / "sound.wav") as temporary:
            temporary.write_bytes(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_half_and_stop()
    assert list(tmp_path.iterdir()) == []


def test_the_temporary_file_has_the_suffix_of_the_final_one(tmp_path: Path) -> None:
    with replacing(tmp_path / "sound.wav") as temporary:
        assert temporary.suffix == ".wav"
        assert temporary.parent == tmp_path
        temporary.write_bytes(b"RIFF")
    assert (tmp_path / "sound.wav").read_bytes() == b"RIFF"


def test_elsewhere_than_on_posix_folders_are_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object) -> int:
        raise AssertionError

    path = tmp_path / "song.mid"
    monkeypatch.setattr(files.os, "name", "nt")
    monkeypatch.setattr(files.os, "open", refuse)
    files._flush_folder(path.parent)


def test_only_old_leftovers_of_killed_writers_are_swept(tmp_path: Path) -> None:
    for name, age in ((".unfinished-a.mid", 7200), (".unfinished-b.mid", 60), ("song.mid", 7200)):
        (tmp_path / name).write_bytes(b"x")
        os.utime(tmp_path / name, (1_000_000 - age, 1_000_000 - age))
    assert sweep_unfinished(tmp_path, now=lambda: 1_000_000.0) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == [".unfinished-b.mid", "song.mid"]


def test_a_leftover_that_vanishes_while_swept_is_nobodys_loss(tmp_path: Path) -> None:
    (tmp_path / ".unfinished-gone").symlink_to(tmp_path / "nowhere")
    assert sweep_unfinished(tmp_path) == 0


def test_a_folder_is_made_with_those_above_it_or_is_there_already(tmp_path: Path) -> None:
    for _ in range(2):
        make_folder(tmp_path / "a" / "b")
        assert (tmp_path / "a" / "b").is_dir()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"")
    with pytest.raises(FileWriteError) as caught:
        make_folder(tmp_path / "a")
    assert caught.value.message.startswith(f"The folder {tmp_path / 'a'} could not be made: ")
    assert caught.value.hint == "A file has that name; choose another one."
