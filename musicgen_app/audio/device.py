"""Sound devices: one native thread that pulls blocks of samples and leaves the program alone otherwise."""

import contextlib
import time
from collections.abc import Callable, Generator

import miniaudio
import numpy as np
from _miniaudio import lib
from numpy.typing import NDArray

from musicgen_app.audio.samples import RATE
from musicgen_app.audio.systems import hurry, sound_backends
from musicgen_app.core.errors import AudioError

PERIOD_MS = 25
PERIODS = 2
"""Two periods of 25 ms are on their way at most: what is struck is heard within 60 ms."""
_NO_DEVICE = "There is no sound device that could be opened."
_NO_DEVICE_HINT = "Connect headphones or speakers, or choose a MIDI port as the output."
_SILENT_SEC = 2.0
_FIRST_BREATH_SEC = 6.0
_FIRST_PULLS = 10
"""A device that asks for nothing for so long is gone; at the beginning some hold their breath for two seconds."""

Fill = Callable[[int], NDArray[np.float32]]


def device_names() -> tuple[str, ...]:
    """The names of the sound devices, in the system's order; empty where there is no sound system."""
    return tuple(name for name, _, _ in _devices())


def _devices() -> list[tuple[str, object, list[miniaudio.Backend]]]:
    """Name, identity and backend of each device of the first sound system that has some."""
    for backends in sound_backends():
        with contextlib.suppress(miniaudio.MiniaudioError):
            found = miniaudio.Devices(backends).get_playbacks()
            if found:
                return [(str(device["name"]), device["id"], backends) for device in found]
    return []


def _find(name: str) -> tuple[object, list[list[miniaudio.Backend]]]:
    """The system's identity of a device, and the backend that knows it; the usual device where the name is empty.

    Raises:
        AudioError: It is gone.
    """
    if not name:
        return None, sound_backends()
    for known, identity, backends in _devices():
        if known == name:
            return identity, [backends]
    raise AudioError(f"The sound device {name} is gone.", "Connect it again, or choose another output.")


def _opened(identity: object, systems: list[list[miniaudio.Backend]]) -> miniaudio.PlaybackDevice:
    """A device of the first sound system that has it.

    Raises:
        AudioError: None has.
    """
    failure: Exception | None = None
    for backends in systems:
        try:
            return miniaudio.PlaybackDevice(
                output_format=miniaudio.SampleFormat.FLOAT32,
                nchannels=2,
                sample_rate=RATE,
                buffersize_msec=PERIOD_MS,
                callback_periods=PERIODS,
                device_id=identity,
                backends=backends,
                app_name="MusicGen Composer",
            )
        except miniaudio.MiniaudioError as error:
            failure = error
    raise AudioError(_NO_DEVICE, _NO_DEVICE_HINT) from failure


class SoundDevice:
    """An open device that is playing.

    Args:
        fill: Called in the device's own thread with a number of frames; returns shape (2, frames), float32.
        name: The device; the system's usual one where empty.

    Raises:
        AudioError: It cannot be opened.
    """

    latency = RATE * PERIOD_MS // 1000
    """Frames between a block being asked for and its being heard, about (PulseAudio: 18.8 ms and its own 3)."""

    def __init__(self, fill: Fill, name: str = "") -> None:
        self._fill = fill
        self._problem = ""
        self._stopped = False
        self._pulls = 0
        self._pulled = time.monotonic()
        self._device = _opened(*_find(name))
        if self._device.backend == "Null":
            self.close()
            raise AudioError(_NO_DEVICE, _NO_DEVICE_HINT)
        blocks = self._blocks()
        next(blocks)
        self._device.stop_callback = self._on_stopped
        try:
            self._device.start(blocks)
        except miniaudio.MiniaudioError as error:
            self.close()
            raise AudioError(_NO_DEVICE, _NO_DEVICE_HINT) from error

    def _blocks(self) -> Generator[bytes, int, None]:
        frames = yield b""
        hurry()
        while True:
            self._pulled = time.monotonic()
            self._pulls += 1
            try:
                frames = yield self._fill(frames).T.tobytes()
            except AudioError as error:
                self._problem = str(error)
                return

    @property
    def pulls(self) -> int:
        """How many blocks it has asked for."""
        return self._pulls

    @property
    def backend(self) -> str:
        """The sound system it was opened through."""
        return str(self._device.backend)

    def _on_stopped(self) -> None:
        self._stopped = True

    @property
    def problem(self) -> str:
        """Why it does not play any more, in a sentence; empty while it does."""
        if self._problem:
            return self._problem
        patience = _SILENT_SEC if self._pulls > _FIRST_PULLS else _FIRST_BREATH_SEC
        if self._stopped or time.monotonic() - self._pulled > patience:
            return "The sound device does not answer any more."
        return ""

    def close(self) -> None:
        """Stop and let go of the device. Safe to call twice."""
        if self._device._device is not None:
            context = self._device._context
            self._device.close()
            lib.ma_context_uninit(context)
