"""Draws a note: a click gives it the last used length, a drag its own."""

from dataclasses import replace

from PySide6.QtCore import Qt

from musicgen_app.core import edits
from musicgen_app.core.score import Score, Track, make_notes
from musicgen_app.ui.piano_roll.gestures.gesture import NoteGesture
from musicgen_app.ui.piano_roll.pointing import Pointer
from musicgen_app.ui.piano_roll.state import RollState


class DrawNote(NoteGesture):
    """A press on an empty place with the pencil."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, state: RollState, start: Pointer) -> None:
        super().__init__(state, start)
        self._onset = state.cell(start.tick, free=start.alt)
        self._pitch = state.scale.held(state.score, self._onset, start.pitch)
        self._duration = state.new_duration()
        self._score = with_a_track(state.score)
        self._show_note()
        state.sound(self._pitch, state.last_velocity)

    def _show_note(self) -> None:
        self.show(Score(notes=make_notes([self._note()[:4]])))

    def _note(self) -> tuple[int, int, int, int, int]:
        return self._onset, self._duration, self._pitch, self.state.last_velocity, self.state.new_track()

    def drag(self, pointer: Pointer) -> None:
        if abs(pointer.x - self.start.x) < 5 and self._duration == self.state.new_duration():
            return
        grid = None if pointer.alt else self.state.snap.grid(self.state.score)
        shortest = 1 if grid is None else grid.after(self._onset) - self._onset
        self._duration = max(self.state.snapped(pointer.tick, free=pointer.alt) - self._onset, shortest)
        self._show_note()

    def finish(self, pointer: Pointer) -> None:
        self.drag(pointer)
        self.state.last_duration = self._duration
        self.state.editor.edit("Draw note", edits.insert(self._score, make_notes([self._note()])))

    def told(self) -> str:
        return f"Length {self._duration / self.state.score.ticks_per_beat:.4g} beats"


def with_a_track(score: Score) -> Score:
    """The score, with a track for the piano where it has none at all."""
    return score if score.tracks else replace(score, tracks=(Track(),))
