import threading

import pytest

from musicgen_app.core.errors import Cancelled
from musicgen_app.core.progress import CancelToken, Progress, silent


def test_work_goes_on_until_it_is_asked_to_stop() -> None:
    token = CancelToken()
    token.check()
    assert not token.cancelled
    token.cancel()
    assert token.cancelled
    with pytest.raises(Cancelled):
        token.check()


def test_another_thread_may_ask() -> None:
    token = CancelToken()
    thread = threading.Thread(target=token.cancel)
    thread.start()
    thread.join()
    assert token.cancelled


def test_asking_twice_is_asking_once() -> None:
    token = CancelToken()
    token.cancel()
    token.cancel()
    with pytest.raises(Cancelled):
        token.check()


def test_progress_is_a_value() -> None:
    assert Progress("Reading files", 3, 10) == Progress("Reading files", 3, 10)
    with pytest.raises(AttributeError):
        Progress("Reading files").done = 1  # type: ignore[misc]


def test_a_silent_listener_takes_anything() -> None:
    assert silent(Progress("Reading files")) is None  # type: ignore[func-returns-value]
