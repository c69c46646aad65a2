"""Commands and keys."""

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from musicgen_app.core.score import Score
from musicgen_app.midi.writer import midi_bytes
from musicgen_app.ui.action_table import ACTIONS
from musicgen_app.ui.keymap import Keymap
from musicgen_app.ui.piano_roll.keys import RollKeys
from musicgen_app.ui.piano_roll.snap import Snap
from tests.ui.piano_roll.conftest import ALT, CTRL, SHIFT, Hands, piece

C, E, G = (0, 480, 60, 60), (480, 480, 64, 70), (960, 480, 67, 80)
Key = Qt.Key


def test_every_command_has_its_act(hands: Hands) -> None:
    assert {spec.id for spec in ACTIONS if spec.scope == "roll"} <= set(hands.roll.commands())


def test_arrows_transpose_by_semitone_and_with_shift_by_octave(hands: Hands) -> None:
    hands.select(0)
    for key, held, pitch in (
        (Key.Key_Up, Qt.KeyboardModifier.NoModifier, 61),
        (Key.Key_Up, SHIFT, 73),
        (Key.Key_Down, SHIFT, 61),
        (Key.Key_Down, Qt.KeyboardModifier.NoModifier, 60),
    ):
        hands.key(key, held)
        assert hands.notes[0][2] == pitch
        assert hands.player.sounded[-1] == (pitch, 60)


def test_arrows_move_by_the_grid_and_with_alt_by_a_tick(hands: Hands) -> None:
    hands.select(1)
    hands.key(Key.Key_Right)
    assert hands.notes[1][0] == 600
    hands.key(Key.Key_Right, ALT)
    assert hands.notes[1][0] == 601
    hands.key(Key.Key_Left)
    assert hands.notes[1][0] == 600
    hands.key(Key.Key_Left, ALT)
    assert hands.notes[1][0] == 599
    hands.key(Key.Key_Right)
    assert hands.notes[1][0] == 600


def test_shift_and_arrows_change_the_length(hands: Hands) -> None:
    hands.select(1)
    hands.key(Key.Key_Right, SHIFT)
    assert hands.notes[1][1] == 600
    for _ in range(9):
        hands.key(Key.Key_Left, SHIFT)
    assert hands.notes[1][1] == 1


def test_control_and_arrows_change_the_velocity(hands: Hands) -> None:
    hands.select(1)
    hands.key(Key.Key_Up, CTRL)
    assert hands.notes[1][3] == 75
    hands.key(Key.Key_Down, CTRL)
    assert hands.notes[1][3] == 70


def test_a_row_of_presses_is_one_step_to_undo(hands: Hands) -> None:
    hands.select(0)
    for _ in range(4):
        hands.key(Key.Key_Up)
    assert hands.steps == ["Up a semitone"]
    hands.key(Key.Key_Z, CTRL)
    assert hands.notes == [C, E, G]
    hands.key(Key.Key_Y, CTRL)
    assert hands.notes[0][2] == 64
    hands.key(Key.Key_Z, CTRL)
    hands.key(Key.Key_Z, CTRL | SHIFT)
    assert hands.notes[0][2] == 64


def test_keys_without_a_selection_change_nothing(hands: Hands) -> None:
    need = {spec.id for spec in ACTIONS if spec.scope == "roll" and spec.selected}
    for command, act in hands.roll.commands().items():
        if command in need:
            act()
    assert hands.notes == [C, E, G]
    assert hands.steps == []


@pytest.mark.parametrize("key", [Key.Key_Delete, Key.Key_Backspace])
def test_delete_takes_the_selected_notes(hands: Hands, key: Key) -> None:
    hands.select(0, 2)
    hands.key(key)
    assert hands.notes == [E]
    assert hands.steps == ["Delete"]


def test_all_and_none(hands: Hands) -> None:
    hands.key(Key.Key_A, CTRL)
    assert hands.selected == [0, 1, 2]
    hands.key(Key.Key_Escape)
    assert hands.selected == []


def test_cut_and_paste_at_the_playhead(hands: Hands) -> None:
    hands.select(1, 2)
    hands.key(Key.Key_X, CTRL)
    assert hands.notes == [C]
    hands.roll.set_playhead(1930)
    hands.key(Key.Key_V, CTRL)
    assert hands.notes == [C, (1920, 480, 64, 70), (2400, 480, 67, 80)]
    assert hands.selected == [1, 2]
    assert hands.steps == ["Cut", "Paste"]


def test_copied_notes_are_midi_for_other_programs(hands: Hands) -> None:
    hands.select(0)
    hands.key(Key.Key_C, CTRL)
    content = QGuiApplication.clipboard().mimeData()
    assert bytes(content.data("audio/midi").data()).startswith(b"MThd")
    hands.editor.set_score(Score(ticks_per_beat=96))
    hands.key(Key.Key_V, CTRL)
    assert hands.notes == [(0, 96, 60, 60)]


