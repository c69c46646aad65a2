"""The record button in the transport bar, with the keyboard and what becomes of a recording in a panel."""

from PySide6.QtCore import QSignalBlocker, Slot
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QWidget

from musicgen_app.ui.controls import IconButton
from musicgen_app.ui.forms import FormRow
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.keyboard_choice import KeyboardChoice
from musicgen_app.ui.keyboards import Keyboards
from musicgen_app.ui.pop_up import PopUp, PopUpButton
from musicgen_app.ui.recording import RecordDesk
from musicgen_app.ui.step_input import StepInput


class RecordControls(QWidget):
    """Shows and drives recording and step input."""

    def __init__(
        self, icons: Icons, desk: RecordDesk, keyboards: Keyboards, steps: StepInput, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._desk = desk
        self._keyboards = keyboards
        self._steps = steps
        self.button = IconButton(icons, "circle", "Record", "R", checkable=True)
        self.button.setObjectName("record")
        self.panel = PopUp("Keyboard and recording", self)
        self.more = PopUpButton(icons, "Keyboard, and what becomes of a recording", self.panel, self)
        self.keyboard = KeyboardChoice(keyboards)
        self.through = QCheckBox("Hear the keyboard here")
        self.replaces = QCheckBox("Recording replaces what was there")
        self.quantises = QCheckBox("Quantise what was recorded")
        self.steps = QCheckBox("Step input while nothing plays")
        self.panel.add(FormRow("Keyboard", self.keyboard))
        for box in (self.through, self.replaces, self.quantises, self.steps):
            self.panel.add(box)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.button)
        row.addWidget(self.more)
        self._show_options()
        self._show_recording(desk.recording)
        self._connect()

    def _connect(self) -> None:
        self.button.clicked.connect(self._desk.toggle)
        self._desk.recording_changed.connect(self._show_recording)
        self._desk.options_changed.connect(self._show_options)
        self._keyboards.through_changed.connect(self._show_options)
        self._steps.changed.connect(self._show_options)
        self.through.toggled.connect(self._keyboards.set_through)
        for box in (self.replaces, self.quantises):
            box.toggled.connect(self._on_options)
        self.steps.toggled.connect(self._steps.set_on)

    @Slot(bool)
    def _show_recording(self, recording: bool) -> None:
        self.button.setChecked(recording)
        self.button.set_icon_name("circle", "bad" if recording else "text")
        self.button.set_words("End recording" if recording else "Record")

    @Slot()
    def _show_options(self) -> None:
        shown = (
            (self.through, self._keyboards.performance.through),
            (self.replaces, self._desk.replaces),
            (self.quantises, self._desk.quantises),
            (self.steps, self._steps.on),
        )
        for box, on in shown:
            with QSignalBlocker(box):
                box.setChecked(on)

    @Slot()
    def _on_options(self) -> None:
        self._desk.set_options(self.replaces.isChecked(), self.quantises.isChecked())
