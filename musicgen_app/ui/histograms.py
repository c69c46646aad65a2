"""Histograms of pitch, duration and velocity: the whole collection, and the chosen piece over it."""

import math

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from musicgen_app.core.analysis import DURATION_CENTRES_BEATS
from musicgen_app.ui.controls import BETWEEN, GRID, SecondaryLabel
from musicgen_app.ui.note_counts import VELOCITY_STEP, NoteCounts
from musicgen_app.ui.plots import dress, faint, new_plot
from musicgen_app.ui.theme import Theme


def _place_of(beats: float) -> float:
    return float(np.argmin(np.abs(DURATION_CENTRES_BEATS - beats)))


_LENGTHS = ((0.0625, "1/64"), (0.25, "1/16"), (1.0, "1/4"), (4.0, "1/1"), (16.0, "4 bars"))
LENGTH_TICKS = tuple((_place_of(beats), words) for beats, words in _LENGTHS)
VELOCITY_TICKS = tuple((velocity / VELOCITY_STEP - 0.5, str(velocity)) for velocity in (0, 32, 64, 96, 127))
"""Places of labels under the bars, with their words."""


class Bars(QWidget):
    """One histogram: quiet bars for the whole, strong ones for the chosen piece, both as shares of their notes."""

    def __init__(self, theme: Theme, title: str, ticks: list[tuple[float, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._ticks = ticks
        self._range = (0, 1)
        self.plot = new_plot(theme)
        self.plot.setMouseEnabled(x=False, y=False)
        self.plot.setMinimumHeight(72)
        self.plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.plot.hideAxis("left")
        self.plot.showGrid(x=False, y=False)
        self.plot.setAccessibleName(f"Histogram of {title.lower()}")
        self.plot.getViewBox().setDefaultPadding(0.02)
        self._whole = pg.BarGraphItem(x=[0], height=[0], width=0.9)
        self._piece = pg.BarGraphItem(x=[0], height=[0], width=0.5)
        self.plot.addItem(self._whole)
        self.plot.addItem(self._piece)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(4)
        grid.addWidget(SecondaryLabel(title, wrap=False), 0, 0)
        grid.addWidget(self.plot, 1, 0)

    def show_shares(self, whole: NDArray[np.int64], piece: NDArray[np.int64]) -> None:
        """Draw both; either may be all zero."""
        places = np.arange(len(whole))
        self._whole.setOpts(x=places, height=_shares(whole))
        self._piece.setOpts(x=places, height=_shares(piece))
        used = np.flatnonzero(whole + piece)
        if len(used):
            self._range = (max(0, int(used[0]) - 1), min(len(whole) - 1, int(used[-1]) + 1))
            self.plot.setXRange(*self._range)
            self._label()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._label()

    def dress(self) -> None:
        """Take the theme's colours."""
        dress(self.plot, self._theme)
        self.plot.showGrid(x=False, y=False)
        self._whole.setOpts(brush=faint(self._theme.colour("secondary"), 110), pen=None)
        self._piece.setOpts(brush=self._theme.colour("accent"), pen=None)

    def _label(self) -> None:
        """Write as many labels under the axis as fit beside each other."""
        low, high = self._range
        shown = [tick for tick in self._ticks if low <= tick[0] <= high]
        widest = max((self.fontMetrics().horizontalAdvance(words) for _, words in shown), default=0)
        spread = (shown[-1][0] - shown[0][0]) * self.plot.width() / (high - low) if len(shown) > 1 else 0.0
        step = max(1, math.ceil((widest + GRID) * (len(shown) - 1) / spread)) if spread else 1
        self.plot.getAxis("bottom").setTicks([shown[::step]])


class Histograms(QWidget):
    """Three histograms beside each other."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._whole = NoteCounts.none()
        self._piece = NoteCounts.none()
        octaves = [(float(12 * (octave + 1)), f"C{octave}") for octave in range(0, 9)]
        self.pitch = Bars(theme, "Pitch", octaves)
        self.duration = Bars(theme, "Duration (note values)", list(LENGTH_TICKS))
        self.velocity = Bars(theme, "Velocity", list(VELOCITY_TICKS))
        grid = QGridLayout(self)
        grid.setContentsMargins(BETWEEN, GRID, BETWEEN, GRID)
        grid.setHorizontalSpacing(BETWEEN)
        for column, bars in enumerate(self._all()):
            grid.addWidget(bars, 0, column)
            grid.setColumnStretch(column, 1)
        theme.changed.connect(self._dress)
        self._dress()

    @property
    def whole(self) -> NoteCounts:
        """What the quiet bars show."""
        return self._whole

    def show_whole(self, counts: NoteCounts) -> None:
        """Show the collection."""
        self._whole = counts
        self._draw()

    def show_piece(self, counts: NoteCounts) -> None:
        """Show the chosen piece over it."""
        self._piece = counts
        self._draw()

    def _draw(self) -> None:
        self.pitch.show_shares(self._whole.pitch, self._piece.pitch)
        self.duration.show_shares(self._whole.duration, self._piece.duration)
        self.velocity.show_shares(self._whole.velocity, self._piece.velocity)

    def _dress(self) -> None:
        for bars in self._all():
            bars.dress()

    def _all(self) -> tuple[Bars, Bars, Bars]:
        return self.pitch, self.duration, self.velocity


def _shares(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    return counts / max(1, int(counts.sum()))
