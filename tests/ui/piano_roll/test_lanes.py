"""The lanes below the notes and the strip of signs: what mouse and keys do to pedal, tempo and signs."""

from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QInputDialog, QWidget

from musicgen_app.core.asides import Marker
from musicgen_app.core.score import PEDAL_DTYPE, TEMPO_DTYPE, KeySignature, Score, TimeSignature, Track, make_notes
from musicgen_app.ui.piano_roll.piano_roll import PEDAL, TEMPO, VELOCITY
from musicgen_app.ui.piano_roll.signs import key_name, placed_signs, read_metre
from musicgen_app.ui.piano_roll.snap import Snap
from tests.ui.piano_roll.conftest import ALT, CTRL, LEFT, NONE, RIGHT, SHIFT, Hands, move_mouse, piece

C, E, G = (0, 480, 60, 60), (480, 480, 64, 70), (960, 480, 67, 80)


def pedals(hands: Hands) -> list[tuple[int, int, int]]:
    return [tuple(int(value) for value in row) for row in hands.editor.score.pedals]  # type: ignore[misc]


def tempos(hands: Hands) -> dict[int, int]:
    """Quarter notes a minute by tick."""
    return {int(row["onset"]): round(60e6 / int(row["microseconds_per_beat"])) for row in hands.editor.score.tempos}


def place(hands: Hands, widget: QWidget, tick: float, y: float | None = None) -> QPoint:
    return QPoint(round(hands.roll.state.viewport.x(tick)), round(y if y is not None else widget.height() / 2))


def drag(
    hands: Hands,
    widget: QWidget,
    start: tuple[float, float | None],
    stop: tuple[float, float | None],
    held: Qt.KeyboardModifier = NONE,
    release: bool = True,
) -> None:
    """Drag from a tick to another over a lane; the second number is a height, None for the middle."""
    QTest.mousePress(widget, LEFT, held, place(hands, widget, *start))
    move_mouse(widget, place(hands, widget, *stop), LEFT, held)
    if release:
        QTest.mouseRelease(widget, LEFT, held, place(hands, widget, *stop))


@pytest.fixture
def grid(hands: Hands) -> Hands:
    """Quarters, so that places are round numbers; the tempo lane is open."""
    hands.roll.state.set_snap(Snap(4))
    hands.roll.lanes.show(TEMPO, True)
    QApplication.processEvents()
    return hands


# The pedal


def test_a_drag_holds_the_pedal_on_the_grid(grid: Hands) -> None:
    drag(grid, grid.roll.pedals, (500, None), (1400, None))
    assert pedals(grid) == [(480, 0, 127), (1440, 0, 0)]
    assert grid.steps == ["Draw pedal"]
    drag(grid, grid.roll.pedals, (1700, None), (1850, None), held=ALT)
    assert 1690 <= pedals(grid)[2][0] <= 1710
    grid.editor.undo_stack.undo()
    grid.editor.undo_stack.undo()
    assert pedals(grid) == []


def test_edges_and_middle_of_a_hold_can_be_dragged(grid: Hands) -> None:
    drag(grid, grid.roll.pedals, (480, None), (960, None))
    drag(grid, grid.roll.pedals, (960, None), (1440, None))
    assert pedals(grid) == [(480, 0, 127), (1440, 0, 0)]
    drag(grid, grid.roll.pedals, (480, None), (960, None))
    assert pedals(grid) == [(960, 0, 127), (1440, 0, 0)]
    drag(grid, grid.roll.pedals, (960, None), (0, None))
    assert pedals(grid) == [(0, 0, 127), (1440, 0, 0)]
    drag(grid, grid.roll.pedals, (700, None), (1180, None))
    assert pedals(grid) == [(480, 0, 127), (1920, 0, 0)]
    assert grid.steps[1:] == ["Change pedal"] * 4


