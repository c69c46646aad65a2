"""Fills the queue of the open project: with the settings of the form, with runs of the table, with a sweep."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QDialog, QWidget

from musicgen_app.core.errors import MusicgenError, UsageError
from musicgen_app.dataset.store import Dataset
from musicgen_app.project.document import Project
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.queue_desk import QueueDesk
from musicgen_app.ui.sweep_dialog import SweepDialog
from musicgen_app.ui.sweep_rows import Base
from musicgen_app.ui.training_form import TrainingForm
from musicgen_app.ui.training_view import TrainingView
from musicgen_app.workflow.queue_settings import new_entry
from musicgen_app.workflow.repeat import duration_of


class QueueFiller(QObject):
    """Reads the form and the table, and hands entries to the desk.

    Signals:
        failed: Something could not be done (a MusicgenError).
    """

    failed = Signal(object)

    def __init__(self, desk: QueueDesk, form: TrainingForm, view: TrainingView, icons: Icons, parent: QWidget) -> None:
        super().__init__(parent)
        self._desk = desk
        self._form = form
        self._table = view.table
        self._icons = icons
        self._window = parent
        self._project: Project | None = None
        self._dataset: Dataset | None = None
        view.bar.queue_asked.connect(self.add_runs)
        view.queue.sweep_asked.connect(self.ask_sweep)

    def set_dataset(self, project: Project | None, dataset: Dataset | None) -> None:
        """Work for a project and its data set."""
        self._project, self._dataset = project, dataset

    @property
    def _base(self) -> Base:
        model = self._form.start.model
        return Base(self._form.value(), self._form.overrides(), None if model is None else model.path)

    @Slot()
    def add_settings(self) -> None:
        """Add the settings of the form to the queue."""
        if self._project is None or self._form.obstacle:
            return
        try:
            base = self._base
            start = {"preset": base.config.preset} if base.start is None else {"from": str(base.start)}
            settings = {**base.overrides, **start, **duration_of(base.config)}
            entry = new_entry(self._project, settings, self._dataset)
        except MusicgenError as error:
            self.failed.emit(error)
            return
        self._desk.add((entry,))

    @Slot()
    def add_runs(self) -> None:
        """Add the ticked runs, or the chosen one, to the queue."""
        self.add_these(self._table.meant)

    def add_these(self, numbers: Sequence[int]) -> None:
        """Add runs of these numbers to the queue."""
        if self._project is not None:
            rows = [row for number in numbers if (row := self._table.runs.run(number)) is not None]
            self._desk.adder.add([self._project.runs_folder / row.folder for row in rows])

    @Slot()
    def ask_sweep(self) -> None:
        """Ask for lists and ranges of settings, and queue all their combinations."""
        if self._project is None or self._dataset is None:
            self.failed.emit(UsageError("There is no data set yet.", "Prepare one in the Dataset tab."))
            return
        dialog = SweepDialog(self._project, self._base, self._desk.pace, self._icons, self._window)
        if dialog.exec() == QDialog.DialogCode.Accepted:
            self._desk.add(dialog.entries)
        dialog.shutdown()
        dialog.deleteLater()
