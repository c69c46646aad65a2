"""The interval over pieces."""

import numpy as np
import pytest

from musicgen_app.ml import bootstrap
from musicgen_app.ml.bootstrap import interval


def pieces(count: int, seed: int = 1) -> tuple[list[float], list[int]]:
    rng = np.random.default_rng(seed)
    notes = rng.integers(50, 2000, count)
    return (notes * rng.normal(7, 0.8, count)).tolist(), notes.tolist()


@pytest.mark.parametrize("count", [2, 3, 10, 200])
def test_it_holds_the_figure_and_is_the_same_every_time(count: int) -> None:
    nats, notes = pieces(count)
    low, high = interval(nats, notes, np.random.default_rng(0))
    assert low <= sum(nats) / sum(notes) <= high
    assert interval(nats, notes, np.random.default_rng(0)) == (low, high)
    assert interval(nats, notes, np.random.default_rng(1)) != (low, high) or count < 4


def test_more_pieces_make_it_narrower() -> None:
    spans = [np.diff(interval(*pieces(count), np.random.default_rng(0)))[0] for count in (10, 100, 1000)]
    assert spans[0] > 2 * spans[1] > 4 * spans[2] > 0


def test_its_width_is_that_of_the_normal_approximation_where_pieces_are_alike() -> None:
    values = np.random.default_rng(3).normal(7, 1, 400)
    low, high = interval(values.tolist(), [1] * 400, np.random.default_rng(0))
    assert high - low == pytest.approx(2 * 1.96 * values.std() / 20, rel=0.1)


def test_one_piece_says_nothing_about_others() -> None:
    assert interval([700.0], [100], np.random.default_rng(0)) is None
    assert interval([], [], np.random.default_rng(0)) is None


def test_a_large_collection_is_drawn_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    nats, notes = pieces(30)
    whole = interval(nats, notes, np.random.default_rng(0))
    monkeypatch.setattr(bootstrap, "_MOST_DRAWN", 700)
    assert interval(nats, notes, np.random.default_rng(0)) == pytest.approx(whole)


def test_pieces_without_notes_do_no_harm() -> None:
    low, high = interval([3.0, 3.0], [0, 0], np.random.default_rng(0))
    assert (low, high) == (6.0, 6.0)
