"""Messages that wait, notes that go, and jobs in the status bar."""

from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from musicgen_app.core.errors import MusicgenError, ProjectError
from musicgen_app.core.progress import CancelToken, Progress, Report
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.jobs import Job
from musicgen_app.ui.messages import Banner, Message, Messages, Note, Question, ask, message_of
from musicgen_app.ui.status import StatusArea, time_left
from musicgen_app.ui.theme import Theme
from musicgen_app.workflow.child import WorkerError
from musicgen_app.workflow.queue import QueueReport
from musicgen_app.workflow.reports import BatchReport, TrainStarted


@pytest.fixture
def icons(qtbot: QtBot, tmp_path: Path) -> Icons:
    return Icons(Theme(glyphs=tmp_path))


@pytest.fixture
def messages(qtbot: QtBot, icons: Icons) -> Messages:
    messages = Messages(icons)
    qtbot.addWidget(messages)
    return messages


@pytest.fixture
def status(qtbot: QtBot, icons: Icons) -> StatusArea:
    status = StatusArea(icons)
    qtbot.addWidget(status)
    return status


def press(banner: Banner, text: str) -> None:
    next(button for button in banner.findChildren(QPushButton) if button.text() == text).click()


def test_an_error_is_told_with_its_sentence_and_waits(messages: Messages) -> None:
    assert messages.isHidden()
    messages.show_error(ProjectError("The disk is full.", "Free some space."))
    assert not messages.isHidden()
    assert messages.shown == (Message("The disk is full.", "Free some space."),)


def test_the_same_message_is_not_told_twice_and_three_wait_at_most(messages: Messages) -> None:
    for text in ("one", "one", "two", "three", "four"):
        messages.show_error(MusicgenError(text))
    assert [message.title for message in messages.shown] == ["four", "three", "two"]


def test_a_message_can_be_copied_with_its_details_and_closed(messages: Messages, qtbot: QtBot) -> None:
    messages.show_message(Message("It broke.", "Mend it.", "line 3"))
    banner = messages.findChild(Banner)
    press(banner, "Copy")
    assert QGuiApplication.clipboard().text() == "It broke.\n\nMend it.\n\nline 3"
    banner._close()
    assert messages.shown == ()
    assert messages.isHidden()


def test_a_message_with_an_action_closes_when_it_is_asked_for(messages: Messages) -> None:
    offer = Message("It was interrupted.", "It can go on.", action="Continue", kind="accent")
    asked: list[Message] = []
    messages.acted.connect(asked.append)
    messages.show_message(offer)
    press(messages.findChild(Banner), "Continue")
    assert asked == [offer]
    assert messages.shown == ()
    messages.show_message(offer)
    messages.take_back(offer)
    assert messages.shown == ()


def test_details_are_folded_until_asked_for(messages: Messages) -> None:
    messages.show()
    messages.show_message(Message("It broke.", details="line 3"))
    banner = messages.findChild(Banner)
    assert banner._details.isHidden()
    press(banner, "Details")
    assert not banner._details.isHidden()


def test_all_messages_can_be_cleared(messages: Messages) -> None:
    messages.show_error(MusicgenError("one"))
    messages.show_error(MusicgenError("two"))
    messages.clear()
    assert messages.shown == ()


def test_what_nobody_foresaw_is_told_calmly_with_its_trace_in_the_details() -> None:
    told = message_of(KeyError("x"))
    assert told.title == "Something unexpected happened."
    assert "KeyError" in told.details


def test_the_details_of_a_cause_and_of_a_worker_are_kept() -> None:
    error = MusicgenError("Outer.")
    error.__cause__ = ValueError("inner")
    assert "inner" in message_of(error).details
    assert message_of(WorkerError("It died.", details="last words")).details == "last words"


def test_a_note_goes_by_itself(qtbot: QtBot) -> None:
    note = Note()
    qtbot.addWidget(note)
    note._timer.setInterval(1)
    note.tell("Saved")
    assert note.text() == "Saved"
    qtbot.waitUntil(lambda: note.text() == "")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, ""), (-1, ""), (0.2, "1 s left"), (59, "59 s left"), (150, "2 min left"), (7300, "2 h 2 min left")],
)
def test_time_left_is_told_in_words(seconds: float | None, words: str) -> None:
    assert time_left(seconds) == words


