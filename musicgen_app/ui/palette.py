"""Everything that can be done, found by a few letters of its name."""

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QAction, QKeyEvent, QPainter, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from musicgen_app.ui.action_spec import ActionSpec
from musicgen_app.ui.action_table import ACTIONS
from musicgen_app.ui.actions import Actions
from musicgen_app.ui.controls import GRID, INSIDE, SecondaryLabel

_WIDTH, _HEIGHT, _ROW, _TOP = 560, 420, 34, 72
_SPEC = Qt.ItemDataRole.UserRole
_WALKING = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the palette.

    Attributes:
        spec: The action.
        words: What it is called: its words in the menu, without an ellipsis.
        place: The menu it stands in.
        keys: Its keys, as this system writes them.
        usable: Whether it can be done now.
    """

    spec: ActionSpec
    words: str
    place: str
    keys: str
    usable: bool


def fit(query: str, entry: Entry) -> float | None:
    """How well an entry fits what was typed, the smaller the better; None where it does not.

    Each word typed must begin a word of the entry's name, menu or tooltip, or stand somewhere in its name.
    """
    name = entry.words.lower()
    names = name.split()
    others = f"{entry.place} {entry.spec.tooltip}".lower().split()
    total = 0.0
    for word in query.lower().split():
        begun = next((place for place, own in enumerate(names) if own.startswith(word)), None)
        if begun is not None:
            total += begun
        elif word in name:
            total += 5
        elif any(own.startswith(word) for own in others):
            total += 10
        else:
            return None
    return total + len(name) / 100


class Palette(QDialog):
    """A field and a list over the window: typing narrows it, Return does what is chosen, Esc goes away.

    Args:
        verbs: The actions.
        parent: The window.
    """

    def __init__(self, verbs: Actions, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Dialog | Qt.WindowType.FramelessWindowHint)
        self.setWindowTitle("Find an action")
        self.setProperty("kind", "popup")
        self.resize(_WIDTH, _HEIGHT)
        self._verbs = verbs
        self._entries = tuple(self._entry(spec) for spec in ACTIONS if spec.id != "palette")
        self._model = QStandardItemModel(self)
        self.search = QLineEdit()
        self.search.setPlaceholderText("What do you want to do?")
        self.search.setAccessibleName("Find an action")
        self.search.textChanged.connect(self._fill)
        self.search.installEventFilter(self)
        self.list = QListView()
        self.list.setModel(self._model)
        self.list.setItemDelegate(_Line(self.list))
        self.list.setAccessibleName("Actions")
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.clicked.connect(self._on_clicked)
        self._none = SecondaryLabel("Nothing is called so; try another word.")
        box = QVBoxLayout(self)
        box.setContentsMargins(INSIDE, INSIDE, INSIDE, INSIDE)
        box.setSpacing(GRID)
        box.addWidget(self.search)
        box.addWidget(self._none)
        box.addWidget(self.list, 1)
        self._fill("")

    @property
    def shown(self) -> tuple[str, ...]:
        """The words that are listed, in their order."""
        return tuple(self._model.item(row).text() for row in range(self._model.rowCount()))

    def open_over(self, window: QWidget) -> None:
        """Show it in the upper middle of a window."""
        corner = window.mapToGlobal(window.rect().topLeft())
        self.move(corner.x() + (window.width() - _WIDTH) // 2, corner.y() + _TOP)
        self.open()
        self.search.setFocus()

    def accept(self) -> None:
        """Do what is chosen."""
        index = self.list.currentIndex()
        spec: ActionSpec | None = index.data(_SPEC) if index.isValid() else None
        super().accept()
        if spec is not None and self._verbs[spec.id].isEnabled():
            self._verbs[spec.id].trigger()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # The field keeps the focus; keys that walk go to the list.
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in _WALKING:
                self.list.event(event)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.accept()
                return True
        return super().eventFilter(watched, event)

    def _entry(self, spec: ActionSpec) -> Entry:
        action: QAction = self._verbs[spec.id]
        words = action.text().replace("&", "").removesuffix("...")
        return Entry(spec, words, spec.menu.replace("/", ", "), self._verbs.keymap.shown(spec.id), action.isEnabled())

    def _fill(self, query: str) -> None:
        found = [(rank, entry) for entry in self._entries if (rank := fit(query, entry)) is not None]
        found.sort(key=lambda pair: (not pair[1].usable, pair[0] if query.strip() else 0))
        self._model.clear()
        for _, entry in found:
            item = QStandardItem(entry.words)
            item.setData(entry.spec, _SPEC)
            item.setData(f"{entry.place}\t{entry.keys}", _SPEC + 1)
            item.setToolTip(entry.spec.tooltip)
            item.setData(f"{entry.words}, {entry.keys}", Qt.ItemDataRole.AccessibleTextRole)
            item.setEnabled(entry.usable)
            self._model.appendRow(item)
        self._none.setVisible(not found)
        if found and found[0][1].usable:
            self.list.setCurrentIndex(self._model.index(0, 0))

    def _on_clicked(self, index: QModelIndex) -> None:
        if index.flags() & Qt.ItemFlag.ItemIsEnabled:
            self.accept()


class _Line(QStyledItemDelegate):
    """Paints a name, its menu in quiet letters, and its keys at the right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(0, _ROW)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        self.initStyleOption(option, index)
        place, _, keys = str(index.data(_SPEC + 1)).partition("\t")
        name, option.text = option.text, ""
        style = option.widget.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, option.widget)
        room: QRect = option.rect.adjusted(INSIDE, 0, -INSIDE, 0)
        palette = option.palette
        usable = bool(index.flags() & Qt.ItemFlag.ItemIsEnabled)
        plain = palette.color(palette.ColorRole.Text if usable else palette.ColorRole.PlaceholderText)
        quiet = palette.color(palette.ColorRole.PlaceholderText)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.save()
        painter.setPen(plain)
        painter.drawText(room, middle | Qt.AlignmentFlag.AlignLeft, name)
        painter.setPen(quiet)
        behind = option.fontMetrics.horizontalAdvance(name) + INSIDE
        painter.drawText(room.adjusted(behind, 0, 0, 0), middle | Qt.AlignmentFlag.AlignLeft, place)
        painter.setPen(plain if usable else quiet)
        painter.drawText(room, middle | Qt.AlignmentFlag.AlignRight, keys)
        painter.restore()
