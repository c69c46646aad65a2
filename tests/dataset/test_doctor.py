from dataclasses import replace

from musicgen_app.core.errors import MidiReadError, MusicgenError
from musicgen_app.core.score import Score
from musicgen_app.dataset.doctor import SIGNS, examine, help_for, remark, unreadable
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


def test_a_file_whose_music_is_lost_is_damaged_and_says_where() -> None:
    lost = ("The header promises 1 track; none is there.", "There are no notes in this file.")
    assert examine(Score(), lost).words == "set aside: damaged (the header promises 1 track; none is there)"
    assert examine(Score(), lost[1:]).words == "set aside: no notes"


def test_a_file_that_cannot_be_read_is_set_aside_with_its_kind_or_the_readers_sentence() -> None:
    web = MidiReadError("x.mid is not a MIDI file.", kind="not MIDI (it seems to be a web page)")
    assert unreadable(web).words == "set aside: not MIDI (it seems to be a web page)"
    assert unreadable(MidiReadError("x.mid is a picture.")).words == "set aside: cannot be read. x.mid is a picture."
    assert unreadable(MusicgenError("x is no list.")).words == "set aside: cannot be read. x is no list."


def test_what_would_help_is_said_of_a_file_that_is_set_aside_only() -> None:
    assert "Unpack it" in help_for("set aside: not MIDI (it seems to be a RAR archive)")
    assert "exported as MIDI" in help_for("set aside: not MIDI (it is of a kind that is not known here)")
    assert "longer pieces" in examine(melody(1, 15, chords=False), ()).help
    assert [help_for(verdict) for verdict in ("ready", "repaired", "set aside: cannot be read. x is odd.")] == [""] * 3


def test_a_sign_is_remarked_and_leaves_a_file_ready() -> None:
    loud = melody(1).notes.copy()
    loud["velocity"] = 64
    score = melody(1).with_notes(loud)
    found = remark(examine(score, ()), score)
    assert (found.words, found.signs) == ("ready", ("flat",))
    assert found.findings == (
        f"All 160 notes have velocity 64, so a network learns no dynamics from it. {SIGNS['flat']}",
    )
    assert set(found.signs) <= set(SIGNS)
    assert remark(examine(melody(1), ()), melody(1), tempo_named=False).signs == ("no-tempo",)
    assert remark(examine(Score(), ()), Score()).signs == ()


def test_a_finding_makes_a_ready_file_repaired_but_does_not_bring_one_back() -> None:
    assert examine(melody(1), ()).with_finding("A gap is shortened.").words == "repaired"
    assert examine(Score(), ()).with_finding("A gap is shortened.").words == "set aside: no notes"
