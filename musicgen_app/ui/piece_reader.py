"""Reads the chosen piece in a thread of its own; of several that are chosen meanwhile the last one counts."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from musicgen_app.core.progress import CancelToken, Report
from musicgen_app.ui.latest_job import LatestJob
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
        self._work = LatestJob(self)
        self._work.succeeded.connect(self.looked)
        self._work.failed.connect(self.failed)

    def read(self, path: Path, seed: bool) -> None:
        """Read a piece, as soon as the one before is read.

        Args:
            path: Its file.
            seed: Whether the words of the seed codec are wanted too.
        """
        self._work.ask(lambda: partial(_look, path, seed))

    def cancel(self) -> None:
        """Ask what runs to stop."""
        self._work.cancel()

    def stop(self) -> None:
        """Stop, and wait until nothing runs."""
        self._work.stop()


def _look(path: Path, seed: bool, _report: Report, _cancel: CancelToken) -> Looked:
    return look_at(path, seed)
