"""Paints any number of notes into an array at once, without Qt: the way to draw many at the price of few."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEVELS = 32
"""Velocities are drawn in this many colours."""

NORMAL, SELECTED, DIMMED = 0, 1, 2
"""How a note stands out; times `LEVELS` it is added to the level."""

EDGE = 3 * LEVELS
"""Added for the first pixels of a note, which are drawn darker so that repeated notes stay apart."""

PALETTE_SIZE = 2 * EDGE + 1
"""Value 0 is nothing; 1 to 96 are bodies of notes; 97 to 192 are edges."""


@dataclass(frozen=True, slots=True)
class NoteRects:
    """Notes as rectangles in whole pixels; each column has shape (notes,).

    Attributes:
        left: First pixel.
        right: The pixel after the last; at least one more than ``left``.
        row: Row of the pitch, from 0.
        value: Level of the velocity (0 to 31) plus `LEVELS` times how it stands out.
    """

    left: NDArray[np.int64]
    right: NDArray[np.int64]
    row: NDArray[np.int64]
    value: NDArray[np.int64]


def paint_rows(rects: NoteRects, width: int, rows: int) -> NDArray[np.uint8]:
    """Paint notes one pixel high, shape (rows, width), as values of the palette.

    Where notes of one pitch overlap, the one that began last is seen.
    """
    left = np.clip(rects.left, 0, width)
    right = np.clip(rects.right, 0, width)
    stride = width + 1
    starts, stops = rects.row * stride + left, rects.row * stride + right
    size = rows * stride
    changes = np.bincount(starts, minlength=size) - np.bincount(stops, minlength=size)
    covered = np.cumsum(changes.reshape(rows, stride), axis=1, dtype=np.int32) > 0
    begun = np.zeros(size, dtype=np.int32)
    begun[starts] = np.arange(1, len(starts) + 1, dtype=np.int32)
    # Notes come in order of onset, so the largest number so far in a row is the note that began last.
    latest = np.maximum.accumulate(begun.reshape(rows, stride), axis=1)
    values = np.concatenate([[0], rects.value + 1]).astype(np.uint8)
    painted: NDArray[np.uint8] = np.where(covered, values[latest], 0).astype(np.uint8)
    wide = rects.right - rects.left >= 4
    visible = wide & (rects.left >= 0) & (rects.left < width)
    at = starts[visible]
    flat = painted.ravel()
    flat[at] = np.where(flat[at] > 0, (rects.value[visible] + 1 + EDGE).astype(np.uint8), flat[at])
    return painted[:, :width]


def stretch_rows(
    painted: NDArray[np.uint8], edges: NDArray[np.int64], height: int, gap: int, palette: NDArray[np.uint32]
) -> NDArray[np.uint32]:
    """Give each row its height in pixels and each value its colour.

    Args:
        painted: Shape (rows, width).
        edges: Upper edge of each row and the lower one of the last, shape (rows + 1,).
        height: Of the picture, in pixels.
        gap: Pixels left free at the foot of each row.
        palette: Shape (PALETTE_SIZE,), premultiplied ARGB.

    Returns:
        Shape (height, width), premultiplied ARGB.
    """
    y = np.arange(height)
    row = np.searchsorted(edges, y, side="right") - 1
    inside = (row >= 0) & (row < len(painted))
    row = np.clip(row, 0, len(painted) - 1)
    inside &= y < edges[row + 1] - gap
    coloured = palette[painted]
    out = coloured[row]
    out[~inside] = 0
    return np.ascontiguousarray(out)
