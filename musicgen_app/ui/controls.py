"""The small widgets all tabs are made of, so that they look and behave alike."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QSlider,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from musicgen_app.ui.icons import ICON_SIZE, Icons
from musicgen_app.ui.theme import SECONDARY_POINTS, SECTION_POINTS, tabular_font

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


class FormRow(QWidget):
    """A label, the control it names, and a hint below where one helps.

    Args:
        label: What the control sets.
        control: The control.
        hint: A sentence below it.
        stacked: Put the label above the control instead of beside it.
        parent: Qt's owner.
    """

    LABEL_WIDTH = 104

    def __init__(
        self, label: str, control: QWidget, hint: str = "", stacked: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.control = control
        self.label = QLabel(label)
        self.label.setBuddy(control)
        if not control.accessibleName():
            control.setAccessibleName(label)
        self.hint = SecondaryLabel(hint)
        self.hint.setVisible(bool(hint))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(4)
        if stacked:
            outer.addWidget(self.label)
            outer.addWidget(control)
        else:
            row = QHBoxLayout()
            row.setSpacing(GRID)
            self.label.setFixedWidth(self.LABEL_WIDTH)
            row.addWidget(self.label)
            row.addWidget(control, 1)
            outer.addLayout(row)
        outer.addWidget(self.hint)

    def set_hint(self, hint: str) -> None:
        """Change the sentence; none hides it."""
        self.hint.setText(hint)
        self.hint.setVisible(bool(hint))


class Section(QWidget):
    """A titled group of controls; with ``foldable`` a click on the title hides them."""

    folded_changed = Signal(bool)

    def __init__(self, title: str, foldable: bool = False, folded: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(GRID)
        self._title = title
        self._fold: QPushButton | None = None
        self.body = QWidget()
        self.body_layout = QVBoxLayout(self.body)
        self.body_layout.setContentsMargins(0, 0, 0, 0)
        self.body_layout.setSpacing(GRID)
        if foldable:
            self._fold = QPushButton()
            self._fold.setProperty("kind", "fold")
            self._fold.setFont(Heading(title).font())
            self._fold.setAccessibleName(title)
            self._fold.clicked.connect(self._toggle)
            outer.addWidget(self._fold)
        elif title:
            outer.addWidget(Heading(title))
        outer.addWidget(self.body)
        self.set_folded(foldable and folded)

    @property
    def folded(self) -> bool:
        """Whether the controls are hidden."""
        return self.body.isHidden()

    def set_folded(self, folded: bool) -> None:
        """Hide or show the controls."""
        changed = folded != self.folded
        self.body.setVisible(not folded)
        if self._fold is not None:
            self._fold.setText(f"{'▸' if folded else '▾'}  {self._title}")
            self._fold.setToolTip(f"{'Show' if folded else 'Hide'} {self._title.lower()}")
        if changed:
            self.folded_changed.emit(folded)

    def add(self, widget: QWidget) -> None:
        """Put a widget at the end."""
        self.body_layout.addWidget(widget)

    def add_layout(self, layout: QLayout) -> None:
        """Put a layout at the end."""
        self.body_layout.addLayout(layout)

    def add_row(self, label: str, control: QWidget, hint: str = "", stacked: bool = False) -> FormRow:
        """Put a labelled control at the end."""
        row = FormRow(label, control, hint, stacked)
        self.body_layout.addWidget(row)
        return row

    def _toggle(self) -> None:
        self.set_folded(not self.folded)


class LabelledSlider(QWidget):
    """A number set by a slider or typed into the box beside its label.

    Args:
        label: What is set.
        low: Smallest value.
        high: Largest value.
        value: The value at first.
        step: Distance between two values of the slider and of the box's arrows.
        decimals: Decimals shown in the box.
        suffix: Unit behind the number, with a leading space.
        tooltip: What the number does.
        special: Words shown instead of the smallest value ("off").
        parent: Qt's owner.
    """

    value_changed = Signal(float)

    def __init__(  # noqa: PLR0913 (a control has as many sides)
        self,
        label: str,
        low: float,
        high: float,
        value: float,
        step: float = 1.0,
        decimals: int = 0,
        suffix: str = "",
        tooltip: str = "",
        special: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._low = low
        self._step = step
        self.label = QLabel(label)
        self.box = DecimalBox(low, high)
        self.box.setDecimals(decimals)
        self.box.setSingleStep(step)
        self.box.setSuffix(suffix)
        self.box.setSpecialValueText(special)
        self.box.setFixedWidth(92)
        self.box.setAccessibleName(label)
        self.label.setBuddy(self.box)
        self.slider = QuietSlider()
        self.slider.setRange(0, round((high - low) / step))
        self.slider.setPageStep(max(1, self.slider.maximum() // 10))
        self.slider.setAccessibleName(label)
        for widget in (self.label, self.box, self.slider):
            widget.setToolTip(tooltip)
        top = QHBoxLayout()
        top.addWidget(self.label, 1)
        top.addWidget(self.box)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(2)
        outer.addLayout(top)
        outer.addWidget(self.slider)
        self.set_value(value)
        self.slider.valueChanged.connect(self._on_slider)
        self.box.valueChanged.connect(self._on_box)

    def value(self) -> float:
        """The number now."""
        return self.box.value()

    def set_value(self, value: float) -> None:
        """Set the number; out of range it is moved to the nearest end."""
        self.box.setValue(value)
        self._show_on_slider(self.box.value())

    def _on_slider(self, position: int) -> None:
        self.box.setValue(self._low + position * self._step)

    def _on_box(self, value: float) -> None:
        self._show_on_slider(value)
        self.value_changed.emit(value)

    def _show_on_slider(self, value: float) -> None:
        blocked = self.slider.blockSignals(True)
        self.slider.setValue(round((value - self._low) / self._step))
        self.slider.blockSignals(blocked)


class QuietSlider(QSlider):
    """A horizontal slider that leaves the wheel to the panel it lies in, unless it has the focus."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class NumberBox(QSpinBox):
    """A box for a whole number; the wheel changes it only while it has the focus."""

    def __init__(self, low: int = 0, high: int = 99, value: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setRange(low, high)
        self.setValue(value)
        _prepare_box(self)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class DecimalBox(QDoubleSpinBox):
    """A box for a number with decimals; the wheel changes it only while it has the focus."""

    def __init__(self, low: float = 0.0, high: float = 99.0, value: float = 0.0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setRange(low, high)
        self.setValue(value)
        _prepare_box(self)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class Choice(QComboBox):
    """A list to choose from; the wheel changes it only while it has the focus."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


def _prepare_box(box: QSpinBox | QDoubleSpinBox) -> None:
    box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    box.setFont(tabular_font(box.font()))
    # The style sheet's padding does not reach the text field inside a number box.
    box.lineEdit().setTextMargins(6, 0, 0, 0)


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
