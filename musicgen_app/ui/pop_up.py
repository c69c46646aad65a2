"""A small panel that opens above a button and closes when a person looks elsewhere."""

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from musicgen_app.ui.controls import CONTROL_HEIGHT, INSIDE, IconButton
from musicgen_app.ui.icons import Icons

_WIDTH = 300
_NARROW = 16
_ARROW = 12


class PopUp(QFrame):
    """Holds a few controls; Tab walks through them, Esc closes it.

    Args:
        title: Its name for screen readers.
        parent: The widget it belongs to.
    """

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setProperty("kind", "popup")
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setFixedWidth(_WIDTH)
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(INSIDE, INSIDE, INSIDE, INSIDE)
        self._box.setSpacing(4)

    def add(self, widget: QWidget) -> None:
        """Put a control at the end."""
        self._box.addWidget(widget)

    def open_above(self, anchor: QWidget) -> None:
        """Show it above a widget, inside the screen."""
        self.adjustSize()
        place = anchor.mapToGlobal(QPoint(0, -self.height() - 4))
        room = anchor.screen().availableGeometry()
        place.setX(max(room.left(), min(place.x(), room.right() - self.width())))
        place.setY(max(room.top(), place.y()))
        self.move(place)
        self.show()
        self.focusNextChild()


class PopUpButton(IconButton):
    """A narrow arrow beside a button, which opens its panel."""

    def __init__(self, icons: Icons, tooltip: str, panel: PopUp, anchor: QWidget) -> None:
        super().__init__(icons, "chevron-up", tooltip)
        self.setFixedSize(_NARROW, CONTROL_HEIGHT)
        self.setIconSize(QSize(_ARROW, _ARROW))
        self.setProperty("kind", "narrow")
        self._panel = panel
        self._anchor = anchor
        self.clicked.connect(self._open)

    def _open(self) -> None:
        self._panel.open_above(self._anchor)
