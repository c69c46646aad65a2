"""The list of the queue: what waits, goes on and is over, put in order by dragging or by keys."""

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QMenu, QStyledItemDelegate, QStyleOptionViewItem, QTableView, QWidget

from musicgen_app.project.queue import CANCELLED, FAILED, RUNNING, QueueEntry
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.queue_model import NETWORK, PROBLEM, PROGRESS, STATE, TIME, TITLE, Index, QueueModel
from musicgen_app.ui.theme import Theme

UP, DOWN, CANCEL, REMOVE, AGAIN, END_EPOCH, SHOW = "up", "down", "cancel", "remove", "again", "end_epoch", "show"
_WIDTHS = {STATE: 136, TITLE: 132, NETWORK: 100, PROGRESS: 118, TIME: 152, PROBLEM: 130}
_LEAVE_OUT = (NETWORK, TIME, PROBLEM)
"""Columns that give way in a narrow window, first to last; a problem is the row's tooltip too."""
_BAR_HEIGHT = 3


class ProgressCell(QStyledItemDelegate):
    """Words, and below them a thin bar where something goes on."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        share = index.data(Qt.ItemDataRole.UserRole)
        if share is None:
            return
        room = QRect(option.rect).adjusted(8, 0, -8, -3)
        room.setTop(room.bottom() - _BAR_HEIGHT + 1)
        painter.save()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.fillRect(room, self._theme.colour("hairline"))
        room.setWidth(round(room.width() * min(max(float(share), 0.0), 1.0)))
        painter.fillRect(room, self._theme.colour("accent"))
        painter.restore()


class QueueList(QTableView):
    """The entries, with what can be done to one in its context menu.

    Signals:
        asked: Something is to be done to an entry: a verb ("up", "down", "cancel", "remove", "again", "end_epoch",
            "show"), its number.
        moved: An entry was dragged (its number, its place from 1).
        chosen: Another entry is chosen, or it is in another state.
    """

    asked = Signal(str, int)
    moved = Signal(int, int)
    chosen = Signal()

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icons = icons
        self.rows = QueueModel(icons, self)
        self.setModel(self.rows)
        self.setAccessibleName("Queue of runs")
        self.setAccessibleDescription(
            "Alt+Up and Alt+Down move the chosen entry, Delete removes it, Enter shows its run"
        )
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setIconSize(QSize(16, 16))
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDragDropOverwriteMode(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(30)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setMinimumSectionSize(36)
        self.setItemDelegateForColumn(PROGRESS, ProgressCell(theme, self))
        self.rows.dropped.connect(self.moved)
        self.doubleClicked.connect(self._on_double_click)
        self.customContextMenuRequested.connect(self._on_menu)
        self.selectionModel().currentRowChanged.connect(self.chosen)
        theme.changed.connect(self.rows.refresh)

    def sizeHint(self) -> QSize:
        return QSize(600, 120)

    @property
    def chosen_entry(self) -> QueueEntry | None:
        """The entry that is chosen."""
        return self.rows.at(self.currentIndex().row())

    def choose(self, number: int) -> None:
        """Choose an entry; one that is not there chooses none."""
        row = self.rows.position(number)
        if row >= 0:
            self.setCurrentIndex(self.rows.index(row, TITLE))

    def possible(self, entry: QueueEntry | None) -> set[str]:
        """What can be done to an entry."""
        if entry is None:
            return set()
        place, count = self.rows.position(entry.id), len(self.rows.entries)
        verbs = {
            UP: place > 0,
            DOWN: place < count - 1,
            CANCEL: not entry.over,
            REMOVE: entry.state != RUNNING,
            AGAIN: entry.state in (FAILED, CANCELLED),
            END_EPOCH: entry.state == RUNNING and not entry.end_epoch,
            SHOW: entry.run is not None,
        }
        return {verb for verb, possible in verbs.items() if possible}

    def menu_for(self, entry: QueueEntry) -> QMenu:
        """What can be done to an entry, as a menu."""
        menu = QMenu(self)
        possible = self.possible(entry)
        entries = (
            (UP, "Move up", "arrow-up"),
            (DOWN, "Move down", "arrow-down"),
            ("", "", ""),
            (END_EPOCH, "Stop after this epoch", "skip-forward"),
            (CANCEL, "Cancel", "circle-x"),
            (AGAIN, "Put back into the queue", "refresh-cw"),
            ("", "", ""),
            (SHOW, "Show its run", "chart-line"),
            (REMOVE, "Remove from the queue", "trash-2"),
        )
        for verb, words, icon in entries:
            if not verb:
                menu.addSeparator()
                continue
            action = menu.addAction(self._icons.icon(icon), words)
            action.setEnabled(verb in possible)
            action.setData((verb, entry.id))
        menu.triggered.connect(self._on_action)
        return menu

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def fit(self) -> None:
        """Give the columns their widths; the run and the problem take what is left."""
        shown = dict(_WIDTHS)
        troubled = any(entry.reason for entry in self.rows.entries)
        if not troubled:
            shown.pop(PROBLEM)
        room = self.viewport().width()
        for column in _LEAVE_OUT:
            if sum(shown.values()) > room:
                shown.pop(column, None)
        left = max(0, room - sum(shown.values()))
        wide = PROBLEM if PROBLEM in shown else TITLE
        for column in _WIDTHS:
            self.setColumnHidden(column, column not in shown)
            if column in shown:
                share = left // 2 if troubled and column == TITLE and wide == PROBLEM else 0
                extra = left - left // 2 if column == PROBLEM else left if column == wide else share
                self.setColumnWidth(column, shown[column] + extra)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        entry = self.chosen_entry
        alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        verbs = {Qt.Key.Key_Up: UP if alt else "", Qt.Key.Key_Down: DOWN if alt else ""}
        verbs |= {Qt.Key.Key_Delete: REMOVE, Qt.Key.Key_Return: SHOW, Qt.Key.Key_Enter: SHOW}
        verb = verbs.get(Qt.Key(event.key()), "")
        if entry is None or not verb:
            super().keyPressEvent(event)
        elif verb in self.possible(entry):
            self.asked.emit(verb, entry.id)

    def _on_double_click(self) -> None:
        entry = self.chosen_entry
        if entry is not None and entry.run is not None:
            self.asked.emit(SHOW, entry.id)

    def _on_menu(self, where: QPoint) -> None:
        row = self.indexAt(where).row()
        entry = self.rows.at(row)
        if entry is not None:
            self.setCurrentIndex(self.rows.index(row, TITLE))
            menu = self.menu_for(entry)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(self.viewport().mapToGlobal(where))

    def _on_action(self, action: QAction) -> None:
        self.asked.emit(*action.data())
