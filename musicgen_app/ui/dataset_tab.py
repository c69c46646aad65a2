"""The Dataset tab: the music a network learns from."""

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from musicgen_app.core.errors import MusicgenError, ProjectError, UsageError
from musicgen_app.core.progress import Progress
from musicgen_app.dataset.library import Library
from musicgen_app.dataset.library_keys import LibraryKeys
from musicgen_app.dataset.library_statistics import SetColumns, SetStatistics
from musicgen_app.dataset.sources import read_credits
from musicgen_app.project.document import Project
from musicgen_app.ui.exports import MIDI_FILTER
from musicgen_app.ui.file_pane import FilePane
from musicgen_app.ui.file_row import FileRow, Known
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.jobs import Job
from musicgen_app.ui.library_desk import LibraryDesk
from musicgen_app.ui.library_lister import Listing, Sums
from musicgen_app.ui.note_counts import NoteCounts
from musicgen_app.ui.panes import ThreePanes
from musicgen_app.ui.piece_inspector import PieceInspector
from musicgen_app.ui.piece_reader import PieceReader
from musicgen_app.ui.player import Player
from musicgen_app.ui.set_editor import SetEditor
from musicgen_app.ui.source_panel import SourcePanel
from musicgen_app.ui.theme import Theme
from musicgen_app.workflow.child import run_in_child
from musicgen_app.workflow.details import Looked
from musicgen_app.workflow.inspect import FileFacts
from musicgen_app.workflow.prepare import PrepareConfig, PreparedReport

_DECIDED_SINCE = "You have decided otherwise about files since; Prepare makes it so."


