"""Pause, keep and cancel."""

import threading

import pytest

from musicgen_app.core.errors import Cancelled
from musicgen_app.workflow.control import TrainControl


def test_a_new_control_lets_work_go_on() -> None:
    control = TrainControl()
    control.wait_while_paused()
    control.check()
    assert not control.paused
    assert not control.keep_asked


@pytest.mark.parametrize("way", ["unpause", "keep", "cancel"])
def test_a_pause_ends_by_any_of_three_ways(way: str) -> None:
    control = TrainControl()
    control.pause()
    assert control.paused
    waiting = threading.Thread(target=control.wait_while_paused)
    waiting.start()
    getattr(control, way)()
    waiting.join(10)
    assert not waiting.is_alive()


def test_pausing_after_the_end_was_asked_for_does_nothing() -> None:
    for ask in ("keep", "cancel"):
        control = TrainControl()
        getattr(control, ask)()
        control.pause()
        assert not control.paused


def test_a_cancelled_control_raises_at_the_next_check() -> None:
    control = TrainControl()
    control.cancel()
    with pytest.raises(Cancelled):
        control.check()
