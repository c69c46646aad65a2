"""Keys, ruler, lanes, tools and scroll bars around the notes."""

from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QMenu, QScrollBar, QToolButton, QWidget

from musicgen_app.core.score import PEDAL_DTYPE, Score, make_notes
from musicgen_app.ui.piano_roll.menu import note_menu
from musicgen_app.ui.piano_roll.pedal_lane import pedal_spans
from musicgen_app.ui.piano_roll.snap import Snap
from tests.ui.piano_roll.conftest import ALT, CTRL, LEFT, NONE, SHIFT, Hands, move_mouse, piece, turn_wheel

C, E, G = (0, 480, 60, 60), (480, 480, 64, 70), (960, 480, 67, 80)


def key_place(hands: Hands, pitch: int, x: int = 50) -> QPoint:
    return QPoint(x, hands.place(0, pitch).y())


def test_a_click_on_a_key_sounds_it_louder_farther_out(hands: Hands) -> None:
    keyboard = hands.roll.keyboard
    QTest.mouseClick(keyboard, LEFT, NONE, key_place(hands, 60, 5))
    QTest.mouseClick(keyboard, LEFT, NONE, key_place(hands, 60, 60))
    (first, soft), (second, loud) = hands.player.sounded
    assert first == second == 60
    assert 1 <= soft < loud <= 127


def test_a_drag_over_the_keys_plays_each(hands: Hands) -> None:
    keyboard = hands.roll.keyboard
    QTest.mousePress(keyboard, LEFT, NONE, key_place(hands, 60))
    move_mouse(keyboard, key_place(hands, 60), LEFT)
    move_mouse(keyboard, key_place(hands, 61), LEFT)
    QTest.mouseRelease(keyboard, LEFT, NONE, key_place(hands, 61))
    move_mouse(keyboard, key_place(hands, 62), Qt.MouseButton.NoButton)
    assert [pitch for pitch, _ in hands.player.sounded] == [60, 61]


def test_a_double_click_on_a_key_selects_its_row(hands: Hands) -> None:
    hands.editor.set_score(piece((0, 100, 60, 64), (200, 100, 62, 64), (400, 100, 60, 64)))
    QTest.mouseDClick(hands.roll.keyboard, LEFT, NONE, key_place(hands, 60))
    assert hands.selected == [0, 2]


def test_each_c_is_named_beside_its_row(hands: Hands) -> None:
    image = hands.roll.keyboard.grab().toImage()

    def colours(pitch: int) -> int:
        row = hands.place(0, pitch).y()
        strip = [image.pixelColor(x, y).name() for x in range(40, 60) for y in range(row - 3, row + 3)]
        return len(set(strip))

    assert colours(60) > 3
    assert colours(62) <= 3


def test_keys_light_up_only_while_the_music_plays(hands: Hands) -> None:
    keyboard = hands.roll.keyboard

    def colour() -> str:
        return keyboard.grab().toImage().pixelColor(key_place(hands, 64, 50)).name()

    hands.roll.set_playhead(500)
    dark = colour()
    hands.player.state_changed.emit("playing")
    assert colour() != dark
    hands.player.position_changed.emit(1000)
    assert colour() == dark
    hands.player.position_changed.emit(500)
    hands.player.state_changed.emit("paused")
    assert colour() == dark


def ruler_place(hands: Hands, tick: float) -> QPoint:
    return QPoint(round(hands.roll.state.viewport.x(tick)), 25)


def test_a_click_on_the_ruler_moves_the_playhead_to_the_grid(hands: Hands) -> None:
    QTest.mouseClick(hands.roll.ruler, LEFT, NONE, ruler_place(hands, 490))
    assert hands.player.sought == [480]
    assert hands.roll.state.playhead == 480
    QTest.mouseClick(hands.roll.ruler, LEFT, ALT, ruler_place(hands, 511))
    assert hands.player.sought[-1] % 120 != 0


def test_a_drag_on_the_ruler_marks_the_loop_and_its_ends_can_be_moved(hands: Hands) -> None:
    ruler = hands.roll.ruler
    QTest.mousePress(ruler, LEFT, NONE, ruler_place(hands, 960))
    move_mouse(ruler, ruler_place(hands, 485), LEFT)
    QTest.mouseRelease(ruler, LEFT, NONE, ruler_place(hands, 485))
    assert hands.roll.state.loop == (480, 960)
    move_mouse(ruler, ruler_place(hands, 960), Qt.MouseButton.NoButton)
    assert ruler.cursor().shape() == Qt.CursorShape.SizeHorCursor
    QTest.mousePress(ruler, LEFT, NONE, ruler_place(hands, 960))
    move_mouse(ruler, ruler_place(hands, 1200), LEFT)
    QTest.mouseRelease(ruler, LEFT, NONE, ruler_place(hands, 1200))
    assert hands.roll.state.loop == (480, 1200)
    assert hands.player.loops[-1] == (480, 1200)
    assert hands.player.sought == []
    QTest.mouseDClick(ruler, LEFT, NONE, ruler_place(hands, 700))
    assert hands.roll.state.loop is None


