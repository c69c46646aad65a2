"""Commands that edit notes, by menu and key, with their dialogs and previews; and ways to select."""

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QInputDialog

from musicgen_app.core.command_table import COMMANDS
from musicgen_app.ui.forms import Choice, DecimalBox, NumberBox
from musicgen_app.ui.piano_roll.command_dialog import CommandDialog, note_words
from musicgen_app.ui.roll_action_table import COMMAND_PREFIX, EDIT_ACTIONS
from tests.ui.piano_roll.conftest import CTRL, SHIFT, Hands, piece

C, E, G = (0, 480, 60, 60), (480, 480, 64, 70), (960, 480, 67, 80)
Key = Qt.Key


def in_dialog(act: Callable[[CommandDialog], None]) -> None:
    """Do something in the dialog that is about to open."""

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, CommandDialog) and dialog.isVisible():
            act(dialog)
        else:
            QTimer.singleShot(10, look)

    QTimer.singleShot(0, look)


def run(hands: Hands, name: str) -> None:
    hands.roll.commands()[f"{COMMAND_PREFIX}{name}"]()


def test_a_dialog_shows_what_it_would_do_and_escape_takes_it_back(hands: Hands) -> None:
    seen: list[object] = []

    def act(dialog: CommandDialog) -> None:
        box = dialog.boxes["semitones"].box
        assert isinstance(box, NumberBox)
        seen.append([note[2] for note in hands.notes])
        box.setValue(5)
        QTest.qWait(100)
        seen.append([note[2] for note in hands.notes])
        seen.append(dialog.told)
        QTest.keyClick(dialog, Key.Key_Escape)

    hands.select(0, 1)
    in_dialog(act)
    run(hands, "transpose")
    assert seen == [[72, 76, 67], [65, 69, 67], "For 2 notes."]
    assert hands.notes == [C, E, G]
    assert hands.selected == [0, 1]
    assert hands.steps == []


def test_return_does_it_as_one_step_and_the_values_are_there_again(hands: Hands) -> None:
    def first(dialog: CommandDialog) -> None:
        box = dialog.boxes["semitones"].box
        assert isinstance(box, NumberBox)
        box.setValue(2)
        QTest.keyClick(dialog, Key.Key_Return)

    def second(dialog: CommandDialog) -> None:
        assert dialog.values() == {"semitones": 2}
        dialog.reject()

    in_dialog(first)
    run(hands, "transpose")
    assert [note[2] for note in hands.notes] == [62, 66, 69]
    assert hands.steps == ["Transpose"]
    in_dialog(second)
    run(hands, "transpose")
    hands.editor.undo_stack.undo()
    assert hands.notes == [C, E, G]


def test_all_kinds_of_parameters_have_their_controls(hands: Hands) -> None:
    def act(dialog: CommandDialog) -> None:
        grid, strength, ends = (dialog.boxes[name].box for name in ("grid", "strength", "ends"))
        assert isinstance(grid, Choice)
        assert isinstance(strength, DecimalBox)
        assert isinstance(ends, QCheckBox)
        grid.setCurrentIndex(grid.findData("1/4"))
        strength.setValue(0.5)
        ends.setChecked(True)
        QTest.mouseClick(dialog.done_button, Qt.MouseButton.LeftButton)

    hands.editor.set_score(piece((100, 300, 60, 60)))
    hands.roll.view.setFocus()
    in_dialog(act)
    hands.key(Key.Key_Q, SHIFT)
    assert hands.notes == [(50, 390, 60, 60)]


def test_velocity_begins_with_the_mean_of_the_selection(hands: Hands) -> None:
    def act(dialog: CommandDialog) -> None:
        assert dialog.values() == {"velocity": 65}
        box = dialog.boxes["velocity"].box
        assert isinstance(box, NumberBox)
        box.setValue(99)
        dialog.accept()

    hands.select(0, 1)
    in_dialog(act)
    hands.key(Key.Key_V)
    assert [note[3] for note in hands.notes] == [99, 99, 80]


def test_values_that_make_no_sense_together_are_told(hands: Hands) -> None:
    def act(dialog: CommandDialog) -> None:
        for name, value in (("low", 100), ("high", 50)):
            box = dialog.boxes[name].box
            assert isinstance(box, NumberBox)
            box.setValue(value)
        dialog.preview()
        told.append((dialog.told, dialog.done_button.isEnabled()))
        dialog.accept()
        dialog.reject()

    told: list[tuple[str, bool]] = []
    in_dialog(act)
    run(hands, "limit-velocity")
    assert told
    assert hands.steps in ([], ["Limit velocity"])


def test_every_command_can_be_run_from_the_menu(hands: Hands) -> None:
    """With its usual values, on all notes; each is one step or says that nothing would change."""
    names = {spec.id.removeprefix(COMMAND_PREFIX) for spec in EDIT_ACTIONS if spec.id.startswith(COMMAND_PREFIX)}
    for command in COMMANDS:
        if command.id not in names:
            continue
        hands.editor.set_score(piece(C, E, G))
        if command.parameters:
            in_dialog(CommandDialog.accept)
        run(hands, command.id)
        assert hands.steps in ([command.title], []), command.id


def test_nothing_is_asked_where_there_is_nothing_to_edit(hands: Hands) -> None:
    hands.editor.set_score(piece())
    run(hands, "transpose")
    run(hands, "hold-pedal")
    assert hands.steps == []


def test_note_values_in_words() -> None:
    assert [note_words(name) for name in ("1/8", "1/8t", "1/4d")] == ["1/8", "1/8 triplet", "1/4 dotted"]


# Ways to select


def test_notes_are_selected_by_pitch_bar_and_likeness(hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    hands.editor.set_score(piece(C, E, G, (1920, 480, 60, 62), (3840, 240, 72, 100)))
    hands.select(0)
    hands.key(Key.Key_P, SHIFT)
    assert hands.selected == [0, 3]
    hands.roll.commands()["select_pitch_class"]()
    assert hands.selected == [0, 3, 4]
    hands.key(Key.Key_A, CTRL | SHIFT)
    assert hands.selected == [1, 2]
    hands.key(Key.Key_B, SHIFT)
    assert hands.selected == [0, 1, 2]
    hands.select(4)
    hands.roll.commands()["select_length"]()
    assert hands.selected == [4]
    hands.select(0)
    hands.roll.commands()["select_loudness"]()
    assert hands.selected == [0, 3]
    hands.roll.state.set_loop((1920, 3840))
    hands.roll.commands()["select_loop"]()
    assert hands.selected == [3]
    hands.select()
    hands.roll.set_playhead(3840)
    hands.key(Key.Key_B, SHIFT)
    assert hands.selected == [4]
    texts = iter([("2 - 3", True), ("none", True), ("1", False)])
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: next(texts))
    for _ in range(3):
        hands.roll.commands()["select_bars"]()
    assert hands.selected == [3, 4]


def test_only_notes_of_the_edited_track_are_selected(hands: Hands) -> None:
    hands.roll.state.set_loop(None)
    hands.roll.commands()["select_loop"]()
    assert hands.selected == []
    assert np.array_equal(hands.roll.state.index.everything(), [0, 1, 2])
