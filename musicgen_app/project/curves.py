"""Curves of many points, kept in growing arrays, smoothed, and thinned to what a screen can show."""

import math

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.float64]


class Curve:
    """Points that are appended one by one, x rising; reading them copies nothing."""

    def __init__(self, x: Column | None = None, y: Column | None = None) -> None:
        self._length = 0
        self._x: Column = np.empty(64)
        self._y: Column = np.empty(64)
        if x is not None and y is not None:
            self._x, self._y = np.array(x, dtype=float), np.array(y, dtype=float)
            self._length = len(self._x)

    def __len__(self) -> int:
        return self._length

    @property
    def x(self) -> Column:
        """Shape (points,), rising."""
        return self._x[: self._length]

    @property
    def y(self) -> Column:
        """Shape (points,); NaN where there is no value."""
        return self._y[: self._length]

    def append(self, x: float, y: float) -> None:
        """Add a point; one at an x that is not beyond the last first takes away what it replaces."""
        self.cut(x)
        if self._length == len(self._x):
            room = max(64, 2 * self._length)
            self._x, self._y = _grown(self._x, room), _grown(self._y, room)
        self._x[self._length], self._y[self._length] = x, y
        self._length += 1

    def cut(self, x: float) -> None:
        """Take away the points from ``x`` on."""
        if self._length and self._x[self._length - 1] >= x:
            self._length = int(np.searchsorted(self.x, x, side="left"))


def _grown(column: Column, room: int) -> Column:
    grown = np.empty(room)
    grown[: len(column)] = column
    return grown


def thinned(curve: Curve, low: float, high: float, columns: int) -> tuple[Column, Column]:
    """The points of a curve to draw between two x, at most about two in each column of pixels.

    Each column keeps its smallest and its largest value, so no peak is lost. Points without a value are left out; one
    point beyond each side stays, so that lines reach the edge.
    """
    first = max(0, int(np.searchsorted(curve.x, low, side="left")) - 1)
    last = min(len(curve), int(np.searchsorted(curve.x, high, side="right")) + 1)
    x, y = curve.x[first:last], curve.y[first:last]
    there = np.isfinite(y)
    if not bool(there.all()):
        x, y = x[there], y[there]
    if len(x) <= 2 * columns:
        return x.copy(), y.copy()
    # Columns are cut by x, not by count, so that a curve does not crawl while points are appended.
    width = (high - low) / columns
    bins = np.floor((x - low) / width)
    starts = np.flatnonzero(np.concatenate([[True], np.diff(bins) > 0]))
    lows, highs = np.minimum.reduceat(y, starts), np.maximum.reduceat(y, starts)
    ends = np.append(starts[1:], len(x)) - 1
    out_x = np.column_stack([x[starts], x[ends]]).ravel()
    # A column that falls is drawn from its largest to its smallest value.
    falling = y[starts] > y[ends]
    out_y = np.column_stack([np.where(falling, highs, lows), np.where(falling, lows, highs)]).ravel()
    return out_x, out_y


def smoothed(curve: Curve, epochs: int) -> Curve:
    """A running mean: each value that is known becomes the mean of those so many epochs around it.

    The window is centred, so nothing lags behind, and narrower towards both ends, so that they are not flattened.

    Args:
        curve: Over epochs.
        epochs: Width of the window; up to 1 changes nothing.
    """
    if epochs <= 1 or len(curve) < 3:
        return curve
    x, known = curve.x, np.isfinite(curve.y)
    reach = np.minimum((epochs - 1) / 2, np.minimum(x - x[0], x[-1] - x))
    first, last = np.searchsorted(x, x - reach, side="left"), np.searchsorted(x, x + reach, side="right")
    sums = np.concatenate([[0.0], np.cumsum(np.where(known, curve.y, 0.0))])
    counts = np.concatenate([[0], np.cumsum(known)])
    means = (sums[last] - sums[first]) / np.maximum(1, counts[last] - counts[first])
    return Curve(x, np.where(known, means, np.nan))


def lowest(curve: Curve) -> tuple[float, float] | None:
    """The point with the smallest value; None where there is no value."""
    if len(curve) == 0 or bool(np.isnan(curve.y).all()):
        return None
    at = int(np.nanargmin(curve.y))
    return float(curve.x[at]), float(curve.y[at])


def nearest(curve: Curve, x: float) -> float:
    """The value of the point nearest to an x; NaN for an empty curve."""
    if len(curve) == 0:
        return math.nan
    at = int(np.searchsorted(curve.x, x))
    if at > 0 and (at == len(curve) or x - curve.x[at - 1] <= curve.x[at] - x):
        at -= 1
    return float(curve.y[at])
