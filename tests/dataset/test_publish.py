import os
from pathlib import Path

import pytest

from musicgen_app.core.errors import DatasetError, UsageError
from musicgen_app.dataset.publish import check_place, publish, unfinished_folder


def make(folder: Path, text: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "dataset.json").write_text(text, encoding="utf-8")


def said(folder: Path) -> str:
    return (folder / "dataset.json").read_text(encoding="utf-8")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "set"


def build(out: Path, text: str) -> None:
    with unfinished_folder(out) as folder:
        make(folder, text)
        publish(folder, out)


def test_a_finished_folder_takes_the_place_of_the_one_before(out: Path) -> None:
    build(out, "first")
    assert said(out) == "first"
    build(out, "second")
    assert said(out) == "second"
    assert list(out.parent.iterdir()) == [out]


def test_an_unfinished_folder_is_gone_and_the_one_before_is_there(out: Path) -> None:
    build(out, "first")
    with pytest.raises(ZeroDivisionError), unfinished_folder(out) as folder:
        make(folder, f"second {1 / 0}")
    assert said(out) == "first"
    assert list(out.parent.iterdir()) == [out]


def test_when_the_new_one_cannot_be_put_in_place_the_one_before_comes_back(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(out, "first")
    rename = Path.rename

    def refuse(self: Path, target: Path) -> Path:
        if ".unfinished-" in self.name:
            raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(DatasetError, match="No space left on device"):
        build(out, "second")
    assert said(out) == "first"


def test_a_program_that_was_killed_while_replacing_is_made_good(out: Path) -> None:
    build(out, "first")
    out.rename(out.with_name(".set.replaced-0123"))
    with unfinished_folder(out):
        assert said(out) == "first"


def test_what_killed_programs_left_is_cleared_up_when_it_is_old(out: Path) -> None:
    build(out, "first")
    stale, replaced, other = (
        out.with_name(name) for name in (".set.unfinished-1", ".set.replaced-1", ".x.unfinished-1")
    )
    for folder in (stale, replaced, other):
        make(folder, "left")
    with unfinished_folder(out):
        assert stale.exists()
        assert not replaced.exists()
    os.utime(stale, (0, 0))
    with unfinished_folder(out):
        assert not stale.exists()
    assert other.exists()


def test_a_place_that_holds_something_else_is_refused(tmp_path: Path) -> None:
    check_place(tmp_path / "new")
    check_place(tmp_path)
    (tmp_path / "letter.txt").write_text("Dear", encoding="utf-8")
    with pytest.raises(UsageError, match="other files"):
        check_place(tmp_path)
    with pytest.raises(UsageError, match="is a file"):
        check_place(tmp_path / "letter.txt")
    make(tmp_path, "set")
    check_place(tmp_path)


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(DatasetError, match="could not be written"), unfinished_folder(tmp_path / "file" / "set"):
        pytest.fail("There is no such folder.")
