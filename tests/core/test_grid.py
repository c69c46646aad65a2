"""The time grid."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicgen_app.core.grid import Grid, grid_of
from musicgen_app.core.score import Score, TimeSignature

steps = st.fractions(min_value=1, max_value=2000, max_denominator=12)
origins = st.lists(st.integers(1, 5000), max_size=3, unique=True).map(lambda more: (0, *sorted(more)))
ticks = st.integers(0, 10_000)


@given(steps, origins, ticks)
def test_a_tick_lies_between_the_lines_around_it(step: Fraction, origins: tuple[int, ...], tick: int) -> None:
    grid = Grid(step, origins)
    below, above, nearest = int(grid.floor(tick)), int(grid.ceil(tick)), int(grid.nearest(tick))
    assert below <= tick <= above
    assert above - below <= step + 1
    assert abs(nearest - tick) == min(tick - below, above - tick)
    assert grid.before(tick) < tick or tick == 0
    assert grid.after(tick) > tick


@given(steps, origins, ticks, st.integers(0, 3000))
def test_the_lines_of_a_span_are_those_that_snapping_finds(
    step: Fraction, origins: tuple[int, ...], start: int, length: int
) -> None:
    grid = Grid(step, origins)
    expected = [tick for tick in range(start, start + length) if int(grid.floor(tick)) == tick]
    assert grid.lines(start, start + length).tolist() == expected


@given(steps, origins, ticks)
def test_snapping_twice_changes_nothing_more(step: Fraction, origins: tuple[int, ...], tick: int) -> None:
    grid = Grid(step, origins)
    once = grid.nearest(tick)
    assert grid.nearest(once) == once
    assert grid.floor(once) == once == grid.ceil(once)


def test_every_origin_is_a_line_even_where_the_last_step_before_it_is_cut_short() -> None:
    grid = Grid(Fraction(480), (0, 700))
    assert grid.lines(0, 2000).tolist() == [0, 480, 700, 1180, 1660]
    assert grid.nearest(650) == 700
    assert grid.after(480) == 700
    assert grid.before(700) == 480


def test_triplets_stay_exact_over_a_thousand_bars() -> None:
    grid = grid_of(Score(ticks_per_beat=100), Fraction(1, 12))
    assert grid.lines(0, 101).tolist() == [0, 33, 67, 100]
    assert grid.nearest(400_001) == 400_000


def test_a_grid_begins_anew_with_each_metre() -> None:
    score = Score(time_signatures=(TimeSignature(0), TimeSignature(1000, 3, 4)))
    assert grid_of(score, Fraction(1, 4)).origins == (0, 1000)


def test_a_grid_is_never_finer_than_a_tick() -> None:
    assert grid_of(Score(ticks_per_beat=1), Fraction(1, 32)).step == 1
    with pytest.raises(ValueError, match="finer than a tick"):
        Grid(Fraction(1, 2))


def test_snapping_works_on_whole_columns() -> None:
    assert np.array_equal(Grid(Fraction(10)).nearest([[1, 5], [14, 16]]), [[0, 10], [10, 20]])
