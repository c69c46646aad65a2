"""Makes notes and pedal of what a keyboard plays, without a clock or a port of its own."""

from dataclasses import dataclass, field, replace

import numpy as np

from musicgen_app.audio.messages import ALL_NOTES_OFF, ALL_SOUND_OFF, SUSTAIN
from musicgen_app.core.recording import Recording
from musicgen_app.core.score import NOTE_DTYPE, PEDAL_DOWN_FROM, PEDAL_DTYPE

_ON, _OFF, _CONTROL = 0x9, 0x8, 0xB


@dataclass(slots=True)
class _Down:
    """A key that is down."""

    onset: int
    velocity: int


@dataclass(slots=True)
class Recorder:
    """Takes messages with the tick that was heard when they came.

    All channels are one track. A key that is struck again without having been let go ends and begins anew; keys that
    are down when recording ends, end there, and a held pedal is lifted. A key that is let go before recording begins
    was only tried.

    Attributes:
        track: Number of the track that the notes belong to.
        start: The tick at which recording begins. What is played before, in the count-in, counts as played there.
    """

    track: int
    start: int
    _rows: list[tuple[int, int, int, int, int]] = field(default_factory=list)
    _pedals: list[tuple[int, int, int]] = field(default_factory=list)
    _down: dict[int, _Down] = field(default_factory=dict)
    _pedal: int = 0
    _last: int = 0

    def hear(self, message: bytes, tick: int) -> None:
        """Take a message; what is no note and no sustain pedal is passed over."""
        if len(message) < 3:
            return
        kind, first, second = message[0] >> 4, message[1], message[2]
        tick = self._at(tick)
        if kind == _ON and second > 0:
            self._let_go(first, tick)
            self._down[first] = _Down(tick, second)
        elif kind in (_ON, _OFF):
            self._let_go(first, tick)
        elif kind == _CONTROL and first == SUSTAIN:
            self._press(second, tick)
        elif kind == _CONTROL and first in (ALL_NOTES_OFF, ALL_SOUND_OFF):
            self._let_all_go(tick)

    def wrap(self, end: int, start: int) -> None:
        """The music went from the end of a loop to its start: what is down ends, and begins anew there."""
        held = {pitch: down.velocity for pitch, down in self._down.items()}
        pedal = self._pedal
        self._let_all_go(end)
        self._press(0, end)
        self._last, self.start = max(self._last, end), min(self.start, start)
        self._down = {pitch: _Down(start, velocity) for pitch, velocity in held.items()}
        self._press(pedal, start)

    def finish(self, tick: int) -> Recording:
        """End recording at a tick and hand over what was played."""
        tick = self._at(tick)
        self._let_all_go(tick)
        self._press(0, tick)
        notes = np.array(sorted(self._rows), dtype=NOTE_DTYPE)
        # A pedal event later at the same tick counts, so only times are sorted.
        pedals = np.array(sorted(self._pedals, key=lambda row: row[0]), dtype=PEDAL_DTYPE)
        return Recording(notes, pedals, self.track, self.start, max(self._last, tick))

    def so_far(self, tick: int, held: bool = True) -> Recording:
        """What has been played up to a tick, with or without the keys that are down; goes on recording."""
        kept = self._down if held else {}
        twin = replace(self, _rows=[*self._rows], _pedals=[*self._pedals], _down={**kept})
        return twin.finish(tick)

    @property
    def down(self) -> frozenset[int]:
        """The keys that are down."""
        return frozenset(self._down)

    def _at(self, tick: int) -> int:
        return max(tick, self.start)

    def _let_go(self, pitch: int, tick: int) -> None:
        down = self._down.pop(pitch, None)
        if down is not None and not tick == down.onset == self.start:
            self._rows.append((down.onset, max(tick - down.onset, 1), pitch, down.velocity, self.track))

    def _let_all_go(self, tick: int) -> None:
        for pitch in tuple(self._down):
            self._let_go(pitch, tick)

    def _press(self, value: int, tick: int) -> None:
        """Note the pedal where it goes down or up, or deeper while it holds."""
        before = self._pedal
        self._pedal = value
        if value != before and (value >= PEDAL_DOWN_FROM or before >= PEDAL_DOWN_FROM):
            self._pedals.append((tick, self.track, value))
