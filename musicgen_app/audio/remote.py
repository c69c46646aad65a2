"""The window's side of the sound process: starts it, hands the transport's commands on, and follows what it plays."""

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
import time
from dataclasses import astuple
from typing import IO, Any

from musicgen_app.audio.device import SoundDevice
from musicgen_app.audio.engine import Engine
from musicgen_app.audio.outputs import PIANO, SOUNDFONT
from musicgen_app.audio.piano import Piano
from musicgen_app.audio.port_voice import PortOptions
from musicgen_app.audio.sound_wire import packed
from musicgen_app.audio.soundfont import SoundFontSynth
from musicgen_app.core.errors import AudioError

_SILENT_SEC = 2.0
_FIRST_BREATH_SEC = 6.0
_FIRST_BLOCKS = 10
"""An output that plays nothing for so long is gone; at the beginning some devices hold their breath for two seconds."""
_ANSWER_SEC = 30.0
_OPEN_SEC = 90.0
"""A SoundFont of a gigabyte is read twice: first by a process that may die of it."""
_CLOSE_SEC = 2.0
_NO_ANSWER = "The sound device does not answer any more."
DEAD = "The process that makes the sound has ended."
"""What an output says whose device may be in the best of health."""
_PLAY_AGAIN = "Play again; it is started anew."


