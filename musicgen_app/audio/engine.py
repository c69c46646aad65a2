"""Joins the window's commands, the transport and whichever output pulls time through it."""

import time
from collections import deque
from collections.abc import Callable

from musicgen_app.audio.samples import RATE
from musicgen_app.audio.transport import Event, Transport

_SMOOTHING = 0.1
_JUMP_SEC = 0.25


class Engine:
    """The transport as seen from two sides.

    The window calls `tell` and the readings. An output, in its own thread, calls `advance`. Commands wait in a queue
    that both ends use without a lock and take effect at the next block; while no output runs they take effect at once.

    Args:
        now: A clock in seconds that never goes back.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self.transport = Transport(RATE)
        self.latency = 0
        self._now = now
        self._commands: deque[Callable[[], None]] = deque()
        self._running = False
        self._start = 0.0

    def tell(self, command: Callable[[], None]) -> None:
        """Have a command of the transport carried out, in order, by whoever drives it."""
        self._commands.append(command)
        if not self._running:
            self._obey()

    def attach(self, latency: int) -> None:
        """Say that an output is about to call `advance`; only the window's thread attaches and detaches.

        Args:
            latency: Frames between `advance` and the moment its sound is heard.
        """
        self.latency = latency
        self._start = self._now() - self.transport.frame / RATE
        self._running = True

    def detach(self) -> None:
        """Say that no output calls `advance` any more."""
        self._running = False
        self._obey()

    def advance(self, frames: int) -> list[Event]:
        """Let time go by (called by the output)."""
        self._obey()
        start = self._now() - self.transport.frame / RATE
        # Blocks are asked for in an uneven rhythm; the ear hears an even one. A long gap is a real one.
        late = start - self._start
        self._start = start if abs(late) > _JUMP_SEC else self._start + _SMOOTHING * late
        return self.transport.advance(frames)

    @property
    def heard_frame(self) -> float:
        """The frame that is heard now: what was put out, less what still waits in the device."""
        frame = self.transport.frame
        if not self._running:
            return float(frame)
        return min((self._now() - self._start) * RATE - self.latency, float(frame))

    @property
    def heard_tick(self) -> int:
        """The place in the score that is heard now."""
        return self.transport.tick_at(self.heard_frame)

    def _obey(self) -> None:
        while self._commands:
            self._commands.popleft()()
