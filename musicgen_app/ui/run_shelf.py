"""The runs of the open project in the window: listed, drawn, named, noted, deleted and brought back."""

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from musicgen_app.core.errors import MusicgenError
from musicgen_app.project import runs as project_runs
from musicgen_app.project.document import Project
from musicgen_app.project.run_rows import RunRow, row_of
from musicgen_app.project.runs import RunRecord, read_run
from musicgen_app.ui.run_lister import RunLister
from musicgen_app.ui.run_notes import RunNotes
from musicgen_app.ui.training_view import TrainingView

_READ_AGAIN_MS = 500


class RunShelf(QObject):
    """Keeps the table, the plot and the notes in step with what is on disk.

    Signals:
        failed: Something could not be done (a MusicgenError).
        run_changed: A run has another name or model, or is gone or back (its folder).
        changed: Another run is chosen, or there are other runs.
        opened: The runs of another project are there.
        noted: Something was noted on a run.
    """

    failed = Signal(object)
    run_changed = Signal(object)
    changed = Signal()
    opened = Signal()
    noted = Signal()

    def __init__(self, view: TrainingView, notes: RunNotes, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view = view
        self._notes = notes
        self._project: Project | None = None
        self._deleted: Path | None = None
        self._live: RunRecord | None = None
        self._chosen: RunRecord | None = None
        self._guest: int | None = None
        self._rows: tuple[RunRow, ...] | None = None
        self._paused = False
        self._lister = RunLister(self)
        self._lister.listed.connect(self._on_listed)
        self._lister.ended.connect(self._on_list_ended)
        self._lister.failed.connect(self.failed)
        self._reader = QTimer(self)
        self._reader.setSingleShot(True)
        self._reader.setInterval(_READ_AGAIN_MS)
        self._reader.timeout.connect(self.read_live)
        view.undo.pressed.connect(self.undo_delete)
        view.table.chosen.connect(self._on_chosen)
        view.table.runs.ticked.connect(self._on_ticked)
        view.table.runs.renamed.connect(self._on_renamed)
        notes.noted.connect(self._on_noted)

    @property
    def runs(self) -> tuple[RunRow, ...]:
        """The runs, newest first."""
        return self._view.table.runs.runs

    @property
    def live(self) -> RunRecord | None:
        """The run that goes on at the moment."""
        return self._live

    @property
    def chosen(self) -> RunRecord | None:
        """The run that is chosen."""
        return self._chosen

    @property
    def reading(self) -> bool:
        """Whether the runs are still being read."""
        return self._lister.busy

    def run(self, number: int) -> RunRecord | None:
        """All that is known of the run of this number; None where there is none."""
        row = self._view.table.runs.run(number)
        if row is None or self._project is None:
            return None
        if self._live is not None and self._live.id == number:
            return self._live
        return read_run(self._project.runs_folder / row.folder)

    def show(self, number: int) -> bool:
        """Choose a run and put it on the plot; whether there is one of this number."""
        run = self.run(number)
        if run is None:
            return False
        table = self._view.table
        if table.runs.position(number) < 0:
            self._view.bar.filter.clear()
        table.choose(number)
        if not table.runs.is_ticked(number):
            table.runs.set_ticked(number, True)
            self._on_ticked(number, True)
        return True

    def speeds(self) -> dict[str, float]:
        """Notes a second in the latest run of each preset."""
        speeds: dict[str, float] = {}
        for run in reversed(self.runs):
            if run.notes_per_second is not None and run.notes_per_second > 0:
                speeds[run.architecture] = run.notes_per_second
        return speeds

    def set_project(self, project: Project) -> None:
        """Show the runs of another project, the newest on the plot. Where there are many, they come later."""
        self._project = project
        self._deleted = None
        self._view.undo.hide()
        for key in self._view.plot.keys:
            self._view.plot.remove_run(key)
        self._view.plot.set_references({})
        self._rows = None
        self._view.bar.filter.clear()
        self._view.table.set_runs((), set())
        self.reload()

    def reload(self) -> None:
        """Read all runs again. Where there are many, that is done beside the window."""
        if self._project is None:
            return
        self._lister.stop()
        if self._project.few_runs:
            self._on_listed(self._project.run_rows())
        else:
            self._lister.start(self._project.folder)
        self._view.bar.set_busy(self.reading)
        self.changed.emit()

    def read_again(self) -> None:
        """Read all runs again, and what is told of the chosen one."""
        self.reload()
        if self._chosen is not None and self._chosen is not self._live:
            self._on_chosen()

    def shutdown(self) -> None:
        """End what is being read."""
        self._lister.stop()

    def begin(self, run: RunRecord, choose: bool = True) -> None:
        """A run goes on from now on.

        Args:
            run: The run.
            choose: Whether it is to be the chosen one.
        """
        self._live = run
        self._paused = False
        self._put(run)
        self._view.table.runs.set_ticked(run.id, True)
        if choose:
            self._view.table.choose(run.id)
        self._view.plot.set_run(run.id, run.title, run.losses)
        self._view.plot.fit()
        self.changed.emit()

    def read_live_soon(self) -> None:
        """Read again what is on disk of the run that goes on; at most twice a second."""
        if not self._reader.isActive():
            self._reader.start()

    @Slot()
    def read_live(self) -> None:
        """Read again what is on disk of the run that goes on."""
        if self._live is None:
            return
        self._live = read_run(self._live.folder, running=True)
        self._show_live()
        self._view.tiles.show_best(self._live)
        if self._chosen is not None and self._chosen.id == self._live.id:
            self._chosen = self._live
            self._notes.show_run(self._live)
            self._view.plot.set_references(self._live.baselines)

    def show_paused(self, paused: bool) -> None:
        """Say of the run that goes on whether it waits."""
        self._paused = paused
        self._show_live()

    def end(self) -> RunRecord | None:
        """The run that went on has ended; what has become of it."""
        live, self._live = self._live, None
        self._reader.stop()
        if live is None:
            return None
        if not live.folder.is_dir():  # a run of the queue that could not begin leaves nothing behind
            self._forget(live)
            return None
        run = read_run(live.folder)
        if run.id in self._view.plot.keys:
            self._view.plot.set_run(run.id, run.title, run.losses)
        self._put(run)
        self._on_chosen()
        self.run_changed.emit(run.folder)
        return run

    def put(self, folder: Path) -> None:
        """Show what is newly known of a run, and choose it; one that is not listed yet is put on top."""
        run = read_run(folder)
        table = self._view.table
        new = table.runs.run(run.id) is None
        # Not updated in its place: there may be something in further columns now.
        table.set_runs((*(row for row in self.runs if row.id != run.id), row_of(run)), table.runs.ticks)
        if new and run.id not in self._view.plot.keys:
            table.runs.set_ticked(run.id, True)
            self._view.plot.set_run(run.id, run.title, run.losses)
        if self._chosen is not None and self._chosen.id == run.id:
            self._on_chosen()
        table.choose(run.id)
        self.run_changed.emit(folder)

    def delete(self, number: int) -> None:
        """Move a run to the trash of the project; a button brings it back."""
        run = self.run(number)
        if run is None or run.status == "running":
            return
        try:
            self._deleted = project_runs.delete_run(run.folder)
        except MusicgenError as error:
            self.failed.emit(error)
            return
        self._forget(run)
        self._view.undo.tell(f"{run.title} was deleted.", "Undo")
        self.run_changed.emit(run.folder)

    @Slot()
    def undo_delete(self) -> None:
        """Bring the run back that was deleted last."""
        if self._deleted is None:
            return
        trashed, self._deleted = self._deleted, None
        self._view.undo.hide()
        try:
            folder = project_runs.restore_run(trashed)
        except MusicgenError as error:
            self.failed.emit(error)
            return
        run = read_run(folder)
        self._put(run)
        self._view.table.runs.set_ticked(run.id, True)
        self._view.plot.set_run(run.id, run.title, run.losses)
        self._view.table.choose(run.id)
        self.changed.emit()
        self.run_changed.emit(folder)

    def _forget(self, run: RunRecord) -> None:
        """Take a run that is gone off the table and the plot."""
        table = self._view.table
        self._view.plot.remove_run(run.id)
        table.set_runs(tuple(row for row in self.runs if row.id != run.id), table.runs.ticks - {run.id})
        self.changed.emit()

    def _put(self, run: RunRecord) -> None:
        """Show what is newly known of a run, in the list already or not."""
        table = self._view.table
        if table.runs.run(run.id) is not None:
            table.runs.update_run(row_of(run))
        else:
            table.set_runs((*self.runs, row_of(run)), table.runs.ticks)

    @Slot(object)
    def _on_listed(self, rows: tuple[RunRow, ...]) -> None:
        """Other runs are known; the first time some are, the newest is put on the plot."""
        if rows == self._rows:
            return
        first, empty, self._rows = self._rows is None, not self._rows, rows
        table, plot = self._view.table, self._view.plot
        newest = rows[-1].id if empty and rows else 0
        live = [] if self._live is None else [row_of(self._live)]
        others = [row for row in rows if not live or row.id != live[0].id]
        known = {row.id for row in rows}
        table.set_runs((*others, *live), {key for key in table.runs.ticks if key in known} | ({newest} - {0}))
        if newest:
            run = self.run(newest)
            if run is not None and newest not in plot.keys:
                plot.set_run(newest, run.title, run.losses)
            table.choose(newest)
        if first:
            self.opened.emit()
        self.changed.emit()

    @Slot()
    def _on_list_ended(self) -> None:
        self._view.bar.set_busy(False)
        self.changed.emit()

    def _show_live(self) -> None:
        if self._live is not None:
            self._view.table.runs.update_run(row_of(self._live), paused=self._paused)

    @Slot()
    def _on_chosen(self) -> None:
        row = self._view.table.chosen_run
        self._chosen = run = None if row is None else self.run(row.id)
        self._notes.show_run(run)
        self._show_guest(run)
        self._view.plot.set_main(run.id if run is not None else None)
        self._view.plot.set_references(run.baselines if run is not None else {})
        self.changed.emit()

    def _show_guest(self, run: RunRecord | None) -> None:
        """The chosen run is on the plot for as long as it is chosen, ticked or not."""
        plot, ticks = self._view.plot, self._view.table.runs.ticks
        guest, self._guest = self._guest, None
        live = self._live.id if self._live is not None else None
        if guest is not None and (run is None or guest != run.id) and guest not in ticks and guest != live:
            plot.remove_run(guest)
        if run is not None and run.epochs and run.id not in plot.keys:
            plot.set_run(run.id, run.title, run.losses)
        if run is not None and run.id not in ticks:
            self._guest = run.id

    @Slot(int, bool)
    def _on_ticked(self, number: int, ticked: bool) -> None:
        run = self.run(number)
        if run is None:
            return
        if ticked and number not in self._view.plot.keys:
            self._view.plot.set_run(number, run.title, run.losses)
        elif self._live is not None and self._live.id == number:
            self._view.plot.show_run(number, ticked)  # its points go on arriving
        elif not ticked:
            self._view.plot.remove_run(number)

    @Slot(int, str)
    def _on_renamed(self, number: int, title: str) -> None:
        run = self.run(number)
        if run is not None and self._label(run, title, run.notes, run.problems):
            self._view.plot.rename_run(number, title)
            self._notes.show_run(self.chosen)
            self.run_changed.emit(run.folder)

    @Slot(int, str, str)
    def _on_noted(self, number: int, text: str, problems: str) -> None:
        run = self.run(number)
        if run is not None and self._label(run, run.title, text, problems):
            self.noted.emit()

    def _label(self, run: RunRecord, title: str, text: str, problems: str) -> bool:
        try:
            project_runs.label_run(run.folder, title, text, problems)
        except MusicgenError as error:
            self.failed.emit(error)
            return False
        live = self._live is not None and self._live.id == run.id
        again = read_run(run.folder, running=live)
        if live:
            self._live = again
        if self._chosen is not None and self._chosen.id == run.id:
            self._chosen = again
        self._view.table.runs.update_run(row_of(again), paused=live and self._paused)
        return True
