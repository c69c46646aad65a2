"""Asks a library which files to show, in a thread of its own; of several questions meanwhile the last one counts."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from musicgen_app.core.progress import CancelToken, Report
from musicgen_app.dataset.library import Library
from musicgen_app.dataset.library_keys import decide
from musicgen_app.dataset.library_query import Kind, Query
from musicgen_app.dataset.recipe import Recipe
from musicgen_app.ui.jobs import Task
from musicgen_app.ui.latest_job import LatestJob
from musicgen_app.ui.note_counts import NoteCounts

COUNTED: tuple[Kind, ...] = ("all", "ready", "repaired", "set aside", "waiting", "excluded", "missing")


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be shown.

    Attributes:
        folder: The library's.
        query: Which files, in which order.
        recipe: What a person has decided about them.
        summed: Whether sums over all files are wanted too: when something has changed that they depend on.
        counted: Whether the notes of all files are to be counted as well, which takes a while with very many.
    """

    folder: Path
    query: Query
    recipe: Recipe
    summed: bool = False
    counted: bool = False

    def instead_of(self, other: "Question | None") -> "Question":
        """This question, with what is still to be summed up of one that nobody answers any more."""
        if other is None:
            return self
        return replace(self, summed=self.summed or other.summed, counted=self.counted or other.counted)


@dataclass(frozen=True, slots=True, eq=False)
class Listing:
    """Which files to show.

    Attributes:
        question: What was asked.
        ids: Shape (files,): numbers of the files, in order.
        heirs: Verdicts of files that are no duplicates any more, since their originals are left out, by number.
    """

    question: Question
    ids: NDArray[np.int64]
    heirs: Mapping[int, str]


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """What the whole comes to.

    Attributes:
        kinds: How many files there are of each kind, whatever the query's filter.
        files, notes, seconds: Of what a data set can be made of.
        counts: The notes of the whole; None where they were not counted.
    """

    kinds: Mapping[Kind, int]
    files: int
    notes: int
    seconds: float
    counts: NoteCounts | None


class LibraryLister(QObject):
    """One question at a time.

    Signals:
        listed: Which files to show (a Listing).
        summed: What the whole comes to (Sums); after the listing, where it was asked for.
        failed: The library cannot be read (a MusicgenError).
    """

    listed = Signal(object)
    summed = Signal(object)
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._asked: Question | None = None
        self._wanted: Question | None = None
        self._work = LatestJob(self)
        self._work.reported.connect(self._on_listed)
        self._work.succeeded.connect(self._on_summed)
        self._work.failed.connect(self.failed)

    @property
    def busy(self) -> bool:
        """Whether an answer is still to come."""
        return self._work.busy

    def ask(self, question: Question) -> None:
        """Ask instead of the question before, which is given up; what it has not summed up yet is summed up now."""
        self._wanted = question.instead_of(self._wanted)
        if self._asked is not None:
            self._wanted = self._wanted.instead_of(self._asked)
            self._work.cancel()
        self._work.ask(self._next)

    def stop(self) -> None:
        """Ask nothing any more, and wait until nothing runs."""
        self._work.stop()
        self._asked = self._wanted = None

    def _next(self) -> Task:
        question, self._wanted = self._wanted, None
        if question is None:
            raise RuntimeError("Nothing was asked.")
        self._asked = question
        return partial(look, question)

    @Slot(object)
    def _on_listed(self, listing: object) -> None:
        if isinstance(listing, Listing) and self._wanted is None:
            self.listed.emit(listing)

    @Slot(object)
    def _on_summed(self, sums: Sums | None) -> None:
        self._asked = None
        if sums is not None:
            self.summed.emit(sums)


def look(question: Question, report: Report, cancel: CancelToken) -> Sums | None:
    """Answer a question: report the listing, then return the sums, where they are wanted.

    Raises:
        Cancelled: Nobody waits for the answer any more.
        LibraryError: The library cannot be read.
    """
    with Library(question.folder) as library:
        heirs = decide(library, question.recipe)
        cancel.check()
        report(Listing(question, library.ids(question.query), heirs))
        if not question.summed:
            return None
        kinds = {}
        for kind in COUNTED:
            cancel.check()
            kinds[kind] = library.count(Query(kind=kind))
        cancel.check()
        files, notes, seconds = library.sums()
        counts = NoteCounts.of(library.counts(cancel.check)) if question.counted else None
    return Sums(kinds, files, notes, seconds, counts)
