"""Counts the pictures of a collection in a thread of its own; of several brushes meanwhile the last one counts."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from musicgen_app.core.progress import CancelToken, Report
from musicgen_app.dataset.library import Library
from musicgen_app.dataset.library_keys import decide
from musicgen_app.dataset.library_query import Query
from musicgen_app.dataset.library_statistics import SetColumns, SetStatistics, count_bars, read_columns
from musicgen_app.dataset.recipe import NO_RECIPE, Recipe
from musicgen_app.ui.jobs import Task
from musicgen_app.ui.latest_job import LatestJob


class SetReader(QObject):
    """One count at a time.

    Signals:
        counted: What the pictures show (a SetStatistics).
        failed: The library cannot be read (a MusicgenError).
    """

    counted = Signal(object)
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._columns: SetColumns | None = None
        self._folder: Path | None = None
        self._fresh = True
        self._work = LatestJob(self)
        self._work.succeeded.connect(self._on_counted)
        self._work.failed.connect(self.failed)

    def count(self, folder: Path, query: Query, recipe: Recipe = NO_RECIPE) -> None:
        """Count the files of a query, as soon as the count before is done.

        Args:
            folder: Of the library.
            query: Which files are left.
            recipe: What was decided about single files; where it changes, ``forget`` comes first.
        """
        if folder != self._folder:
            self.forget()
            self._folder = folder
        self._work.ask(lambda: self._task(folder, query, recipe))

    def forget(self) -> None:
        """Read the files again with the next count: a scan has changed the library, or a person what is left out."""
        self._columns = None
        self._fresh = False

    def stop(self) -> None:
        """Stop, and wait until nothing runs."""
        self._work.stop()

    def _task(self, folder: Path, query: Query, recipe: Recipe) -> Task:
        self._fresh = True
        return partial(_count, folder, self._columns, query, recipe)

    @Slot(object)
    def _on_counted(self, found: SetStatistics) -> None:
        if self._fresh:
            self._columns = found.columns
        self.counted.emit(found)


def _count(
    folder: Path, columns: SetColumns | None, query: Query, recipe: Recipe, _report: Report, cancel: CancelToken
) -> SetStatistics:
    with Library(folder) as library:
        decide(library, recipe)
        known = columns if columns is not None else read_columns(library)
        cancel.check()
        return count_bars(library, known, query)