def test_a_queue_is_told_as_a_whole(status: StatusArea, qtbot: QtBot) -> None:
    gate = Event()
    told = QueueReport(4, 7, "training", 2, 5, 90.0, 1, 3)
    job = Job(waiting(gate, (told, BatchReport(1, 1, 2, 3.0, 100.0, 5.0, 3))), status)
    status.add_job(job, "Running the queue")
    row = status.jobs[0]
    job.start()
    qtbot.waitUntil(lambda: "epoch" in row.words)
    assert row.words == "Running the queue 2 of 5 done, run 7: training, epoch 1 of 3 2 min left"
    gate.set()
    qtbot.waitUntil(lambda: not status.jobs)
    job.wait()


def waiting(gate: Event, reports: tuple[object, ...]) -> Callable[[Report, CancelToken], None]:
    def task(report: Report, cancel: CancelToken) -> None:
        for one in reports:
            report(one)
        while not gate.wait(0.01):
            cancel.check()

    return task


def test_jobs_stack_tell_how_far_they_are_and_go_when_done(status: StatusArea, qtbot: QtBot) -> None:
    gate = Event()
    jobs = [
        Job(waiting(gate, (Progress("Reading files", 3, 10, 42.0, "a.mid"),)), status),
        Job(
            waiting(
                gate, (TrainStarted(Path("r"), "small", 5, 10, 1, 1, 4), BatchReport(2, 5, 10, 3.0, 900.0, 7.0, 4))
            ),
            status,
        ),
    ]
    for job, title in zip(jobs, ("Looking", "Training"), strict=True):
        status.add_job(job, title)
        job.start()
    qtbot.waitUntil(lambda: "42 s left" in status.jobs[0].words and "Epoch 2 of 4" in status.jobs[1].words)
    assert "Reading files  a.mid" in status.jobs[0].words
    assert status.jobs[0]._bar.value() == 300
    assert status.jobs[1]._bar.value() == 375
    gate.set()
    qtbot.waitUntil(lambda: status.jobs == ())
    for job in jobs:
        job.wait()


def test_a_job_can_be_stopped_from_its_row(status: StatusArea, qtbot: QtBot) -> None:
    job = Job(waiting(Event(), ()), status)
    status.add_job(job, "Looking")
    job.start()
    with qtbot.waitSignal(job.cancelled):
        status.jobs[0]._cancel.click()
    qtbot.waitUntil(lambda: status.jobs == ())
    job.wait()


def test_a_job_that_ended_before_it_was_shown_leaves_no_row(status: StatusArea) -> None:
    gate = Event()
    gate.set()
    job = Job(waiting(gate, ()), status)
    job.start()
    job.wait()
    status.add_job(job, "Quick")
    assert status.jobs == ()


def answer_with(monkeypatch: pytest.MonkeyPatch, act: Callable[[Question], None]) -> None:
    """Let questions be answered at once."""

    def exec_(question: Question) -> int:
        question.show()
        act(question)
        return 0

    monkeypatch.setattr(Question, "exec", exec_)


def test_a_question_returns_the_number_of_the_answer(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    choices = ("Save", "Do not save", "Cancel")
    answer_with(monkeypatch, lambda question: question.buttons[1].click())
    assert ask(window, "Save?", "It is lost otherwise.", choices) == 1
    answer_with(monkeypatch, lambda question: qtbot.keyClick(question, Qt.Key.Key_Return))
    assert ask(window, "Save?", "It is lost otherwise.", choices) == 0


def test_a_question_closed_unanswered_takes_the_last_answer(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    answer_with(monkeypatch, lambda question: qtbot.keyClick(question, Qt.Key.Key_Escape))
    assert ask(window, "Save?", "It is lost otherwise.", ("Save", "Cancel")) == 1
