"""Outline icons in the colours of the theme, drawn anew when it changes."""

import weakref
from functools import lru_cache
from typing import Protocol

import shiboken6
from PySide6.QtCore import QByteArray, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from musicgen_app import environment
from musicgen_app.ui.stylesheet import recoloured
from musicgen_app.ui.theme import Theme

ICON_SIZE = 18
_SCALES = (1.0, 2.0, 3.0)


class HasIcon(Protocol):
    """A button or an action."""

    def setIcon(self, icon: QIcon, /) -> None: ...


class Icons(QObject):
    """Makes icons from the outlines in ``resources/icons``.

    An icon keeps the colours it was made with; :meth:`bind` gives a button or action its icon and a fresh
    one whenever the theme changes.
    """

    changed = Signal()

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._made: dict[tuple[str, str, int], QIcon] = {}
        self._bound: list[tuple[weakref.ref[HasIcon], str, str, int]] = []
        theme.changed.connect(self._on_theme)

    def icon(self, name: str, colour: str = "text", gap: int = 0) -> QIcon:
        """The icon of this name in a colour of the palette.

        Raises:
            FileNotFoundError: There is no icon of this name.
        """
        key = (name, colour, gap)
        if key not in self._made:
            self._made[key] = self._make(name, colour, gap)
        return self._made[key]

    def pixmap(self, name: str, size: int = ICON_SIZE, colour: str = "text", scale: float = 1.0) -> QPixmap:
        """The icon as a picture of ``size`` logical pixels."""
        return _drawn(name, self._theme.colour(colour), size, scale)

    def bind(self, target: HasIcon, name: str, colour: str = "text", gap: int = 0) -> None:
        """Give a button or action its icon now and after each change of theme; the last call for a target counts.

        Args:
            target: The button or action.
            name: The icon.
            colour: A colour of the palette.
            gap: Empty pixels at the icon's right, for words that follow it.
        """
        self._bound = [entry for entry in self._bound if entry[0]() not in (None, target)]
        self._bound.append((weakref.ref(target), name, colour, gap))
        target.setIcon(self.icon(name, colour, gap))

    def _make(self, name: str, colour: str, gap: int) -> QIcon:
        icon = QIcon()
        for mode, shade in ((QIcon.Mode.Normal, colour), (QIcon.Mode.Disabled, "disabled")):
            for scale in _SCALES:
                icon.addPixmap(_drawn(name, self._theme.colour(shade), ICON_SIZE, scale, gap), mode)
        return icon

    def _on_theme(self) -> None:
        self._made.clear()
        alive = []
        for entry in self._bound:
            target = entry[0]()
            if target is None or not shiboken6.isValid(target):
                continue
            target.setIcon(self.icon(*entry[1:]))
            alive.append(entry)
        self._bound = alive
        self.changed.emit()


@lru_cache(maxsize=512)
def _outline(name: str) -> str:
    return environment.bundled("resources", "icons", f"{name}.svg").read_text(encoding="utf-8")


def _drawn(name: str, colour: QColor, size: int, scale: float, gap: int = 0) -> QPixmap:
    # Read first: a missing icon must not leave a painter at work.
    renderer = QSvgRenderer(QByteArray(recoloured(_outline(name), colour.name()).encode()))
    side = round(size * scale)
    pixmap = QPixmap(side + round(gap * scale), side)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter, QRectF(0, 0, side, side))
    painter.end()
    pixmap.setDevicePixelRatio(scale)
    return pixmap
