"""What this machine offers: sound and MIDI systems (the missing ones complain on stderr when asked), priority."""

import contextlib
import ctypes
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
_SOCKETS = Path("/proc/net/unix")
_LISTENING = "00010000"
"""The flag of a socket that takes connections, in that file."""


def hurry() -> None:
    """Ask that this thread be served before others; where the system does not allow it, buffers must do."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)


def jack_server() -> str:
    """A mark of the JACK server of this user that is running on Linux, another one for each; empty where none is.

    The system's list of sockets is read for it: a server that was killed leaves its files behind, and asking it through
    a client of before tells what is not so any more.
    """
    if sys.platform != "linux":
        return ""
    name = os.environ.get("JACK_DEFAULT_SERVER", "default")
    path = str(_SHARED_MEMORY / f"jack_{name}_{os.getuid()}_0")
    with contextlib.suppress(OSError):
        for line in _SOCKETS.read_text().splitlines():
            # Number: count, protocol, flags, type, state, inode, path.
            parts = line.split()
            if parts[-1] == path and parts[3] == _LISTENING:
                return parts[-2]
    return ""


def abandon(client: object) -> None:
    """Never take down a client of a JACK server that is gone: libjack would fall over the memory of the next one."""
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(client))


def midi_api() -> int | None:
    """The MIDI system to use, by rtmidi's number; None where there is none."""
    if sys.platform != "linux" or (_DEVICES / "seq").exists():
        return int(rtmidi.API_UNSPECIFIED)
    return int(rtmidi.API_UNIX_JACK) if jack_server() else None


def sound_backends() -> list[list[miniaudio.Backend]]:
    """The backends of miniaudio to try, one after another; the empty list is all of them, in its own order.

    On Linux each is asked by itself: what a backend that fails leaves behind makes miniaudio fall over JACK.
    """
    if sys.platform != "linux":
        return [[]]
    wanted = [miniaudio.Backend.PULSEAUDIO]
    if _DEVICES.exists():
        wanted.append(miniaudio.Backend.ALSA)
    if jack_server():
        wanted.append(miniaudio.Backend.JACK)
    return [[backend] for backend in wanted]
