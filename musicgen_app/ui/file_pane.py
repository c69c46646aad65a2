"""The middle of the Dataset tab: a filter, the table of files, the histograms below it."""

from pathlib import Path

from PySide6.QtCore import QItemSelection, QModelIndex, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QMenu,
    QSplitter,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from musicgen_app.ui import file_table
from musicgen_app.ui.controls import BETWEEN, GRID, EmptyState, Hairline, SecondaryLabel
from musicgen_app.ui.file_table import FileRow, FileTable
from musicgen_app.ui.histograms import Histograms
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.theme import Theme, tabular_font

_WIDTHS = {
    file_table.VERDICT: 124,
    file_table.TITLE: 220,
    file_table.COMPOSER: 130,
    file_table.NOTES: 72,
    file_table.LENGTH: 76,
    file_table.TRACKS: 68,
    file_table.USED: 92,
    file_table.LICENCE: 110,
    file_table.FILE: 160,
}
# Left out one after the other where the table is too narrow for all.
_DISPENSABLE = (file_table.FILE, file_table.LICENCE, file_table.TRACKS, file_table.COMPOSER, file_table.USED)
_TITLE_AT_LEAST = 150


class FileView(QTableView):
    """The table; it leaves out columns rather than cutting the title."""

    def __init__(self, table: FileTable, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModel(table)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
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
    """Filter, table and histograms.

    Signals:
        chosen: Another file is chosen (a FileRow), or none (None).
        clicked: The chosen file was clicked.
        activated: Enter was pressed, or the chosen file is to be heard.
        open_asked: The chosen file is to be shown in the piano roll.
        inspect_asked: A file that is not listed is to be inspected.
    """

    chosen = Signal(object)
    clicked = Signal()
    activated = Signal()
    open_asked = Signal()
    inspect_asked = Signal()

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icons = icons
        self.table = FileTable(icons, self)
        self.view = FileView(self.table)
        self.view.selectionModel().selectionChanged.connect(self._on_selection)
        self.view.clicked.connect(self._on_clicked)
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.view.customContextMenuRequested.connect(self._on_menu)
        for key in ("Return", "Enter"):
            enter = QShortcut(QKeySequence(key), self.view)
            enter.setContext(Qt.ShortcutContext.WidgetShortcut)
            enter.activated.connect(self.activated)
        self.table.rowsInserted.connect(self._count)
        self.table.modelReset.connect(self._count)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Filter by title, composer, file or verdict")
        self.filter.setAccessibleName("Filter the files")
        self.filter.setToolTip("Show only files with these words (Ctrl+F)")
        self._glass = QAction(self.filter)
        icons.bind(self._glass, "search", "secondary")
        self.filter.addAction(self._glass, QLineEdit.ActionPosition.LeadingPosition)
        self.filter.textChanged.connect(self._on_filter)
        find = QShortcut(QKeySequence("Ctrl+F"), self)
        find.activated.connect(self.filter.setFocus)
        self.count = SecondaryLabel(wrap=False)
        self.histograms = Histograms(theme)
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
        self._count()

    def show_filled(self, filled: bool) -> None:
        """Show the table, or what to do where there is nothing to show."""
        self._stack.setCurrentIndex(1 if filled else 0)

    def choose(self, path: Path) -> None:
        """Choose a file, where it is shown."""
        position = self.table.position(path)
        if position >= 0:
            self.view.selectRow(position)

    def menu(self) -> QMenu:
        """What can be done with the chosen file, and with one that is not listed."""
        menu = QMenu(self)
        row = self._current()
        heard = row is not None and bool(row.facts.notes)
        for words, icon, signal, possible in (
            ("Play", "play", self.activated, heard),
            ("Open in roll", "piano", self.open_asked, heard),
            ("Inspect another file...", "search", self.inspect_asked, True),
        ):
            action = menu.addAction(self._icons.icon(icon), words)
            action.setEnabled(possible)
            action.triggered.connect(signal)
        return menu

    def _filled(self) -> QWidget:
        top = QWidget()
        row = QHBoxLayout(top)
        row.setContentsMargins(BETWEEN, GRID, BETWEEN, GRID)
        row.setSpacing(BETWEEN)
        row.addWidget(self.filter, 1)
        row.addWidget(self.count)
        upper = QFrame()
        upper.setProperty("kind", "panel")
        box = QVBoxLayout(upper)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(top)
        box.addWidget(Hairline())
        box.addWidget(self.view, 1)
        lower = QFrame()
        lower.setProperty("kind", "panel")
        low = QVBoxLayout(lower)
        low.setContentsMargins(0, 0, 0, 0)
        low.addWidget(self.histograms)
        split = QSplitter(Qt.Orientation.Vertical)
        split.setObjectName("dataset-files")
        split.setChildrenCollapsible(False)
        split.setHandleWidth(1)
        split.addWidget(upper)
        split.addWidget(lower)
        split.setStretchFactor(0, 1)
        split.setStretchFactor(1, 0)
        split.setSizes([500, 180])
        return split

    def _count(self) -> None:
        shown, every = self.table.rowCount(), len(self.table.rows)
        self.count.setText(f"{every:,} files" if shown == every else f"{shown:,} of {every:,} files")

    def _on_filter(self, text: str) -> None:
        self.table.set_filter(text)

    def _on_selection(self, _selected: QItemSelection, _deselected: QItemSelection) -> None:
        self.chosen.emit(self._current())

    def _on_clicked(self, _index: QModelIndex) -> None:
        self.clicked.emit()

    def _on_menu(self, where: QPoint) -> None:
        menu = self.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.view.viewport().mapToGlobal(where))

    def _current(self) -> FileRow | None:
        rows = self.view.selectionModel().selectedRows()
        return self.table.row(rows[0].row()) if rows else None
