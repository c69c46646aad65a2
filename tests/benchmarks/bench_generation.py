"""How quickly music is generated: notes a second, time to the first note, the stepper against Keras and sgemv in turns.

And how smoothly the window goes on meanwhile: stalls are the gaps between calls of a 5 ms timer, less those 5 ms; the
processor time of the window's thread in a gap is what the window itself did in it, the rest it waited.

numpy computes on one core here. What is compared is timed in turns, and the middle of all turns counts.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before numpy is loaded

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from musicgen_app import environment
from musicgen_app.core.progress import CancelToken, silent
from musicgen_app.generation.checkpoint import Checkpoint, CheckpointHeader, read_checkpoint, write_checkpoint
from musicgen_app.generation.generator import USUAL_TOP_P, SampleConfig
from musicgen_app.generation.presets import PRESETS
from musicgen_app.generation.ready import KeptModel, ReadyModel, make_ready
from musicgen_app.generation.stepper import Stepper
from musicgen_app.tokens.catalogue import codec_from
from musicgen_app.tokens.codec import Rows
from musicgen_app.tokens.context import wide_rows
from musicgen_app.tokens.notes import metrical_codec
from musicgen_app.workflow.generate import GenerateConfig, generate
from tests.generation.networks import played_rows, random_weights

BUNDLED = "bundled"
DEFAULT = BUNDLED
"""The model of the figures without a model's name: a preset with random weights, or BUNDLED."""

CODEC = metrical_codec()
ROUNDS = 3
TURNS = 9
WINDOW = 96
"""Rows that a call of ``predict`` hears, as in training."""
PREDICTIONS = 3


def checkpoint_of(preset: str) -> Checkpoint:
    """A network of a preset's size. What it has learned does not change its speed."""
    config = PRESETS[preset].network(CODEC.fields, CODEC.position_fields)
    return Checkpoint(CheckpointHeader(config, CODEC.description(), title=preset), random_weights(config))


def run() -> dict[str, float]:
    """All figures by flat names."""
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        paths = {preset: Path(folder) / f"{preset}.safetensors" for preset in PRESETS}
        for preset, path in paths.items():
            write_checkpoint(path, checkpoint_of(preset))
        paths[BUNDLED] = next(environment.bundled("models").glob("*.safetensors"))
        for name, path in paths.items():
            figures |= speeds(name, path) | first_notes(name, path)
        for preset in PRESETS:
            figures |= stalls(paths[preset], preset)
        for name in dict.fromkeys(["medium", "large", BUNDLED, DEFAULT]):
            figures |= against_predict(name, paths[name])
    for preset in ("small", "large"):
        figures |= against_keras(preset)
    return figures | {
        "generate_notes_per_second": figures[f"generate_{DEFAULT}_1_takes_notes_per_second"],
        "generate_notes_per_second_16": figures[f"generate_{DEFAULT}_16_takes_notes_per_second"],
        "generate_vs_predict": figures[f"generate_{DEFAULT}_vs_predict"],
        "generate_fraction_of_sgemv": figures[f"generate_{DEFAULT}_fraction_of_sgemv"],
        "first_note_ms": figures[f"generate_{DEFAULT}_first_note_ms"],
    }


def speeds(name: str, path: Path) -> dict[str, float]:
    """Notes a second, and what share of a note's time its products with the weights would take alone."""
    products = plain_products(read_checkpoint(path))
    times: dict[int, list[float]] = {takes: [] for takes in (1, 4, 16)}
    shares = []
    for _ in range(TURNS):
        before = products()
        for takes, spent in times.items():
            spent.append(1 / speed_of(path, takes))
            if takes == 1:
                shares.append((before + products()) / 2 / spent[-1])
    return {
        f"generate_{name}_{takes}_takes_notes_per_second": 1 / statistics.median(spent)
        for takes, spent in times.items()
    } | {f"generate_{name}_fraction_of_sgemv": statistics.median(shares)}


def plain_products(checkpoint: Checkpoint, passes: int = 100) -> Callable[[], float]:
    """Measures the seconds that one product of a vector with each matrix of a network takes (BLAS' sgemv)."""
    matrices = [weights for key, weights in checkpoint.weights.items() if key.endswith(("kernel", "recurrent"))]
    vectors = [np.ones(len(matrix), np.float32) for matrix in matrices]

    def measure() -> float:
        begun = time.perf_counter()
        for _ in range(passes):
            for vector, matrix in zip(vectors, matrices, strict=True):
                np.dot(vector, matrix)
        return (time.perf_counter() - begun) / passes

    return measure


