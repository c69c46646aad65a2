"""A blind listening test, led through by keys or mouse; nothing in it tells which take is of which run."""

import secrets
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QDialog, QStackedWidget, QVBoxLayout, QWidget

from musicgen_app.core.errors import MusicgenError
from musicgen_app.core.preference import wilson
from musicgen_app.core.progress import Progress
from musicgen_app.project.listening import FIRST, SAME, SECOND, Round
from musicgen_app.ui.controls import BETWEEN, SecondaryLabel
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.jobs import Job
from musicgen_app.ui.listening_pages import EndPage, RoundPage, StartPage, WaitPage
from musicgen_app.ui.playback import Playback
from musicgen_app.ui.player import Player
from musicgen_app.ui.status import time_left
from musicgen_app.workflow.child import run_in_child
from musicgen_app.workflow.listen import BlindTest, Heard, ListenRequest, keep_answers

_START, _WAIT, _ROUND, _END = range(4)
_TICKS_A_SECOND = 960
"""Of the music of a test, which has no tempo of its own."""
_SEEDS = 2**31
_ANSWER_KEYS = {
    Qt.Key.Key_1: FIRST,
    Qt.Key.Key_Left: FIRST,
    Qt.Key.Key_2: SECOND,
    Qt.Key.Key_Right: SECOND,
    Qt.Key.Key_T: SAME,
    Qt.Key.Key_Down: SAME,
}
_PLAY_KEYS = {Qt.Key.Key_A: 0, Qt.Key.Key_B: 1}


