"""The runs of a project as rows for Qt's tables."""

import math
from datetime import datetime

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QApplication, QWidget

from musicgen_app.project.runs import RunRecord
from musicgen_app.project.story import duration_words
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.theme import Theme, tabular_font

Index = QModelIndex | QPersistentModelIndex
_COLUMNS = ("", "Run", "State", "Size", "Epochs", "Validation", "Training", "Best epoch", "Time")
TICK, TITLE, STATE = 0, 1, 2
_NUMBERS = range(4, 9)
_STATES = {
    "running": ("Training", "loader", "accent"),
    "paused": ("Paused", "pause", "warn"),
    "done": ("Done", "circle-check", "good"),
    "stopped": ("Stopped", "circle-stop", "warn"),
    "failed": ("Failed", "circle-alert", "bad"),
    "imported": ("Imported", "file-text", "secondary"),
}
_NOTHING = "\N{EN DASH}"


def _figure(value: float) -> str:
    return _NOTHING if math.isnan(value) else f"{value:.3f}"


def _moment(iso: str) -> str:
    try:
        return datetime.fromisoformat(iso).astimezone().strftime("%d %b %H:%M")
    except ValueError:
        return ""


class RunsModel(QAbstractTableModel):
    """The runs, newest first.

    Signals:
        ticked: A run was ticked or not (number, whether).
        renamed: A title was typed (number, title).
    """

    ticked = Signal(int, bool)
    renamed = Signal(int, str)

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icons = icons
        self._runs: list[RunRecord] = []
        self._ticked: set[int] = set()
        self._paused = False

    @property
    def runs(self) -> tuple[RunRecord, ...]:
        """The runs in the order of the rows."""
        return tuple(self._runs)

    def set_runs(self, runs: tuple[RunRecord, ...], ticked: set[int]) -> None:
        """Show other runs; those with these numbers are ticked."""
        self.beginResetModel()
        self._runs = sorted(runs, key=lambda run: -run.id)
        self._ticked = set(ticked)
        self.endResetModel()

    def update_run(self, run: RunRecord, paused: bool = False) -> None:
        """Show what is newly known of a run."""
        self._paused = paused
        for row, known in enumerate(self._runs):
            if known.id == run.id:
                self._runs[row] = run
                self.dataChanged.emit(self.index(row, 0), self.index(row, len(_COLUMNS) - 1))

    def is_ticked(self, number: int) -> bool:
        """Whether a run is on the plot."""
        return number in self._ticked

    def refresh(self) -> None:
        """Draw anew, in other colours."""
        self.dataChanged.emit(self.index(0, 0), self.index(len(self._runs) - 1, len(_COLUMNS) - 1))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own signature)
        return 0 if parent.isValid() else len(self._runs)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(_COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return _COLUMNS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        if index.column() == TICK:
            flags |= Qt.ItemFlag.ItemIsUserCheckable
        if index.column() == TITLE:
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        run, column = self._runs[index.row()], index.column()
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return self._words(run, column)
        if role == Qt.ItemDataRole.UserRole:
            return self._theme.series_colour(run.id - 1)
        if role == Qt.ItemDataRole.CheckStateRole and column == TICK:
            return Qt.CheckState.Checked if run.id in self._ticked else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.DecorationRole and column == STATE:
            _, icon, colour = _STATES[self._state(run)]
            return self._icons.icon(icon, colour)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == Qt.ItemDataRole.FontRole and column in _NUMBERS:
            return tabular_font(QApplication.font())
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tooltip(run, column)
        return None

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        run = self._runs[index.row()]
        if role == Qt.ItemDataRole.CheckStateRole and index.column() == TICK:
            ticked = Qt.CheckState(value) == Qt.CheckState.Checked
            (self._ticked.add if ticked else self._ticked.discard)(run.id)
            self.dataChanged.emit(index, index)
            self.ticked.emit(run.id, ticked)
            return True
        if role == Qt.ItemDataRole.EditRole and index.column() == TITLE and str(value).strip():
            self.renamed.emit(run.id, str(value).strip())
            return True
        return False

    def _words(self, run: RunRecord, column: int) -> str:
        best = run.losses.best_epoch
        train, validation = run.losses.at(best or 0)
        planned = run.settings.get("epochs")
        words = (
            "",
            run.title,
            _STATES[self._state(run)][0],
            run.preset.capitalize(),
            f"{run.epochs} / {planned}" if planned and planned != run.epochs else str(run.epochs),
            _figure(validation),
            _figure(train),
            str(best) if best else _NOTHING,
            duration_words(float(np.nansum(run.losses.seconds))) if run.epochs else _NOTHING,
        )
        return words[column]

    def _state(self, run: RunRecord) -> str:
        return "paused" if run.status == "running" and self._paused else run.status

    def _tooltip(self, run: RunRecord, column: int) -> str | None:
        if column == TICK:
            return "Show the curves of this run"
        if column == STATE and run.reason:
            return run.reason
        if column == TITLE:
            begun = _moment(run.created)
            return f"{f'Begun {begun}. ' if begun else ''}Double click or F2 to rename"
        return None


def _alignment(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column in _NUMBERS else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
