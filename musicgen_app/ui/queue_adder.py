"""Adds runs of the table to the queue, beside the window: reading many of them takes a moment."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from musicgen_app.core.errors import MusicgenError
from musicgen_app.project.document import Project
from musicgen_app.ui.jobs import Job
from musicgen_app.ui.messages import Message
from musicgen_app.ui.queue_words import runs_words
from musicgen_app.workflow.repeat import Repeated, repeat_runs


class QueueAdder(QObject):
    """Works on one list of runs at a time.

    Signals:
        added: The queue has more entries.
        told: How many were added, in a few words.
        noticed: Runs were not added, or are different from what they repeat (a Message).
        failed: It could not be done (a MusicgenError).
    """

    added = Signal()
    told = Signal(str)
    noticed = Signal(object)
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._project: Project | None = None
        self._job: Job | None = None

    @property
    def busy(self) -> bool:
        """Whether runs are being added."""
        return self._job is not None

    def set_project(self, project: Project) -> None:
        """Add to another project's queue."""
        self.shutdown()
        self._project = project

    def shutdown(self) -> None:
        """End what goes on; nothing of it is added then."""
        job, self._job = self._job, None
        if job is not None:
            job.cancel()
            job.wait()
            job.deleteLater()

    def add(self, runs: Sequence[Path]) -> None:
        """Add runs, given by their folders."""
        if self._project is None or self.busy or not runs:
            return
        job = self._job = Job(partial(repeat_runs, self._project.folder, tuple(runs)), self)
        job.succeeded.connect(self._on_succeeded)
        job.failed.connect(self._on_failed)
        job.start()

    def _is_stale(self) -> bool:
        """Whether a signal was still on its way when its job was shut down."""
        return self._job is None or self.sender() is not self._job

    @Slot(object)
    def _on_succeeded(self, result: Repeated) -> None:
        if self._is_stale():
            return
        self.shutdown()
        count = len(result.entries)
        words = f"{runs_words(count)} {'is' if count == 1 else 'are'} added to the queue"
        if result.entries:
            self.added.emit()
            self.told.emit(words)
        if result.refused:
            refused = len(result.refused)
            title = f"{runs_words(refused)} {'was' if refused == 1 else 'were'} not added to the queue."
            self.noticed.emit(_message(title, result.refused))
        if result.remarks:
            self.noticed.emit(replace(_message(f"{words}, with differences.", result.remarks), kind="accent"))

    @Slot(object)
    def _on_failed(self, error: MusicgenError) -> None:
        if not self._is_stale():
            self.shutdown()
            self.failed.emit(error)


def _message(title: str, sentences: tuple[str, ...]) -> Message:
    details = "\n".join(sentences) if len(sentences) > 1 else ""
    first = sentences[0] if len(sentences) == 1 else f"The first: {sentences[0]}"
    return Message(title, first, details)
