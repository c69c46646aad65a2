"""Brings a project's library up to date with its sources, in a child process, and tells the window what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from musicgen_app.core.progress import CancelToken, Report
from musicgen_app.dataset.parts import PIANO
from musicgen_app.ui.jobs import Task
from musicgen_app.ui.latest_job import LatestJob
from musicgen_app.workflow.child import run_in_child
from musicgen_app.workflow.scan import Committed, ScanReport, ScanRequest
from musicgen_app.workflow.uses import Uses, UsesRequest


@dataclass(frozen=True, slots=True)
class Collected:
    """What is known after a look at a collection.

    Attributes:
        scanned: What the scan found; None where there was none.
        uses: What the prepared data set is; None where nothing is prepared.
    """

    scanned: ScanReport | None
    uses: Uses | None


class CollectionReader(QObject):
    """One look at a collection at a time; a new one ends the one before, and waits in its thread until it has ended.

    Signals:
        job_started: Work has begun (its Job, a title).
        committed: More files are in the library than before.
        ended: All files that will come have come (a Collected, or None where it failed or was stopped by hand).
        failed: It could not go on (a MusicgenError); what was read until then stays in the library.
    """

    job_started = Signal(object, str)
    committed = Signal()
    ended = Signal(object)
    failed = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._found: Collected | None = None
        self._title = ""
        self._work = LatestJob(self)
        self._work.begun.connect(self._on_begun)
        self._work.reported.connect(self._on_report)
        self._work.succeeded.connect(self._on_found)
        self._work.failed.connect(self.failed)
        self._work.ended.connect(self._on_ended)

    @property
    def busy(self) -> bool:
        """Whether files are being looked at."""
        return self._work.busy

    def start(self, library: Path, sources: tuple[Path, ...], dataset: Path | None, programs: str = PIANO.text) -> None:
        """Look at these files and folders.

        Args:
            library: Folder of the project's library.
            sources: Files and folders; the files of those that are not there any more count as missing.
            dataset: The prepared data set; None where there is none.
            programs: Which tracks of the files count, as ``Parts.text``.
        """
        self._begin(
            partial(_look, ScanRequest(library, sources, exact=True, programs=programs), dataset),
            "Looking at the files",
        )

    def note_uses(self, library: Path, dataset: Path, left_out: Mapping[str, str]) -> None:
        """Let the library know what a data set that was just prepared uses its files for.

        Args:
            library: Its folder.
            dataset: The data set's folder.
            left_out: Why files are not in it, by their paths.
        """
        self._begin(partial(_note, library, dataset, left_out), "Reading the data set")

    def drop(self) -> None:
        """Let what goes on end, without waiting for it; what it still says is not listened to."""
        self._work.drop()

    def stop(self) -> None:
        """End what goes on, and wait for it."""
        self._work.stop()

    def _begin(self, task: Task, title: str) -> None:
        self._title = title
        self._work.replace(lambda: task)

    @Slot(object)
    def _on_begun(self, job: object) -> None:
        self._found = None
        self.job_started.emit(job, self._title)

    @Slot(object)
    def _on_report(self, report: object) -> None:
        if isinstance(report, Committed):
            self.committed.emit()

    @Slot(object)
    def _on_found(self, found: Collected) -> None:
        self._found = found

    @Slot()
    def _on_ended(self) -> None:
        self.ended.emit(self._found)


def _look(request: ScanRequest, dataset: Path | None, report: Report, cancel: CancelToken) -> Collected:
    scanned: ScanReport = run_in_child("scan", request, report, cancel)
    return Collected(scanned, _uses(request.library, dataset, None, report, cancel))


def _note(library: Path, dataset: Path, left_out: Mapping[str, str], report: Report, cancel: CancelToken) -> Collected:
    return Collected(None, _uses(library, dataset, left_out, report, cancel))


def _uses(
    library: Path, dataset: Path | None, left_out: Mapping[str, str] | None, report: Report, cancel: CancelToken
) -> Uses | None:
    if dataset is None:
        return None
    uses: Uses = run_in_child("uses", UsesRequest(dataset, library, left_out), report, cancel)
    return uses
