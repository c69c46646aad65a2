"""Walking through the notes, and adding one, without a mouse."""

from collections.abc import Callable

import numpy as np

from musicgen_app.core import edits
from musicgen_app.core.score import make_notes
from musicgen_app.ui.piano_roll.gestures.draw import with_a_track
from musicgen_app.ui.piano_roll.state import RollState

_MIDDLE_C = 60
_EDGE = 0.12  # of the view: nearer to its border than this the view follows


class NoteCursor:
    """Moves the selection from note to note. It stands where the selection ends, or at the playhead.

    Args:
        state: The roll.
        say: Told the new selection, for a screen reader.
    """

    def __init__(self, state: RollState, say: Callable[[], None]) -> None:
        self._state = state
        self._say = say

    def table(self) -> dict[str, Callable[[], None]]:
        """The commands by their ids."""
        return {
            "next_note": lambda: self._go(self._beside(1)),
            "previous_note": lambda: self._go(self._beside(-1)),
            "note_above": lambda: self._go(self._above(1)),
            "note_below": lambda: self._go(self._above(-1)),
            "next_bar": lambda: self._go(self._in_bar(1)),
            "previous_bar": lambda: self._go(self._in_bar(-1)),
            "extend_next": lambda: self._go(self._beside(1), add=True),
            "extend_previous": lambda: self._go(self._beside(-1), add=True),
            "insert_note": self.insert,
            "say_note": self._say,
        }

    def insert(self) -> None:
        """Add a note behind the chosen one, as long and loud as it, or at the playhead."""
        state, editor = self._state, self._state.editor
        if editor.streaming:
            return
        if len(editor.selected):
            last = editor.score.notes[int(editor.selected[-1])]
            duration, pitch, velocity = int(last["duration"]), int(last["pitch"]), int(last["velocity"])
            onset, track = int(last["onset"]) + duration, int(last["track"])
        else:
            track = state.new_track()
            onset, duration = state.snapped(state.playhead), state.new_duration()
            pitch, velocity = _MIDDLE_C, state.last_velocity
        edited = edits.insert(with_a_track(editor.score), make_notes([(onset, duration, pitch, velocity, track)]))
        editor.edit("Insert a note", edited)
        self._show()

    def _go(self, note: int | None, add: bool = False) -> None:
        editor = self._state.editor
        if note is None or editor.streaming:
            self._say()
            return
        editor.select(np.append(editor.selected, note) if add else np.array([note], dtype=np.intp))
        self._show()

    def _show(self) -> None:
        """Bring the chosen note into view, sound it and say it."""
        state = self._state
        note = int(state.editor.selected[-1])
        onset, pitch = int(state.index.onset[note]), int(state.index.pitch[note])
        view = state.viewport
        across = down = 0.0
        x, y = view.x(onset), view.row_edge(127 - pitch)
        if not view.width * _EDGE <= x <= view.width * (1 - _EDGE):
            across = x - view.width * (_EDGE if x > view.width / 2 else 1 - _EDGE)
        if not 0 <= y <= view.height - view.row_height:
            down = y - view.height / 2
        state.set_viewport(view.scrolled(across, down))
        state.sound(pitch, int(state.index.velocity[note]))
        self._say()

    def _current(self, way: int) -> int | None:
        """The note the cursor stands on: the end of the selection that it moves to."""
        selected = self._state.editor.selected
        return int(selected[-1 if way > 0 else 0]) if len(selected) else None

    def _beside(self, way: int) -> int | None:
        """The next note, or the one before; from the playhead where none is chosen."""
        index, current = self._state.index, self._current(way)
        if current is None:
            current = int(np.searchsorted(index.onset, self._state.playhead)) - (way > 0)
        own = index.everything()
        place = int(np.searchsorted(own, current, side="right" if way > 0 else "left")) - (way < 0)
        return int(own[place]) if 0 <= place < len(own) else None

    def _above(self, way: int) -> int | None:
        """The nearest note that is higher, or lower: first in time, within a bar, then in pitch."""
        index, current = self._state.index, self._current(way)
        if current is None:
            return self._beside(1)
        reach = self._state.score.ticks_per_beat * 4
        onset, pitch = int(index.onset[current]), int(index.pitch[current])
        near = index.begun(onset - reach, onset + reach + 1)
        near = near[way * (index.pitch[near] - pitch) > 0]
        if len(near) == 0:
            return None
        order = np.lexsort([np.abs(index.pitch[near] - pitch), np.abs(index.onset[near] - onset)])
        return int(near[order[0]])

    def _in_bar(self, way: int) -> int | None:
        """The first note of the next bar that has one, or of such a bar before."""
        state, current = self._state, self._current(way)
        at = int(state.index.onset[current]) if current is not None else state.playhead
        bar = state.meter.position(at).bar
        own = state.index.everything()
        onsets = state.index.onset[own]
        if way > 0:
            place = int(np.searchsorted(onsets, state.meter.bar_onset(bar + 1)))
        else:
            before = int(np.searchsorted(onsets, state.meter.bar_onset(bar))) - 1
            if before < 0:
                return None
            last = state.meter.position(int(onsets[before])).bar
            place = int(np.searchsorted(onsets, state.meter.bar_onset(last)))
        return int(own[place]) if place < len(own) else None
