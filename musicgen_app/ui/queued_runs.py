"""The run of the queue that goes on, shown in the table, the plot and the tiles like one that was started by hand."""

from dataclasses import replace

from PySide6.QtCore import QObject, Signal, Slot

from musicgen_app.core.errors import UsageError
from musicgen_app.project.queue import DONE, FAILED
from musicgen_app.project.runs import read_run
from musicgen_app.ui.queue_desk import QueueDesk
from musicgen_app.ui.queue_words import runs_words
from musicgen_app.ui.run_shelf import RunShelf
from musicgen_app.ui.training_view import TrainingView
from musicgen_app.workflow.queue import QueueReport, QueueResult


class QueuedRuns(QObject):
    """Begins and ends runs on the shelf as the queue does.

    Signals:
        ended: The run on the shelf goes on no more.
        told: Something was done, in a few words.
    """

    ended = Signal()
    told = Signal(str)

    def __init__(self, queue: QueueDesk, shelf: RunShelf, view: TrainingView, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._queue = queue
        self._shelf = shelf
        self._view = view
        self._followed = 0
        queue.session.advanced.connect(self._on_advanced)
        queue.session.ended.connect(self._on_end)
        queue.session.stopped.connect(self._on_stopped)
        queue.session.failed.connect(self._on_stopped)
        queue.run_asked.connect(self._on_run_asked)

    @Slot(object)
    def _on_advanced(self, report: QueueReport) -> None:
        live = self._shelf.live
        if report.over:
            self._end(report)
        elif report.run and (live is None or live.id != report.run):
            self._begin(report)
        elif report.stage == "writing music":
            self._view.phase.tell("Writing music with the new model.")

    def _begin(self, report: QueueReport) -> None:
        """A run has begun; it is chosen unless a person has chosen another one meanwhile."""
        folder = self._queue.folder_of(report.run)
        if folder is None:
            return
        run = read_run(folder, running=True)
        title = next((entry.title for entry in self._queue.queue.entries if entry.id == report.entry), "")
        chosen = self._shelf.chosen
        follow = chosen is None or self._followed in (0, chosen.id)
        if title and run.title == f"Run {run.id}":
            run = replace(run, title=title)
        self._shelf.begin(run, choose=follow)
        if follow:
            self._followed = run.id
        self._view.tiles.show_run(run)

    def _end(self, report: QueueReport) -> None:
        live = self._shelf.live
        title = live.title if live is not None else f"Entry {report.entry} of the queue"
        self.ended.emit()
        self._view.phase.tell("")
        words = {DONE: "is done", FAILED: f"failed. {report.reason}"}.get(report.stage, "was cancelled")
        self.told.emit(f"{title} {words}")

    @Slot(object)
    def _on_end(self, result: QueueResult) -> None:
        self.ended.emit()
        self._followed = 0
        ends = ((result.done, "done"), (result.failed, "failed"), (result.cancelled, "cancelled"))
        told = ", ".join(f"{count} {word}" for count, word in ends if count)
        if result.waiting:
            self.told.emit(f"The queue is stopped and can be continued: {runs_words(result.waiting)} left")
        else:
            self.told.emit(f"The queue is through: {told or 'nothing was left to do'}")

    @Slot()
    def _on_stopped(self) -> None:
        self.ended.emit()
        self._followed = 0

    @Slot(int)
    def _on_run_asked(self, number: int) -> None:
        if not self._shelf.show(number):
            self._queue.failed.emit(UsageError(f"There is no run {number} in this project any more."))
