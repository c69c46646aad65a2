"""What this machine offers: sound and MIDI systems (the missing ones complain on stderr when asked), priority."""

import contextlib
import os
import sys
import threading
from pathlib import Path

import miniaudio
import rtmidi

_NICENESS = -11
"""What sound servers run at."""
_DEVICES = Path("/dev/snd")
_SHARED_MEMORY = Path("/dev/shm")


def hurry() -> None:
    """Ask that this thread be served before others; where the system does not allow it, buffers must do."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)


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
