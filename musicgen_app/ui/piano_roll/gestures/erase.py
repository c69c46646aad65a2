"""Takes away every note the mouse is dragged over."""

import numpy as np
from PySide6.QtCore import QPointF, Qt

from musicgen_app.core import edits
from musicgen_app.ui.piano_roll.gestures.gesture import NOTHING, Gesture
from musicgen_app.ui.piano_roll.pointing import Pointer, hit_at, pointer_at
from musicgen_app.ui.piano_roll.state import RollState


class EraseNotes(Gesture):
    """A drag with the eraser, or with the right button in the draw tool."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, state: RollState, start: Pointer) -> None:
        super().__init__(state, start)
        self._last = start
        self._touch(start)

    def drag(self, pointer: Pointer) -> None:
        # The mouse may jump; look at every few pixels of its way.
        steps = max(1, int(max(abs(pointer.x - self._last.x), abs(pointer.y - self._last.y)) / 4))
        for step in range(1, steps + 1):
            share = step / steps
            place = QPointF(
                self._last.x + share * (pointer.x - self._last.x), self._last.y + share * (pointer.y - self._last.y)
            )
            self._touch(pointer_at(self.state, place, Qt.KeyboardModifier.NoModifier))
        self._last = pointer

    def _touch(self, pointer: Pointer) -> None:
        hit = hit_at(self.state, pointer)
        if hit is not None:
            self.dimmed = np.union1d(self.dimmed, [hit.note]).astype(np.intp)

    def finish(self, pointer: Pointer) -> None:
        self.drag(pointer)
        if len(self.dimmed):
            self.state.editor.edit("Erase notes", edits.delete(self.state.score, self.dimmed))

    def cancel(self) -> None:
        self.dimmed = NOTHING

    def told(self) -> str:
        return f"Erase {len(self.dimmed)}" if len(self.dimmed) else ""
