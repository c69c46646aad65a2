"""One piece of work at a time in a thread of its own; of several that are asked for meanwhile the last one counts."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal, Slot

from musicgen_app.ui.jobs import Job, Task

Maker = Callable[[], Task]
"""Makes the task when its turn has come."""


class LatestJob(QObject):
    """Runs the newest task that was asked for, as soon as the one before has ended.

    Signals:
        begun: A task has begun (its Job).
        reported: It told something.
        succeeded: It has a result.
        failed: It could not be done (a MusicgenError).
        ended: It is over, however it ended, and none waits.
    """

    begun = Signal(object)
    reported = Signal(object)
    succeeded = Signal(object)
    failed = Signal(object)
    ended = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._job: Job | None = None
        self._next: Maker | None = None
        self._heard = False

    @property
    def busy(self) -> bool:
        """Whether something that is listened to runs, or waits."""
        return self._next is not None or (self._job is not None and self._heard)

    def ask(self, make: Maker) -> None:
        """Run a task, as soon as the one before has ended."""
        if self._job is not None:
            self._next = make
            return
        self._heard = True
        job = Job(make(), self)
        job.progressed.connect(self._on_report)
        job.succeeded.connect(self._on_result)
        job.failed.connect(self._on_failed)
        job.finished.connect(self._on_finished)
        self._job = job
        self.begun.emit(job)
        job.start()

    def replace(self, make: Maker) -> None:
        """Run a task instead of the one that runs, which is ended."""
        self.drop()
        self.ask(make)

    def cancel(self) -> None:
        """Ask what runs to end; what waits is run then."""
        if self._job is not None:
            self._job.cancel()

    def drop(self) -> None:
        """Let what runs end, without waiting for it; what it still says is not listened to."""
        self._next, self._heard = None, False
        self.cancel()

    def stop(self) -> None:
        """End what runs, and wait for it."""
        self.drop()
        job, self._job = self._job, None
        if job is not None:
            job.wait()
            job.deleteLater()

    def _listens(self) -> bool:
        # What a task said before it was dropped may still be on its way.
        return self._heard and self.sender() is self._job

    @Slot(object)
    def _on_report(self, report: object) -> None:
        if self._listens():
            self.reported.emit(report)

    @Slot(object)
    def _on_result(self, result: object) -> None:
        if self._listens():
            self.succeeded.emit(result)

    @Slot(object)
    def _on_failed(self, error: object) -> None:
        if self._listens():
            self.failed.emit(error)

    @Slot()
    def _on_finished(self) -> None:
        job = self.sender()
        if job is None or job is not self._job:
            return
        self._job = None
        job.deleteLater()
        following, self._next = self._next, None
        if following is not None:
            self.ask(following)
        elif self._heard:
            self._heard = False
            self.ended.emit()
