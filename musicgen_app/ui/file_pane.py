"""The middle of the Dataset tab: a filter, the table of files, the pictures of the whole below it."""

from pathlib import Path

import numpy as np
from PySide6.QtCore import QItemSelection, QItemSelectionModel, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QMenu,
    QSplitter,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from musicgen_app.dataset.library_query import Query
from musicgen_app.ui import file_table
from musicgen_app.ui.controls import BETWEEN, GRID, Hairline
from musicgen_app.ui.file_filter import FileFilter
from musicgen_app.ui.file_row import SIDES, FileRow
from musicgen_app.ui.file_table import FileTable
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.panels import EmptyState
from musicgen_app.ui.set_panel import SetPanel
from musicgen_app.ui.theme import Theme, tabular_font

_WIDTHS = {
    file_table.VERDICT: 136,
    file_table.TITLE: 220,
    file_table.COMPOSER: 130,
    file_table.NOTES: 72,
    file_table.LENGTH: 76,
    file_table.KEY: 88,
    file_table.TRACKS: 68,
    file_table.USED: 92,
    file_table.LICENCE: 110,
    file_table.FILE: 160,
}
# Left out one after the other where the table is too narrow for all.
_DISPENSABLE = (
    file_table.FILE,
    file_table.LICENCE,
    file_table.TRACKS,
    file_table.KEY,
    file_table.COMPOSER,
    file_table.USED,
)
_TITLE_AT_LEAST = 150


