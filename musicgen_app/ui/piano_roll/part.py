"""A piece of the roll beside the notes (keys, ruler, lanes): what they have in common."""

from collections.abc import Callable

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from musicgen_app.ui.piano_roll.canvas import Canvas
from musicgen_app.ui.piano_roll.colours import RollColours, roll_colours
from musicgen_app.ui.piano_roll.coordinates import Viewport
from musicgen_app.ui.piano_roll.state import RollState
from musicgen_app.ui.piano_roll.wheel import wheel
from musicgen_app.ui.theme import Theme


class RollPart(QWidget):
    """Paints itself in device pixels and scrolls with the roll.

    What it shows is kept as a picture until `refresh`, so that the playhead's strip costs next to nothing.

    Attributes:
        state: What all parts share.
        colours: The theme's.
        beside_notes: Whether it stands left of the notes; otherwise above or below, where there are no pitches.
    """

    beside_notes = False

    def __init__(self, state: RollState, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.state = state
        self.colours: RollColours = roll_colours(theme)
        self._theme = theme
        self._picture: QPixmap | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)
        theme.changed.connect(self._on_theme)

    def paint(self, canvas: Canvas) -> None:
        """Paint the whole part; its own width and height are those of the canvas' view."""

    def paint_over(self, canvas: Canvas) -> None:
        """Paint what moves over the picture."""

    def refresh(self) -> None:
        """Paint all of it anew."""
        self._picture = None
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        ratio = self.devicePixelRatioF()
        if self._picture is None or self._picture.devicePixelRatio() != ratio:
            self._picture = QPixmap(round(self.width() * ratio), round(self.height() * ratio))
            self._painted(QPainter(self._picture), self.paint)
            self._picture.setDevicePixelRatio(ratio)
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture)
        painter.scale(1 / ratio, 1 / ratio)
        self._painted(painter, self.paint_over)

    def _painted(self, painter: QPainter, paint: Callable[[Canvas], None]) -> None:
        view, ratio = self.state.viewport, self.devicePixelRatioF()
        width, height = (view.width, self.height()) if not self.beside_notes else (self.width(), view.height)
        own = Viewport(view.left, view.top, view.ticks_per_pixel, view.row_height, width, height)
        paint(Canvas(painter, own.scaled(ratio), ratio, self.colours))
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.refresh()

    def wheelEvent(self, event: QWheelEvent) -> None:
        place = QPointF(0.0, event.position().y()) if self.beside_notes else QPointF(event.position().x(), 0.0)
        wheel(self.state, event, place, over_time=not self.beside_notes)

    def update_playhead(self, old: int, new: int) -> None:
        """Paint only the strips the playhead leaves and enters."""
        for tick in (old, new):
            self.update(round(self.state.viewport.x(tick)) - 8, 0, 17, self.height())

    def _on_theme(self) -> None:
        self.colours = roll_colours(self._theme)
        self.refresh()
