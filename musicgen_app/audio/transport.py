"""The transport: frames in, messages out. Pure: it knows no clock, no thread and no instrument.

Its law: stop, pause, seek, the wrap of a loop, the end and closing let go of every sounding key, lift the pedal
(controller 64 = 0) and send "all notes off" (controller 123). Play and seek first tell the program and the pedal in
force. Count-in and metronome are clicks beside the music. Which messages come out, and at which frame, does not depend
on how the frames are cut into blocks.
"""

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from musicgen_app.audio.keys import Keys
from musicgen_app.audio.messages import ALL_NOTES_OFF, ALL_SOUND_OFF, SUSTAIN, click, control
from musicgen_app.audio.metronome import Beat
from musicgen_app.audio.timeline import Timeline
from musicgen_app.core.score import Score

STOPPED, PAUSED, PLAYING = "stopped", "paused", "playing"

_EPSILON = 1e-6
"""In frames: hides the rounding of seconds, so that a time that is meant to be a frame is that frame."""
_SHORTEST_LOOP = 64
"""In frames: a loop of one tick must not keep an audio block from ending."""
_REMEMBERED_SPANS = 32
_NEVER = Beat(math.inf, False)
_FOREVER_SEC = 1e6
"""Where music ends that has no end: eleven days."""
_COUNT_IN = 100
"""How loud the count-in is, of 127."""


_PLAIN = [
    "state",
    "_complete",
    "_frame",
    "_second",
    "_started_second",
    "_speed",
    "_loop",
    "_endless",
    "_until",
    "_cursor",
    "_metronome",
    "_count_end",
]
"""What a snapshot tells as it is."""


class Event(NamedTuple):
    """One message and the frame, counted from the beginning of the block, at which it is due."""

    frame: int
    message: bytes


@dataclass(frozen=True, slots=True)
class _Span:
    """From ``frame`` on, a place in the score: ``second`` there, moving by ``pace`` score seconds a frame."""

    frame: float
    second: float
    pace: float

    def at(self, frame: float) -> float:
        return self.second + (frame - self.frame) * self.pace

    def frame_of(self, second: float) -> float:
        return self.frame + (second - self.second) / self.pace


