"""Changes the length of the selected notes by dragging an edge of one."""

import numpy as np
from PySide6.QtCore import Qt

from musicgen_app.core import edits
from musicgen_app.core.edits import Edited, Selected
from musicgen_app.core.score import Score
from musicgen_app.ui.piano_roll.gestures.gesture import NOTHING, NoteGesture
from musicgen_app.ui.piano_roll.pointing import END, Hit, Pointer
from musicgen_app.ui.piano_roll.state import RollState


class ResizeNotes(NoteGesture):
    """A drag of the start or the end of a note; all selected notes follow by the same way."""

    cursor = Qt.CursorShape.SizeHorCursor

    def __init__(self, state: RollState, start: Pointer, hit: Hit) -> None:
        if not np.isin(hit.note, state.editor.selected):
            base = state.editor.selected if start.shift else NOTHING
            state.editor.select(np.append(base, hit.note))
        super().__init__(state, start)
        note = state.score.notes[hit.note]
        self._at_end = hit.part == END
        self._edge = int(note["onset"]) + (int(note["duration"]) if self._at_end else 0)
        self._duration = int(note["duration"])
        self._ticks = 0
        self._dragged = False

    def drag(self, pointer: Pointer) -> None:
        if not self._dragged and pointer.is_near(self.start):
            return
        self._dragged = True
        raw = pointer.tick - self.start.tick
        self._ticks = self.state.snapped(self._edge + raw, free=pointer.alt) - self._edge
        chosen = self.chosen()
        self.show(self._edited(chosen, edits.everything(chosen)).score)
        self.dimmed = self.selected

    def _edited(self, score: Score, selected: Selected) -> Edited:
        change = edits.resize_ends if self._at_end else edits.resize_starts
        return change(score, selected, self._ticks)

    def finish(self, pointer: Pointer) -> None:
        self.drag(pointer)
        if self._dragged:
            self.state.last_duration = self._new_duration()
            self.state.editor.edit("Change length", self._edited(self.state.score, self.selected))

    def _new_duration(self) -> int:
        return max(1, self._duration + (self._ticks if self._at_end else -self._ticks))

    def told(self) -> str:
        if not self._dragged:
            return ""
        return f"Length {self._new_duration() / self.state.score.ticks_per_beat:.4g} beats"
