"""Lists the runs of a project with many, beside the window: first as they were known, then as they are."""

import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from musicgen_app.core.errors import MusicgenError
from musicgen_app.core.progress import CancelToken, Report
from musicgen_app.project.run_index import RunIndex, index_stamp, read_index, refresh_index
from musicgen_app.ui.jobs import Job, Task
from musicgen_app.workflow.child import run_in_child
from musicgen_app.workflow.experiments import ListRequest

_AFTER_MS = 60
"""Each part begins when the window has drawn what it knows: while two threads compute, each call of Qt has to wait."""
_BREATH_SEC = 0.0002


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
        self._project: Path | None = None
        self._next: Task | None = None
        self._job: Job | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_AFTER_MS)
        self._timer.timeout.connect(self._begin)

    @property
    def busy(self) -> bool:
        """Whether runs are being read."""
        return self._project is not None

    def start(self, project: Path) -> None:
        """List the runs of a project."""
        self.stop()
        self._project = project
        self._then(partial(_known, project))

    def stop(self) -> None:
        """End the listing; takes a moment at most."""
        self._project = self._next = None
        self._timer.stop()
        self._end_job()

    def _then(self, task: Task) -> None:
        self._next = task
        self._timer.start()

    @Slot()
    def _begin(self) -> None:
        task, self._next = self._next, None
        if task is not None:
            self._job = Job(task, self)
            self._job.succeeded.connect(self._on_done)
            self._job.failed.connect(self._on_failed)
            self._job.start()

    def _end_job(self) -> None:
        job, self._job = self._job, None
        if job is not None:
            job.cancel()
            job.wait()
            job.deleteLater()

    def _is_stale(self) -> bool:
        """Whether a signal was still on its way when its listing was ended."""
        return self._job is None or self.sender() is not self._job

    @Slot(object)
    def _on_done(self, found: object) -> None:
        if self._is_stale():
            return
        self._end_job()
        if isinstance(found, _Known) and self._project is not None:
            self._then(partial(_refreshed, self._project, found.stamp, len(found.index.rows)))
            if found.index.rows:
                self.listed.emit(found.index.rows)
            return
        self.stop()
        if isinstance(found, RunIndex):
            self.listed.emit(found.rows)
        self.ended.emit()

    @Slot(object)
    def _on_failed(self, error: MusicgenError) -> None:
        if not self._is_stale():
            self.stop()
            self.failed.emit(error)
            self.ended.emit()


@dataclass(frozen=True, slots=True)
class _Known:
    """The index as it was left, and what its file looked like before it was read."""

    index: RunIndex
    stamp: tuple[int, int, int]


def _known(project: Path, _report: Report, _cancel: CancelToken) -> _Known:
    stamp = index_stamp(project)
    return _Known(read_index(project, _breathe), stamp)


def _refreshed(
    project: Path, stamp: tuple[int, int, int], rows: int, report: Report, cancel: CancelToken
) -> RunIndex | None:
    """The runs of a project; None where they are as they were known.

    A child process reads them: here it would hold up the window's own thread.
    """
    count = run_in_child("list_runs", ListRequest(project), report, cancel)
    if count == rows and index_stamp(project) == stamp:
        return None
    index = read_index(project, _breathe)
    if len(index.rows) != count:  # a disk that is read only: nothing could be handed over
        index, _ = refresh_index(project, report, cancel)
    return index


def _breathe() -> None:
    time.sleep(_BREATH_SEC)
