"""What forms are made of: labelled rows, sections that fold, sliders, boxes and choices."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QSlider,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from musicgen_app.ui.controls import GRID, Heading, SecondaryLabel
from musicgen_app.ui.theme import tabular_font


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
