"""The transport: frames in, messages out. Pure: it knows no clock, no thread and no instrument.

Its law: stop, pause, seek, the wrap of a loop, the end and closing let go of every sounding key, lift the pedal
(controller 64 = 0) and send "all notes off" (controller 123). Play and seek first tell the program and the pedal in
force. Which messages come out, and at which frame, does not depend on how the frames are cut into blocks.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from musicgen_app.audio.messages import ALL_NOTES_OFF, ALL_SOUND_OFF, SUSTAIN, control, note_off, note_on
from musicgen_app.audio.timeline import Timeline
from musicgen_app.core.score import Score

STOPPED, PAUSED, PLAYING = "stopped", "paused", "playing"

_EPSILON = 1e-6
"""In frames: hides the rounding of seconds, so that a time that is meant to be a frame is that frame."""
_SHORTEST_LOOP = 64
"""In frames: a loop of one tick must not keep an audio block from ending."""
_REMEMBERED_SPANS = 32


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
        self._cursor = 0
        self._sounding: dict[tuple[int, int], None] = {}
        self._previews: dict[tuple[int, int], None] = {}
        self._told: dict[bytes, bytes] = {}
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
        return self.state == PLAYING and self._spans[-1].pace == 0

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
        for channel, pitch in list(self._sounding):
            if not timeline.holds(channel, pitch, second):
                self._pending.append(note_off(channel, pitch))
                del self._sounding[channel, pitch]
        if self.state == PLAYING:
            self._pending += self._chase_changes(second)
            self._move(second)
        else:
            self._rest(second)

    def play(self) -> None:
        """Play from where it stands; from the beginning where it stands at the end."""
        if self.state == PLAYING:
            return
        if self._loop is not None:
            start, end = self._loop_seconds()
            self._second = self._second if self._second < end else start
        elif self._complete and self._second >= self._timeline.end_second:
            self._second = 0.0
        if self.state == STOPPED:
            self._started_second = self._second
        self.state = PLAYING
        self._pending += self._chase(self._second)
        self._move(self._second)

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
        self._pending += self._silence()
        self._rest(self._second)

    def seek(self, tick: int) -> None:
        """Go to a tick; playing goes on from there."""
        second = self._timeline.tempo.second(max(tick, 0))
        self._pending += self._silence()
        self._second = second
        if self.state == PLAYING:
            self._pending += self._chase(second)
            self._move(second)
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

    def set_speed(self, speed: float) -> None:
        """Play faster or slower than the score's tempo; 0.1 to 4.

        Raises:
            ValueError: The speed is outside 0.1 to 4.
        """
        if not 0.1 <= speed <= 4:
            raise ValueError(f"The speed is {speed}; expected 0.1 to 4.")
        self._speed = speed
        if self.state == PLAYING and not self.waiting:
            self._append(_Span(self._frame, self._here(), self._pace()))

    def panic(self) -> None:
        """Silence all sixteen channels at once, whatever is known to sound."""
        self._pending += self._silence()
        for channel in range(16):
            self._pending += [control(channel, SUSTAIN, 0), control(channel, ALL_NOTES_OFF, 0)]
            self._pending.append(control(channel, ALL_SOUND_OFF, 0))

    def strike(self, pitch: int, velocity: int, channel: int = 0) -> None:
        """Sound a key beside the score until `release`, or until anything silences all."""
        self.release(pitch, channel)
        if self._sounding.pop((channel, pitch), self) is None:
            self._pending.append(note_off(channel, pitch))
        self._previews[channel, pitch] = None
        self._pending.append(note_on(channel, pitch, velocity))

    def release(self, pitch: int, channel: int = 0) -> None:
        """Let go of a key struck by `strike`; nothing where the score has struck it since."""
        if self._previews.pop((channel, pitch), self) is None:
            self._pending.append(note_off(channel, pitch))

    def hand_over(self) -> list[bytes]:
        """Return what the instrument must hear before it is left alone; another one goes on at the next block."""
        left = self._pending + self._silence()
        self._pending = self._chase(self._here()) if self.state == PLAYING else []
        return left

    def close(self) -> list[bytes]:
        """Pause, and return what the instrument must hear before it is left alone."""
        self.pause()
        return self.hand_over()

    # Time.

    def advance(self, frames: int) -> list[Event]:
        """Let time go by and return the messages due in it, in order."""
        events = [Event(0, message) for message in self._pending]
        self._pending = []
        begin, stop = self._frame, self._frame + frames
        while self.state == PLAYING and not self.waiting:
            wraps, second, boundary = self._boundary(begin)
            self._emit(events, begin, min(boundary, stop), second if wraps else math.inf)
            if boundary >= stop:
                break
            self._cross(events, boundary - begin, wraps, second)
        self._frame = stop
        return events

    def _boundary(self, begin: int) -> tuple[bool, float, int]:
        """Where playing does not simply go on: whether it wraps there, the second, and the frame."""
        span = self._spans[-1]
        if self._loop is not None:
            start, end = self._loop_seconds()
            shortest = span.frame + _SHORTEST_LOOP if span.second == start else span.frame
            frame = math.floor(max(span.frame_of(end), shortest) + _EPSILON)
            if span.second < end and frame >= begin:
                return True, end, frame
        end = self._timeline.end_second
        return False, end, max(math.floor(span.frame_of(end) + _EPSILON), begin)

    def _emit(self, events: list[Event], begin: int, limit: int, before: float) -> None:
        """Add the messages due before frame ``limit`` and before a second."""
        span, timeline = self._spans[-1], self._timeline
        while self._cursor < len(timeline) and timeline.seconds[self._cursor] < before:
            frame = math.floor(span.frame_of(float(timeline.seconds[self._cursor])) + _EPSILON)
            if frame >= limit:
                break
            self._send(events, max(frame - begin, 0), timeline.message(self._cursor))
            self._cursor += 1

    def _send(self, events: list[Event], frame: int, message: bytes) -> None:
        """Add one message, keeping account of the keys that are down."""
        kind, channel = message[0] >> 4, message[0] & 15
        if kind == 0x9:
            if self._previews.pop((channel, message[1]), self) is None:
                events.append(Event(frame, note_off(channel, message[1])))
            self._sounding[channel, message[1]] = None
        elif kind == 0x8:
            if (channel, message[1]) not in self._sounding:
                return
            del self._sounding[channel, message[1]]
        else:
            self._told[_subject(message)] = message
        events.append(Event(frame, message))

    def _cross(self, events: list[Event], frame: int, wraps: bool, second: float) -> None:
        """Wrap, wait or stop at a boundary that is ``frame`` frames into the block."""
        span, timeline = self._spans[-1], self._timeline
        if wraps:
            start = self._loop_seconds()[0]
            events += [Event(frame, message) for message in self._silence() + self._chase(start)]
            self._append(_Span(max(span.frame_of(second), self._frame + frame), start, self._pace()))
            self._cursor = timeline.find(start)
            return
        for index in range(self._cursor, len(timeline)):
            self._send(events, frame, timeline.message(index))
        self._cursor = len(timeline)
        self._second = max(second, span.at(self._frame + frame))
        if self._complete:
            events += [Event(frame, message) for message in self._silence()]
            self.state = STOPPED
            self._second = self._started_second
        self._append(_Span(self._frame + frame, self._second, 0.0))

    # Small parts.

    def _pace(self) -> float:
        return self._speed / self.rate

    def _here(self) -> float:
        """The place at the beginning of the next block, in seconds."""
        return self._spans[-1].at(self._frame) if self.state == PLAYING else self._second

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
        self._told.update((_subject(message), message) for message in messages)
        return messages

    def _chase_changes(self, second: float) -> list[bytes]:
        """The part of the chase that the instrument does not know yet, and the lifting of pedals that are gone."""
        told = dict(self._told)
        wanted = self._chase(second)
        gone = told.keys() - {_subject(message) for message in wanted}
        lifted = [control(subject[0] & 15, SUSTAIN, 0) for subject in sorted(gone) if subject[0] >> 4 == 0xB]
        self._told.update((_subject(message), message) for message in lifted)
        return [message for message in wanted + lifted if told.get(_subject(message)) != message]

    def _silence(self) -> list[bytes]:
        """What the law asks for, for every channel in use."""
        down = [*self._sounding, *self._previews]
        messages = [note_off(channel, pitch) for channel, pitch in down]
        told = {subject[0] & 15 for subject in self._told}
        channels = sorted({*self._timeline.channels, *told, *(channel for channel, _ in down)})
        self._sounding.clear()
        self._previews.clear()
        self._told.clear()
        for channel in channels:
            messages += [control(channel, SUSTAIN, 0), control(channel, ALL_NOTES_OFF, 0)]
        return messages

    def _move(self, second: float) -> None:
        """Go on playing from a second."""
        self._cursor = self._timeline.find(second - _EPSILON * self._pace())
        self._append(_Span(self._frame, second, self._pace()))

    def _rest(self, second: float) -> None:
        self._append(_Span(self._frame, second, 0.0))

    def _append(self, span: _Span) -> None:
        """Replaced as a whole, so that other threads always read a sound history."""
        self._spans = (*self._spans[-_REMEMBERED_SPANS + 1 :], span)


def _subject(message: bytes) -> bytes:
    """What a program or controller message speaks about; a later one on the same subject replaces it."""
    return message[:1] if message[0] >> 4 == 0xC else message[:2]
