"""How smoothly the window goes on: stalls and sound while a training runs, and redraws of the loss plot.

Stalls are the gaps between calls of a 5 ms timer, less those 5 ms; the processor time of the window's thread in a gap
is what the window itself did in it. A process beside it that only sleeps 5 ms at a time shows what the machine does to
anybody at that moment. The sound of a piece that plays all the while is recorded and laid over what it should be.
"""

import contextlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from musicgen_app import environment
from musicgen_app.audio.render import sound_of
from musicgen_app.core.score import NOTE_DTYPE, Score
from musicgen_app.core.timing import TempoMap
from musicgen_app.midi.reader import read_midi
from musicgen_app.project.autosave import Autosave
from musicgen_app.project.document import Project
from musicgen_app.project.runs import Losses
from tests.servers import CAPTURE_RATE, PulseSink, lags_sec, running_pulse_sink

STEP = 0.005
SECONDS = 60.0
POINTS = 100_000
REDRAWS = 40
SLEEPER = """
import sys, time
worst, before = [], time.perf_counter()
while not sys.stdin.closed:
    time.sleep(0.005)
    now = time.perf_counter()
    worst.append(now - before - 0.005)
    before = now
    if len(worst) == int(sys.argv[1]):
        break
print(max(worst))
"""


def run() -> dict[str, float]:
    """All figures by flat names."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("CONFIG", "DATA", "CACHE", "STATE"):
            os.environ[f"XDG_{kind}_HOME"] = str(Path(folder) / kind.lower())
        with running_pulse_sink() as sink:
            calm = stalls(Path(folder), sink)
        return {**redraws(Path(folder)), **calm, **edits(Path(folder))}


def redraws(folder: Path) -> dict[str, float]:
    """Milliseconds to redraw a plot of three curves of 100,000 points each, painting included."""
    from PySide6.QtWidgets import QApplication

    from musicgen_app.ui.icons import Icons
    from musicgen_app.ui.loss_plot import LossPlot
    from musicgen_app.ui.theme import Theme

    app = QApplication.instance() or QApplication([])
    theme = Theme(glyphs=folder)
    plot = LossPlot(theme, Icons(theme))
    plot.resize(900, 500)
    plot.show()
    app.processEvents()
    rng = np.random.default_rng(0)
    epochs = np.arange(1.0, POINTS + 1)
    noisy = 3 + rng.normal(0, 0.2, POINTS)
    plot.set_run(1, "Long", Losses(epochs, noisy, noisy + 0.5, np.ones(POINTS)))
    for step in range(POINTS):
        plot.add_batch(1, float(step), float(noisy[step]))
    plot.set_main(1)
    times = []
    for step in range(REDRAWS):
        begun = time.perf_counter()
        plot.add_batch(1, float(POINTS + step), 3.0)
        plot.draw_now()
        plot.plot.grab()
        times.append(1000 * (time.perf_counter() - begun))
    plot.close()
    return {"plot_100000_points_redraw_ms": statistics.median(times[2:]), "plot_100000_points_worst_ms": max(times[2:])}


def stalls(folder: Path, sink: PulseSink) -> dict[str, float]:
    """Stalls of the window's event loop and lags of its sound in a minute of training, from the click on Train on."""
    from PySide6.QtCore import QObject, Qt, QTimer
    from PySide6.QtWidgets import QApplication

    from musicgen_app.app import build, settle
    from musicgen_app.ui.main_window import TRAINING

    class Pulse(QObject):
        """Notes when it is called."""

        def __init__(self) -> None:
            super().__init__()
            self.gaps: list[float] = []
            self.busy: list[float] = []
            self.before = time.perf_counter()
            self.used = time.thread_time()

        def beat(self) -> None:
            now, used = time.perf_counter(), time.thread_time()
            self.gaps.append(now - self.before - STEP)
            self.busy.append(used - self.used)
            self.before, self.used = now, used

    app = QApplication.instance() or QApplication([])
    window = build(app)
    window.resize(1400, 900)
    window.show()
    project = Project.create(folder / "bench.musicgen")
    project.dataset_folder = environment.bundled("data", "dataset")
    window.start(project.folder)
    window.show_tab(TRAINING)
    tab = window.training
    tab.panel.form.box("epochs").setValue(10_000)
    score = read_midi(environment.bundled("data", "corpus", "maple-leaf-rag.mid")).score
    window.editor.set_score(score)
    window.player.warm_up()
    wait(3000)
    settle()
    pulse = Pulse()
    timer = QTimer(timerType=Qt.TimerType.PreciseTimer)
    timer.timeout.connect(pulse.beat)
    with sleeper(int(SECONDS * 0.9 / STEP)) as told, sink.recording() as recording:
        timer.start(round(STEP * 1000))
        pulse.before, pulse.used = time.perf_counter(), time.thread_time()
        tab.train()
        wait(500)
        window.player.play()
        wait(int(SECONDS * 1000))
        timer.stop()
    window.player.stop()
    begun = time.perf_counter()
    tab.shutdown()
    stopped = time.perf_counter() - begun
    window.shutdown()
    onsets = np.unique(TempoMap(score).seconds(score.notes["onset"]))
    expected = np.concatenate(list(sound_of(score)), axis=1).sum(axis=0)
    expected = expected[: int(SECONDS * CAPTURE_RATE)]
    lags = 1000 * np.abs(lags_sec(recording.wave, expected, onsets[onsets < SECONDS - 6]))
    gaps = sorted(pulse.gaps)
    return {
        "window_training_stall_max_ms": 1000 * gaps[-1],
        "window_training_stall_p999_ms": 1000 * gaps[int(0.999 * len(gaps))],
        "window_training_busy_max_ms": 1000 * max(pulse.busy),
        "window_training_stalls_above_50_ms": float(sum(gap > 0.05 for gap in gaps)),
        "window_training_beside_sleeping_process_max_ms": 1000 * told[0],
        "window_training_epochs": float(len(tab.view.plot.curve(1, "training"))),
        "window_training_shutdown_seconds": stopped,
        "window_training_sound_lag_max_ms": float(lags.max()),
        "window_training_sound_onsets": float(len(lags)),
    }


def wait(milliseconds: int) -> None:
    """Let the window go on for so long."""
    from PySide6.QtCore import QEventLoop, QTimer

    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


@contextlib.contextmanager
def sleeper(beats: int) -> Iterator[list[float]]:
    """A process that only sleeps; afterwards its longest oversleep in seconds is in the list."""
    told: list[float] = []
    child = subprocess.Popen([sys.executable, "-c", SLEEPER, str(beats)], stdout=subprocess.PIPE, text=True)
    try:
        yield told
        told.append(float(child.communicate(timeout=60)[0]))
    finally:
        child.kill()
        child.wait()


def edits(folder: Path) -> dict[str, float]:
    """Milliseconds an edit waits until it is safe from the death of the program."""
    figures = {}
    for size in (1_000, 20_000, 1_000_000):
        notes = np.zeros(size, NOTE_DTYPE)
        notes["onset"], notes["duration"], notes["velocity"] = np.arange(size), 1, 64
        score = Score(notes=notes)
        keeper = Autosave(folder / f"autosave-{size}")
        times = []
        for _ in range(15):
            begun = time.perf_counter()
            keeper.note_edit(score)
            times.append(1000 * (time.perf_counter() - begun))
        keeper.close()
        shutil.rmtree(folder / f"autosave-{size}")
        figures[f"autosave_{size}_notes_ms"] = statistics.median(times)
    return figures