@pytest.mark.parametrize("tool", ["select", "erase"])
def test_the_right_button_or_the_eraser_takes_a_hold_away(grid: Hands, tool: str) -> None:
    drag(grid, grid.roll.pedals, (480, None), (960, None))
    grid.roll.state.set_tool(tool)
    button = RIGHT if tool == "select" else LEFT
    QTest.mouseClick(grid.roll.pedals, button, NONE, place(grid, grid.roll.pedals, 1700))
    assert len(pedals(grid)) == 2
    QTest.mouseClick(grid.roll.pedals, button, NONE, place(grid, grid.roll.pedals, 720))
    assert pedals(grid) == []
    assert grid.steps[-1] == "Erase pedal"


def test_escape_ends_a_drag_of_the_pedal_without_a_change(grid: Hands) -> None:
    drag(grid, grid.roll.pedals, (480, None), (960, None), release=False)
    grid.press_key(Qt.Key.Key_Escape)
    QTest.mouseRelease(grid.roll.pedals, LEFT, NONE, place(grid, grid.roll.pedals, 960))
    assert pedals(grid) == []
    grid.press_key(Qt.Key.Key_Escape)


def test_the_pedal_is_drawn_for_the_track_that_is_edited(grid: Hands) -> None:
    notes = make_notes([(0, 480, 60, 60, 0), (0, 480, 40, 60, 1)])
    grid.editor.set_score(Score(notes, tracks=(Track(), Track(channel=1))))
    grid.roll.state.set_tracks(grid.roll.state.tracks.with_edited(1))
    drag(grid, grid.roll.pedals, (480, None), (960, None))
    assert pedals(grid) == [(480, 1, 127), (960, 1, 0)]


def test_the_mouse_tells_what_a_drag_would_do(grid: Hands) -> None:
    drag(grid, grid.roll.pedals, (480, None), (960, None))
    shapes = []
    for tick in (480, 720, 1500):
        move_mouse(grid.roll.pedals, place(grid, grid.roll.pedals, tick), Qt.MouseButton.NoButton)
        shapes.append(grid.roll.pedals.cursor().shape())
    assert shapes == [Qt.CursorShape.SizeHorCursor, Qt.CursorShape.OpenHandCursor, Qt.CursorShape.CrossCursor]


# The tempo


def height_of(hands: Hands, tempo: float) -> float:
    return hands.roll.tempos._y(hands.roll.tempos.height(), tempo)


def test_a_point_of_the_tempo_is_moved_up_down_and_sideways(grid: Hands) -> None:
    grid.editor.set_score(Score(grid.editor.score.notes, tempos=np.array([(0, 500_000), (960, 600_000)], TEMPO_DTYPE)))
    lane = grid.roll.tempos
    grid.roll.grab()
    drag(grid, lane, (960, height_of(grid, 100)), (1440, height_of(grid, 130)))
    assert list(tempos(grid)) == [0, 1440]
    assert tempos(grid)[1440] == pytest.approx(130, abs=2)
    grid.roll.grab()
    drag(grid, lane, (1440, height_of(grid, tempos(grid)[1440])), (480, height_of(grid, 110)), held=SHIFT)
    assert list(tempos(grid)) == [0, 1440]
    assert grid.steps == ["Move tempo", "Move tempo"]


def test_a_drag_beside_the_points_draws_and_control_draws_a_ramp(grid: Hands) -> None:
    lane = grid.roll.tempos
    grid.roll.grab()
    drag(grid, lane, (480, height_of(grid, 100)), (480, height_of(grid, 100) + 1))
    assert tempos(grid)[480] == pytest.approx(100, abs=2)
    grid.editor.undo_stack.undo()
    grid.roll.grab()
    drag(grid, lane, (480, height_of(grid, 100)), (1440, height_of(grid, 140)), held=CTRL)
    found = tempos(grid)
    assert list(found) == [0, 480, 960, 1440]
    assert [found[tick] for tick in (480, 960, 1440)] == pytest.approx([100, 120, 140], abs=2)
    assert grid.steps == ["Draw tempo"]


