"""Walks over the events of one track, and gathers them in a form that numpy can take apart at once.

Nearly all bytes of a MIDI file are channel events. Runs of them are recognised by one regular expression each and
copied as they are; only what stands between the runs (tempo, text, system exclusive, damage) is looked at one by one.
What is gathered is a stream in which every event has the same shape: a delta time, perhaps a status byte, and exactly
two data bytes. Events that MIDI writes with one data byte are widened; events that are none of the channel's become
markers with a status from MARK_OTHER on, so that their delta times count.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, cast

from musicgen_app.core.progress import silent
from musicgen_app.midi.columns import (
    MARK_ASIDE,
    MARK_DAMAGE,
    MARK_KEPT,
    MARK_OTHER,
    MARK_TEMPO,
    MARK_TRACK,
    OTHER,
    Columns,
    Decoder,
)

MAX_EVENTS = 2_100_000
"""A piece of a million notes has two million; more would not fit into 300 MB beside a file of 64 MB."""

MAX_SINGLE_STEPS = 400_000
"""Events outside runs, in a whole file; each costs a microsecond or two."""
MAX_DAMAGE_PER_TRACK = 500

META_TEXT = 0x01
META_NAME = 0x03
META_INSTRUMENT = 0x04
META_PORT = 0x21
META_END = 0x2F
META_TEMPO = 0x51
META_TIME_SIGNATURE = 0x58
META_KEY_SIGNATURE = 0x59
_KEPT_METAS = frozenset({META_NAME, META_INSTRUMENT, META_PORT, META_TIME_SIGNATURE, META_KEY_SIGNATURE})

_BLOCK_BYTES = 1 << 19
_COUNTED_BYTES = 1 << 16
_COUNTED_STEPS = 1 << 10
"""After so many the bounds are looked at."""

_DELTA = rb"[\x80-\xff]{0,3}+[\x00-\x7f]"
_TWO = rb"[\x80-\xbf\xe0-\xef]"
_ONE = rb"[\xc0-\xdf]"
_FOLLOWS = rb"(?=" + _DELTA + rb"(?:[\x80-\xef][\x00-\x7f]|\xff[\x00-\x7f]|[\xf0\xf7]|[\x00-\x7f]{2})|\Z)"
"""What must come after a value that is out of range, for the value to be wrong and not the whole event."""

_RUN_EVENTS = b"{0,20000}"
"""A possessive repeat of a group would need less memory, but Python before 3.11.5 matches it wrongly. The bound keeps
the memory small; nothing in a run is matched in two ways, so nothing is ever tried again."""

_NARROW: Final = re.compile(_DELTA + _ONE + rb"?[\x00-\x7f]")

_TEMPO: Final = re.compile(rb"\xff\x51\x03([\x00-\xff]{3})")
_TEMPO_ROW: Final = re.compile(rb"(?:" + _DELTA + rb"\xff\x51\x03[\x00-\xff]{3}){0,10000}")

_META, _LONG_META, _EXCLUSIVE, _PAIR, _SINGLE, _SYSTEM, _WILD_PAIR, _WILD_SINGLE, _RUNNING, _WILD_RUNNING = range(3, 13)
"""The groups of the patterns below; group 1 is the run, group 2 the delta time of the event after it."""


def _pattern(run: bytes, running: bytes) -> re.Pattern[bytes]:
    """A run of channel events, and the one event after it (or nothing where that is damaged)."""
    return re.compile(
        rb"(" + run + rb")(?:(" + _DELTA + rb")(?:"
        rb"(\xff[\x00-\x7f]{2})|"
        rb"(\xff[\x00-\x7f])|"
        rb"([\xf0\xf7])|"
        rb"(" + _TWO + rb"[\x00-\x7f]{2})|"
        rb"(" + _ONE + rb"[\x00-\x7f])|"
        rb"([\xf1\xf3][\x00-\x7f]|\xf2[\x00-\x7f]{2}|[\xf4-\xf6\xf8-\xfe])|"
        rb"(" + _TWO + rb"(?:[\x00-\x7f][\x80-\xff]|[\x80-\xff][\x00-\x7f]))" + _FOLLOWS + rb"|"
        rb"(" + _ONE + rb"[\x80-\xff])" + _FOLLOWS + running + rb"))?"
    )


_PATTERNS: Final = (
    _pattern(rb"", rb""),
    _pattern(rb"(?:" + _DELTA + _ONE + rb"?[\x00-\x7f])" + _RUN_EVENTS, rb"|([\x00-\x7f])"),
    _pattern(
        rb"(?:" + _DELTA + _TWO + rb"?[\x00-\x7f][\x00-\x7f])" + _RUN_EVENTS,
        rb"|([\x00-\x7f]{2})|([\x00-\x7f][\x80-\xff])" + _FOLLOWS,
    ),
)
"""By the number of data bytes of the running status (0: none yet)."""

_MATCH: Final = tuple(pattern.match for pattern in _PATTERNS)

_PLAUSIBLE: Final = re.compile(
    rb"[\x00-\x7f](?:" + _TWO + rb"[\x00-\x7f]{2}|" + _ONE + rb"[\x00-\x7f]|\xff[\x00-\x7f])"
)
"""Where reading may go on after damage: a short delta time and an event with a status of its own."""


_BEGUN: Final = re.compile(_DELTA + rb"(?:([\x80-\xff])|[\x00-\x7f])")
"""An event that has at least begun."""


@dataclass(slots=True)
class TrackState:
    """How the reading of one track went.

    Attributes:
        ended: Whether its end-of-track event came.
        broken_off: Whether it stops in the middle of an event, and nothing readable follows.
        broken_status: Status of that event; 0 where it goes on with the one before.
        damages: Places where bytes had to be skipped, each with a MARK_DAMAGE in the columns.
        wild: Values above 127, read as 127 or, for a pitch or a program, left out.
        system: Messages that belong on a cable and not in a file.
    """

    ended: bool = False
    broken_off: bool = False
    broken_status: int = 0
    damages: int = 0
    wild: int = 0
    system: int = 0


@dataclass(slots=True)
class EventStream:
    """Everything gathered from the tracks of one file.

    Attributes:
        metas: Kind (META_...) and content of the kept meta events, in the order of the MARK_KEPT in the columns.
        asides: Kind and content of the events that are kept as they are, in the order of the MARK_ASIDE: other meta
            events, and system exclusive ones (kind 0xF0 or 0xF7).
        tempos: Microseconds a beat of the tempo events, three bytes each, in the order of the MARK_TEMPO in the
            columns; 0 where an event does not say.
        tracks: One for each track that was begun.
        full: Whether a bound was reached and the rest left out.
        pieces: Events that wait to be taken apart.
        told: Called every now and then with how many bytes were gathered so far; may raise to stop.
    """

    metas: list[tuple[int, bytes]] = field(default_factory=list)
    asides: list[tuple[int, bytes]] = field(default_factory=list)
    tempos: bytearray = field(default_factory=bytearray)
    tracks: list[TrackState] = field(default_factory=list)
    full: bool = False
    pieces: list[bytes] = field(default_factory=list)
    told: Callable[[int], object] = silent
    _decoder: Decoder = field(default_factory=Decoder)
    _size: int = 0
    _steps: int = 0
    _gathered: int = 0

    def add_track(self, content: bytes, start: int, stop: int, go_on: bool) -> None:
        """Gather the events between two positions; damage never raises.

        Args:
            content: The whole file.
            start: Position of the first event.
            stop: Position after the track.
            go_on: Whether to read on after an end-of-track event that comes too early.
        """
        state = TrackState()
        self.tracks.append(state)
        self.pieces.append(MARK_TRACK)
        _TrackWalk(content, stop, go_on, self, state).run(start)

    def columns(self) -> Columns:
        """All events, taken apart; to be called once, at the end."""
        self._flush()
        return self._decoder.columns()

    def room_for(self, size: int, steps: int) -> bool:
        """Note how many bytes were gathered in how many single steps; False when a bound is reached."""
        self._size += size
        self._gathered += size
        self._steps += steps
        self.told(self._gathered)
        if self._size >= _BLOCK_BYTES:
            self._flush()
        self.full = self._decoder.count > MAX_EVENTS or self._steps > MAX_SINGLE_STEPS
        return not self.full

    def _flush(self) -> None:
        self._decoder.feed(b"".join(self.pieces))
        self.pieces.clear()
        self._size = 0


class _TrackWalk:
    """The walk over the bytes of one track."""

    __slots__ = ("_add", "_content", "_go_on", "_keep", "_state", "_stop", "_stream", "_width")

    def __init__(self, content: bytes, stop: int, go_on: bool, stream: EventStream, state: TrackState) -> None:
        self._content = content
        self._stop = stop
        self._go_on = go_on
        self._stream = stream
        self._add = stream.pieces.append
        self._keep = stream.metas.append
        self._state = state
        self._width = 0
        """Data bytes of the running status; 0 where there is none."""

    def run(self, at: int) -> None:
        """Take runs of channel events whole, and what stands between them one by one."""
        content, stop, add = self._content, self._stop, self._add
        counted, steps = at, 0
        while at < stop:
            begin = at
            # No pattern can fail: all of each is optional.
            event = cast(re.Match[bytes], _MATCH[self._width](content, at, stop))
            at = event.end(1)
            if at > begin:
                piece = event[1]
                add(_NARROW.sub(b"\\g<0>\0", piece) if self._width == 1 else piece)
            if event.lastindex == _META:
                after = event.end()
                at = self._meta(event[2], content[after - 2], after, after + content[after - 1])
            elif at < stop:
                at = self._step(event, at)
            steps += 1
            if steps == _COUNTED_STEPS or at - counted >= _COUNTED_BYTES:
                if not self._stream.room_for(at - counted, steps):
                    return
                counted, steps = at, 0
        self._stream.room_for(at - counted, steps)

    def _step(self, event: re.Match[bytes], at: int) -> int:
        """Take the event at ``at``; return the position after it."""
        group, after = event.lastindex, event.end()
        if group == 1:
            begun = _BEGUN.match(self._content, at, self._stop)
            return self._recover(at + 1, OTHER if begun is None else (begun[1] or b"\0")[0])
        if group == _LONG_META:
            length, after = self._length(after)
            return self._meta(event[2], event[_LONG_META][1], after, after + length)
        if group == _EXCLUSIVE:
            length, after = self._length(after)
            if after + length > self._stop:
                return self._recover(after)
            self._stream.asides.append((event[_EXCLUSIVE][0], self._content[after : after + length]))
            self._add(event[2] + MARK_ASIDE)
            return after + length
        self._take(event)
        return after

    def _take(self, event: re.Match[bytes]) -> None:
        """Take an event that the pattern matched as a whole."""
        group, delta = event.lastindex or 0, event[2]
        if group == _PAIR:
            self._width = 2
            self._add(delta + event[group])
        elif group == _SINGLE:
            self._width = 1
            self._add(delta + event[group] + b"\0")
        elif group == _SYSTEM:
            self._state.system += 1
            self._add(delta + MARK_OTHER)
        elif group == _RUNNING:
            self._add(delta + event[group] + b"\0" * (2 - self._width))
        else:
            self._wild(delta, event[group], group)

    def _wild(self, delta: bytes, event: bytes, group: int) -> None:
        """Take an event with a value above 127: a loudness is set to 127; without its pitch, an event is dropped."""
        self._state.wild += 1
        if group == _WILD_RUNNING:
            self._add(delta + event[:1] + b"\x7f")
        elif group == _WILD_PAIR and event[1] < 0x80:
            self._width = 2
            self._add(delta + event[:2] + b"\x7f")
        else:
            self._width = 0
            self._add(delta + MARK_OTHER)

    def _meta(self, delta: bytes, kind: int, begin: int, end: int) -> int:
        if end > self._stop:
            return self._recover(begin + 1)
        if kind in _KEPT_METAS:
            # A longer one is a name, and cut when it is read.
            self._keep((kind, self._content[begin:end]))
            self._add(delta + MARK_KEPT)
            return end
        if kind == META_TEMPO:
            return self._tempos(delta, begin, end)
        if kind == META_END:
            return self._end(delta, end)
        if kind == META_TEXT and begin == end:
            # Empty texts bridge long pauses.
            self._add(delta + MARK_OTHER)
        else:
            self._stream.asides.append((kind, self._content[begin:end]))
            self._add(delta + MARK_ASIDE)
        return end

    def _end(self, delta: bytes, end: int) -> int:
        """Take an end-of-track event that reaches to ``end``; the first one ends the track where it may."""
        self._add(delta + MARK_OTHER)
        if not self._state.ended:
            self._state.ended = True
            if not self._go_on or not any(self._content[end : self._stop]):
                return self._stop
        return end

    def _tempos(self, delta: bytes, begin: int, end: int) -> int:
        """Take a tempo event and those that follow it at once: a piece played freely has thousands in a row."""
        tempos = self._stream.tempos
        tempos += self._content[begin : begin + 3] if end - begin >= 3 else b"\0\0\0"
        self._add(delta + MARK_TEMPO)
        row = cast(re.Match[bytes], _TEMPO_ROW.match(self._content, end, self._stop))
        if row.end() > end:
            # In turns a delta time and a tempo, and nothing after the last. No delta time can look like a tempo.
            parts = _TEMPO.split(row[0])
            self._add(MARK_TEMPO.join(parts[::2]))
            tempos += b"".join(parts[1::2])
        return row.end()

    def _length(self, at: int) -> tuple[int, int]:
        """Read a length of at most four bytes; return it and the position after it. No length: beyond the end."""
        length = 0
        for position in range(at, min(at + 4, self._stop)):
            byte = self._content[position]
            length = length << 7 | byte & 0x7F
            if byte < 0x80:
                return length, position + 1
        return self._stop, at

    def _recover(self, seek: int, status: int = OTHER) -> int:
        """Skip to where reading may go on, from ``seek``. After the end of the track nobody minds what is no event.

        Args:
            seek: Position after the begin of what cannot be read.
            status: Status of that, for a track that stops there.
        """
        state = self._state
        if state.ended:
            return self._stop
        self._width = 0
        following = None
        if state.damages < MAX_DAMAGE_PER_TRACK:
            following = _PLAUSIBLE.search(self._content, seek, self._stop)
            state.broken_status = status
        else:
            state.broken_status = OTHER  # given up: what comes is no cut note
        state.broken_off = following is None
        state.damages += not state.broken_off
        self._add(MARK_DAMAGE)
        return self._stop if following is None else following.start()
