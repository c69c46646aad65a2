"""The Generation tab: settings, the piano roll in which notes appear while they are made, and the takes."""

from functools import partial
from pathlib import Path

import numpy as np
from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from musicgen_app import environment
from musicgen_app.core.errors import MusicgenError
from musicgen_app.core.score import Score
from musicgen_app.generation.generator import NotesReport, SampleConfig
from musicgen_app.generation.ready import KeptModel
from musicgen_app.project.document import Project
from musicgen_app.ui.controls import QuietButton, set_kind
from musicgen_app.ui.copy_line import CopyLine
from musicgen_app.ui.copy_watch import CopyWatch
from musicgen_app.ui.generation_form import GenerationForm
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.jobs import Job
from musicgen_app.ui.model_lister import ModelLister
from musicgen_app.ui.panels import EmptyState
from musicgen_app.ui.panes import ThreePanes
from musicgen_app.ui.piano_roll.piano_roll import PianoRoll
from musicgen_app.ui.prompt_picker import FILE, PASSAGE, ROLL
from musicgen_app.ui.score_editor import ScoreEditor
from musicgen_app.ui.take_shelf import TakePlayer, TakeShelf
from musicgen_app.ui.takes import Takes
from musicgen_app.ui.theme import Theme
from musicgen_app.workflow.generate import GenerateConfig, Take, excerpt, generate
from musicgen_app.workflow.models import Model

_EMPTY, _ROLL = range(2)


