"""Selects the notes inside a frame."""

import math

import numpy as np
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPen

from musicgen_app.ui.piano_roll.canvas import Canvas
from musicgen_app.ui.piano_roll.colours import faded
from musicgen_app.ui.piano_roll.gestures.gesture import NOTHING, Gesture
from musicgen_app.ui.piano_roll.pointing import Pointer
from musicgen_app.ui.piano_roll.state import RollState


class RubberBand(Gesture):
    """A drag that begins on an empty place; with Shift what it encloses is added to the selection."""

    cursor = Qt.CursorShape.ArrowCursor

    def __init__(self, state: RollState, start: Pointer) -> None:
        super().__init__(state, start)
        self._before = state.editor.selected
        self._base = state.editor.selected if start.shift or start.ctrl else NOTHING
        self._row = _row_at(state, start)
        self._corner: Pointer | None = None

    def drag(self, pointer: Pointer) -> None:
        if self._corner is None and pointer.is_near(self.start):
            return
        self._corner = pointer
        start, stop = sorted((self.start.tick, pointer.tick))
        first, last = sorted((self._row, _row_at(self.state, pointer)))
        low, high = 128 - math.ceil(max(last, 0.001)), 127 - math.floor(min(max(first, 0.0), 127.999))
        found = self.state.index.inside(start, max(stop, start + 1), low, high)
        self.state.editor.select(np.union1d(self._base, found).astype(np.intp))

    def finish(self, pointer: Pointer) -> None:
        self.drag(pointer)
        if self._corner is None:
            self.state.editor.select(self._base)
        self._corner = None

    def cancel(self) -> None:
        self._corner = None
        self.state.editor.select(self._before)

    def paint(self, canvas: Canvas) -> None:
        if self._corner is None:
            return
        view, painter = canvas.view, canvas.painter
        left, right = sorted((view.x(self.start.tick), view.x(self._corner.tick)))
        rows = sorted((self._row, _row_at(self.state, self._corner)))
        top, bottom = ((row - view.top) * view.row_height for row in rows)
        frame = QRect(round(left), round(top), round(right - left), round(bottom - top))
        painter.setBrush(faded(canvas.colours.accent, 0.12))
        painter.setPen(QPen(canvas.colours.accent, canvas.hair))
        painter.drawRect(frame)

    def told(self) -> str:
        return f"{len(self.state.editor.selected)} selected" if self._corner is not None else ""


def _row_at(state: RollState, pointer: Pointer) -> float:
    """The row under the pointer with its fraction, so that the frame stays put while the view scrolls."""
    return state.viewport.top + pointer.y / state.viewport.row_height