def test_a_click_on_the_ruler_or_the_keys_lets_the_notes_have_the_keys(hands: Hands) -> None:
    for part, place in ((hands.roll.ruler, ruler_place(hands, 490)), (hands.roll.keyboard, key_place(hands, 60))):
        hands.roll.tools.setFocus()
        assert hands.roll.focusWidget() is not hands.view
        QTest.mouseClick(part, LEFT, NONE, place)
        assert hands.roll.focusWidget() is hands.view


def test_the_ruler_shows_whether_keys_go_to_the_notes(hands: Hands) -> None:
    pictures = []
    for focused in (False, True):
        hands.roll.state.set_focused(focused)
        pictures.append(hands.roll.ruler.grab().toImage())
    assert pictures[0] != pictures[1]


def test_a_loop_that_was_set_elsewhere_is_shown(hands: Hands) -> None:
    hands.player.loop_changed.emit((0, 960))
    assert hands.roll.state.loop == (0, 960)
    hands.player.loop_changed.emit(None)
    assert hands.roll.state.loop is None


def lane_place(hands: Hands, tick: float, velocity: int) -> QPoint:
    lane = hands.roll.velocities
    y = next(y for y in range(lane.height()) if lane.velocity_at(y) <= velocity)
    return QPoint(round(hands.roll.state.viewport.x(tick)), y)


def lane_drag(hands: Hands, *places: QPoint) -> None:
    lane = hands.roll.velocities
    QTest.mousePress(lane, LEFT, NONE, places[0])
    for place in places[1:]:
        move_mouse(lane, place, LEFT)
    QTest.mouseRelease(lane, LEFT, NONE, places[-1])


def test_a_click_in_the_velocity_lane_sets_the_stem(hands: Hands) -> None:
    place = lane_place(hands, 480, 30)
    lane_drag(hands, place)
    assert [note[3] for note in hands.notes] == [60, hands.roll.velocities.velocity_at(place.y()), 80]
    assert hands.steps == ["Change velocity"]
    assert hands.selected == []


def test_a_line_drawn_over_the_stems_sets_them_all(hands: Hands) -> None:
    lane_drag(hands, lane_place(hands, 0, 20), lane_place(hands, 960, 120))
    velocities = [note[3] for note in hands.notes]
    assert velocities == sorted(velocities)
    assert velocities[0] < 25
    assert 55 < velocities[1] < 85
    assert velocities[2] > 110
    assert hands.steps == ["Change velocity"]


def test_drawing_changes_only_the_selected_where_there_are_some(hands: Hands) -> None:
    hands.select(1)
    lane_drag(hands, lane_place(hands, 0, 20), lane_place(hands, 960, 20))
    assert [note[3] for note in hands.notes][::2] == [60, 80]
    assert hands.notes[1][3] < 30
    assert hands.selected == [1]


def test_the_head_of_a_selected_stem_carries_the_whole_selection(hands: Hands) -> None:
    hands.select(0, 1)
    start = lane_place(hands, 480, 70)
    lane_drag(hands, start, lane_place(hands, 480, 90))
    one, other, third = (note[3] for note in hands.notes)
    assert other - one == 10
    assert one > 70
    assert third == 80


def test_control_draws_a_straight_ramp_whatever_way_the_mouse_took(hands: Hands) -> None:
    lane = hands.roll.velocities
    hands.editor.set_score(piece(*((number * 480, 480, 60, 64) for number in range(5))))
    start, stop = lane_place(hands, 0, 20), lane_place(hands, 1920, 100)
    QTest.mousePress(lane, LEFT, CTRL, start)
    for place in (lane_place(hands, 960, 127), lane_place(hands, 1920, 5), stop):
        move_mouse(lane, place, LEFT, CTRL)
    QTest.mouseRelease(lane, LEFT, CTRL, stop)
    assert [note[3] for note in hands.notes] == pytest.approx([20, 40, 60, 80, 100], abs=3)
    assert hands.steps == ["Change velocity"]


def test_escape_in_the_velocity_lane_changes_nothing(hands: Hands) -> None:
    lane = hands.roll.velocities
    QTest.mousePress(lane, LEFT, NONE, lane_place(hands, 480, 20))
    hands.press_key(Qt.Key.Key_Escape)
    QTest.mouseRelease(lane, LEFT, NONE, lane_place(hands, 480, 20))
    assert hands.notes == [C, E, G]


