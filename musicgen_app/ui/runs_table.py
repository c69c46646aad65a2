"""The runs of a project as a table: ticked ones are on the plot, one is chosen."""

import math
from datetime import datetime

from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QAction, QColor, QKeyEvent, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from musicgen_app.project.runs import RunRecord
from musicgen_app.project.story import duration_words
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.theme import Theme, tabular_font

_Index = QModelIndex | QPersistentModelIndex
_COLUMNS = ("", "Run", "State", "Size", "Epochs", "Validation", "Training", "Best epoch", "Time")
_WIDTHS = {0: 36, 2: 104, 3: 84, 4: 80, 5: 92, 6: 84, 7: 96, 8: 104}
_TITLE_WIDTH = 132
_TICK, _TITLE, _STATE = 0, 1, 2
_NUMBERS = range(4, 9)
_STATES = {
    "running": ("Training", "loader", "accent"),
    "paused": ("Paused", "pause", "warn"),
    "done": ("Done", "circle-check", "good"),
    "stopped": ("Stopped", "circle-stop", "warn"),
    "failed": ("Failed", "circle-alert", "bad"),
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

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own signature)
        return 0 if parent.isValid() else len(self._runs)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(_COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return _COLUMNS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        if index.column() == _TICK:
            flags |= Qt.ItemFlag.ItemIsUserCheckable
        if index.column() == _TITLE:
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        run, column = self._runs[index.row()], index.column()
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return self._words(run, column)
        if role == Qt.ItemDataRole.UserRole:
            return self._theme.series_colour(run.id - 1)
        if role == Qt.ItemDataRole.CheckStateRole and column == _TICK:
            return Qt.CheckState.Checked if run.id in self._ticked else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.DecorationRole and column == _STATE:
            _, icon, colour = _STATES[self._state(run)]
            return self._icons.icon(icon, colour)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == Qt.ItemDataRole.FontRole and column in _NUMBERS:
            return tabular_font(QApplication.font())
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tooltip(run, column)
        return None

    def setData(self, index: _Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        run = self._runs[index.row()]
        if role == Qt.ItemDataRole.CheckStateRole and index.column() == _TICK:
            ticked = Qt.CheckState(value) == Qt.CheckState.Checked
            (self._ticked.add if ticked else self._ticked.discard)(run.id)
            self.dataChanged.emit(index, index)
            self.ticked.emit(run.id, ticked)
            return True
        if role == Qt.ItemDataRole.EditRole and index.column() == _TITLE and str(value).strip():
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
            duration_words(float(run.losses.seconds.sum())) if run.epochs else _NOTHING,
        )
        return words[column]

    def _state(self, run: RunRecord) -> str:
        return "paused" if run.status == "running" and self._paused else run.status

    def _tooltip(self, run: RunRecord, column: int) -> str | None:
        if column == _TICK:
            return "Show the curves of this run"
        if column == _STATE and run.reason:
            return run.reason
        if column == _TITLE:
            begun = _moment(run.created)
            return f"{f'Begun {begun}. ' if begun else ''}Double click or F2 to rename"
        return None


def _alignment(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column in _NUMBERS else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


class TickBox(QStyledItemDelegate):
    """Paints the tick of a run in the colour of its curves."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._table = parent

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        self._table.style().drawPrimitive(QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter)
        ticked = index.data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked
        colour = QColor(index.data(Qt.ItemDataRole.UserRole))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(0, 0, 15, 15)
        box.moveCenter(QRectF(option.rect).center())
        painter.setPen(QPen(colour, 1.4))
        painter.setBrush(colour if ticked else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box, 4, 4)
        if ticked:
            pen = QPen(self._theme.colour("surface"), 1.8)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPolyline([box.topLeft() + QPointF(x, y) for x, y in ((4, 7.8), (6.6, 10.4), (11, 5.2))])
        painter.restore()

    def editorEvent(
        self, event: QEvent, model: QAbstractItemModel, option: QStyleOptionViewItem, index: _Index
    ) -> bool:
        if event.type() != QEvent.Type.MouseButtonRelease:
            return False
        ticked = index.data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked
        state = Qt.CheckState.Unchecked if ticked else Qt.CheckState.Checked
        return model.setData(index, state, Qt.ItemDataRole.CheckStateRole)


class RunsTable(QTableView):
    """The table, with what can be done to a run in its context menu.

    Signals:
        chosen: Another run is chosen (its number, or 0).
        asked: Something is to be done: a verb ("resume", "generate", "settings", "folder", "delete") and a number.
    """

    chosen = Signal(int)
    asked = Signal(str, int)

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icons = icons
        self.runs = RunsModel(theme, icons, self)
        self.setModel(self.runs)
        self.setAccessibleName("Runs")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setIconSize(QSize(16, 16))
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(30)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(36)
        for column, width in _WIDTHS.items():
            self.setColumnWidth(column, width)
        self.setItemDelegateForColumn(_TICK, TickBox(theme, self))
        self.customContextMenuRequested.connect(self._on_menu)
        self.selectionModel().currentRowChanged.connect(self._on_current)
        theme.changed.connect(self.runs.refresh)

    def sizeHint(self) -> QSize:
        return QSize(600, 160)

    @property
    def chosen_run(self) -> RunRecord | None:
        """The run that is chosen."""
        row = self.currentIndex().row()
        return self.runs.runs[row] if 0 <= row < len(self.runs.runs) else None

    def choose(self, number: int) -> None:
        """Choose a run; an unknown number chooses none."""
        for row, run in enumerate(self.runs.runs):
            if run.id == number:
                self.setCurrentIndex(self.runs.index(row, _TITLE))
                return
        self.setCurrentIndex(QModelIndex())

    def set_runs(self, runs: tuple[RunRecord, ...], ticked: set[int]) -> None:
        """Show other runs; the chosen one stays chosen where it is still there."""
        before = self.chosen_run
        self.runs.set_runs(runs, ticked)
        self.choose(before.id if before is not None else 0)

    def menu_for(self, run: RunRecord) -> QMenu:
        """What can be done to a run."""
        menu = QMenu(self)
        here = run.status == "running"
        entries = (
            ("resume", "Resume", "play", run.can_resume),
            ("generate", "Use in Generation", "sparkles", run.checkpoint is not None),
            ("settings", "Use its settings", "copy", bool(run.settings)),
            ("", "", "", True),
            ("rename", "Rename", "pencil", True),
            ("folder", "Open folder", "folder-open", True),
            ("", "", "", True),
            ("delete", "Delete", "trash-2", not here),
        )
        for verb, words, icon, possible in entries:
            if not verb:
                menu.addSeparator()
                continue
            action = menu.addAction(self._icons.icon(icon), words)
            action.setEnabled(possible)
            action.setData((verb, run.id))
        menu.triggered.connect(self._on_action)
        return menu

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.setColumnWidth(_TITLE, max(_TITLE_WIDTH, self.viewport().width() - sum(_WIDTHS.values())))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        run = self.chosen_run
        if event.key() == Qt.Key.Key_Delete and run is not None and run.status != "running":
            self.asked.emit("delete", run.id)
        elif event.key() == Qt.Key.Key_Space and run is not None:
            tick = self.runs.index(self.currentIndex().row(), _TICK)
            state = Qt.CheckState.Unchecked if self.runs.is_ticked(run.id) else Qt.CheckState.Checked
            self.runs.setData(tick, state, Qt.ItemDataRole.CheckStateRole)
        else:
            super().keyPressEvent(event)

    def _on_menu(self, where: QPoint) -> None:
        row = self.indexAt(where).row()
        if 0 <= row < len(self.runs.runs):
            self.setCurrentIndex(self.runs.index(row, _TITLE))
            menu = self.menu_for(self.runs.runs[row])
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(self.viewport().mapToGlobal(where))

    def _on_action(self, action: QAction) -> None:
        verb, number = action.data()
        if verb == "rename":
            self.edit(self.runs.index(self.currentIndex().row(), _TITLE))
        else:
            self.asked.emit(verb, number)

    def _on_current(self) -> None:
        run = self.chosen_run
        self.chosen.emit(run.id if run is not None else 0)
