"""Moves or copies the selected notes by dragging one of them."""

import numpy as np
from PySide6.QtCore import Qt

from musicgen_app.core import edits
from musicgen_app.ui.piano_roll.gestures.gesture import NOTHING, NoteGesture
from musicgen_app.ui.piano_roll.pointing import Hit, Pointer
from musicgen_app.ui.piano_roll.state import RollState


class MoveNotes(NoteGesture):
    """A drag of the body of a note; with Ctrl its copies move, with Shift only in one direction.

    A press on a note that is not selected selects it alone; with Shift it is added, or taken out where it was in.
    """

    cursor = Qt.CursorShape.ClosedHandCursor

    def __init__(self, state: RollState, start: Pointer, hit: Hit) -> None:
        self._was_selected = bool(np.isin(hit.note, state.editor.selected))
        if not self._was_selected:
            base = state.editor.selected if start.shift or start.ctrl else NOTHING
            state.editor.select(np.append(base, hit.note))
        super().__init__(state, start)
        note = state.score.notes[hit.note]
        self._note = hit.note
        self._onset, self._pitch = int(note["onset"]), int(note["pitch"])
        self._velocity = int(note["velocity"])
        self._ticks = self._semitones = 0
        self._sounding = self._pitch
        self._dragged = False
        self._copies = False
        state.last_duration = int(note["duration"])
        state.last_velocity = self._velocity
        state.sound(self._pitch, self._velocity)

    def drag(self, pointer: Pointer) -> None:
        if not self._dragged and pointer.is_near(self.start):
            return
        self._dragged = True
        self._copies = pointer.ctrl
        self._ticks = self._way(pointer)
        self._semitones = pointer.pitch - self.start.pitch
        if self._semitones:
            goal = self._pitch + self._semitones
            self._semitones = self.state.scale.held(self.state.score, self._onset + self._ticks, goal) - self._pitch
        if pointer.shift and not self._copies:
            if abs(pointer.x - self.start.x) >= abs(pointer.y - self.start.y):
                self._semitones = 0
            else:
                self._ticks = 0
        chosen = self.chosen()
        moved = edits.move(chosen, edits.everything(chosen), self._ticks, self._semitones).score
        self.show(moved)
        self.dimmed = NOTHING if self._copies else self.selected
        self._sound()

    def _way(self, pointer: Pointer) -> int:
        raw = pointer.tick - self.start.tick
        if abs(pointer.x - self.start.x) < 4:
            return 0
        return self.state.snapped(self._onset + raw, free=pointer.alt) - self._onset

    def _sound(self) -> None:
        pitch = min(max(self._pitch + self._semitones, 0), 127)
        if pitch != self._sounding:
            self._sounding = pitch
            self.state.sound(pitch, self._velocity)

    def finish(self, pointer: Pointer) -> None:
        self.drag(pointer)
        editor = self.state.editor
        if not self._dragged:
            self._click(pointer)
        elif self._copies:
            if self._ticks or self._semitones:
                copied = edits.duplicate(editor.score, self.selected, self._ticks, self._semitones)
                editor.edit("Copy notes", copied)
        else:
            editor.edit("Move notes", edits.move(editor.score, self.selected, self._ticks, self._semitones))

    def _click(self, pointer: Pointer) -> None:
        """A press without a drag chooses among the selected."""
        editor = self.state.editor
        if not self._was_selected:
            return
        if pointer.shift or pointer.ctrl:
            editor.select(np.setdiff1d(editor.selected, [self._note]))
        else:
            editor.select(np.array([self._note], dtype=np.intp))

    def told(self) -> str:
        if not self._dragged:
            return ""
        word = "Copy" if self._copies else "Move"
        beats = self._ticks / self.state.score.ticks_per_beat
        return f"{word} by {beats:+.4g} beats, {self._semitones:+d} semitones"
