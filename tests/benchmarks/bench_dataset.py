"""Speed from scores to windows: encoding beside a plain loop, decoding, whole preparation, dealing of batches."""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from musicgen_app.core.progress import CancelToken, silent
from musicgen_app.core.score import NOTE_DTYPE, Score
from musicgen_app.dataset.families import related, sketch
from musicgen_app.dataset.store import open_dataset
from musicgen_app.dataset.windows import Windows
from musicgen_app.tokens.notes import END_CLASS, NoteCodec, metrical_codec, seconds_codec
from musicgen_app.workflow.prepare import PrepareConfig, prepare

ROUNDS = 5
LOOP_NOTES = 100_000
MANY_NOTES = 1_000_000
CORPUS = Path(__file__).resolve().parents[2] / "data" / "corpus"


def music(notes: int) -> Score:
    """Chords and runs on a grid of sixteenths and triplets, with a long rest now and then."""
    rng = np.random.default_rng(0)
    rows = np.zeros(notes, dtype=NOTE_DTYPE)
    gaps = rng.choice([0, 0, 120, 120, 160, 240, 480], notes) + (rng.random(notes) < 0.002) * 4000
    rows["onset"] = np.cumsum(gaps)
    rows["duration"] = rng.choice([120, 160, 240, 480, 960], notes)
    rows["pitch"] = rng.integers(21, 109, notes)
    rows["velocity"] = rng.integers(1, 128, notes)
    return Score(rows)


def encode_in_a_loop(score: Score, codec: NoteCodec) -> list[list[int]]:
    """The same rows, one note after the other, with a table of classes looked up for each."""
    beat = score.ticks_per_beat
    classes = codec.time.nearest(np.arange(codec.time.longest + 1)).tolist()
    values = codec.time.values.tolist()
    longest = codec.time.longest
    found: dict[tuple[int, int], tuple[int, int]] = {}
    for onset, duration, pitch, velocity, _ in score.notes.tolist():
        at = (onset * 48 + beat) // (2 * beat)
        length = max(1, ((onset + duration) * 48 + beat) // (2 * beat) - at)
        sound = (classes[min(length, longest)], velocity // 4 + 1)
        found[at, pitch] = max(found.get((at, pitch), (0, 0)), sound)
    rows = []
    before = place = 0
    for (at, pitch), (duration, velocity) in sorted(found.items()):
        gap = classes[min(max(at - place, 0), longest)] if at != before else 0
        before = at
        place += values[gap]
        rows.append([gap, pitch, duration, velocity])
    rows.append([0, END_CLASS, 0, 0])
    return rows


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def in_turn(one: Callable[[], object], other: Callable[[], object]) -> tuple[float, float, float]:
    """Median seconds of both, and the median of the ratios other / one, measured in turn."""
    pairs = [(seconds(one), seconds(other)) for _ in range(ROUNDS)]
    ratio = statistics.median(second / first for first, second in pairs)
    return statistics.median(first for first, _ in pairs), statistics.median(second for _, second in pairs), ratio


def run() -> dict[str, float]:
    """All figures; speeds are per second of wall time on one core."""
    return {**_encoding(), **_decoding(), **_preparing(), **_families(), **_dealing()}


def _encoding() -> dict[str, float]:
    score, codec = music(LOOP_NOTES), metrical_codec()
    vectorised, loop, ratio = in_turn(lambda: codec.encode(score), lambda: encode_in_a_loop(score, codec))
    many = music(MANY_NOTES)
    return {
        "dataset_encode_notes_per_second": LOOP_NOTES / vectorised,
        "dataset_encode_plain_loop_notes_per_second": LOOP_NOTES / loop,
        "dataset_encode_times_faster_than_plain_loop": ratio,
        "dataset_encode_million_notes_metrical_seconds": seconds(lambda: codec.encode(many)),
        "dataset_encode_million_notes_10ms_seconds": seconds(lambda: seconds_codec().encode(many)),
    }


def _decoding() -> dict[str, float]:
    codec = metrical_codec()
    rows = codec.encode(music(MANY_NOTES))
    small = codec.encode(music(2_000))
    return {
        "dataset_decode_million_notes_seconds": seconds(lambda: codec.decode(rows)),
        "dataset_round_trip_2000_notes_milliseconds": 1000
        * statistics.median(seconds(lambda: codec.encode(codec.decode(small))) for _ in range(20)),
    }


def _preparing() -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        config = PrepareConfig((CORPUS,), Path(folder) / "set")
        times = [seconds(lambda: prepare(config, silent, CancelToken())) for _ in range(ROUNDS)]
        notes = open_dataset(config.out).note_count()
    taken = statistics.median(times)
    files = len(list(CORPUS.glob("*.mid")))
    return {"dataset_prepare_files_per_second": files / taken, "dataset_prepare_notes_per_second": notes / taken}


def _families() -> dict[str, float]:
    """How the search for editions grows: twice the pieces should take about twice as long."""
    rng = np.random.default_rng(1)
    turns = [np.unique(rng.integers(0, 2**32, 800, dtype=np.uint32)) for _ in range(8_000)]
    half, whole, ratio = in_turn(lambda: related(turns[:4_000]), lambda: related(turns))
    sketching = seconds(lambda: sketch(music(MANY_NOTES)))
    return {
        "dataset_families_4000_pieces_seconds": half,
        "dataset_families_8000_pieces_seconds": whole,
        "dataset_families_growth_when_doubled": ratio,
        "dataset_sketch_million_notes_seconds": sketching,
    }


def _dealing() -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        config = PrepareConfig((CORPUS,), Path(folder) / "set")
        prepare(config, silent, CancelToken())
        dataset = open_dataset(config.out)
        plain = Windows(dataset, "train", 64, 128, seed=0)
        moved = Windows(dataset, "train", 64, 128, seed=0, transpose=True)
        batches = plain.batches_per_epoch

        def epochs(windows: Windows) -> None:
            for epoch in range(10):
                for index in range(batches):
                    windows.batch(epoch, index)

        dealt, transposed, _ = in_turn(lambda: epochs(plain), lambda: epochs(moved))
    rows = 10 * batches * 64 * 128
    return {
        "dataset_windows_rows_per_second": rows / dealt,
        "dataset_windows_transposed_rows_per_second": rows / transposed,
    }