class Transport:
    """Plays a timeline. All methods but the readings belong to one thread; commands take effect at the next block.

    Attributes:
        rate: Frames a second.
        state: "stopped", "paused" or "playing".
    """

    def __init__(self, rate: int = 48_000) -> None:
        self.rate = rate
        self.state = STOPPED
        self._timeline = Timeline(Score())
        self._complete = True
        self._frame = 0
        self._second = 0.0
        self._started_second = 0.0
        self._speed = 1.0
        self._loop: tuple[int, int] | None = None
        self._endless = False
        self._until: int | None = None
        self._cursor = 0
        self._metronome = 0
        self._beat = _NEVER
        self._counted: list[tuple[int, bytes]] = []
        self._count_end: int | None = None
        self._keys = Keys()
        self._scrubbed: set[tuple[int, int]] = set()
        self._pending: list[bytes] = []
        self._spans: tuple[_Span, ...] = (_Span(0, 0.0, 0.0),)

    # Readings, safe from any thread.

    @property
    def timeline(self) -> Timeline:
        """What is played."""
        return self._timeline

    @property
    def frame(self) -> int:
        """Frames that have gone by, playing or not."""
        return self._frame

    @property
    def loop(self) -> tuple[int, int] | None:
        """The loop's first tick and the tick at which it goes back there."""
        return self._loop

    @property
    def speed(self) -> float:
        """1 is the tempo of the score."""
        return self._speed

    @property
    def waiting(self) -> bool:
        """Whether it plays but has reached the end of a score that is still growing."""
        return self.state == PLAYING and self._spans[-1].pace == 0 and self._count_end is None

    @property
    def counting(self) -> bool:
        """Whether the bars before the music are being counted."""
        return self._count_end is not None

    def second_at(self, frame: float) -> float:
        """The place in the score, in seconds at normal speed, that sounds at a frame of the recent past."""
        spans = self._spans
        for span in reversed(spans):
            if span.frame <= frame:
                return span.at(frame)
        return spans[0].second

    def tick_at(self, frame: float) -> int:
        """The place in the score, in ticks, that sounds at a frame of the recent past."""
        return self._timeline.tempo.tick(self.second_at(frame))

    # Commands.

    def load(self, timeline: Timeline, complete: bool = True) -> None:
        """Play another timeline from the same place on, without a break.

        Sounding notes that the new timeline has not, or not there, are let go.

        Args:
            timeline: What to play.
            complete: False while the score still grows: at its end the transport waits for more instead of stopping.
        """
        here = self._here()
        second = self._carried(timeline, here)
        self._started_second = self._carried(timeline, self._started_second)
        self._timeline, self._complete = timeline, complete
        self._second = second
        for channel, pitch in list(self._keys.down):
            if not timeline.holds(channel, pitch, second):
                self._pending += self._keys.let_go(channel, pitch)
        if self._count_end is not None:
            self._append(_Span(self._frame, second, 0.0))
        elif self.state == PLAYING:
            self._pending += self._chase_changes(second)
            self._move(second, self._frame)
        else:
            self._rest(second)

    def play(self, count_in: int = 0) -> None:
        """Play from where it stands; from the beginning where it stands at the end.

        Args:
            count_in: So many bars are counted before.
        """
        if self.state == PLAYING:
            return
        if self.state == STOPPED:
            self._until = None
        if self._loop is not None and self._until is None:
            start, end = self._loop_seconds()
            self._second = self._second if self._second < end else start
        elif self._complete and self._second >= self._end_second():
            self._second = 0.0
        self._begin(count_in)

    def play_range(self, start: int, end: int, count_in: int = 0) -> None:
        """Play from one tick to another, and stop there; a loop rests meanwhile.

        Raises:
            ValueError: The range does not end after it begins.
        """
        if not 0 <= start < end:
            raise ValueError(f"A range from tick {start} to {end} has no length.")
        self.stop()
        self._until = end
        self._second = self._timeline.tempo.second(start)
        self._begin(count_in)

    def _begin(self, count_in: int) -> None:
        """Play, or count first."""
        if self.state == STOPPED:
            self._started_second = self._second
        self.state = PLAYING
        if count_in > 0:
            length, beats = self._timeline.beats.count_in(self._second, count_in)
            frames = 1 / self._pace()
            at = [self._frame + math.floor(beat.second * frames + _EPSILON) for beat in beats]
            self._counted = [(frame, click(beat.accent, _COUNT_IN)) for frame, beat in zip(at, beats, strict=True)]
            self._count_end = self._frame + math.floor(length * frames + _EPSILON)
            self._append(_Span(self._frame, self._second, 0.0))
        else:
            self._pending += self._chase(self._second)
            self._move(self._second, self._frame)

    def pause(self) -> None:
        """Fall silent and stay."""
        if self.state == PLAYING:
            self._second = self._here()
            self.state = PAUSED
            self._pending += self._silence()
            self._rest(self._second)

    def stop(self) -> None:
        """Fall silent and return to where playing began; to the very beginning where it has stopped already."""
        self._second = 0.0 if self.state == STOPPED else self._started_second
        self.state = STOPPED
        self._until = None
        self._pending += self._silence()
        self._rest(self._second)

    def seek(self, tick: int) -> None:
        """Go to a tick; playing goes on from there."""
        second = self._timeline.tempo.second(max(tick, 0))
        self._pending += self._silence()
        self._second = second
        self._until = None
        if self.state == PLAYING:
            self._pending += self._chase(second)
            self._move(second, self._frame)
        else:
            self._rest(second)

    def set_loop(self, loop: tuple[int, int] | None) -> None:
        """Repeat from one tick to another while playing inside; None to play on.

        Raises:
            ValueError: The loop does not end after it begins.
        """
        if loop is not None and not 0 <= loop[0] < loop[1]:
            raise ValueError(f"A loop from tick {loop[0]} to {loop[1]} has no length.")
        self._loop = loop

    def set_endless(self, endless: bool) -> None:
        """Play on past the end of the score, while somebody plays along and is recorded; or stop there."""
        self._endless = endless

    def set_speed(self, speed: float) -> None:
        """Play faster or slower than the score's tempo; 0.1 to 4.

        Raises:
            ValueError: The speed is outside 0.1 to 4.
        """
        if not 0.1 <= speed <= 4:
            raise ValueError(f"The speed is {speed}; expected 0.1 to 4.")
        self._speed = speed
        if self._spans[-1].pace:
            self._append(_Span(self._frame, self._here(), self._pace()))

    def set_metronome(self, loudness: int) -> None:
        """Let every beat be heard while playing: 1 to 127, or 0 for silence. The count-in is heard always.

        Raises:
            ValueError: The loudness is outside 0 to 127.
        """
        if not 0 <= loudness <= 127:
            raise ValueError(f"The metronome's loudness is {loudness}; expected 0 to 127.")
        self._metronome = loudness
        self._find_beat(self._here())

    def panic(self) -> None:
        """Silence all sixteen channels at once, whatever is known to sound."""
        self._pending += self._silence()
        for channel in range(16):
            self._pending += [control(channel, SUSTAIN, 0), control(channel, ALL_NOTES_OFF, 0)]
            self._pending.append(control(channel, ALL_SOUND_OFF, 0))

    def strike(self, pitch: int, velocity: int, channel: int = 0) -> None:
        """Sound a key beside the score until `release`, or until anything silences all."""
        program = self._timeline.program_of(channel, self._here())
        if program is not None:
            self._pending += self._keys.news([program])
            self._keys.tell([program])
        self._pending += self._keys.strike(channel, pitch, velocity)

    def release(self, pitch: int, channel: int = 0) -> None:
        """Let go of a key struck by `strike`; nothing where the score has struck it since."""
        self._pending += self._keys.release(channel, pitch)

    def press(self, value: int, channel: int = 0) -> None:
        """Move a sustain pedal beside the score, 0 to 127, until anything silences all."""
        self._pending += self._keys.press(channel, value)

    def scrub(self, tick: int) -> None:
        """Go to a tick, and sound the keys that are down there until the next place, or `end_scrub`; pauses first."""
        self.pause()
        tick = max(tick, 0)
        self._second = self._timeline.tempo.second(tick)
        self._rest(self._second)
        programs = self._keys.news(self._timeline.programs(self._second))
        self._keys.tell(programs)
        self._pending += programs
        held = self._timeline.held_at(tick)
        for channel, pitch in sorted(self._scrubbed - held.keys()):
            self._pending += self._keys.release(channel, pitch)
        for channel, pitch in sorted(held.keys() - self._scrubbed):
            self._pending += self._keys.strike(channel, pitch, held[channel, pitch])
        self._scrubbed = set(held)

    def end_scrub(self) -> None:
        """Let go of what `scrub` sounds."""
        for channel, pitch in sorted(self._scrubbed):
            self._pending += self._keys.release(channel, pitch)
        self._scrubbed = set()

    def hand_over(self) -> list[bytes]:
        """Return what the instrument must hear before it is left alone; another one goes on at the next block."""
        left = self._pending + self._silence()
        self._pending = self._chase(self._here()) if self.state == PLAYING else []
        return left

    def close(self) -> list[bytes]:
        """Pause, and return what the instrument must hear before it is left alone."""
        self.pause()
        return self.hand_over()

    # A twin in another process.

    def snapshot(self) -> dict[str, object]:
        """How it stands, but for the timeline, in plain values: one that is restored from it plays on exactly so."""
        return {
            **{name: getattr(self, name) for name in _PLAIN},
            "_beat": list(self._beat),
            "_spans": [[span.frame, span.second, span.pace] for span in self._spans],
            "_counted": [[frame, message.hex()] for frame, message in self._counted],
            "_pending": [message.hex() for message in self._pending],
            "_scrubbed": [list(key) for key in sorted(self._scrubbed)],
            "_keys": self._keys.account(),
        }

    def restore(self, snapshot: dict[str, Any], timeline: Timeline) -> None:
        """Stand as another one stood."""
        for name in _PLAIN:
            setattr(self, name, snapshot[name])
        loop = snapshot["_loop"]
        self._loop = None if loop is None else (loop[0], loop[1])
        self._beat = Beat(*snapshot["_beat"])
        self._spans = tuple(_Span(*span) for span in snapshot["_spans"])
        self._counted = [(frame, bytes.fromhex(message)) for frame, message in snapshot["_counted"]]
        self._pending = [bytes.fromhex(message) for message in snapshot["_pending"]]
        self._scrubbed = {(channel, pitch) for channel, pitch in snapshot["_scrubbed"]}
        self._keys.take_over(snapshot["_keys"])
        self._timeline = timeline

    # Time.

    def advance(self, frames: int) -> list[Event]:
        """Let time go by and return the messages due in it, in order."""
        events = [Event(0, message) for message in self._pending]
        self._pending = []
        begin, stop = self._frame, self._frame + frames
        played_from = self._count(events, begin, stop)
        while self._count_end is None and self.state == PLAYING and not self.waiting:
            wraps, second, boundary = self._boundary(played_from)
            self._emit(events, begin, min(boundary, stop), second if wraps else math.inf)
            if boundary >= stop:
                break
            self._cross(events, boundary - begin, wraps, second)
        self._frame = stop
        return events

    def _count(self, events: list[Event], begin: int, stop: int) -> int:
        """Add the clicks of the count-in; returns the frame from which the music plays."""
        while self._counted and self._counted[0][0] < stop:
            frame, message = self._counted.pop(0)
            events.append(Event(frame - begin, message))
        if self._count_end is None or self._count_end >= stop:
            return begin
        end = self._count_end
        events += [Event(end - begin, message) for message in self._chase(self._second)]
        self._move(self._second, end)
        return end

    def _boundary(self, begin: int) -> tuple[bool, float, int]:
        """Where playing does not simply go on: whether it wraps there, the second, and the frame."""
        span = self._spans[-1]
        if self._loop is not None and self._until is None:
            start, end = self._loop_seconds()
            shortest = span.frame + _SHORTEST_LOOP if span.second == start else span.frame
            frame = math.floor(max(span.frame_of(end), shortest) + _EPSILON)
            if span.second < end and frame >= begin:
                return True, end, frame
        end = self._end_second()
        return False, end, max(math.floor(span.frame_of(end) + _EPSILON), begin)

    def _emit(self, events: list[Event], begin: int, limit: int, before: float) -> None:
        """Add the messages and beats due before frame ``limit`` and before a second."""
        span, timeline = self._spans[-1], self._timeline
        while True:
            due = float(timeline.seconds[self._cursor]) if self._cursor < len(timeline) else math.inf
            at = min(due, self._beat.second)
            if at >= before:
                break
            frame = math.floor(span.frame_of(at) + _EPSILON)
            if frame >= limit:
                break
            if self._beat.second <= due:
                events.append(Event(max(frame - begin, 0), click(self._beat.accent, self._metronome)))
                self._beat = timeline.beats.after(self._beat)
            else:
                self._send(events, max(frame - begin, 0), timeline.message(self._cursor))
                self._cursor += 1

    def _send(self, events: list[Event], frame: int, message: bytes) -> None:
        events += [Event(frame, part) for part in self._keys.play(message)]

    def _cross(self, events: list[Event], frame: int, wraps: bool, second: float) -> None:
        """Wrap, wait or stop at a boundary that is ``frame`` frames into the block."""
        span, timeline = self._spans[-1], self._timeline
        if wraps:
            start = self._loop_seconds()[0]
            events += [Event(frame, message) for message in self._silence() + self._chase(start)]
            self._append(_Span(max(span.frame_of(second), self._frame + frame), start, self._pace()))
            self._cursor = timeline.find(start)
            self._find_beat(start)
            return
        at_the_end = second == timeline.end_second
        while at_the_end and self._cursor < len(timeline):
            self._send(events, frame, timeline.message(self._cursor))
            self._cursor += 1
        self._second = max(second, span.at(self._frame + frame))
        if self._complete or not at_the_end:
            events += [Event(frame, message) for message in self._silence()]
            self.state = STOPPED
            self._until = None
            self._second = self._started_second
        self._append(_Span(self._frame + frame, self._second, 0.0))

    # Small parts.

    def _pace(self) -> float:
        return self._speed / self.rate

    def _here(self) -> float:
        """The place at the beginning of the next block, in seconds."""
        return self._spans[-1].at(self._frame) if self.state == PLAYING else self._second

    def _end_second(self) -> float:
        """Where playing ends."""
        end = _FOREVER_SEC if self._endless else self._timeline.end_second
        return end if self._until is None else min(end, self._timeline.tempo.second(self._until))

    def _find_beat(self, second: float) -> None:
        """Let the next click be the first beat from a second on."""
        self._beat = self._timeline.beats.first(second - _EPSILON * self._pace()) if self._metronome else _NEVER

    def _loop_seconds(self) -> tuple[float, float]:
        start, end = self._timeline.tempo.seconds(np.array(self._loop)).tolist()
        return start, end

    def _carried(self, timeline: Timeline, second: float) -> float:
        """The same musical place in another timeline, whose tempo may differ."""
        old, new = self._timeline.score, timeline.score
        if old.ticks_per_beat == new.ticks_per_beat and np.array_equal(old.tempos, new.tempos):
            return second
        tick = self._timeline.tempo.tick(second) * new.ticks_per_beat / old.ticks_per_beat
        return timeline.tempo.second(round(tick))

    def _chase(self, second: float) -> list[bytes]:
        """Every channel's program and pedal as they are just before a second."""
        messages = self._timeline.chase(second - _EPSILON * self._pace())
        self._keys.tell(messages)
        return self._keys.deepened(messages)

    def _chase_changes(self, second: float) -> list[bytes]:
        """The part of the chase that the instrument does not know yet, and the lifting of pedals that are gone."""
        wanted = self._timeline.chase(second - _EPSILON * self._pace())
        wanted += self._keys.lifted(wanted)
        news = self._keys.news(wanted)
        self._keys.tell(wanted)
        return news

    def _silence(self) -> list[bytes]:
        """What the law asks for, for every channel in use."""
        self._scrubbed = set()
        return self._keys.silence(self._timeline.channels)

    def _move(self, second: float, frame: int) -> None:
        """Go on playing from a second, at a frame."""
        self._counted, self._count_end = [], None
        self._cursor = self._timeline.find(second - _EPSILON * self._pace())
        self._find_beat(second)
        self._append(_Span(frame, second, self._pace()))

    def _rest(self, second: float) -> None:
        self._counted, self._count_end = [], None
        self._append(_Span(self._frame, second, 0.0))

    def _append(self, span: _Span) -> None:
        """Replaced as a whole, so that other threads always read a sound history."""
        self._spans = (*self._spans[-_REMEMBERED_SPANS + 1 :], span)
