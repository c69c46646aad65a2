"""The learning rate rises and falls; a time budget becomes steps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicgen_app.ml.pace import Pace, Took
from musicgen_app.ml.schedule import Budget, learning_rate


def test_the_rate_rises_to_the_top_and_falls_to_almost_nothing() -> None:
    rates = [learning_rate(step, 1000, 0.01, 100) for step in range(1000)]
    assert rates[0] == pytest.approx(0.01 / 100)
    assert rates[:100] == sorted(rates[:100])
    assert rates[100] == max(rates) == pytest.approx(0.01)
    assert rates[100:] == sorted(rates[100:], reverse=True)
    assert rates[-1] == pytest.approx(0.0001, rel=0.01)


@given(st.integers(0, 10_000), st.integers(0, 5000), st.integers(0, 1000))
def test_the_rate_is_always_above_zero_and_never_above_the_top(step: int, planned: int, warmup: int) -> None:
    assert 0 < learning_rate(step, planned, 0.01, warmup) <= 0.01 + 1e-12


def test_while_nothing_is_planned_only_the_warm_up_counts() -> None:
    assert learning_rate(4, 0, 0.01, 10) == pytest.approx(0.005)
    assert learning_rate(400, 0, 0.01, 10) == 0.01


def test_a_short_training_warms_up_for_a_fifth_of_it() -> None:
    assert learning_rate(4, 20, 0.01, 100) == pytest.approx(0.01)


def test_epochs_alone_are_planned_at_once() -> None:
    assert Budget(12, 5, None).known_steps() == 60
    assert Budget(12, 5, None).plan(3, 100.0, 1.0) == 60
    assert not Budget(12, 5, None).misses(60, 12, 1e9, 1e9)


def test_minutes_wait_for_a_measurement() -> None:
    budget = Budget(12, None, 60.0)
    assert budget.known_steps() == 0
    assert budget.plan(10, 10.0, 1.0) == 60
    assert budget.plan(10, 10.0, 0.1) == 42 * 12, "rounded to whole epochs"


def test_of_epochs_and_minutes_the_shorter_counts() -> None:
    assert Budget(12, 2, 60.0).plan(10, 10.0, 0.1) == 24
    assert Budget(12, 1000, 60.0).plan(10, 10.0, 0.1) == 42 * 12


@given(st.integers(1, 100), st.integers(0, 1000), st.floats(0, 1000), st.floats(0, 10))
def test_a_plan_never_lies_in_the_past(batches: int, done: int, elapsed: float, per_step: float) -> None:
    assert Budget(batches, None, 60.0).plan(done, elapsed, per_step) >= max(1, done)


def test_a_plan_that_would_miss_the_end_is_noticed() -> None:
    budget = Budget(10, None, 100.0)
    assert not budget.misses(100, 50, 50.0, 1.0)
    assert not budget.misses(100, 50, 50.0, 1.1)
    assert budget.misses(100, 50, 50.0, 2.0)
    assert budget.misses(100, 50, 50.0, 0.5)


def test_ending_early_because_the_epochs_are_done_is_no_miss() -> None:
    assert not Budget(10, 10, 100.0).misses(100, 50, 10.0, 0.1)


class _Clock:
    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        return self.time


def test_the_first_batch_and_the_first_validation_say_nothing_about_the_speed() -> None:
    clock = _Clock()
    pace = Pace(clock, began=-5.0)
    clock.time = 20.0
    assert pace.batch(100) == Took(25.0, 0.0)
    for _ in range(10):
        clock.time += 0.5
        pace.batch(100)
    assert pace.known
    assert pace.notes_per_second == pytest.approx(200.0)


def test_the_time_of_a_pause_is_left_out() -> None:
    clock = _Clock()
    pace = Pace(clock)
    clock.time = 2.0
    pace.stop()
    clock.time = 1000.0
    pace.start()
    clock.time = 1003.0
    assert pace.batch(1).seconds == pytest.approx(5.0)


def test_later_validations_are_shared_among_the_batches() -> None:
    clock = _Clock()
    pace = Pace(clock)
    pace.batch(10)
    for _ in range(2):
        for _ in range(4):
            clock.time += 1.0
            pace.batch(10)
        clock.time += 2.0
        assert pace.epoch_end().seconds == 2.0
        assert pace.epoch_notes_per_second() == pytest.approx(10.0)
    assert pace.whole
    assert pace.seconds_per_step(4) == pytest.approx(1.5)


def test_without_a_timed_batch_nothing_is_known() -> None:
    pace = Pace(_Clock())
    assert not pace.known
    assert pace.seconds_per_step(4) == 0.0
    assert pace.epoch_notes_per_second() == 0.0
