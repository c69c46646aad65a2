"""Speed of the search for copies: a million notes learnt by heart, and a take of a thousand held against them.

Once with music that repeats its sections as pieces do, and once with music that is nothing but repetition.
"""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from musicgen_app.core.progress import CancelToken
from musicgen_app.core.score import NOTE_DTYPE, Score
from musicgen_app.dataset.store import Dataset, Piece, write_dataset
from musicgen_app.generation.human_runs import measure
from musicgen_app.generation.originality import CopyFinder
from musicgen_app.tokens.notes import metrical_codec

PIECES, NOTES = 400, 2_500
TAKE = 1_000
ROUNDS = 3
CHECKS = 20


def music(seed: int, notes: int) -> Score:
    """Chords and runs in sections of which each is played twice."""
    rng = np.random.default_rng(seed)
    count = -(-notes // 4)
    gaps = rng.choice([0, 0, 120, 120, 160, 240, 480], count)
    steps = rng.choice([-12, -7, -4, -2, -1, 1, 2, 3, 5, 12], count)
    section = np.arange(count).reshape(2, -1) if count % 2 == 0 else np.arange(count)[np.newaxis]
    order = np.concatenate([np.tile(part, 2) for part in section])
    order = np.resize(np.concatenate([order, order[::-1]]), notes)
    return _score(np.cumsum(gaps[order]), 30 + np.cumsum(steps[order]) % 60)


def drumming(seed: int, notes: int) -> Score:
    """One key, evenly."""
    return _score(np.arange(notes) * 120, np.full(notes, 40 + seed % 40))


def _score(onsets: np.ndarray, pitches: np.ndarray) -> Score:
    rows = np.zeros(len(onsets), dtype=NOTE_DTYPE)
    rows["onset"], rows["pitch"], rows["duration"], rows["velocity"] = onsets, pitches, 100, 64
    return Score(rows)


def dataset(folder: Path, make: Callable[[int, int], Score]) -> Dataset:
    """A million notes to learn from, and five works to measure people on."""
    codec = metrical_codec()

    def pieces() -> Iterator[tuple[Piece, np.ndarray]]:
        for seed in range(PIECES + 5):
            split = "train" if seed < PIECES else "validation"
            yield Piece(f"Piece {seed}", "", split, 0, 0, 0, seed), codec.encode(make(seed, NOTES))

    return write_dataset(folder, codec, pieces())


def take(make: Callable[[int, int], Score]) -> Score:
    """Music of its own whose second half is copied."""
    own, copied = make(10_000, TAKE // 2).notes, make(PIECES // 2, NOTES).notes[NOTES // 4 : NOTES // 4 + TAKE // 2]
    moved = copied.copy()
    moved["onset"] = moved["onset"] - moved["onset"][0] + own["onset"][-1] + 480
    return Score(np.concatenate([own, moved]))


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def run() -> dict[str, float]:
    """All figures; wall time."""
    found = {}
    for name, make in (("", music), ("_of_repetitions", drumming)):
        with tempfile.TemporaryDirectory() as folder:
            data = dataset(Path(folder), make)
            building = [seconds(lambda: CopyFinder(data, CancelToken())) for _ in range(ROUNDS)]  # noqa: B023
            finder = CopyFinder(data, CancelToken())
        new = take(make)
        finder.check(new)
        found[f"originality_check{name}_ms"] = 1000 * statistics.median(
            seconds(lambda: finder.check(new))  # noqa: B023
            for _ in range(CHECKS)
        )
        found[f"originality_index{name}_seconds"] = statistics.median(building)
        if not name:
            found["originality_human_runs_seconds"] = seconds(lambda: measure(finder, CancelToken()))  # noqa: B023
    return found
