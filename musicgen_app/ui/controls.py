"""The small widgets all tabs are made of: buttons, labels, lines, and the measures between them."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from musicgen_app.ui.icons import ICON_SIZE, Icons
from musicgen_app.ui.theme import SECONDARY_POINTS, SECTION_POINTS

GRID = 8
INSIDE = 12
BETWEEN = 16
CONTROL_HEIGHT = 28
PRIMARY_HEIGHT = 34
_WORD_GAP = 4


def set_kind(widget: QWidget, kind: str) -> None:
    """Say which look of the style sheet a widget has, also after it was shown."""
    if widget.property("kind") == kind:
        return
    widget.setProperty("kind", kind)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def with_key(text: str, key: str) -> str:
    """A tooltip's words with its key behind them."""
    return f"{text} ({key})" if key else text


class PrimaryButton(QPushButton):
    """The one button of a tab that does what the tab is for."""

    def __init__(self, text: str, tooltip: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setProperty("kind", "primary")
        self.setToolTip(tooltip)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setMinimumHeight(PRIMARY_HEIGHT)


class QuietButton(QPushButton):
    """A button that stays in the background; with an icon where ``icon`` names one."""

    def __init__(
        self,
        text: str,
        tooltip: str = "",
        icons: Icons | None = None,
        icon: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self.setToolTip(tooltip)
        self._icons = icons
        if icon:
            self.set_icon_name(icon)

    def set_icon_name(self, icon: str) -> None:
        """Show another icon before the words."""
        if self._icons is not None:
            self._icons.bind(self, icon, gap=_WORD_GAP)
            self.setIconSize(QSize(ICON_SIZE + _WORD_GAP, ICON_SIZE))


class IconButton(QToolButton):
    """A square button with only an icon; its tooltip says what it does and by which key."""

    def __init__(
        self,
        icons: Icons,
        icon: str,
        tooltip: str,
        key: str = "",
        checkable: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._icons = icons
        icons.bind(self, icon)
        self.setIconSize(QSize(ICON_SIZE, ICON_SIZE))
        self.setFixedSize(CONTROL_HEIGHT, CONTROL_HEIGHT)
        self.setCheckable(checkable)
        self.setAutoRaise(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.set_tooltip(tooltip, key)

    def set_tooltip(self, tooltip: str, key: str = "") -> None:
        """Change the words; screen readers get them too."""
        self._tooltip, self._key = tooltip, key
        self.setToolTip(with_key(tooltip, key))
        self.setAccessibleName(tooltip)

    def set_words(self, tooltip: str) -> None:
        """Change the words and keep the key."""
        self.set_tooltip(tooltip, self._key)

    def set_key(self, key: str) -> None:
        """Tell another key."""
        self.set_tooltip(self._tooltip, key)

    def set_icon_name(self, icon: str, colour: str = "text") -> None:
        """Show another icon."""
        self._icons.bind(self, icon, colour)


class SecondaryLabel(QLabel):
    """Smaller, quieter words; they wrap."""

    def __init__(self, text: str = "", parent: QWidget | None = None, wrap: bool = True) -> None:
        super().__init__(text, parent)
        self.setProperty("kind", "secondary")
        font = self.font()
        font.setPointSize(SECONDARY_POINTS)
        self.setFont(font)
        self.setWordWrap(wrap)


class Heading(QLabel):
    """The title of a section."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        font = self.font()
        font.setPointSize(SECTION_POINTS)
        font.setWeight(QFont.Weight.DemiBold)
        self.setFont(font)


class ElidedLabel(QWidget):
    """One line that ends in an ellipsis where the room does; the whole text is its tooltip."""

    def __init__(
        self, text: str = "", secondary: bool = False, to_right: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._text = ""
        self._secondary = secondary
        side = Qt.AlignmentFlag.AlignRight if to_right else Qt.AlignmentFlag.AlignLeft
        self._place = int(Qt.AlignmentFlag.AlignVCenter | side)
        if secondary:
            font = self.font()
            font.setPointSize(SECONDARY_POINTS)
            self.setFont(font)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_text(text)

    def text(self) -> str:
        """The whole text."""
        return self._text

    def set_text(self, text: str) -> None:
        """Show another text."""
        self._text = text
        self.setToolTip(text)
        self.setAccessibleName(text)
        self.update()

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self.font())
        return QSize(metrics.horizontalAdvance(self._text), metrics.height() + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(24, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        palette = self.palette()
        painter.setPen(palette.placeholderText().color() if self._secondary else palette.windowText().color())
        shown = QFontMetrics(self.font()).elidedText(self._text, Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), self._place, shown)


class Hairline(QFrame):
    """A thin line between two things."""

    def __init__(self, vertical: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "hairline")
        if vertical:
            self.setFixedWidth(1)
        else:
            self.setFixedHeight(1)
