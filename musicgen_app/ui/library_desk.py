"""What the Dataset tab asks of a project's library, beside the window: scans, listings, sums, pictures, advice."""

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from musicgen_app.dataset.library_query import Query
from musicgen_app.dataset.library_tables import INDEX
from musicgen_app.project.document import Project
from musicgen_app.ui.collection_reader import Collected, CollectionReader
from musicgen_app.ui.latest_job import LatestJob
from musicgen_app.ui.library_lister import LibraryLister, Listing, Question, Sums
from musicgen_app.ui.set_editor import SetEditor
from musicgen_app.ui.set_reader import SetReader
from musicgen_app.workflow.advice import AdviceRequest
from musicgen_app.workflow.child import run_in_child
from musicgen_app.workflow.inspect import FileFacts
from musicgen_app.workflow.scan import ScanReport
from musicgen_app.workflow.uses import Uses

_ADVICE_AFTER_MS = 400
"""So long nothing must change before advice is asked for: it takes a process of its own."""


class LibraryDesk(QObject):
    """One project's library at a time.

    Signals:
        job_started: Work has begun that the status bar shows (its Job, a title).
        failed: Something could not be done (a MusicgenError).
        told: Something was found, in a sentence.
        listed: Which files to show (a Listing).
        summed: What the whole comes to (Sums).
        counted: What the pictures show (a SetStatistics).
        advised: What the collection is enough for (an Advice).
        changed: A scan has begun or ended, or more is known of the prepared data set.
    """

    job_started = Signal(object, str)
    failed = Signal(object)
    told = Signal(str)
    listed = Signal(object)
    summed = Signal(object)
    counted = Signal(object)
    advised = Signal(object)
    changed = Signal()

    def __init__(self, editor: SetEditor, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._editor = editor
        self._project: Project | None = None
        self._query = Query()
        self._count_due = False
        self._advisor = LatestJob(self)
        self.uses: Uses | None = None
        self.waiting = 0
        self._reader = CollectionReader(self)
        self._lister = LibraryLister(self)
        self._pictures = SetReader(self)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_ADVICE_AFTER_MS)
        self._later.timeout.connect(self._advise)
        self._advisor.succeeded.connect(self.advised)
        self._advisor.failed.connect(self.failed)
        self._reader.job_started.connect(self.job_started)
        self._reader.committed.connect(self._on_changed)
        self._reader.ended.connect(self._on_scanned)
        self._lister.listed.connect(self._on_listed)
        self._lister.summed.connect(self._on_summed)
        self._pictures.counted.connect(self.counted)
        for part in (self._reader, self._lister, self._pictures):
            part.failed.connect(self.failed)
        editor.changed.connect(self._on_changed)

    @property
    def folder(self) -> Path:
        """The library's folder.

        Raises:
            RuntimeError: No project is open.
        """
        if self._project is None:
            raise RuntimeError("A library needs a project.")
        return self._project.cache_folder / "library"

    @property
    def scanning(self) -> bool:
        """Whether files are being looked at."""
        return self._reader.busy

    @property
    def busy(self) -> bool:
        """Whether files are being looked at, or asked for."""
        return self._reader.busy or self._lister.busy

    def set_project(self, project: Project, query: Query) -> None:
        """Take over another project's library."""
        self._leave()
        self._project, self._query, self.uses, self.waiting = project, query, None, 0
        self.scan()

    def stop(self) -> None:
        """End what goes on, and wait for it."""
        self._leave()
        self._reader.stop()
        self._advisor.stop()

    def _leave(self) -> None:
        """End what goes on; only what takes no time is waited for."""
        self._reader.drop()
        self._end_advice()
        for part in (self._lister, self._pictures):
            part.stop()

    def _end_advice(self) -> None:
        self._later.stop()
        self._advisor.drop()

    def scan(self) -> None:
        """Look at the sources again; what is known of them is shown at once."""
        if self._project is None:
            return
        if not self._project.sources:
            self._reader.drop()
            self.waiting = 0
            return
        # It reads the notes themselves, which a scan may take away; it is asked again when that has ended.
        self._end_advice()
        self._count_due = True
        self._ask(summed=True, counted=True)
        dataset = self._project.dataset_folder if self._project.has_dataset else None
        self._reader.start(self.folder, self._project.sources, dataset, self._project.prepare.heard)
        self.changed.emit()

    def show(self, query: Query) -> None:
        """Show other files, or the same in another order."""
        before, self._query = self._query, query
        # An order changes no picture.
        self._count_due |= replace(query, sort=before.sort, descending=before.descending) != before
        self._ask()

    def note_prepared(self, dataset: Path, files: Iterable[FileFacts]) -> None:
        """Learn what a data set that was just prepared uses the files for.

        Args:
            dataset: Its folder.
            files: The final facts about every file.
        """
        if not self._reader.busy:
            left_out = {str(Path(one.file).resolve()): _reason(one) for one in files if not one.usable}
            self._reader.note_uses(self.folder, dataset, left_out)

    def ask_advice(self) -> None:
        """Ask what the collection is enough for, as soon as nothing changes any more."""
        self._later.start()

    @property
    def _has_index(self) -> bool:
        return self._project is not None and bool(self._project.sources) and (self.folder / INDEX).is_file()

    def _ask(self, summed: bool = False, counted: bool = False) -> None:
        if self._has_index:
            self._lister.ask(Question(self.folder, self._query, self._editor.recipe, summed, counted))

    def _count(self) -> None:
        if self._has_index:
            self._pictures.count(self.folder, self._query, self._editor.recipe)

    @Slot(object)
    def _on_listed(self, listing: Listing) -> None:
        self.listed.emit(listing)
        # Two threads that compute would each wait for the other: the files come first, then the pictures.
        if self._count_due:
            self._count_due = False
            self._count()

    @Slot()
    def _on_changed(self) -> None:
        self._pictures.forget()
        self._count_due = True
        self._ask(summed=True)
        if not self._reader.busy:
            self.ask_advice()

    @Slot(object)
    def _on_summed(self, sums: Sums) -> None:
        self.waiting = sums.kinds["waiting"]
        self.summed.emit(sums)

    @Slot(object)
    def _on_scanned(self, collected: Collected | None) -> None:
        if collected is not None:
            self.uses = collected.uses
            if collected.scanned is not None and (words := _scan_words(collected.scanned)):
                self.told.emit(words)
        self._pictures.forget()
        self._count_due = True
        self._ask(summed=True, counted=True)
        self.ask_advice()
        self.changed.emit()

    @Slot()
    def _advise(self) -> None:
        if self._project is None or not self._has_index or self._reader.busy:
            return
        wanted = self._project.prepare
        request = AdviceRequest(
            library=self.folder,
            validation=wanted.validation,
            pedal=wanted.pedal,
            grid=wanted.grid,
            seed=wanted.seed,
            codec=wanted.codec,
            project=self._project.folder,
            recipe=self._editor.recipe,
        )
        self._advisor.ask(lambda: partial(run_in_child, "advise", request))


def _reason(facts: FileFacts) -> str:
    return facts.verdict.removeprefix("set aside: ")


def _scan_words(done: ScanReport) -> str:
    """What a look at the folders found; nothing where all is as it was."""
    changes = (("new", done.new), ("changed", done.changed), ("back", done.back), ("missing", done.missing))
    told = ", ".join(f"{count:,} {word}" for word, count in changes if count)
    return " ".join((f"Files: {told}." if told else "", *done.remarks)).strip()
