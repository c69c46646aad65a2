"""Shows how loud it is."""

import math
import time
from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from musicgen_app.ui.theme import Theme

FLOOR_DB = -48.0
_FALL_DB_PER_SEC = 36.0
_HOLD_SEC = 1.2
_WARN_DB = -9.0
_BAD_DB = -1.5


class LevelMeter(QWidget):
    """A bar that rises at once and falls evenly, with a mark at the loudest moment of the last second.

    Args:
        theme: Its colours.
        parent: Qt's owner.
        now: A clock in seconds that never goes back.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__(parent)
        self._theme = theme
        self._now = now
        self._time = now()
        self._db = FLOOR_DB
        self._peak_db = FLOOR_DB
        self._peak_time = now()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Level")
        self.setToolTip("How loud the built-in piano is")
        theme.changed.connect(self.update)

    @property
    def shown_db(self) -> float:
        """What the bar shows, in dB below full scale."""
        return self._db

    def sizeHint(self) -> QSize:
        return QSize(64, 8)

    def show_level(self, level: float) -> None:
        """Show the loudest sample of the last moment, 0 to 1."""
        now = self._now()
        heard = max(20 * math.log10(level), FLOOR_DB) if level > 0 else FLOOR_DB
        fallen = self._db - _FALL_DB_PER_SEC * (now - self._time)
        self._time = now
        before = (self._db, self._peak_db)
        self._db = max(heard, fallen, FLOOR_DB)
        if self._db >= self._peak_db or now - self._peak_time > _HOLD_SEC:
            self._peak_db, self._peak_time = self._db, now
        if before != (self._db, self._peak_db):
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        width, height = float(self.width()), float(self.height())
        painter.setBrush(self._theme.colour("hairline"))
        painter.drawRoundedRect(QRectF(0, 0, width, height), height / 2, height / 2)
        begin = FLOOR_DB
        painter.save()
        for until, name in ((_WARN_DB, "good"), (_BAD_DB, "warn"), (0.0, "bad")):
            end = min(until, self._db)
            if end > begin:
                painter.setBrush(self._theme.colour(name))
                painter.setClipRect(QRectF(self._x(begin), 0, self._x(end) - self._x(begin), height))
                painter.drawRoundedRect(QRectF(0, 0, width, height), height / 2, height / 2)
            begin = until
        painter.restore()
        if self._peak_db > FLOOR_DB + 1:
            painter.setBrush(self._theme.colour("text"))
            painter.drawRect(QRectF(min(self._x(self._peak_db), width - 2), 1, 1.5, height - 2))

    def _x(self, level_db: float) -> float:
        return self.width() * (level_db - FLOOR_DB) / -FLOOR_DB
