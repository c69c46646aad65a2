"""Copies in the seeds' words, compared as they sound."""

import pytest

from musicgen_app.core.score import Score, Track, make_notes
from musicgen_app.generation.word_copies import (
    Keys,
    WordCopies,
    WordFinder,
    WordRun,
    keys_of_score,
    keys_of_words,
    struck_together,
    timed_keys_of_score,
)
from musicgen_app.tokens.seed import SeedCodec, vocabulary

SONG = ["C4", "E4", "0.4.7", "G4", "B-3", "7.11.2", "5", "A4", "C#5", "2.5.9", "C2", "0.3.7"]
OTHER = ["D4", "F4", "A4", "9.0.4", "D2", "C7", "E7", "1.4"]


def keys(words: list[str], octave: int = 60) -> list[Keys]:
    return keys_of_words(words, octave)


def rendered(words: list[str]) -> Score:
    codec = SeedCodec(vocabulary(words))
    return codec.decode(codec.rows_of(words))


def test_words_are_compared_as_they_sound() -> None:
    assert keys(["C4", "0.4.7", "4.7.0", "5", "F4"]) == [(60,), (0, 4, 7), (0, 4, 7), (65,), (65,)]
    assert keys(["5"], 48) == [(53,)]


def test_a_rendered_piece_has_the_keys_of_its_words() -> None:
    assert keys_of_score(rendered(SONG), 60) == keys(SONG)


def test_chords_are_folded_wherever_they_lie() -> None:
    chord, octaves = [(0, 480, pitch, 90) for pitch in (36, 52, 67)], [(240, 1, 48, 90), (240, 1, 60, 90)]
    wide = Score(notes=make_notes(chord + octaves))
    assert keys_of_score(wide, 60) == [(0, 4, 7), (60,)]
    assert struck_together(wide) == [(36, 52, 67), (48, 60)]


def test_a_piece_in_a_rhythm_is_read_as_a_file() -> None:
    free = Score(notes=make_notes([(0, 480, 60, 90), (480, 240, 62, 90), (720, 720, 64, 90)]))
    assert keys_of_score(free, 60) == [(60,), (62,), (64,)]


def test_drums_do_not_count_and_nothing_has_no_keys() -> None:
    drums = Score(notes=make_notes([(0, 1, 40, 90)]), tracks=(Track("Drums", channel=9),))
    assert keys_of_score(drums, 60) == struck_together(drums) == []
    assert WordFinder([keys(SONG)]).check([]) == WordCopies(0, None, (), {8: 0.0, 12: 0.0, 20: 0.0})


def test_the_longest_run_is_found_with_its_line_and_place() -> None:
    finder = WordFinder([keys(OTHER), keys(SONG)])
    found = finder.check(keys(["C9", *SONG[2:11], "C9"]))
    assert found.longest == WordRun(9, 1, 1, 2)
    assert found.words == 11
    assert found.shares == {8: pytest.approx(9 / 11), 12: 0.0, 20: 0.0}


def test_runs_do_not_go_from_one_line_into_the_next() -> None:
    found = WordFinder([keys(OTHER), keys(SONG)]).check(keys([*OTHER[-4:], *SONG[:6]]))
    assert found.longest == WordRun(6, 4, 1, 0)
    assert found.shares[8] == 0.0


def test_what_nobody_played_is_no_copy() -> None:
    assert WordFinder([keys(SONG)]).check(keys(["C9", "1.2.3"])).longest is None


def test_every_run_of_eight_or_more_is_found_but_for_those_inside_longer_ones() -> None:
    found = WordFinder([keys(OTHER), keys(SONG)]).check(keys([*SONG[2:11], "C9", *OTHER, "C9", *SONG[:3]]))
    assert found.runs == (WordRun(9, 0, 1, 2), WordRun(8, 10, 0, 0))
    assert found.longest == found.runs[0]


def test_the_keys_of_a_piece_know_their_moments() -> None:
    song = rendered(SONG)
    step = song.ticks_per_beat // 2
    assert [tick for tick, _ in timed_keys_of_score(song, 60)] == [step * index for index in range(len(SONG))]
    beat = song.ticks_per_beat
    free = Score(notes=make_notes([(0, beat, 60, 90), (beat, beat // 2, 62, 90), (beat * 3 // 2, beat, 64, 90)]))
    assert timed_keys_of_score(free, 60) == [(0, (60,)), (beat, (62,)), (beat * 3 // 2, (64,))]
