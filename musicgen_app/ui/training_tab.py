"""The Training tab: choose a network, watch it learn, compare runs."""

import contextlib
import math
from collections.abc import Callable
from functools import partial
from itertools import islice
from pathlib import Path

from PySide6.QtCore import QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QVBoxLayout, QWidget

from musicgen_app import environment
from musicgen_app.core.errors import DatasetError, MusicgenError, UsageError
from musicgen_app.dataset.store import Dataset, open_dataset
from musicgen_app.project.document import Project
from musicgen_app.project.runs import RunRecord, read_run
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.panes import ThreePanes
from musicgen_app.ui.queue_desk import QueueDesk
from musicgen_app.ui.queue_filler import QueueFiller
from musicgen_app.ui.queued_runs import QueuedRuns
from musicgen_app.ui.run_notes import RunNotes
from musicgen_app.ui.run_outputs import RunOutputs
from musicgen_app.ui.run_shelf import RunShelf
from musicgen_app.ui.theme import Theme
from musicgen_app.ui.timeline_desk import TimelineDesk
from musicgen_app.ui.training_panel import TrainingPanel
from musicgen_app.ui.training_session import PAUSED, PREPARING, STOPPING, TrainingSession
from musicgen_app.ui.training_view import TrainingView
from musicgen_app.workflow.clone import clone
from musicgen_app.workflow.models import list_models
from musicgen_app.workflow.outputs import OutputMade
from musicgen_app.workflow.reports import BatchReport, EpochReport, TrainResult, TrainStarted
from musicgen_app.workflow.train import TrainRequest

_PHASES = {
    PREPARING: "Getting ready.",
    PAUSED: "Paused. The processor is free.",
    STOPPING: "Stopping after this batch.",
}
_OBSTACLE = "A training goes on. The queue can be started when it has ended."
_MOST_OFFERED = 60
"""Models of so many runs are offered to start from; an older one is opened as another model."""


