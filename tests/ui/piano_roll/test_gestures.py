"""The mouse over the notes, as a person uses it."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from musicgen_app.core.score import Score
from musicgen_app.ui.piano_roll.snap import Snap
from tests.ui.piano_roll.conftest import ALT, CTRL, MIDDLE, NONE, RIGHT, SHIFT, Hands, move_mouse, piece, turn_wheel

C, E, G = (0, 480, 60, 60), (480, 480, 64, 70), (960, 480, 67, 80)


def test_a_click_selects_a_note_and_sounds_it(hands: Hands) -> None:
    hands.click(600, 64)
    assert hands.selected == [1]
    assert hands.player.sounded == [(64, 70)]
    assert hands.steps == []


def test_a_click_beside_the_notes_selects_nothing(hands: Hands) -> None:
    hands.select(0, 1)
    hands.click(600, 72)
    assert hands.selected == []


def test_shift_adds_a_note_to_the_selection_and_takes_it_out_again(hands: Hands) -> None:
    hands.click(200, 60)
    hands.click(600, 64, SHIFT)
    assert hands.selected == [0, 1]
    hands.click(200, 60, SHIFT)
    assert hands.selected == [1]


def test_a_frame_selects_what_it_touches(hands: Hands) -> None:
    hands.drag((500, 70), (1100, 63))
    assert hands.selected == [1, 2]
    hands.drag((100, 61), (200, 59), SHIFT)
    assert hands.selected == [0, 1, 2]


def test_dragging_moves_all_selected_notes_along_the_grid(hands: Hands) -> None:
    hands.select(0, 1)
    hands.drag((600, 64), (600 + 250, 66))
    assert hands.notes == [(240, 480, 62, 60), (720, 480, 66, 70), G]
    assert hands.selected == [0, 1]
    assert hands.steps == ["Move notes"]
    hands.editor.undo_stack.undo()
    assert hands.notes == [C, E, G]


def test_dragging_a_note_that_is_not_selected_moves_it_alone(hands: Hands) -> None:
    hands.select(0)
    hands.drag((1200, 67), (1200, 69))
    assert hands.notes == [C, E, (960, 480, 69, 80)]
    assert hands.player.sounded == [(67, 80), (68, 80), (69, 80)]


def test_alt_leaves_the_grid(hands: Hands) -> None:
    hands.drag((200, 60), (263, 60), ALT)
    assert hands.notes[0][0] % 120 != 0
    assert abs(hands.notes[0][0] - 63) <= hands.roll.state.viewport.ticks_per_pixel


@pytest.mark.parametrize(
    ("snap", "step"),
    [
        *((Snap(part), 1920 // part) for part in (1, 2, 4, 8, 16, 32)),
        (Snap(8, triplet=True), 160),
        (Snap(8, dotted=True), 360),
        (Snap(None), 1),
    ],
)
def test_every_grid_of_the_list_holds_what_is_drawn(hands: Hands, snap: Snap, step: int) -> None:
    hands.roll.state.set_snap(snap)
    hands.roll.state.set_tool("draw")
    tick = 4015.0
    hands.click(tick, 72)
    onset = next(note[0] for note in hands.notes if note[2] == 72)
    assert onset % step == 0
    assert -hands.roll.state.viewport.ticks_per_pixel <= tick - onset < step + hands.roll.state.viewport.ticks_per_pixel


def test_shift_keeps_a_drag_in_one_direction(hands: Hands) -> None:
    hands.click(200, 60)
    hands.press(200, 60)
    hands.move(680, 61, SHIFT)
    hands.release(680, 61, SHIFT)
    assert (480, 480, 60, 60) in hands.notes


def test_control_drag_copies(hands: Hands) -> None:
    hands.drag((200, 60), (200, 72), CTRL)
    assert hands.notes == [C, (0, 480, 72, 60), E, G]
    assert hands.selected == [1]
    assert hands.steps == ["Copy notes"]


def test_control_drag_back_to_its_place_copies_nothing(hands: Hands) -> None:
    hands.press(200, 60, CTRL)
    hands.move(700, 65, CTRL)
    hands.move(200, 60, CTRL)
    hands.release(200, 60, CTRL)
    assert hands.notes == [C, E, G]


def test_the_end_of_a_note_resizes_all_selected(hands: Hands) -> None:
    hands.select(0, 1)
    hands.drag((955, 64), (955 + 120, 64))
    assert hands.notes == [(0, 600, 60, 60), (480, 600, 64, 70), G]
    assert hands.steps == ["Change length"]
    assert hands.roll.state.last_duration == 600


def test_the_start_of_a_note_resizes_it_and_keeps_its_end(hands: Hands) -> None:
    hands.drag((485, 64), (485 + 240, 64))
    assert hands.notes == [C, (720, 240, 64, 70), G]


def test_escape_ends_a_drag_without_a_change(hands: Hands) -> None:
    hands.press(200, 60)
    hands.move(900, 70)
    hands.key(Qt.Key.Key_Escape)
    hands.release(900, 70)
    assert hands.notes == [C, E, G]
    assert hands.steps == []
    hands.drag((200, 60), (200, 61))
    assert hands.notes[0] == (0, 480, 61, 60)


def test_escape_gives_a_frame_back_its_selection(hands: Hands) -> None:
    hands.select(2)
    hands.press(100, 70)
    hands.move(700, 59)
    assert hands.selected == [0, 1]
    hands.key(Qt.Key.Key_Escape)
    assert hands.selected == [2]


def test_the_pencil_draws_a_note_of_the_last_length_on_the_grid_and_sounds_it(hands: Hands) -> None:
    hands.click(1200, 67)
    hands.key(Qt.Key.Key_2)
    hands.click(1950, 72)
    assert hands.notes == [C, E, G, (1920, 480, 72, 80)]
    assert hands.player.sounded[-1] == (72, 80)
    assert hands.selected == [3]
    assert hands.steps == ["Draw note"]


def test_a_drag_of_the_pencil_sets_the_length(hands: Hands) -> None:
    hands.key(Qt.Key.Key_2)
    hands.drag((1950, 72), (1950 + 700, 72))
    assert hands.notes[-1] == (1920, 720, 72, 80)
    hands.click(150, 80)
    assert hands.notes[1] == (120, 720, 80, 80)


def test_a_drag_of_the_pencil_to_the_left_leaves_a_step_of_the_grid(hands: Hands) -> None:
    hands.key(Qt.Key.Key_2)
    hands.drag((1000, 72), (200, 72))
    assert (960, 120, 72, 80) in hands.notes


def test_the_pencil_moves_a_note_that_is_there(hands: Hands) -> None:
    hands.key(Qt.Key.Key_2)
    hands.drag((600, 64), (600, 65))
    assert hands.notes == [C, (480, 480, 65, 70), G]


def test_a_right_click_of_the_pencil_erases(hands: Hands) -> None:
    hands.key(Qt.Key.Key_2)
    hands.click(600, 64, button=RIGHT)
    assert hands.notes == [C, G]
    assert hands.steps == ["Erase notes"]


def test_the_eraser_takes_all_it_is_dragged_over_in_one_step(hands: Hands) -> None:
    hands.key(Qt.Key.Key_3)
    hands.press(240, 60)
    hands.move(1200, 67)
    hands.release(1200, 67)
    assert hands.notes == []
    assert hands.steps == ["Erase notes"]


def test_the_eraser_on_an_empty_place_does_nothing(hands: Hands) -> None:
    hands.key(Qt.Key.Key_3)
    hands.click(600, 80)
    assert hands.steps == []


def test_a_middle_drag_moves_the_view_only(hands: Hands) -> None:
    hands.roll.state.set_viewport(hands.roll.state.viewport.zoomed_time(4, 0).zoomed_pitch(1.5, 100))
    before = hands.roll.state.viewport
    place = QPoint(400, 300)
    QTest.mousePress(hands.view, MIDDLE, NONE, place)
    move_mouse(hands.view, place + QPoint(-100, 40), MIDDLE)
    QTest.mouseRelease(hands.view, MIDDLE, NONE, place + QPoint(-100, 40))
    after = hands.roll.state.viewport
    assert after.tick(300) == pytest.approx(before.tick(400))
    assert after.pitch(340) == before.pitch(300)
    assert hands.notes == [C, E, G]


def test_the_wheel_scrolls_pitch_and_with_shift_time(hands: Hands) -> None:
    state = hands.roll.state
    state.set_viewport(state.viewport.zoomed_time(4, 0))
    before = state.viewport
    turn_wheel(hands.view, QPoint(300, 200), 1)
    assert state.viewport.top < before.top
    assert state.viewport.left == before.left
    turn_wheel(hands.view, QPoint(300, 200), -2, SHIFT)
    assert state.viewport.left > before.left


def test_control_and_the_wheel_zoom_time_at_the_cursor(hands: Hands) -> None:
    state = hands.roll.state
    before = state.viewport
    turn_wheel(hands.view, QPoint(300, 200), 2, CTRL)
    assert state.viewport.ticks_per_pixel < before.ticks_per_pixel
    assert state.viewport.tick(300) == pytest.approx(before.tick(300))
    assert state.viewport.row_height == before.row_height


def test_control_shift_and_the_wheel_zoom_pitch_at_the_cursor(hands: Hands) -> None:
    state = hands.roll.state
    before = state.viewport
    turn_wheel(hands.view, QPoint(300, 200), 2, CTRL | SHIFT)
    assert state.viewport.row_height > before.row_height
    assert state.viewport.pitch(200) == before.pitch(200)
    assert state.viewport.ticks_per_pixel == before.ticks_per_pixel


def test_the_view_scrolls_while_a_drag_is_held_outside(hands: Hands) -> None:
    state = hands.roll.state
    state.set_viewport(state.viewport.zoomed_time(6, 0))
    left = state.viewport.left
    QTest.mousePress(hands.view, Qt.MouseButton.LeftButton, NONE, QPoint(200, 20))
    move_mouse(hands.view, QPoint(hands.view.width() + 60, 60), Qt.MouseButton.LeftButton)
    hands.view._scroll_on()
    assert state.viewport.left > left
    QTest.mouseRelease(hands.view, Qt.MouseButton.LeftButton, NONE, QPoint(300, 60))
    left = state.viewport.left
    hands.view._scroll_on()
    assert state.viewport.left == left


def test_the_mouse_shows_what_a_press_would_do(hands: Hands) -> None:
    shapes = Qt.CursorShape
    for tick, pitch, shape in (
        (240, 60, shapes.OpenHandCursor),
        (476, 60, shapes.SizeHorCursor),
        (4, 60, shapes.SizeHorCursor),
        (240, 62, shapes.ArrowCursor),
    ):
        hands.hover(tick, pitch)
        assert hands.view.cursor().shape() == shape, (tick, pitch)
    hands.key(Qt.Key.Key_2)
    hands.hover(240, 70)
    assert hands.view.cursor().shape() == shapes.BitmapCursor
    hands.key(Qt.Key.Key_3)
    hands.hover(240, 60)
    assert hands.view.cursor().shape() == shapes.BitmapCursor


def test_the_read_out_names_what_is_under_the_mouse_and_what_a_drag_does(hands: Hands) -> None:
    read_out = hands.roll.read_out
    hands.hover(700, 64)
    assert read_out.text == "E4   ·   1:2:000   ·   0:00.5   ·   1 beat   ·   velocity 70"
    hands.hover(1000, 73)
    assert read_out.text == "C♯5   ·   1:3:000   ·   0:01.0"
    hands.press(700, 64)
    hands.move(940, 66)
    assert read_out.text == "Move by +0.5 beats, +2 semitones"
    hands.release(940, 66)
    assert read_out.text.startswith("F♯4")
    assert read_out.selection_text == "1 of 3 notes selected"


def test_another_button_during_a_drag_does_not_end_it(hands: Hands) -> None:
    hands.press(600, 64)
    hands.move(600, 66)
    hands.click(600, 66, button=RIGHT)
    hands.move(600, 67)
    hands.release(600, 67)
    assert (480, 480, 67, 70) in hands.notes
    assert len(hands.notes) == 3


def test_keys_wait_until_a_drag_has_ended(hands: Hands) -> None:
    hands.select(2)
    hands.key(Qt.Key.Key_Up)
    hands.press(600, 64)
    hands.move(600, 66)
    hands.key(Qt.Key.Key_Z, CTRL)
    hands.key(Qt.Key.Key_Delete)
    hands.release(600, 66)
    assert hands.steps == ["Up a semitone", "Move notes"]
    assert len(hands.notes) == 3


def test_a_drag_ends_when_the_score_changes_under_it(hands: Hands) -> None:
    hands.select(0, 1, 2)
    hands.press(600, 64)
    hands.move(600, 66)
    hands.editor.set_score(piece((0, 480, 50, 60)))
    hands.release(600, 66)
    assert hands.notes == [(0, 480, 50, 60)]
    assert hands.steps == []
    QTest.mousePress(hands.roll.velocities, Qt.MouseButton.LeftButton, NONE, QPoint(15, 20))
    hands.editor.set_score(piece())
    QTest.mouseRelease(hands.roll.velocities, Qt.MouseButton.LeftButton, NONE, QPoint(15, 20))
    assert hands.steps == []


def test_the_read_out_follows_an_edit_without_the_mouse(hands: Hands) -> None:
    hands.click(700, 64)
    hands.key(Qt.Key.Key_Delete)
    assert "velocity" not in hands.roll.read_out.text


def test_nothing_can_be_edited_while_music_streams_in(hands: Hands) -> None:
    hands.editor.show_streamed(piece((0, 480, 60, 60), (480, 480, 62, 60)))
    hands.drag((200, 60), (200, 65))
    hands.key(Qt.Key.Key_2)
    hands.click(1500, 70)
    hands.key(Qt.Key.Key_Q)
    assert len(hands.notes) == 2
    assert hands.steps == []


def test_a_growing_stream_stays_in_view_from_its_beginning(hands: Hands) -> None:
    hands.editor.set_score(Score())
    rows: list[tuple[int, int, int, int]] = []
    for number in range(120):
        rows.append((number * 240, 240, 40 + number % 50, 64))
        hands.editor.show_streamed(piece(*rows))
        view = hands.roll.state.viewport
        assert view.left <= 0
        assert view.right >= rows[-1][0]
        assert view.lowest <= rows[-1][2] <= view.highest
    hands.editor.edit("Generate", hands.editor.score)
    assert hands.steps == ["Generate"]


def test_a_note_can_be_drawn_into_an_empty_score(hands: Hands) -> None:
    hands.editor.set_score(Score(tracks=()))
    hands.key(Qt.Key.Key_B)
    hands.click(20, 60)
    assert hands.notes == [(0, 120, 60, 80)]
    hands.key(Qt.Key.Key_B)
    assert hands.roll.state.tool == "select"
