"""Asks a library which files to show, in a thread of its own; of several questions meanwhile the last one counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from musicgen_app.core.progress import CancelToken, Report
from musicgen_app.dataset.library import Library
from musicgen_app.dataset.library_keys import LibraryKeys
from musicgen_app.dataset.library_query import Decision, Kind, Query
from musicgen_app.dataset.recipe import Recipe
from musicgen_app.ui.jobs import Job
from musicgen_app.ui.note_counts import NoteCounts

COUNTED: tuple[Kind, ...] = ("all", "ready", "repaired", "set aside", "waiting", "excluded", "missing")


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be shown.

    Attributes:
        folder: The library's.
        query: Which files, in which order.
        recipe: What a person has decided about them.
        counted: Whether the notes of the whole are to be counted too, which takes a while with very many files.
    """

    folder: Path
    query: Query
    recipe: Recipe
    counted: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Listing:
    """The answer.

    Attributes:
        question: What was asked.
        ids: Shape (files,): numbers of the files, in order.
        kinds: How many files there are of each kind, whatever the query's filter.
        files, notes, seconds: Of what a data set can be made of.
        counts: The notes of the whole; None where they were not counted.
    """

    question: Question
    ids: NDArray[np.int64]
    kinds: Mapping[Kind, int]
    files: int
    notes: int
    seconds: float
    counts: NoteCounts | None


class LibraryLister(QObject):
    """One question at a time.

    Signals:
        listed: An answer (a Listing).
        failed: The library cannot be read (a MusicgenError).
    """

    listed = Signal(object)
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._job: Job | None = None
        self._next: Question | None = None

    @property
    def busy(self) -> bool:
        """Whether an answer is still to come."""
        return self._job is not None

    def ask(self, question: Question) -> None:
        """Ask, as soon as the question before is answered."""
        if self._job is not None:
            # What was to be counted is still to be counted.
            counted = question.counted or (self._next is not None and self._next.counted)
            self._next = Question(question.folder, question.query, question.recipe, counted)
            return
        self._job = Job(partial(look, question), self)
        self._job.succeeded.connect(self._on_found)
        self._job.failed.connect(self.failed)
        self._job.finished.connect(self._on_ended)
        self._job.start()

    def stop(self) -> None:
        """Ask nothing any more, and wait until nothing runs."""
        job, self._job, self._next = self._job, None, None
        if job is not None:
            job.cancel()
            job.wait()
            job.deleteLater()

    @Slot(object)
    def _on_found(self, listing: Listing) -> None:
        if self.sender() is self._job and self._next is None:
            self.listed.emit(listing)

    @Slot()
    def _on_ended(self) -> None:
        job = self.sender()
        if job is not self._job or self._job is None:
            return
        self._job.deleteLater()
        self._job = None
        question, self._next = self._next, None
        if question is not None:
            self.ask(question)


def look(question: Question, _report: Report, cancel: CancelToken) -> Listing:
    """Answer a question.

    Raises:
        Cancelled: Nobody waits for the answer any more.
        LibraryError: The library cannot be read.
    """
    with Library(question.folder) as library:
        edits = LibraryKeys(library).edits(library, question.recipe)
        library.decide({number: Decision(e.title, e.composer, e.key, e.excluded) for number, e in edits.items()})
        cancel.check()
        ids = library.ids(question.query)
        kinds = {}
        for kind in COUNTED:
            cancel.check()
            kinds[kind] = library.count(Query(kind=kind))
        files, notes, seconds = library.sums()
        counts = NoteCounts.of(library.counts()) if question.counted else None
    return Listing(question, ids, kinds, files, notes, seconds, counts)
