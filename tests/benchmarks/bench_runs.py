"""How smoothly a project of 10,000 runs opens, sorts, filters and scrolls: the longest stall of the window in each.

A stall is measured as in ``bench_window``: the gap between two calls of a 5 ms timer, less those 5 ms; the processor
time of the window's thread in it tells what the window did from what the machine took away. Runs are read twice: cold
(no index yet) and from the index of the time before.
"""

import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from musicgen_app.project.document import Project
from tests.benchmarks.bench_window import STEP, wait

if TYPE_CHECKING:
    from musicgen_app.ui.main_window import MainWindow

RUNS = 10_000
PATIENCE_SEC = 240.0
NETWORKS = ("base model", "base model reduced size", "complex model 1", "complex model 2", "bidirectional")


def run() -> dict[str, float]:
    """All figures by flat names."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("CONFIG", "DATA", "CACHE", "STATE"):
            os.environ[f"XDG_{kind}_HOME"] = str(Path(folder) / kind.lower())
        project = Project.create(Path(folder) / "many.musicgen")
        make_runs(project)
        return measured(project, Project.create(Path(folder) / "none.musicgen"))


def make_runs(project: Project) -> None:
    """Nine imported runs to one of our own, each with a log of ten epochs."""
    rng = np.random.default_rng(0)
    for number in range(1, RUNS + 1):
        folder = project.runs_folder / f"{number:04d}"
        folder.mkdir(parents=True)
        losses = np.sort(rng.uniform(0.01, 6, 10))[::-1]
        if number % 10:
            described = {"version": 1, "title": f"Test {number}", "row": {"cells": cells(number, losses[-1], rng)}}
            rows = [f"{epoch},{loss}\n" for epoch, loss in enumerate(losses, 1)]
            (folder / "losses.csv").write_text("epoch,train\n" + "".join(rows))
        else:
            described = {"status": "finished", "config": {"preset": "small", "batch": 16, "epochs": 10, "window": 96}}
            rows = [f"{epoch},{loss},{loss + 0.3},10\n" for epoch, loss in enumerate(losses, 1)]
            (folder / "losses.csv").write_text("epoch,train,validation,seconds\n" + "".join(rows))
        (folder / "run.json").write_text(json.dumps(described))


def cells(number: int, loss: float, rng: np.random.Generator) -> list[str]:
    """A row as the seeds write them."""
    window, pick, score = (str(rng.integers(low, high)) for low, high in ((5, 101), (1, 11), (1, 10)))
    comment = f"random pick {pick} / {NETWORKS[number % 5]} / chopin restored"
    named = [str(number), "0.001", "256", "10", window, "0", "adam", "0.3", pick]
    return [*named, str(loss), f"0.{score}", f"{rng.uniform(1, 999):.2f}", comment, ""]


def measured(project: Project, empty: Project) -> dict[str, float]:
    """Stalls of the window, for each thing that is done."""
    from PySide6.QtWidgets import QApplication

    from musicgen_app.app import build, settle
    from musicgen_app.ui.main_window import TRAINING

    app = QApplication.instance() or QApplication([])
    window = build(app)
    window.resize(1400, 900)
    window.show()
    window.start(empty.folder)
    window.show_tab(TRAINING)
    wait(3000)
    settle()
    person = Person(window)
    figures: dict[str, float] = {}
    for name, deed in (
        ("open_cold", partial(person.open, project)),
        ("sort", person.sort),
        ("filter", person.filter),
        ("scroll", person.scroll),
        ("choose", person.choose),
    ):
        figures |= watched(name, deed)
    figures["runs_listed"] = float(len(window.training.shelf.runs))
    window.desk.open(empty.folder)
    wait(1000)
    figures |= watched("open_again", partial(person.open, project))
    window.shutdown()
    return figures


class Person:
    """Does with the runs of a window what people do."""

    def __init__(self, window: "MainWindow") -> None:
        self._window = window
        self._shelf = window.training.shelf
        self._table = window.training.view.table
        self._bar = window.training.view.bar

    def open(self, project: Project) -> None:
        self._window.desk.open(project.folder)
        begun = time.monotonic()
        while (self._shelf.reading or len(self._shelf.runs) < RUNS) and time.monotonic() < begun + PATIENCE_SEC:
            wait(20)

    def sort(self) -> None:
        from PySide6.QtCore import Qt

        from musicgen_app.ui.run_columns import NAMES

        for place in range(1, len(NAMES)):
            self._table.horizontalHeader().setSortIndicator(place, list(Qt.SortOrder)[place % 2])
            wait(60)

    def filter(self) -> None:
        for text in ("c", "co", "complex", "complex 2", "complex 2 pick 7", "nothing like it", "", "small"):
            self._bar.filter.setText(text)
            wait(60)
        self._bar.filter.clear()

    def scroll(self) -> None:
        bar = self._table.verticalScrollBar()
        for step in range(100):
            bar.setValue(bar.maximum() * step // 99)
            wait(15)

    def choose(self) -> None:
        for number in range(100, RUNS, 500):
            self._table.choose(number)
            wait(60)


def watched(name: str, deed: Callable[[], None]) -> dict[str, float]:
    """Do something, and give the longest and the usual stall meanwhile."""
    from PySide6.QtCore import Qt, QTimer

    gaps: list[float] = []
    busy: list[float] = []
    before = [time.perf_counter(), time.thread_time()]

    def beat() -> None:
        now, used = time.perf_counter(), time.thread_time()
        gaps.append(now - before[0] - STEP)
        busy.append(used - before[1])
        before[:] = now, used

    timer = QTimer(timerType=Qt.TimerType.PreciseTimer)
    timer.timeout.connect(beat)
    timer.start(round(STEP * 1000))
    begun = time.perf_counter()
    before[:] = begun, time.thread_time()
    deed()
    wait(300)
    timer.stop()
    return {
        f"runs_10000_{name}_stall_max_ms": 1000 * max(gaps),
        f"runs_10000_{name}_busy_max_ms": 1000 * max(busy),
        f"runs_10000_{name}_stall_median_ms": 1000 * statistics.median(gaps),
        f"runs_10000_{name}_seconds": time.perf_counter() - begun,
    }