def speed_of(path: Path, takes: int) -> float:
    """Notes a second of all takes together, sampling, decoding and reporting included."""
    sample = SampleConfig(notes=300, count=takes, top_p=USUAL_TOP_P)
    return generate(GenerateConfig(path, sample), silent, CancelToken())[0].notes_per_second


def first_notes(name: str, path: Path) -> dict[str, float]:
    """Milliseconds from the request to the first note: with the model's file to be opened and checked, or kept."""
    kept = KeptModel()
    first_note(path, kept.ready)
    command = [sys.executable, "-c", f"from {__name__} import *; print(first_note(Path({str(path)!r})))"]
    fresh = [
        float(subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout) for _ in range(ROUNDS)
    ]
    return {
        f"generate_{name}_first_note_ms": statistics.median(first_note(path) for _ in range(TURNS)),
        f"generate_{name}_first_note_in_a_new_process_ms": statistics.median(fresh),
        f"generate_{name}_first_note_of_a_kept_model_ms": statistics.median(
            first_note(path, kept.ready) for _ in range(TURNS)
        ),
    }


def first_note(path: Path, ready: Callable[[Path], ReadyModel] = make_ready) -> float:
    """Milliseconds until a take of one note is finished."""
    begun = time.perf_counter()
    generate(GenerateConfig(path, SampleConfig(notes=1)), silent, CancelToken(), ready=ready)
    return (time.perf_counter() - begun) * 1000


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


def against_keras(preset: str) -> dict[str, float]:
    """The stepper, a call of the Keras network for each note, and a compiled step of it, in turns."""
    checkpoint = checkpoint_of(preset)
    rows = played_rows(checkpoint, 100)
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


def against_predict(name: str, path: Path) -> dict[str, float]:
    """A note with everything that belongs to it, against choosing one by Keras' ``predict`` on a window.

    That takes a call for each field, since each is told those chosen before it. What one call costs against a note is
    given under a name of its own.
    """
    checkpoint = read_checkpoint(path)
    predict = keras_predict(checkpoint)
    predict()
    ratio = statistics.median(predict() * speed_of(path, 1) for _ in range(TURNS))
    return {
        f"generate_{name}_vs_predict": ratio * len(checkpoint.header.network.fields),
        f"generate_{name}_vs_one_predict": ratio,
    }


def keras_predict(checkpoint: Checkpoint) -> Callable[[], float]:
    """Measures the seconds of a call that hears the whole window again and foretells the row behind it."""
    import keras
    import tensorflow as tf

    from musicgen_app.ml.network import Network

    network = Network(checkpoint.header.network)
    network.assign_weights(checkpoint.weights)

    class Windowed(keras.Model):  # type: ignore[misc]
        def call(self, rows: Any) -> Any:
            rows = tf.ensure_shape(rows, (1, WINDOW + 1, network.config.columns))
            heard, _ = network.listen(rows[:, :-1], network.zero_states(1))
            return network.logits(heard[-1:], rows[:, -2:-1], rows[:, -1:])

    model, rows = Windowed(), wide(checkpoint, played_rows(checkpoint, WINDOW + 1))[None]

    def measure() -> float:
        begun = time.perf_counter()
        for _ in range(PREDICTIONS):
            model.predict(rows, verbose=0)
        return (time.perf_counter() - begun) / PREDICTIONS

    return measure


def wide(checkpoint: Checkpoint, rows: Rows) -> np.ndarray:
    """Rows as the Keras network is shown them."""
    return wide_rows(codec_from(checkpoint.header.codec), rows, checkpoint.header.network.shown).astype(np.int32)


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
    tensors = [tf.constant(row[None, None]) for row in wide(checkpoint, rows)]

    def step(row: Any, states: Any) -> tuple[list[Any], Any]:
        heard, states = network.listen(row, states)
        return network.logits(heard, row, row), states

    def walk(call: Callable[[Any, Any], Any]) -> None:
        states = network.zero_states(1)
        for row in tensors:
            logits, states = call(row, states)
            for values in logits:
                values.numpy()

    return {"keras_call": partial(walk, step), "keras_compiled": partial(walk, tf.function(step))}
