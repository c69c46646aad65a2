"""SoundFonts: FluidSynth as another instrument, where pyfluidsynth and the system's library are installed."""

import contextlib
import importlib
import io
import os
import subprocess
import sys
import weakref
from collections.abc import Callable, Sequence
from ctypes import POINTER, c_float, c_int, c_void_p
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from musicgen_app.audio.click import Clicker
from musicgen_app.audio.limiter import LATENCY, Limiter
from musicgen_app.audio.messages import is_click
from musicgen_app.audio.samples import RATE
from musicgen_app.audio.transport import Event
from musicgen_app.core.errors import AudioError

SUFFIXES = (".sf2", ".sf3")
_FOLDERS = (
    Path("/usr/share/sounds/sf2"),
    Path("/usr/share/sounds/sf3"),
    Path("/usr/share/soundfonts"),
    Path("/usr/local/share/soundfonts"),
)
"""Where Linux keeps the SoundFonts it has packages of."""
_MISSING_HINT = (
    "Install FluidSynth (Debian, Ubuntu: libfluidsynth3) and the extra: pip install 'musicgen-app[soundfont]'. "
    "The built-in piano needs neither."
)
_OTHER = "Choose another SoundFont; the built-in piano needs none."
_GRAIN = 64
"""FluidSynth takes in what it is told once in so many frames."""
_GAIN = 1.0
"""Makes a General MIDI piano about as loud as the built-in one."""
_VOICES = 256
_SILENCE = 1e-4
_PROBE_SEC = 60.0
_LOG_LEVELS = 5


@lru_cache(maxsize=1)
def fluidsynth() -> ModuleType:
    """The module pyfluidsynth, quiet on stdout and stderr.

    Raises:
        AudioError: It or the system's library is not installed.
    """
    try:
        # It prints where it found the library where it believes itself in CI; our stdout may be a wire.
        with contextlib.redirect_stdout(io.StringIO()):
            module = importlib.import_module("fluidsynth")
        log = module.cfunc(
            "fluid_set_log_function", c_void_p, ("level", c_int, 1), ("fun", c_void_p, 1), ("data", c_void_p, 1)
        )
        for level in range(_LOG_LEVELS):
            log(level, None, None)
    except (ImportError, OSError, AttributeError, TypeError) as error:
        raise AudioError("SoundFonts need FluidSynth, which is not installed here.", _MISSING_HINT) from error
    return module


def missing() -> str:
    """Why no SoundFont can be played here, in a sentence; empty where FluidSynth is there."""
    try:
        fluidsynth()
    except AudioError as error:
        return f"{error.message} {error.hint}"
    return ""


def found() -> tuple[Path, ...]:
    """The SoundFonts that the system has brought along; empty where FluidSynth is missing."""
    if missing():
        return ()
    files = (file for folder in _FOLDERS if folder.is_dir() for file in sorted(folder.iterdir()))
    real = dict.fromkeys(file.resolve() for file in files if file.suffix.lower() in SUFFIXES)
    return tuple(file for file in real if file.is_file())


def probe(path: Path) -> None:
    """Let a child process load a SoundFont and sound all its programs first, so that a broken one ends only that.

    Raises:
        AudioError: FluidSynth is missing, or the file is not there, is no SoundFont, or is damaged.
    """
    fluidsynth()
    try:
        state = path.stat()
    except OSError as error:
        raise AudioError(f"The SoundFont {path.name} is not there.", _OTHER) from error
    _probe(path, state.st_size, state.st_mtime_ns)


@lru_cache(maxsize=64)
def _probe(path: Path, _size: int, _changed: int) -> None:
    """Probe a file once as long as it stays the same; a failure is not remembered."""
    command = [sys.executable, "-m", "musicgen_app.audio.soundfont_probe", str(path)]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PROBE_SEC,
            check=False,
            env={**os.environ, "PYTHONUTF8": "1"},
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except subprocess.TimeoutExpired as error:
        raise AudioError(f"The SoundFont {path.name} takes too long to load.", _OTHER) from error
    except OSError as error:
        raise AudioError("The program could not start a process of its own.", str(error)) from error
    if done.returncode != 0:
        raise AudioError(*_damaged(path))


