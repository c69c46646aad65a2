"""Notes with round corners at the price of copied pixels: each kind of note is drawn once and then stamped."""

from collections.abc import Callable
from math import ceil
from typing import NamedTuple

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap


class Style(NamedTuple):
    """How a note is drawn.

    Attributes:
        body: Inside.
        rim: Outline.
        line: Thickness of the outline in device pixels.
        framed: Whether the outline matters so much that also the narrowest note has it.
    """

    body: QColor
    rim: QColor
    line: float
    framed: bool = False


class NoteTiles:
    """Stamps notes of one style and size after the other.

    A stamp has two ends and one column between them that is stretched; narrow notes get stamps of their own.

    Args:
        painter: In device pixels.
        radius: Of the corners, in device pixels.
    """

    def __init__(self, painter: QPainter, radius: float) -> None:
        self._painter = painter
        self._radius = radius
        self._tiles: dict[tuple[int, int, int], QPixmap] = {}

    def stamp(self, box: QRect, kind: int, style: Callable[[int], Style]) -> None:
        """Paint one note; ``kind`` names its style, which is asked for only once."""
        look = style(kind)
        end = ceil(self._radius + look.line)
        width, height = box.width(), box.height()
        narrow = width <= 2 * end + 1
        key = (kind, width if narrow else 0, height)
        tile = self._tiles.get(key)
        if tile is None:
            tile = self._tiles[key] = self._drawn(width if narrow else 2 * end + 1, height, look)
        painter, left, top = self._painter, box.left(), box.top()
        if narrow:
            painter.drawPixmap(left, top, tile)
            return
        painter.drawPixmap(left, top, tile, 0, 0, end, height)
        painter.drawPixmap(QRect(left + end, top, width - 2 * end, height), tile, QRect(end, 0, 1, height))
        painter.drawPixmap(left + width - end, top, tile, end + 1, 0, end, height)

    def _drawn(self, width: int, height: int, style: Style) -> QPixmap:
        tile = QPixmap(width, height)
        tile.fill(Qt.GlobalColor.transparent)
        painter = QPainter(tile)
        draw_note(painter, QRect(0, 0, width, height), self._radius, style)
        painter.end()
        return tile


def draw_note(painter: QPainter, box: QRect, radius: float, style: Style) -> None:
    """Draw one note as a shape."""
    body, rim, line, framed = style
    if box.width() <= 4 * line or box.height() <= 3 * line:
        painter.fillRect(box, rim if framed else body)
        thin = int(line)
        inner = box.adjusted(thin, thin, -thin, -thin)
        if framed and inner.width() > 0 and inner.height() > 0:
            painter.fillRect(inner, body)
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(rim, line))
    painter.setBrush(body)
    inset = line / 2
    corner = min(radius, box.width() / 4, box.height() / 3)
    painter.drawRoundedRect(QRectF(box).adjusted(inset, inset, -inset, -inset), corner, corner)
