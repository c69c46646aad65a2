"""The window: three tabs under one header, with transport, messages and status below them."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QMainWindow, QMenuBar, QStackedWidget, QVBoxLayout, QWidget

from musicgen_app.core.errors import UsageError
from musicgen_app.core.score import Score
from musicgen_app.dataset.sources import MUSIC_SUFFIXES, SUFFIXES
from musicgen_app.project.document import Project
from musicgen_app.tokens.note_file import looks_like_notes
from musicgen_app.ui.actions import Actions
from musicgen_app.ui.collect_desk import CollectDesk
from musicgen_app.ui.compare_desk import CompareDesk
from musicgen_app.ui.controls import Hairline
from musicgen_app.ui.copy_hearing import CopyHearing
from musicgen_app.ui.dataset_tab import DatasetTab
from musicgen_app.ui.experiments import Experiments
from musicgen_app.ui.exports import Exports
from musicgen_app.ui.generation_tab import GenerationTab
from musicgen_app.ui.header import Header, Segments
from musicgen_app.ui.heard_tracks import HeardTracks
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.jobs import Job
from musicgen_app.ui.keyboards import Keyboards
from musicgen_app.ui.keymap import Keymap
from musicgen_app.ui.messages import Message, Messages, ask
from musicgen_app.ui.notebook_desk import NotebookDesk
from musicgen_app.ui.playback import Playback
from musicgen_app.ui.player import Player
from musicgen_app.ui.plot_exports import PlotExports
from musicgen_app.ui.project_desk import ProjectDesk
from musicgen_app.ui.queue_words import QUEUE_STOP, interrupted_words
from musicgen_app.ui.record_controls import RecordControls
from musicgen_app.ui.recording import RecordDesk
from musicgen_app.ui.runs_pages import QUEUE
from musicgen_app.ui.score_editor import ScoreEditor
from musicgen_app.ui.settings import Settings
from musicgen_app.ui.sound_desk import SoundDesk
from musicgen_app.ui.status import StatusArea
from musicgen_app.ui.step_input import StepInput
from musicgen_app.ui.theme import Theme
from musicgen_app.ui.training_tab import TrainingTab
from musicgen_app.ui.transport_bar import TransportBar

NAME = "MusicGen Composer"
DATASET, TRAINING, GENERATION = range(3)
_TABS = ("Dataset", "Training", "Generation")
_TIPS = ("The music to learn from (Ctrl+1)", "Learn from it (Ctrl+2)", "Make, hear and edit music (Ctrl+3)")


class MainWindow(QMainWindow):
    """Joins the tabs, the transport and the project; what the menus do is in ``window_actions``.

    Signals:
        tab_changed: Another tab is shown (DATASET, TRAINING or GENERATION).
    """

    tab_changed = Signal(int)

    def __init__(self, theme: Theme, icons: Icons, settings: Settings) -> None:
        super().__init__()
        self.theme = theme
        self.icons = icons
        self.settings = settings
        self.editor = ScoreEditor(self)
        self.player = Player(self)
        self.desk = ProjectDesk(self.editor, settings, self, self._may_stop)
        self.exports = Exports(self.editor, settings, self)
        self.experiments = Experiments(settings, self)
        self.collecting = CollectDesk(icons, settings, self)
        self.dataset = DatasetTab(theme, icons, self.player)
        self.training = TrainingTab(theme, icons)
        self.plot_exports = PlotExports(self.training.view.plot, theme, settings, self)
        self.generation = GenerationTab(theme, icons, self.editor, self.player)
        self.notebook = NotebookDesk(icons, settings, self)
        self.playback = Playback(self.player, self.editor, self.generation.roll, self)
        self.comparing = CompareDesk(theme, icons, settings, self.player, self.playback, self)
        self.hearing = CopyHearing(self.generation.watch, self.generation.copy_line, self.playback, self.player, self)
        self.keyboards = Keyboards(self.player, self)
        self.recording = RecordDesk(self.keyboards, self.player, self.playback, self.editor, self.generation.roll)
        self.steps = StepInput(self.keyboards, self.player, self.editor, self.generation.roll)
        self.heard = HeardTracks(self.generation.roll.state, self.editor, self.playback, self.player.practice)
        controls = RecordControls(icons, self.recording, self.keyboards, self.steps)
        self.transport = TransportBar(theme, icons, self.player, controls)
        self.messages = Messages(icons)
        self.status = StatusArea(icons)
        self.sound = SoundDesk(theme, icons, settings, self.player, self.messages, self)
        self.keymap = Keymap(settings.keys, parent=self)
        self.verbs = Actions(self, icons, self.keymap)
        self.segments = Segments(_TABS, _TIPS)
        self._offer: Message | None = None
        self._build()
        self._connect()

    @property
    def tab(self) -> int:
        """The tab that is shown."""
        return self._tabs.currentIndex()

    @property
    def busy(self) -> bool:
        """Whether closing would stop some work."""
        parts = (self.training, self.generation, self.dataset, self.exports, self.experiments, self.comparing)
        return self.collecting.busy or any(part.busy for part in parts)

    def start(self, wanted: Path | None) -> None:
        """Open what a start shows.

        Args:
            wanted: A project's folder or a MIDI file; None for the project of last time, or the demo.
        """
        midi = wanted is not None and wanted.suffix.lower() in SUFFIXES
        self.desk.open_first(None if midi else wanted)
        self.player.warm_up()
        self.keyboards.start(self.settings.keyboard)
        if midi and wanted is not None:
            self.open_midi(wanted)

    def show_tab(self, index: int) -> None:
        """Show another tab."""
        if index != DATASET:
            self.playback.back_to_roll()
        self._tabs.setCurrentIndex(index)
        self.segments.choose(index)
        self.tab_changed.emit(index)

    def open_path(self, path: Path) -> None:
        """Open what the system hands over: a project's folder or a MIDI file."""
        if path.suffix.lower() in SUFFIXES:
            self.open_midi(path)
        else:
            self.desk.open(path)

    def open_midi(self, path: Path) -> None:
        """Show a MIDI file in the roll."""
        self.show_tab(GENERATION)
        self.exports.open_midi(path)

    def compare_ticked(self) -> None:
        """Lay the runs that are ticked in the Training tab side by side."""
        self.comparing.compare(sorted(self.training.view.table.runs.ticks))

    def may_close(self) -> bool:
        """Ask what has to be asked before the window closes."""
        return self.desk.may_leave()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        event.acceptProposedAction()
        if len(paths) == 1 and (paths[0] / "project.json").is_file():
            self.desk.open(paths[0])
        elif len(paths) == 1 and self.tab == GENERATION and paths[0].suffix.lower() in SUFFIXES:
            self.open_midi(paths[0])
        else:
            self._add_dropped(paths)

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.may_close():
            event.ignore()
            return
        self.settings.keep_window(self)
        self.settings.flush()
        self.shutdown()
        event.accept()

    def shutdown(self) -> None:
        """Stop all work and let go of the sound and the project; asks nothing."""
        self.player.stop()
        # All are asked first, so that they end side by side.
        self.dataset.cancel()
        self.exports.cancel()
        self.experiments.cancel()
        self.collecting.cancel()
        self.comparing.shutdown()  # first: its answers go into the notebook
        for part in (self.training, self.generation, self.dataset, self.exports, self.experiments, self.notebook):
            part.shutdown()
        self.collecting.shutdown()
        self.sound.shutdown()
        self.keyboards.close()
        self.player.close()
        self.desk.close()

    def _add_dropped(self, paths: list[Path]) -> None:
        music = tuple(path for path in paths if path.is_dir() or _is_music(path))
        strange = [path.name for path in paths if path not in music]
        if strange:
            words = f"{strange[0]} is no music." if len(strange) == 1 else f"{len(strange)} files are no music."
            hint = "Drop MIDI, MusicXML, Humdrum or ABC files, folders of them, or a project."
            self.messages.show_error(UsageError(words, hint))
        if music:
            self.show_tab(DATASET)
            self.dataset.add_sources(music)

    def _may_stop(self) -> bool:
        """Ask before work is stopped that took long."""
        if not self.training.busy:
            return True
        if self.training.queue.busy:
            return ask(self, "Stop the queue?", QUEUE_STOP, ("Stop it", "Keep it running")) == 0
        sentence = "What it has learnt so far is kept, and it can be resumed."
        return ask(self, "Stop the training?", sentence, ("Stop it", "Keep training")) == 0

    def _build(self) -> None:
        self.setWindowTitle(NAME)
        self.setMinimumSize(1024, 700)
        self.resize(1400, 900)
        self.setAcceptDrops(True)
        bar = QMenuBar()
        self.verbs.fill(bar)
        self.header = Header(bar, self.segments)
        self.setMenuWidget(self.header)
        self._tabs = QStackedWidget()
        for tab in (self.dataset, self.training, self.generation):
            self._tabs.addWidget(tab)
        inside = QWidget()
        box = QVBoxLayout(inside)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self._tabs, 1)
        box.addWidget(self.messages)
        box.addWidget(Hairline())
        box.addWidget(self.transport)
        box.addWidget(self.status)
        self.setCentralWidget(inside)

    def _connect(self) -> None:
        self.segments.chosen.connect(self.show_tab)
        for part in (self.dataset, self.training, self.generation, self.exports, self.experiments, self.comparing):
            part.job_started.connect(self._on_job)
            part.failed.connect(self.messages.show_error)
        tellers = (self.desk, self.exports, self.experiments, self.dataset, self.training, self.generation, self.sound)
        for teller in tellers:
            teller.told.connect(self.status.tell)
        self.comparing.told.connect(self.status.tell)
        self._connect_collecting()
        self.keyboards.told.connect(self.status.tell)
        self.recording.told.connect(self.status.tell)
        self.comparing.noted.connect(self.notebook.refresh)
        self.comparing.open_asked.connect(self._on_compared_take)
        self.training.view.bar.compare_asked.connect(self.compare_ticked)
        for writer in (self.plot_exports, self.notebook):
            writer.told.connect(self.status.tell)
            writer.failed.connect(self.messages.show_error)
        self.notebook.run_asked.connect(self._show_run)
        self.training.shelf.noted.connect(self.notebook.refresh)
        self.desk.failed.connect(self.messages.show_error)
        self.desk.left.connect(self.messages.clear)
        self.desk.opened.connect(self._on_project)
        self.desk.titled.connect(self._retitle)
        self.dataset.dataset_prepared.connect(self._on_prepared)
        self.dataset.listen_asked.connect(self.playback.listen_to)
        self.dataset.piece_shown.connect(self._on_piece)
        self.dataset.open_asked.connect(self.open_midi)
        self._connect_training()
        self.generation.listen_asked.connect(self.hearing.play)
        self.exports.opened.connect(self.generation.file_opened)
        self.generation.training_asked.connect(partial(self.show_tab, TRAINING))

    def _connect_collecting(self) -> None:
        self.dataset.panel.collections_asked.connect(self.collecting.ask)
        self.desk.opened.connect(self.collecting.set_project)
        self.collecting.job_started.connect(self._on_job)
        self.collecting.collected.connect(self.dataset.add_sources)
        self.collecting.noticed.connect(self.messages.show_message)
        self.collecting.failed.connect(self.messages.show_error)
        self.collecting.told.connect(self.status.tell)

    def _connect_training(self) -> None:
        self.training.run_changed.connect(self._on_run)
        self.training.dataset_asked.connect(partial(self.show_tab, DATASET))
        self.training.model_chosen.connect(self._on_model)
        self.training.output_asked.connect(self.open_midi)
        self.training.source_asked.connect(self._hear_source_of)
        self.training.timeline.listen_asked.connect(self.playback.listen_once)
        self.training.timeline.hush_asked.connect(self.playback.back_to_roll)
        self.player.state_changed.connect(self._on_heard)
        self.training.import_asked.connect(self.experiments.ask_import)
        self.training.judge_asked.connect(self.experiments.ask_judge)
        self.training.noticed.connect(self.messages.show_message)
        self.training.queue_interrupted.connect(self._on_queue_interrupted)
        self.training.queue.changed.connect(self._on_queue)
        self.messages.acted.connect(self._on_acted)
        self.experiments.imported.connect(self.training.shelf.reload)
        self.experiments.judged.connect(self.training.shelf.read_again)
        self.experiments.noticed.connect(self.messages.show_message)
        self.training.view.table.set_columns(self.settings.run_columns)
        self.training.view.table.columns_changed.connect(self._on_run_columns)
        self._remember_plot()

    def _on_job(self, job: Job, title: str) -> None:
        self.status.add_job(job, title)

    def _on_project(self, project: Project) -> None:
        for part in (self.dataset, self.training, self.generation, self.experiments, self.comparing, self.notebook):
            part.set_project(project)
        self.exports.title = project.title
        self._retitle()

    def _on_prepared(self, _folder: Path) -> None:
        self.training.refresh_dataset()
        self.generation.refresh_dataset()

    def _on_piece(self, score: Score) -> None:
        if self.tab == DATASET:
            self.playback.offer(score)

    def _on_run(self, _run: Path) -> None:
        self.generation.refresh_models()
        self.notebook.refresh()

    def _show_run(self, number: int) -> None:
        if self.training.shelf.show(number):
            self.show_tab(TRAINING)
            self.activateWindow()
        else:
            self.status.tell(f"There is no run {number} in this project any more")

    def _on_model(self, model: Path) -> None:
        self.show_tab(GENERATION)
        self.generation.choose_model(model)

    def _hear_source_of(self, output: Path) -> None:
        self.generation.watch.hear_when_found()
        self.open_midi(output)

    def _on_queue_interrupted(self, waiting: int) -> None:
        self._offer = Message(*interrupted_words(waiting), action="Continue", kind="accent")
        self.messages.show_message(self._offer)

    def _on_queue(self) -> None:
        if self._offer is not None and (self.training.queue.busy or not self.training.queue.waiting):
            self.messages.take_back(self._offer)
            self._offer = None

    def _on_acted(self, message: Message) -> None:
        if message == self._offer:
            self.show_tab(TRAINING)
            self.training.view.pages.show_page(QUEUE)
            self.training.queue.start()

    def _on_run_columns(self, columns: tuple[str, ...]) -> None:
        self.settings.run_columns = columns

    def _remember_plot(self) -> None:
        plot = self.training.view.plot
        plot.set_log(self.settings.plot_log)
        plot.set_smooth(self.settings.plot_smooth)
        plot.legend.log_toggled.connect(self._on_plot_view)
        plot.legend.smooth_chosen.connect(self._on_plot_view)

    def _on_plot_view(self) -> None:
        plot = self.training.view.plot
        self.settings.plot_log, self.settings.plot_smooth = plot.log, plot.smooth

    def _on_heard(self, _state: str) -> None:
        self.training.timeline.show_heard(self.playback.heard)

    def _on_compared_take(self, file: Path) -> None:
        self.open_midi(file)
        self.activateWindow()

    def _retitle(self) -> None:
        title, unsaved = self.desk.title, self.desk.unsaved
        self.header.set_project(title, unsaved)
        self.setWindowTitle(f"{title}{' *' if unsaved else ''} - {NAME}" if title else NAME)


def _is_music(path: Path) -> bool:
    return path.suffix.lower() in MUSIC_SUFFIXES or looks_like_notes(path)
