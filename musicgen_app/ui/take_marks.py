"""The takes of the chosen run as marks on its curve; a click on one, or on the curve near it, is told."""

import math
from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QObject, QPointF, Qt, Signal, Slot

from musicgen_app.project.curves import Column, Curve
from musicgen_app.project.timeline import TimelineTake
from musicgen_app.ui.loss_plot import LossPlot
from musicgen_app.ui.plots import faint
from musicgen_app.ui.theme import Theme

_MARKS_Z = 80
_SIZE, _CURRENT_SIZE, _HEARD_SIZE = 9, 13, 16
_APART = 11.0
"""Marks stand at least so many pixels from each other; of a crowd the first is drawn."""
_NEAR = 14.0
"""A click within so many pixels of the curve belongs to it."""


class TakeMarks(QObject):
    """Triangles on a loss plot, one a take.

    Args:
        plot: Where; its main run has the takes.
        theme: Colours.
        parent: Qt's owner.

    Signals:
        pressed: A take was clicked, or the curve near it (a TimelineTake).
    """

    pressed = Signal(object)

    def __init__(self, plot: LossPlot, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._plot = plot
        self._theme = theme
        self._takes: tuple[TimelineTake, ...] = ()
        self._current: TimelineTake | None = None
        self._heard = False
        self.item = pg.ScatterPlotItem(symbol="t1", hoverable=True, tip=_tip, pxMode=True)
        self.item.setZValue(_MARKS_Z)
        plot.plot.addItem(self.item, ignoreBounds=True)
        plot.redrawn.connect(self.draw)
        plot.plot.scene().sigMouseClicked.connect(self._on_click)
        plot.plot.scene().sigMouseMoved.connect(self._on_mouse)

    def set_takes(self, takes: Sequence[TimelineTake], current: TimelineTake | None, heard: bool) -> None:
        """Show other takes.

        Args:
            takes: Those of the plot's main run, in the order of training.
            current: The one that is chosen.
            heard: Whether that one is playing.
        """
        self._takes, self._current, self._heard = tuple(takes), current, heard
        self.draw()

    def place(self, take: TimelineTake) -> QPointF:
        """Where a take stands in the scene."""
        at: QPointF = self._plot.plot.getViewBox().mapViewToScene(QPointF(take.at, self._plot.height_of(take.loss)))
        return at

    @property
    def drawn(self) -> tuple[TimelineTake, ...]:
        """The takes that have a mark at the moment: where they crowd not all have."""
        return tuple(point.data() for point in self.item.points())

    @Slot()
    def draw(self) -> None:
        """Draw the marks where the plot shows their losses now."""
        key = self._plot.main
        shown = [] if key is None or not self._plot.is_shown(key) else self._spread()
        accent, surface = self._theme.colour("accent"), self._theme.colour("surface")
        quiet = [take != self._current for take in shown]
        chosen = _HEARD_SIZE if self._heard else _CURRENT_SIZE
        text = self._theme.colour("text")
        self.item.setData(
            x=[take.at for take in shown],
            y=[self._plot.height_of(take.loss) for take in shown],
            size=[_SIZE if one else chosen for one in quiet],
            brush=[pg.mkBrush(faint(accent, 210) if one else accent) for one in quiet],
            pen=[pg.mkPen(surface if one else text, width=1.5) for one in quiet],
            data=shown,
        )

    def take_at(self, where: QPointF) -> TimelineTake | None:
        """The take that a click at a place in the scene means; None away from the curves."""
        box = self._plot.plot.getViewBox()
        key = self._plot.main
        if not self._takes or key is None or not self._plot.is_shown(key):
            return None
        if not box.sceneBoundingRect().contains(where):
            return None
        near = min(self._takes, key=lambda take: _distance(self.place(take), where))
        if _distance(self.place(near), where) <= _NEAR:
            return near
        across = box.mapSceneToView(where).x()
        for kind in ("validation", "training"):
            loss = _loss_at(self._plot.curve(key, kind), across)
            if math.isfinite(loss):
                height = box.mapViewToScene(QPointF(across, self._plot.height_of(loss))).y()
                if abs(height - where.y()) <= _NEAR:
                    return min(self._takes, key=lambda take: abs(take.at - across))
        return None

    def _spread(self) -> list[TimelineTake]:
        """The takes that are drawn: the current one, and of the others those that do not crowd."""
        found: list[TimelineTake] = []
        last = -math.inf
        for take in self._takes:
            across = self.place(take).x()
            if take == self._current or across - last >= _APART:
                found.append(take)
                last = across
        return found

    @Slot(object)
    def _on_click(self, event: object) -> None:
        if event.button() != Qt.MouseButton.LeftButton or event.double():  # type: ignore[attr-defined]
            return
        take = self.take_at(event.scenePos())  # type: ignore[attr-defined]
        if take is not None:
            self.pressed.emit(take)

    @Slot(object)
    def _on_mouse(self, where: QPointF) -> None:
        hand = self.take_at(where) is not None
        self._plot.plot.viewport().setCursor(Qt.CursorShape.PointingHandCursor if hand else Qt.CursorShape.ArrowCursor)


def take_words(take: TimelineTake, short: bool = False) -> str:
    """A take in a few words: its epoch, its loss and, unless they have to be short, its length."""
    epoch = f"Epoch {take.at:.1f}" if take.batch else f"Epoch {take.epoch}"
    words = (
        (epoch, f"{take.loss:.2f}") if short else (epoch, f"{take.loss:.2f} nats a note", f"{take.length_sec:.0f} s")
    )
    return " \N{MIDDLE DOT} ".join(words)


def _tip(x: float, y: float, data: TimelineTake) -> str:
    return take_words(data)


def _distance(one: QPointF, other: QPointF) -> float:
    return math.hypot(one.x() - other.x(), one.y() - other.y())


def _loss_at(curve: Curve, x: float) -> float:
    """The loss of a curve between its points; NaN beyond them."""
    known: Column = np.isfinite(curve.y)
    if not known.any():
        return math.nan
    return float(np.interp(x, curve.x[known], curve.y[known], left=math.nan, right=math.nan))
