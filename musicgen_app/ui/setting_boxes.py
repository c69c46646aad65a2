"""Boxes for the numbers of a training, made from their limits, and the sentence about the control in use."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QAbstractSpinBox, QWidget

from musicgen_app.ml.config import Limit
from musicgen_app.ui.controls import SecondaryLabel
from musicgen_app.ui.forms import DecimalBox, FormRow, NumberBox, Section

SettingBox = NumberBox | DecimalBox

_DECIMALS = {
    "minutes": 1,
    "learning_rate": 6,
    "time_decay": 6,
    "dropout": 2,
    "recurrent_dropout": 2,
    "weight_decay": 3,
    "clip": 2,
}
_OF_ALL_SIZES = ("learning_rate", "time_decay")
_STEPS = {"dropout": 0.05, "recurrent_dropout": 0.05, "weight_decay": 0.005}
_SPECIAL = {"minutes": "no limit", "patience": "never", "threads": "all", "embedding": "index (seed)"}
_SUFFIX = {"minutes": " min", "patience": " epochs", "embedding": " wide"}
_TITLES = {"minutes": "Time limit", "patience": "Stop early after", "embedding": "Input"}


class RateBox(DecimalBox):
    """A box for numbers of very different sizes; shows no zeros at the end."""

    def textFromValue(self, value: float) -> str:
        return f"{value:.6f}".rstrip("0").rstrip(".")


class Explanation(SecondaryLabel):
    """A sentence about the control that has the mouse or the focus."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._explained: dict[QObject, str] = {}
        # Three lines are kept free, so that nothing moves while explanations come and go.
        self.setMinimumHeight(3 * self.fontMetrics().lineSpacing())
        self.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)

    def explain(self, control: QWidget, told: str) -> None:
        """Show this sentence while the control is in use; it is its tooltip too."""
        control.setToolTip(told)
        control.setAccessibleDescription(told)
        self._explained[control] = told
        control.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Explain the control that has the mouse or the focus."""
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.Enter) and watched in self._explained:
            self.setText(self._explained[watched])
        return super().eventFilter(watched, event)


def add_box(section: Section, name: str, limit: Limit, explanation: Explanation) -> SettingBox:
    """Put the box of a setting at the end of a section; what is out of range cannot be typed into it."""
    low = 0 if name == "minutes" else limit.low
    box = _decimal_box(name, low, limit.high) if name in _DECIMALS else NumberBox(int(low), int(limit.high))
    box.setSuffix(_SUFFIX.get(name, ""))
    box.setSpecialValueText(_SPECIAL.get(name, ""))
    box.setGroupSeparatorShown(name == "epochs")
    box.setProperty("setting", name)
    row: FormRow = section.add_row(_TITLES.get(name, limit.title), box)
    row.label.setWordWrap(True)
    told = f"{limit.explanation} {limit.low:g} to {limit.high:,g}."
    explanation.explain(box, told)
    row.label.setToolTip(told)
    return box


def _decimal_box(name: str, low: float, high: float) -> SettingBox:
    box = (RateBox if name in _OF_ALL_SIZES else DecimalBox)(low, high)
    box.setDecimals(_DECIMALS[name])
    if name in _STEPS:
        box.setSingleStep(_STEPS[name])
    else:
        box.setStepType(QAbstractSpinBox.StepType.AdaptiveDecimalStepType)
    return box
