"""A sound server and a MIDI system that need no hardware, for tests that want to hear what really comes out."""

import contextlib
import os
import shutil
import subprocess
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

CAPTURE_RATE = 48_000
_PATIENCE_SEC = 20.0


@contextlib.contextmanager
def _environment(**changes: str) -> Iterator[None]:
    """Change environment variables for a while; an empty value removes one."""
    before = {name: os.environ.get(name) for name in changes}
    for name, value in changes.items():
        if value:
            os.environ[name] = value
        else:
            os.environ.pop(name, None)
    try:
        yield
    finally:
        for name, old in before.items():
            if old is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = old


def _start(command: list[str], stdout: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
    """Start a program ahead of others where the system lets us: a busy machine must not blur what is measured."""
    ahead = ["nice", "-n", "-15"] if shutil.which("nice") is not None else []
    return subprocess.Popen([*ahead, *command], stdout=stdout, stderr=subprocess.DEVNULL)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process of ours, politely first."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(timeout=5)


def _until(ready: Callable[[], bool], process: subprocess.Popen[bytes], what: str) -> None:
    """Wait for a server to be there."""
    end = time.monotonic() + _PATIENCE_SEC
    while not ready():
        if process.poll() is not None:
            pytest.skip(f"{what} did not start here (exit code {process.returncode}).")
        if time.monotonic() > end:
            _end(process)
            pytest.skip(f"{what} did not answer within {_PATIENCE_SEC:.0f} s.")
        time.sleep(0.05)


def _need(*programs: str) -> None:
    for program in programs:
        if shutil.which(program) is None:
            pytest.skip(f"The program {program} is not installed; this test needs it.")


class PulseSink:
    """A running PulseAudio with one null sink that swallows, and shows, all sound.

    Attributes:
        process: The server; end it to see what becomes of a program whose sound device vanishes.
    """

    def __init__(self, command: list[str], name: str, socket: Path) -> None:
        self._command = command
        self._name = name
        self._socket = socket
        self.process = _start(command)

    def wait(self) -> None:
        """Wait until it answers."""
        _until(self._socket.exists, self.process, "PulseAudio")

    def start_again(self) -> None:
        """Start it anew after its end."""
        self._socket.unlink(missing_ok=True)
        self.process = _start(self._command)
        self.wait()

    @contextlib.contextmanager
    def recording(self) -> Iterator["Recording"]:
        """Record all that is played inside the block."""
        command = ["parec", "-d", f"{self._name}.monitor", "--format=float32le", f"--rate={CAPTURE_RATE}"]
        command += ["--channels=2", "--latency-msec=50"]
        process = _start(command, subprocess.PIPE)
        recording = Recording(process)
        try:
            recording.wait_for(0.05)
            yield recording
        finally:
            _end(process)
            recording.finish()


class Recording:
    """What is being recorded. Reading it at any time is safe."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._content = bytearray()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        pipe = self._process.stdout
        while pipe is not None and (part := pipe.read1(65536)):
            self._content += part

    def wait_for(self, seconds: float) -> None:
        """Wait until so much has been recorded."""
        end = time.monotonic() + _PATIENCE_SEC + seconds
        while self.seconds < seconds and time.monotonic() < end:
            time.sleep(0.02)

    @property
    def seconds(self) -> float:
        """How much has been recorded."""
        return len(self._content) / (8 * CAPTURE_RATE)

    @property
    def wave(self) -> np.ndarray:
        """Shape (frames,), float32: left and right summed."""
        content = bytes(self._content)
        stereo = np.frombuffer(content[: len(content) // 8 * 8], np.float32).reshape(-1, 2)
        return stereo.sum(axis=1)

    def finish(self) -> None:
        """Read what is left after the recorder has ended."""
        self._reader.join(timeout=5)
        if self._process.stdout is not None:
            self._process.stdout.close()


def onsets_sec(wave: np.ndarray, threshold: float = 0.1, apart_sec: float = 0.1) -> np.ndarray:
    """Where notes begin in a recording of single notes that have nearly faded when the next begins, in seconds.

    A note begins where the level over 1 ms is three times what it was in the 25 ms before, and above ``threshold`` of
    the loudest moment.
    """
    step = CAPTURE_RATE // 1000
    level = np.abs(wave[: len(wave) // step * step]).reshape(-1, step).max(axis=1)
    before = np.lib.stride_tricks.sliding_window_view(np.concatenate([np.zeros(26), level]), 25).max(axis=1)[
        : len(level)
    ]
    rises = np.flatnonzero((level > 3 * before) & (level > threshold * level.max()))
    if len(rises) == 0:
        return np.empty(0)
    first = rises[np.append(True, np.diff(rises) > apart_sec * 1000)]
    inside = [int(np.argmax(np.abs(wave[at * step : (at + 1) * step]) > 2 * before[at])) for at in first]
    return (first * step + np.array(inside)) / CAPTURE_RATE


def lags_sec(recorded: np.ndarray, expected: np.ndarray, at_sec: np.ndarray) -> np.ndarray:
    """How much later than expected each moment of a piece was recorded, in seconds; the first counts as in time.

    Works for any music: around each moment the recording is laid over what should have been played (an offline
    rendering) and shifted by up to 30 ms to where they agree best.

    Args:
        recorded: Shape (frames,); the whole piece with any silence before it.
        expected: Shape (frames,); the piece from its first moment.
        at_sec: Moments of the piece, its notes' onsets for example.
    """
    size = 1 << (len(recorded) + len(expected)).bit_length()
    likeness = np.fft.irfft(np.fft.rfft(recorded, size) * np.conj(np.fft.rfft(expected, size)), size)
    start = int(np.argmax(likeness[: len(recorded)]))
    reach, length = int(0.03 * CAPTURE_RATE), int(0.15 * CAPTURE_RATE)
    heard = np.concatenate([np.zeros(reach), recorded[start:], np.zeros(length + 2 * reach)])
    if start >= reach:
        heard[:reach] = recorded[start - reach : start]
    lags = []
    for at in (np.asarray(at_sec) * CAPTURE_RATE).astype(int):
        target = expected[at : at + length]
        part = heard[at : at + len(target) + 2 * reach]
        products = np.correlate(part, target, mode="valid")
        energies = np.convolve(part**2, np.ones(len(target)), mode="valid")
        lags.append((int(np.argmax(products / np.sqrt(energies + 1e-12))) - reach) / CAPTURE_RATE)
    return np.array(lags) - lags[0]


@contextlib.contextmanager
def running_pulse_sink() -> Iterator[PulseSink]:
    """A PulseAudio of our own, in a folder of its own, that programs started meanwhile find by themselves."""
    _need("pulseaudio", "parec")
    name = f"sink_{uuid.uuid4().hex[:12]}"
    folder = Path(tempfile.mkdtemp(prefix="pulse-"))
    folder.chmod(0o700)
    socket = folder / "pulse" / "native"
    settings = {
        "XDG_RUNTIME_DIR": str(folder),
        "PULSE_RUNTIME_PATH": str(folder / "pulse"),
        "PULSE_STATE_PATH": str(folder / "state"),
        "PULSE_SERVER": "",
        "PULSE_SINK": "",
    }
    command = ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no"]
    command += ["-L", f"module-native-protocol-unix socket={socket}"]
    command += ["-L", f"module-null-sink sink_name={name} rate={CAPTURE_RATE}"]
    with _environment(**settings):
        (folder / "pulse").mkdir(mode=0o700)
        sink = PulseSink(command, name, socket)
        try:
            with _environment(PULSE_SERVER=f"unix:{socket}"):
                sink.wait()
                yield sink
        finally:
            _end(sink.process)
            shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def running_jack_server() -> Iterator[str]:
    """A JACK server of our own with the dummy driver, synchronous so that no MIDI message is lost; its name."""
    _need("jackd", "jack_wait")
    name = f"test_{uuid.uuid4().hex[:12]}"
    settings = {"JACK_DEFAULT_SERVER": name, "JACK_NO_START_SERVER": "1", "JACK_NO_AUDIO_RESERVATION": "1"}
    with _environment(**settings):
        command = ["jackd", "-n", name, "-r", "-S", "--no-mlock", "-d", "dummy", "-r", "48000", "-p", "128"]
        process = _start(command)
        try:
            _until(lambda: _jack_answers(name), process, "JACK")
            yield name
        finally:
            _end(process)
            for left in Path("/dev/shm").glob(f"jack*{name}*"):
                left.unlink(missing_ok=True)


def _jack_answers(name: str) -> bool:
    command = ["jack_wait", "-s", name, "-c"]
    answer = subprocess.run(command, capture_output=True, check=False, timeout=30)
    return b"not running" not in answer.stdout and answer.returncode == 0


@pytest.fixture
def pulse_sink() -> Iterator[PulseSink]:
    """A PulseAudio null sink as the only sound device."""
    with running_pulse_sink() as sink:
        yield sink


@pytest.fixture
def jack_server() -> Iterator[str]:
    """The name of a JACK server; rtmidi finds it with the API UNIX_JACK."""
    with running_jack_server() as name:
        yield name
