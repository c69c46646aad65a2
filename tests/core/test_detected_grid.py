from fractions import Fraction

import numpy as np
import pytest

from musicgen_app.core.detected_grid import GRID_NAMES, detected_grid, quantised
from musicgen_app.core.score import Score, make_notes


def at(onsets: list[int]) -> Score:
    return Score(make_notes([(onset, 90, 60, 64) for onset in onsets]))


def on(step: Fraction, seed: int, notes: int = 80) -> np.ndarray:
    lines = np.cumsum(np.random.default_rng(seed).integers(1, 4, notes))
    return (lines * step * 1920).astype(np.int64)


@pytest.mark.parametrize("step", GRID_NAMES)
def test_notes_on_a_grid_are_found_there_though_played_a_little_beside_it(step: Fraction) -> None:
    onsets = on(step, 1)
    exact = detected_grid(at(onsets.tolist()))
    assert exact is not None
    assert (exact.step, exact.most_ticks, exact.most_ms) == (step, 0, 0)
    beside = np.random.default_rng(2).integers(-4, 5, len(onsets))
    found = detected_grid(at(np.maximum(onsets + beside, 0).tolist()))
    assert found is not None
    assert (found.step, found.name) == (step, GRID_NAMES[step])
    assert 0 < found.mean_ticks < found.wide_ticks <= found.most_ticks == 4
    assert found.mean_ms == pytest.approx(found.mean_ticks / 0.96)
    moved = quantised(at(np.maximum(onsets + beside, 0).tolist()), found)
    assert moved.notes["onset"].tolist() == onsets.tolist()
    assert moved.notes["duration"].tolist() == [90] * len(onsets)


def test_sixteenths_beside_triplets_lie_on_the_grid_of_both() -> None:
    found = detected_grid(at(sorted({*range(0, 9600, 120), *range(9600, 19200, 160)})))
    assert found is not None
    assert found.name == "1/48"


def test_music_played_freely_lies_on_no_grid() -> None:
    free = np.cumsum(np.random.default_rng(3).integers(20, 700, 200)).tolist()
    assert detected_grid(at(free)) is None
    assert detected_grid(at([])) is None


def test_few_notes_beside_every_grid_lie_on_none() -> None:
    assert detected_grid(at([46, 938, 1031, 1260, 1341, 1610, 1616])) is None
