"""A small roll that only shows: for the cards of takes and the preview of a piece."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from musicgen_app.core.score import Score
from musicgen_app.ui.piano_roll.canvas import Canvas
from musicgen_app.ui.piano_roll.colours import roll_colours
from musicgen_app.ui.piano_roll.miniature import paint_miniature, whole_view
from musicgen_app.ui.piano_roll.note_index import NoteIndex
from musicgen_app.ui.theme import Theme

_PAD = 6
_CORNER = 6


class Thumbnail(QWidget):
    """Shows a whole score, painted once.

    Args:
        theme: Colours.
        parent: Qt's owner.

    Signals:
        sought: A click asked for this tick; only after `set_seekable`.
    """

    sought = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._score = Score()
        self._index = NoteIndex(self._score)
        self._playhead: int | None = None
        self._seekable = False
        self._picture: QPixmap | None = None
        self.setAccessibleName("Notes of the piece")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        theme.changed.connect(self._forget)

    def sizeHint(self) -> QSize:
        return QSize(220, 64)

    def minimumSizeHint(self) -> QSize:
        return QSize(60, 32)

    def set_score(self, score: Score) -> None:
        """Show another score, from its beginning."""
        if score is not self._score:
            self._score = score
            self._index = NoteIndex(score)
            self._playhead = None
            self._forget()

    def set_playhead(self, tick: int | None) -> None:
        """Show where the music is; None shows no playhead."""
        if tick != self._playhead:
            self._playhead = tick
            self.update()

    def set_seekable(self, seekable: bool) -> None:
        """Let clicks ask for a place in the music, or leave them to whatever the thumbnail lies in."""
        self._seekable = seekable
        self.setCursor(Qt.CursorShape.PointingHandCursor if seekable else Qt.CursorShape.ArrowCursor)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._picture is None:
            self._picture = self._painted()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture)
        if self._playhead is not None:
            view = whole_view(self._score, self._index, self.width(), self.height(), _PAD)
            x = round(view.x(self._playhead))
            painter.fillRect(x, 2, 1, self.height() - 4, self._theme.colour("playhead"))

    def _painted(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        view = whole_view(self._score, self._index, self.width(), self.height(), _PAD).scaled(ratio)
        colours = roll_colours(self._theme)
        pixmap = QPixmap(view.width, view.height)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QPainterPath()
        half = ratio / 2
        frame.addRoundedRect(half, half, view.width - ratio, view.height - ratio, _CORNER * ratio, _CORNER * ratio)
        painter.fillPath(frame, colours.white_row)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        paint_miniature(Canvas(painter, view, ratio, colours), self._index)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colours.hairline, ratio))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(frame)
        painter.end()
        pixmap.setDevicePixelRatio(ratio)
        return pixmap

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._forget()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self._seekable or event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        view = whole_view(self._score, self._index, self.width(), self.height(), _PAD)
        self.sought.emit(min(max(0, round(view.tick(event.position().x()))), self._score.end))

    def _forget(self) -> None:
        self._picture = None
        self.update()
