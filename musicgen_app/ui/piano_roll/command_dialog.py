"""The dialog of a command that edits notes: its parameters, with the result seen and heard while they change."""

from collections.abc import Mapping

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QCheckBox, QDialog, QFormLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from musicgen_app.core.commands import NOTE_VALUES, Parameter, Value
from musicgen_app.core.commands import Command as EditCommand
from musicgen_app.core.edits import Edited, Selected
from musicgen_app.core.errors import UsageError
from musicgen_app.ui.controls import BETWEEN, GRID, INSIDE, PrimaryButton, QuietButton, SecondaryLabel
from musicgen_app.ui.forms import Choice, DecimalBox, NumberBox
from musicgen_app.ui.score_editor import ScoreEditor

_WIDTH = 340
_PREVIEW_AFTER_MS = 40
_MOST = 2**31 - 1
"""Qt's boxes for whole numbers end here."""
_SORTS = {"": "", "t": " triplet", "d": " dotted"}

Values = Mapping[str, Value]


class ParameterBox(QWidget):
    """A control for one parameter.

    Signals:
        changed: It says something else.
    """

    changed = Signal()

    def __init__(self, parameter: Parameter, value: Value) -> None:
        super().__init__()
        self._parameter = parameter
        box = self._made(value)
        box.setAccessibleName(parameter.label)
        box.setToolTip(parameter.explanation)
        self.box = box
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(box, 1)
        self.setFocusProxy(box)

    def value(self) -> Value:
        """What it says."""
        box = self.box
        if isinstance(box, QCheckBox):
            return box.isChecked()
        if isinstance(box, Choice):
            return self._parameter.read(str(box.currentData()))
        return box.value()

    def _made(self, value: Value) -> QCheckBox | Choice | NumberBox | DecimalBox:
        kind = self._parameter.kind
        if kind == "flag":
            tick = QCheckBox(self._parameter.label)
            tick.setChecked(bool(value))
            tick.toggled.connect(self.changed)
            return tick
        if kind in ("choice", "note"):
            return self._list(value)
        box: NumberBox | DecimalBox
        if kind == "whole":
            box = NumberBox(int(self._parameter.low), min(int(self._parameter.high), _MOST), int(value))
        else:
            box = DecimalBox(self._parameter.low, self._parameter.high)
            box.setDecimals(2)
            box.setSingleStep(0.05 if self._parameter.high <= 2 else 1.0)
            box.setValue(float(value))
        if self._parameter.unit:
            box.setSuffix(f" {self._parameter.unit}")
        box.valueChanged.connect(self.changed)
        return box

    def _list(self, value: Value) -> Choice:
        choice = Choice()
        entries = self._parameter.choices or tuple((name, note_words(name)) for name in NOTE_VALUES)
        for name, words in entries:
            choice.addItem(words, name)
            if self._parameter.read(name) == value:
                choice.setCurrentIndex(choice.count() - 1)
        choice.currentIndexChanged.connect(self.changed)
        return choice


def note_words(name: str) -> str:
    """A note value as it is listed: "1/8 triplet"."""
    plain = name.rstrip("td")
    return f"{plain}{_SORTS[name[len(plain) :]]}"


class CommandDialog(QDialog):
    """Asks for the parameters of a command; the roll shows meanwhile what it would do.

    Args:
        command: The command.
        editor: The score.
        chosen: The notes it would touch.
        before: Values used last.
        parent: Qt's owner.
    """

    def __init__(
        self, command: EditCommand, editor: ScoreEditor, chosen: Selected, before: Values, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(command.title)
        self.setMinimumWidth(_WIDTH)
        self._command = command
        self._editor = editor
        self._score = editor.score
        self._chosen = chosen
        self._edited: Edited | None = None
        self.boxes: dict[str, ParameterBox] = {}
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PREVIEW_AFTER_MS)
        self._timer.timeout.connect(self.preview)
        summary = SecondaryLabel(f"{command.summary}.")
        self._told = SecondaryLabel()
        self.done_button = PrimaryButton(command.title)
        self.done_button.setDefault(True)
        self.done_button.clicked.connect(self.accept)
        self.cancel_button = QuietButton("Cancel")
        self.cancel_button.clicked.connect(self.reject)
        box = QVBoxLayout(self)
        box.setContentsMargins(BETWEEN, BETWEEN, BETWEEN, BETWEEN)
        box.setSpacing(INSIDE)
        box.addWidget(summary)
        box.addLayout(self._form(before))
        box.addWidget(self._told)
        box.addStretch(1)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.cancel_button)
        buttons.addWidget(self.done_button)
        box.addLayout(buttons)
        self.preview()

    @property
    def told(self) -> str:
        """What would happen, or why it cannot."""
        return self._told.text()

    def values(self) -> dict[str, Value]:
        """What the controls say.

        Raises:
            UsageError: One says something that makes no sense.
        """
        return {name: box.value() for name, box in self.boxes.items()}

    def preview(self) -> None:
        """Show at once what the values would do."""
        self._timer.stop()
        try:
            edited = self._command.run(self._score, self._chosen, self.values())
        except UsageError as error:
            self._edited = None
            self._told.setText(f"{error} {error.hint}".strip())
            self.done_button.setEnabled(False)
            self._editor.end_preview()
            return
        self._edited = edited
        changed = edited.score != self._score
        self._told.setText(_count_words(len(self._chosen)) if changed else "Nothing would change.")
        self.done_button.setEnabled(True)
        self._editor.show_preview(edited)

    def accept(self) -> None:
        """Do it, as one step."""
        self.preview()
        edited = self._edited
        if edited is None:
            return
        self._editor.end_preview()
        super().accept()
        self._editor.edit(self._command.title, edited)

    def reject(self) -> None:
        """Leave the music as it was."""
        self._timer.stop()
        self._editor.end_preview()
        super().reject()

    def _form(self, before: Values) -> QFormLayout:
        form = QFormLayout()
        form.setHorizontalSpacing(INSIDE)
        form.setVerticalSpacing(GRID)
        for parameter in self._command.parameters:
            box = ParameterBox(parameter, before.get(parameter.name, parameter.usual))
            box.changed.connect(self._timer.start)
            self.boxes[parameter.name] = box
            if parameter.kind == "flag":
                form.addRow("", box)
            else:
                label = QLabel(parameter.label)
                label.setBuddy(box)
                form.addRow(label, box)
        return form


def _count_words(notes: int) -> str:
    return "For one note." if notes == 1 else f"For {notes:,} notes."
