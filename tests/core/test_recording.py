"""What was played on a keyboard in a score."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from musicgen_app.core.recording import Recording, overdub, replace_by
from musicgen_app.core.score import PEDAL_DTYPE, Score, Track, make_notes
from tests.strategies import scores

PLAYED = make_notes([(480, 240, 60, 90), (960, 240, 64, 70)])


def pedals(*rows: tuple[int, int, int]) -> np.ndarray:
    return np.array(list(rows), PEDAL_DTYPE)


def rows(array: np.ndarray) -> list[tuple[int, ...]]:
    return [tuple(int(value) for value in row) for row in array]


def test_an_overdub_keeps_what_is_there_and_selects_what_is_new() -> None:
    score = Score(make_notes([(480, 960, 60, 50)]), pedals((0, 0, 127)))
    edited = overdub(score, Recording(PLAYED, pedals((500, 0, 0)), 0, 480, 1920))
    assert len(edited.score.notes) == 3
    assert rows(edited.score.notes[edited.selected]) == rows(PLAYED)
    assert rows(edited.score.pedals) == [(0, 0, 127), (500, 0, 0)]


def test_replacing_takes_what_the_track_had_there() -> None:
    old = make_notes(
        [(0, 960, 50, 50), (480, 100, 51, 50), (1919, 500, 52, 50), (1920, 100, 53, 50), (600, 9, 54, 50, 1)]
    )
    score = Score(old, tracks=(Track(), Track()))
    edited = replace_by(score, Recording(PLAYED, pedals(), 0, 480, 1920))
    assert rows(edited.score.notes) == [
        (0, 480, 50, 50, 0),
        (480, 240, 60, 90, 0),
        (600, 9, 54, 50, 1),
        (960, 240, 64, 70, 0),
        (1920, 100, 53, 50, 0),
    ]


def test_a_held_pedal_neither_goes_into_a_recording_nor_is_lost_behind_it() -> None:
    score = Score(
        pedals=pedals((0, 0, 100), (700, 0, 20), (800, 0, 90), (3000, 0, 0), (10, 1, 127)), tracks=(Track(),) * 2
    )
    edited = replace_by(score, Recording(PLAYED, pedals((600, 0, 127), (650, 0, 0)), 0, 480, 1920))
    own = [row for row in rows(edited.score.pedals) if row[1] == 0]
    assert own == [(0, 0, 100), (480, 0, 0), (600, 0, 127), (650, 0, 0), (1920, 0, 90), (3000, 0, 0)]
    assert (10, 1, 127) in rows(edited.score.pedals)


def test_a_pedal_that_is_up_adds_nothing_at_the_edges() -> None:
    score = Score(pedals=pedals((0, 0, 100), (100, 0, 0)))
    edited = replace_by(score, Recording(make_notes([]), pedals(), 0, 480, 1920))
    assert edited.score == score


def test_a_track_that_is_not_there_is_made() -> None:
    edited = overdub(Score(tracks=()), Recording(make_notes([(0, 10, 60, 60, 1)]), pedals(), 1, 0, 10))
    assert len(edited.score.tracks) == 2
    assert not Recording(PLAYED, pedals(), 0, 0, 10).empty
    assert Recording(make_notes([]), pedals(), 0, 0, 10).empty


@given(scores(), st.integers(0, 3000), st.integers(1, 3000))
def test_replacing_by_nothing_leaves_all_other_notes(score: Score, start: int, length: int) -> None:
    end = start + length
    edited = replace_by(score, Recording(make_notes([]), pedals(), 0, start, end)).score
    was, now = score.notes, edited.notes
    assert rows(now[now["track"] != 0]) == rows(was[was["track"] != 0])
    assert not ((now["track"] == 0) & (now["onset"] >= start) & (now["onset"] < end)).any()
    assert int((now["track"] == 0).sum()) == int(
        ((was["track"] == 0) & ((was["onset"] < start) | (was["onset"] >= end))).sum()
    )