def test_points_are_taken_away_but_the_first(grid: Hands) -> None:
    grid.editor.set_score(Score(grid.editor.score.notes, tempos=np.array([(0, 500_000), (960, 600_000)], TEMPO_DTYPE)))
    grid.roll.grab()
    for tick, tempo in ((0, 120), (960, 100)):
        QTest.mouseClick(grid.roll.tempos, RIGHT, NONE, place(grid, grid.roll.tempos, tick, height_of(grid, tempo)))
    assert tempos(grid) == {0: 120}


def test_a_double_click_or_the_menu_asks_for_a_tempo(grid: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([(90.0, True), (60.0, True), (50.0, False)])
    monkeypatch.setattr(QInputDialog, "getDouble", lambda *_: next(answers))
    grid.roll.grab()
    QTest.mouseDClick(grid.roll.tempos, LEFT, NONE, place(grid, grid.roll.tempos, 960, 5))
    assert tempos(grid) == {0: 120, 960: 90}
    grid.roll.set_playhead(1440)
    grid.roll.commands()["set_tempo"]()
    grid.roll.commands()["set_tempo"]()
    assert tempos(grid) == {0: 120, 960: 90, 1440: 60}
    assert grid.steps == ["Set tempo", "Set tempo"]


def test_escape_ends_a_drag_of_the_tempo(grid: Hands) -> None:
    grid.roll.grab()
    drag(grid, grid.roll.tempos, (480, 20), (960, 40), release=False)
    grid.press_key(Qt.Key.Key_Escape)
    QTest.mouseRelease(grid.roll.tempos, LEFT, NONE, place(grid, grid.roll.tempos, 960))
    assert tempos(grid) == {0: 120}
    move_mouse(grid.roll.tempos, place(grid, grid.roll.tempos, 0, height_of(grid, 120)), Qt.MouseButton.NoButton)
    assert grid.roll.tempos.cursor().shape() == Qt.CursorShape.SizeAllCursor


def test_a_change_of_tempo_or_pedal_keeps_the_selection(grid: Hands) -> None:
    grid.select(0, 2)
    drag(grid, grid.roll.pedals, (480, None), (960, None))
    assert grid.selected == [0, 2]


# Signs


def test_signs_stand_in_order_and_beside_each_other(grid: Hands) -> None:
    score = Score(
        grid.editor.score.notes,
        time_signatures=(TimeSignature(0, 3, 4),),
        key_signatures=(KeySignature(0, -3), KeySignature(1440, 6, minor=True)),
        markers=(Marker(0, "Theme"),),
    )
    grid.editor.set_score(score)
    assert [sign.words for sign in placed_signs(score)] == ["3/4", "E♭ major", "Theme", "D♯ minor"]
    boxes = [box for _, box in grid.roll.signs.boxes()]
    assert len(boxes) == 4
    assert all(one.right() < other.left() for one, other in pairwise(boxes))


def test_a_double_click_names_a_place_and_changes_a_sign(grid: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([("Theme", True), ("Second idea", True), ("", True), ("no", False)])
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: next(answers))
    strip = grid.roll.signs
    QTest.mouseDClick(strip, LEFT, NONE, place(grid, strip, 960))
    assert grid.editor.score.markers == (Marker(960, "Theme"),)
    QTest.mouseDClick(strip, LEFT, NONE, place(grid, strip, 960) + QPoint(5, 0))
    assert grid.editor.score.markers == (Marker(960, "Second idea"),)
    for _ in range(2):
        grid.roll.commands()["set_marker"]()
    assert len(grid.editor.score.markers) == 1


def test_signs_are_set_at_the_playhead(grid: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = iter([("six", True), ("3/7", True), ("6/8", True)])
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: next(texts))
    monkeypatch.setattr(QInputDialog, "getItem", lambda _o, _t, _w, names, *_: (names[names.index("C minor")], True))
    grid.roll.set_playhead(960)
    grid.roll.commands()["set_metre"]()
    grid.roll.commands()["set_key"]()
    assert grid.editor.score.time_signatures == (TimeSignature(960, 6, 8),)
    assert grid.editor.score.key_signatures == (KeySignature(960, -3, minor=True),)
    assert grid.steps == ["Set time signature", "Set key"]


def test_a_sign_is_dragged_and_removed(grid: Hands) -> None:
    grid.editor.set_score(Score(grid.editor.score.notes, markers=(Marker(480, "Theme"),)))
    strip = grid.roll.signs
    start, stop = place(grid, strip, 480) + QPoint(4, 0), place(grid, strip, 1440)
    QTest.mousePress(strip, LEFT, NONE, start)
    move_mouse(strip, stop, LEFT)
    grid.press_key(Qt.Key.Key_Escape)
    assert grid.editor.score.markers[0].onset == 480
    QTest.mousePress(strip, LEFT, NONE, start)
    move_mouse(strip, stop, LEFT)
    QTest.mouseRelease(strip, LEFT, NONE, stop)
    assert grid.editor.score.markers == (Marker(1440, "Theme"),)
    menu = strip.menu(place(grid, strip, 1440).x() + 4)
    words = [action.text() for action in menu.actions() if action.text()]
    assert words == [
        "Change Theme...",
        "Remove Theme",
        "Time signature from here...",
        "Key from here...",
        "Name this place...",
    ]
    menu.actions()[1].trigger()
    assert grid.editor.score.markers == ()
    assert grid.steps == ["Move marker", "Remove marker"]


def test_a_click_beside_the_signs_moves_the_playhead(grid: Hands) -> None:
    QTest.mouseClick(grid.roll.signs, LEFT, NONE, place(grid, grid.roll.signs, 960))
    assert grid.player.sought == [960]


def test_names_of_keys_and_metres() -> None:
    assert [key_name(KeySignature(0, fifths)) for fifths in (-7, 0, 7)] == ["C♭ major", "C major", "C♯ major"]
    assert key_name(KeySignature(0, -6, minor=True)) == "E♭ minor"
    assert read_metre(" 12 / 8 ", 5) == TimeSignature(5, 12, 8)
    assert [read_metre(text, 0) for text in ("", "3", "0/4", "3/3", "a/b")] == [None] * 5


# Which are shown


def test_lanes_are_shown_and_hidden_one_by_one(hands: Hands) -> None:
    lanes = hands.roll.lanes
    assert lanes.names == (VELOCITY, PEDAL, TEMPO)
    assert [lanes.shown(name) for name in lanes.names] == [True, True, False]
    before = hands.view.height()
    lanes.show(TEMPO, True)
    QApplication.processEvents()
    assert hands.roll.tempos.height() >= 44
    assert hands.view.height() < before
    lanes.show(TEMPO, False)
    lanes.show(VELOCITY, False)
    QApplication.processEvents()
    assert not hands.roll.velocities.isVisible()
    assert hands.view.height() > before


def test_nothing_is_changed_while_music_is_being_made(grid: Hands) -> None:
    grid.editor.show_streamed(piece(C, E, G))
    drag(grid, grid.roll.pedals, (480, None), (960, None))
    drag(grid, grid.roll.tempos, (480, 20), (960, 40))
    for command in ("set_tempo", "set_metre", "set_key", "set_marker"):
        grid.roll.commands()[command]()
    assert grid.steps == []
    assert len(pedals(grid)) == 0
    assert np.array(grid.editor.score.pedals).dtype == PEDAL_DTYPE


def test_a_lane_that_comes_back_is_as_high_as_it_was(hands: Hands) -> None:
    lanes, splitter = hands.roll.lanes, hands.roll._panes
    sizes = splitter.sizes()
    splitter.setSizes([sizes[0] - 60, sizes[1] + 60, *sizes[2:]])
    QApplication.processEvents()
    high = hands.roll.velocities.height()
    lanes.show(VELOCITY, False)
    QApplication.processEvents()
    lanes.show(VELOCITY, True)
    QApplication.processEvents()
    assert abs(hands.roll.velocities.height() - high) <= 3


def test_keys_wait_while_a_lane_is_dragged(grid: Hands) -> None:
    grid.select(0)
    grid.key(Qt.Key.Key_Up)
    for lane in (grid.roll.velocities, grid.roll.pedals, grid.roll.tempos):
        drag(grid, lane, (480, 20), (960, 20), release=False)
        grid.press_key(Qt.Key.Key_Z, CTRL)
        grid.press_key(Qt.Key.Key_Delete)
        assert grid.steps == ["Up a semitone"]
        grid.press_key(Qt.Key.Key_Escape)
        QTest.mouseRelease(lane, LEFT, NONE, place(grid, lane, 960, 20))
        assert grid.selected == [0]
    grid.press_key(Qt.Key.Key_Z, CTRL)
    assert grid.notes == [C, E, G]


def test_a_piece_that_comes_during_a_drag_of_a_lane_ends_it(grid: Hands) -> None:
    for lane in (grid.roll.velocities, grid.roll.pedals, grid.roll.tempos):
        drag(grid, lane, (480, 20), (960, 20), release=False)
        grid.editor.show_streamed(piece(C))
        grid.editor.end_streaming()
        move_mouse(lane, place(grid, lane, 1440, 20), LEFT)
        QTest.mouseRelease(lane, LEFT, NONE, place(grid, lane, 1440, 20))
        assert grid.steps == []
        assert not grid.roll.state.busy


# Many at once


def near(one: QColor, other: QColor) -> bool:
    """Whether two colours are the same to a screen of few colours."""
    channels = zip((one.red(), one.green(), one.blue()), (other.red(), other.green(), other.blue()), strict=True)
    return all(abs(a - b) < 9 for a, b in channels)


def test_thousands_of_tempi_are_painted_at_their_heights(grid: Hands) -> None:
    ticks = np.arange(4000) * 480
    rates = np.where(np.arange(4000) < 2000, 60, 120)
    tempo_map = [(tick, 60_000_000 // (rate + tick // 480 % 2)) for tick, rate in zip(ticks, rates, strict=True)]
    grid.editor.set_score(Score(make_notes([(0, 4000 * 480, 60, 60)]), tempos=np.array(tempo_map, TEMPO_DTYPE)))
    image = grid.roll.tempos.grab().toImage()
    accent = grid.roll.tempos.colours.accent

    def rows(tick: float) -> list[int]:
        x = round(grid.roll.state.viewport.x(tick))
        return [y for y in range(image.height()) if near(image.pixelColor(x, y), accent)]

    for tick, rate in ((1000 * 480, 60), (3000 * 480, 120)):
        assert rows(tick), tick
        assert all(abs(y - height_of(grid, rate)) <= 3 for y in rows(tick))


def test_thousands_of_holds_are_painted_where_they_are(grid: Hands) -> None:
    held = [(tick, 0, 127 if tick // 480 % 2 == 0 else 0) for tick in range(0, 2000 * 480, 480)]
    grid.editor.set_score(
        Score(make_notes([(0, 4000 * 480, 60, 60)]), pedals=np.array([*held, (3000 * 480, 0, 127)], PEDAL_DTYPE))
    )
    image = grid.roll.pedals.grab().toImage()
    x = grid.roll.state.viewport.x
    colours = [image.pixelColor(round(x(tick)), 10) for tick in (1000 * 480, 2500 * 480, 3500 * 480)]
    assert [near(colour, grid.roll.pedals.colours.black_row) for colour in colours] == [False, True, False]
