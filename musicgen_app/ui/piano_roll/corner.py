"""The fields at the left of the ruler and of the lanes, which name them."""

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from musicgen_app.ui.piano_roll.keyboard import WIDTH
from musicgen_app.ui.theme import SECONDARY_POINTS, Theme


class Corner(QWidget):
    """A quiet field with a word, or with nothing."""

    def __init__(self, theme: Theme, word: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._word = word
        self.setFixedWidth(WIDTH)
        font = self.font()
        font.setPointSize(SECONDARY_POINTS - 1)
        self.setFont(font)
        theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.colour("surface"))
        line = self._theme.colour("hairline")
        painter.fillRect(self.width() - 1, 0, 1, self.height(), line)
        if not self._word:
            painter.fillRect(0, self.height() - 1, self.width(), 1, line)
        painter.setPen(self._theme.colour("secondary"))
        room = QRect(0, 0, self.width() - 7, min(self.height(), 20))
        painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._word)
