"""The statistics of a listening test against published and hand-counted values."""

import pytest

from musicgen_app.core.preference import Tally, sign_test, wilson


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    # R. G. Newcombe, "Two-sided confidence intervals for the single proportion" (1998), table I, method 3.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_intervals_are_those_of_newcombes_table(successes: int, trials: int, low: float, high: float) -> None:
    assert wilson(successes, trials) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))
    turned = wilson(trials - successes, trials)
    assert turned == (pytest.approx(1 - high, abs=5e-5), pytest.approx(1 - low, abs=5e-5))


def test_without_trials_nothing_is_known() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(3, 3)[1] == 1.0


@pytest.mark.parametrize(
    ("one", "other", "p"), [(7, 2, 92 / 512), (2, 7, 92 / 512), (10, 0, 2 / 1024), (5, 5, 1.0), (0, 0, 1.0)]
)
def test_the_sign_test_counts_a_coins_throws(one: int, other: int, p: float) -> None:
    assert sign_test(one, other) == pytest.approx(p)


def test_tallies_add_up_and_ties_count_for_neither() -> None:
    found = Tally(4, 1, 1) + Tally(3, 1)
    assert found == Tally(7, 2, 1)
    assert (found.rounds, found.decided) == (10, 9)
    assert found.p_value == pytest.approx(0.1796875)
