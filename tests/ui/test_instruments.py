"""Choosing the instruments a data set learns from, as a person does."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from musicgen_app.dataset.parts import ALL, PIANO, Parts
from musicgen_app.ui.instruments import InstrumentChoice, InstrumentDialog

VIOLIN, CELLO, CHURCH_ORGAN = 40, 42, 19


@pytest.fixture
def choice(qtbot: QtBot) -> InstrumentChoice:
    choice = InstrumentChoice()
    qtbot.addWidget(choice)
    choice.show()
    return choice


def choose(choice: InstrumentChoice, words: str, answer: Callable[[InstrumentDialog], None] | None = None) -> None:
    """Take an entry of the list; where it opens a dialog, answer that."""

    def answered() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, InstrumentDialog)
        assert answer is not None
        answer(dialog)

    if answer is not None:
        QTimer.singleShot(0, answered)
    choice.setCurrentIndex(choice.findText(words))
    choice.activated.emit(choice.currentIndex())


def tick(*programs: int) -> Callable[[InstrumentDialog], None]:
    def answer(dialog: InstrumentDialog) -> None:
        for program in programs:
            dialog._programs[program].setCheckState(0, Qt.CheckState.Checked)
        dialog.accepting.click()

    return answer


def test_the_piano_is_meant_until_something_else_is_chosen(choice: InstrumentChoice, qtbot: QtBot) -> None:
    assert (choice.parts(), choice.currentText()) == (PIANO, "Piano")
    with qtbot.waitSignal(choice.changed):
        choose(choice, "All but drums")
    assert choice.parts() == ALL
    with qtbot.assertNotEmitted(choice.changed):
        choose(choice, "All but drums")


def test_single_instruments_are_ticked_in_a_dialog(choice: InstrumentChoice, qtbot: QtBot) -> None:
    with qtbot.waitSignal(choice.changed):
        choose(choice, "Choose...", tick(VIOLIN, CELLO))
    assert choice.parts() == Parts((VIOLIN, CELLO))
    assert choice.currentText() == "Violin, Cello"
    with qtbot.assertNotEmitted(choice.changed):
        choose(choice, "Choose...", InstrumentDialog.reject)
    assert choice.currentText() == "Violin, Cello"
    with qtbot.waitSignal(choice.changed):
        choose(choice, "Piano")
    assert [choice.itemText(index) for index in range(choice.count())] == ["Piano", "All but drums", "Choose..."]


def test_a_family_ticks_all_its_instruments_and_nothing_is_no_choice(qtbot: QtBot) -> None:
    dialog = InstrumentDialog(Parts((CHURCH_ORGAN,)))
    qtbot.addWidget(dialog)
    organs = dialog._programs[CHURCH_ORGAN].parent()
    assert (organs.text(0), organs.isExpanded(), organs.checkState(0)) == (
        "Organs",
        True,
        Qt.CheckState.PartiallyChecked,
    )
    organs.setCheckState(0, Qt.CheckState.Checked)
    assert dialog.parts() == Parts(tuple(range(16, 24)))
    organs.setCheckState(0, Qt.CheckState.Unchecked)
    assert not dialog.accepting.isEnabled()
    assert dialog.missing.text() == "Tick at least one instrument."
