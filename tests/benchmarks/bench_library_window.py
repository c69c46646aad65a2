"""How quickly the Dataset tab opens, sorts, filters and scrolls a collection of 100,000 files, and how long it stalls.

While 2,000 others are imported the stalls are counted too.

    python -m tests.benchmarks library_window

The collection is empty files whose index was made by hand: what is measured is the window on the index, while a real
scan finds that nothing has changed.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication

from musicgen_app.app import settle
from musicgen_app.dataset.library import packed_counts
from musicgen_app.dataset.library_tables import FACTS
from musicgen_app.dataset.library_writer import Found, LibraryWriter, Stamp
from musicgen_app.dataset.stored_text import sorting_key
from musicgen_app.project.document import Project
from musicgen_app.ui import file_table
from musicgen_app.ui.dataset_tab import DatasetTab
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.player import Player
from musicgen_app.ui.theme import Theme
from tests.benchmarks.bench_library import make_collection

FILES = 100_000
IN_A_FOLDER = 1_000
IMPORTED = 2_000
STEPS = 120
_TICK_MS = 2
_TEXTS = ("error", "licence", "signs")
_COMPOSERS = ("Chopin", "Joplin", "Satie", "Schumann", "")
_KEYS = ("C major", "A minor", "E♭ major", "F♯ minor", "")


def facts(rng: np.random.Generator, number: int) -> dict[str, object]:
    told: dict[str, object] = dict.fromkeys(FACTS, 0) | dict.fromkeys(_TEXTS, "")
    told |= {"title": f"Étude {number * 7919 % FILES}", "composer": str(rng.choice(_COMPOSERS))}
    told |= {"title_key": sorting_key(str(told["title"])), "composer_key": str(told["composer"]).casefold()}
    told |= {"key": str(rng.choice(_KEYS)), "metre": str(rng.choice(["3/4", "4/4", "6/8", ""])), "findings": "[]"}
    told |= {"verdict": str(rng.choice(["ready", "repaired", "set aside: drums only"], p=[0.7, 0.2, 0.1]))}
    told |= {"sha256": number.to_bytes(32, "big"), "fingerprint": number.to_bytes(16, "big")}
    low = int(rng.integers(21, 60))
    numbers = {
        "notes": int(rng.integers(50, 5_000)),
        "tracks": 2,
        "lowest": low,
        "highest": low + 40,
        "pitch": low + 20,
    }
    numbers |= {"velocity": int(rng.integers(30, 100)), "velocities": 40, "pedal": int(rng.integers(300)), "beat": 1}
    return told | numbers | {"seconds": float(rng.gamma(4, 40)), "tempo": float(rng.integers(50, 180)), "duration": 0.5}


def make_library(folder: Path, library: Path) -> None:
    """Empty files, and an index that knows them."""
    rng = np.random.default_rng(0)
    writer = LibraryWriter(library)
    source = writer.source(folder)
    for begin in range(0, FILES, IN_A_FOLDER):
        below = f"{begin // IN_A_FOLDER:03}"
        (folder / below).mkdir(parents=True)
        stamps = []
        for number in range(begin, begin + IN_A_FOLDER):
            path = folder / below / f"{number:06}.mid"
            path.touch()
            seen = path.stat()
            stamps.append(Stamp(path.name, seen.st_size, seen.st_mtime_ns))
        writer.add(source, below, stamps)
        waiting = writer.next_waiting(begin, IN_A_FOLDER)
        counts = packed_counts(rng.integers(0, 99, 277).tolist())
        writer.keep([Found(one[0], f"{below}/{one[3]}", facts(rng, one[0]), counts) for one in waiting])
    writer.finish()
    writer.close()


class Watch:
    """The longest time in which the window's thread did not come round."""

    def __init__(self) -> None:
        self.longest = 0.0
        self._last = time.perf_counter()
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._on_tick)
        self._timer.start()

    def restart(self) -> float:
        longest, self.longest = self.longest, 0.0
        self._last = time.perf_counter()
        return 1000 * longest

    def _on_tick(self) -> None:
        now = time.perf_counter()
        self.longest = max(self.longest, now - self._last)
        self._last = now


