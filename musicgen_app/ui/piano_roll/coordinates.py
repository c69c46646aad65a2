"""Where music stands on the screen, without Qt: ticks and pitches to pixels and back, scrolling and zooming."""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

PITCHES = 128
MARGIN = 12
"""Pixels left free before the first tick and around what is fitted."""

LOWEST_ROW = 3.0
HIGHEST_ROW = 48.0
_FITTED_ROW = 22.0
_CLOSEST = 1500  # pixels a beat at the largest zoom


@dataclass(frozen=True, slots=True)
class Viewport:
    """The part of a score that is seen, in pixels of any kind; pitch 127 is row 0.

    Attributes:
        left: Tick at the left edge; may be a little below 0.
        top: Row at the upper edge, with its fraction.
        ticks_per_pixel: How much time a pixel holds.
        row_height: Height of one pitch in pixels.
        width: Pixels.
        height: Pixels.
    """

    left: float = 0.0
    top: float = 0.0
    ticks_per_pixel: float = 4.0
    row_height: float = 14.0
    width: int = 1
    height: int = 1

    @property
    def span(self) -> float:
        """Ticks from the left edge to the right."""
        return self.width * self.ticks_per_pixel

    @property
    def right(self) -> float:
        """Tick at the right edge."""
        return self.left + self.span

    @property
    def rows(self) -> float:
        """Rows from the upper edge to the lower, with their fraction."""
        return self.height / self.row_height

    @property
    def lowest(self) -> int:
        """The lowest pitch that is at least partly seen."""
        return max(0, PITCHES - math.ceil(self.top + self.rows))

    @property
    def highest(self) -> int:
        """The highest pitch that is at least partly seen."""
        return min(PITCHES - 1, PITCHES - 1 - math.floor(self.top))

    def x(self, tick: float) -> float:
        """Pixels from the left edge of a tick."""
        return (tick - self.left) / self.ticks_per_pixel

    def xs(self, ticks: ArrayLike) -> NDArray[np.float64]:
        """Pixels from the left edge of many ticks, same shape."""
        return (np.asarray(ticks, dtype=np.float64) - self.left) / self.ticks_per_pixel

    def tick(self, x: float) -> float:
        """The tick at a distance from the left edge."""
        return self.left + x * self.ticks_per_pixel

    def row_edge(self, row: int) -> int:
        """Upper edge of a row, in whole pixels; neighbours share theirs, so that there is never a gap."""
        return round((row - self.top) * self.row_height)

    def row_edges(self, rows: ArrayLike) -> NDArray[np.int64]:
        """Upper edges of many rows, same shape."""
        return np.rint((np.asarray(rows) - self.top) * self.row_height).astype(np.int64)

    def pitch(self, y: float) -> int:
        """The pitch at a distance from the upper edge, 0 to 127."""
        return min(max(PITCHES - 1 - math.floor(self.top + y / self.row_height), 0), PITCHES - 1)

    def scaled(self, ratio: float) -> "Viewport":
        """The same part of the score in finer pixels."""
        return replace(
            self,
            ticks_per_pixel=self.ticks_per_pixel / ratio,
            row_height=self.row_height * ratio,
            width=max(1, round(self.width * ratio)),
            height=max(1, round(self.height * ratio)),
        )

    def scrolled(self, across: float = 0.0, down: float = 0.0) -> "Viewport":
        """Moved by pixels to the right and downwards."""
        return replace(self, left=self.left + across * self.ticks_per_pixel, top=self.top + down / self.row_height)

    def zoomed_time(self, factor: float, x: float) -> "Viewport":
        """Closer by a factor; the tick at ``x`` stays where it is."""
        return replace(
            self, ticks_per_pixel=self.ticks_per_pixel / factor, left=self.tick(x) - x * self.ticks_per_pixel / factor
        )

    def zoomed_pitch(self, factor: float, y: float) -> "Viewport":
        """Rows higher by a factor; the row at ``y`` stays where it is."""
        height = min(max(self.row_height * factor, self._lowest_row()), HIGHEST_ROW)
        return replace(self, row_height=height, top=self.top + y / self.row_height - y / height)

    def fitted(self, start: int, stop: int, low: int, high: int) -> "Viewport":
        """Zoomed and scrolled so that a span of ticks and of pitches fills the view, with a margin."""
        room = max(1, self.width - 2 * MARGIN)
        ticks_per_pixel = max(1, stop - start) / room
        height = min(max(self.height / (high - low + 5), self._lowest_row()), _FITTED_ROW)
        middle = PITCHES - (low + high + 1) / 2
        return replace(
            self,
            ticks_per_pixel=ticks_per_pixel,
            left=start - MARGIN * ticks_per_pixel,
            row_height=height,
            top=middle - self.height / height / 2,
        )

    def limited(self, end: int, ticks_per_beat: int) -> "Viewport":
        """Kept to where there is something to see: a score that ends at tick ``end``, and some room after it."""
        farthest = max(end, 16 * ticks_per_beat) * 1.5 / max(1, self.width)
        ticks_per_pixel = min(max(self.ticks_per_pixel, ticks_per_beat / _CLOSEST), farthest)
        height = min(max(self.row_height, self._lowest_row()), HIGHEST_ROW)
        first = -MARGIN * ticks_per_pixel
        last = max(first, end - self.width * ticks_per_pixel / 2)
        return replace(
            self,
            ticks_per_pixel=ticks_per_pixel,
            row_height=height,
            left=min(max(self.left, first), last),
            top=min(max(self.top, 0.0), max(0.0, PITCHES - self.height / height)),
        )

    def _lowest_row(self) -> float:
        """Rows are never so low that there would be room below the last one."""
        return min(max(LOWEST_ROW, self.height / PITCHES), HIGHEST_ROW)
