"""One training at a time: its job, its state, and the steering wheel."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from musicgen_app.core.errors import MusicgenError
from musicgen_app.core.progress import Progress
from musicgen_app.ui.jobs import Job
from musicgen_app.workflow.child import run_in_child
from musicgen_app.workflow.control import TrainControl
from musicgen_app.workflow.reports import BatchReport, EpochReport, TrainResult, TrainStarted
from musicgen_app.workflow.train import TrainRequest

IDLE, PREPARING, TRAINING, PAUSED, STOPPING = "idle", "preparing", "training", "paused", "stopping"


class TrainingSession(QObject):
    """Runs trainings in a child process and tells the window what happens, in its thread.

    Signals:
        state_changed: "idle", "preparing", "training", "paused" or "stopping".
        prepared: What is being done before the first batch (words).
        started: The first batch is about to run (TrainStarted).
        batch_done: Some batches are done (BatchReport), at most about 30 a second.
        epoch_done: An epoch is over (EpochReport); none is ever left out.
        finished: It came to its end (TrainResult).
        stopped: It was stopped and can be resumed.
        failed: It could not go on (MusicgenError).
    """

    state_changed = Signal(str)
    prepared = Signal(str)
    started = Signal(object)
    batch_done = Signal(object)
    epoch_done = Signal(object)
    finished = Signal(object)
    stopped = Signal()
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = IDLE
        self._job: Job | None = None
        self._control = TrainControl()
        self._run: Path | None = None

    @property
    def state(self) -> str:
        """What goes on."""
        return self._state

    @property
    def busy(self) -> bool:
        """Whether a training goes on, paused or not."""
        return self._state != IDLE

    @property
    def run(self) -> Path | None:
        """The folder of the run that goes on."""
        return self._run

    def start(self, request: TrainRequest) -> Job:
        """Start or resume a training. Its job has already begun when this returns.

        Raises:
            RuntimeError: A training goes on already.
        """
        self._run = request.out
        return self._begin("train", request)

    def _begin(self, verb: str, request: object) -> Job:
        if self.busy:
            raise RuntimeError("A training goes on already.")
        self._control = TrainControl()
        self._job = Job(partial(run_in_child, verb, request), self, self._control, thinned=(Progress, BatchReport))
        self._job.progressed.connect(self._on_report)
        self._job.succeeded.connect(self._on_succeeded)
        self._job.failed.connect(self._on_failed)
        self._job.cancelled.connect(self._on_cancelled)
        self._set_state(PREPARING)
        self._job.start()
        return self._job

    def pause(self) -> None:
        """Let the training wait after the current batch."""
        if self._state == TRAINING:
            self._control.pause()
            self._set_state(PAUSED)

    def unpause(self) -> None:
        """Let the training go on."""
        if self._state == PAUSED:
            self._control.unpause()
            self._set_state(TRAINING)

    def keep(self) -> None:
        """End the training in good order, with the best model so far."""
        if self._state in (TRAINING, PAUSED):
            self._control.keep()
            self._set_state(STOPPING)

    def stop(self) -> None:
        """Stop the training; it can be resumed."""
        if self.busy and self._job is not None:
            self._job.cancel()
            self._set_state(STOPPING)

    def shutdown(self) -> None:
        """Stop, and return when the child process is gone: in less than three seconds."""
        job = self._job
        if job is not None:
            job.cancel()
            job.wait()
            self._end()

    @Slot(object)
    def _on_report(self, report: object) -> None:
        if not self._is_stale():
            self._hear(report)

    @Slot(object)
    def _on_succeeded(self, result: object) -> None:
        if not self._is_stale():
            self._finish(result)

    # Qt does not know the sender in a slot that is overridden: these two are, in its place.

    def _hear(self, report: object) -> None:
        if isinstance(report, BatchReport | EpochReport) and self._state == PREPARING:
            self._set_state(TRAINING)
        if isinstance(report, BatchReport):
            self.batch_done.emit(report)
        elif isinstance(report, EpochReport):
            self.epoch_done.emit(report)
        elif isinstance(report, TrainStarted):
            self.started.emit(report)
        elif isinstance(report, Progress):
            self.prepared.emit(f"{report.stage} {report.item}".strip())

    def _finish(self, result: object) -> None:
        if isinstance(result, TrainResult):
            self._end()
            self.finished.emit(result)

    @Slot(object)
    def _on_failed(self, error: object) -> None:
        if not self._is_stale() and isinstance(error, MusicgenError):
            self._end()
            self.failed.emit(error)

    @Slot()
    def _on_cancelled(self) -> None:
        if not self._is_stale():
            self._end()
            self.stopped.emit()

    def _is_stale(self) -> bool:
        """Whether a signal was still on its way when its training was shut down."""
        return self._job is None or self.sender() is not self._job

    def _end(self) -> None:
        # The job stays the child of this object until its thread is gone; the slots above run before that.
        job, self._job = self._job, None
        self._run = None
        if job is not None:
            job.wait()
            job.deleteLater()
        self._set_state(IDLE)

    def _set_state(self, state: str) -> None:
        if state != self._state:
            self._state = state
            self.state_changed.emit(state)
