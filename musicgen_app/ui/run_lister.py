"""Lists the runs of a project with many, beside the window: first as they were known, then as they are."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from musicgen_app.core.errors import MusicgenError
from musicgen_app.core.progress import CancelToken, Report
from musicgen_app.project.run_index import RunIndex, read_index, refresh_index
from musicgen_app.ui.jobs import Job
from musicgen_app.workflow.child import run_in_child
from musicgen_app.workflow.experiments import ListRequest


class RunLister(QObject):
    """Runs one listing at a time; another one that is asked for ends it.

    Signals:
        listed: Rows are known (a tuple of RunRow), maybe not all of them yet.
        ended: The listing is over.
        failed: It could not be done (a MusicgenError).
    """

    listed = Signal(object)
    ended = Signal()
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._job: Job | None = None

    @property
    def busy(self) -> bool:
        """Whether runs are being read."""
        return self._job is not None

    def start(self, project: Path) -> None:
        """List the runs of a project."""
        self.stop()
        self._job = Job(partial(_list, project), self)
        self._job.progressed.connect(self._on_index)
        self._job.succeeded.connect(self._on_done)
        self._job.failed.connect(self._on_failed)
        self._job.start()

    def stop(self) -> None:
        """End the listing; takes a moment at most."""
        job, self._job = self._job, None
        if job is not None:
            job.cancel()
            job.wait()
            job.deleteLater()

    def _is_stale(self) -> bool:
        """Whether a signal was still on its way when its listing was ended."""
        return self._job is None or self.sender() is not self._job

    @Slot(object)
    def _on_index(self, report: object) -> None:
        if isinstance(report, RunIndex) and not self._is_stale():
            self.listed.emit(report.rows)

    @Slot(object)
    def _on_done(self, index: RunIndex) -> None:
        if not self._is_stale():
            self.stop()
            self.listed.emit(index.rows)
            self.ended.emit()

    @Slot(object)
    def _on_failed(self, error: MusicgenError) -> None:
        if not self._is_stale():
            self.stop()
            self.failed.emit(error)
            self.ended.emit()


def _list(project: Path, report: Report, cancel: CancelToken) -> RunIndex:
    """The runs of a project. A child process reads them: here it would hold up the window's own thread."""
    known = read_index(project)
    if known.rows:
        report(known)
    count = run_in_child("list_runs", ListRequest(project), report, cancel)
    index = read_index(project)
    if len(index.rows) != count:  # a disk that is read only: nothing could be handed over
        index, _ = refresh_index(project, report, cancel)
    return index
