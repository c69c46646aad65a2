"""The runs of a project as rows for Qt's tables, sorted and filtered here: quick also with ten thousand of them."""

from datetime import datetime
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication, QWidget

from musicgen_app.project.run_rows import RunRow
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.run_columns import COLUMNS, NAMES, STATE, STATES, TICK, TITLE, searched_text
from musicgen_app.ui.theme import Theme, tabular_font

Index = QModelIndex | QPersistentModelIndex
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LONG = ("comments", "problems", "notes", "network", "dataset", "copied_from")
__all__ = ["STATE", "TICK", "TITLE", "Index", "RunsModel"]


def _moment(iso: str) -> str:
    try:
        return datetime.fromisoformat(iso).astimezone().strftime("%d %b %H:%M")
    except ValueError:
        return ""


class RunsModel(QAbstractTableModel):
    """The runs, newest first unless sorted otherwise.

    Signals:
        ticked: A run was ticked or not (number, whether).
        ticks_changed: Other runs are ticked, by whomever.
        renamed: A title was typed (number, title).
    """

    ticked = Signal(int, bool)
    ticks_changed = Signal()
    renamed = Signal(int, str)

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icons = icons
        self._all: dict[int, RunRow] = {}
        self._searched: dict[int, str] = {}
        self._shown: list[RunRow] = []
        self._ticked: set[int] = set()
        self._paused = False
        self._needles: tuple[str, ...] = ()
        self._order: tuple[int, bool] | None = None
        self._font: tuple[QFont, QFont] | None = None

    @property
    def runs(self) -> tuple[RunRow, ...]:
        """All runs, newest first, also those that the filter hides."""
        return tuple(self._all.values())

    @property
    def shown(self) -> int:
        """How many the filter shows."""
        return len(self._shown)

    def run(self, number: int) -> RunRow | None:
        """The run of this number."""
        return self._all.get(number)

    def at(self, row: int) -> RunRow | None:
        """The run in a row of the table."""
        return self._shown[row] if 0 <= row < len(self._shown) else None

    def position(self, number: int) -> int:
        """The row of a run in the table; -1 where it is not shown."""
        return next((row for row, run in enumerate(self._shown) if run.id == number), -1)

    def set_runs(self, runs: tuple[RunRow, ...], ticked: set[int]) -> None:
        """Show other runs; those with these numbers are ticked."""
        self.beginResetModel()
        self._all = {run.id: run for run in sorted(runs, key=lambda run: -run.id)}
        self._searched = {}
        self._ticked = set(ticked)
        self._arrange()
        self.endResetModel()
        self.ticks_changed.emit()

    def update_run(self, run: RunRow, paused: bool = False) -> None:
        """Show what is newly known of a run that is listed; it stays where it is."""
        self._paused = paused
        if run.id in self._all:
            self._all[run.id] = run
            self._searched.pop(run.id, None)
            row = self.position(run.id)
            if row >= 0:
                self._shown[row] = run
                self.dataChanged.emit(self.index(row, 0), self.index(row, len(COLUMNS) - 1))

    def set_ticked(self, number: int, ticked: bool) -> None:
        """Tick a run, or not, without saying so."""
        (self._ticked.add if ticked else self._ticked.discard)(number)
        row = self.position(number)
        self.dataChanged.emit(self.index(row, TICK), self.index(row, TICK))
        self.ticks_changed.emit()

    @property
    def ticks(self) -> set[int]:
        """Numbers of the runs on the plot."""
        return set(self._ticked)

    def is_ticked(self, number: int) -> bool:
        """Whether a run is on the plot."""
        return number in self._ticked

    def set_filter(self, text: str) -> None:
        """Show only runs in whose text every one of these words stands."""
        needles = tuple(text.casefold().split())
        if needles != self._needles:
            self.beginResetModel()
            self._needles = needles
            self._arrange()
            self.endResetModel()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self.beginResetModel()
        self._order = (column, order == Qt.SortOrder.DescendingOrder) if 0 <= column < len(COLUMNS) else None
        self._arrange()
        self.endResetModel()

    def refresh(self) -> None:
        """Draw anew, in other colours."""
        self._font = None
        self.dataChanged.emit(self.index(0, 0), self.index(len(self._shown) - 1, len(COLUMNS) - 1))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own signature)
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section].title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if COLUMNS[section].number else _LEFT
        if role == Qt.ItemDataRole.ToolTipRole:
            return COLUMNS[section].tooltip or None
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
        run, column = self._shown[index.row()], index.column()
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return STATES[self._state(run)][0] if column == STATE else COLUMNS[column].words(run)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if COLUMNS[column].number else _LEFT
        if role == Qt.ItemDataRole.FontRole:
            return self._tabular() if COLUMNS[column].number else None
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tooltip(run, column)
        return self._marks(run, column, role)

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        run = self._shown[index.row()]
        if role == Qt.ItemDataRole.CheckStateRole and index.column() == TICK:
            ticked = Qt.CheckState(value) == Qt.CheckState.Checked
            (self._ticked.add if ticked else self._ticked.discard)(run.id)
            self.dataChanged.emit(index, index)
            self.ticked.emit(run.id, ticked)
            self.ticks_changed.emit()
            return True
        if role == Qt.ItemDataRole.EditRole and index.column() == TITLE and str(value).strip():
            self.renamed.emit(run.id, str(value).strip())
            return True
        return False

    def _marks(self, run: RunRow, column: int, role: int) -> object:
        """The tick with its colour, and the picture of the state."""
        if role == Qt.ItemDataRole.UserRole:
            return self._theme.series_colour(run.id - 1)
        if role == Qt.ItemDataRole.CheckStateRole and column == TICK:
            return Qt.CheckState.Checked if run.id in self._ticked else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.DecorationRole and column == STATE:
            _, icon, colour = STATES[self._state(run)]
            return self._icons.icon(icon, colour)
        return None

    def _arrange(self) -> None:
        """Put the runs that the filter lets through into their order."""
        shown = [run for run in self._all.values() if self._fits(run)] if self._needles else list(self._all.values())
        if self._order is not None:
            column, descending = self._order
            key: Any = COLUMNS[column].key
            keyed = [(key(run), run) for run in shown]
            known = [pair for pair in keyed if pair[0] is not None]
            known.sort(key=lambda pair: pair[0], reverse=descending)
            shown = [run for _, run in known] + [run for value, run in keyed if value is None]
        self._shown = shown

    def _fits(self, run: RunRow) -> bool:
        text = self._searched.get(run.id)
        if text is None:
            text = self._searched[run.id] = searched_text(run)
        return all(needle in text for needle in self._needles)

    def _state(self, run: RunRow) -> str:
        return "paused" if run.status == "running" and self._paused else run.status

    def _tabular(self) -> QFont:
        font = QApplication.font()
        if self._font is None or self._font[0] != font:
            self._font = (font, tabular_font(font))
        return self._font[1]

    def _tooltip(self, run: RunRow, column: int) -> str | None:
        if column == TICK:
            return "Show the curves of this run"
        if column == STATE and run.problems:
            return run.problems
        if column == TITLE:
            begun = _moment(run.created)
            kind = "Imported" if run.imported else "Begun"
            return f"{f'{kind} {begun}. ' if begun else ''}Double click or F2 to rename"
        return (COLUMNS[column].words(run) or None) if NAMES[column] in _LONG else None
