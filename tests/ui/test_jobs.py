"""Jobs run a task in a thread and tell the window what happened, once."""

import logging
import threading

from PySide6.QtCore import QObject, QThread, Slot

from musicgen_app.core.errors import Cancelled, MidiReadError, MusicgenError
from musicgen_app.core.progress import CancelToken, Progress, Report
from musicgen_app.ui.jobs import Job, Thinner, unexpected


class Listener(QObject):
    """A window's part: remembers what it was told and in which thread."""

    def __init__(self, job: Job) -> None:
        super().__init__()
        self.heard: list[tuple[str, object]] = []
        self.threads: set[QThread] = set()
        job.progressed.connect(self.on_progressed)
        job.succeeded.connect(self.on_succeeded)
        job.failed.connect(self.on_failed)
        job.cancelled.connect(self.on_cancelled)

    def _hear(self, what: str, value: object = None) -> None:
        self.heard.append((what, value))
        self.threads.add(QThread.currentThread())

    @Slot(object)
    def on_progressed(self, report: object) -> None:
        self._hear("progressed", report)

    @Slot(object)
    def on_succeeded(self, result: object) -> None:
        self._hear("succeeded", result)

    @Slot(object)
    def on_failed(self, error: object) -> None:
        self._hear("failed", error)

    @Slot()
    def on_cancelled(self) -> None:
        self._hear("cancelled")


def run(qtbot, job: Job) -> Listener:
    listener = Listener(job)
    with qtbot.waitSignal(job.finished, timeout=10_000):
        job.start()
    job.wait()
    qtbot.waitUntil(lambda: any(what != "progressed" for what, _ in listener.heard))
    return listener


def test_a_job_hands_over_its_reports_and_its_result_in_the_windows_thread(qtbot) -> None:
    worker_threads = []

    def task(report: Report, cancel: CancelToken) -> int:
        worker_threads.append(threading.get_ident())
        report("first")
        report("second")
        return 42

    listener = run(qtbot, Job(task, None))
    assert listener.heard == [("progressed", "first"), ("progressed", "second"), ("succeeded", 42)]
    assert listener.threads == {QThread.currentThread()}
    assert worker_threads != [threading.get_ident()]


def test_a_cancelled_job_says_so_and_nothing_else(qtbot) -> None:
    begun = threading.Event()

    def task(report: Report, cancel: CancelToken) -> None:
        begun.set()
        while True:
            cancel.check()

    job = Job(task, None)
    listener = Listener(job)
    job.start()
    assert begun.wait(10)
    with qtbot.waitSignal(job.cancelled, timeout=10_000):
        job.cancel()
    job.wait()
    assert listener.heard == [("cancelled", None)]


def test_an_error_of_ours_is_carried_over_as_it_is(qtbot) -> None:
    error = MidiReadError("a.mid has no notes.", "Choose another.")

    def task(report: Report, cancel: CancelToken) -> None:
        raise error

    assert run(qtbot, Job(task, None)).heard == [("failed", error)]


def test_an_unforeseen_error_becomes_a_sentence_and_is_logged(qtbot, caplog) -> None:
    def task(report: Report, cancel: CancelToken) -> None:
        raise ZeroDivisionError("division by zero")

    with caplog.at_level(logging.ERROR):
        ((what, error),) = run(qtbot, Job(task, None)).heard
    assert what == "failed"
    assert isinstance(error, MusicgenError)
    assert "division by zero" in error.message
    assert isinstance(error.__cause__, ZeroDivisionError)
    assert "ZeroDivisionError" in caplog.text


def test_the_last_progress_before_the_end_always_arrives(qtbot) -> None:
    def task(report: Report, cancel: CancelToken) -> None:
        for done in range(1000):
            report(Progress("Counting", done, 1000))
        raise Cancelled

    heard = run(qtbot, Job(task, None)).heard
    assert heard[-2:] == [("progressed", Progress("Counting", 999, 1000)), ("cancelled", None)]
    assert len(heard) < 500


def test_a_job_uses_the_token_it_is_given(qtbot) -> None:
    token = CancelToken()
    assert Job(lambda report, cancel: cancel, None, token=token).token is token


def test_lack_of_memory_is_told_as_such() -> None:
    assert "memory" in unexpected(MemoryError()).message


def test_an_error_without_words_is_told_by_its_name() -> None:
    assert "KeyError" in unexpected(KeyError()).message


class TestThinner:
    def make(self, times: list[float]) -> tuple[Thinner, list[object]]:
        heard: list[object] = []
        return Thinner(heard.append, (int,), now=iter(times).__next__, rate=10), heard

    def test_reports_in_quick_succession_are_held_back(self) -> None:
        thin, heard = self.make([0.0, 0.01, 0.02, 0.2])
        for number in (1, 2, 3, 4):
            thin(number)
        assert heard == [1, 4]

    def test_what_is_held_back_goes_out_before_a_report_of_another_kind(self) -> None:
        thin, heard = self.make([0.0, 0.01, 0.02])
        thin(1)
        thin(2)
        thin(3)
        thin("epoch")
        assert heard == [1, 3, "epoch"]

    def test_reports_of_other_kinds_are_never_dropped(self) -> None:
        thin, heard = self.make([])
        for word in "abc":
            thin(word)
        assert heard == ["a", "b", "c"]

    def test_flush_lets_out_the_newest_once(self) -> None:
        thin, heard = self.make([0.0, 0.01, 0.02])
        thin(1)
        thin(2)
        thin(3)
        thin.flush()
        thin.flush()
        assert heard == [1, 3]
