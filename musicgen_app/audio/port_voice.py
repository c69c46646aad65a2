"""What one MIDI port is told: as the tracks say, or all on one channel; with the metronome or without."""

from collections import Counter
from dataclasses import dataclass

from musicgen_app.audio.messages import (
    ALL_NOTES_OFF,
    ALL_SOUND_OFF,
    SUSTAIN,
    as_percussion,
    control,
    is_click,
    note_off,
)
from musicgen_app.audio.samples import RATE
from musicgen_app.core.score import PEDAL_DOWN_FROM

WIDEST_MS = 500
_PERCUSSION = 9


@dataclass(frozen=True, slots=True)
class PortOptions:
    """How a person wants one port to be played.

    Attributes:
        offset_ms: How much later than the playhead its messages leave, -500 to 500; less than 0 is earlier, for an
            instrument that takes its time.
        channel: The one channel (0 to 15) that everything is played on; None for those of the tracks.
        clicks: Whether the metronome is sent too, as percussion on channel 10.
    """

    offset_ms: int = 0
    channel: int | None = None
    clicks: bool = True

    @property
    def latency(self) -> int:
        """Frames between a message's leaving and the moment the playhead shows it; 0 where it leaves later."""
        return max(-self.offset_ms, 0) * RATE // 1000

    def __post_init__(self) -> None:
        if not -WIDEST_MS <= self.offset_ms <= WIDEST_MS or self.channel not in (None, *range(16)):
            raise ValueError(f"{self} cannot be played")


class PortVoice:
    """Turns the transport's messages into those of one port, so that every key goes down once and comes up once.

    On one channel several tracks may hold one key: it is struck again by each and comes up with the last. The pedal is
    down while any track's is. Percussion and programs are left out there: the instrument keeps its own sound.
    """

    def __init__(self, options: PortOptions) -> None:
        self._options = options
        self._held: Counter[tuple[int, int]] = Counter()
        self._pedals: set[int] = set()
        self._channels: set[int] = set()

    def words(self, message: bytes) -> list[bytes]:
        """What the port is told for a message of the transport."""
        if is_click(message):
            return list(as_percussion(message)) if self._options.clicks else []
        one = self._options.channel
        if one is None:
            self._note(message, message[0] & 15)
            return [message]
        return [] if message[0] & 15 == _PERCUSSION else self._on_one(message, one)

    def change(self, options: PortOptions) -> list[bytes]:
        """Play by other options from now on; what the port is told so that nothing hangs on another channel."""
        before, self._options = self._options, options
        if before.channel == options.channel:
            return []
        messages = [note_off(*key) for key in self._held.elements()]
        for channel in sorted(self._channels):
            messages += [control(channel, SUSTAIN, 0), control(channel, ALL_NOTES_OFF, 0)]
        self._held.clear()
        self._pedals.clear()
        self._channels.clear()
        return messages

    def _note(self, message: bytes, channel: int) -> None:
        """Keep account of what is down."""
        self._channels.add(channel)
        kind, key = message[0] >> 4, (channel, message[1])
        if kind == 0x9:
            self._held[key] += 1
        elif kind == 0x8:
            self._held[key] -= 1
            self._held += Counter()  # forget what is not held

    def _on_one(self, message: bytes, channel: int) -> list[bytes]:
        kind, moved = message[0] >> 4, bytes((message[0] & 0xF0 | channel, *message[1:]))
        key = (channel, message[1])
        held = self._held[key]
        if kind == 0xC:
            return []
        if kind == 0xB and message[1] == SUSTAIN:
            return self._pedal(message, moved)
        if kind == 0xB and message[1] in (ALL_NOTES_OFF, ALL_SOUND_OFF):
            self._held.clear()
        self._note(moved, channel)
        if kind == 0x9 and held:
            return [note_off(*key), moved]
        return [] if kind == 0x8 and held != 1 else [moved]

    def _pedal(self, message: bytes, moved: bytes) -> list[bytes]:
        was_down = bool(self._pedals)
        if message[2] >= PEDAL_DOWN_FROM:
            self._pedals.add(message[0] & 15)
        else:
            self._pedals.discard(message[0] & 15)
        self._channels.add(moved[0] & 15)
        return [] if was_down and self._pedals and message[2] < PEDAL_DOWN_FROM else [moved]
