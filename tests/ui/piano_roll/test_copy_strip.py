"""The strip above the notes marks copied runs by their length, names their source, and is a way to hear it."""

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QColor, QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from musicgen_app.generation.originality import CopiedRun, Source
from musicgen_app.ui.piano_roll.copy_strip import CopyStrip
from musicgen_app.ui.piano_roll.state import RollState
from musicgen_app.ui.theme import contrast
from tests.ui.piano_roll.conftest import LEFT, NONE, RIGHT, Hands, move_mouse

ETUDE = Source(2, "Etude", 40, 12, 9.0)


def copied(notes: int, onset: int, end: int, same_rhythm: bool = True) -> CopiedRun:
    return CopiedRun(notes, 0, onset, end, 1, same_rhythm, ETUDE)


@pytest.fixture
def strip(hands: Hands) -> CopyStrip:
    hands.roll.copies.show_runs((copied(9, 480, 960), copied(25, 960, 1200), copied(12, 1200, 1440)), "A verdict.")
    return hands.roll.copies


def place(strip: CopyStrip, tick: int) -> QPoint:
    return QPoint(round(strip.state.viewport.x(tick)), strip.height() // 2)


def colour(strip: CopyStrip, tick: int) -> QColor:
    return strip.grab().toImage().pixelColor(place(strip, tick))


def alike(one: QColor, other: QColor) -> bool:
    """Whether two colours are the same on a screen of few colours."""
    channels = zip(one.getRgb()[:3], other.getRgb()[:3], strict=True)  # type: ignore[index]
    return all(abs(a - b) <= 8 for a, b in channels)


def tip_at(strip: CopyStrip, tick: int) -> str:
    at = place(strip, tick)
    QApplication.sendEvent(strip, QHelpEvent(QEvent.Type.ToolTip, at, strip.mapToGlobal(at)))
    return QToolTip.text()


@pytest.mark.parametrize("mode", ["dark", "light"])
def test_longer_runs_are_marked_more_strongly(strip: CopyStrip, hands: Hands, mode: str) -> None:
    hands.roll._theme.set_mode(mode)
    theme = hands.roll._theme
    bare, *marks = (colour(strip, tick) for tick in (240, 720, 1320, 1080))
    assert alike(bare, theme.colour("surface"))
    assert alike(marks[-1], theme.colour("copied"))
    short, middle, long = (contrast(bare.name(), mark.name()) for mark in marks)
    assert 1.5 < short < 0.8 * middle < 0.8 * 0.8 * long


def test_marks_move_with_the_notes(strip: CopyStrip, hands: Hands) -> None:
    before = colour(strip, 1080)
    hands.roll.state.set_viewport(hands.roll.state.viewport.scrolled(60))
    assert colour(strip, 1080) == before
    hands.roll.state.set_viewport(hands.roll.state.viewport.scrolled(100_000))
    assert strip.run_at(3) is None


def test_the_longest_of_several_runs_is_on_top(strip: CopyStrip) -> None:
    long, short = copied(30, 0, 1000), copied(8, 500, 900, same_rhythm=False)
    strip.show_runs((long, short), "")
    assert strip.run_at(place(strip, 700).x()) == long
    strip.show_runs((short,), "")
    assert strip.run_at(place(strip, 700).x()) == short
    assert tip_at(strip, 700) == "8 notes of Etude, bar 12, in another rhythm\nClick to hear it"


def test_a_mark_says_where_it_is_from_and_the_rest_says_the_verdict(strip: CopyStrip) -> None:
    assert tip_at(strip, 1000) == "25 notes of Etude, bar 12\nClick to hear it"
    assert tip_at(strip, 100) == "A verdict."
    assert strip.accessibleName() == "Copied runs: A verdict."
    strip.show_runs((), "")
    assert "are marked here" in tip_at(strip, 100)
    QToolTip.hideText()


def test_a_click_on_a_mark_asks_for_its_source(strip: CopyStrip, qtbot: QtBot) -> None:
    with qtbot.waitSignal(strip.passage_asked) as asked:
        QTest.mouseClick(strip, LEFT, NONE, place(strip, 1000))
    assert asked.args == [copied(25, 960, 1200)]
    with qtbot.assertNotEmitted(strip.passage_asked):
        QTest.mouseClick(strip, LEFT, NONE, place(strip, 100))
        QTest.mouseClick(strip, RIGHT, NONE, place(strip, 1000))


def test_the_hand_shows_that_a_mark_can_be_clicked(strip: CopyStrip) -> None:
    move_mouse(strip, place(strip, 1000), Qt.MouseButton.NoButton)
    assert strip.cursor().shape() == Qt.CursorShape.PointingHandCursor
    move_mouse(strip, place(strip, 100), Qt.MouseButton.NoButton)
    assert strip.cursor().shape() == Qt.CursorShape.ArrowCursor


def test_the_playhead_runs_through_it(strip: CopyStrip, hands: Hands) -> None:
    hands.roll.set_playhead(240)
    assert alike(colour(strip, 240), hands.roll._theme.colour("playhead"))


def test_what_is_played_beside_the_roll_does_not_move_its_playhead(hands: Hands) -> None:
    state: RollState = hands.roll.state
    hands.roll.set_heard(False)
    hands.player.position_changed.emit(700)
    hands.player.loop_changed.emit((0, 480))
    assert (state.playhead, state.loop) == (0, None)
    hands.roll.set_heard(True)
    hands.player.position_changed.emit(700)
    hands.player.loop_changed.emit((0, 480))
    assert (state.playhead, state.loop) == (700, (0, 480))
