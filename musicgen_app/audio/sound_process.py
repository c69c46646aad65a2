"""The sound process: the transport, the piano and the MIDI port where no work of the window's can hold them up.

    python -m musicgen_app.audio.sound_process

Python lets one thread of a process run at a time. While the window generates music, its sound would wait; so it is made
here. Commands come in on stdin (``sound_wire``); on stdout goes a JSON object a line: what became of a command, and
after each block how many commands it began with, its frames and its level. It ends when stdin does.
"""

import gc
import json
import queue
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from musicgen_app.audio.engine import Engine
from musicgen_app.audio.outputs import SOUNDFONT, InstrumentOutput, Output, PianoOutput, PortOutput
from musicgen_app.audio.port_voice import PortOptions
from musicgen_app.audio.samples import Samples
from musicgen_app.audio.sound_wire import unpacked
from musicgen_app.audio.soundfont import SoundFontSynth
from musicgen_app.audio.transport import Event
from musicgen_app.core.errors import AudioError

TRANSPORT_COMMANDS = frozenset(
    [
        "load",
        "play",
        "play_range",
        "pause",
        "stop",
        "seek",
        "set_loop",
        "set_endless",
        "set_speed",
        "set_metronome",
        "panic",
        "strike",
        "release",
        "press",
        "scrub",
        "end_scrub",
    ]
)

_HUSHING = frozenset(["pause", "stop", "panic"])
"""After these a port that is played later than the playhead strikes nothing more of what was before."""


class _Mouth:
    """Writes lines in a thread of its own, so that nobody who speaks has to wait."""

    def __init__(self) -> None:
        self._lines: queue.SimpleQueue[dict[str, object]] = queue.SimpleQueue()
        threading.Thread(target=self._write, daemon=True).start()

    def __call__(self, told: dict[str, object]) -> None:
        """Say something."""
        self._lines.put(told)

    def _write(self) -> None:
        while True:
            line = json.dumps(self._lines.get())
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()


class _ToldEngine(Engine):
    """An engine that tells of each block."""

    def __init__(self, say: "_Mouth") -> None:
        super().__init__()
        self._say = say
        self.output: Output | None = None

    def advance(self, frames: int, commands: int | None = None) -> list[Event]:
        before = self.obeyed
        events = super().advance(frames, commands)
        level = self.output.level if self.output is not None else 0.0
        self._say({"block": [self.obeyed - before, frames, round(level, 4)]})
        return events


class _SoundProcess:
    """Carries out commands."""

    def __init__(self, say: _Mouth) -> None:
        self._say = say
        self._samples: Samples | None = None
        self._engine = _ToldEngine(say)
        self._output: Output | None = None
        self._options = PortOptions()

    def obey(self, name: str, arguments: list[Any]) -> None:
        """Carry out one command."""
        if name in TRANSPORT_COMMANDS:
            self._engine.tell(getattr(self._engine.transport, name), *arguments)
            if name in _HUSHING and isinstance(self._output, PortOutput):
                self._output.hush()
        elif name == "restore":
            self._engine = _ToldEngine(self._say)
            self._engine.transport.restore(*arguments)
            self._engine.attach(0)
        elif name == "volume" and self._output is not None:
            self._output.volume = arguments[0]
        elif name == "port_options":
            self._options = PortOptions(*arguments)
            if isinstance(self._output, PortOutput):
                self._output.set_port_options(self._options)
        elif name in ("load_samples", "open", "close"):
            self._answer(name, arguments)

    def _answer(self, name: str, arguments: list[Any]) -> None:
        try:
            if name == "load_samples":
                self._load()
            elif name == "open":
                self._open(*arguments)
            elif self._output is not None:
                output, self._output = self._output, None
                output.close()
        except AudioError as error:
            self._say({"answer": name, "failed": [error.message, error.hint]})
        else:
            self._say({"answer": name})

    def _open(self, kind: str, name: str) -> None:
        if kind == "port":
            self._output = PortOutput(self._engine, name, options=self._options)
        elif kind == SOUNDFONT:
            self._output = InstrumentOutput(self._engine, SoundFontSynth(Path(name)))
        else:
            self._output = PianoOutput(self._engine, self._load(), name)
        self._engine.output = self._output

    def _load(self) -> Samples:
        """The recordings, decoded and tuned once."""
        if self._samples is None:
            samples = Samples()
            samples.load()
            samples.tune()
            self._samples = samples
            # All this stays: the collector of garbage need not look through it in the middle of a block.
            gc.collect()
            gc.freeze()
        return self._samples


def main() -> int:
    """Obey until stdin ends."""
    # Ctrl+C in a terminal is for the window, which then closes our stdin.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    process = _SoundProcess(_Mouth())
    while (command := unpacked(sys.stdin.buffer.read)) is not None:
        process.obey(*command)
    process.obey("close", [])
    return 0


if __name__ == "__main__":
    sys.exit(main())
