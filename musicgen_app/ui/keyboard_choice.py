"""The list of MIDI keyboards."""

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from musicgen_app.ui.forms import Choice
from musicgen_app.ui.keyboards import Keyboards


class KeyboardChoice(Choice):
    """Chooses the keyboard that is played on; looks anew each time it is opened."""

    def __init__(self, keyboards: Keyboards, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keyboards = keyboards
        self.setAccessibleName("Keyboard")
        self.setToolTip("The MIDI keyboard that is played on")
        self._fill()
        self.activated.connect(self._on_chosen)
        for signal in (keyboards.chosen_changed, keyboards.open_changed, keyboards.list_changed):
            signal.connect(self._fill)

    def showPopup(self) -> None:
        self._keyboards.look()
        super().showPopup()

    @Slot()
    def _fill(self) -> None:
        self.clear()
        for choice, words in self._keyboards.choices():
            self.addItem(words, choice)
        self.setCurrentIndex(self.findData(self._keyboards.chosen))

    @Slot()
    def _on_chosen(self) -> None:
        self._keyboards.choose(str(self.currentData()))
