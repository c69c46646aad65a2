"""Curves keep every peak however few points are drawn of them."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from musicgen_app.project.curves import Curve, lowest, nearest, thinned


def curve(*values: float) -> Curve:
    return Curve(np.arange(1, len(values) + 1), np.array(values))


def test_points_are_appended_at_the_end() -> None:
    long = Curve()
    for step in range(1000):
        long.append(step, step / 2)
    assert len(long) == 1000
    assert long.x[-1] == 999
    assert long.y[999] == 499.5


def test_a_point_replaces_all_from_its_place_on() -> None:
    again = curve(5, 4, 3, 2)
    again.append(3, 9)
    assert again.x.tolist() == [1, 2, 3]
    assert again.y.tolist() == [5, 4, 9]
    again.cut(0)
    assert len(again) == 0


def test_few_points_are_drawn_as_they_are_and_gaps_left_out() -> None:
    x, y = thinned(curve(5, math.nan, 3), 0, 4, 100)
    assert x.tolist() == [1, 3]
    assert y.tolist() == [5, 3]


def test_only_the_visible_part_is_drawn_with_one_point_beyond_each_side() -> None:
    x, _ = thinned(curve(*range(100)), 10.5, 20.5, 100)
    assert x.tolist() == list(range(10, 22))


@given(st.lists(st.floats(-1e6, 1e6), min_size=50, max_size=400), st.integers(5, 20))
def test_thinning_keeps_the_extremes_and_bounds_the_number(values: list[float], columns: int) -> None:
    whole = curve(*values)
    x, y = thinned(whole, 1, len(values), columns)
    assert y.min() == min(values)
    assert y.max() == max(values)
    assert len(x) <= max(2 * columns, 2 * (columns + 3))
    assert bool((np.diff(x) >= 0).all())


def test_the_lowest_point_is_found_among_gaps() -> None:
    assert lowest(curve(math.nan, 3, 2, 4)) == (3, 2)
    assert lowest(curve(math.nan)) is None
    assert lowest(Curve()) is None


def test_the_nearest_point_is_found() -> None:
    assert nearest(curve(5, 4, 3), 1.9) == 4
    assert nearest(curve(5, 4, 3), 0) == 5
    assert nearest(curve(5, 4, 3), 99) == 3
    assert math.isnan(nearest(Curve(), 1))