class TrainingTab(QWidget):
    """Form on the left, figures, curves and runs in the middle, the chosen run in words on the right.

    Args:
        theme: Colours.
        icons: Pictures.
        parent: Qt's owner.
        bundled: Folder of the models that come with the program; its usual place where None.

    Signals:
        job_started: A training has begun (its Job, a title).
        failed: Something could not be done (a MusicgenError).
        told: Something was done, in a few words.
        run_changed: A run has a new model, or is gone (its folder).
        dataset_asked: The person wants to see the Dataset tab.
        model_chosen: A model is to be used in the Generation tab (its file).
        output_asked: The output of a run, or a take of its timeline, is to be seen and heard (its MIDI file).
        source_asked: What the output of a run was copied from is to be heard (the output's MIDI file).
        import_asked: Experiments are to be imported.
        judge_asked: The outputs of runs are to be judged.
        queue_interrupted: A queue waits to be continued (how many runs).
        noticed: Something is to be told that stays (a Message).
    """

    job_started = Signal(object, str)
    failed = Signal(object)
    told = Signal(str)
    run_changed = Signal(object)
    dataset_asked = Signal()
    model_chosen = Signal(object)
    output_asked = Signal(object)
    source_asked = Signal(object)
    import_asked = Signal()
    judge_asked = Signal()
    queue_interrupted = Signal(int)
    noticed = Signal(object)

    def __init__(self, theme: Theme, icons: Icons, bundled: Path | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bundled = bundled if bundled is not None else environment.bundled("models")
        self._offered: tuple[object, ...] | None = None
        self._project: Project | None = None
        self._dataset: Dataset | None = None
        self.session = TrainingSession(self)
        self.panel = TrainingPanel(icons)
        self.view = TrainingView(theme, icons)
        self.notes = RunNotes(icons)
        self.shelf = RunShelf(self.view, self.notes, self)
        self.outputs = RunOutputs(self)
        self.timeline = TimelineDesk(self.view.marks, self.view.strip, self)
        self.queue = QueueDesk(self.view.queue, self)
        self.filler = QueueFiller(self.queue, self.panel.form, self.view, icons, self)
        self.queued = QueuedRuns(self.queue, self.shelf, self.view, self)
        self.panes = ThreePanes("training", self.panel, self.view, self.notes)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.panes)
        self._connect()
        self._show_state()

    # For the window

    @property
    def busy(self) -> bool:
        """Whether a training goes on, paused or not."""
        return self.session.busy or self.queue.busy

    def set_project(self, project: Project) -> None:
        """Show the runs of a project. A training that goes on is stopped first; it can be resumed."""
        self.shutdown()
        self._project = project
        self.shelf.set_project(project)
        self.refresh_dataset()
        self.queue.set_project(project)

    def refresh_dataset(self) -> None:
        """Look at the project's data set again, after it was prepared."""
        self._dataset = None
        if self._project is not None and self._project.has_dataset:
            try:
                self._dataset = open_dataset(self._project.dataset_folder)
            except DatasetError as error:
                self.failed.emit(error)
        self._show_speeds()
        self._show_state()

    def shutdown(self) -> None:
        """Stop the training, if one goes on, and write down notes; takes less than three seconds."""
        self.notes.flush()
        self.shelf.shutdown()
        self.outputs.shutdown()
        if self.session.busy:
            self.session.shutdown()
            self._on_stopped()
        queued = self.queue.busy
        self.queue.shutdown()
        if queued:
            self._ended()

    # What a person does

    def train(self) -> None:
        """Train a new model with the settings of the form; while the queue runs they are added to it."""
        if self.queue.busy:
            self.filler.add_settings()
            return
        if self._project is None or not self._can_begin():
            return
        form = self.panel.form
        if form.obstacle:
            self.failed.emit(UsageError(form.obstacle))
            return
        try:
            config, overrides = form.value(), form.overrides()
            folder = self._project.new_run_folder()
        except MusicgenError as error:
            self.failed.emit(error)
            return
        run = read_run(folder, running=True)
        model = form.start.model
        request = TrainRequest(
            dataset=self._project.dataset_folder,
            out=folder,
            preset=config.preset if model is None else "",
            overrides=overrides,
            epochs=config.epochs,
            minutes=config.minutes,
            seed=config.seed,
            title=run.title,
            output=form.output(),
            start_from=None if model is None else model.path,
            takes=form.takes,
        )
        self._start(request, run)

    def resume(self, number: int) -> None:
        """Go on where a run stopped; one that came to its end gets as many epochs more as the form says."""
        run = self.shelf.run(number)
        if self._project is None or run is None or not _can_go_on(run) or not self._can_begin():
            return
        more = int(self.panel.form.box("epochs").value())
        epochs = run.epochs + more if run.can_go_further else None
        self._start(TrainRequest(self._project.dataset_folder, run.folder, epochs=epochs, resume=True), run)

    @Slot()
    def toggle_pause(self) -> None:
        """Let the training, or the queue, wait or go on."""
        if self.queue.busy:
            self.queue.go()
        elif self.session.state == PAUSED:
            self.session.unpause()
        else:
            self.session.pause()

    @Slot()
    def stop_and_keep(self) -> None:
        """End the training with the best model so far; in the queue with the epoch that goes on."""
        if self.queue.busy:
            self.queue.end_epoch()
        else:
            self.session.keep()

    @Slot()
    def stop(self) -> None:
        """Stop the training, or the queue; either can go on later."""
        if self.queue.busy:
            self.queue.stop()
        else:
            self.session.stop()

    # Inside

    def _connect(self) -> None:
        session, panel, view = self.session, self.panel, self.view
        panel.train_asked.connect(self.train)
        panel.queue_asked.connect(self.filler.add_settings)
        panel.resume_asked.connect(self._on_resume)
        panel.pause_asked.connect(self.toggle_pause)
        panel.keep_asked.connect(self.stop_and_keep)
        panel.stop_asked.connect(self.stop)
        view.dataset_asked.connect(self.dataset_asked)
        view.train_asked.connect(self.train)
        view.table.asked.connect(self._on_asked)
        self.notes.generate_asked.connect(self._on_generate)
        self.shelf.failed.connect(self.failed)
        self.shelf.run_changed.connect(self.run_changed)
        self.shelf.changed.connect(self._on_shelf)
        self.shelf.opened.connect(self._on_opened)
        view.bar.import_asked.connect(self.import_asked)
        view.bar.judge_asked.connect(self.judge_asked)
        self.notes.output_asked.connect(self._on_output)
        self.notes.make_asked.connect(partial(self._on_asked, "make"))
        self.notes.again_asked.connect(partial(self._on_asked, "again"))
        self.outputs.job_started.connect(self.job_started)
        self.outputs.failed.connect(self.failed)
        self.outputs.told.connect(self.told)
        self.outputs.changed.connect(self._on_making)
        self.outputs.made.connect(self._on_made)
        self.notes.source_asked.connect(self._on_source)
        self.timeline.open_asked.connect(self.output_asked)
        self.timeline.failed.connect(self.failed)
        for going in (session, self.queue.session):
            going.state_changed.connect(self._show_state)
            going.prepared.connect(self._on_preparing)
            going.started.connect(self._on_started)
            going.batch_done.connect(self._on_batch)
            going.epoch_done.connect(self._on_epoch)
            going.take_made.connect(self.timeline.add)
        session.finished.connect(self._on_finished)
        session.stopped.connect(self._on_stopped)
        session.failed.connect(self._on_failed)
        self._connect_queue()

    def _connect_queue(self) -> None:
        queue = self.queue
        self.filler.failed.connect(self.failed)
        self.queued.ended.connect(self._ended)
        self.queued.told.connect(self.told)
        queue.changed.connect(self._on_queue)
        queue.job_started.connect(self.job_started)
        queue.failed.connect(self.failed)
        for teller in (queue, queue.adder):
            teller.told.connect(self.told)
        queue.adder.noticed.connect(self.noticed)
        queue.interrupted.connect(self.queue_interrupted)
        queue.moved_on.connect(self.shelf.read_again)

    def _show_speeds(self) -> None:
        """Tell the form and the queue what is known of how fast networks learn."""
        self.panel.form.set_dataset(self._dataset, self.shelf.speeds())
        notes = 0 if self._dataset is None else self._dataset.note_count("train")
        self.queue.set_pace(notes, self.shelf.speeds())
        self.filler.set_dataset(self._project, self._dataset)

    def _can_begin(self) -> bool:
        """Whether a training can begin now; that the data set was deleted meanwhile is noticed here."""
        if self._project is None or self._dataset is None or self.busy:
            return False
        if self._project.has_dataset:
            return True
        self.refresh_dataset()
        self.failed.emit(DatasetError("The prepared data set is gone.", "Prepare it again in the Dataset tab."))
        return False

    def _start(self, request: TrainRequest, run: RunRecord) -> None:
        job = self.session.start(request)
        self.shelf.begin(run)
        self.view.tiles.show_run(run)
        self.job_started.emit(job, f"Training {run.title[:1].lower()}{run.title[1:]}")

    def _clone(self, run: RunRecord) -> None:
        """Fill the form with the settings of a run, as far as it knows them."""
        # A run of an older version may have settings this one does not know; the form stays as it is then.
        with contextlib.suppress(UsageError):
            found = clone(run)
            self.panel.form.set_config(found.config, run.start_model)
            self.panel.form.show_output(found.output)
            self.told.emit(" ".join((f"The form has the settings of {run.title}.", *found.remarks)))

    def _offer_models(self) -> None:
        """Offer to start from the models of the newest finished runs and the bundled ones."""
        done = (row for row in self.shelf.runs if row.status == "done" and row.has_model and not row.parent)
        rows = list(islice(done, _MOST_OFFERED))
        offered = tuple((row.folder, row.title, row.epochs_done) for row in rows)
        if offered != self._offered:
            self._offered = offered
            runs = [run for row in reversed(rows) if (run := self.shelf.run(row.id)) is not None]
            self.panel.form.start.set_models(list_models(runs, self._bundled))

    @Slot()
    def _on_opened(self) -> None:
        """Begin with the settings of the newest run that was trained here."""
        self._offer_models()
        newest = next((row.id for row in self.shelf.runs if not row.imported), None)
        run = self.shelf.run(newest) if newest is not None else None
        if run is not None:
            with contextlib.suppress(UsageError):
                found = clone(run)
                self.panel.form.set_config(found.config, run.start_model)
                self.panel.form.show_output(found.output)
        self._show_speeds()

    @Slot()
    def _on_queue(self) -> None:
        """The queue is another one, or it runs or does no more."""
        self.view.pages.show_waiting(self.queue.waiting)
        self._show_state()

    @Slot()
    def _show_state(self) -> None:
        queued, has_dataset = self.queue.busy, self._dataset is not None
        state = self.queue.session.state if queued else self.session.state
        chosen = self.shelf.chosen
        possible = chosen is not None and _can_go_on(chosen) and has_dataset and not self.busy
        self.panel.show_state(state, has_dataset, queued)
        self.panel.show_resumable(chosen if possible else None)
        full = bool(self.shelf.runs or self.queue.queue.entries) or self.shelf.reading
        self.view.show_state(has_dataset, full)
        self.view.tiles.show_waiting(state in (PREPARING, STOPPING))
        self.view.phase.tell(_PHASES.get(state, ""))
        self.shelf.show_paused(state == PAUSED)
        self.queue.set_obstacle(_OBSTACLE if self.session.busy else "")

    @Slot()
    def _on_shelf(self) -> None:
        if not self.busy:
            self.view.tiles.show_run(self.shelf.chosen)
        self.timeline.show_run(self.shelf.chosen)
        self._offer_models()
        self._show_state()

    @Slot(str)
    def _on_preparing(self, words: str) -> None:
        if PREPARING in (self.session.state, self.queue.session.state):
            self.view.phase.tell(f"{words}.")

    @Slot(object)
    def _on_started(self, report: TrainStarted) -> None:
        live = self.shelf.live
        if live is not None:
            done = report.first_epoch - 1 + report.first_batch / max(1, report.batches)
            self.view.plot.begin(live.id, live.title, done)
            self.view.phase.tell("The network stands. Its first batch takes longest.")
            self.shelf.read_live()

    @Slot(object)
    def _on_batch(self, report: BatchReport) -> None:
        self.view.tiles.show_batch(report)
        live = self.shelf.live
        if live is not None:
            at = report.epoch - 1 + report.batch / max(1, report.batches)
            self.view.plot.add_batch(live.id, at, report.loss)

    @Slot(object)
    def _on_epoch(self, report: EpochReport) -> None:
        live = self.shelf.live
        if live is None:
            return
        validation = math.nan if report.validation is None else report.validation
        self.view.plot.add_epoch(live.id, report.epoch, report.train, report.validation)
        self.view.tiles.show_epoch(report.epoch, report.epochs, report.train, validation)
        self.shelf.read_live_soon()
        if report.epoch == 1:
            self.run_changed.emit(live.folder)

    @Slot(object)
    def _on_finished(self, result: TrainResult) -> None:
        run = self._ended()
        if run is not None:
            self.told.emit(f"{run.title} is trained: the best model is from epoch {result.best_epoch}")

    @Slot()
    def _on_stopped(self) -> None:
        run = self._ended()
        if run is not None:
            self.told.emit(f"{run.title} is stopped{' and can be resumed' if run.can_resume else ''}")

    @Slot(object)
    def _on_failed(self, error: MusicgenError) -> None:
        run = self._ended()
        if run is not None and run.checkpoint is not None:
            error.hint = f"{error.hint} The best model so far, from epoch {run.losses.best_epoch}, is kept.".strip()
        self.failed.emit(error)

    def _ended(self) -> RunRecord | None:
        """Show what has become of the run that went on until now."""
        run = self.shelf.end()
        if run is None or self._project is None:
            return None
        self._show_speeds()
        self._write_table(self._project)
        return run

    def _write_table(self, project: Project) -> None:
        if not project.few_runs:
            self.shelf.reload()  # which writes the table
            return
        with contextlib.suppress(MusicgenError):  # the table can be made again at any time; saving does
            project.write_runs_table()

    @Slot()
    def _on_resume(self) -> None:
        if self.shelf.chosen is not None:
            self.resume(self.shelf.chosen.id)

    @Slot(int)
    def _on_generate(self, number: int) -> None:
        run = self.shelf.run(number)
        if run is not None and run.checkpoint is not None:
            self.model_chosen.emit(run.checkpoint)

    @Slot(int)
    def _on_output(self, number: int) -> None:
        self._on_asked("output", number)

    @Slot()
    def _on_making(self) -> None:
        self.notes.set_making(self.outputs.busy)

    @Slot(object)
    def _on_made(self, made: OutputMade) -> None:
        """Show the run that has an output now; a child is chosen."""
        self.shelf.put(made.file.parent)
        if self._project is not None:
            self._write_table(self._project)

    @Slot(int)
    def _on_source(self, number: int) -> None:
        run = self.shelf.run(number)
        if run is not None and run.output is not None:
            self.source_asked.emit(run.output)

    @Slot(str, int)
    def _on_asked(self, verb: str, number: int) -> None:
        run = self.shelf.run(number)
        if run is None:
            return
        acts: dict[str, Callable[[], object]] = {
            "resume": partial(self.resume, number),
            "generate": partial(self._on_generate, number),
            "clone": partial(self._clone, run),
            "make": partial(self.outputs.make, run),
            "again": partial(self.outputs.ask_again, run),
            "queue": lambda: self.filler.add_these(self.view.table.meant_with(number)),
            "output": partial(self._open_output, run),
            "folder": partial(QDesktopServices.openUrl, QUrl.fromLocalFile(str(run.folder))),
            "delete": partial(self.shelf.delete, number),
        }
        acts[verb]()

    def _open_output(self, run: RunRecord) -> None:
        if run.output is not None:
            self.output_asked.emit(run.output)


def _can_go_on(run: RunRecord) -> bool:
    return run.can_resume or run.can_go_further
