"""Whether the window's sound holds while everything else works: a minute of playing, recorded and laid over the score.

Meanwhile, from the same window, a data set of 1,000 files is imported again and again, a network trains, and takes are
generated in the window's own process. The music has an onset every 250 ms over a bass that never falls silent, so a gap
shows twice: as a silence, and as onsets that are late from then on. Beside it the time from a key to its sound is
measured, once alone and once under the same load; the recorder's own delay is part of it.
"""

import contextlib
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from musicgen_app import environment
from musicgen_app.audio.render import sound_of
from musicgen_app.core.edits import everything, transpose
from musicgen_app.core.score import Score
from musicgen_app.midi.reader import read_midi
from musicgen_app.midi.writer import write_midi
from musicgen_app.project.document import Project
from tests.audio.music import piece
from tests.benchmarks.bench_window import wait
from tests.servers import CAPTURE_RATE, PulseSink, lags_sec, onsets_sec, running_pulse_sink

if TYPE_CHECKING:
    from musicgen_app.ui.main_window import MainWindow

SECONDS = 60
FILES = 1000
EVERY_MS = 250
KEYS = 24
_SILENT_FRAMES = CAPTURE_RATE // 1000


def run() -> dict[str, float]:
    """All figures by flat names."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for kind in ("CONFIG", "DATA", "CACHE", "STATE"):
            os.environ[f"XDG_{kind}_HOME"] = str(folder / kind.lower())
        collection = make_collection(folder / "collection")
        with running_pulse_sink() as sink:
            return measure(folder, collection, sink)


def make_collection(folder: Path) -> Path:
    """A folder of 1,000 MIDI files: the bundled pieces in other keys and lengths."""
    folder.mkdir()
    scores = [read_midi(path).score for path in sorted(environment.bundled("data", "corpus").glob("*.mid"))]
    for number in range(FILES):
        score = scores[number % len(scores)]
        moved = transpose(score, everything(score), number // len(scores) % 12 - 6).score
        write_midi(
            moved.with_notes(moved.notes[: len(moved.notes) - 5 * (number // 200)]), folder / f"{number:04d}.mid"
        )
    return folder


def played() -> Score:
    """A minute of short notes above a bass."""
    # Chosen at random, so that no part of the minute is like another.
    pitch = np.random.default_rng(1).integers
    short = [(at, 120, int(pitch(60, 84)), 92) for at in range(0, SECONDS * 1000, EVERY_MS)]
    bass = [(at, 1990, int(pitch(33, 45)), 70) for at in range(0, SECONDS * 1000, 2000)]
    return piece(*short, *bass)


def measure(folder: Path, collection: Path, sink: PulseSink) -> dict[str, float]:
    """The key alone, then the minute and the key under load."""
    from PySide6.QtWidgets import QApplication

    from musicgen_app.app import build, settle

    app = QApplication.instance() or QApplication([])
    window = build(app)
    window.resize(1400, 900)
    window.show()
    project = Project.create(folder / "bench.musicgen")
    project.dataset_folder = environment.bundled("data", "dataset")
    window.start(project.folder)
    window.player.warm_up()
    window.player.set_volume(1.0)
    wait(3000)
    settle()
    alone = keys_ms(window)
    work = Work(window, collection, folder / "imported")
    with work.running():
        waves = recorded(window, sink)
        beside = keys_ms(window)
    window.shutdown()
    return {
        **judged(waves),
        "capture_key_to_sound_ms": float(np.median(alone)),
        "capture_key_to_sound_max_ms": float(np.max(alone)),
        "capture_key_to_sound_busy_ms": float(np.median(beside)),
        "capture_key_to_sound_busy_max_ms": float(np.max(beside)),
        "capture_files_imported": float(work.imported),
        "capture_takes_generated": float(work.takes),
        "capture_epochs_trained": float(len(window.training.view.plot.curve(1, "training"))),
    }


class Work:
    """Importing, training and generating, all from the window's own doors."""

    def __init__(self, window: "MainWindow", collection: Path, out: Path) -> None:
        self._window, self._collection, self._out = window, collection, out
        self._going = False
        self.imported = 0
        self.takes = 0

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Work all the while."""
        from musicgen_app.ui.jobs import Job

        self._going = True
        self._window.training.panel.form.box("epochs").setValue(10_000)
        self._window.training.train()
        jobs = [Job(self._import, self._window), Job(self._generate, self._window)]
        for job in jobs:
            job.start()
        wait(2000)
        try:
            yield
        finally:
            self._going = False
            for job in jobs:
                job.cancel()
                job.wait()
            self._window.training.shutdown()

    def _import(self, report: Callable[[object], None], cancel: object) -> None:
        from musicgen_app.workflow.child import run_in_child
        from musicgen_app.workflow.prepare import PrepareConfig

        while self._going:
            run_in_child("prepare", PrepareConfig((self._collection,), self._out), report, cancel)
            self.imported += FILES

    def _generate(self, report: Callable[[object], None], cancel: object) -> None:
        from musicgen_app.generation.generator import SampleConfig
        from musicgen_app.workflow.generate import GenerateConfig, generate

        config = GenerateConfig(environment.bundled("models", "piano.safetensors"), SampleConfig(notes=500))
        while self._going:
            generate(replace(config, sample=SampleConfig(notes=500, seed=self.takes)), report, cancel)
            self.takes += 1


def recorded(window: "MainWindow", sink: PulseSink) -> np.ndarray:
    """What the sound server heard of the minute."""
    window.playback.listen_to(Score())
    with sink.recording() as recording:
        window.playback.listen_to(played())
        wait(1000 * SECONDS + 2000)
        window.player.stop()
        wait(300)
    return recording.wave


def judged(wave: np.ndarray) -> dict[str, float]:
    """Inter-onset errors and silences of a recording."""
    score = played()
    expected = np.concatenate(list(sound_of(score)), axis=1).sum(axis=0)
    at = np.unique(score.notes["onset"][score.notes["pitch"] >= 60]) / 1000
    lags = 1000 * lags_sec(wave, expected, at)
    heard = np.flatnonzero(wave)
    inside = wave[heard[0] : heard[0] + int((SECONDS - 0.5) * CAPTURE_RATE)] if len(heard) else np.zeros(1)
    borders = np.flatnonzero(np.concatenate([[True], inside != 0, [True]]))
    silences = np.diff(borders) - 1
    errors = np.diff(lags)
    return {
        "capture_ioi_sd_ms": float(errors.std()),
        "capture_ioi_max_ms": float(np.abs(errors).max()),
        "capture_ioi_above_1_ms": float(np.count_nonzero(np.abs(errors) >= 1)),
        "capture_onsets": float(len(lags)),
        "capture_gaps": float(np.count_nonzero(silences >= _SILENT_FRAMES)),
        "capture_gap_longest_ms": float(silences.max(initial=0) * 1000 / CAPTURE_RATE),
    }


class Listener:
    """A recorder that hands on what it hears at once, and knows when each part arrived."""

    def __init__(self) -> None:
        command = ["parec", "-d", "@DEFAULT_MONITOR@", "--format=float32le", f"--rate={CAPTURE_RATE}", "--channels=1"]
        self._process = subprocess.Popen([*command, "--latency-msec=1"], stdout=subprocess.PIPE)
        self._parts: list[tuple[float, bytes]] = []
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        pipe = self._process.stdout
        while pipe is not None and (part := os.read(pipe.fileno(), 65536)):
            self._parts.append((time.monotonic(), part))

    def close(self) -> tuple[np.ndarray, np.ndarray]:
        """What was heard, and for each frame when it had arrived."""
        self._process.terminate()
        self._thread.join(timeout=5)
        self._process.wait()
        sizes = [len(part) for _, part in self._parts]
        moments = np.repeat([moment for moment, _ in self._parts], sizes)[::4]
        content = b"".join(part for _, part in self._parts)
        wave = np.frombuffer(content[: len(content) // 4 * 4], np.float32)
        return wave, moments[: len(wave)]


def keys_ms(window: "MainWindow") -> np.ndarray:
    """Milliseconds from striking a key in the window until its sound has arrived at a recorder."""
    window.player.preview_note(60)
    wait(1500)
    listener = Listener()
    wait(1000)
    struck = []
    for number in range(KEYS):
        struck.append(time.monotonic())
        window.player.preview_note(72 + number % 5, 110)
        wait(800 + number * 7)
    wave, moments = listener.close()
    heard = moments[(onsets_sec(wave, 0.05, 0.4) * CAPTURE_RATE).astype(int)]
    delays = [1000 * (after.min() - at) for at in struck if len(after := heard[(heard > at) & (heard < at + 0.6)])]
    if len(delays) < KEYS * 0.75:
        print(f"Only {len(delays)} of {KEYS} keys were found in the recording.")
    return np.array(delays)


if __name__ == "__main__":
    for figure, value in run().items():
        print(f"{figure:<40} {value:>12,.3f}")
