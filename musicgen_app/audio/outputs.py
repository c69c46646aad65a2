"""What can be chosen to play on, and how each is opened: the built-in piano, a SoundFont, or a MIDI port."""

import contextlib
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from musicgen_app.audio.device import SoundDevice
from musicgen_app.audio.engine import Engine
from musicgen_app.audio.piano import Piano
from musicgen_app.audio.port_voice import PortOptions
from musicgen_app.audio.ports import Port, PortPlayer, is_silent
from musicgen_app.audio.samples import Samples
from musicgen_app.audio.transport import Event
from musicgen_app.core.errors import AudioError

PIANO = "piano"
"""The built-in piano on whatever device the system prefers: what is there when nothing else is."""

SOUNDFONT = "soundfont"
"""What the id of a SoundFont begins with; the file follows behind a colon."""

_FADE_PATIENCE_SEC = 0.15


@dataclass(frozen=True, slots=True)
class OutputChoice:
    """One line of the list of outputs.

    Attributes:
        id: What is saved in the preferences.
        name: What is shown.
        silent: Whether nothing is heard there unless another program listens.
    """

    id: str
    name: str
    silent: bool = False

    @property
    def is_port(self) -> bool:
        """Whether it is a MIDI port, with an instrument and a volume of its own."""
        return self.id.startswith("port:")


CHOOSE_SOUNDFONT = OutputChoice(f"{SOUNDFONT}:", "Choose a SoundFont...")
"""Stands at the end of a list of outputs: a person is then asked for a file."""


def choice_of(output: str) -> OutputChoice:
    """How an output is shown, by its id, whether it is there or not."""
    kind, _, name = output.partition(":")
    if kind == "port":
        silent = is_silent(name)
        return OutputChoice(output, f"{name} (silent by itself)" if silent else name, silent)
    if kind == SOUNDFONT:
        return OutputChoice(output, f"SoundFont: {Path(name).stem}")
    return OutputChoice(output, f"Piano on {name}" if name else "Built-in piano")


def output_choices(
    devices: Sequence[str], ports: Sequence[str], soundfonts: Sequence[Path] = ()
) -> tuple[OutputChoice, ...]:
    """The whole list: the piano, the piano on each device, SoundFonts, the ports; the silent ones last."""
    ids = [PIANO, *(f"{PIANO}:{name}" for name in devices), *(f"{SOUNDFONT}:{path}" for path in soundfonts)]
    ids += [f"port:{name}" for name in sorted(ports, key=is_silent)]
    return tuple(map(choice_of, dict.fromkeys(ids)))


def next_best(failed: Collection[str], choices: Sequence[OutputChoice]) -> OutputChoice | None:
    """What to play on where an output has failed; None where nothing else sounds by itself.

    Args:
        failed: Its id, and those of others that were tried.
        choices: What is there now.
    """
    devices = [choice for choice in choices if choice.id.startswith(f"{PIANO}:")]
    # The system's usual device may be another one by now, so the piano may sound again where it has just failed.
    piano = [choice for choice in choices if choice.id == PIANO and devices]
    ports = [choice for choice in choices if choice.is_port and not choice.silent]
    ranked = [*piano, *devices, *ports]
    return next((choice for choice in ranked if choice.id not in failed), piano[0] if piano else None)


class Output(Protocol):
    """Something that is open and plays."""

    @property
    def latency(self) -> int:
        """Frames between what the engine hands out and the moment the playhead is to show it."""

    @property
    def problem(self) -> str:
        """Why it does not play any more, in a sentence; empty while it does."""

    @property
    def level(self) -> float:
        """The loudest sample since the last reading, 0 to 1; 0 for an output that makes no sound itself."""

    volume: float

    def set_port_options(self, options: PortOptions) -> None:
        """Play a MIDI port otherwise from now on; nothing for what is none."""

    def close(self) -> None:
        """Silence it and let go."""


class Instrument(Protocol):
    """Something that turns messages into sound: the built-in piano, or a SoundFont."""

    latency: int

    def render(self, frames: int, events: Sequence[Event]) -> NDArray[np.float32]:
        """Let time go by; returns shape (2, frames), float32, within -1 to 1."""


class InstrumentOutput:
    """An instrument on a sound device.

    Raises:
        AudioError: No device.
    """

    def __init__(self, engine: Engine, instrument: Instrument, device: str = "", volume: float = 1.0) -> None:
        self.latency = SoundDevice.latency + instrument.latency
        self.volume = volume
        self._heard_volume = volume
        self._level = 0.0
        self._engine = engine
        self._instrument = instrument
        self._device = SoundDevice(self._fill, device)

    def _fill(self, frames: int) -> NDArray[np.float32]:
        wave = self._instrument.render(frames, self._engine.advance(frames))
        volume = self.volume
        if volume != self._heard_volume:
            wave = wave * np.linspace(self._heard_volume, volume, frames, dtype=np.float32)
            self._heard_volume = volume
        elif volume != 1.0:
            wave = wave * np.float32(volume)
        self._level = max(self._level, float(np.abs(wave).max(initial=0.0)))
        return wave

    def _fade_out(self) -> None:
        """Let one last block fall silent, so that closing does not click."""
        self.volume = 0.0
        until = time.monotonic() + _FADE_PATIENCE_SEC
        while self._heard_volume > 0 and not self.problem and time.monotonic() < until:
            time.sleep(0.005)

    def set_port_options(self, options: PortOptions) -> None:
        """Nothing: it is no port."""

    @property
    def problem(self) -> str:
        return self._device.problem

    @property
    def level(self) -> float:
        level, self._level = self._level, 0.0
        return level

    def close(self) -> None:
        self._fade_out()
        self._device.close()
        self._engine.transport.hand_over()


class PianoOutput(InstrumentOutput):
    """The built-in piano on a sound device.

    Raises:
        AudioError: No device, or no samples.
    """

    def __init__(self, engine: Engine, samples: Samples, device: str = "", volume: float = 1.0) -> None:
        super().__init__(engine, Piano(samples), device, volume)


class PortOutput:
    """A MIDI port.

    Raises:
        AudioError: There is no MIDI system, or the port is gone or taken.
    """

    level = 0.0

    def __init__(self, engine: Engine, name: str, api: int | None = None, options: PortOptions | None = None) -> None:
        self.volume = 1.0
        self._engine = engine
        self._port = Port(name, api)
        self._player = PortPlayer(engine, self._port.send, options=options)
        self._player.start()

    @property
    def latency(self) -> int:
        """Frames by which the playhead is shown later than messages leave."""
        return self._player.options.latency

    def set_port_options(self, options: PortOptions) -> None:
        """Play it otherwise from now on."""
        self._player.options = options

    def hush(self) -> None:
        """Strike nothing of what waits for its later moment."""
        self._player.hush()

    @property
    def problem(self) -> str:
        return self._player.problem

    def close(self) -> None:
        self._player.close()
        with contextlib.suppress(AudioError):  # it is gone already: nothing can hang there
            self._player.finish(self._engine.transport.hand_over())
        self._port.close()
