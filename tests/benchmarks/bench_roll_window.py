"""What a person waits for in the roll of the whole window: frames, edits of 10,000 notes, and a million notes to open.

All lanes, signs and tracks are shown, every listener of the window is connected, and the project's autosave runs.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from musicgen_app.core import edit_signs
from musicgen_app.core.asides import Marker
from musicgen_app.core.command_table import COMMANDS, Command
from musicgen_app.core.score import PEDAL_DTYPE, TEMPO_DTYPE, KeySignature, Score, TimeSignature
from musicgen_app.midi.writer import midi_bytes
from musicgen_app.project.document import Project
from tests.benchmarks.bench_roll import piece

if TYPE_CHECKING:
    from musicgen_app.ui.main_window import MainWindow
    from musicgen_app.ui.piano_roll.coordinates import Viewport

NOTES, CHOSEN, MILLION = 100_000, 10_000, 1_000_000
FRAMES = 100
FRAME_TURNS = 3
TURNS = 5
OPENINGS = 3
BEAT_MS = 5


def music(notes: int) -> Score:
    """Four tracks with pedal, a tempo that breathes every bar, signs and markers."""
    score = piece(notes)
    columns = score.notes.copy()
    columns["track"] = np.arange(notes) % 4
    onset = np.arange(0, score.end, 960)
    pedals = np.zeros(len(onset), PEDAL_DTYPE)
    pedals["onset"], pedals["value"] = onset, np.where(np.arange(len(onset)) % 2, 0, 127)
    bars = np.arange(0, score.end, 1920)
    tempos = np.zeros(len(bars), TEMPO_DTYPE)
    tempos["onset"], tempos["microseconds_per_beat"] = bars, 500_000 + 50_000 * np.sin(np.arange(len(bars)) / 3)
    tracks = tuple(replace(score.tracks[0], name=f"Part {number + 1}", channel=number) for number in range(4))
    score = replace(score, notes=columns, pedals=pedals, tempos=tempos, tracks=tracks)
    for number in range(12):
        at = 1920 * (number * score.end // 1920 // 12)
        score = edit_signs.set_key_signature(score, KeySignature(at, number % 7 - 3))
        score = edit_signs.set_time_signature(score, TimeSignature(at, 3 + number % 2, 4))
        score = edit_signs.set_marker(score, Marker(at, f"Part {number}"))
    return score


@contextmanager
def window() -> Iterator["MainWindow"]:
    """The whole window with a project, its roll shown with all lanes and the list of tracks."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    from musicgen_app.app import build, settle
    from musicgen_app.ui.main_window import GENERATION

    app = QApplication.instance() or QApplication([])
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("CONFIG", "DATA", "CACHE", "STATE"):
            os.environ[f"XDG_{kind}_HOME"] = str(Path(folder) / kind.lower())
        made = build(app)
        made.resize(1400, 900)
        made.show()
        made.start(Project.create(Path(folder) / "bench.musicgen").folder)
        made.show_tab(GENERATION)
        roll = made.generation.roll
        roll.show_tracks(True)
        for name in ("left_panel", "right_panel"):
            made.verbs[name].trigger()
        for name in roll.lanes.names:
            roll.lanes.show(name, True)
        settled(500)
        settle()
        yield made
        made.editor.mark_saved()
        made.shutdown()
        made.close()


def settled(wait_ms: int = 0) -> None:
    """Paint what waits to be painted, after a while."""
    from PySide6.QtCore import QEventLoop, QTimer
    from PySide6.QtWidgets import QApplication

    if wait_ms:
        loop = QEventLoop()
        QTimer.singleShot(wait_ms, loop.quit)
        loop.exec()
    QApplication.processEvents()


def timed(act: Callable[[], object]) -> float:
    """Milliseconds of an act and of all painting it leads to."""
    return timed_both(act)[0]


def timed_both(act: Callable[[], object]) -> tuple[float, float]:
    """The same, and how many of them the window computed; the rest it waited for a processor."""
    begun, used = time.perf_counter(), time.thread_time()
    act()
    settled()
    return 1000 * (time.perf_counter() - begun), 1000 * (time.thread_time() - used)


def frames(made: "MainWindow") -> dict[str, float]:
    """Frames while a person zooms, scrolls and listens: with all 100,000 notes in view, and near to some of them."""
    state = made.generation.roll.state
    made.editor.set_score(music(NOTES))
    state.set_follow(False)
    settled(200)
    state.fit()
    whole = state.viewport
    near = replace(whole, left=state.score.end / 2, ticks_per_pixel=24.0, row_height=10.0)
    out: dict[str, float] = {}
    turns = [one_turn(made, whole, near) for _ in range(FRAME_TURNS)]
    for name in turns[0]:
        for word, of in (("ms", 0), ("cpu_ms", 1)):
            own = [[both[of] for both in turn[name]] for turn in turns]
            out[f"roll_frame_{name}_median_{word}"] = statistics.median(statistics.median(turn) for turn in own)
            out[f"roll_frame_{name}_p99_{word}"] = statistics.median(float(np.percentile(turn, 99)) for turn in own)
    for word, of in (("ms", 0), ("cpu_ms", 1)):
        own = [[both[of] for kind in turn.values() for both in kind] for turn in turns]
        out[f"roll_frame_median_{word}"] = statistics.median(statistics.median(turn) for turn in own)
        out[f"roll_frame_p99_{word}"] = statistics.median(float(np.percentile(turn, 99)) for turn in own)
    return out


