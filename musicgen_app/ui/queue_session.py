"""The queue of runs in a child process of the window, told run by run like a training of its own."""

from pathlib import Path

from PySide6.QtCore import Signal

from musicgen_app.project.queue import PAUSE, STOP
from musicgen_app.ui.jobs import Job
from musicgen_app.ui.training_session import PAUSED, PREPARING, STOPPING, TRAINING, TrainingSession
from musicgen_app.workflow.queue import QueueReport, QueueRequest, QueueResult
from musicgen_app.workflow.reports import BatchReport

_PATIENCE_SECONDS = 25.0
"""So long the process of a window that was killed may take to save what it was at."""


class QueueSession(TrainingSession):
    """Works the queue off and tells of the run that goes on as ``TrainingSession`` does.

    It is steered through the queue's file, by whatever process; ``follow`` hands over what that says.

    Signals:
        advanced: An entry was begun, is further, or is over (QueueReport).
        ended: Nothing is left to do, or it was told to stop (QueueResult).
    """

    advanced = Signal(object)
    ended = Signal(object)

    _entry = 0
    _learning = False

    def start_queue(self, project: Path) -> Job:
        """Run the queue of a project. Its job has already begun when this returns.

        Raises:
            RuntimeError: It goes on already.
        """
        self._entry, self._learning = 0, False
        return self._begin("queue", QueueRequest(project, _PATIENCE_SECONDS))

    def follow(self, order: str) -> None:
        """Be in the state that an order brings about."""
        if not self.busy or self.state == STOPPING:
            return
        if order in (PAUSE, STOP):
            self._set_state(PAUSED if order == PAUSE else STOPPING)
        elif self.state == PAUSED:
            self._set_state(TRAINING if self._learning else PREPARING)

    def _hear(self, report: object) -> None:
        if isinstance(report, QueueReport):
            self._on_advance(report)
            return
        self._learning = self._learning or isinstance(report, BatchReport)
        super()._hear(report)

    def _finish(self, result: object) -> None:
        if isinstance(result, QueueResult):
            self._end()
            self.ended.emit(result)

    def _on_advance(self, report: QueueReport) -> None:
        if report.entry != self._entry:
            self._entry, self._learning = report.entry, False
            if self.state == TRAINING:
                self._set_state(PREPARING)
        self.advanced.emit(report)