class ListeningDialog(QDialog):
    """Leads through a test of two runs.

    Args:
        project: The project's folder.
        names: Titles of the runs that can be chosen, by number.
        playback: Lends the player.
        player: What sounds.
        icons: Pictures.
        parent: Qt's owner.

    Signals:
        kept: Answers stand in the project and in its notebook.
        failed: Something could not be done (a MusicgenError).
    """

    kept = Signal()
    failed = Signal(object)

    def __init__(
        self,
        project: Path,
        names: dict[int, str],
        playback: Playback,
        player: Player,
        icons: Icons,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Blind listening test")
        self.setModal(True)
        self.setMinimumSize(560, 430)
        self._project, self._playback, self._player = project, playback, player
        self._job: Job | None = None
        self._test: BlindTest | None = None
        self._answers: tuple[Round, ...] = ()
        self._playing: int | None = None
        self.start = StartPage(names)
        self.wait = WaitPage()
        self.round = RoundPage(icons)
        self.end = EndPage()
        self.problem = SecondaryLabel()
        self.problem.hide()
        self.pages = QStackedWidget()
        for page in (self.start, self.wait, self.round, self.end):
            self.pages.addWidget(page)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(BETWEEN, BETWEEN, BETWEEN, BETWEEN)
        rows.addWidget(self.pages, 1)
        rows.addWidget(self.problem)
        self._connect()

    @property
    def test(self) -> BlindTest | None:
        """The test that goes on; None before it begins."""
        return self._test

    @Slot()
    def begin(self) -> None:
        """Make the music, then begin with the first round."""
        if self._job is not None:
            return
        rounds, seconds = self.start.rounds.value(), float(self.start.seconds.value())
        self.problem.hide()
        self.wait.tell(0, rounds, "")
        self.pages.setCurrentIndex(_WAIT)
        request = ListenRequest(self._project, self.start.runs, secrets.randbelow(_SEEDS), rounds, seconds)
        job = self._job = Job(partial(run_in_child, "listen", request), self)
        job.progressed.connect(self._on_progress)
        job.succeeded.connect(self._on_made)
        job.failed.connect(self._on_failed)
        job.cancelled.connect(self._on_cancelled)
        job.start()

    @Slot(int)
    def toggle(self, place: int) -> None:
        """Play a take of this round from its start, or stop it."""
        if self._test is None or self.pages.currentIndex() != _ROUND:
            return
        stops = self._playing == place
        self._playing = None
        self._player.stop()
        if not stops:
            self._playback.listen_once(self._test.rounds[len(self._answers)].music[place])
            self._playing = place
        self._show_playing()

    @Slot(str)
    def answer(self, said: str) -> None:
        """Take an answer and go on; it counts only when both takes were heard."""
        if self._test is None or self.pages.currentIndex() != _ROUND or not self.round.can_answer:
            return
        self._fall_silent()
        one = self._test.rounds[len(self._answers)]
        self._answers = (*self._answers, Round(one.number, one.first, said))
        if len(self._answers) < len(self._test.rounds):
            self._next()
        else:
            self._finish()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if self.pages.currentIndex() == _ROUND and key in _PLAY_KEYS:
            self.toggle(_PLAY_KEYS[key])
        elif self.pages.currentIndex() == _ROUND and key in _ANSWER_KEYS:
            self.answer(_ANSWER_KEYS[key])
        else:
            super().keyPressEvent(event)

    def reject(self) -> None:
        """Stop: what is being made is given up, rounds so far are kept and told; from there it closes."""
        if self._job is not None:
            self._job.cancel()
        elif self.pages.currentIndex() == _ROUND and self._answers:
            self._fall_silent()
            self._finish()
        else:
            self._fall_silent()
            super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.shutdown()
        super().closeEvent(event)

    def shutdown(self) -> None:
        """Stop everything, and keep the rounds so far."""
        self._fall_silent()
        if self.pages.currentIndex() == _ROUND and self._answers:
            self._finish()
        job, self._job = self._job, None
        if job is not None:
            job.cancel()
            job.wait()

    def _connect(self) -> None:
        self.start.start_asked.connect(self.begin)
        self.round.play_asked.connect(self.toggle)
        self.round.answered.connect(self.answer)
        self.end.again_asked.connect(self._on_again)
        self.end.close_asked.connect(self.accept)
        self._player.state_changed.connect(self._on_state)
        self._player.position_changed.connect(self._on_position)

    def _next(self) -> None:
        if self._test is not None:
            self.round.begin(len(self._answers) + 1, len(self._test.rounds))

    def _finish(self) -> None:
        """Keep the answers and tell what they come to."""
        if self._test is None:
            return
        session = replace(self._test.session, rounds=self._answers)
        try:
            heard = keep_answers(self._project, session, self._test.names)
        except MusicgenError as error:
            self.failed.emit(error)
            self._tell(str(error))
            return
        title = "Stopped" if session.stopped else "That was the last round"
        self.end.show_result(title, heard.words, _details(heard, self._test.names))
        self.pages.setCurrentIndex(_END)
        self.kept.emit()

    def _fall_silent(self) -> None:
        if self._playing is not None:
            self._playing = None
            self._playback.back_to_roll()

    def _show_playing(self) -> None:
        if self._test is not None:
            second = self._player.position / _TICKS_A_SECOND if self._playing is not None else 0.0
            self.round.show_playing(self._playing, second, self._test.seconds)

    def _tell(self, words: str) -> None:
        self.problem.setText(words)
        self.problem.setVisible(bool(words))

    def _end_job(self) -> None:
        job, self._job = self._job, None
        if job is not None:
            job.wait()
            job.deleteLater()

    @Slot(str)
    def _on_state(self, state: str) -> None:
        if state != "playing" and self._playing is not None and not self._player.playing:
            self._playing = None
            self._show_playing()

    @Slot(int)
    def _on_position(self, _tick: int) -> None:
        if self._playing is not None:
            self._show_playing()

    @Slot(object)
    def _on_progress(self, report: object) -> None:
        if isinstance(report, Progress) and self._job is not None:
            self.wait.tell(report.done, report.total, time_left(report.seconds_left))

    @Slot(object)
    def _on_made(self, test: BlindTest) -> None:
        if self._job is None:
            return
        self._end_job()
        self._test, self._answers = test, ()
        self.pages.setCurrentIndex(_ROUND)
        self._next()

    @Slot(object)
    def _on_failed(self, error: MusicgenError) -> None:
        if self._job is not None:
            self._end_job()
            self.pages.setCurrentIndex(_START)
            self._tell(str(error))

    @Slot()
    def _on_cancelled(self) -> None:
        if self._job is not None:
            self._end_job()
            self.pages.setCurrentIndex(_START)

    @Slot()
    def _on_again(self) -> None:
        self.pages.setCurrentIndex(_START)


def _details(heard: Heard, names: tuple[str, str]) -> list[str]:
    """The figures behind the sentence."""
    lines = []
    for title, tally in (("This test", heard.tally), (f"All {heard.sessions} tests", heard.total)):
        low, high = wilson(tally.first, tally.decided)
        share = f", share of {names[0]} {tally.first / tally.decided:.0%}" if tally.decided else ""
        lines.append(
            f"{title}: {names[0]} {tally.first}, {names[1]} {tally.second}, no difference {tally.ties}{share} "
            f"(95 % interval by Wilson {low:.0%} to {high:.0%}), two-sided sign test p = {tally.p_value:.3f}."
        )
    return lines if heard.sessions > 1 else lines[:1]
