"""What is shown beside rows follows from them, whole or one by one."""

import numpy as np
import pytest

from musicgen_app.core.score import PEDAL_DTYPE, Score, make_notes
from musicgen_app.tokens.context import NO_PITCH, NOTHING_SHOWN, Following, Shown, recent_pitches, wide_rows
from musicgen_app.tokens.notes import metrical_codec, seconds_codec

CODEC = metrical_codec()
PEDALS = np.array([(0, 0, 127), (720, 0, 0)], dtype=PEDAL_DTYPE)
SCORE = Score(
    notes=make_notes([(0, 480, 60, 64), (0, 480, 64, 64), (720, 240, 67, 64), (1920, 240, 72, 64)]), pedals=PEDALS
)


def test_the_place_in_the_bar_is_counted_in_beats_and_sixteenths() -> None:
    rows = CODEC.encode(SCORE)
    shown = wide_rows(CODEC, rows, Shown(positions=True))[:, 4:]
    # Pedal, two notes, pedal up and a note on the half beat behind beat 2, a note on the fifth beat, the end.
    half = [12, 6, 6]
    assert shown.tolist() == [[0, 0, 0], [0, 0, 0], [0, 0, 0], half, half, [0, 4, 0], [0, 4, 0]]
    assert [(f.name, f.size) for f in CODEC.position_fields] == [("beat", 24), ("three", 12), ("four", 16)]


def test_music_without_a_beat_has_no_place_in_a_bar() -> None:
    codec = seconds_codec()
    rows = codec.encode(SCORE)
    assert codec.position_fields == ()
    assert wide_rows(codec, rows, Shown(positions=True, recent=1)).shape == (len(rows), 5)


def test_nothing_is_shown_that_is_not_wanted() -> None:
    rows = CODEC.encode(SCORE)
    assert wide_rows(CODEC, rows, NOTHING_SHOWN).tolist() == rows.tolist()


def test_recent_pitches_pass_over_the_pedal_and_stop_at_the_end() -> None:
    rows = CODEC.encode(SCORE)
    none = NO_PITCH
    expected = [[none] * 3, [60, none, none], [64, 60, none], [64, 60, none], [67, 64, 60], [72, 67, 64], [none] * 3]
    assert recent_pitches(CODEC, rows, 3).tolist() == expected
    again = recent_pitches(CODEC, np.concatenate([rows, rows]), 3)
    assert again.tolist() == expected + expected
    assert recent_pitches(CODEC, rows, 0).shape == (7, 0)


@pytest.mark.parametrize("recent", [0, 2])
@pytest.mark.parametrize("repeats", [False, True])
def test_following_row_by_row_comes_to_the_same(recent: int, repeats: bool) -> None:
    rows = CODEC.encode(SCORE)
    shown = Shown(True, recent, repeats)
    wide = wide_rows(CODEC, np.concatenate([CODEC.start_row[np.newaxis], rows]), shown)[1:]
    following = Following(CODEC, shown, 2)
    for row, expected in zip(rows, wide, strict=True):
        both = np.stack([row, rows[1]])
        assert CODEC.positions(following.ahead(both))[0].tolist() == expected[4:7].tolist()
        told = following.add(both)[0]
        if not CODEC.is_end(row[np.newaxis])[0]:
            assert told.tolist() == expected.tolist()
        assert told[7:].tolist() == expected[7:].tolist()
    assert following.clocks.tolist() == [0, 0]


def test_without_places_rows_are_followed_by_what_is_shown() -> None:
    following = Following(CODEC, Shown(recent=1), 1)
    rows = CODEC.encode(SCORE)
    assert following.add(rows[1:2]).tolist() == [[*rows[1].tolist(), 60]]


def test_what_has_come_back_too_often_is_shown_no_more() -> None:
    notes = [(240 * at, 240, 60 + at % 2, 64) for at in range(20)]
    rows = CODEC.encode(Score(make_notes(notes)))[:-1]
    shown = Shown(repeats=True)
    free, patient = Following(CODEC, shown, 1), Following(CODEC, shown, 1, patience=3)
    lines = [(free.add(row[np.newaxis])[0, 4:], patient.add(row[np.newaxis])[0, 4:]) for row in rows]
    assert [one.tolist() == other.tolist() for one, other in lines] == [True] * 10 + [False] * 10
    assert {tuple(other.tolist()) for _, other in lines[10:]} == {(-1, -1, -1, -1, 0, 0)}
