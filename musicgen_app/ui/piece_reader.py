"""Reads the chosen piece in a thread of its own; of several that are chosen meanwhile the last one counts."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from musicgen_app.core.progress import CancelToken, Report
from musicgen_app.ui.jobs import Job
from musicgen_app.workflow.details import Looked, look_at


class PieceReader(QObject):
    """One piece at a time.

    Signals:
        looked: A piece was read (a Looked).
        failed: Something unforeseen happened (a MusicgenError).
    """

    looked = Signal(object)
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._job: Job | None = None
        self._wanted: tuple[Path, bool] | None = None

    def read(self, path: Path, seed: bool) -> None:
        """Read a piece, as soon as the one before is read.

        Args:
            path: Its file.
            seed: Whether the words of the seed codec are wanted too.
        """
        if self._job is not None:
            self._wanted = (path, seed)
            return
        self._job = Job(partial(_look, path, seed), self)
        self._job.succeeded.connect(self.looked)
        self._job.failed.connect(self.failed)
        self._job.finished.connect(self._on_ended)
        self._job.start()

    def cancel(self) -> None:
        """Ask what runs to stop."""
        if self._job is not None:
            self._job.cancel()

    def stop(self) -> None:
        """Stop, and wait until nothing runs."""
        job, self._job, self._wanted = self._job, None, None
        if job is not None:
            job.cancel()
            job.wait()
            job.deleteLater()

    @Slot()
    def _on_ended(self) -> None:
        job = self.sender()
        if job is not self._job or self._job is None:
            return
        self._job.deleteLater()
        self._job = None
        wanted, self._wanted = self._wanted, None
        if wanted is not None:
            self.read(*wanted)


def _look(path: Path, seed: bool, _report: Report, _cancel: CancelToken) -> Looked:
    return look_at(path, seed)
