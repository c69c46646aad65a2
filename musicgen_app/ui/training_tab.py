"""The Training tab: choose a network, watch it learn, compare runs."""

import contextlib
import math
from dataclasses import fields
from pathlib import Path

from PySide6.QtCore import QTimer, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QVBoxLayout, QWidget

from musicgen_app.core.errors import DatasetError, MusicgenError, UsageError
from musicgen_app.dataset.store import Dataset, open_dataset
from musicgen_app.ml.config import TrainConfig
from musicgen_app.project import runs as project_runs
from musicgen_app.project.document import Project
from musicgen_app.project.runs import RunRecord, read_run
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.panes import ThreePanes
from musicgen_app.ui.run_notes import RunNotes
from musicgen_app.ui.theme import Theme
from musicgen_app.ui.training_panel import TrainingPanel
from musicgen_app.ui.training_session import PAUSED, PREPARING, STOPPING, TrainingSession
from musicgen_app.ui.training_view import TrainingView
from musicgen_app.workflow.reports import BatchReport, EpochReport, TrainResult, TrainStarted
from musicgen_app.workflow.train import TrainRequest

_READ_AGAIN_MS = 500
_APART = ("preset", "epochs", "minutes", "seed")


class TrainingTab(QWidget):
    """Form on the left, figures, curves and runs in the middle, the chosen run in words on the right.

    Signals:
        job_started: A training has begun (its Job, a title).
        failed: Something could not be done (a MusicgenError).
        told: Something was done, in a few words.
        run_changed: A run has a new model, or is gone (its folder).
        dataset_asked: The person wants to see the Dataset tab.
        model_chosen: A model is to be used in the Generation tab (its file).
    """

    job_started = Signal(object, str)
    failed = Signal(object)
    told = Signal(str)
    run_changed = Signal(object)
    dataset_asked = Signal()
    model_chosen = Signal(object)

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._project: Project | None = None
        self._dataset: Dataset | None = None
        self._deleted: Path | None = None
        self._live: RunRecord | None = None
        self.session = TrainingSession(self)
        self.panel = TrainingPanel(icons)
        self.view = TrainingView(theme, icons)
        self.notes = RunNotes(icons)
        self.panes = ThreePanes("training", self.panel, self.view, self.notes)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.panes)
        self._reader = QTimer(self)
        self._reader.setSingleShot(True)
        self._reader.setInterval(_READ_AGAIN_MS)
        self._reader.timeout.connect(self._read_live)
        self._connect()
        self._show_state()

    # For the window

    @property
    def busy(self) -> bool:
        """Whether a training goes on, paused or not."""
        return self.session.busy

    def set_project(self, project: Project) -> None:
        """Show the runs of a project. A training that goes on is stopped first; it can be resumed."""
        self.shutdown()
        self._project = project
        self.view.undo.hide()
        for key in self.view.plot.keys:
            self.view.plot.remove_run(key)
        found = project.runs()
        shown = {run.id for run in found[-1:]}
        self.view.table.set_runs(found, shown)
        for run in found[-1:]:
            self.view.plot.set_run(run.id, run.title, run.losses)
            self.view.table.choose(run.id)
            self._use_settings(run)
        self.refresh_dataset()

    def refresh_dataset(self) -> None:
        """Look at the project's data set again, after it was prepared."""
        self._dataset = None
        if self._project is not None and self._project.has_dataset:
            try:
                self._dataset = open_dataset(self._project.dataset_folder)
            except DatasetError as error:
                self.failed.emit(error)
        self.panel.form.set_dataset(self._dataset, self._speeds())
        self._show_state()

    def shutdown(self) -> None:
        """Stop the training, if one goes on, and write down notes; takes less than three seconds."""
        self.notes.flush()
        if self.busy:
            self.session.shutdown()
            self._on_stopped()

    # What a person does

    def train(self) -> None:
        """Train a new model with the settings of the form."""
        if self._project is None or self._dataset is None or self.busy:
            return
        try:
            config = self.panel.form.value()
            folder = self._project.new_run_folder()
            usual = TrainConfig.from_preset(config.preset).to_json()
        except MusicgenError as error:
            self.failed.emit(error)
            return
        chosen = {field.name: getattr(config, field.name) for field in fields(config) if field.name not in _APART}
        run = read_run(folder, running=True)
        request = TrainRequest(
            dataset=self._project.dataset_folder,
            out=folder,
            preset=config.preset,
            overrides={name: value for name, value in chosen.items() if value != usual[name]},
            epochs=config.epochs,
            minutes=config.minutes,
            seed=config.seed,
            title=run.title,
        )
        self._start(request, run)

    def resume(self, number: int) -> None:
        """Go on where a run stopped."""
        run = self._run(number)
        if self._project is None or run is None or not run.can_resume or self.busy:
            return
        self._start(TrainRequest(dataset=self._project.dataset_folder, out=run.folder, resume=True), run)

    def toggle_pause(self) -> None:
        """Let the training wait, or go on."""
        if self.session.state == PAUSED:
            self.session.unpause()
        else:
            self.session.pause()

    def stop_and_keep(self) -> None:
        """End the training with the best model so far."""
        self.session.keep()

    def stop(self) -> None:
        """Stop the training; it can be resumed."""
        self.session.stop()

    def delete_run(self, number: int) -> None:
        """Move a run to the trash of the project; a button brings it back."""
        run = self._run(number)
        if run is None or run.folder == self.session.run:
            return
        try:
            self._deleted = project_runs.delete_run(run.folder)
        except MusicgenError as error:
            self.failed.emit(error)
            return
        self.view.plot.remove_run(number)
        self._relist()
        self.view.undo.tell(f"{run.title} was deleted.", "Undo")
        self.run_changed.emit(run.folder)

    def undo_delete(self) -> None:
        """Bring the run back that was deleted last."""
        if self._deleted is None:
            return
        try:
            folder = project_runs.restore_run(self._deleted)
        except MusicgenError as error:
            self.failed.emit(error)
            return
        finally:
            self._deleted = None
            self.view.undo.hide()
        self._relist(tick=int(folder.name))
        self.view.table.choose(int(folder.name))
        self.run_changed.emit(folder)

    # Inside

    def _connect(self) -> None:
        session, panel, view = self.session, self.panel, self.view
        panel.train_asked.connect(self.train)
        panel.resume_asked.connect(self._on_resume)
        panel.pause_asked.connect(self.toggle_pause)
        panel.keep_asked.connect(self.stop_and_keep)
        panel.stop_asked.connect(self.stop)
        view.dataset_asked.connect(self.dataset_asked)
        view.train_asked.connect(self.train)
        view.undo.pressed.connect(self.undo_delete)
        view.table.chosen.connect(self._on_chosen)
        view.table.asked.connect(self._on_asked)
        view.table.runs.ticked.connect(self._on_ticked)
        view.table.runs.renamed.connect(self._on_renamed)
        self.notes.noted.connect(self._on_noted)
        self.notes.generate_asked.connect(self._on_generate)
        session.state_changed.connect(self._show_state)
        session.prepared.connect(self._on_preparing)
        session.started.connect(self._on_started)
        session.batch_done.connect(self._on_batch)
        session.epoch_done.connect(self._on_epoch)
        session.finished.connect(self._on_finished)
        session.stopped.connect(self._on_stopped)
        session.failed.connect(self._on_failed)

    def _start(self, request: TrainRequest, run: RunRecord) -> None:
        self._live = run
        job = self.session.start(request)
        self._relist(tick=run.id)
        self.view.table.choose(run.id)
        self.view.tiles.show_run(run)
        self.view.plot.set_run(run.id, run.title, run.losses)
        self.view.plot.fit()
        self.job_started.emit(job, f"Training {run.title[:1].lower()}{run.title[1:]}")

    def _run(self, number: int) -> RunRecord | None:
        return next((run for run in self.view.table.runs.runs if run.id == number), None)

    def _relist(self, tick: int | None = None) -> None:
        """Read all runs again."""
        if self._project is None:
            return
        found = self._project.runs(self.session.run)
        ticked = {run.id for run in found if self.view.table.runs.is_ticked(run.id) or run.id == tick}
        self.view.table.set_runs(found, ticked)
        for run in found:
            if run.id in ticked and run.id not in self.view.plot.keys:
                self.view.plot.set_run(run.id, run.title, run.losses)
        self._show_state()

    def _speeds(self) -> dict[str, float]:
        """Notes a second of the latest run of each preset."""
        speeds = {}
        for run in reversed(self.view.table.runs.runs):
            speed = run.summary.get("notes_per_second")
            if isinstance(speed, int | float) and speed > 0:
                speeds[run.preset] = float(speed)
        return speeds

    def _use_settings(self, run: RunRecord) -> None:
        # A run of an older version may have settings this one does not know; the form stays as it is then.
        with contextlib.suppress(UsageError):
            self.panel.form.set_config(TrainConfig.from_json(run.settings))

    @Slot()
    def _show_state(self) -> None:
        state = self.session.state
        self.panel.show_state(state, self._dataset is not None)
        self.view.show_state(self._dataset is not None, bool(self.view.table.runs.runs))
        chosen = self.view.table.chosen_run
        resumable = chosen if chosen is not None and chosen.can_resume and self._dataset is not None else None
        self.panel.show_resumable(resumable if not self.busy else None)
        busy_bar = state in (PREPARING, STOPPING)
        self.view.tiles.bar.setRange(0, 0 if busy_bar else 1000)
        words = {
            PREPARING: "Getting ready: the network is built. The first batch takes up to half a minute.",
            PAUSED: "Paused. The processor is free; Go on continues where it was.",
            STOPPING: "Stopping after this batch.",
        }
        if state in words:
            self.view.phase.tell(words[state])
        else:
            self.view.phase.hide()
        if self._live is not None and self.busy:
            self.view.table.runs.update_run(self._live, paused=state == PAUSED)

    @Slot(str)
    def _on_preparing(self, words: str) -> None:
        if self.session.state == PREPARING:
            self.view.phase.tell(f"{words}. The first batch takes up to half a minute.")

    @Slot(object)
    def _on_started(self, report: TrainStarted) -> None:
        if self._live is not None:
            done = report.first_epoch - 1 + report.first_batch / max(1, report.batches)
            self.view.plot.begin(self._live.id, self._live.title, done)
        self._read_live()

    @Slot(object)
    def _on_batch(self, report: BatchReport) -> None:
        self.view.tiles.show_batch(report)
        if self._live is not None:
            at = report.epoch - 1 + report.batch / max(1, report.batches)
            self.view.plot.add_batch(self._live.id, at, report.loss)

    @Slot(object)
    def _on_epoch(self, report: EpochReport) -> None:
        if self._live is None:
            return
        validation = math.nan if report.validation is None else report.validation
        self.view.plot.add_epoch(self._live.id, report.epoch, report.train, report.validation)
        self.view.tiles.show_epoch(report.epoch, report.epochs, report.train, validation)
        if not self._reader.isActive():
            self._reader.start()
        if report.epoch == 1:
            self.run_changed.emit(self._live.folder)

    def _read_live(self) -> None:
        """Read again what is on disk of the run that goes on."""
        if self._live is None or self.session.run is None:
            return
        self._live = read_run(self._live.folder, running=True)
        self.view.table.runs.update_run(self._live, paused=self.session.state == PAUSED)
        self.view.tiles.show_best(self._live)
        if self.view.table.chosen_run is not None and self.view.table.chosen_run.id == self._live.id:
            self.notes.show_run(self._live)

    @Slot(object)
    def _on_finished(self, result: TrainResult) -> None:
        run = self._ended()
        if run is not None:
            self.told.emit(f"{run.title} is trained: the best model is from epoch {result.best_epoch}")

    @Slot()
    def _on_stopped(self) -> None:
        run = self._ended()
        if run is not None:
            self.told.emit(
                f"{run.title} is stopped and can be resumed" if run.can_resume else f"{run.title} is stopped"
            )

    @Slot(object)
    def _on_failed(self, error: MusicgenError) -> None:
        run = self._ended()
        if run is not None and run.checkpoint is not None:
            error.hint = f"{error.hint} The best model so far, from epoch {run.losses.best_epoch}, is kept.".strip()
        self.failed.emit(error)

    def _ended(self) -> RunRecord | None:
        """Show what has become of the run that went on until now."""
        live, self._live = self._live, None
        self._reader.stop()
        if live is None or self._project is None:
            return None
        run = read_run(live.folder)
        self.view.plot.set_run(run.id, run.title, run.losses)
        self._relist()
        self.view.tiles.end()
        self.view.tiles.show_best(run)
        self.panel.form.set_dataset(self._dataset, self._speeds())
        self._on_chosen()
        with contextlib.suppress(MusicgenError):  # the table can be made again at any time; saving does
            self._project.write_runs_table()
        self.run_changed.emit(run.folder)
        return run

    @Slot()
    def _on_chosen(self) -> None:
        run = self.view.table.chosen_run
        self.notes.show_run(run)
        self.view.plot.set_main(run.id if run is not None else None)
        if not self.busy:
            self.view.tiles.show_run(run)
            self._show_state()

    @Slot(int, bool)
    def _on_ticked(self, number: int, ticked: bool) -> None:
        run = self._run(number)
        if run is not None and ticked:
            self.view.plot.set_run(number, run.title, run.losses)
        else:
            self.view.plot.show_run(number, False) if run is self._live else self.view.plot.remove_run(number)

    @Slot(int, str)
    def _on_renamed(self, number: int, title: str) -> None:
        self._label(number, title, None)
        self.view.plot.rename_run(number, title)
        run = self._run(number)
        if run is not None:
            self.run_changed.emit(run.folder)

    @Slot(int, str)
    def _on_noted(self, number: int, text: str) -> None:
        self._label(number, None, text)

    def _label(self, number: int, title: str | None, text: str | None) -> None:
        run = self._run(number)
        if run is None:
            return
        try:
            project_runs.label_run(
                run.folder, run.title if title is None else title, run.notes if text is None else text
            )
        except MusicgenError as error:
            self.failed.emit(error)
            return
        again = read_run(run.folder, running=run.folder == self.session.run)
        if self._live is not None and self._live.id == number:
            self._live = again
        self.view.table.runs.update_run(again, paused=self.session.state == PAUSED)
        if title is not None:
            self.notes.show_run(self.view.table.chosen_run)

    @Slot()
    def _on_resume(self) -> None:
        run = self.view.table.chosen_run
        if run is not None:
            self.resume(run.id)

    @Slot(int)
    def _on_generate(self, number: int) -> None:
        run = self._run(number)
        if run is not None and run.checkpoint is not None:
            self.model_chosen.emit(run.checkpoint)

    @Slot(str, int)
    def _on_asked(self, verb: str, number: int) -> None:
        run = self._run(number)
        if run is None:
            return
        if verb == "resume":
            self.resume(number)
        elif verb == "generate":
            self._on_generate(number)
        elif verb == "settings":
            self._use_settings(run)
        elif verb == "folder":
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(run.folder)))
        elif verb == "delete":
            self.delete_run(number)
