"""The runs of a project as a table: ticked ones are on the plot, one is chosen."""

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

from musicgen_app.project.runs import RunRecord
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.runs_model import TICK, TITLE, Index, RunsModel
from musicgen_app.ui.theme import Theme

_WIDTHS = {0: 36, 2: 100, 3: 74, 4: 76, 5: 86, 6: 78, 7: 96, 8: 96}
_TITLE_WIDTH = 112
_LEAVE_OUT = (6, 3, 8, 7)
"""Columns that give way in a narrow window, first to last; the notes beside the table tell the same."""


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
        self.setItemDelegateForColumn(TICK, TickBox(theme, self))
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
                self.setCurrentIndex(self.runs.index(row, TITLE))
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
            (
                "resume",
                "Train further" if run.can_go_further else "Resume",
                "play",
                run.can_resume or run.can_go_further,
            ),
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
        left = self.viewport().width() - _TITLE_WIDTH - sum(_WIDTHS.values())
        for column in _LEAVE_OUT:
            self.setColumnHidden(column, left < 0)
            left += _WIDTHS[column] if left < 0 else 0
        self.setColumnWidth(TITLE, _TITLE_WIDTH + max(0, left))

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

    def _on_menu(self, where: QPoint) -> None:
        row = self.indexAt(where).row()
        if 0 <= row < len(self.runs.runs):
            self.setCurrentIndex(self.runs.index(row, TITLE))
            menu = self.menu_for(self.runs.runs[row])
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
        self.chosen.emit(run.id if run is not None else 0)
