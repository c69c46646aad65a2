"""Moves the view by dragging it."""

from PySide6.QtCore import Qt

from musicgen_app.ui.piano_roll.gestures.gesture import Gesture
from musicgen_app.ui.piano_roll.pointing import Pointer
from musicgen_app.ui.piano_roll.state import RollState


class Pan(Gesture):
    """A drag with the middle button: what is under the mouse stays there."""

    cursor = Qt.CursorShape.ClosedHandCursor
    scrolls = False

    def __init__(self, state: RollState, start: Pointer) -> None:
        super().__init__(state, start)
        self._view = state.viewport

    def drag(self, pointer: Pointer) -> None:
        self.state.set_viewport(self._view.scrolled(self.start.x - pointer.x, self.start.y - pointer.y))
