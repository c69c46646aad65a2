"""What panels are made of: empty states, side panels with one primary button, lists of facts, tiles."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from musicgen_app.ui.controls import BETWEEN, GRID, INSIDE, Hairline, Heading, QuietButton, SecondaryLabel, set_kind
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.theme import tabular_font


class EmptyState(QWidget):
    """What an empty place says: what to do, in one sentence, with the button that does it."""

    pressed = Signal()

    def __init__(
        self,
        icons: Icons,
        icon: str,
        title: str,
        sentence: str,
        button: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._icons = icons
        self._icon = icon
        self._picture = QLabel()
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.title = Heading(title)
        self.title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.title.setWordWrap(True)
        self.sentence = QLabel(sentence)
        set_kind(self.sentence, "secondary")
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.sentence.setWordWrap(True)
        self.sentence.setMaximumWidth(420)
        self.button = QuietButton(button)
        self.button.setVisible(bool(button))
        self.button.clicked.connect(self.pressed)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(BETWEEN, BETWEEN, BETWEEN, BETWEEN)
        outer.setSpacing(GRID)
        outer.addStretch(1)
        outer.addWidget(self._picture)
        outer.addWidget(self.title)
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(self.sentence, 4)
        middle.addStretch(1)
        outer.addLayout(middle)
        outer.addSpacing(4)
        outer.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        outer.addStretch(1)
        icons.changed.connect(self._draw)
        self._draw()

    def _draw(self) -> None:
        self._picture.setPixmap(self._icons.pixmap(self._icon, 40, "secondary", self.devicePixelRatioF()))


class Panel(QFrame):
    """A plain surface with the usual margins and a vertical layout, ``rows``."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "panel")
        self.rows = QVBoxLayout(self)
        self.rows.setContentsMargins(BETWEEN, BETWEEN, BETWEEN, BETWEEN)
        self.rows.setSpacing(BETWEEN)


class SidePanel(QFrame):
    """The left panel of a tab: groups that scroll, and the primary button always at the same place below.

    Args:
        primary: The tab's one primary button.
        parent: Qt's owner.
    """

    def __init__(self, primary: QPushButton | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "panel")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._inside = inside = QWidget()
        self.rows = QVBoxLayout(inside)
        self.rows.setContentsMargins(BETWEEN, BETWEEN, BETWEEN, BETWEEN)
        self.rows.setSpacing(BETWEEN)
        self.rows.addStretch(1)
        self._scroll.setWidget(inside)
        outer.addWidget(self._scroll, 1)
        outer.addWidget(Hairline())
        self.foot = QVBoxLayout()
        self.foot.setContentsMargins(BETWEEN, INSIDE, BETWEEN, INSIDE)
        self.foot.setSpacing(GRID)
        outer.addLayout(self.foot)
        if primary is not None:
            self.foot.addWidget(primary)

    def add(self, widget: QWidget) -> None:
        """Put a group below the others."""
        self.rows.insertWidget(self.rows.count() - 1, widget)

    def sizeHint(self) -> QSize:
        return QSize(312, 600)

    def minimumSizeHint(self) -> QSize:
        # A scroll area may be narrower than what is in it; here nothing may be cut.
        return QSize(max(264, self._inside.minimumSizeHint().width()), super().minimumSizeHint().height())


class FactList(QWidget):
    """Pairs of a name and a value below each other, the values aligned.

    Args:
        parent: Qt's owner.
        name_width: Room for the names, in pixels.
    """

    def __init__(self, parent: QWidget | None = None, name_width: int = 92) -> None:
        super().__init__(parent)
        self._name_width = name_width
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(6)
        self._values: dict[str, QLabel] = {}

    def set_fact(self, name: str, value: str, tooltip: str = "") -> None:
        """Show a value, in its old place where the name is known."""
        label = self._values.get(name)
        if label is None:
            label = QLabel()
            label.setFont(tabular_font(label.font()))
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            row = QHBoxLayout()
            row.setSpacing(GRID)
            title = SecondaryLabel(name, wrap=False)
            title.setFixedWidth(self._name_width)
            # Both sit on one base line, although one is written smaller.
            title.setContentsMargins(0, QFontMetrics(label.font()).ascent() - QFontMetrics(title.font()).ascent(), 0, 0)
            row.addWidget(title, 0, Qt.AlignmentFlag.AlignTop)
            row.addWidget(label, 1)
            self._rows.addLayout(row)
            self._values[name] = label
        label.setText(value)
        label.setToolTip(tooltip)

    def value(self, name: str) -> str:
        """The value shown for a name; empty where there is none."""
        label = self._values.get(name)
        return label.text() if label is not None else ""


class Tile(QFrame):
    """A number with its name, for the row of figures above a plot."""

    def __init__(self, title: str, tooltip: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "card")
        self.setToolTip(tooltip)
        self._title = SecondaryLabel(title, wrap=False)
        self._value = QLabel("\N{EN DASH}")
        font = tabular_font(self._value.font(), 14)
        font.setWeight(QFont.Weight.DemiBold)
        self._value.setFont(font)
        self._value.setAccessibleName(title)
        box = QVBoxLayout(self)
        box.setContentsMargins(INSIDE, GRID, INSIDE, GRID)
        box.setSpacing(2)
        box.addWidget(self._title)
        box.addWidget(self._value)

    def set_value(self, text: str) -> None:
        """Show another number, with its unit."""
        self._value.setText(text)

    def value(self) -> str:
        """What is shown."""
        return self._value.text()