def one_turn(made: "MainWindow", whole: "Viewport", near: "Viewport") -> dict[str, list[tuple[float, float]]]:
    """Wall and processor milliseconds of each frame, by where and what."""
    state = made.generation.roll.state
    times: dict[str, list[tuple[float, float]]] = {}
    for place, view in (("all", whole), ("near", near)):
        for kind, change in (("zoom", zoom), ("scroll", scroll), ("playhead", playhead)):
            state.set_viewport(view)
            settled(50)
            times[f"{place}_{kind}"] = [
                timed_both(lambda step=step, do=change: do(made, step)) for step in range(FRAMES)
            ]
    return times


def zoom(made: "MainWindow", step: int) -> None:
    """A notch of the wheel: in a few times, then out again."""
    state = made.generation.roll.state
    state.set_viewport(state.viewport.zoomed_time(1.2 if step % 20 < 10 else 1 / 1.2, 600))


def scroll(made: "MainWindow", step: int) -> None:
    """A touch pad moves to the right, then back, and every tenth time down or up too."""
    state = made.generation.roll.state
    way = 20 if step % 20 < 10 else -20
    state.set_viewport(state.viewport.scrolled(way, way if step % 10 == 0 else 0))


def playhead(made: "MainWindow", step: int) -> None:
    """The music goes on for a sixtieth of a second."""
    view = made.generation.roll.state.viewport
    made.generation.roll.set_playhead(int(view.left + view.span * 0.1 + step * 16))


def edits(made: "MainWindow") -> dict[str, float]:
    """Each command on 10,000 of 100,000 notes, from the key to the painted picture."""
    made.editor.set_score(music(NOTES))
    settled(300)
    chosen = np.sort(np.random.default_rng(1).choice(NOTES, CHOSEN, replace=False)).astype(np.intp)
    figures, computed = {}, []
    for command in COMMANDS:
        took = []
        for _ in range(TURNS):
            made.editor.select(chosen)
            settled()
            took.append(timed_both(lambda one=command: do(made, one)))
            took_back = timed(made.editor.undo_stack.undo)
            settled(60)
        figures[f"edit_window_ms_{command.id}"] = statistics.median(wall for wall, _ in took)
        computed.append(statistics.median(cpu for _, cpu in took))
        figures[f"undo_window_ms_{command.id}"] = took_back
    out = {"edit_10000_ms": max(value for name, value in figures.items() if name.startswith("edit_"))}
    out["edit_10000_cpu_ms"] = max(computed)
    out["undo_10000_ms"] = max(value for name, value in figures.items() if name.startswith("undo_"))
    return out | figures


def do(made: "MainWindow", command: Command) -> None:
    """Do a command with its usual values to the selection."""
    made.editor.edit(command.title, command.run(made.editor.score, made.editor.selected))


def openings(made: "MainWindow") -> dict[str, float]:
    """A file of a million notes through File > Open MIDI: seconds until it is seen, and stalls of the window."""
    from PySide6.QtCore import Qt, QTimer

    path = Path(os.environ["XDG_DATA_HOME"]) / "million.mid"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(midi_bytes(music(MILLION)))
    seconds, worst, busy, told = [], [], [], []
    for _ in range(OPENINGS):
        made.editor.set_score(Score())
        settled(800)
        gaps: list[float] = []
        before, used = [time.perf_counter()], [time.thread_time()]

        def beat(gaps: list[float] = gaps, before: list[float] = before, used: list[float] = used) -> None:
            now, cpu = time.perf_counter(), time.thread_time()
            gaps.append(now - before[0] - BEAT_MS / 1000)
            busy.append(cpu - used[0])
            before[0], used[0] = now, cpu

        timer = QTimer(timerType=Qt.TimerType.PreciseTimer)
        timer.timeout.connect(beat)
        timer.start(BEAT_MS)
        begun = time.perf_counter()
        made.open_midi(path)
        while len(made.editor.score.notes) != MILLION:
            settled(20)
            told.append(" ".join(row.words for row in made.status.jobs))
            if time.perf_counter() - begun > 60:
                raise RuntimeError("The file is not open after a minute.")
        settled()
        seconds.append(time.perf_counter() - begun)
        settled(1500)
        timer.stop()
        worst.append(1000 * max(gaps))
    return {
        "open_million_s": statistics.median(seconds),
        "open_million_stall_ms": statistics.median(worst),
        "open_million_busy_max_ms": 1000 * max(busy),
        "open_million_words_of_progress": float(len(set(told))),
    }


def run() -> dict[str, float]:
    """All figures by flat names."""
    with window() as made:
        return {**frames(made), **edits(made), **openings(made)}
