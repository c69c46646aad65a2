from dataclasses import replace

import numpy as np
import pytest

from musicgen_app.core.errors import UsageError
from musicgen_app.core.score import PEDAL_DTYPE, Score, Track, make_notes
from musicgen_app.dataset.doctor import judge
from musicgen_app.dataset.parts import ALL, PIANO, Parts, pick

BAND = (Track("Lead", 40), Track("", 0, 1), Track("", 0, 9), Track("Keys", 4, 2), Track("Bass", 33, 3))


def band(notes_each: tuple[int, ...] = (20, 20, 20, 20, 20), tracks: tuple[Track, ...] = BAND) -> Score:
    rows = [
        (240 * place, 200, 40 + track + place % 20, 40 + place, track)
        for track, count in enumerate(notes_each)
        for place in range(count)
    ]
    pedals = np.array([(0, track, 127) for track in range(len(tracks))], PEDAL_DTYPE)
    return Score(make_notes(rows), pedals=pedals, tracks=tracks)


@pytest.mark.parametrize("text", ["piano", "all", "41,42,43,49", "1", "128"])
def test_a_choice_is_written_down_and_read_back(text: str) -> None:
    assert Parts.of(text).text == text
    assert Parts.of("49, 41-43").text == "41,42,43,49"
    assert [Parts.of(words).words for words in ("piano", "all", "41,43")] == ["Piano", "All but drums", "Violin, Cello"]


@pytest.mark.parametrize("text", ["", "violin", "0", "129", "43-41", "1,,2", "1-2-3", "-3"])
def test_what_is_no_choice_says_what_is(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        Parts.of(text)
    assert "1 to 128" in caught.value.hint


@pytest.mark.parametrize(
    "name", ["Piano", " grand piano ", "Piano - RH", "PIANO 2", "Left Hand", "Klavier", "rechte Hand"]
)
def test_a_track_named_as_the_piano_is_one(name: str) -> None:
    assert PIANO.include(Track(name, 88))
    assert not PIANO.include(Track(name, 0, 9))
    assert not Parts.of("41").include(Track(name, 88))


@pytest.mark.parametrize("name", ["", "Piano/Strings", "Piano Concerto in Fmi", "Handbell", "Pianola roll"])
def test_a_name_that_merely_contains_the_word_is_not(name: str) -> None:
    assert not PIANO.include(Track(name, 88))
    assert PIANO.include(Track(name, 7))


def test_all_tracks_of_the_piano_are_joined_and_the_others_named() -> None:
    picked = pick(band((20, 20, 20, 20, 31)), PIANO)
    assert [track.program for track in picked.score.tracks] == [0, 4]
    assert np.bincount(picked.score.notes["track"]).tolist() == [20, 20]
    assert picked.score.pedals["track"].tolist() == [0, 1]
    assert picked.left_out == (("Fingered electric bass", 31), ("Violin", 20))
    assert [track.program for track in pick(band(), Parts.of("41,34")).score.tracks] == [40, 33]


def test_a_score_of_nothing_but_pianos_and_drums_is_left_as_it_is() -> None:
    score = band((20, 20, 20), (Track("", 0), Track("", 3, 1), Track("", 0, 9)))
    assert pick(score, PIANO).score is score
    assert pick(band(), ALL).score.tracks == BAND
    assert pick(Score(), PIANO).score is not None


def test_the_verdict_is_on_the_chosen_music_and_names_the_rest() -> None:
    music, found = judge(band(), ())
    assert (found.words, len(music.notes)) == ("ready", 40)
    assert found.findings[0] == (
        "Left out: Violin (20 notes), Fingered electric bass (20 notes). Choose their programs to use them."
    )
    music, found = judge(band((1, 20, 0, 0, 0)), ())
    assert found.findings[0] == "Left out: Violin (1 note). Choose its program to use it."
    assert judge(band(), (), ALL)[1].findings == ()


def test_a_file_without_the_chosen_instruments_is_set_aside_and_says_what_it_has() -> None:
    strings = tuple(Track("", program) for program in (40, 41, 42, 43, 45, 46))
    score = band((20, 21, 22, 23, 24, 25), strings)
    music, found = judge(score, ("A note never ends.",))
    assert music is score
    assert found.words == "set aside: no piano (Orchestral harp, Pizzicato strings, Contrabass, Cello and 2 more)"
    assert "--programs" in found.help
    assert judge(score, (), Parts.of("1"))[1].reason.startswith("none of the programs chosen (Orchestral harp")
    music, found = judge(band((20, 3)), ())
    assert (music.tracks, found.words) == (BAND, "set aside: too short (3 notes, 16 are needed)")
    joined = judge(replace(score, tracks=(*strings[:5], Track())), ())[1]
    assert "Viola (21 notes) and 1 more (20 notes)." in joined.findings[0]