def until(done: Callable[[], bool]) -> float:
    """Seconds until something holds, the window's events running."""
    began = time.perf_counter()
    while not done():
        # The watch's timer wakes it up; a loop that never rests would take a processor from those it waits for.
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        if time.perf_counter() - began > 120:
            raise TimeoutError
    return time.perf_counter() - began


def run() -> dict[str, float]:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication.instance() or QApplication([])
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        project = Project.create(place / "Large.musicgen")
        make_library(place / "music", project.cache_folder / "library")
        project.sources = (place / "music",)
        theme = Theme(glyphs=place / "glyphs")
        player = Player()
        tab = DatasetTab(theme, Icons(theme, theme), player)
        tab.resize(1400, 780)
        tab.show()
        app.processEvents()
        settle()
        figures = measure(tab, project) | importing(tab, place)
        tab.shutdown()
        player.close()
    return figures


def measure(tab: DatasetTab, project: Project) -> dict[str, float]:
    table, view = tab.files.table, tab.files.view
    watch = Watch()
    tab.set_project(project)
    opened = until(lambda: table.rowCount() == FILES)
    view.grab()
    figures = {"table_open_100000_ms": 1000 * opened}
    until(lambda: not tab.scanning)
    figures["table_rescan_stall_ms"] = watch.restart()
    sorts, filters, stalls = [], [], []
    for column in (file_table.NOTES, file_table.COMPOSER, file_table.TITLE, file_table.LENGTH, file_table.USED):
        before = table.ids
        began = time.perf_counter()
        view.sortByColumn(column, Qt.SortOrder.DescendingOrder)
        until(lambda before=before: table.ids is not before)
        view.grab()
        sorts.append(time.perf_counter() - began)
        stalls.append(watch.restart())
    for words in ("étude 77", "chopin", "drums", "0421", "minor"):
        before = table.ids
        began = time.perf_counter()
        tab.files.filter.text.setText(words)
        until(lambda before=before: table.ids is not before and not tab.scanning)
        view.grab()
        filters.append(time.perf_counter() - began)
        stalls.append(watch.restart())
    tab.files.filter.text.clear()
    until(lambda: table.rowCount() == FILES and not tab.scanning)
    print("sorts", [round(1000 * one) for one in sorts], "filters", [round(1000 * one) for one in filters])
    figures["table_sort_100000_ms"] = 1000 * max(sorts)
    figures["table_filter_100000_ms"] = 1000 * max(filters)
    figures["table_change_stall_ms"] = max(stalls)
    figures |= scrolled(tab)
    return figures


def importing(tab: DatasetTab, place: Path) -> dict[str, float]:
    """The longest stall while files are read that nobody knows yet."""
    make_collection(place / "new", IMPORTED)
    project = Project.create(place / "New.musicgen")
    tab.set_project(project)
    until(lambda: not tab.scanning)
    watch = Watch()
    tab.add_sources((place / "new",))
    began = time.perf_counter()
    until(lambda: not tab.scanning)
    return {
        "window_import_stall_ms": watch.restart(),
        "window_import_files_per_second": IMPORTED / (time.perf_counter() - began),
    }


def scrolled(tab: DatasetTab) -> dict[str, float]:
    """Time of a frame while the table is scrolled: by lines, and by jumps to where nothing was read yet."""
    view = tab.files.view
    bar = view.verticalScrollBar()
    frames = []
    for step in range(STEPS):
        place = step * 84 if step % 2 else bar.maximum() * ((step * 37) % STEPS) // STEPS
        began = time.perf_counter()
        bar.setValue(place)
        view.viewport().repaint()
        frames.append(1000 * (time.perf_counter() - began))
    return {"table_scroll_median_ms": statistics.median(frames), "table_scroll_worst_ms": max(frames)}
