"""The Dataset tab: the music a network learns from."""

from dataclasses import asdict
from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from musicgen_app.core.errors import MusicgenError, ProjectError
from musicgen_app.core.progress import CancelToken, Progress, Report
from musicgen_app.core.score import Score
from musicgen_app.project.document import Project
from musicgen_app.ui.collection import Collector, Prepared, prepared_in, updated
from musicgen_app.ui.collection_reader import CollectionReader
from musicgen_app.ui.exports import MIDI_FILTER
from musicgen_app.ui.file_pane import FilePane
from musicgen_app.ui.file_table import FileRow
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.jobs import Job
from musicgen_app.ui.note_counts import NoteCounts
from musicgen_app.ui.panes import ThreePanes
from musicgen_app.ui.piece_inspector import PieceInspector
from musicgen_app.ui.player import Player
from musicgen_app.ui.source_panel import SourcePanel
from musicgen_app.ui.theme import Theme
from musicgen_app.workflow.child import run_in_child
from musicgen_app.workflow.inspect import FileFacts, score_of
from musicgen_app.workflow.prepare import PrepareConfig, PreparedReport


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
        self._prepared: Prepared | None = None
        self._collector = Collector((), None)
        self._preparing: Job | None = None
        self._reading: Job | None = None
        self._wanted: Path | None = None
        self._clicked: Path | None = None
        self._counts = NoteCounts.none()
        self._seconds = 0.0
        self._notes = 0
        self.panel = SourcePanel(icons)
        self.files = FilePane(theme, icons)
        self.inspector = PieceInspector(theme, icons)
        self.panes = ThreePanes("dataset", self.panel, self.files, self.inspector)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.panes)
        self._reader = CollectionReader(self)
        self._connect()
        self._show_state()

    @property
    def busy(self) -> bool:
        """Whether a data set is being prepared."""
        return self._preparing is not None

    @property
    def scanning(self) -> bool:
        """Whether files are being looked at."""
        return self._reader.busy

    def set_project(self, project: Project) -> None:
        """Show a project's collection."""
        self.shutdown()
        self._project = project
        self.panel.show_settings(project.prepare)
        self._prepared = prepared_in(project.dataset_folder) if project.has_dataset else None
        self._refresh()

    def cancel(self) -> None:
        """Ask what runs to stop; ``shutdown`` waits until it has."""
        for job in (self._preparing, self._reading):
            if job is not None:
                job.cancel()

    def shutdown(self) -> None:
        """Cancel what runs and wait for it."""
        self.cancel()
        self._reader.stop()
        for job in (self._preparing, self._reading):
            if job is not None:
                job.wait()
        self._preparing = self._reading = self._wanted = None

    def add_sources(self, paths: tuple[Path, ...]) -> None:
        """Add files and folders to the sources and look at them."""
        if self._project is None or not paths:
            return
        self._put_sources(tuple(dict.fromkeys((*self._project.sources, *paths))))

    def remove_sources(self, paths: tuple[Path, ...]) -> None:
        """Take sources off the list; the files stay where they are."""
        if self._project is not None:
            self._put_sources(tuple(path for path in self._project.sources if path not in paths))

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
            config = PrepareConfig(sources=project.sources, out=out, **asdict(settings))
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
        self._reader.job_started.connect(self.job_started)
        self._reader.failed.connect(self.failed)
        self._reader.arrived.connect(self._take_in)
        self._reader.ended.connect(self._on_scanned)
        self.panel.add_files.connect(self._on_add_files)
        self.panel.add_folder.connect(self._on_add_folder)
        self.panel.removed.connect(self.remove_sources)
        self.panel.settings_changed.connect(self._on_settings)
        self.panel.prepare_asked.connect(self.prepare)
        self.files.empty.pressed.connect(self._on_add_folder)
        self.files.chosen.connect(self._on_chosen)
        self.files.clicked.connect(self._on_clicked)
        self.files.activated.connect(self.play_chosen)
        self.inspector.play_asked.connect(self.play_chosen)
        self.inspector.open_asked.connect(self._on_open)
        self._player.state_changed.connect(self._on_player)

    def _put_sources(self, sources: tuple[Path, ...]) -> None:
        if self._project is None:
            return
        try:
            self._project.sources = sources
        except ProjectError as error:
            self.failed.emit(error)
            return
        self._refresh()

    def _refresh(self) -> None:
        """Look at the sources of the project again."""
        if self._project is None:
            return
        self._reader.stop()
        sources = self._project.sources
        self.panel.show_sources(sources)
        self._collector = Collector(sources, self._prepared)
        self._counts, self._seconds, self._notes = NoteCounts.none(), 0.0, 0
        self.files.table.clear()
        self.inspector.show_nothing()
        self._show_counts()
        self._show_state()
        if sources:
            self._reader.start(sources, self._project.cache_folder / "files.txt")

    def _take_in(self, arrived: tuple[FileFacts, ...]) -> None:
        """Put the files that arrived into the table."""
        for facts in arrived:
            self._counts = self._counts + NoteCounts.known(facts)
            if facts.usable:
                self._seconds += facts.seconds
                self._notes += facts.notes
        self.files.table.append(self._collector.row(facts) for facts in arrived)
        self._show_counts()

    def _on_scanned(self) -> None:
        self.files.table.settle()
        self._show_state()

    def _on_prepared(self, report: PreparedReport) -> None:
        if self._project is None:
            return
        try:
            self._project.dataset_folder = report.folder
        except ProjectError as error:
            self.failed.emit(error)
            return
        self._prepared = prepared_in(report.folder)
        self._collector = Collector(self._project.sources, self._prepared)
        self.files.table.replace(updated(self.files.table.rows, report.files, self._collector))
        self._show_counts()
        self.told.emit("The data set is prepared")
        self.dataset_prepared.emit(report.folder)

    def _on_prepare_ended(self) -> None:
        if self._preparing is not None:
            self._preparing.deleteLater()
            self._preparing = None
        self._show_state()

    def _on_chosen(self, row: FileRow | None) -> None:
        self._clicked = None
        if row is None:
            self.inspector.show_nothing()
            self.files.histograms.show_piece(NoteCounts.none())
            return
        self.inspector.show_row(row)
        self.files.histograms.show_piece(NoteCounts.known(row.facts))
        if row.facts.ok and self._reading is None:
            self._read(row.path)
        elif row.facts.ok:
            self._wanted = row.path

    def _on_clicked(self) -> None:
        """Let the clicked piece be heard: now, or as soon as it is read."""
        row, score = self.inspector.row, self.inspector.score
        self._clicked = row.path if row is not None and score is None else None
        if score is not None and len(score.notes):
            self.listen_asked.emit(score)

    def _read(self, path: Path) -> None:
        job = Job(partial(_read, path), self)
        job.succeeded.connect(self._on_read)
        job.failed.connect(self.failed)
        job.finished.connect(self._on_read_ended)
        self._reading = job
        job.start()

    def _on_read(self, read: tuple[Path, Score]) -> None:
        row = self.inspector.row
        if row is not None and row.path == read[0]:
            self.inspector.show_score(read[1])
            self.piece_shown.emit(read[1])
            if self._clicked == read[0]:
                self._on_clicked()

    def _on_read_ended(self) -> None:
        if self._reading is not None:
            self._reading.deleteLater()
            self._reading = None
        # Other pieces may have been chosen while this one was read; the last of them counts.
        wanted, self._wanted = self._wanted, None
        if wanted is not None:
            self._read(wanted)

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
        try:
            self._project.prepare = self.panel.settings()
        except ProjectError as error:
            self.failed.emit(error)
        self._show_state()

    def _show_counts(self) -> None:
        vocabulary = self._prepared.vocabulary if self._prepared is not None else ""
        self.panel.show_counts(len(self.files.table.rows), self._notes, self._seconds, vocabulary)
        self.files.histograms.show_whole(self._counts)

    def _show_state(self) -> None:
        sources = self._project.sources if self._project is not None else ()
        self.files.show_filled(bool(sources))
        self.panel.prepare.setEnabled(bool(sources) and not self.busy)
        self.panel.prepare.setText("Preparing" if self.busy else "Prepare")
        if self.busy:
            state = "This goes on in the background; the status bar below can stop it."
        elif not sources:
            state = "Add music first."
        elif self._prepared is None:
            state = "Not prepared yet. Prepare turns the files into a data set to train on."
        else:
            state = " ".join((self._prepared.summary, *self._prepared.remarks))
        self.panel.state.setText(state)


def _read(path: Path, _report: Report, _cancel: CancelToken) -> tuple[Path, Score]:
    return path, score_of(path)
