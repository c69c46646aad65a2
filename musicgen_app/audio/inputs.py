"""MIDI keyboards: which there are, and what one of them plays, each message with its moment."""

import math
import time
from collections.abc import Callable

import rtmidi

from musicgen_app.audio.ports import CLIENT, PortList, is_silent, plain_name
from musicgen_app.audio.systems import midi_api
from musicgen_app.core.errors import AudioError

_NO_SYSTEM = ("There is no MIDI system on this machine.", "Draw notes with the mouse instead.")
_REAL_TIME = 0xF8
"""Clock ticks, active sensing and the like begin here."""
_DRIFT = 1e-4
"""How far two clocks may run apart."""
_LOST_SEC = 0.1
"""More than Python ever waits: the system has not counted some time."""
_GONE_HINT = "Connect it again, or choose another keyboard."

Receive = Callable[[bytes, float], None]
"""Takes a message and the second of `time.monotonic` at which it came; called in a thread of the MIDI system."""


class InputList(PortList):
    """The keyboards that are plugged in, asked for as ports are."""

    def names(self) -> tuple[str, ...]:
        """The names of the keyboards, those that play by themselves first; empty where there is no MIDI system."""
        names = (name for name in dict.fromkeys(super().names()) if not name.startswith(CLIENT))
        return tuple(sorted(names, key=is_silent))

    def _new_client(self, api: int) -> rtmidi.MidiOut | rtmidi.MidiIn:
        return rtmidi.MidiIn(api, name=f"{CLIENT} keyboards")


class Keyboard:
    """An open keyboard.

    Args:
        name: As `InputList.names` tells it.
        receive: Told everything it plays; clock ticks, active sensing and system exclusive messages are left out.
        api: rtmidi's number of the MIDI system; None for the one this machine has.

    Raises:
        AudioError: There is no MIDI system, or the keyboard is gone or taken.
    """

    def __init__(self, name: str, receive: Receive, api: int | None = None) -> None:
        self.name = name
        self._receive = receive
        self._stamp = 0.0
        self._least = math.inf
        api = midi_api() if api is None else api
        if api is None:
            raise AudioError(*_NO_SYSTEM)
        try:
            self._input = rtmidi.MidiIn(api, name=CLIENT)
        except rtmidi.RtMidiError as error:
            raise AudioError(
                "There is no MIDI system on this machine.", "Draw notes with the mouse instead."
            ) from error
        try:
            names = [plain_name(known) for known in self._input.get_ports()]
            if name not in names:
                raise AudioError(f"The keyboard {name} is gone.", _GONE_HINT)
            # Those of the clock are dropped here: where rtmidi drops them, the time before them is lost.
            self._input.ignore_types(sysex=True, timing=False, active_sense=False)
            self._input.set_callback(self._on_message)
            self._input.open_port(names.index(name), name="keyboard")
        except rtmidi.RtMidiError as error:
            self._input.delete()
            raise AudioError(f"The keyboard {name} cannot be opened.", "Another program may hold it.") from error
        except AudioError:
            self._input.delete()
            raise

    def close(self) -> None:
        """Let go of the keyboard."""
        self._input.cancel_callback()
        self._input.close_port()
        self._input.delete()

    def _on_message(self, event: tuple[list[int], float], _data: object = None) -> None:
        message, since = event
        now = time.monotonic()
        # The MIDI system says how long after the last message this one came; our own clock, when Python got round to
        # it. The least that lay between the two counts as nothing.
        self._stamp += since
        delay = now - self._stamp
        lost = delay - self._least > _LOST_SEC
        self._least = delay if lost else min(self._least + since * _DRIFT, delay)
        if message[0] < _REAL_TIME:
            self._receive(bytes(message), self._least + self._stamp)
