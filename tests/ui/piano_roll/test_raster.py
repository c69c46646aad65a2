"""Painting any number of notes at once."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from musicgen_app.ui.piano_roll.raster import EDGE, LEVELS, PALETTE_SIZE, NoteRects, paint_rows, stretch_rows

WIDTH, ROWS = 40, 5
boxes = st.tuples(st.integers(-10, 50), st.integers(1, 20), st.integers(0, ROWS - 1), st.integers(0, 3 * LEVELS - 1))


def rects(rows: list[tuple[int, int, int, int]]) -> NoteRects:
    columns = np.array(sorted(rows), dtype=np.int64).reshape(-1, 4)
    return NoteRects(columns[:, 0], columns[:, 0] + columns[:, 1], columns[:, 2], columns[:, 3])


@given(st.lists(boxes, max_size=30))
def test_every_pixel_of_a_note_is_painted_and_no_other(rows: list[tuple[int, int, int, int]]) -> None:
    painted = paint_rows(rects(rows), WIDTH, ROWS)
    expected = np.zeros((ROWS, WIDTH), dtype=bool)
    for left, width, row, _ in rows:
        expected[row, max(left, 0) : max(left + width, 0)] = True
    assert np.array_equal(painted > 0, expected)


@given(st.lists(boxes, max_size=30, unique_by=lambda box: box[2]))
def test_a_note_alone_in_its_row_has_its_value_and_a_darker_edge(rows: list[tuple[int, int, int, int]]) -> None:
    painted = paint_rows(rects(rows), WIDTH, ROWS)
    for left, width, row, value in rows:
        seen = painted[row, max(left, 0) : max(min(left + width, WIDTH), 0)]
        edged = width >= 4 and 0 <= left < WIDTH
        assert set(seen[1 if edged else 0 :].tolist()) <= {value + 1}
        if edged:
            assert seen[0] == value + 1 + EDGE


def test_where_notes_overlap_the_later_one_is_seen() -> None:
    painted = paint_rows(rects([(0, 30, 0, 5), (10, 3, 0, 9)]), WIDTH, ROWS)
    assert painted[0, 11] == 10
    assert painted[0, 2] == 6


def test_rows_get_their_heights_with_a_gap_below() -> None:
    painted = np.array([[1, 0], [0, 2]], dtype=np.uint8)
    palette = np.arange(PALETTE_SIZE, dtype=np.uint32) * 100
    out = stretch_rows(painted, np.array([-1, 3, 6]), 8, 1, palette)
    assert out[:, 0].tolist() == [100, 100, 0, 0, 0, 0, 0, 0]
    assert out[:, 1].tolist() == [0, 0, 0, 200, 200, 0, 0, 0]
