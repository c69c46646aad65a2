from dataclasses import replace

from musicgen_app.core.errors import MidiReadError
from musicgen_app.core.score import Score
from musicgen_app.dataset.doctor import examine, unreadable
from tests.dataset.music import DRUMS, melody


def test_a_clean_file_is_ready() -> None:
    found = examine(melody(1), ())
    assert (found.words, found.usable) == ("ready", True)


def test_a_file_with_findings_is_repaired_and_used() -> None:
    found = examine(melody(1), ("2 notes never end.",))
    assert (found.words, found.usable, found.findings) == ("repaired", True, ("2 notes never end.",))


def test_a_file_without_notes_is_set_aside() -> None:
    assert examine(Score(), ()).words == "set aside: no notes"


def test_a_file_of_drums_is_set_aside() -> None:
    assert examine(replace(melody(1), tracks=DRUMS), ()).words == "set aside: drums only"


def test_a_very_short_file_is_set_aside() -> None:
    assert examine(melody(1, 15, chords=False), ()).words == "set aside: too short (15 notes, 16 are needed)"
    assert examine(melody(1, 1, chords=False), ()).words == "set aside: too short (1 note, 16 are needed)"
    assert examine(melody(1, 16, chords=False), ()).usable


def test_a_file_that_cannot_be_read_is_set_aside_with_the_readers_sentence() -> None:
    assert unreadable(MidiReadError("x.mid is a picture.")).words == "set aside: cannot be read. x.mid is a picture."


def test_a_finding_makes_a_ready_file_repaired_but_does_not_bring_one_back() -> None:
    assert examine(melody(1), ()).with_finding("A gap is shortened.").words == "repaired"
    assert examine(Score(), ()).with_finding("A gap is shortened.").words == "set aside: no notes"