class SoundProcess:
    """The process, started when it is first needed and anew when it has died.

    All methods may be called from any thread, one at a time but for `send`.

    Attributes:
        port_options: How the next port that is opened is played.
        listener: Told of each block.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._commands: queue.SimpleQueue[list[bytes] | None] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self.port_options = PortOptions()
        self.listener: RemoteOutput | None = None

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None

    def load(self) -> None:
        """Start it and have it decode the recordings, so that no note has to wait for one; two seconds.

        Raises:
            AudioError: It does not start, or a recording is missing or damaged.
        """
        self.ask("load_samples")

    def send(self, name: str, *arguments: object) -> None:
        """Have a command carried out, without waiting; one that is dead does not hear it."""
        self._commands.put(packed(name, arguments))

    def ask(self, name: str, *arguments: object, patience: float = _ANSWER_SEC) -> None:
        """Have a command carried out, and wait for the answer.

        Raises:
            AudioError: It could not be done, or the process has died.
        """
        self.start()
        self.send(name, *arguments)
        until = time.monotonic() + patience
        while True:
            try:
                answer = self._answers.get(timeout=max(until - time.monotonic(), 0.01))
            except queue.Empty:
                answer = {"answer": ""}
            if answer["answer"] == "" and self._process is not None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(timeout=0.2)  # its last word may come before it has gone
            if answer["answer"] == name:
                if "failed" in answer:
                    raise AudioError(*answer["failed"])
                return
            if answer["answer"] == "" and (not self.alive or time.monotonic() > until):
                raise AudioError(DEAD, _PLAY_AGAIN)

    def abandon(self) -> None:
        """End it at once, whatever it is about; who waits for an answer is told that it has ended."""
        process = self._process
        if process is not None:
            process.kill()

    def close(self) -> None:
        """End it."""
        process, self._process = self._process, None
        if process is None:
            return
        self._commands.put(None)
        try:
            process.wait(timeout=_CLOSE_SEC)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for thread in self._threads:
            thread.join(timeout=_CLOSE_SEC)

    def start(self) -> None:
        """Start it, unless it runs.

        Raises:
            AudioError: The system does not let us.
        """
        if self.alive:
            return
        self.close()
        self._commands, self._answers = queue.SimpleQueue(), queue.SimpleQueue()
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "musicgen_app.audio.sound_process"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**os.environ, "PYTHONUTF8": "1"},
                start_new_session=True,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            raise AudioError("The program could not start a process of its own.", str(error)) from error
        self._threads = [
            threading.Thread(target=_write, args=(self._process.stdin, self._commands), daemon=True),
            threading.Thread(target=self._read, args=(self._process.stdout, self._answers), daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def _read(self, stream: IO[bytes], answers: "queue.SimpleQueue[dict[str, Any]]") -> None:
        with stream:
            for line in stream:
                told = json.loads(line)
                listener = self.listener
                if "answer" in told:
                    answers.put(told)
                elif listener is not None:
                    listener.follow(*told["block"])
        answers.put({"answer": ""})


def _write(stream: IO[bytes], commands: "queue.SimpleQueue[list[bytes] | None]") -> None:
    """Write commands one after another; None is the last."""
    try:
        with stream:
            while (parts := commands.get()) is not None:
                stream.write(b"".join(parts))
                stream.flush()
    except OSError:
        return  # it has died, which whoever waits for it finds out


class RemoteOutput:
    """Piano, SoundFont or MIDI port in the sound process; the engine here follows what is played there.

    Args:
        engine: What is played. Its commands are handed on, and carried out here when the other side says it has.
        process: Where.
        kind: "piano", "soundfont" or "port".
        name: The sound device, the system's usual one where empty; the SoundFont's file; or the port.

    Raises:
        AudioError: No device, no samples, no SoundFont, no port, or no process.
    """

    def __init__(self, engine: Engine, process: SoundProcess, kind: str = PIANO, name: str = "") -> None:
        is_port = kind == "port"
        instrument = SoundFontSynth.latency if kind == SOUNDFONT else Piano.latency
        self._latency = SoundDevice.latency + instrument
        self._options = process.port_options if is_port else None
        self._silence = f"The MIDI port {name} does not answer any more." if is_port else _NO_ANSWER
        self._engine = engine
        self._process = process
        self._volume = 1.0
        self._level = 0.0
        self._blocks = 0
        self._followed = time.monotonic()
        process.start()
        if is_port:
            process.send("port_options", *astuple(process.port_options))
        elif kind == PIANO:
            process.load()
        process.listener = self
        engine.hand_on(process.send)
        try:
            process.ask("open", kind, name, patience=_OPEN_SEC)
        except AudioError:
            self._part()
            raise

    def follow(self, obeyed: int, frames: int, level: float) -> None:
        """Do here what was done there in a block (called in the reading thread)."""
        self._followed = time.monotonic()
        self._blocks += 1
        self._level = max(self._level, level)
        self._engine.advance(frames, obeyed)

    @property
    def volume(self) -> float:
        """The factor on the piano's samples, 0 to 1."""
        return self._volume

    @volume.setter
    def volume(self, volume: float) -> None:
        self._volume = volume
        self._process.send("volume", volume)

    @property
    def latency(self) -> int:
        """Frames between what the engine hands out and the moment the playhead is to show it."""
        return self._latency if self._options is None else self._options.latency

    def set_port_options(self, options: PortOptions) -> None:
        """Play a port otherwise from now on; nothing for other outputs."""
        if self._options is not None:
            self._options = options
            self._process.send("port_options", *astuple(options))

    @property
    def problem(self) -> str:
        """Why it does not play any more, in a sentence; empty while it does."""
        if not self._process.alive:
            return DEAD
        patience = _SILENT_SEC if self._blocks > _FIRST_BLOCKS else _FIRST_BREATH_SEC
        return self._silence if time.monotonic() - self._followed > patience else ""

    @property
    def level(self) -> float:
        """The loudest sample since the last reading, 0 to 1."""
        level, self._level = self._level, 0.0
        return level

    def close(self) -> None:
        """Silence it and let go of device or port; the process stays, for the next one."""
        try:
            if self._process.alive:
                self._process.ask("close", patience=_CLOSE_SEC)
        except AudioError:
            self._process.close()  # it hangs
        self._part()
        self._engine.transport.hand_over()

    def _part(self) -> None:
        self._engine.take_back()
        self._process.listener = None