def test_midi_of_other_programs_is_pasted_whatever_they_call_it(hands: Hands) -> None:
    for number, mime in enumerate(("audio/midi", "audio/x-midi", "audio/mid"), 1):
        content = QMimeData()
        content.setData(mime, midi_bytes(piece((0, 480, 72, 64))))
        QGuiApplication.clipboard().setMimeData(content)
        hands.key(Key.Key_V, CTRL)
        assert len(hands.notes) == 3 + number


def test_a_clipboard_without_music_pastes_nothing(hands: Hands) -> None:
    QGuiApplication.clipboard().setText("words")
    hands.key(Key.Key_V, CTRL)
    content = QGuiApplication.clipboard().mimeData()
    assert content.hasText()
    assert hands.steps == []


def test_duplicate_repeats_right_behind_on_the_grid(hands: Hands) -> None:
    hands.editor.set_score(piece((10, 470, 60, 64), (480, 400, 62, 64)))
    hands.key(Key.Key_A, CTRL)
    hands.key(Key.Key_D, CTRL)
    assert hands.notes[2:] == [(970, 470, 60, 64), (1440, 400, 62, 64)]
    hands.roll.state.set_snap(Snap(None))
    hands.key(Key.Key_D, CTRL)
    assert hands.notes[4][0] == 970 + 870


def test_quantise_takes_the_selection_or_all(hands: Hands) -> None:
    hands.editor.set_score(piece((7, 480, 60, 64), (470, 480, 62, 64)))
    hands.select(0)
    hands.key(Key.Key_Q)
    assert [note[0] for note in hands.notes] == [0, 470]
    hands.key(Key.Key_Escape)
    hands.key(Key.Key_Q)
    assert [note[0] for note in hands.notes] == [0, 480]
    assert hands.selected == []


def test_tools_have_their_keys(hands: Hands) -> None:
    for key, tool in (
        (Key.Key_2, "draw"),
        (Key.Key_3, "erase"),
        (Key.Key_1, "select"),
        (Key.Key_B, "draw"),
        (Key.Key_B, "select"),
    ):
        hands.key(key)
        assert hands.roll.state.tool == tool


def test_f_fits_the_selection_or_everything(hands: Hands) -> None:
    state = hands.roll.state
    whole = state.viewport
    hands.select(1, 2)
    hands.key(Key.Key_F)
    assert state.viewport.left > whole.left
    assert state.viewport.ticks_per_pixel < whole.ticks_per_pixel
    hands.key(Key.Key_Escape)
    hands.key(Key.Key_F)
    assert state.viewport == whole


def test_plus_and_minus_zoom(hands: Hands) -> None:
    before = hands.roll.state.viewport.ticks_per_pixel
    hands.key(Key.Key_Plus)
    assert hands.roll.state.viewport.ticks_per_pixel < before
    hands.key(Key.Key_Minus)
    assert hands.roll.state.viewport.ticks_per_pixel == pytest.approx(before)


def test_the_loop_goes_round_the_selection(hands: Hands) -> None:
    hands.select(1, 2)
    hands.roll.commands()["loop_selection"]()
    assert hands.roll.state.loop == (480, 1440)
    assert hands.player.loops == [(480, 1440)]
    hands.roll.commands()["clear_loop"]()
    assert hands.player.loops[-1] == (0, None)


def test_follow_is_a_toggle(hands: Hands) -> None:
    hands.roll.commands()["follow"]()
    assert not hands.roll.follow


def test_single_letters_never_act_while_a_text_field_has_the_focus(hands: Hands, qtbot: QtBot) -> None:
    window, field = QWidget(), QLineEdit()
    box = QVBoxLayout(window)
    box.addWidget(field)
    box.addWidget(hands.roll)
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    field.setFocus()
    hands.select(0)
    QTest.keyClicks(field, "2bq3f")
    QTest.keyClick(field, Key.Key_Delete)
    QTest.keyClick(field, Key.Key_Up)
    assert field.text() == "2bq3f"
    assert hands.roll.state.tool == "select"
    assert hands.steps == []
    hands.roll.setParent(None)


def test_unknown_keys_go_on_to_the_window(hands: Hands) -> None:
    keys = RollKeys({"delete": ("Del",), "quantise": ("Q", "")})
    assert keys.command(Key.Key_Space, Qt.KeyboardModifier.NoModifier) is None
    assert keys.command(Key.Key_Q, CTRL) is None
    assert keys.command(Key.Key_Delete, Qt.KeyboardModifier.KeypadModifier) == "delete"


def test_the_roll_answers_the_keys_in_force(hands: Hands) -> None:
    keymap = Keymap()
    keymap.add("octave_up", "U")
    hands.roll.set_keys(keymap.all_keys())
    hands.select(0)
    hands.key(Key.Key_U)
    assert hands.notes[0][2] == 72