class FileView(QTableView):
    """The table; it leaves out columns rather than cutting the title."""

    def __init__(self, table: FileTable, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModel(table)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setSortingEnabled(True)
        self.setTabKeyNavigation(False)
        self.setIconSize(QSize(16, 16))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFont(tabular_font(self.font()))
        self.setAccessibleName("Files of the collection")
        rows = self.verticalHeader()
        rows.hide()
        rows.setDefaultSectionSize(28)
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        columns = self.horizontalHeader()
        columns.setObjectName("dataset-columns")
        columns.setHighlightSections(False)
        columns.setMinimumSectionSize(48)
        columns.setSectionResizeMode(file_table.TITLE, QHeaderView.ResizeMode.Stretch)
        columns.setSortIndicator(file_table.TITLE, Qt.SortOrder.AscendingOrder)
        for column, width in _WIDTHS.items():
            if column != file_table.TITLE:
                self.setColumnWidth(column, width)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        room = self.viewport().width() - _TITLE_AT_LEAST
        needed = sum(self._wanted_width(column) for column in _WIDTHS if column != file_table.TITLE)
        for column in _DISPENSABLE:
            hidden = needed > room
            self.setColumnHidden(column, hidden)
            if hidden:
                needed -= self._wanted_width(column)

    def _wanted_width(self, column: int) -> int:
        return _WIDTHS[column] if self.isColumnHidden(column) else self.columnWidth(column)


class FilePane(QWidget):
    """Filter, table and pictures.

    Signals:
        query_changed: Other files, or another order, are wanted (``query`` says which).
        chosen: Another file is chosen (a FileRow), or none (None).
        clicked: The chosen file was clicked.
        activated: Enter was pressed, or the chosen file is to be heard.
        open_asked: The chosen file is to be shown in the piano roll.
        inspect_asked: A file that is not listed is to be inspected.
        edit_asked: Something was decided about the chosen files: the name of the step, and fields of ``FileEdit``.
        rescan_asked: The folders are to be looked through again.
    """

    query_changed = Signal()
    chosen = Signal(object)
    clicked = Signal()
    activated = Signal()
    open_asked = Signal()
    inspect_asked = Signal()
    edit_asked = Signal(str, object)
    rescan_asked = Signal()

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icons = icons
        self._sort = ("title", False)
        self._kept: tuple[tuple[int, ...], int] = ((), -1)
        self._current_row: FileRow | None = None
        self.table = FileTable(icons, self)
        self.table.order_asked.connect(self._on_order)
        self.view = FileView(self.table)
        self.view.selectionModel().selectionChanged.connect(self._on_selection)
        self.view.clicked.connect(self.clicked)
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.view.customContextMenuRequested.connect(self._on_menu)
        for key, act in (("Return", self.activated), ("Enter", self.activated), ("Del", self.toggle_excluded)):
            shortcut = QShortcut(QKeySequence(key), self.view)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(act)
        self.filter = FileFilter(icons)
        self.filter.changed.connect(self.query_changed)
        self.filter.rescan_asked.connect(self.rescan_asked)
        self.filter.add_keys(self)
        self.set = SetPanel(theme, icons)
        self.set.brushed.connect(self._on_brushed)
        self.histograms = self.set.histograms
        self.empty = EmptyState(
            icons,
            "folder-plus",
            "No music yet",
            "Add a folder of MIDI files, or drop files and folders here.",
            "Add folder...",
        )
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self._filled())
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self._stack)

    @property
    def query(self) -> Query:
        """Which files are wanted, in which order."""
        only = self.set.pictures.conditions
        return Query(*self._sort, words=self.filter.words, kind=self.filter.kind, only=only)

    def show_filled(self, filled: bool) -> None:
        """Show the table, or what to do where there is nothing to show."""
        self._stack.setCurrentIndex(1 if filled else 0)

    def choose(self, path: Path) -> None:
        """Choose a file, where it is shown."""
        position = self.table.position(path)
        if position >= 0:
            self.view.selectRow(position)

    def chosen_numbers(self) -> tuple[int, ...]:
        """The numbers of all files that are chosen."""
        ranges = self.view.selectionModel().selection()
        runs = [ranges.at(place) for place in range(ranges.count())]
        parts = [self.table.ids[run.top() : run.bottom() + 1] for run in runs]
        return tuple(np.unique(np.concatenate([self.table.ids[:0], *parts])).tolist())

    def keep_choice(self) -> None:
        """Remember what is chosen and seen, before other files are shown."""
        self._kept = (self.chosen_numbers(), self.view.verticalScrollBar().value())

    def restore_choice(self) -> None:
        """Choose the same files again, where they are still shown; tells of it only where the first one looks new."""
        numbers, scrolled = self._kept
        places = np.flatnonzero(np.isin(self.table.ids, numbers)) if numbers else np.empty(0, np.int64)
        selection = QItemSelection()
        # Rows that follow each other are one range: all of many files may be chosen.
        for run in np.split(places, np.flatnonzero(np.diff(places) > 1) + 1) if len(places) else ():
            last = self.table.index(int(run[-1]), len(file_table.COLUMNS) - 1)
            selection.select(self.table.index(int(run[0]), 0), last)
        model = self.view.selectionModel()
        model.blockSignals(True)
        model.select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        model.blockSignals(False)
        self.view.verticalScrollBar().setValue(scrolled)
        self.view.viewport().update()
        self._tell_chosen()

    def toggle_excluded(self) -> None:
        """Leave the chosen files out of the data set, or take them in again."""
        row = self._current()
        if row is not None:
            excluded = not row.known.edit.excluded
            self.edit_asked.emit("Exclude" if excluded else "Include", {"excluded": excluded})

    def menu(self) -> QMenu:
        """What can be done with the chosen files, and with one that is not listed."""
        menu = QMenu(self)
        row = self._current()
        heard = row is not None and bool(row.facts.notes)
        left_out = row is not None and row.known.edit.excluded
        for words, icon, act, possible in (
            ("Play", "play", self.activated, heard),
            ("Open in roll", "piano", self.open_asked, heard),
            ("Include" if left_out else "Exclude", "plus" if left_out else "minus", self.toggle_excluded, bool(row)),
        ):
            action = menu.addAction(self._icons.icon(icon), words)
            action.setEnabled(possible)
            action.triggered.connect(act)
        below = menu.addMenu("Keep for")
        below.setEnabled(row is not None)
        for side, words in (("", "By chance"), *SIDES.items()):
            action = below.addAction(words)
            action.setCheckable(True)
            action.setChecked(row is not None and row.known.edit.side == side)
            action.setData(side)
            action.triggered.connect(self._on_side)
        menu.addSeparator()
        action = menu.addAction(self._icons.icon("search"), "Inspect another file...")
        action.triggered.connect(self.inspect_asked)
        return menu

    def _filled(self) -> QWidget:
        upper = QFrame()
        upper.setProperty("kind", "panel")
        box = QVBoxLayout(upper)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.filter)
        self._brushes = QWidget()
        chips = QHBoxLayout(self._brushes)
        chips.setContentsMargins(BETWEEN, 0, BETWEEN, GRID)
        chips.addWidget(self.set.chips)
        self._brushes.hide()
        box.addWidget(self._brushes)
        box.addWidget(Hairline())
        box.addWidget(self.view, 1)
        lower = QFrame()
        lower.setProperty("kind", "panel")
        low = QVBoxLayout(lower)
        low.setContentsMargins(0, 0, 0, 0)
        low.addWidget(self.set)
        split = QSplitter(Qt.Orientation.Vertical)
        split.setObjectName("dataset-files")
        split.setChildrenCollapsible(False)
        split.setHandleWidth(1)
        split.addWidget(upper)
        split.addWidget(lower)
        split.setStretchFactor(0, 1)
        split.setStretchFactor(1, 0)
        split.setSizes([460, 240])
        return split

    def _on_order(self, sort: str, descending: bool) -> None:
        self._sort = (sort, descending)
        self.query_changed.emit()

    def _on_brushed(self) -> None:
        self._brushes.setVisible(bool(self.set.pictures.brushes))
        self.query_changed.emit()

    def _on_selection(self, _selected: QItemSelection, _deselected: QItemSelection) -> None:
        self._tell_chosen()

    def _tell_chosen(self) -> None:
        row = self._current()
        if row != self._current_row:
            self._current_row = row
            self.chosen.emit(row)

    def _on_side(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self.edit_asked.emit("Keep for", {"side": action.data()})

    def _on_menu(self, where: QPoint) -> None:
        menu = self.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.view.viewport().mapToGlobal(where))

    def _current(self) -> FileRow | None:
        model = self.view.selectionModel()
        current = model.currentIndex()
        rows = [current] if current.isValid() and model.isRowSelected(current.row()) else model.selectedRows()
        row = self.table.row(rows[0].row()) if rows else None
        return self.table.with_kin(row) if row is not None else None
