"""The built-in piano: messages in, sound out, sample by sample the same however time is cut into blocks."""

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from musicgen_app.audio.click import Clicker
from musicgen_app.audio.limiter import LATENCY, Limiter
from musicgen_app.audio.messages import ALL_NOTES_OFF, ALL_SOUND_OFF, SUSTAIN, is_click
from musicgen_app.audio.samples import RATE, Samples, TunedNote
from musicgen_app.audio.transport import Event
from musicgen_app.core.score import PEDAL_DOWN_FROM

Envelope = NDArray[np.float32]

MAX_VOICES = 96
"""Strings sounding at once; the one that is missed least makes room for another."""
LOUDEST_DB = -17.0
"""K-weighted loudness of the strongest blow on a key in the middle; full scale is 0."""
DB_PER_VELOCITY = 0.2
"""How much louder each step of velocity is: 25 dB from the softest to the strongest."""
_PERCUSSION = 9
_FIRST_UNDAMPED = 90
"""The strings from here on have no dampers in a grand piano."""
_CUT_SEC = 0.008
_RISE = np.square(np.sin(np.linspace(0, np.pi / 2, RATE // 1000, endpoint=False))).astype(np.float32)
"""The first millisecond, before the hammer: what the encoder has smeared there would begin with a step."""


def loudness_of(velocity: int) -> float:
    """The loudness, in dB below full scale, of a blow on a key in the middle."""
    return LOUDEST_DB - DB_PER_VELOCITY * (127 - velocity)


@lru_cache(maxsize=64)
def _decay(seconds: float) -> Envelope:
    """From 1 to 0, falling by 60 dB in ``seconds``, ending exactly at 0."""
    curve = np.exp(-math.log(1000) * np.arange(round(seconds * RATE)) / (seconds * RATE))
    shape: Envelope = ((curve - curve[-1]) / (1 - curve[-1])).astype(np.float32)
    return shape


@lru_cache(maxsize=1)
def _cut() -> Envelope:
    """A fade short enough to count as now and long enough not to click."""
    quarter = np.linspace(0, np.pi / 2, round(_CUT_SEC * RATE))
    shape: Envelope = np.square(np.cos(quarter)).astype(np.float32)
    return shape


def _damping(pitch: int) -> Envelope:
    """What the damper does to a string: long strings resist it, the shortest have none and ring a while."""
    if pitch >= _FIRST_UNDAMPED:
        return _decay(2.5)
    return _decay(round(float(np.interp(pitch, [21, 89], [0.75, 0.3])), 2))


class _Voice:
    """One blow on one string, from ``onset`` on, in frames since the piano's beginning."""

    __slots__ = ("_gains", "_notes", "_pan", "channel", "end", "fades", "held", "onset", "pitch")

    def __init__(
        self, channel: int, pitch: int, onset: int, strings: Sequence[tuple[TunedNote, float]], pan: tuple[float, float]
    ) -> None:
        self.channel, self.pitch, self.onset = channel, pitch, onset
        self.held = True
        self.fades: list[tuple[int, Envelope]] = []
        self._notes = [note for note, _ in strings]
        self._gains = [np.float32(gain) for _, gain in strings]
        self._pan = (np.float32(pan[0]), np.float32(pan[1]))
        self.end = onset + min(note.frames for note in self._notes)

    def fade(self, frame: int, envelope: Envelope) -> None:
        """Begin to fall silent, in addition to what already fades it."""
        self.fades.append((frame, envelope))
        self.end = min(self.end, frame + len(envelope))

    def add(self, out: NDArray[np.float32], begin: int, scratch: NDArray[np.float32]) -> None:
        """Add what sounds from frame ``begin`` on to ``out``, shape (2, frames)."""
        first, last = max(self.onset, begin), min(self.end, begin + out.shape[1])
        if first >= last:
            return
        wave, more = scratch[0, : last - first], scratch[1, : last - first]
        np.multiply(self._notes[0].part(first - self.onset, last - self.onset), self._gains[0], out=wave)
        for note, gain in zip(self._notes[1:], self._gains[1:], strict=True):
            np.multiply(note.part(first - self.onset, last - self.onset), gain, out=more)
            wave += more
        rising = _RISE[first - self.onset : last - self.onset]
        wave[: len(rising)] *= rising
        for start, envelope in self.fades:
            at = max(start, first)
            if at < last:
                wave[at - first :] *= envelope[at - start : last - start]
        for side, gain in enumerate(self._pan):
            np.multiply(wave, gain, out=more)
            out[side, first - begin : last - begin] += more


class Piano:
    """An instrument that understands notes, the sustain pedal, clicks and "all off"; the rest is passed over.

    All sixteen channels sound as the piano, each with its own pedal, except percussion, which it does not play.
    Not for two threads at once.
    """

    latency = LATENCY
    """Frames from a message to its sound."""

    def __init__(self, samples: Samples) -> None:
        self._samples = samples
        self._limiter = Limiter()
        self._frame = 0
        self._voices: list[_Voice] = []
        self._clicker = Clicker()
        self._pedals: set[int] = set()
        self._scratch = np.zeros((2, 0), np.float32)

    @property
    def sounding(self) -> int:
        """How many strings sound."""
        return len(self._voices)

    def render(self, frames: int, events: Sequence[Event]) -> NDArray[np.float32]:
        """Let time go by.

        Args:
            frames: How much, at 48,000 a second.
            events: Messages in the order of their frames, which count from the beginning of this block.

        Returns:
            Shape (2, frames), float32, left and right, within -1 to 1.
        """
        for event in events:
            self._obey(self._frame + event.frame, event.message)
        out = np.zeros((2, frames), np.float32)
        if self._scratch.shape[1] < frames:
            self._scratch = np.zeros((2, frames), np.float32)
        for voice in self._voices:
            voice.add(out, self._frame, self._scratch)
        self._clicker.add(out, self._frame)
        self._frame += frames
        self._voices = [voice for voice in self._voices if voice.end > self._frame]
        return self._limiter.limit(out)

    def _obey(self, frame: int, message: bytes) -> None:
        kind, channel = message[0] >> 4, message[0] & 15
        if is_click(message):
            self._clicker.strike(frame, bool(message[1]), message[2])
            return
        if channel == _PERCUSSION:
            return
        if kind == 0x9 and message[2] > 0:
            self._strike(frame, channel, message[1], message[2])
        elif kind in (0x8, 0x9):
            self._let_go(frame, channel, {message[1]})
        elif kind == 0xB and message[1] == SUSTAIN:
            self._set_pedal(frame, channel, message[2])
        elif kind == 0xB and message[1] == ALL_NOTES_OFF:
            self._let_go(frame, channel, set(range(128)))
        elif kind == 0xB and message[1] == ALL_SOUND_OFF:
            for voice in self._voices:
                if voice.channel == channel:
                    voice.held = False
                    voice.fade(frame, _cut())

    def _strike(self, frame: int, channel: int, pitch: int, velocity: int) -> None:
        alive = [voice for voice in self._voices if voice.end > frame + len(_cut())]
        for voice in alive:
            if voice.pitch == pitch and voice.channel == channel:
                # The hammer meets a string that already moves: the old sound gives way to the new one.
                voice.held = False
                voice.fade(frame, _decay(0.2))
        if len(alive) >= MAX_VOICES:
            min(alive, key=self._value).fade(frame, _cut())
        layers = self._samples.layers(pitch, velocity, loudness_of(velocity))
        strings = [(self._samples.note(pitch, layer.number), layer.gain) for layer in layers]
        angle = math.pi / 4 * (1 + 0.5 * min(max((pitch - 64) / 44, -1.0), 1.0))
        pan = (math.cos(angle), math.sin(angle))
        self._voices.append(_Voice(channel, pitch, frame, strings, pan))

    @staticmethod
    def _value(voice: _Voice) -> tuple[int, int]:
        """How much a voice would be missed: fading ones least, then the oldest."""
        return (0 if voice.fades else 1, voice.onset)

    def _let_go(self, frame: int, channel: int, pitches: set[int]) -> None:
        for voice in self._voices:
            if voice.channel == channel and voice.held and voice.pitch in pitches:
                voice.held = False
                if channel not in self._pedals:
                    voice.fade(frame, _damping(voice.pitch))

    def _set_pedal(self, frame: int, channel: int, value: int) -> None:
        if value >= PEDAL_DOWN_FROM:
            self._pedals.add(channel)
            return
        self._pedals.discard(channel)
        for voice in self._voices:
            if voice.channel == channel and not voice.held and not voice.fades:
                voice.fade(frame, _damping(voice.pitch))