def test_the_wheel_over_the_lane_changes_the_selection_as_one_step(hands: Hands) -> None:
    hands.select(0, 2)
    for _ in range(3):
        turn_wheel(hands.roll.velocities, QPoint(500, 40), 1)
    assert [note[3] for note in hands.notes] == [72, 70, 92]
    assert len(hands.steps) == 1
    turn_wheel(hands.roll.velocities, QPoint(500, 40), -1)
    assert hands.notes[0][3] == 68


def test_the_wheel_over_a_stem_changes_it_and_elsewhere_scrolls(hands: Hands) -> None:
    state = hands.roll.state
    turn_wheel(hands.roll.velocities, lane_place(hands, 480, 64), 1)
    assert [note[3] for note in hands.notes] == [60, 74, 80]
    state.set_viewport(state.viewport.zoomed_time(4, 0))
    left = state.viewport.left
    turn_wheel(hands.roll.velocities, lane_place(hands, 240, 64), -1)
    assert state.viewport.left > left


def test_pedals_are_shown_where_there_are_some(hands: Hands) -> None:
    pedals = np.array([(0, 0, 127), (400, 0, 0), (600, 0, 100), (700, 0, 90)], dtype=PEDAL_DTYPE)
    score = Score(notes=make_notes([(0, 960, 60, 64)]), pedals=pedals)
    hands.editor.set_score(score)
    assert pedal_spans(score).tolist() == [[0, 400, 0], [600, 960, 0]]
    image = hands.roll.pedals.grab().toImage()
    view = hands.roll.state.viewport
    held, free = (image.pixelColor(round(view.x(tick)), 8) for tick in (200, 500))
    assert held != free


def button(hands: Hands, name: str) -> QToolButton:
    found = hands.roll.tools.findChild(QToolButton, name)
    assert isinstance(found, QToolButton)
    return found


def test_the_tool_strip_shows_and_chooses_the_tool(hands: Hands) -> None:
    QTest.mouseClick(button(hands, "tool_draw"), LEFT)
    assert hands.roll.state.tool == "draw"
    hands.roll.state.set_tool("erase")
    assert button(hands, "tool_erase").isChecked()
    assert not button(hands, "tool_draw").isChecked()


def test_undo_and_redo_are_visible_and_name_their_step(hands: Hands) -> None:
    undo, redo = button(hands, "undo"), button(hands, "redo")
    assert not undo.isEnabled()
    hands.select(0)
    hands.key(Qt.Key.Key_Delete)
    assert undo.isEnabled()
    assert undo.toolTip() == "Undo: delete (Ctrl+Z)"
    QTest.mouseClick(undo, LEFT)
    assert hands.notes == [C, E, G]
    assert redo.toolTip() == "Redo: delete (Ctrl+Shift+Z)"
    QTest.mouseClick(redo, LEFT)
    assert hands.notes == [E, G]


def test_the_grid_is_chosen_in_the_strip(hands: Hands) -> None:
    values = hands.roll.tools.findChild(QComboBox)
    assert isinstance(values, QComboBox)
    assert [values.itemText(row) for row in range(values.count())] == [
        *("1/1", "1/2", "1/4", "1/8", "1/16", "1/32"),
        "Off",
    ]
    values.setCurrentIndex(3)
    values.activated.emit(3)
    assert hands.roll.state.snap == Snap(8)
    triplet, dotted = (
        next(found for found in hands.roll.tools.findChildren(QToolButton) if found.text() == text)
        for text in ("T", "D")
    )
    QTest.mouseClick(triplet, LEFT)
    assert hands.roll.state.snap == Snap(8, triplet=True)
    QTest.mouseClick(dotted, LEFT)
    assert hands.roll.state.snap == Snap(8, dotted=True)
    assert not triplet.isChecked()
    values.setCurrentIndex(6)
    values.activated.emit(6)
    assert not dotted.isEnabled()
    assert hands.roll.state.snap.grid(hands.editor.score) is None


def test_every_button_tells_what_it_does(hands: Hands) -> None:
    for found in hands.roll.tools.findChildren(QToolButton):
        assert found.toolTip()
        assert found.accessibleName()


def test_in_a_narrow_window_the_tools_do_not_run_into_each_other(hands: Hands) -> None:
    for width in (430, 540, 900):
        hands.roll.resize(width, 500)
        QApplication.processEvents()
        shown = [found for found in hands.roll.tools.findChildren(QWidget) if found.isVisible() and found.width() > 1]
        boxes = sorted((found.geometry() for found in shown if found.parent() is hands.roll.tools), key=lambda b: b.x())
        assert len(boxes) >= 10
        assert boxes[-1].right() < width
        assert all(one.right() < other.left() for one, other in pairwise(boxes)), width


