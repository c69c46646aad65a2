"""The plot inside a picture of bars, which only tells where the mouse is, and the line above it."""

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QFontMetrics, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from musicgen_app.dataset.set_bins import Marks
from musicgen_app.ui.theme import Theme, secondary_font, tabular_font

SHIFT = Qt.KeyboardModifier.ShiftModifier
_GAP = 6
"""Pixels between two words below the bars."""


class BarPlot(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph has no types
    """A plot that tells its owner which bar the mouse is at, and does nothing else with it.

    Signals:
        pressed: A bar was pressed, and whether Shift was held.
        dragged: The mouse is held at another bar.
        let_go: The mouse was let go.
        hovered: The mouse is at a bar; -1 where it has left.
    """

    pressed = Signal(int, bool)
    dragged = Signal(int)
    let_go = Signal()
    hovered = Signal(int)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.pressed.emit(self._bar(event.position().toPoint()), bool(event.modifiers() & SHIFT))
            event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        bar = self._bar(event.position().toPoint())
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.dragged.emit(bar)
        self.hovered.emit(bar)
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.let_go.emit()
            event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.mousePressEvent(event)

    def wheelEvent(self, event: QEvent) -> None:
        # The panel around it scrolls.
        event.ignore()

    def leaveEvent(self, event: QEvent) -> None:
        self.hovered.emit(-1)
        super().leaveEvent(event)

    def _bar(self, where: QPoint) -> int:
        return round(float(self.getViewBox().mapSceneToView(self.mapToScene(where)).x()))


class ReadOut(QWidget):
    """One line that ends in an ellipsis where the room does; what is chosen or pointed at is written more strongly."""

    def __init__(self, theme: Theme, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._text, self._strong = text, False
        self.setFont(tabular_font(secondary_font(self.font())))
        self.setFixedHeight(QFontMetrics(self.font()).height() + 1)

    def text(self) -> str:
        """The whole text."""
        return self._text

    def show_text(self, text: str, strong: bool) -> None:
        """Show another text."""
        if (text, strong) != (self._text, self._strong):
            self._text, self._strong = text, strong
            self.setToolTip(text)
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self._theme.colour("text" if self._strong else "secondary"))
        shown = QFontMetrics(self.font()).elidedText(self._text, Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), shown)


def fits(marks: Marks, metrics: QFontMetricsF, room: float, bars: int) -> bool:
    """Whether these words have room below so many bars, in pixels."""
    reached = -float(_GAP)
    for place, words in marks:
        middle, half = (place + 1) / (bars + 1) * room, metrics.horizontalAdvance(words) / 2
        if middle - half < max(0.0, reached + _GAP) or middle + half > room:
            return False
        reached = middle + half
    return True
