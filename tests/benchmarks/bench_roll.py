"""How long the piano roll takes for a frame, and edits for a change."""

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from musicgen_app.core import edits
from musicgen_app.core.grid import grid_of
from musicgen_app.core.score import NOTE_DTYPE, Score

if TYPE_CHECKING:
    from musicgen_app.ui.theme import Theme

WIDTH, HEIGHT = 1400, 800
RUNS = 15


def piece(notes: int, seed: int = 0) -> Score:
    """Notes as dense as in music: eight a beat, up to two beats long, with one as long as the piece."""
    rng = np.random.default_rng(seed)
    columns = np.zeros(notes, NOTE_DTYPE)
    columns["onset"] = np.sort(rng.integers(0, notes * 60, notes))
    columns["duration"] = rng.integers(60, 960, notes)
    columns["pitch"] = rng.integers(21, 109, notes)
    columns["velocity"] = rng.integers(1, 128, notes)
    columns["duration"][0] = notes * 60
    return Score(notes=columns)


def milliseconds(act: Callable[[], object], runs: int = RUNS) -> float:
    """Median time of an act, after one that warms up."""
    act()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        act()
        times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times)


def frames() -> dict[str, float]:
    """Frames of the roll with many or few notes in view."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    from musicgen_app.ui.icons import Icons
    from musicgen_app.ui.piano_roll.state import RollState
    from musicgen_app.ui.piano_roll.view import RollView
    from musicgen_app.ui.score_editor import ScoreEditor
    from musicgen_app.ui.theme import Theme

    app = QApplication.instance() or QApplication([])
    with tempfile.TemporaryDirectory() as glyphs:
        theme = Theme(glyphs=Path(glyphs))
        editor = ScoreEditor()
        state = RollState(editor, None)
        view = RollView(state, theme, Icons(theme))
        view.resize(WIDTH, HEIGHT)
        view.show()
        app.processEvents()
        out: dict[str, float] = {}

        def scroll(step: float) -> Callable[[], None]:
            def act() -> None:
                nonlocal step
                state.set_viewport(state.viewport.scrolled(across=step))
                step = -step
                view.repaint()

            return act

        def whole_frame() -> None:
            view._forget_notes()
            view.repaint()
            if view._layer is None:
                raise RuntimeError("Nothing was painted.")

        for notes in (100, 1_000, 100_000):
            editor.set_score(piece(notes))
            state.fit()
            seen = len(state.index.inside(state.viewport.left, state.viewport.right, 0, 127))
            if seen != notes:
                raise RuntimeError(f"{seen} of {notes} notes are in view.")
            out[f"roll_frame_ms_{notes}_visible"] = milliseconds(whole_frame)
        editor.select(edits.everything(editor.score)[::2])
        out["roll_frame_ms_100000_visible_half_selected"] = milliseconds(whole_frame)
        million = piece(1_000_000)
        out["roll_open_ms_1000000"] = milliseconds(lambda: editor.set_score(million), 3)
        for pixels_a_beat in (100, 10):
            middle = million.end / 2
            state.set_viewport(replace(state.viewport, left=middle, ticks_per_pixel=480 / pixels_a_beat))
            name = f"roll_scroll_ms_1000000_at_{pixels_a_beat}_pixels_a_beat"
            out[name] = milliseconds(scroll(37.0))

        view.close()
        out.update(whole_roll(theme, million))
    return out


def whole_roll(theme: "Theme", score: Score) -> dict[str, float]:
    """The roll with its keys, ruler and lanes: scrolling, and the playhead alone."""
    from PySide6.QtWidgets import QApplication

    from musicgen_app.ui.icons import Icons
    from musicgen_app.ui.piano_roll.piano_roll import PianoRoll
    from musicgen_app.ui.score_editor import ScoreEditor

    editor = ScoreEditor()
    roll = PianoRoll(theme, Icons(theme), editor)
    roll.resize(WIDTH, HEIGHT)
    roll.show()
    state = roll.state
    editor.set_score(score)
    state.set_viewport(replace(state.viewport, left=score.end / 2, ticks_per_pixel=48.0))
    state.set_follow(False)
    state.set_playhead(int(state.viewport.tick(100)))
    QApplication.processEvents()

    def playhead() -> None:
        state.set_playhead(state.playhead + 96)
        QApplication.processEvents()

    def scroll() -> None:
        state.set_viewport(state.viewport.scrolled(across=20.0))
        QApplication.processEvents()

    out = {
        "roll_whole_playhead_ms_1000000": milliseconds(playhead, 60),
        "roll_whole_scroll_ms_1000000": milliseconds(scroll, 30),
    }
    roll.close()
    return out


def changes() -> dict[str, float]:
    """Edits of 10,000 notes among 100,000."""
    score = piece(100_000)
    chosen = np.sort(np.random.default_rng(1).choice(100_000, 10_000, replace=False)).astype(np.intp)
    grid = grid_of(score, edits.Fraction(1, 16))
    acts: dict[str, Callable[[], object]] = {
        "move": lambda: edits.move(score, chosen, 333, 2),
        "transpose": lambda: edits.transpose(score, chosen, 5),
        "quantise": lambda: edits.quantise(score, chosen, grid),
        "duplicate": lambda: edits.duplicate(score, chosen, 777),
        "delete": lambda: edits.delete(score, chosen),
        "velocity": lambda: edits.shift_velocity(score, chosen, 9),
    }
    return {f"edit_ms_{name}_10000_of_100000": milliseconds(act) for name, act in acts.items()}


def run() -> dict[str, float]:
    """All figures, in milliseconds."""
    figures = {**changes(), **frames()}
    for name, value in figures.items():
        print(f"{name:<60} {value:9.2f} ms")
    return figures
