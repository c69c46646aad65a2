"""Ticks and pitches to pixels and back."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicgen_app.ui.piano_roll.coordinates import HIGHEST_ROW, MARGIN, Viewport

views = st.builds(
    Viewport,
    left=st.floats(-100, 100_000),
    top=st.floats(0, 100),
    ticks_per_pixel=st.floats(0.5, 200),
    row_height=st.floats(3, 48),
    width=st.integers(50, 4000),
    height=st.integers(50, 2000),
)


@given(views, st.floats(0, 4000))
def test_a_pixel_and_its_tick_belong_together(view: Viewport, x: float) -> None:
    assert view.x(view.tick(x)) == pytest.approx(x, abs=1e-3)
    assert view.xs([view.tick(x)])[0] == pytest.approx(view.x(view.tick(x)))


@given(views, st.integers(0, 127))
def test_the_pixels_of_a_row_belong_to_its_pitch(view: Viewport, pitch: int) -> None:
    top, bottom = view.row_edge(127 - pitch), view.row_edge(128 - pitch)
    assert bottom > top
    assert view.pitch((top + bottom) / 2) == pitch
    assert view.row_edges(np.array([127 - pitch, 128 - pitch])).tolist() == [top, bottom]


@given(views, st.floats(0.1, 10), st.floats(0, 2000))
def test_zooming_keeps_what_is_under_the_cursor(view: Viewport, factor: float, place: float) -> None:
    assert view.zoomed_time(factor, place).tick(place) == pytest.approx(view.tick(place), abs=1e-3)
    zoomed = view.zoomed_pitch(factor, place)
    assert zoomed.top + place / zoomed.row_height == pytest.approx(view.top + place / view.row_height)


@given(views, st.integers(0, 10**6), st.sampled_from([24, 480, 960]))
def test_limits_are_kept_and_do_not_move_what_keeps_them(view: Viewport, end: int, beat: int) -> None:
    limited = view.limited(end, beat)
    again = limited.limited(end, beat)
    assert again.left == pytest.approx(limited.left)
    assert again.top == pytest.approx(limited.top)
    assert limited.left >= -MARGIN * limited.ticks_per_pixel - 1e-6
    assert limited.top >= 0
    assert limited.row_height <= HIGHEST_ROW
    assert limited.lowest == 0 or limited.top + limited.rows <= 128 + 1e-6


@given(views, st.integers(0, 10_000), st.integers(1, 100_000), st.integers(0, 127), st.integers(0, 127))
def test_what_is_fitted_is_seen(view: Viewport, start: int, length: int, one: int, other: int) -> None:
    low, high = sorted((one, other))
    fitted = view.fitted(start, start + length, low, high)
    assert fitted.x(start) == pytest.approx(MARGIN, abs=0.1)
    assert fitted.x(start + length) <= view.width
    if (high - low + 5) * max(3.0, view.height / 128) <= view.height:
        assert fitted.lowest <= low
        assert fitted.highest >= high


@given(views, st.sampled_from([1.0, 1.25, 1.5, 2.0, 3.0]))
def test_finer_pixels_show_the_same(view: Viewport, ratio: float) -> None:
    fine = view.scaled(ratio)
    assert fine.x(view.tick(17)) == pytest.approx(17 * ratio, abs=1e-3)
    assert fine.span == pytest.approx(view.span, rel=0.02)
    assert fine.rows == pytest.approx(view.rows, rel=0.02)


def test_scrolling_moves_by_pixels() -> None:
    view = replace(Viewport(), width=100, height=100)
    assert view.scrolled(across=10).tick(0) == view.tick(10)
    assert view.scrolled(down=14).pitch(0) == view.pitch(14)
