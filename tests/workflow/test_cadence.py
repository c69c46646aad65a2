"""When a take is due, and what it may cost."""

from dataclasses import replace

import pytest

from musicgen_app.core.errors import UsageError
from musicgen_app.ml.hearing import Moment
from musicgen_app.project.timeline import Timeline, TimelineTake
from musicgen_app.workflow.cadence import MOST_SHARE, PLANNED_SHARE, cadence_of, expected_from, first_guess_sec

MOMENT = Moment(step=40, epoch=4, batch=0, batches=10, seconds=100.0, learning_seconds=50.0, loss=None)
TAKE = TimelineTake(3, 0, 3.0, 30, 75.0, 2.0, 2.5, 0, 100, 20.0, 0.4)


def test_without_takes_none_is_ever_due() -> None:
    assert not cadence_of("off").due(MOMENT, Timeline(), 0.0)


def test_after_an_epoch_one_is_due_as_far_as_the_time_allows() -> None:
    cadence = cadence_of("auto")
    assert cadence.due(MOMENT, Timeline(), PLANNED_SHARE * 50)
    assert not cadence.due(MOMENT, Timeline(), PLANNED_SHARE * 50 + 0.01)
    assert not cadence.due(MOMENT, Timeline((TAKE,)), PLANNED_SHARE * 50 - 0.3)
    assert not cadence.due(MOMENT, Timeline((), 0.9), 0.2)
    assert not cadence.due(replace(MOMENT, batch=3), Timeline(), 0.0)
    assert cadence.limit_sec(MOMENT, Timeline((TAKE,))) == pytest.approx(MOST_SHARE * 50 - 0.4)


def test_a_moment_is_heard_once() -> None:
    cadence = cadence_of("epoch")
    assert cadence.due(MOMENT, Timeline((TAKE,)), 0.0)
    assert not cadence.due(replace(MOMENT, step=30), Timeline((TAKE,)), 0.0)


def test_every_epoch_means_every_epoch() -> None:
    cadence = cadence_of("epoch")
    assert cadence.due(MOMENT, Timeline(), 1e9)
    assert cadence.limit_sec(MOMENT, Timeline()) is None
    assert not cadence.due(replace(MOMENT, batch=1), Timeline(), 0.0)


def test_minutes_count_from_the_last_take_and_inside_epochs_too() -> None:
    cadence = cadence_of("0.5")
    assert cadence.due(replace(MOMENT, batch=3), Timeline(), 0.1)
    assert not cadence.due(MOMENT, Timeline((TAKE,)), 0.1)
    assert cadence.due(replace(MOMENT, seconds=105.0), Timeline((TAKE,)), 0.1)
    assert not cadence.due(replace(MOMENT, seconds=105.0), Timeline((TAKE,)), 50.0), "the budget holds here too"


@pytest.mark.parametrize("text", ["", "often", "0", "-1", "nan", "inf", "20000"])
def test_other_words_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="Takes cannot be made"):
        cadence_of(text)


def test_what_is_expected_follows_from_the_last_take() -> None:
    assert first_guess_sec(10_000_000) > first_guess_sec(1_000_000) > 0
    assert expected_from(1.0, 0.5) == pytest.approx(2.2)
