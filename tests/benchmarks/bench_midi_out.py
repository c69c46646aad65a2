"""How exactly MIDI events leave: the port in the sound process on a JACK dummy server, alone and while training runs.

What is measured is when each event is handed to the port, against when it was due; the earliest event counts as in
time. JACK passes on what it was given once a period (2.7 ms here), which is set apart: a receiver in a process of its
own says how unevenly the events arrive, period included. Run it on a machine that does nothing else.
"""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from musicgen_app import environment
from tests.servers import running_jack_server

SECONDS = 60
EVENTS_A_SECOND = 20
_SETTLE_SEC = 1.0

SENDER = """
import json, sys, time
import numpy as np
from musicgen_app.audio import outputs, sound_process
from musicgen_app.audio.samples import RATE
from musicgen_app.audio.timeline import Timeline
from musicgen_app.audio.ports import PortList
from tests.benchmarks.bench_midi_out import played

seconds = float(sys.argv[1])
left = []
real = outputs.Port.send
def timed(port, message):
    left.append((time.monotonic(), message[0] >> 4))
    real(port, message)
outputs.Port.send = timed
name = next(name for name in PortList().names() if "receiver" in name)
told = []
engine = sound_process._ToldEngine(told.append)
score = played(seconds)
engine.transport.load(Timeline(score))
engine.attach(0)
output = outputs.PortOutput(engine, name)
time.sleep(0.5)
engine.tell(engine.transport.play)
time.sleep(seconds + 1.5)
output.close()
at = np.array([moment for moment, kind in left if kind == 9])
due = score.notes["onset"] / 1000
late = at - due[: len(at)]
print(json.dumps({"count": len(at), "late": (1000 * (late - late.min())).tolist()}))
"""
RECEIVER = """
import json, sys, time
import rtmidi

entry = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name="receiver", queue_size_limit=65536)
entry.open_virtual_port("keys")
print("ready", flush=True)
at, found = 0.0, []
end = time.monotonic() + float(sys.argv[1])
while time.monotonic() < end:
    while (got := entry.get_message()) is not None:
        at += got[1]
        if got[0][0] >> 4 == 9:
            found.append(at)
    time.sleep(0.002)
print(json.dumps(found), flush=True)
"""


def played(seconds: float) -> "object":
    """Notes at uneven moments, about twenty a second."""
    from tests.audio.music import piece

    rng = np.random.default_rng(2)
    steps = rng.integers(500 // EVENTS_A_SECOND, 1500 // EVENTS_A_SECOND, int(seconds * EVENTS_A_SECOND))
    onsets = np.cumsum(steps)
    onsets = onsets[onsets < seconds * 1000]
    return piece(*[(int(at), 20, 40 + number % 48, 80) for number, at in enumerate(onsets)])


def run() -> dict[str, float]:
    """All figures by flat names."""
    idle = measure("")
    with training():
        busy = measure("_training")
    return {**idle, **busy}


def measure(suffix: str) -> dict[str, float]:
    """The errors of one minute."""
    with running_jack_server():
        receiver = subprocess.Popen(
            [sys.executable, "-c", RECEIVER, str(SECONDS + 8)], stdout=subprocess.PIPE, text=True
        )
        assert receiver.stdout is not None
        receiver.stdout.readline()
        time.sleep(_SETTLE_SEC)
        sender = subprocess.run(
            [sys.executable, "-c", SENDER, str(SECONDS)], stdout=subprocess.PIPE, text=True, check=True
        )
        arrived = np.array(json.loads(receiver.communicate(timeout=60)[0]))
    late = np.array(json.loads(sender.stdout)["late"])
    due = played(SECONDS).notes["onset"] / 1000  # type: ignore[attr-defined]
    figures = {
        f"midi_out_p99_ms{suffix}": float(np.percentile(late, 99)),
        f"midi_out_median_ms{suffix}": float(np.median(late)),
        f"midi_out_max_ms{suffix}": float(late.max()),
        f"midi_out_events{suffix}": float(len(late)),
        f"midi_out_lost{suffix}": float(len(due) - len(arrived)),
    }
    if len(arrived) == len(due):
        uneven = 1000 * (arrived - due)
        figures[f"midi_out_arrival_p99_ms{suffix}"] = float(np.percentile(uneven - uneven.min(), 99))
    return figures


@contextlib.contextmanager
def training() -> Iterator[None]:
    """A training in a process of its own, as the window starts it, that is under way."""
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        command = ["nice", "-n", "5", sys.executable, "-m", "musicgen_app", "train"]
        command += [str(environment.bundled("data", "dataset")), "--out", str(run), "--epochs", "10000"]
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ})
        try:
            until = time.monotonic() + 120
            while not (run / "losses.csv").is_file() and time.monotonic() < until:
                time.sleep(0.5)
            yield
        finally:
            child.terminate()
            child.wait()
