"""What stands over the curves of a loss plot: the best point, and dotted lines to compare with."""

from collections.abc import Callable, Sequence

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor

from musicgen_app.project.plot_drawing import REFERENCE_NAMES, apart
from musicgen_app.ui.plots import faint
from musicgen_app.ui.theme import Theme

_LINES_Z, _WORDS_Z, _DOT_Z = 50, 60, 70
_BEHIND_WORDS = 215
_BEHIND_NAMES = 150
"""How much the words hide of what runs behind them, 0 to 255."""
_LEFT, _RIGHT = 1.06, -0.06
_BESIDE = (-0.25, 1.25, -1.5, 2.5, -2.75, 3.75)
"""Where words may hang beside a point, in their own heights: just below, just above, further below ..."""


class ReferenceLines:
    """Dotted lines across a plot, each with its words at its right end; words never lie over each other.

    A line beyond what the plot shows has its words at that edge, with an arrow.
    """

    def __init__(self, plot: pg.PlotWidget, theme: Theme) -> None:
        self._plot = plot
        self._theme = theme
        self.lines = {name: pg.InfiniteLine(angle=0, movable=False) for name in REFERENCE_NAMES}
        self.words = {name: pg.TextItem(anchor=(1, 0.5)) for name in REFERENCE_NAMES}
        for name in REFERENCE_NAMES:
            _add(plot, self.lines[name], _LINES_Z)
            _add(plot, self.words[name], _WORDS_Z)

    def draw(
        self, drawn: Sequence[tuple[str, float]], scaled: Callable[[float], float], crossing: Sequence[float]
    ) -> list[QRectF]:
        """Draw lines in the range the plot shows now, and take the others away.

        Args:
            drawn: Names and losses, lowest first.
            scaled: Where a loss stands on the axis.
            crossing: Where curves run at the right end, on the axis; words keep to the side of their line where
                there are fewer.

        Returns:
            Where their words stand, in the scene.
        """
        for name in REFERENCE_NAMES:
            for item in (self.lines[name], self.words[name]):
                item.setVisible(name in dict(drawn))
        box = self._plot.getViewBox()
        port = box.sceneBoundingRect()
        curves = [box.mapViewToScene(QPointF(0, at)).y() for at in crossing]
        wanted, height = [], 0.0
        for name, loss in drawn:
            at = box.mapViewToScene(QPointF(0, scaled(loss))).y()
            arrow = "\N{UPWARDS ARROW} " if at < port.top() else "\N{DOWNWARDS ARROW} " if at > port.bottom() else ""
            self._dress(name, f"{arrow}{REFERENCE_NAMES[name]} {loss:.2f}")
            self.lines[name].setValue(scaled(loss))
            height = float(self.words[name].boundingRect().height())
            wanted.append(_side(at, height / 2, curves))
        placed = apart(wanted, height, port.top() + height / 2, port.bottom() - height / 2)
        right = self._plot.viewRange()[0][1]
        for (name, _), middle in zip(drawn, placed, strict=True):
            self.words[name].setPos(right, box.mapSceneToView(QPointF(port.right(), middle)).y())
        return [_rect(box, self.words[name], (1, 0.5)) for name, _ in drawn]

    def _dress(self, name: str, words: str) -> None:
        grey = self._theme.colour("secondary")
        self.lines[name].setPen(pg.mkPen(faint(grey, 150), width=1, style=Qt.PenStyle.DotLine))
        self.words[name].setText(words, color=grey)
        self.words[name].fill = pg.mkBrush(faint(self._theme.colour("surface"), _BEHIND_NAMES))


class BestPoint:
    """The best epoch of a run: a dot, a dashed line, and its loss in words."""

    def __init__(self, plot: pg.PlotWidget, theme: Theme) -> None:
        self._plot = plot
        self._theme = theme
        self.line = pg.InfiniteLine(angle=90, movable=False)
        self.dot = pg.ScatterPlotItem(size=10)
        self.words = pg.TextItem()
        for item, z in ((self.line, _LINES_Z), (self.words, _WORDS_Z), (self.dot, _DOT_Z)):
            _add(plot, item, z)

    def hide(self) -> None:
        """Mark nothing."""
        for item in (self.line, self.dot, self.words):
            item.setVisible(False)

    def draw(self, epoch: float, loss: float, at: float, colour: QColor, taken: Sequence[QRectF]) -> None:
        """Mark a point.

        Args:
            epoch: Where it stands, and what to say of it.
            loss: What to say of it.
            at: Where the loss stands on the axis.
            colour: Of the run.
            taken: Where words stand already, in the scene.
        """
        surface = self._theme.colour("surface")
        self.line.setValue(epoch)
        self.line.setPen(pg.mkPen(faint(colour, 90), width=1, style=Qt.PenStyle.DashLine))
        self.dot.setData([epoch], [at], brush=colour, pen=pg.mkPen(surface, width=2))
        self.words.fill = pg.mkBrush(faint(surface, _BEHIND_WORDS))
        self.words.setText(f"Best: {loss:.3f} in epoch {epoch:.0f}", color=self._theme.colour("text"))
        self.words.setPos(epoch, at)
        self.words.setAnchor(self._free(epoch, taken))
        for item in (self.line, self.dot, self.words):
            item.setVisible(True)

    def _free(self, epoch: float, taken: Sequence[QRectF]) -> tuple[float, float]:
        """The side of the point, towards the middle of the plot, where nothing else is said."""
        low, high = self._plot.viewRange()[0]
        across = _LEFT if epoch > (low + high) / 2 else _RIGHT
        box = self._plot.getViewBox()
        port = box.sceneBoundingRect()
        for down in _BESIDE:
            place = _rect(box, self.words, (across, down))
            inside = port.top() <= place.top() and place.bottom() <= port.bottom()
            if inside and not any(place.intersects(other) for other in taken):
                return across, down
        return across, _BESIDE[0]


def _side(line: float, half: float, curves: Sequence[float]) -> float:
    """The middle of words above a line, or below it where fewer curves run."""
    crowds = [sum(abs(curve - middle) <= half for curve in curves) for middle in (line - half, line + half)]
    return line + half if crowds[1] < crowds[0] else line - half


def _add(plot: pg.PlotWidget, item: pg.GraphicsObject, z: int) -> None:
    item.setZValue(z)
    item.setVisible(False)
    plot.addItem(item, ignoreBounds=True)


def _rect(box: pg.ViewBox, words: pg.TextItem, anchor: tuple[float, float]) -> QRectF:
    """Where words stand in the scene when they hang by this point of theirs."""
    size = words.boundingRect().size()
    at = box.mapViewToScene(words.pos())
    return QRectF(at.x() - anchor[0] * size.width(), at.y() - anchor[1] * size.height(), size.width(), size.height())