def test_scroll_bars_show_and_move_the_view(hands: Hands) -> None:
    state = hands.roll.state
    bars = {bar.orientation(): bar for bar in hands.roll.findChildren(QScrollBar) if bar.isVisible()}
    across, down = bars[Qt.Orientation.Horizontal], bars[Qt.Orientation.Vertical]
    state.set_viewport(state.viewport.zoomed_time(8, 0))
    assert across.maximum() > 0
    across.setValue(across.maximum() // 2)
    middle = state.viewport.left
    assert middle > 0
    across.setValue(0)
    assert state.viewport.left < 0
    down.setValue(down.maximum())
    assert state.viewport.lowest == 0
    down.setValue(0)
    assert state.viewport.highest == 127


def test_the_view_turns_the_page_with_the_playhead_if_it_follows(hands: Hands) -> None:
    state = hands.roll.state
    hands.editor.set_score(piece(*((number * 480, 480, 60, 64) for number in range(64))))
    state.set_viewport(state.viewport.zoomed_time(8, 0))
    left = state.viewport.left
    hands.player.position_changed.emit(int(state.viewport.right) + 10)
    assert state.viewport.left > left
    assert 0 <= state.viewport.x(state.playhead) < state.viewport.width / 4
    state.set_follow(False)
    left = state.viewport.left
    hands.player.position_changed.emit(int(state.viewport.right) + 10)
    assert state.viewport.left == left


def test_who_scrolls_away_while_the_music_plays_is_left_alone_until_the_playhead_jumps(hands: Hands) -> None:
    state = hands.roll.state
    hands.editor.set_score(piece(*((number * 480, 480, 60, 64) for number in range(64))))
    state.set_viewport(state.viewport.zoomed_time(8, 0).scrolled(across=900))
    left = state.viewport.left
    for tick in (20, 40, 60):
        hands.player.position_changed.emit(tick)
    assert state.viewport.left == left
    hands.player.position_changed.emit(30_000)
    assert state.viewport.left > left


def test_the_view_does_not_follow_during_a_drag(hands: Hands) -> None:
    state = hands.roll.state
    state.set_viewport(state.viewport.zoomed_time(4, 0))
    hands.press(200, 60)
    left = state.viewport.left
    hands.player.position_changed.emit(int(state.viewport.right) + 10)
    assert state.viewport.left == left
    hands.release(200, 60)


def test_another_document_opens_fitted_with_the_playhead_at_its_start(hands: Hands) -> None:
    state = hands.roll.state
    hands.roll.set_playhead(900)
    state.set_loop((0, 480))
    hands.editor.set_score(piece(*((number * 480, 480, 30 + number, 64) for number in range(64))))
    view = state.viewport
    assert view.x(64 * 480) <= view.width
    assert view.x(64 * 480) > view.width * 0.9
    assert view.lowest <= 30
    assert view.highest >= 93
    assert state.playhead == 0
    assert state.loop is None


def test_the_menu_greys_what_needs_a_selection(hands: Hands) -> None:
    from musicgen_app.ui.icons import Icons

    icons = Icons(hands.roll._theme)
    menu = note_menu(hands.roll.commands(), {}, icons, selected=False, parent=hands.roll)
    enabled = {action.objectName(): action.isEnabled() for action in menu.actions() if action.objectName()}
    assert not enabled["cut"]
    assert enabled["select_all"]
    next(action for action in menu.actions() if action.objectName() == "select_all").trigger()
    assert hands.selected == [0, 1, 2]


def test_a_right_click_selects_the_note_under_it_and_opens_the_menu(hands: Hands) -> None:
    place = hands.place(700, 64)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, hands.view.mapToGlobal(place))
    QApplication.sendEvent(hands.view, event)
    assert hands.selected == [1]
    menu = hands.roll.findChild(QMenu)
    assert isinstance(menu, QMenu)
    assert menu.isVisible()
    next(action for action in menu.actions() if action.objectName() == "delete").trigger()
    assert hands.notes == [C, G]
    menu.close()


def test_shift_and_the_wheel_over_the_ruler_scroll_time(hands: Hands) -> None:
    state = hands.roll.state
    state.set_viewport(state.viewport.zoomed_time(8, 0))
    left = state.viewport.left
    turn_wheel(hands.roll.ruler, QPoint(300, 20), -1)
    turn_wheel(hands.roll.ruler, QPoint(300, 20), -1, SHIFT)
    assert state.viewport.left > left
    top = state.viewport.top
    turn_wheel(hands.roll.keyboard, QPoint(20, 100), 1)
    assert state.viewport.top < top
