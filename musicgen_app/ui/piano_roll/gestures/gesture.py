"""What every drag of the mouse over the roll has in common."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt

from musicgen_app.core.edits import Selected
from musicgen_app.core.score import Score
from musicgen_app.ui.piano_roll.canvas import Canvas
from musicgen_app.ui.piano_roll.note_index import NoteIndex
from musicgen_app.ui.piano_roll.note_painting import Standing, paint_notes
from musicgen_app.ui.piano_roll.pointing import Pointer
from musicgen_app.ui.piano_roll.state import RollState

NOTHING: NDArray[np.intp] = np.empty(0, np.intp)


class Gesture:
    """From a press to its release. Shows what it will do while it goes on, and does it at the end.

    Attributes:
        cursor: Shape of the mouse meanwhile.
        dimmed: Indices of notes shown as ghosts meanwhile, ascending.
        scrolls: Whether the view scrolls when the mouse leaves it.
    """

    cursor = Qt.CursorShape.ArrowCursor
    scrolls = True

    def __init__(self, state: RollState, start: Pointer) -> None:
        self.state = state
        self.start = start
        self.dimmed: NDArray[np.intp] = NOTHING

    def drag(self, pointer: Pointer) -> None:
        """The mouse moved, or a modifier key changed."""

    def finish(self, pointer: Pointer) -> None:
        """The button was released."""

    def cancel(self) -> None:
        """Esc: nothing happens."""

    def paint(self, canvas: Canvas) -> None:
        """Show over the notes what will happen."""

    def told(self) -> str:
        """What will happen, in a few words; empty where there is nothing to tell."""
        return ""


class NoteGesture(Gesture):
    """A drag that changes the selected notes; shows them where they will be, by the very edit that is made then."""

    def __init__(self, state: RollState, start: Pointer) -> None:
        super().__init__(state, start)
        self.selected: Selected = state.editor.selected
        self.ghosts: NoteIndex | None = None

    def chosen(self) -> Score:
        """Only the selected notes, where they are."""
        return self.state.score.with_notes(self.state.score.notes[self.selected])

    def show(self, ghosts: Score | None) -> None:
        """Show notes as they will be; None shows none."""
        self.ghosts = None if ghosts is None else NoteIndex(ghosts)

    def cancel(self) -> None:
        self.show(None)
        self.dimmed = NOTHING

    def paint(self, canvas: Canvas) -> None:
        if self.ghosts is not None:
            paint_notes(canvas, self.ghosts, Standing(selected=np.arange(len(self.ghosts), dtype=np.intp)))