class DatasetTab(QWidget):
    """Sources on the left, files and histograms in the middle, the chosen piece on the right.

    Signals:
        job_started: A job with its title, for the status bar.
        failed: Something could not be done (a MusicgenError).
        dataset_prepared: A data set was made in this folder.
        listen_asked: A piece is to be heard (a Score).
        piece_shown: The music of another piece is shown (a Score).
        open_asked: A file is to be shown in the piano roll (its path).
        told: Something was done, in a few words.
    """

    job_started = Signal(object, str)
    failed = Signal(object)
    dataset_prepared = Signal(object)
    listen_asked = Signal(object)
    piece_shown = Signal(object)
    open_asked = Signal(object)
    told = Signal(str)

    def __init__(self, theme: Theme, icons: Icons, player: Player, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._player = player
        self._project: Project | None = None
        self._columns: SetColumns | None = None
        self._preparing: Job | None = None
        self._foreign: Path | None = None
        self._clicked: Path | None = None
        self.panel = SourcePanel(icons)
        self.files = FilePane(theme, icons)
        self.inspector = PieceInspector(theme, icons)
        self.panes = ThreePanes("dataset", self.panel, self.files, self.inspector)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.panes)
        self.editor = SetEditor(self)
        self.desk = LibraryDesk(self.editor, self)
        self._pieces = PieceReader(self)
        self._connect()
        self._show_state()

    @property
    def busy(self) -> bool:
        """Whether a data set is being prepared."""
        return self._preparing is not None

    @property
    def scanning(self) -> bool:
        """Whether files are being looked at, or asked for."""
        return self.desk.busy

    def set_project(self, project: Project) -> None:
        """Show a project's collection."""
        self._end_own()
        self._project = project
        self.panel.show_settings(project.prepare)
        self.panel.advice.show_advice(None)
        self.editor.set_project(project)
        self.desk.set_project(project, self.files.query)
        self._show_sources()

    def cancel(self) -> None:
        """Ask what runs to stop; ``shutdown`` waits until it has."""
        if self._preparing is not None:
            self._preparing.cancel()
        self._pieces.cancel()

    def shutdown(self) -> None:
        """Cancel what runs and wait for it."""
        self._end_own()
        self.desk.stop()

    def _end_own(self) -> None:
        self.cancel()
        self._pieces.stop()
        self.files.table.close()
        if self._preparing is not None:
            self._preparing.wait()
        self._preparing = self._foreign = None

    def add_sources(self, paths: tuple[Path, ...]) -> None:
        """Add files and folders to the sources and look at them."""
        if self._project is None or not paths:
            return
        self._put_sources(tuple(dict.fromkeys((*self._project.sources, *paths))))

    def remove_sources(self, paths: tuple[Path, ...]) -> None:
        """Take sources off the list; the files stay where they are."""
        if self._project is not None:
            self._put_sources(tuple(path for path in self._project.sources if path not in paths))

    def inspect_file(self, path: Path) -> None:
        """Show what is in a file of any place, without adding it to the collection."""
        self.files.view.clearSelection()
        self.panes.show_right(True)
        self._foreign = path
        self._pieces.read(path, self._wants_seed)

    def ask_inspect(self) -> None:
        """Ask for a file and show what is in it."""
        chosen, _ = QFileDialog.getOpenFileName(self, "Inspect a MIDI file or a note file", "", MIDI_FILTER)
        if chosen:
            self.inspect_file(Path(chosen))

    def play_chosen(self) -> bool:
        """Play the chosen piece, or stop it. Returns whether there is one."""
        score = self.inspector.score
        if score is None or not len(score.notes):
            return False
        if self._player.playing:
            self._player.stop()
        else:
            self.listen_asked.emit(score)
        return True

    def prepare(self) -> None:
        """Turn the collection into a data set, in a child process."""
        project = self._project
        if project is None or self.busy:
            return
        try:
            settings = self.panel.settings()
            out = project.folder / "dataset"
            config = PrepareConfig(sources=project.sources, out=out, recipe=self.editor.recipe, **asdict(settings))
        except MusicgenError as error:
            self.failed.emit(error)
            return
        job = Job(partial(run_in_child, "prepare", config), self, thinned=(Progress, FileFacts))
        job.succeeded.connect(self._on_prepared)
        job.failed.connect(self.failed)
        job.finished.connect(self._on_prepare_ended)
        self._preparing = job
        self.job_started.emit(job, "Preparing the data set")
        job.start()
        self._show_state()

    def _connect(self) -> None:
        self.desk.job_started.connect(self.job_started)
        self.desk.failed.connect(self.failed)
        self.desk.told.connect(self.told)
        self.desk.listed.connect(self._on_listed)
        self.desk.summed.connect(self._on_summed)
        self.desk.counted.connect(self._on_counted)
        self.desk.advised.connect(self.panel.advice.show_advice)
        self.desk.changed.connect(self._show_state)
        self.editor.changed.connect(self._show_state)
        self.editor.failed.connect(self.failed)
        self.panel.add_files.connect(self._on_add_files)
        self.panel.add_folder.connect(self._on_add_folder)
        self.panel.removed.connect(self.remove_sources)
        self.panel.settings_changed.connect(self._on_settings)
        self.panel.prepare_asked.connect(self.prepare)
        self.files.empty.pressed.connect(self._on_add_folder)
        self.files.chosen.connect(self._on_chosen)
        self.files.clicked.connect(self._on_clicked)
        self.files.activated.connect(self.play_chosen)
        self.files.query_changed.connect(self._on_query)
        self.files.rescan_asked.connect(self.refresh)
        self.files.edit_asked.connect(self._on_edit)
        self.files.table.failed.connect(self.failed)
        self.inspector.fields.edited.connect(self._on_edit)
        self.inspector.play_asked.connect(self.play_chosen)
        self.inspector.open_asked.connect(self._on_open)
        self.inspector.file_asked.connect(self.ask_inspect)
        self.inspector.dropped.connect(self.inspect_file)
        self.inspector.details.seed_asked.connect(self._on_seed_asked)
        self.files.inspect_asked.connect(self.ask_inspect)
        self.files.open_asked.connect(self._on_open)
        self._pieces.looked.connect(self._on_looked)
        self._pieces.failed.connect(self.failed)
        self._player.state_changed.connect(self._on_player)

    def _put_sources(self, sources: tuple[Path, ...]) -> None:
        if self._project is None:
            return
        try:
            self._project.sources = sources
        except ProjectError as error:
            self.failed.emit(error)
            return
        self.refresh()

    def refresh(self) -> None:
        """Look at the sources of the project again; what the library knows of them is shown at once."""
        self.desk.scan()
        self._show_sources()

    def _show_sources(self) -> None:
        sources = self._project.sources if self._project is not None else ()
        self.panel.show_sources(sources)
        if not sources:
            self.files.table.close()
            self._show_files(0, 0, 0.0)
            self.inspector.show_nothing()
        self._show_state()

    def _on_query(self) -> None:
        self.desk.show(self.files.query)

    def _on_listed(self, listing: Listing) -> None:
        try:
            library = Library(listing.question.folder)
            keys = LibraryKeys(library)
        except MusicgenError as error:
            self.failed.emit(error)
            return
        self.files.keep_choice()
        self.files.table.show_files(library, listing.ids, partial(keys.edit_of, listing.question.recipe), listing.heirs)
        self.files.restore_choice()
        self.files.filter.show_shown(len(listing.ids))

    def _on_summed(self, sums: Sums) -> None:
        self.files.filter.show_kinds(sums.kinds)
        self._show_files(sums.kinds["all"], sums.notes, sums.seconds)
        self._show_state()
        if sums.counts is not None:
            self.files.histograms.show_whole(sums.counts)

    def _on_counted(self, found: SetStatistics) -> None:
        self._columns = found.columns
        self.files.set.show_statistics(found)
        self._mark_piece()

    def _mark_piece(self) -> None:
        """Mark in the pictures where the chosen piece stands."""
        row, bars = self.inspector.row, {}
        if row is not None and self._columns is not None and row.known.number >= 0:
            bars = dict(self._columns.bars_of(row.known.number))
        self.files.set.pictures.show_piece(bars)

    def _on_edit(self, step: str, changes: dict[str, Any]) -> None:
        """Decide something about the chosen files."""
        keys = self.files.table.keys_of(self.files.chosen_numbers())
        try:
            self.editor.edit(step, keys, **changes)
        except UsageError as error:
            self.failed.emit(error)

    def _on_prepared(self, report: PreparedReport) -> None:
        if self._project is None:
            return
        try:
            self._project.dataset_folder = report.folder
        except ProjectError as error:
            self.failed.emit(error)
            return
        self.desk.note_prepared(report.folder, report.files)
        self.told.emit("The data set is prepared")
        self.dataset_prepared.emit(report.folder)

    def _on_prepare_ended(self) -> None:
        if self._preparing is not None:
            self._preparing.deleteLater()
            self._preparing = None
        self._show_state()

    def _on_chosen(self, row: FileRow | None) -> None:
        self._clicked = self._foreign = None
        if row is None:
            self.inspector.show_nothing()
            self.files.histograms.show_piece(NoteCounts.none())
            self._mark_piece()
            return
        files = len(self.files.chosen_numbers())
        if self.inspector.row is not None and self.inspector.row.path == row.path:
            self.inspector.update_row(row, files)
            return
        self.inspector.show_row(row, files)
        self._mark_piece()
        self.files.histograms.show_piece(NoteCounts.none())
        if row.facts.ok:
            self._pieces.read(row.path, self._wants_seed)

    def _on_clicked(self) -> None:
        """Let the clicked piece be heard: now, or as soon as it is read."""
        row, score = self.inspector.row, self.inspector.score
        self._clicked = row.path if row is not None and score is None else None
        if score is not None and len(score.notes):
            self.listen_asked.emit(score)

    @property
    def _wants_seed(self) -> bool:
        return bool(self.panel.codec.currentData() == "seed")

    def _on_seed_asked(self) -> None:
        if self.inspector.row is not None:
            self._pieces.read(self.inspector.row.path, True)

    def _on_looked(self, looked: Looked) -> None:
        path = Path(looked.facts.file)
        if path == self._foreign and (self.inspector.row is None or self.inspector.row.path != path):
            self.inspector.show_row(_foreign(looked.facts))
        row = self.inspector.row
        if row is None or row.path != path:
            return
        self.files.histograms.show_piece(NoteCounts.known(looked.facts))
        self.inspector.show_looked(looked)
        if looked.score is not None:
            self.piece_shown.emit(looked.score)
        if self._clicked == path:
            self._on_clicked()

    def _on_open(self) -> None:
        if self.inspector.row is not None:
            self.open_asked.emit(self.inspector.row.path)

    def _on_player(self, _state: str) -> None:
        self.inspector.show_playing(self._player.playing)

    def _on_add_files(self) -> None:
        chosen, _ = QFileDialog.getOpenFileNames(self, "Add MIDI files or note files", "", MIDI_FILTER)
        self.add_sources(tuple(Path(name) for name in chosen))

    def _on_add_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "Add a folder of MIDI files")
        if chosen:
            self.add_sources((Path(chosen),))

    def _on_settings(self) -> None:
        if self._project is None:
            return
        heard = self._project.prepare.heard
        try:
            self._project.prepare = self.panel.settings()
        except ProjectError as error:
            self.failed.emit(error)
        if self._project.prepare.heard != heard:
            self.desk.scan()
        if self._wants_seed and not self.inspector.has_seed:
            self._on_seed_asked()
        self.desk.ask_advice()
        self._show_state()

    def _show_files(self, files: int, notes: int, seconds: float) -> None:
        vocabulary = self.desk.uses.vocabulary if self.desk.uses is not None else ""
        self.panel.show_counts(files, notes, seconds, vocabulary)

    def _show_state(self) -> None:
        sources = self._project.sources if self._project is not None else ()
        self.files.show_filled(bool(sources))
        self.panel.prepare.setEnabled(bool(sources) and not self.busy)
        self.panel.prepare.setText("Preparing" if self.busy else "Prepare")
        if self.busy:
            state = "This goes on in the background; the status bar below can stop it."
        elif not sources:
            state = "Add music first."
        elif self.desk.waiting and not self.desk.scanning:
            state = f"{self.desk.waiting:,} files still wait to be read. Rescan (F5) goes on where it stopped."
        elif self.desk.uses is None:
            state = "Not prepared yet. Prepare turns the files into a data set to train on."
        else:
            uses = self.desk.uses
            later = () if uses.recipe == self.editor.recipe else (_DECIDED_SINCE,)
            state = " ".join((uses.summary, *uses.remarks, *later))
        self.panel.state.setText(state)


def _foreign(facts: FileFacts) -> FileRow:
    """The line of a file that is in no collection."""
    path = Path(facts.file)
    credit = read_credits(path.parent).get(path.name)
    known = Known(credit.title, credit.composer, "", credit.licence) if credit is not None else Known()
    return FileRow(facts, known)
