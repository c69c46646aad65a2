"""Fills the table of files: supervises the scan and hands over what arrives, many files at a time."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from musicgen_app.dataset.parts import PIANO
from musicgen_app.ui.jobs import Job
from musicgen_app.ui.source_scan import scan
from musicgen_app.workflow.inspect import FileFacts

_HAND_OVER_MS = 60


class CollectionReader(QObject):
    """One look at a collection at a time; a new one ends the one before.

    Signals:
        job_started: The scan has begun (its Job, a title).
        arrived: Files were looked at (a tuple of FileFacts).
        ended: All files that will come have come.
        failed: The scan could not go on (a MusicgenError).
    """

    job_started = Signal(object, str)
    arrived = Signal(object)
    ended = Signal()
    failed = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._job: Job | None = None
        self._waiting: list[FileFacts] = []
        self._timer = QTimer(self)
        self._timer.setInterval(_HAND_OVER_MS)
        self._timer.timeout.connect(self._hand_over)

    @property
    def busy(self) -> bool:
        """Whether files are being looked at."""
        return self._job is not None

    def start(self, sources: tuple[Path, ...], memory: Path, programs: str = PIANO.text) -> None:
        """Look at these files and folders.

        Args:
            sources: Files and folders.
            memory: The file that remembers what was seen.
            programs: Which tracks of the files count, as ``Parts.text``.
        """
        self.stop()
        job = Job(partial(scan, sources, memory, programs=programs), self)
        job.progressed.connect(self._on_report)
        job.failed.connect(self.failed)
        job.finished.connect(self._on_finished)
        self._job = job
        self._timer.start()
        self.job_started.emit(job, "Looking at the files")
        job.start()

    def stop(self) -> None:
        """End the scan, if one goes on; what it still says is not listened to."""
        job, self._job = self._job, None
        self._timer.stop()
        self._waiting = []
        if job is not None:
            job.cancel()
            job.wait()
            job.deleteLater()

    def _on_report(self, report: object) -> None:
        # Reports of a scan that was stopped may still be on their way.
        if isinstance(report, FileFacts) and self.sender() is self._job:
            self._waiting.append(report)

    def _hand_over(self) -> None:
        arrived, self._waiting = tuple(self._waiting), []
        if arrived:
            self.arrived.emit(arrived)

    def _on_finished(self) -> None:
        job = self.sender()
        if job is None or job is not self._job:
            return
        self._job = None
        self._timer.stop()
        self._hand_over()
        job.deleteLater()
        self.ended.emit()
