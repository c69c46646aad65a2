"""The lane of the sustain pedal: where it is down, drawn, moved and erased."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QImage, QMouseEvent
from PySide6.QtWidgets import QWidget

from musicgen_app.core.edit_pedal import draw_pedal, erase_pedal, move_pedal
from musicgen_app.core.score import PEDAL_DOWN_FROM, Score
from musicgen_app.ui.piano_roll.canvas import Canvas
from musicgen_app.ui.piano_roll.colours import blend
from musicgen_app.ui.piano_roll.note_painting import paint_playhead
from musicgen_app.ui.piano_roll.part import RollPart
from musicgen_app.ui.piano_roll.state import ERASE, RollState
from musicgen_app.ui.theme import Theme

HEIGHT = 22
_REACH = 5.0  # pixels in which an edge can be grabbed


@dataclass(frozen=True, slots=True)
class Hold:
    """One time the pedal is held.

    Attributes:
        start: Tick at which it goes down.
        stop: Tick at which it is let up.
        track: Whose pedal it is.
    """

    start: int
    stop: int
    track: int


class PedalLane(RollPart):
    """A bar for each time the pedal is held.

    A drag over an empty place draws one, the edges and the middle of one can be dragged, the right button or the
    eraser takes it away.
    """

    def __init__(self, state: RollState, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(state, theme, parent)
        self.setAccessibleName("Sustain pedal")
        self.setToolTip("Drag to hold the pedal, drag a bar or its edges to change it, right click to take it away")
        self._pressed: int | None = None
        self._hold: Hold | None = None
        self._part = ""
        self._drawn: Score | None = None
        self._read()
        state.viewport_changed.connect(self.refresh)
        state.notes_changed.connect(self._on_notes)
        state.editor.score_changed.connect(self._stop)
        state.playhead_moved.connect(self.update_playhead)

    def sizeHint(self) -> QSize:
        return QSize(400, HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(100, 16)

    # Painting

    def paint(self, canvas: Canvas) -> None:
        view, colours = canvas.view, canvas.colours
        canvas.fill(0, 0, view.width, view.height, colours.black_row)
        canvas.fill(0, 0, view.width, canvas.hair, colours.hairline)
        spans = self._spans if self._drawn is None else pedal_spans(self._drawn)
        low, high = canvas.px(5), view.height - canvas.px(4)
        seen = (spans[:, 1] > view.left) & (spans[:, 0] < view.right)
        edges = np.rint(np.clip(view.xs(spans[seen, :2]), -1, view.width + 1)).astype(int)
        # One line of pixels, stretched over the height: there may be thousands of holds in view.
        line = np.full(view.width, colours.black_row.rgb(), np.uint32)
        line[_covered(edges[:, 0], np.maximum(edges[:, 1] - canvas.hair, edges[:, 0] + canvas.hair), view.width)] = (
            blend(colours.black_row, colours.accent, 0.55).rgb()
        )
        line[_covered(edges[:, 0], edges[:, 0] + canvas.hair, view.width)] = colours.accent.rgb()
        image = QImage(line.data, view.width, 1, 4 * view.width, QImage.Format.Format_RGB32)
        canvas.painter.drawImage(QRect(0, low, view.width, high - low), image)

    def paint_over(self, canvas: Canvas) -> None:
        paint_playhead(canvas, self.state.playhead)

    # The mouse

    def hold_at(self, x: float) -> tuple[Hold | None, str]:
        """The hold under a place, and whether its "start", its "stop" or its "middle" is."""
        view = self.state.viewport
        first, last = view.tick(x - _REACH), view.tick(x + _REACH)
        near = self._spans[(self._spans[:, 0] <= last) & (self._spans[:, 1] >= first)]
        for start, stop, track in reversed(near.tolist()):
            left, right = view.x(start), view.x(stop)
            if left - _REACH <= x <= right + _REACH:
                hold = Hold(start, stop, track)
                if x >= right - min(_REACH, (right - left) / 3):
                    return hold, "stop"
                return hold, "start" if x <= left + min(_REACH, (right - left) / 3) else "middle"
        return None, ""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self.state.editor.streaming:
            return
        hold, part = self.hold_at(event.position().x())
        erases = event.button() == Qt.MouseButton.RightButton or self.state.tool == ERASE
        if erases and hold is not None:
            self._commit("Erase pedal", erase_pedal(self.state.score, hold.track, hold.start, hold.stop))
        elif event.button() == Qt.MouseButton.LeftButton and not erases:
            self._hold, self._part = hold, part
            self._pressed = self._tick(event)
            self.state.begin_drag(self._stop)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            self._show_cursor(event.position().x())
            return
        self._drawn = self._edited(self._tick(event))
        self.refresh()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None or event.button() != Qt.MouseButton.LeftButton:
            return
        name = "Change pedal" if self._hold is not None else "Draw pedal"
        edited = self._edited(self._tick(event))
        self._stop()
        self._commit(name, edited)

    def _edited(self, tick: int) -> Score:
        """The score as it will be when the mouse is let go at a tick."""
        score, hold = self.state.score, self._hold
        pressed = self._pressed if self._pressed is not None else tick
        if hold is None:
            return draw_pedal(score, self.state.new_track(), pressed, tick)
        if self._part == "middle":
            own = score.pedals["track"] == hold.track
            onset = score.pedals["onset"]
            chosen = np.flatnonzero(own & (onset >= hold.start) & (onset <= hold.stop))
            return move_pedal(score, chosen, tick - pressed)
        edge = hold.start if self._part == "start" else hold.stop
        longer = tick < edge if self._part == "start" else tick > edge
        return (draw_pedal if longer else erase_pedal)(score, hold.track, edge, tick)

    def _commit(self, name: str, score: Score) -> None:
        if score != self.state.score:
            self.state.editor.change(name, score)

    def _tick(self, event: QMouseEvent) -> int:
        free = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        return self.state.snapped(self.state.viewport.tick(event.position().x()), free)

    def _show_cursor(self, x: float) -> None:
        _, part = self.hold_at(x)
        shapes = {"": Qt.CursorShape.CrossCursor, "middle": Qt.CursorShape.OpenHandCursor}
        self.setCursor(shapes.get(part, Qt.CursorShape.SizeHorCursor))

    def _stop(self) -> None:
        self._pressed = self._hold = self._drawn = None
        self.state.end_drag(self._stop)
        self.refresh()

    def _on_notes(self) -> None:
        if self.state.score.pedals is not self._pedals or self.state.end != self._end:
            self._read()
        self.refresh()

    def _read(self) -> None:
        score = self.state.score
        self._pedals, self._end = score.pedals, self.state.end
        self._spans = pedal_spans(score)


def _covered(lefts: NDArray[np.int64], rights: NDArray[np.int64], width: int) -> NDArray[np.bool_]:
    """Which of so many pixels lie in one of the spans [left, right)."""
    changes = np.bincount(np.clip(lefts, 0, width), minlength=width + 1)
    changes -= np.bincount(np.clip(rights, 0, width), minlength=width + 1)
    covered: NDArray[np.bool_] = np.cumsum(changes[:width]) > 0
    return covered


def pedal_spans(score: Score) -> NDArray[np.int64]:
    """Where a pedal is down: (first tick, tick of its release, track) a row; to the end where no release comes."""
    parts = [np.empty((0, 3), np.int64)]
    for track in np.unique(score.pedals["track"]):
        events = score.pedals[score.pedals["track"] == track]
        down = events["value"] >= PEDAL_DOWN_FROM
        change = np.diff(np.concatenate([[False], down]).astype(int))
        pressed = events["onset"][change == 1]
        released = events["onset"][change == -1]
        if len(released) < len(pressed):
            released = np.append(released, max(score.end, int(pressed[-1])))
        parts.append(np.stack([pressed, released, np.full(len(pressed), track, np.int64)], axis=1))
    return np.concatenate(parts)
