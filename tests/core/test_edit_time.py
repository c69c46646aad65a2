"""Stretching, reversing and humanising."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from musicgen_app.core import edit_time, edits
from musicgen_app.core.grid import Grid
from musicgen_app.core.score import PEDAL_DTYPE, Score, Track, make_notes
from tests.strategies import chosen_scores

Chosen = tuple[Score, NDArray[np.intp]]


def pedals(*rows: tuple[int, int, int]) -> NDArray[np.void]:
    return np.array(list(rows), dtype=PEDAL_DTYPE)


def only(*indices: int) -> NDArray[np.intp]:
    return np.array(indices, dtype=np.intp)


@given(chosen_scores())
def test_half_time_and_then_double_time_is_no_change(given_: Chosen) -> None:
    score, selected = given_
    there = edit_time.stretch(score, selected, Fraction(2), pedals=False)
    assert edit_time.stretch(there.score, there.selected, Fraction(1, 2), pedals=False).score == score


@given(chosen_scores())
def test_of_a_whole_piece_the_pedal_comes_back_too(given_: Chosen) -> None:
    score, _ = given_
    there = edit_time.stretch(score, edits.everything(score), Fraction(2))
    assert edit_time.stretch(there.score, there.selected, Fraction(1, 2)).score == score


@given(chosen_scores(), st.integers(1, 1000))
def test_stretching_keeps_the_first_onset_and_the_order(given_: Chosen, percent: int) -> None:
    score, selected = given_
    edited = edit_time.stretch(score, selected, Fraction(percent, 100))
    before, after = (np.sort(one.score.notes["onset"][one.selected]) for one in (edits.Edited(score, selected), edited))
    assert np.array_equal(before[:1], after[:1])
    exact = [before[0] + Fraction(percent, 100) * (int(tick) - int(before[0])) for tick in before]
    assert all(abs(tick - int(got)) <= Fraction(1, 2) for tick, got in zip(exact, after, strict=True))


def test_the_pedal_goes_with_its_notes_as_far_as_they_reach() -> None:
    score = Score(
        make_notes([(100, 100, 60, 64), (900, 100, 60, 64), (100, 100, 60, 64, 1)]),
        pedals((50, 0, 127), (120, 0, 0), (950, 0, 127), (150, 1, 127), (950, 1, 0), (130, 7, 1)),
        tracks=(Track(), Track()),
    )
    edited = edit_time.stretch(score, only(0, 1), Fraction(2))
    assert edited.score.notes["onset"].tolist() == [100, 100, 900]
    assert edited.score.pedals.tolist() == [
        (50, 0, 127),
        (130, 7, 1),
        (140, 0, 0),
        (200, 1, 127),
        (950, 0, 127),
        (1800, 1, 0),
    ]


def test_nothing_is_stretched_beyond_the_last_tick() -> None:
    score = Score(make_notes([(0, 10, 60, 64), (edits.LAST_TICK - 5, 5, 60, 64)]))
    edited = edit_time.stretch(score, only(0, 1), Fraction(10))
    assert edited.score.notes["onset"].tolist() == [0, edits.LAST_TICK]
    assert edited.score.notes["duration"].tolist() == [100, 1]


@given(chosen_scores())
def test_backwards_twice_is_no_change(given_: Chosen) -> None:
    score, selected = given_
    there = edit_time.reverse(score, selected)
    assert edit_time.reverse(there.score, there.selected).score == score


@given(st.lists(st.tuples(st.integers(0, 999), st.integers(1, 127)), max_size=6, unique_by=lambda row: row[0]))
def test_backwards_twice_is_no_change_of_a_pedal_that_is_up_at_both_ends(rows: list[tuple[int, int]]) -> None:
    inside = [(tick, 0, value) for tick, value in rows]
    score = Score(make_notes([(0, 1000, 60, 64), (1000, 5, 60, 64)]), pedals(*inside, (1000, 0, 0)))
    there = edit_time.reverse(score, only(0), pedals=True)
    assert edit_time.reverse(there.score, there.selected, pedals=True).score == score


def test_the_pedal_goes_backwards_too() -> None:
    score = Score(make_notes([(100, 900, 60, 64)]), pedals((200, 0, 127), (300, 0, 0), (2000, 0, 9)))
    edited = edit_time.reverse(score, only(0), pedals=True)
    assert edited.score.pedals.tolist() == [(800, 0, 127), (900, 0, 0), (2000, 0, 9)]


def test_a_pedal_that_is_not_the_same_at_both_ends_gets_changes_there() -> None:
    score = Score(make_notes([(100, 900, 60, 64)]), pedals((50, 0, 10), (200, 0, 127)))
    edited = edit_time.reverse(score, only(0), pedals=True)
    assert edited.score.pedals.tolist() == [(50, 0, 10), (100, 0, 127), (900, 0, 10), (1000, 0, 127)]


@given(chosen_scores(), st.integers(0, 50), st.integers(0, 20), st.integers(0, 99))
def test_humanising_goes_no_further_than_it_is_told_and_repeats(
    given_: Chosen, ticks: int, velocity: int, seed: int
) -> None:
    score, selected = given_
    first = edit_time.humanise(score, selected, ticks, velocity, seed)
    assert edit_time.humanise(score, np.sort(selected), ticks, velocity, seed).score == first.score
    before, after = score.notes[selected], first.score.notes[first.selected]
    assert sorted(before["duration"].tolist()) == sorted(after["duration"].tolist())
    old, new = np.sort(before["onset"]), np.sort(after["onset"])
    assert bool(np.all(abs(old - new) <= ticks))
    loud = np.sort(before["velocity"].astype(int)) - np.sort(after["velocity"].astype(int))
    assert bool(np.all(abs(loud) <= velocity))


def test_another_seed_gives_other_notes() -> None:
    score = Score(make_notes([(1000 * n, 10, 60, 64) for n in range(20)]))
    one, other = (edit_time.humanise(score, edits.everything(score), 40, 20, seed).score for seed in (1, 2))
    assert one != other


def test_swing_puts_every_second_line_later() -> None:
    grid = Grid(Fraction(100))
    score = Score(make_notes([(tick, 10, 60, 64) for tick in (3, 95, 130, 210, 340, 395)]))
    edited = edits.quantise(score, edits.everything(score), grid, swing=2 / 3)
    assert edited.score.notes["onset"].tolist() == [0, 133, 133, 200, 333, 400]


@given(st.integers(0, 5000), st.integers(25, 75))
def test_a_swung_line_is_none_worse_than_the_plain_ones(tick: int, percent: int) -> None:
    grid = Grid(Fraction(100), (0, 250, 1030))
    swing = Fraction(percent, 100)
    starts = [*range(0, 250, 200), *range(250, 1030, 200), *range(1030, 5400, 200)]
    following = [origin for start in starts for origin in [min(o for o in (250, 1030, 9999) if o > start)]]
    late = [min(start + int(200 * swing), end) for start, end in zip(starts, following, strict=True)]
    lines = sorted({*starts, *late})
    got = int(grid.nearest(tick, swing))
    assert got in lines
    assert abs(got - tick) == min(abs(line - tick) for line in lines)


def test_the_pedal_of_no_track_stays_where_it_is() -> None:
    score = Score(make_notes([(0, 100, 60, 64)]), pedals((10, 4, 127)))
    edited = edit_time.stretch(score, only(0), Fraction(2))
    assert edited.score.pedals.tolist() == [(10, 4, 127)]
    assert replace(edited.score, notes=score.notes) == score