class SoundFontSynth:
    """A SoundFont as an instrument: General MIDI programs by channel, percussion on channel 10, and our clicks.

    Not for two threads at once.

    Args:
        path: An SF2 or SF3 file.

    Raises:
        AudioError: FluidSynth is missing, or the file cannot be used.
    """

    latency = LATENCY + _GRAIN
    """Frames from a message to its sound, at most."""

    def __init__(self, path: Path) -> None:
        probe(path)
        self._synth = opened(path)
        weakref.finalize(self, self._synth.delete)
        self._write = _writer()
        self._limiter = Limiter()
        self._clicker = Clicker()
        self._frame = 0
        self._audible = False

    @property
    def sounding(self) -> int:
        """How many voices sound; 1 while only the reverberation does."""
        return int(self._synth.get_active_voice_count()) or int(self._audible)

    def render(self, frames: int, events: Sequence[Event]) -> NDArray[np.float32]:
        """Let time go by.

        Args:
            frames: How much, at 48,000 a second.
            events: Messages in the order of their frames, which count from the beginning of this block.

        Returns:
            Shape (2, frames), float32, left and right, within -1 to 1.
        """
        out = np.zeros((2, frames), np.float32)
        done = 0
        for event in events:
            self._sound(out, done, event.frame)
            done = max(done, event.frame)
            self._obey(self._frame + event.frame, event.message)
        self._sound(out, done, frames)
        self._audible = float(np.abs(out).max(initial=0.0)) > _SILENCE
        self._clicker.add(out, self._frame)
        self._frame += frames
        return self._limiter.limit(out)

    def _sound(self, out: NDArray[np.float32], begin: int, end: int) -> None:
        """Fill a part of a block."""
        if end > begin:
            left, right = (out[side, begin:end].ctypes.data_as(POINTER(c_float)) for side in (0, 1))
            self._write(self._synth.synth, end - begin, left, 0, 1, right, 0, 1)

    def _obey(self, frame: int, message: bytes) -> None:
        if is_click(message):
            self._clicker.strike(frame, bool(message[1]), message[2])
            return
        kind, channel = message[0] >> 4, message[0] & 15
        if kind == 0x9 and message[2] > 0:
            self._synth.noteon(channel, message[1], message[2])
        elif kind in (0x8, 0x9):
            self._synth.noteoff(channel, message[1])
        elif kind == 0xB:
            self._synth.cc(channel, message[1], message[2])
        elif kind == 0xC:
            self._synth.program_change(channel, message[1])


def opened(path: Path) -> Any:
    """A synthesizer of FluidSynth's with a SoundFont in it.

    Raises:
        AudioError: FluidSynth is missing, or the file cannot be loaded.
    """
    options = {"synth.polyphony": _VOICES, "synth.cpu-cores": 1}
    synth = fluidsynth().Synth(gain=_GAIN, samplerate=float(RATE), channels=16, **options)
    if synth.sfload(str(path), 1) < 0:
        synth.delete()
        raise AudioError(*_damaged(path))
    return synth


def _damaged(path: Path) -> tuple[str, str]:
    return f"{path.name} is no SoundFont, or it is damaged.", _OTHER


@lru_cache(maxsize=1)
def _writer() -> Callable[..., int]:
    """FluidSynth's function that writes floats, left and right apart; pyfluidsynth leaves it out."""
    sides = [
        (name + side, kind, 1)
        for side in ("l", "r")
        for name, kind in (("out", POINTER(c_float)), ("offset", c_int), ("step", c_int))
    ]
    write: Callable[..., int] = fluidsynth().cfunc(
        "fluid_synth_write_float", c_int, ("synth", c_void_p, 1), ("frames", c_int, 1), *sides
    )
    return write
