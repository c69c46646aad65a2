"""MIDI ports: which there are, and a thread that sends each message at its own moment."""

import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable

import rtmidi

from musicgen_app.audio.engine import Engine
from musicgen_app.audio.messages import is_click
from musicgen_app.audio.port_voice import PortOptions, PortVoice
from musicgen_app.audio.samples import RATE
from musicgen_app.audio.systems import abandon, hurry, jack_server, midi_api
from musicgen_app.core.errors import AudioError

_SLICE = RATE // 200
"""Frames that are decided at once: a command is heard 5 ms later at most."""
_LATE_SEC = 0.25
_SETTLE_SEC = 0.1
"""A JACK port loses what is sent in the moment it is connected or taken away."""
CLIENT = "MusicGen Composer"
_NO_SYSTEM = ("There is no MIDI system on this machine.", "Choose the built-in piano.")


def is_silent(name: str) -> bool:
    """Whether a port is one of those that only pass messages on to programs that listen."""
    return "midi through" in name.casefold()


def plain_name(name: str) -> str:
    """A port's name without the numbers that ALSA puts behind it, which change from start to start."""
    return re.sub(r"\s+\d+:\d+$", "", name)


class PortList:
    """Keeps one client of the MIDI system, so that asking for the names again and again costs nothing.

    rtmidi does not tell when something is unplugged: ask every second or two.

    Args:
        api: rtmidi's number of the MIDI system; None for the one this machine has.
    """

    def __init__(self, api: int | None = None) -> None:
        self._api = api
        self._client: rtmidi.MidiOut | rtmidi.MidiIn | None = None
        self._server = ""

    def names(self) -> tuple[str, ...]:
        """The names of the ports; empty where there is no MIDI system."""
        try:
            api = midi_api() if self._api is None else self._api
            if api == rtmidi.API_UNIX_JACK and (server := jack_server()) != self._server:
                self._server = server
                if self._client is not None:
                    abandon(self._client)
                    self._client = None
            if api is None or (api == rtmidi.API_UNIX_JACK and not self._server):
                return ()
            if self._client is None:
                self._client = self._new_client(api)
            return tuple(plain_name(name) for name in self._client.get_ports())
        except rtmidi.RtMidiError:
            self.close()
            return ()

    def _new_client(self, api: int) -> rtmidi.MidiOut | rtmidi.MidiIn:
        """The client that is asked."""
        return rtmidi.MidiOut(api, name=f"{CLIENT} list")

    def close(self) -> None:
        """Let go of the client."""
        if self._client is not None:
            self._client.delete()
            self._client = None


class Port:
    """An open port.

    Args:
        name: As `PortList.names` tells it.
        api: rtmidi's number of the MIDI system; None for the one this machine has.

    Raises:
        AudioError: There is no MIDI system, or the port is gone or taken.
    """

    def __init__(self, name: str, api: int | None = None) -> None:
        self.name = name
        api = midi_api() if api is None else api
        if api is None:
            raise AudioError(*_NO_SYSTEM)
        try:
            self._out = rtmidi.MidiOut(api, name=CLIENT)
        except rtmidi.RtMidiError as error:
            raise AudioError(*_NO_SYSTEM) from error
        try:
            names = [plain_name(known) for known in self._out.get_ports()]
            if name not in names:
                raise AudioError(f"The MIDI port {name} is gone.", "Connect it again, or choose another output.")
            self._out.open_port(names.index(name), name="out")
        except rtmidi.RtMidiError as error:
            self._out.delete()
            raise AudioError(
                f"The MIDI port {name} cannot be opened.", "Another program may hold it; choose another output."
            ) from error
        except AudioError:
            self._out.delete()
            raise
        time.sleep(_SETTLE_SEC)

    def send(self, message: bytes) -> None:
        """Send one message now.

        Raises:
            AudioError: The port is gone.
        """
        try:
            self._out.send_message(message)
        except (rtmidi.RtMidiError, RuntimeError) as error:
            raise AudioError(
                f"The MIDI port {self.name} does not answer any more.", "Connect it again, or choose another output."
            ) from error

    def close(self) -> None:
        """Let go of the port, after what was sent last has left."""
        time.sleep(_SETTLE_SEC)
        self._out.close_port()
        self._out.delete()


class PortPlayer:
    """Pulls time through an engine and sends what is due, each message at its absolute moment.

    Args:
        engine: Where the messages come from; it is silenced through this port when the player is closed.
        send: Takes one message; may raise AudioError.
        now: A clock in seconds that never goes back.
        options: How the port is played.

    Attributes:
        options: How the port is played from the next slice on; any thread may set it.
    """

    def __init__(
        self,
        engine: Engine,
        send: Callable[[bytes], None],
        now: Callable[[], float] = time.monotonic,
        options: PortOptions | None = None,
    ) -> None:
        self._engine = engine
        self._send = send
        self._now = now
        self.options = self._options = options or PortOptions()
        self._voice = PortVoice(self.options)
        self._waiting: deque[tuple[float, bytes]] = deque()
        self._hushed = threading.Event()
        self._problem = ""
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="midi-port", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def hush(self) -> None:
        """Strike nothing of what waits for its later moment, and send the rest at once (from any thread)."""
        self._hushed.set()

    @property
    def problem(self) -> str:
        """Why it does not play any more, in a sentence; empty while it does."""
        return self._problem

    def close(self) -> None:
        """Stop after what is due now; `finish` then sends the engine's last messages."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join(timeout=2.0)

    def finish(self, last: Iterable[bytes]) -> None:
        """Send what the port must hear before it is left alone, after `close`.

        Raises:
            AudioError: The port is gone.
        """
        self._flush()
        for message in last:
            self._say(self._voice.words(message))

    def _run(self) -> None:
        hurry()
        try:
            self.run_until_closed(self._closing.wait)
        except AudioError as error:
            self._problem = str(error)

    def run_until_closed(self, wait: Callable[[float], bool]) -> None:
        """Send slice after slice.

        Args:
            wait: Waits so many seconds, or until closed, and says whether it is closed.

        Raises:
            AudioError: The port is gone.
        """
        start, done = self._now(), 0
        while not wait(max(start + done / RATE - self._now(), 0.0)):
            if self._now() - (start + done / RATE) > _LATE_SEC:
                start = self._now() - done / RATE
            self._take_options()
            begin = start + done / RATE + max(self._options.offset_ms, 0) / 1000
            self._waiting += [(begin + frame / RATE, message) for frame, message in self._engine.advance(_SLICE)]
            done += _SLICE
            if self._hushed.is_set():
                self._hushed.clear()
                self._flush()
            while self._waiting and self._waiting[0][0] < start + done / RATE:
                due, message = self._waiting.popleft()
                if due > self._now():
                    wait(due - self._now())
                self._say(self._voice.words(message))

    def _take_options(self) -> None:
        options = self.options
        if options is not self._options:
            self._options = options
            self._say(self._voice.change(options))

    def _flush(self) -> None:
        """Send what waits now, but for keys that would be struck."""
        while self._waiting:
            message = self._waiting.popleft()[1]
            if message[0] >> 4 != 0x9 and not is_click(message):
                self._say(self._voice.words(message))

    def _say(self, messages: Iterable[bytes]) -> None:
        for message in messages:
            self._send(message)
