"""The runs of a project as a table: ticked ones are on the plot, one is chosen."""

from collections.abc import Callable

from PySide6.QtCore import QAbstractItemModel, QEvent, QModelIndex, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QColor, QKeyEvent, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from musicgen_app.project.run_rows import RunRow
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.run_columns import COLUMNS, NAMES, USUAL, usual_columns
from musicgen_app.ui.runs_model import TICK, TITLE, Index, RunsModel
from musicgen_app.ui.theme import Theme

_TITLE_WIDTH = COLUMNS[TITLE].width
_LEAVE_OUT = ("loss", "network", "time", "best_epoch")
"""Usual columns that give way in a narrow window, first to last; the notes beside the table tell the same."""


_OUTPUT = ("score", "random_pick")


def _further(rows: tuple[RunRow, ...]) -> tuple[str, ...]:
    """Columns that say something of own runs with outputs, and of those that share a model."""
    outputs = any(run.output and not run.imported for run in rows)
    children = any(run.parent and not run.imported for run in rows)
    return (*(_OUTPUT if outputs else ()), *(("parent",) if children else ()))


class TickBox(QStyledItemDelegate):
    """Paints the tick of a run in the colour of its curves."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._table = parent

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
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

    def editorEvent(self, event: QEvent, model: QAbstractItemModel, option: QStyleOptionViewItem, index: Index) -> bool:
        if event.type() != QEvent.Type.MouseButtonRelease:
            return False
        ticked = index.data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked
        state = Qt.CheckState.Unchecked if ticked else Qt.CheckState.Checked
        return model.setData(index, state, Qt.ItemDataRole.CheckStateRole)


class RunsTable(QTableView):
    """The table, with what can be done to a run in its context menu.

    Signals:
        chosen: Another run is chosen (its number, or 0).
        asked: Something is to be done: a verb ("resume", "generate", "output", "make", "again", "clone", "queue",
            "folder", "delete"), a number.
        columns_changed: A person has chosen other columns (their names; empty to leave it to the table).
        shown_changed: Other runs are shown, or more or fewer.
    """

    chosen = Signal(int)
    asked = Signal(str, int)
    columns_changed = Signal(object)
    shown_changed = Signal()

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icons = icons
        self._columns: tuple[str, ...] = ()
        self._told = 0
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
        self._prepare_header()
        self.setItemDelegateForColumn(TICK, TickBox(theme, self))
        self.customContextMenuRequested.connect(self._on_menu)
        self.selectionModel().currentRowChanged.connect(self._on_current)
        theme.changed.connect(self.runs.refresh)

    def sizeHint(self) -> QSize:
        return QSize(600, 160)

    @property
    def chosen_run(self) -> RunRow | None:
        """The run that is chosen."""
        return self.runs.at(self.currentIndex().row())

    def choose(self, number: int) -> None:
        """Choose a run; one that is not shown chooses none."""
        row = self.runs.position(number)
        across = self.horizontalScrollBar().value()
        self.setCurrentIndex(self.runs.index(row, TITLE) if row >= 0 else QModelIndex())
        self.horizontalScrollBar().setValue(across)

    def set_runs(self, runs: tuple[RunRow, ...], ticked: set[int]) -> None:
        """Show other runs; the chosen one stays chosen where it is still there."""

        def show() -> None:
            self.runs.set_runs(runs, ticked)
            self._fit()

        self._changing(show)

    def set_filter(self, text: str) -> None:
        """Show only runs in whose text all of these words stand; the chosen one stays chosen while it is shown."""

        def show() -> None:
            self.runs.set_filter(text)

        self._changing(show)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns a person has chosen; empty while it is left to the table."""
        return self._columns

    def set_columns(self, columns: tuple[str, ...]) -> None:
        """Show these columns; empty to leave it to the table. Names that are not known are passed over."""
        self._columns = tuple(name for name in NAMES if name in columns)
        self._fit()

    def menu_for(self, run: RunRow) -> QMenu:
        """What can be done to a run."""
        menu = QMenu(self)
        here = run.status == "running"
        further = run.can_go_further
        entries = (
            ("resume", "Train further" if further else "Resume", "play", run.can_resume or further),
            ("generate", "Use in Generation", "sparkles", run.has_model),
            ("output", "Open its output", "file-music", bool(run.output)),
            ("make", "Make its output anew" if run.output else "Make its output", "music", run.has_model and not here),
            ("again", "Generate again...", "repeat", run.has_model and not here),
            ("clone", "Clone as new run", "copy", run.imported or run.learning_rate is not None),
            ("queue", self._queue_words(run), "list-plus", run.imported or run.learning_rate is not None),
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

    @property
    def meant(self) -> tuple[int, ...]:
        """The runs that a button for several means: the ticked ones where there are several, else the chosen one."""
        ticks, chosen = self.runs.ticks, self.chosen_run
        if len(ticks) > 1 or chosen is None:
            return tuple(sorted(ticks))
        return (chosen.id,)

    def meant_with(self, number: int) -> tuple[int, ...]:
        """The runs that are meant with one: all ticked ones where it is ticked itself."""
        ticks = self.runs.ticks
        return tuple(sorted(ticks)) if number in ticks else (number,)

    def _queue_words(self, run: RunRow) -> str:
        count = len(self.meant_with(run.id))
        return "Add to queue" if count == 1 else f"Add the {count:,} ticked runs to queue"

    def fill_columns(self, menu: QMenu) -> None:
        """Put the columns into a menu, those that are shown ticked."""
        menu.clear()
        for place, column in enumerate(COLUMNS[TITLE + 1 :], TITLE + 1):
            action = menu.addAction(column.title)
            action.setCheckable(True)
            action.setChecked(not self.isColumnHidden(place))
            action.setData(column.name)
        menu.addSeparator()
        usual = menu.addAction("The usual ones")
        usual.setEnabled(bool(self._columns))
        usual.setData("")

    def choose_column(self, action: QAction) -> None:
        """Show or hide the column of an action of ``fill_columns``."""
        name = action.data()
        shown = {NAMES[place] for place in range(len(NAMES)) if not self.isColumnHidden(place)}
        chosen = (shown | {name} if action.isChecked() else shown - {name}) if name else set()
        self.set_columns(tuple(chosen))
        self.columns_changed.emit(self._columns)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        run = self.chosen_run
        if event.key() == Qt.Key.Key_Delete and run is not None and run.status != "running":
            self.asked.emit("delete", run.id)
        elif event.key() == Qt.Key.Key_Space and run is not None:
            tick = self.runs.index(self.currentIndex().row(), TICK)
            state = Qt.CheckState.Unchecked if self.runs.is_ticked(run.id) else Qt.CheckState.Checked
            self.runs.setData(tick, state, Qt.ItemDataRole.CheckStateRole)
        else:
            super().keyPressEvent(event)

    def _prepare_header(self) -> None:
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(36)
        header.setSectionsClickable(True)
        header.setSortIndicatorShown(True)
        header.setSortIndicatorClearable(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.sortIndicatorChanged.connect(self._on_sort)
        header.customContextMenuRequested.connect(self._on_header_menu)
        for place, column in enumerate(COLUMNS):
            self.setColumnWidth(place, column.width)

    def _changing(self, change: Callable[[], None]) -> None:
        """Change which runs are shown; the chosen one stays chosen, and is told of only where it is another."""
        number = self._told
        change()
        self.choose(number)
        if self.currentIndex().row() < 0:
            self._on_current()
        self.shown_changed.emit()

    def _fit(self) -> None:
        """Show the columns that were chosen, or the usual ones as far as there is room; the title takes the rest."""
        rows = self.runs.runs
        imported = any(run.imported for run in rows)
        usual = usual_columns(
            own=any(not run.imported for run in rows),
            imported=imported,
            judged=any(run.longest_copy is not None for run in rows),
            further=_further(rows),
        )
        shown = set(self._columns or usual) | {"tick", "title"}
        room = self.viewport().width() - _TITLE_WIDTH
        left = room - sum(column.width for column in COLUMNS if column.name in shown and column.name != "title")
        if not (self._columns or set(usual) - {*USUAL, *_OUTPUT, "parent"}):
            for name in _LEAVE_OUT:
                if left < 0:
                    shown.discard(name)
                    left += COLUMNS[NAMES.index(name)].width
        for place, column in enumerate(COLUMNS):
            self.setColumnHidden(place, column.name not in shown)
        self.setColumnWidth(TITLE, _TITLE_WIDTH + max(0, left))

    def _on_sort(self, column: int, order: Qt.SortOrder) -> None:
        def arrange() -> None:
            self.runs.sort(column, order)

        self._changing(arrange)

    def _on_header_menu(self, where: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.fill_columns(menu)
        menu.triggered.connect(self.choose_column)
        menu.popup(self.horizontalHeader().mapToGlobal(where))

    def _on_menu(self, where: QPoint) -> None:
        row = self.indexAt(where).row()
        run = self.runs.at(row)
        if run is not None:
            self.setCurrentIndex(self.runs.index(row, TITLE))
            menu = self.menu_for(run)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(self.viewport().mapToGlobal(where))

    def _on_action(self, action: QAction) -> None:
        verb, number = action.data()
        if verb == "rename":
            self.edit(self.runs.index(self.currentIndex().row(), TITLE))
        else:
            self.asked.emit(verb, number)

    def _on_current(self) -> None:
        run = self.chosen_run
        number = run.id if run is not None else 0
        if number != self._told:
            self._told = number
            self.chosen.emit(number)
