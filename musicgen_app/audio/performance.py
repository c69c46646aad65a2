"""What comes from a keyboard: through to the sound and into the recorder, in the thread of the MIDI system.

Nothing here waits for the window: a message has the place in the music that was heard when it came, however late the
window learns of it.
"""

import threading

from musicgen_app.audio.engine import Engine
from musicgen_app.audio.messages import SUSTAIN
from musicgen_app.audio.recorder import Recorder
from musicgen_app.core.recording import Recording

_ON, _OFF, _CONTROL = 0x9, 0x8, 0xB
_WOBBLE = 8
"""The clock of the sound wobbles a little; only a jump back by such a part of the loop is a new turn."""


class Performance:
    """Takes a keyboard's messages. All methods may be called from any thread.

    Args:
        engine: What sounds, and tells which place is heard.

    Attributes:
        through: Whether the keys are heard.
        channel: The channel of the sound on which they are.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._door = threading.Lock()
        self._recorder: Recorder | None = None
        self._loop: tuple[int, int] | None = None
        self._moment = 0.0
        self._last = 0
        self._turns = 0
        self._down: dict[int, int] = {}
        self.through = True
        self.channel = 0

    @property
    def down(self) -> frozenset[int]:
        """The keys that are down."""
        return frozenset(self._down)

    @property
    def recording(self) -> bool:
        """Whether what is played is kept."""
        return self._recorder is not None

    def hear(self, message: bytes, at: float) -> None:
        """Take a message.

        Args:
            message: As the keyboard sent it.
            at: The second of the engine's clock at which it came.
        """
        if len(message) < 3:
            return
        with self._door:
            if self._recorder is not None:
                tick = self._follow(self._recorder, at)
                self._recorder.hear(message, tick)
            self._sound(message[0] >> 4, message[1], message[2])

    def begin(self, track: int, start: int, loop: tuple[int, int] | None) -> None:
        """Keep what is played from now on.

        Args:
            track: Number of the track it belongs to.
            start: The tick at which the music begins.
            loop: What is repeated, in ticks.
        """
        with self._door:
            self._recorder = Recorder(track, start)
            self._loop = loop
            self._last, self._turns, self._moment = start, 0, 0.0

    def set_loop(self, loop: tuple[int, int] | None) -> None:
        """Say that something else is repeated from now on, in ticks, or nothing."""
        with self._door:
            self._loop = loop

    def follow(self, at: float) -> int:
        """Say that time goes by, often enough for each turn of a loop to be seen; returns how many there were."""
        with self._door:
            if self._recorder is not None:
                self._follow(self._recorder, at)
            return self._turns

    def so_far(self, held: bool = True) -> Recording | None:
        """What was played up to the place heard last, with or without what is down; None where nothing is kept."""
        with self._door:
            return None if self._recorder is None else self._recorder.so_far(self._last, held)

    def finish(self, at: float | None = None) -> Recording | None:
        """End recording.

        Args:
            at: When; None for the moment heard last, where the music has been left already.
        """
        with self._door:
            recorder, self._recorder = self._recorder, None
            if recorder is None:
                return None
            return recorder.finish(self._last if at is None else self._follow(recorder, at))

    def let_go(self) -> None:
        """Let go of all keys and the pedal: the keyboard is gone."""
        with self._door:
            for pitch in tuple(self._down):
                self._sound(_OFF, pitch, 0)
            self._sound(_CONTROL, SUSTAIN, 0)

    def _follow(self, recorder: Recorder, at: float) -> int:
        """The tick that was heard at a moment; time never goes back but at the end of a loop."""
        self._moment = max(self._moment, at)
        tick = self._engine.tick_heard_at(self._moment)
        if self._loop is not None and self._last - tick > (self._loop[1] - self._loop[0]) // _WOBBLE:
            recorder.wrap(self._loop[1], self._loop[0])
            self._turns += 1
            self._last = self._loop[0]
        self._last = max(tick, self._last)
        return self._last

    def _sound(self, kind: int, first: int, second: int) -> None:
        """Let it be heard where an output runs; without one nobody would hear it."""
        transport, tell = self._engine.transport, self._engine.tell
        sounds = self.through and self._engine.running
        if kind == _ON and second > 0:
            self._down[first] = self.channel
            if sounds:
                tell(transport.strike, first, second, self.channel)
        elif kind in (_ON, _OFF):
            channel = self._down.pop(first, self.channel)
            if sounds:
                tell(transport.release, first, channel)
        elif kind == _CONTROL and first == SUSTAIN and sounds:
            tell(transport.press, second, self.channel)
