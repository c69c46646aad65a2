"""Note files are read without running anything, and written so that others can read them."""

import json
import pickle
from pathlib import Path
from typing import Any

import pytest

from musicgen_app.core.errors import NoteFileError
from musicgen_app.tokens import note_file
from musicgen_app.tokens.note_file import looks_like_notes, read_notes, write_json, write_list

WORDS = ("C#4", "0.4.7", "B-3", "7", "C#4")
HEAD = b"\x80\x04]"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "notes"


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_pickled_lists(file: Path, protocol: int) -> None:
    file.write_bytes(pickle.dumps(list(WORDS), protocol))
    assert read_notes(file) == WORDS


@pytest.mark.parametrize("protocol", [3, 4])
def test_pickled_lists_whose_words_are_one_object(file: Path, protocol: int) -> None:
    words = ["C#4"] * 300 + [f"{name}{octave}" for name in "CDEFGAB" for octave in range(8)] * 20
    file.write_bytes(pickle.dumps(words, protocol))
    assert list(read_notes(file)) == words


def test_a_list_of_one(file: Path) -> None:
    file.write_bytes(pickle.dumps(["C4"], 4))
    assert read_notes(file) == ("C4",)


def test_many_memos(file: Path) -> None:
    words = [f"{first}.{second}" for first in range(12) for second in range(12) if first != second] * 3
    file.write_bytes(pickle.dumps([str(word) for word in words], 3))
    assert list(read_notes(file)) == words


def test_the_files_of_the_seeds(shared: Path) -> None:
    folder = shared / "seed"
    if not folder.is_dir():
        pytest.skip("The note files of the seed experiments do not lie beside this checkout.")
    for path, total, distinct in (
        (folder / "music_gen" / "data" / "notes_chopin_train", 25_134, 702),
        (folder / "composer" / "notes", 27_890, 279),
    ):
        words = read_notes(path)
        assert (len(words), len(set(words))) == (total, distinct)


@pytest.mark.parametrize("write", [write_json, write_list])
def test_what_is_written_is_read(file: Path, write: Any) -> None:
    words = WORDS * 500
    write(words, file)
    assert read_notes(file) == words
    assert looks_like_notes(file)


def test_other_programs_read_our_lists(file: Path) -> None:
    write_list(WORDS * 500, file)
    assert pickle.loads(file.read_bytes()) == list(WORDS * 500)


class Harm:
    def __reduce__(self) -> tuple[Any, ...]:
        return print, ("harm",)


HOSTILE = {
    "an object": pickle.dumps([Harm()], 4),
    "an old object": pickle.dumps([Harm()], 2),
    "a global": b"cos\nsystem\n.",
    "a global after the list": HEAD + b"cos\nsystem\n.",
    "reduce": HEAD + b"R.",
    "a dictionary": pickle.dumps({"C4": 1}, 4),
    "numbers": pickle.dumps([1, 2], 4),
    "nested lists": pickle.dumps([["C4"]], 4),
    "a text": pickle.dumps("C4", 4),
    "a tuple": pickle.dumps(("C4",), 4),
    "bytes": pickle.dumps([b"C4"], 4),
    "no words": pickle.dumps([], 4),
    "an unknown word": pickle.dumps(["C4", "H9"], 4),
    "a long word": pickle.dumps(["C" * 100_000], 4),
    "itself": HEAD + b"\x94h\x00a.",
    "a memo that is not there": HEAD + b"h\x07a.",
    "a far memo": HEAD + b"j\xff\xff\xff\xffa.",
    "a put of nothing": b"\x80\x04q\x00].",
    "a huge length": HEAD + b"X\xff\xff\xff\xffC4a.",
    "a huge frame": b"\x80\x04\x95" + b"\xff" * 7,
    "no end": HEAD + b"\x8c\x02C4a",
    "cut off": pickle.dumps(list(WORDS), 4)[:-9],
    "no list": b"\x80\x04.",
    "a word before the list": b"\x80\x04\x8c\x02C4].",
    "two lists": HEAD + b"].",
    "two words at once": HEAD + b"\x8c\x02C4\x8c\x02C4a.",
    "a word left over": HEAD + b"\x8c\x02C4.",
    "append of nothing": HEAD + b"a.",
    "append inside a mark": HEAD + b"(\x8c\x02C4a.",
    "appends without a mark": HEAD + b"\x8c\x02C4e.",
    "two marks": HEAD + b"((e.",
    "a mark left over": HEAD + b"(.",
    "deep marks": HEAD + b"(" * 100_000,
    "wrong letters": HEAD + b"\x8c\x02\xff\xfea.",
    "something behind": pickle.dumps(list(WORDS), 4) + b"x",
    "protocol 9": b"\x80\x09].",
    "protocol in the middle": HEAD + b"\x80\x04.",
    "JSON of something else": b"[1]",
    "JSON without notes": b"{}",
    "JSON of another version": b'{"format": 2, "notes": ["C4"]}',
    "JSON with numbers": b'{"format": 1, "notes": ["C4", 4]}',
    "deep JSON": b"[" * 100_000,
    "no JSON": b"MThd",
    "nothing": b"",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused(file: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_bytes(HOSTILE[name])
    with pytest.raises(NoteFileError, match="notes"):
        read_notes(file)
    assert capsys.readouterr().out == ""


def test_the_opcode_is_named(file: Path) -> None:
    file.write_bytes(HOSTILE["reduce"])
    with pytest.raises(NoteFileError, match=r"notes is more than a list of notes: opcode 0x52 at byte 3 is refused"):
        read_notes(file)


def test_bounds(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_json(WORDS, file)
    monkeypatch.setattr(note_file, "MOST_WORDS", 4)
    with pytest.raises(NoteFileError, match="more than 4 notes"):
        read_notes(file)
    monkeypatch.setattr(note_file, "MAX_FILE_BYTES", 4)
    with pytest.raises(NoteFileError, match="larger than 0 MB"):
        read_notes(file)


def test_files_that_are_not_there(file: Path) -> None:
    with pytest.raises(NoteFileError, match="cannot be opened"):
        read_notes(file)
    assert not looks_like_notes(file)


def test_the_json_is_plain(file: Path) -> None:
    write_json(WORDS, file)
    assert json.loads(file.read_text()) == {"format": 1, "notes": list(WORDS)}
