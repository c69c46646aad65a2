"""A piano roll in a window, with a player that writes down what it is asked."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from musicgen_app.core.score import Score, make_notes
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.piano_roll.piano_roll import PianoRoll
from musicgen_app.ui.score_editor import ScoreEditor
from musicgen_app.ui.theme import Theme

LEFT, MIDDLE, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton
NONE, SHIFT, CTRL, ALT = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)


class ListeningPlayer(QObject):
    """Plays nothing and remembers everything."""

    position_changed = Signal(int)
    state_changed = Signal(str)
    loop_changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.sounded: list[tuple[int, int]] = []
        self.sought: list[int] = []
        self.scrubbed: list[int | None] = []
        self.loops: list[tuple[int, int | None]] = []

    def preview_note(self, pitch: int, velocity: int, channel: int = 0) -> None:
        self.sounded.append((pitch, velocity))

    def scrub(self, tick: int) -> None:
        self.scrubbed.append(tick)

    def end_scrub(self) -> None:
        self.scrubbed.append(None)

    def seek(self, tick: int) -> None:
        self.sought.append(tick)

    def set_loop(self, start: int, end: int | None) -> None:
        self.loops.append((start, end))


class Hands:
    """Does with a roll what a person does, in ticks and pitches."""

    def __init__(self, roll: PianoRoll, player: ListeningPlayer) -> None:
        self.roll = roll
        self.player = player
        self.editor = roll.state.editor
        self.view = roll.view

    def place(self, tick: float, pitch: int) -> QPoint:
        """The pixel in the middle of a row."""
        port = self.roll.state.viewport
        row = 127 - pitch
        return QPoint(round(port.x(tick)), (port.row_edge(row) + port.row_edge(row + 1)) // 2)

    def hover(self, tick: float, pitch: int) -> None:
        move_mouse(self.view, self.place(tick, pitch), Qt.MouseButton.NoButton)

    def press(self, tick: float, pitch: int, held: Qt.KeyboardModifier = NONE, button: Qt.MouseButton = LEFT) -> None:
        QTest.mousePress(self.view, button, held, self.place(tick, pitch))

    def move(self, tick: float, pitch: int, held: Qt.KeyboardModifier = NONE, button: Qt.MouseButton = LEFT) -> None:
        move_mouse(self.view, self.place(tick, pitch), button, held)

    def release(self, tick: float, pitch: int, held: Qt.KeyboardModifier = NONE, button: Qt.MouseButton = LEFT) -> None:
        QTest.mouseRelease(self.view, button, held, self.place(tick, pitch))

    def click(self, tick: float, pitch: int, held: Qt.KeyboardModifier = NONE, button: Qt.MouseButton = LEFT) -> None:
        self.press(tick, pitch, held, button)
        self.release(tick, pitch, held, button)

    def drag(
        self,
        start: tuple[float, int],
        stop: tuple[float, int],
        held: Qt.KeyboardModifier = NONE,
        button: Qt.MouseButton = LEFT,
    ) -> None:
        self.press(*start, held, button)
        middle = ((start[0] + stop[0]) / 2, (start[1] + stop[1]) // 2)
        self.move(*middle, held, button)
        self.move(*stop, held, button)
        self.release(*stop, held, button)

    def key(self, key: Qt.Key, held: Qt.KeyboardModifier = NONE) -> None:
        QTest.keyClick(self.view, key, held)

    def press_key(self, key: Qt.Key, held: Qt.KeyboardModifier = NONE) -> None:
        """Press a key: it goes to whatever has the focus."""
        QTest.keyClick(self.roll.focusWidget() or self.roll, key, held)

    def select(self, *indices: int) -> None:
        self.editor.select(np.array(indices, dtype=np.intp))

    @property
    def notes(self) -> list[tuple[int, ...]]:
        """Onset, duration, pitch, velocity of all notes."""
        return [tuple(int(value) for value in note)[:4] for note in self.editor.score.notes]

    @property
    def selected(self) -> list[int]:
        return self.editor.selected.tolist()

    @property
    def steps(self) -> list[str]:
        """Names of the steps that can be undone, oldest first."""
        stack = self.editor.undo_stack
        return [stack.text(number) for number in range(stack.index())]


def move_mouse(widget: QWidget, place: QPoint, button: Qt.MouseButton, held: Qt.KeyboardModifier = NONE) -> None:
    """Move the mouse, with a button down or none; QTest.mouseMove cannot hold keys."""
    event = QMouseEvent(
        QEvent.Type.MouseMove,
        QPointF(place),
        QPointF(widget.mapToGlobal(place)),
        Qt.MouseButton.NoButton,
        button,
        held,
    )
    QApplication.sendEvent(widget, event)


def turn_wheel(widget: QWidget, place: QPoint, notches: float, held: Qt.KeyboardModifier = NONE) -> None:
    """Turn the wheel over a widget; positive is away from the hand."""
    event = QWheelEvent(
        QPointF(place),
        QPointF(widget.mapToGlobal(place)),
        QPoint(),
        QPoint(0, round(120 * notches)),
        Qt.MouseButton.NoButton,
        held,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)


def piece(*rows: tuple[int, int, int, int]) -> Score:
    """Notes of (onset, duration, pitch, velocity) at 480 ticks a beat."""
    return Score(notes=make_notes(rows))


@pytest.fixture
def theme(qtbot: QtBot, tmp_path: Path) -> Theme:
    theme = Theme(glyphs=tmp_path / "glyphs")
    theme.set_mode("dark")
    return theme


@pytest.fixture
def hands(qtbot: QtBot, theme: Theme) -> Iterator[Hands]:
    """A roll that shows three notes: C4, E4 and G4, one beat each, one after the other."""
    editor, player = ScoreEditor(), ListeningPlayer()
    roll = PianoRoll(theme, Icons(theme), editor, player)
    qtbot.addWidget(roll)
    roll.resize(1000, 700)
    with qtbot.waitExposed(roll):
        roll.show()
    editor.set_score(piece((0, 480, 60, 60), (480, 480, 64, 70), (960, 480, 67, 80)))
    yield Hands(roll, player)
    roll.close()
