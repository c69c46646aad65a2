"""Step input: while nothing plays, keys of the keyboard are written at the playhead, a step of the grid each."""

import numpy as np
from PySide6.QtCore import QObject, Qt, Signal, Slot

from musicgen_app.core import edits
from musicgen_app.core.edits import Edited
from musicgen_app.core.score import make_notes
from musicgen_app.ui.keyboards import Keyboards
from musicgen_app.ui.piano_roll.piano_roll import PianoRoll
from musicgen_app.ui.player import Player
from musicgen_app.ui.recording import chord_indices
from musicgen_app.ui.score_editor import ScoreEditor

_ON, _OFF = 0x9, 0x8


class StepInput(QObject):
    """Writes each key or chord with the grid's length; the playhead moves on when all keys are up.

    Args:
        keyboards: What is played on.
        player: Only while it rests is written.
        editor: The music.
        roll: Its playhead says where, its grid how long, its edited track into what. While step input is on, Right
            leaves a rest, Left goes back, and Backspace goes back and takes away what was written there.

    Signals:
        changed: Whether it is on.
    """

    changed = Signal(bool)

    def __init__(self, keyboards: Keyboards, player: Player, editor: ScoreEditor, roll: PianoRoll) -> None:
        super().__init__(roll)
        self._player = player
        self._editor = editor
        self._roll = roll
        self._on = False
        self._down: set[int] = set()
        self._chord: set[int] = set()
        keyboards.played.connect(self._on_played)

    @property
    def on(self) -> bool:
        """Whether keys are written."""
        return self._on

    def set_on(self, on: bool) -> None:
        """Write what is played, or not."""
        if on != self._on:
            self._on = on
            self._down.clear()
            self._chord.clear()
            keys = {Qt.Key.Key_Right: self.rest, Qt.Key.Key_Left: self.back, Qt.Key.Key_Backspace: self.take_back}
            self._roll.set_first_keys(keys if on else {})
            self.changed.emit(on)

    @property
    def ready(self) -> bool:
        """Whether something can be written now."""
        return self._on and not self._player.playing and not self._editor.streaming

    def rest(self) -> None:
        """Leave a step empty."""
        if self.ready:
            self._roll.state.seek(self._next())

    def back(self) -> None:
        """Go a step back."""
        if self.ready:
            self._roll.state.seek(self._before())

    def take_back(self) -> None:
        """Go a step back, and take away what begins there."""
        if not self.ready:
            return
        state, score = self._roll.state, self._editor.score
        start, end = self._before(), state.playhead
        notes = score.notes
        there = (notes["track"] == state.new_track()) & (notes["onset"] >= start) & (notes["onset"] < end)
        state.seek(start)
        if there.any():
            self._editor.edit("Take a step back", edits.delete(score, np.flatnonzero(there).astype(np.intp)))

    @Slot(object)
    def _on_played(self, message: bytes) -> None:
        if len(message) < 3:
            return
        kind, pitch, velocity = message[0] >> 4, message[1], message[2]
        if kind == _ON and velocity > 0 and self.ready:
            self._down.add(pitch)
            self._write(pitch, velocity)
        elif kind in (_ON, _OFF) and pitch in self._down:
            self._down.discard(pitch)
            if not self._down:
                self._chord.clear()
                if self.ready:
                    self._roll.state.seek(self._next())

    def _write(self, pitch: int, velocity: int) -> None:
        """Add a key to the chord at the playhead; a chord is one step of the history."""
        state = self._roll.state
        onset, track = state.playhead, state.new_track()
        note = (onset, self._next() - onset, pitch, velocity, track)
        score = edits.insert(self._editor.score, make_notes([note])).score
        self._chord.add(pitch)
        selected = chord_indices(score, onset, frozenset(self._chord), track)
        self._editor.edit("Write a step", Edited(score, selected), f"step {onset}")

    def _next(self) -> int:
        """The end of the step at the playhead."""
        grid, here = self._roll.state.snap.step_grid(self._editor.score), self._roll.state.playhead
        return max(int(grid.nearest(here + int(grid.step))), here + 1)

    def _before(self) -> int:
        """The beginning of the step before the playhead."""
        return max(int(self._roll.state.snap.step_grid(self._editor.score).before(self._roll.state.playhead)), 0)
