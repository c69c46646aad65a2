"""Which sound and MIDI systems this machine has; asking the missing ones would only make them complain on stderr."""

import os
import sys
from pathlib import Path

import miniaudio
import rtmidi

_DEVICES = Path("/dev/snd")
_SHARED_MEMORY = Path("/dev/shm")


def jack_runs() -> bool:
    """Whether a JACK server of this user is running on Linux."""
    name = os.environ.get("JACK_DEFAULT_SERVER", "default")
    return sys.platform == "linux" and (_SHARED_MEMORY / f"jack_{name}_{os.getuid()}_0").exists()


def midi_api() -> int | None:
    """The MIDI system to use, by rtmidi's number; None where there is none."""
    if sys.platform != "linux" or (_DEVICES / "seq").exists():
        return int(rtmidi.API_UNSPECIFIED)
    return int(rtmidi.API_UNIX_JACK) if jack_runs() else None


def sound_backends() -> list[miniaudio.Backend]:
    """The backends of miniaudio to try; empty for all of them, in its own order."""
    if sys.platform != "linux" or _DEVICES.exists():
        return []
    backends = [miniaudio.Backend.PULSEAUDIO]
    return [*backends, miniaudio.Backend.JACK] if jack_runs() else backends