class GenerationTab(QWidget):
    """Form on the left, roll in the middle, takes on the right.

    Args:
        theme: Colours.
        icons: Pictures.
        editor: The score in the roll.
        player: What plays it.
        parent: Qt's owner.
        bundled: Folder of the models that come with the program; its usual place where None.
        music: Folder of the data set that comes with the program; its usual place where None.

    Signals:
        job_started: Generating has begun (its Job, a title).
        failed: Something could not be done (a MusicgenError).
        told: Something was done, in a few words.
        training_asked: The person wants to train a model.
        listen_asked: A passage of the training pieces is to be heard (a Passage).
    """

    job_started = Signal(object, str)
    failed = Signal(object)
    told = Signal(str)
    training_asked = Signal()
    listen_asked = Signal(object)

    def __init__(
        self,
        theme: Theme,
        icons: Icons,
        editor: ScoreEditor,
        player: TakePlayer,
        parent: QWidget | None = None,
        bundled: Path | None = None,
        music: Path | None = None,
    ) -> None:
        super().__init__(parent)
        self._editor = editor
        self._player = player
        self._project: Project | None = None
        self._job: Job | None = None
        self._asked: tuple[SampleConfig, Model] | None = None
        self._model = KeptModel()
        self._waiting: list[Take] = []
        self.form = GenerationForm(icons)
        bundled = bundled if bundled is not None else environment.bundled("models")
        self._models = ModelLister(self.form.models, bundled, self)
        self.roll = PianoRoll(theme, icons, editor, player)
        self.takes = Takes(theme, icons)
        self.shelf = TakeShelf(self.takes, editor, player, self)
        music = music if music is not None else environment.bundled("data", "dataset")
        self.watch = CopyWatch(self.shelf, editor, self.roll.copies, self.form.models, music, self)
        self.copy_line = CopyLine(icons)
        self.empty = self._empty_state(icons)
        self._middle = QStackedWidget()
        self._middle.addWidget(self._empty_page())
        self._middle.addWidget(self._roll_page())
        self.panes = ThreePanes("generation", self.form, self._middle, self.takes)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.panes)
        self._connect()
        self.refresh_models()

    # For the window

    @property
    def busy(self) -> bool:
        """Whether music is being made."""
        return self._job is not None

    def set_project(self, project: Project) -> None:
        """Show the takes and models of a project. What is being made is stopped and thrown away."""
        self.shutdown()
        self._project = project
        self.watch.set_project(project)
        self.shelf.set_project(project)
        self._middle.setCurrentIndex(_ROLL if len(self._editor.score.notes) else _EMPTY)
        self.refresh_models()
        self.refresh_dataset()

    def refresh_models(self) -> None:
        """Look again which models there are."""
        self._models.refresh(self._project)

    def refresh_dataset(self) -> None:
        """Look again whether there is a data set to take passages from, and to hold music against."""
        self.watch.look_soon()
        self.form.prompt.set_has_dataset(self._project is not None and self._project.has_dataset)

    def choose_model(self, path: Path) -> None:
        """Choose the model to generate with."""
        self.refresh_models()
        self._models.choose(path)

    def file_opened(self, path: Path) -> None:
        """A file stands in the roll: show all of it, and look for copies in it."""
        self.roll.state.welcome()
        self.roll.state.seek(0)
        self.watch.file_opened(path)

    def shutdown(self) -> None:
        """Stop generating and throw away what is not finished; the roll shows what it showed before."""
        if self._job is not None:
            self._job.cancel()
            self._job.wait()
            while self._waiting:
                self._keep(self._waiting.pop(0))
            self._ended()
            self._editor.end_streaming()
        self._models.stop()
        self.watch.shutdown()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh_dataset()

    # What a person does

    @Slot()
    def generate(self) -> None:
        """Make music with the settings of the form."""
        model = self.form.models.model
        if self.busy or model is None or self.form.prompt.obstacle:
            return
        try:
            config = self._config(model.path)
        except MusicgenError as error:
            self.failed.emit(error)
            return
        self._asked = (config.sample, model)
        job = Job(partial(generate, config, ready=self._model.ready), self)
        job.progressed.connect(self._on_report)
        job.succeeded.connect(self._on_made)
        job.failed.connect(self._on_failed)
        job.cancelled.connect(self._on_cancelled)
        self._job = job
        self.shelf.locked = True
        self.form.show_running(True)
        self.takes.show_deleted("")
        self._middle.setCurrentIndex(_ROLL)
        self.job_started.emit(job, self.tr("Music"))
        job.start()

    @Slot()
    def stop(self) -> None:
        """End what is being made; the notes that are there are kept."""
        if self._job is not None:
            self._job.cancel()

    # Inside

    def _connect(self) -> None:
        self.form.generate_asked.connect(self.generate)
        self.form.stop_asked.connect(self.stop)
        self.form.models.training_asked.connect(self.training_asked)
        self.empty.pressed.connect(self.form.ask)
        self.takes.generate_asked.connect(self.form.ask)
        self.shelf.failed.connect(self.failed)
        self.shelf.put_into_roll.connect(self._on_take_in_roll)
        self.watch.passage_found.connect(self.listen_asked)
        self.watch.copy_found.connect(self.copy_line.tell)
        self._editor.score_changed.connect(self._on_score)
        self._editor.selection_changed.connect(self._on_selection)

    def _empty_state(self, icons: Icons) -> EmptyState:
        return EmptyState(
            icons,
            "piano",
            self.tr("The roll is empty"),
            self.tr("Generate music, or open a MIDI file; its notes appear here to be heard and changed."),
            self.tr("Generate"),
        )

    def _empty_page(self) -> QWidget:
        page = QWidget()
        draw = QuietButton(self.tr("Draw notes by hand"), self.tr("Begin with an empty roll"))
        set_kind(draw, "link")
        draw.clicked.connect(self._on_draw)
        across = QHBoxLayout()
        across.addStretch(1)
        across.addWidget(draw)
        across.addStretch(1)
        rows = QVBoxLayout(page)
        rows.addStretch(1)
        rows.addWidget(self.empty)
        rows.addLayout(across)
        rows.addStretch(1)
        return page

    def _roll_page(self) -> QWidget:
        page = QWidget()
        rows = QVBoxLayout(page)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(self.copy_line)
        rows.addWidget(self.roll, 1)
        return page

    def _config(self, model: Path) -> GenerateConfig:
        """What the form asks for.

        Raises:
            UsageError: It makes no sense.
        """
        prompt, editor = self.form.prompt.value(), self._editor
        chosen = editor.selected if len(editor.selected) else np.arange(len(editor.score.notes))
        return GenerateConfig(
            checkpoint=model,
            sample=self.form.sample(),
            prompt=excerpt(editor.score, chosen) if prompt.kind == ROLL else None,
            prompt_file=prompt.file if prompt.kind == FILE else None,
            passage=self._project.dataset_folder if prompt.kind == PASSAGE and self._project is not None else None,
            passage_notes=prompt.passage_notes,
            include_prompt=prompt.include,
            rendering=self.form.words_sound(),
        )

    @Slot(object)
    def _on_report(self, report: object) -> None:
        if self._job is None or not isinstance(report, NotesReport) or report.take != 0:
            return
        begins = not self._editor.streaming
        self._editor.show_streamed(report.score)
        if begins:
            self._player.set_growing(True)
            self._player.seek(0)

    @Slot(object)
    def _on_made(self, made: tuple[Take, ...]) -> None:
        if self._job is None:
            return
        self._waiting = [take for take in made if take.notes]
        if not self._waiting:
            self._ended()
            self._editor.end_streaming()
            self.told.emit(self.tr("Stopped before the first note"))
            return
        first = self._waiting.pop(0)
        number = self._keep(first)
        if number is None:
            self._editor.edit(self.tr("Generate"), first.score)
        else:
            self.shelf.show_in_roll(number, first.score, self.tr("Generate"))
        notes = sum(take.notes for take in made)
        self.told.emit(
            self.tr("{notes} notes made, {speed} a second").format(
                notes=f"{notes:,}", speed=f"{first.notes_per_second:,.0f}"
            )
        )
        self._keep_next()

    @Slot()
    def _keep_next(self) -> None:
        """Keep the takes that wait one by one: each waits for the disk, and the window shall not."""
        if self._job is None:
            return
        if not self._waiting:
            self._ended()
            self.takes.show_newest()
            return
        self._keep(self._waiting.pop(0))
        QTimer.singleShot(0, self, self._keep_next)

    def _keep(self, take: Take) -> int | None:
        return self.shelf.keep(take, *self._asked) if self._asked is not None else None

    @Slot(object)
    def _on_failed(self, error: MusicgenError) -> None:
        self._on_cancelled()
        self.failed.emit(error)

    @Slot()
    def _on_cancelled(self) -> None:
        self._ended()
        self._editor.end_streaming()

    def _ended(self) -> None:
        job, self._job = self._job, None
        if job is not None and job.isFinished():
            job.deleteLater()
        elif job is not None:
            job.finished.connect(job.deleteLater)
        self.shelf.locked = False
        self._player.set_growing(False)
        self.form.show_running(False)

    @Slot(object)
    def _on_score(self, score: Score) -> None:
        if len(score.notes):
            self._middle.setCurrentIndex(_ROLL)
        self._on_selection()

    @Slot()
    def _on_selection(self) -> None:
        self.form.prompt.set_roll(len(self._editor.selected), len(self._editor.score.notes))

    @Slot()
    def _on_take_in_roll(self) -> None:
        self._middle.setCurrentIndex(_ROLL)
        self.roll.state.fit()

    @Slot()
    def _on_draw(self) -> None:
        self._middle.setCurrentIndex(_ROLL)
        self.roll.setFocus()
