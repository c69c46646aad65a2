"""The table of actions, the menus made from it, and who gets which key."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QLineEdit,
    QMainWindow,
    QMenuBar,
    QPushButton,
    QTableWidget,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from musicgen_app import environment
from musicgen_app.ui.action_table import ACTIONS, ActionSpec
from musicgen_app.ui.actions import Actions, KeyGuard, shown_keys
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.keys_dialog import KeysDialog, key_rows
from musicgen_app.ui.theme import Theme


class Frame(QMainWindow):
    """A window with actions, a button, a field and a table, and a count of what was asked for."""

    def __init__(self, tmp_path: Path) -> None:
        super().__init__()
        theme = Theme(self, glyphs=tmp_path)
        self.verbs = Actions(self, Icons(theme, self))
        self.asked: Counter[str] = Counter()
        for spec in ACTIONS:
            self.verbs.connect_to(spec.id, self.counter(spec.id))
        self.bar = QMenuBar()
        self.verbs.fill(self.bar)
        self.setMenuBar(self.bar)
        self.button = QPushButton("Press")
        self.button.clicked.connect(self.counter("pressed"))
        self.field = QLineEdit()
        self.table = QTableWidget(5, 1)
        inside = QWidget()
        box = QVBoxLayout(inside)
        for widget in (self.button, self.field, self.table):
            box.addWidget(widget)
        self.setCentralWidget(inside)

    def counter(self, name: str) -> Callable[..., None]:
        return lambda *_: self.asked.update([name])


@pytest.fixture
def frame(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Frame:
    frame = Frame(tmp_path)
    KeyGuard(qapp, frame)
    qtbot.addWidget(frame)
    frame.show()
    frame.activateWindow()
    qtbot.waitUntil(frame.isActiveWindow)
    return frame


def focus(qtbot: QtBot, widget: QWidget) -> None:
    widget.setFocus()
    qtbot.waitUntil(widget.hasFocus)


def test_ids_and_keys_are_unique() -> None:
    assert len({spec.id for spec in ACTIONS}) == len(ACTIONS)
    keys = Counter(QKeySequence(key).toString() for spec in ACTIONS for key in spec.keys)
    assert [key for key, count in keys.items() if count > 1] == []


@pytest.mark.parametrize("spec", ACTIONS, ids=lambda spec: spec.id)
def test_every_action_has_words_keys_a_tooltip_and_an_icon_that_exists(spec: ActionSpec) -> None:
    assert spec.text
    assert spec.tooltip
    assert not spec.tooltip.endswith((".", "!"))
    assert spec.keys
    assert all(not QKeySequence(key).isEmpty() for key in spec.keys)
    assert spec.scope in ("window", "roll")
    if spec.icon:
        assert environment.bundled("resources", "icons", f"{spec.icon}.svg").is_file()


def test_the_menu_bar_has_the_menus_in_order(frame: Frame) -> None:
    titles = [action.text().replace("&", "") for action in frame.bar.actions()]
    assert titles == ["File", "Edit", "View", "Queue", "Playback", "Help"]


def test_every_action_stands_in_its_menu_with_its_keys_in_the_tooltip(frame: Frame) -> None:
    for spec in ACTIONS:
        action = frame.verbs[spec.id]
        assert action in frame.verbs.menu(spec.menu).actions()
        assert shown_keys(spec) in action.toolTip()


def test_no_menu_begins_or_ends_with_a_line(frame: Frame) -> None:
    for menu in ("File", "Edit", "View", "Playback", "Help"):
        actions = frame.verbs.menu(menu).actions()
        assert not actions[0].isSeparator()
        assert not actions[-1].isSeparator()


def test_keys_ask_for_their_actions(frame: Frame) -> None:
    frame.setFocus()
    QTest.keyClick(frame, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(frame, Qt.Key.Key_Space)
    QTest.keyClick(frame, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    assert frame.asked == {"save": 1, "play": 1, "redo": 1}


def test_single_letters_and_space_are_typed_into_a_text_field(frame: Frame, qtbot: QtBot) -> None:
    focus(qtbot, frame.field)
    QTest.keyClicks(frame.field, "fl q?")
    QTest.keyClick(frame.field, Qt.Key.Key_Home)
    assert frame.field.text() == "fl q?"
    assert not frame.asked


def test_space_presses_a_button_that_has_the_focus(frame: Frame, qtbot: QtBot) -> None:
    focus(qtbot, frame.button)
    QTest.keyClick(frame.button, Qt.Key.Key_Space)
    assert frame.asked == {"pressed": 1}


def test_home_and_arrows_move_in_a_list_that_has_the_focus(frame: Frame, qtbot: QtBot) -> None:
    frame.table.setCurrentCell(3, 0)
    focus(qtbot, frame.table)
    QTest.keyClick(frame.table, Qt.Key.Key_Up)
    assert frame.table.currentRow() == 2
    QTest.keyClick(frame.table, Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(frame.table, Qt.Key.Key_Home)
    assert not frame.asked


def test_the_guard_survives_the_widget_it_guards(frame: Frame, qtbot: QtBot) -> None:
    focus(qtbot, frame.button)
    shiboken6.delete(frame.button)
    focus(qtbot, frame.table)
    assert frame.table.hasFocus()


def test_keys_of_the_roll_do_nothing_elsewhere(frame: Frame) -> None:
    frame.setFocus()
    QTest.keyClick(frame, Qt.Key.Key_Q)
    QTest.keyClick(frame, Qt.Key.Key_Delete)
    assert not frame.asked


def test_actions_can_be_made_unusable(frame: Frame) -> None:
    frame.verbs.enable(("save",), False)
    frame.setFocus()
    QTest.keyClick(frame, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert not frame.asked


def test_one_theme_is_chosen_at_a_time(frame: Frame) -> None:
    frame.verbs["theme_dark"].trigger()
    frame.verbs["theme_light"].trigger()
    assert not frame.verbs["theme_dark"].isChecked()
    assert frame.verbs["theme_light"].isChecked()


@pytest.mark.parametrize("after", ["open", "quit"])
def test_a_menu_can_be_put_behind_an_action(frame: Frame, after: str) -> None:
    menu = frame.verbs.insert_menu("File", "Open recent", after)
    actions = frame.verbs.menu("File").actions()
    assert actions.index(menu.menuAction()) == actions.index(frame.verbs[after]) + 1


def test_the_sheet_of_keys_shows_all_actions_and_is_narrowed_by_typing(qtbot: QtBot) -> None:
    dialog = KeysDialog()
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.shown == len(key_rows()) > len(ACTIONS)
    qtbot.keyClicks(dialog.search, "octave")
    assert dialog.shown == 2
    dialog.search.setText("Shift+Space")
    assert dialog.shown == 1
    dialog.search.setText("no such thing")
    assert dialog.shown == 0
