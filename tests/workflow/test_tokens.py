"""Files as words."""

from pathlib import Path

import pytest

from musicgen_app.core.errors import NoteFileError, UsageError
from musicgen_app.core.progress import CancelToken, Progress, silent
from musicgen_app.tokens.note_file import read_notes
from musicgen_app.workflow.tokens import read_tokens, save_tokens
from tests.midi.raw import meta, midi, note, program


@pytest.fixture
def hands(tmp_path: Path) -> Path:
    path = tmp_path / "hands.mid"
    one, other = (meta(0, 0x03, name) + program(0, 0) for name in (b"Piano R", b"Piano L"))
    path.write_bytes(midi(one + note(60), other + note(48)))
    return path


def test_the_first_part_rule_and_what_it_loses(hands: Path) -> None:
    (whole,) = read_tokens([hands], False, silent, CancelToken())
    (first,) = read_tokens([hands], True, silent, CancelToken())
    assert (whole.tokens, whole.lost) == (("C4", "C3"), 2)
    assert (first.tokens, first.lost) == ((), 2)
    assert first.lost_text == "the seed reads only the first part: 2 notes lost by it"


def test_words_are_saved(hands: Path, tmp_path: Path) -> None:
    found = read_tokens([hands, hands], False, silent, CancelToken())
    for name in ("notes.json", "notes"):
        save_tokens(found, tmp_path / name)
        assert read_notes(tmp_path / name) == ("C4", "C3") * 2
        (again,) = read_tokens([tmp_path / name], False, silent, CancelToken())
        assert (again.tokens, again.lost) == (("C4", "C3") * 2, 0)
    with pytest.raises(NoteFileError, match="no tokens to save"):
        save_tokens(read_tokens([hands], True, silent, CancelToken()), tmp_path / "none.json")
    assert not (tmp_path / "none.json").exists()


def test_a_file_that_cannot_be_read_does_not_end_it(hands: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.mid").write_bytes(b"no music")
    (tmp_path / "bad").write_bytes(b"\x80\x04cos\nsystem\n.")
    reports: list[object] = []
    bad, worse, good = read_tokens(
        [tmp_path / "bad.mid", tmp_path / "bad", hands], False, reports.append, CancelToken()
    )
    assert bad.error
    assert "opcode 0x63" in worse.error
    assert good.tokens
    assert [report.done for report in reports if isinstance(report, Progress)] == [0, 1, 2]


def test_a_place_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not there"):
        read_tokens([tmp_path / "none.mid"], False, silent, CancelToken())
