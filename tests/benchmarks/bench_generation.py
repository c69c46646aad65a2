"""How quickly music is generated: notes a second, time to the first note, the stepper against Keras in turns.

And how smoothly the window goes on meanwhile: stalls are the gaps between calls of a 5 ms timer, less those 5 ms; the
processor time of the window's thread in a gap is what the window itself did in it, the rest it waited.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from musicgen_app.core.progress import CancelToken, silent
from musicgen_app.generation.checkpoint import Checkpoint, CheckpointHeader, write_checkpoint
from musicgen_app.generation.generator import SampleConfig
from musicgen_app.generation.presets import PRESETS
from musicgen_app.generation.stepper import Stepper
from musicgen_app.tokens.codec import Rows
from musicgen_app.tokens.notes import metrical_codec
from musicgen_app.workflow.generate import GenerateConfig, generate
from tests.generation.networks import random_rows, random_weights

CODEC = metrical_codec()
ROUNDS = 3


def checkpoint_of(preset: str) -> Checkpoint:
    """A network of a preset's size. What it has learned does not change its speed."""
    config = PRESETS[preset].network(CODEC.fields)
    return Checkpoint(CheckpointHeader(config, CODEC.description(), title=preset), random_weights(config))


def run() -> dict[str, float]:
    """All figures by flat names."""
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        for preset in PRESETS:
            path = Path(folder) / f"{preset}.safetensors"
            write_checkpoint(path, checkpoint_of(preset))
            for takes in (1, 4, 16):
                speed = statistics.median(speed_of(path, takes) for _ in range(ROUNDS))
                figures[f"generate_{preset}_{takes}_takes_notes_per_second"] = speed
            figures[f"generate_{preset}_first_note_ms"] = statistics.median(first_note(path) for _ in range(ROUNDS))
            figures |= stalls(path, preset)
    for preset in ("small", "large"):
        figures |= against_keras(preset)
    return figures


def stalls(path: Path, preset: str) -> dict[str, float]:
    """The longest stall of the window while four takes of 400 notes are made and the roll shows the first."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    from musicgen_app.ui.generation_tab import GenerationTab
    from musicgen_app.ui.icons import Icons
    from musicgen_app.ui.score_editor import ScoreEditor
    from musicgen_app.ui.theme import Theme
    from tests.ui.generation_parts import SilentPlayer

    app = QApplication.instance() or QApplication([])
    theme = Theme(glyphs=path.parent)
    tab = GenerationTab(theme, Icons(theme), ScoreEditor(), SilentPlayer(), bundled=path.parent)
    tab.choose_model(path)
    tab.form.length.setValue(400)
    tab.form.count.setValue(4)
    tab.resize(1400, 800)
    tab.show()
    app.processEvents()
    moments: list[tuple[float, float]] = []
    timer = QTimer()
    timer.timeout.connect(lambda: moments.append((time.perf_counter(), time.thread_time())))
    timer.start(5)
    tab.form.ask()
    while tab.busy:
        app.processEvents()
        time.sleep(0.001)
    gaps = [(after[0] - before[0] - 0.005, after[1] - before[1]) for before, after in pairwise(moments)]
    tab.close()
    longest, own = max(gaps)
    return {
        f"generate_{preset}_longest_stall_ms": longest * 1000,
        f"generate_{preset}_longest_stall_own_ms": own * 1000,
    }


def speed_of(path: Path, takes: int) -> float:
    """Notes a second of all takes together, sampling, decoding and reporting included."""
    made = generate(GenerateConfig(path, SampleConfig(notes=300, count=takes)), silent, CancelToken())
    return made[0].notes_per_second


def first_note(path: Path) -> float:
    """Milliseconds from the request to the first note: opening and checking the model's file included."""
    begun = time.perf_counter()
    generate(GenerateConfig(path, SampleConfig(notes=1)), silent, CancelToken())
    return (time.perf_counter() - begun) * 1000


def against_keras(preset: str) -> dict[str, float]:
    """The stepper, a call of the Keras network for each note, and a compiled step of it, in turns."""
    checkpoint = checkpoint_of(preset)
    rows = random_rows(CODEC.fields, 100)
    ways = {"stepper": stepper_walk(checkpoint, rows), **keras_walks(checkpoint, rows)}
    times: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(ROUNDS + 1):
        for name, way in ways.items():
            begun = time.perf_counter()
            way()
            if turn:  # the first turn warms up
                times[name].append((time.perf_counter() - begun) / len(rows))
    own = statistics.median(times["stepper"])
    return {
        f"stepper_{preset}_ms_a_row": own * 1000,
        f"stepper_{preset}_times_faster_than_keras_call": statistics.median(times["keras_call"]) / own,
        f"stepper_{preset}_times_faster_than_keras_compiled": statistics.median(times["keras_compiled"]) / own,
    }


def stepper_walk(checkpoint: Checkpoint, rows: Rows) -> Callable[[], None]:
    """Predicts every field of every row with the numpy stepper."""
    stepper = Stepper(checkpoint)

    def walk() -> None:
        for row in rows:
            hidden = stepper.feed(row[None])
            for field in range(rows.shape[1]):
                stepper.logits(hidden, field, row[None])

    return walk


def keras_walks(checkpoint: Checkpoint, rows: Rows) -> dict[str, Callable[[], None]]:
    """The same with the Keras network, its state carried: called directly, and compiled."""
    import tensorflow as tf

    from musicgen_app.ml.network import Network

    network = Network(checkpoint.header.network)
    network.assign_weights(checkpoint.weights)
    tensors = [tf.constant(row[None, None].astype(np.int32)) for row in rows]

    def step(row: Any, states: Any) -> tuple[list[Any], Any]:
        heard, states = network.listen(row, states)
        return network.logits(heard, row), states

    def walk(call: Callable[[Any, Any], Any]) -> None:
        states = network.zero_states(1)
        for row in tensors:
            logits, states = call(row, states)
            for values in logits:
                values.numpy()

    return {"keras_call": partial(walk, step), "keras_compiled": partial(walk, tf.function(step))}
