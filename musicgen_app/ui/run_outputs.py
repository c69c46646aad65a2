"""Outputs of runs from the window: made as their rows say, or again as another run; one at a time, in a job."""

from functools import partial

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QDialog, QWidget

from musicgen_app.core.errors import MusicgenError
from musicgen_app.project.runs import RunRecord
from musicgen_app.ui.again_dialog import AgainDialog
from musicgen_app.ui.jobs import Job
from musicgen_app.workflow.outputs import OutputMade, OutputRequest, make_output, plan_of, writes_words


class RunOutputs(QObject):
    """Asks, where something is to be asked, and makes music.

    Signals:
        job_started: A job with its title, for the status bar.
        made: Music was made (an OutputMade).
        changed: It began or ended.
        failed: It could not be made (a MusicgenError).
        told: Something was done, in a few words.
    """

    job_started = Signal(object, str)
    made = Signal(object)
    changed = Signal()
    failed = Signal(object)
    told = Signal(str)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._job: Job | None = None

    @property
    def busy(self) -> bool:
        """Whether music is being made."""
        return self._job is not None

    def make(self, run: RunRecord) -> None:
        """Make the output of a run, as its row says."""
        self.start(OutputRequest(run.folder), f"Output of {run.title}")

    def ask_again(self, run: RunRecord) -> None:
        """Ask how, and make music with the model of a run, as a run of its own."""
        if self.busy or run.checkpoint is None:
            return
        try:
            dialog = AgainDialog(run, plan_of(run, {}), writes_words(run.checkpoint), self._window)
        except MusicgenError as error:
            self.failed.emit(error)
            return
        if dialog.exec() == QDialog.DialogCode.Accepted:
            self.start(dialog.request(), f"Music with the model of {run.title}")
        dialog.deleteLater()

    def start(self, request: OutputRequest, title: str) -> None:
        """Begin to make what is asked for, if nothing else is being made."""
        if self.busy:
            return
        job = self._job = Job(partial(make_output, request), self)
        job.succeeded.connect(self._on_made)
        job.failed.connect(self._on_failed)
        job.cancelled.connect(self._on_cancelled)
        self.job_started.emit(job, title)
        job.start()
        self.changed.emit()

    def shutdown(self) -> None:
        """Stop; what is not finished is thrown away."""
        if self._job is not None:
            self._job.cancel()
            self._end()

    def _end(self) -> None:
        job, self._job = self._job, None
        if job is not None:
            job.wait()
            job.deleteLater()
        self.changed.emit()

    def _is_stale(self) -> bool:
        """Whether a signal was still on its way when its job was shut down."""
        return self._job is None or self.sender() is not self._job

    @Slot(object)
    def _on_made(self, made: OutputMade) -> None:
        if self._is_stale():
            return
        self._end()
        self.made.emit(made)
        score = "" if made.score is None else f" Its score is {made.score:.3f}."
        self.told.emit(f"Run {made.run} has an output of {made.notes:,} notes.{score}")

    @Slot(object)
    def _on_failed(self, error: MusicgenError) -> None:
        if not self._is_stale():
            self._end()
            self.failed.emit(error)

    @Slot()
    def _on_cancelled(self) -> None:
        if not self._is_stale():
            self._end()
            self.told.emit("Stopped. No output was made.")
