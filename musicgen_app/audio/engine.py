"""Joins the window's commands, the transport and whichever output pulls time through it."""

import threading
import time
from collections import deque
from collections.abc import Callable

from musicgen_app.audio.samples import RATE
from musicgen_app.audio.transport import Event, Transport

_SMOOTHING = 0.1
_JUMP_SEC = 0.25

Forward = Callable[..., None]
"""Takes a command's name and its arguments."""


class Engine:
    """The transport as seen from two sides.

    The window calls `tell` and the readings. An output, in its own thread, calls `advance`. Commands wait in a queue
    that both ends use without a lock and take effect at the next block; while no output runs they take effect at once.

    Args:
        now: A clock in seconds that never goes back.

    Attributes:
        obeyed: How many commands have been carried out.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self.transport = Transport(RATE)
        self.latency = 0
        self._now = now
        self.obeyed = 0
        self._commands: deque[tuple[Callable[..., object], tuple[object, ...]]] = deque()
        self._forward: Forward | None = None
        self._door = threading.Lock()
        self._running = False
        self._start = 0.0

    def tell(self, command: Callable[..., object], *arguments: object) -> None:
        """Have a command of the transport carried out, in order, by whoever drives it.

        Args:
            command: One of the transport's methods.
            arguments: What it is called with.
        """
        with self._door:
            self._commands.append((command, arguments))
            if self._forward is not None:
                self._forward(command.__name__, *arguments)
        if not self._running:
            self._obey()

    def hand_on(self, forward: Forward) -> None:
        """Have the transport played elsewhere: tell how it stands, what waits, and from now on each command.

        Here each is carried out when `advance` says so. Nobody else may drive the transport meanwhile.
        """
        with self._door:
            forward("restore", self.transport.snapshot(), self.transport.timeline)
            for command, arguments in self._commands:
                forward(command.__name__, *arguments)
            self._forward = forward

    def take_back(self) -> None:
        """Have commands carried out here alone again; what waits still does."""
        with self._door:
            self._forward = None

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

    def advance(self, frames: int, commands: int | None = None) -> list[Event]:
        """Let time go by (called by the output).

        Args:
            frames: How much.
            commands: Carry out so many commands before; all that wait where None.
        """
        self._obey(commands)
        start = self._now() - self.transport.frame / RATE
        # Blocks are asked for in an uneven rhythm; the ear hears an even one. A long gap is a real one.
        late = start - self._start
        self._start = start if abs(late) > _JUMP_SEC else self._start + _SMOOTHING * late
        return self.transport.advance(frames)

    @property
    def running(self) -> bool:
        """Whether an output pulls time through it."""
        return self._running

    def now(self) -> float:
        """The second of its clock."""
        return self._now()

    def frame_heard_at(self, moment: float) -> float:
        """The frame that was heard at a moment just gone by, of the engine's clock.

        It is what was put out by then, less what still waited in the device. Safe from any thread.
        """
        frame = self.transport.frame
        if not self._running:
            return float(frame)
        return min((moment - self._start) * RATE - self.latency, float(frame))

    def tick_heard_at(self, moment: float) -> int:
        """The place in the score that was heard then."""
        return self.transport.tick_at(self.frame_heard_at(moment))

    @property
    def heard_frame(self) -> float:
        """The frame that is heard now."""
        return self.frame_heard_at(self._now())

    @property
    def heard_tick(self) -> int:
        """The place in the score that is heard now."""
        return self.transport.tick_at(self.heard_frame)

    def _obey(self, most: int | None = None) -> None:
        done = 0
        while self._commands and done != most:
            command, arguments = self._commands.popleft()
            command(*arguments)
            done += 1
        self.obeyed += done
