"""One statistic of a collection as bars: all usable files, those that are left, and a brush over some bars."""

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFontMetricsF,
    QKeyEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from musicgen_app.dataset.library_statistics import Counts
from musicgen_app.dataset.set_bins import Quantity
from musicgen_app.ui.bar_plot import SHIFT, BarPlot, ReadOut, fits
from musicgen_app.ui.piano_roll.speech import say
from musicgen_app.ui.plots import dress, faint
from musicgen_app.ui.theme import Theme

_TOP = 1.26
"""Height of the plot, the tallest bar being 1; the rest is for the mark of the chosen piece."""
_LEAST = 0.03
"""What is not nothing is seen, however little it is."""
_BAR, _NARROW, _BRUSH = 0.88, 0.5, 1.0
"""Widths of what is drawn, the distance of two bars being 1."""
_HOW = "Drag over bars to show only their files. Arrow keys move the choice, Shift widens it, Delete takes it away."
_HOW_NAMED = f"{_HOW} Shift and a click add or take away one bar."


class BarPicture(QFrame):
    """A title that reads out what the mouse is at, and the bars below it.

    Signals:
        brushed: Other bars are chosen by hand (a tuple; empty for none).
    """

    brushed = Signal(object)

    def __init__(self, theme: Theme, quantity: Quantity, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._quantity = quantity
        self._whole: Counts = np.zeros(len(quantity.bars), dtype=np.int64)
        self._left: Counts = self._whole
        self._chosen: tuple[int, ...] = ()
        self._own_scale = False
        self._piece: int | None = None
        self._anchor = self._cursor = self._hover = -1
        self._before: tuple[int, ...] = ()
        self._adding = self._moved = False
        self.setProperty("kind", "picture")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.title = ReadOut(theme, quantity.title)
        self.plot = self._new_plot()
        self._brush, self._quiet, self._outside, self._strong = (
            pg.BarGraphItem(x=[0], height=[0], width=width) for width in (_BRUSH, _BAR, _BAR, _BAR)
        )
        self._mark = pg.ScatterPlotItem(symbol="t", size=7, pen=None)
        for item in (self._brush, self._quiet, self._outside, self._strong, self._mark):
            self.plot.addItem(item)
        box = QVBoxLayout(self)
        box.setContentsMargins(4, 2, 4, 0)
        box.setSpacing(0)
        box.addWidget(self.title)
        box.addWidget(self.plot, 1)
        self.dress()

    @property
    def quantity(self) -> Quantity:
        """What it shows."""
        return self._quantity

    @property
    def chosen(self) -> tuple[int, ...]:
        """The bars that are chosen."""
        return self._chosen

    def show_counts(self, quantity: Quantity, whole: Counts, left: Counts, own_scale: bool) -> None:
        """Show other counts, and other bars where the collection has others now.

        Args:
            quantity: The same quantity, of the collection as it is now.
            whole: Shape (bars,): all usable files.
            left: Shape (bars,): those that all other brushes leave.
            own_scale: Whether what is left is drawn narrow, as high as if it were all.
        """
        if quantity.bars != self._quantity.bars:
            self._quantity = quantity
            self._anchor = self._cursor = -1
            self.plot.setXRange(-1, len(quantity.bars), padding=0)
            self._label()
        self._whole, self._left, self._own_scale = whole, left, own_scale
        self._draw()

    def show_chosen(self, chosen: Sequence[int]) -> None:
        """Choose bars; tells nobody."""
        self._chosen = tuple(sorted(chosen))
        self._draw()

    def show_piece(self, bar: int | None) -> None:
        """Mark the bar of the chosen piece."""
        self._piece = bar
        self._draw()

    def words(self) -> str:
        """What is chosen, for people: "96 to 120"; empty where nothing is."""
        return self._quantity.words(self._chosen) if self._chosen else ""

    def dress(self) -> None:
        """Take the theme's colours."""
        dress(self.plot, self._theme)
        self.plot.showGrid(x=False, y=False)
        accent, quiet = self._theme.colour("accent"), self._theme.colour("secondary")
        self._brush.setOpts(brush=faint(accent, 34), pen=None)
        self._quiet.setOpts(brush=faint(quiet, 80), pen=None)
        self._outside.setOpts(brush=faint(accent, 95), pen=None)
        self._strong.setOpts(brush=accent, pen=None)
        self._mark.setBrush(self._theme.colour("text"))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._label()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._speak()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, widen = event.key(), bool(event.modifiers() & SHIFT)
        last = len(self._quantity.bars) - 1
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if key in steps:
            self._walk(self._next(steps[Qt.Key(key)]), widen)
        elif key == Qt.Key.Key_Home:
            self._walk(0, widen)
        elif key == Qt.Key.Key_End:
            self._walk(last, widen)
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) or (key == Qt.Key.Key_Escape and self._chosen):
            self._choose(())
        else:
            super().keyPressEvent(event)

    def _new_plot(self) -> BarPlot:
        plot = BarPlot(background=self._theme.palette.surface)
        plot.setMenuEnabled(False)
        plot.hideButtons()
        plot.setAntialiasing(True)
        plot.setMouseEnabled(x=False, y=False)
        plot.hideAxis("left")
        plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        plot.setMouseTracking(True)
        plot.setMinimumHeight(48)
        plot.getAxis("bottom").setHeight(17)
        plot.setXRange(-1, len(self._quantity.bars), padding=0)
        plot.setYRange(0, _TOP, padding=0)
        plot.pressed.connect(self._on_pressed)
        plot.dragged.connect(self._on_dragged)
        plot.let_go.connect(self._on_let_go)
        plot.hovered.connect(self._on_hovered)
        return plot

    def _on_pressed(self, bar: int, shift: bool) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        bar = self._inside(bar)
        self._before, self._moved = self._chosen, False
        self._adding = shift and self._quantity.named
        if shift and not self._quantity.named and self._chosen:
            self._span(bar)
            return
        self._anchor = self._cursor = bar
        if self._adding:
            self._choose(set(self._chosen) ^ {bar})
        elif self._chosen != (bar,):
            self._choose((bar,))

    def _on_dragged(self, bar: int) -> None:
        bar = self._inside(bar)
        if bar == self._cursor or self._anchor < 0:
            return
        self._moved = True
        if self._adding:
            self._cursor = bar
            low, high = sorted((self._anchor, bar))
            self._choose({*self._before, *range(low, high + 1)})
        else:
            self._span(bar)

    def _on_let_go(self) -> None:
        # The only chosen bar, clicked once more, is chosen no longer.
        if self._before == self._chosen == (self._cursor,) and not self._adding and not self._moved:
            self._choose(())
        self._before, self._adding = (), False

    def _on_hovered(self, bar: int) -> None:
        self._hover = bar if 0 <= bar < len(self._quantity.bars) else -1
        self._read_out()

    def _walk(self, bar: int, widen: bool) -> None:
        """Choose one bar by the keys, or all from where the choice began."""
        if widen and self._chosen:
            self._span(bar)
        else:
            self._anchor = self._cursor = bar
            self._choose((bar,))

    def _next(self, step: int) -> int:
        """The bar a key leads to; at first one that has files."""
        if self._chosen and self._cursor >= 0:
            return self._inside(self._cursor + step)
        filled = np.flatnonzero(self._whole)
        if not len(filled):
            return 0
        return int(filled[0] if step > 0 else filled[-1])

    def _span(self, bar: int) -> None:
        if self._anchor < 0:
            self._anchor = self._chosen[0]
        self._cursor = bar
        low, high = sorted((self._anchor, bar))
        self._choose(range(low, high + 1))

    def _choose(self, chosen: Sequence[int] | set[int]) -> None:
        """Choose bars by hand."""
        wanted = tuple(sorted(chosen))
        if wanted == self._chosen:
            return
        self._chosen = wanted
        if not wanted:
            self._anchor = self._cursor = -1
        self._draw()
        self.brushed.emit(wanted)
        if self.hasFocus():
            say(self, self.accessibleName())

    def _inside(self, bar: int) -> int:
        return min(max(bar, 0), len(self._quantity.bars) - 1)

    def _draw(self) -> None:
        places = np.arange(len(self._whole))
        most, most_left = int(self._whole.max(initial=0)), int(self._left.max(initial=0))
        everything = not self._chosen and np.array_equal(self._left, self._whole)
        whole = _heights(self._whole, most)
        # All files are not drawn twice.
        left = _heights(np.zeros_like(self._left) if everything else self._left, most_left if self._own_scale else most)
        width = _NARROW if self._own_scale else _BAR
        inside = np.isin(places, self._chosen) if self._chosen else np.ones(len(places), dtype=np.bool_)
        self._quiet.setOpts(x=places, height=whole)
        self._outside.setOpts(x=places, height=np.where(inside, 0.0, left), width=width)
        self._strong.setOpts(x=places, height=np.where(inside, left, 0.0), width=width)
        self._brush.setOpts(
            x=list(self._chosen) or [0], height=[_TOP if self._chosen else 0] * max(1, len(self._chosen))
        )
        if self._piece is None or self._piece >= len(places):
            self._mark.setData([], [])
        else:
            height = max(float(whole[self._piece]), float(left[self._piece]))
            self._mark.setData([self._piece], [height + 0.13])
        self._read_out()
        self._speak()

    def _read_out(self) -> None:
        """Let the title tell what the mouse is at, or what is chosen."""
        if self._hover >= 0:
            bar, whole, left = self._quantity.bars[self._hover], self._whole[self._hover], self._left[self._hover]
            files = f"{left:,} of {whole:,}" if left != whole else _files(int(whole))
            self.title.show_text(f"{bar.words}: {files}", True)
        elif self._chosen:
            self.title.show_text(f"{self._quantity.short}: {self.words()}", True)
        else:
            self.title.show_text(self._quantity.title, False)

    def _speak(self) -> None:
        if self._chosen:
            files = _files(int(self._left[list(self._chosen)].sum()))
            self.setAccessibleName(f"{self._quantity.short}: {self.words()}, {files}")
        else:
            self.setAccessibleName(f"{self._quantity.title}: all, {_files(int(self._left.sum()))}")
        self.setAccessibleDescription(_HOW_NAMED if self._quantity.named else _HOW)

    def _label(self) -> None:
        """Write the fullest words under the bars for which there is room."""
        axis = self.plot.getAxis("bottom")
        metrics = QFontMetricsF(axis.style["tickFont"] or self.font())
        room = float(self.plot.width())
        for marks in self._quantity.marks:
            if fits(marks, metrics, room, len(self._quantity.bars)):
                axis.setTicks([marks])
                return
        axis.setTicks([[]])


def _heights(counts: Counts, tallest: int) -> NDArray[np.float64]:
    """Shape (bars,): 1 for so many."""
    return np.where(counts > 0, np.maximum(counts / max(1, tallest), _LEAST), 0.0)


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count:,} files"
