"""The sheet of all keys: searched by word or key, and changed."""

from PySide6.QtCore import QModelIndex, QSortFilterProxyModel, Qt
from PySide6.QtGui import QKeySequence, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLineEdit,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from musicgen_app.ui.action_table import ACTIONS
from musicgen_app.ui.controls import BETWEEN, GRID, INSIDE, QuietButton, SecondaryLabel
from musicgen_app.ui.keymap import Keymap, native
from musicgen_app.ui.roll_action_table import GESTURES

_ID = Qt.ItemDataRole.UserRole
_KEYS = 1
_TEXTS = {spec.id: spec.text.removesuffix("...") for spec in ACTIONS}


def key_rows(keymap: Keymap) -> tuple[tuple[str, str, str, str], ...]:
    """All keys and gestures: id (empty for a gesture), what is done, by which keys, where."""
    actions = tuple(
        (spec.id, spec.tooltip, keymap.shown(spec.id), "Piano roll" if spec.scope == "roll" else "Everywhere")
        for spec in ACTIONS
    )
    return actions + tuple(("", gesture.text, gesture.keys, gesture.place) for gesture in GESTURES)


class KeysDialog(QDialog):
    """All keys; typing narrows the list, and the chosen action can get another key.

    Args:
        keymap: The keys in force; changes take effect at once.
        parent: Qt's owner.
    """

    def __init__(self, keymap: Keymap, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys")
        self.resize(760, 640)
        self._keymap = keymap
        self._model = QStandardItemModel(0, 3, self)
        self._model.setHorizontalHeaderLabels(["What", "Keys", "Where"])
        self._proxy = QSortFilterProxyModel(self)
        self._proxy.setSourceModel(self._model)
        self._proxy.setFilterKeyColumn(-1)
        self._proxy.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search by word or key")
        self.search.setAccessibleName("Search the keys")
        self.search.textChanged.connect(self._on_search)
        self._make_table()
        self._make_editor()
        self._none = SecondaryLabel("Nothing is called so; try another word.")
        self._none.hide()
        self._lay_out()
        self._fill()
        self.table.selectionModel().currentRowChanged.connect(self._on_row)
        self._on_row()
        self.search.setFocus()

    @property
    def shown(self) -> int:
        """How many rows the search leaves."""
        return self._proxy.rowCount()

    @property
    def told(self) -> str:
        """What is said about the key that is being given."""
        return self._told.text()

    def choose(self, name: str) -> None:
        """Choose the row of an action."""
        for row in range(self._model.rowCount()):
            if self._model.item(row, 0).data(_ID) == name:
                self.table.setCurrentIndex(self._proxy.mapFromSource(self._model.index(row, 0)))

    def _make_table(self) -> None:
        self.table = QTableView()
        self.table.setModel(self._proxy)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setShowGrid(False)
        self.table.verticalHeader().hide()
        self.table.setAccessibleName("All keys")
        self.table.setTabKeyNavigation(False)
        self.table.activated.connect(self._on_activated)
        header = self.table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setHighlightSections(False)
        self.table.setColumnWidth(1, 190)
        self.table.setColumnWidth(2, 110)

    def _make_editor(self) -> None:
        self.key = QKeySequenceEdit()
        self.key.setMaximumSequenceLength(1)
        self.key.setAccessibleName("New key")
        self.key.setFixedWidth(170)
        self.key.keySequenceChanged.connect(self._on_key)
        self.give = QuietButton("Give it this key", "The chosen action gets the key at the left")
        self.take = QuietButton("No key", "The chosen action loses its keys")
        self.reset = QuietButton("As it was", "The chosen action gets back the keys it came with")
        self.reset_all = QuietButton("Reset all", "All actions get back the keys they came with")
        self._told = SecondaryLabel()
        self.give.clicked.connect(self._on_give)
        self.take.clicked.connect(self._on_take)
        self.reset.clicked.connect(self._on_reset)
        self.reset_all.clicked.connect(self._on_reset_all)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(GRID)
        for widget in (self.key, self.give, self.take, self.reset):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.reset_all)
        box = QVBoxLayout(self)
        box.setContentsMargins(BETWEEN, BETWEEN, BETWEEN, BETWEEN)
        box.setSpacing(INSIDE)
        box.addWidget(self.search)
        box.addWidget(self._none)
        box.addWidget(self.table, 1)
        box.addWidget(self._told)
        box.addLayout(row)

    def _fill(self) -> None:
        """Write the keys anew and keep the row that is chosen."""
        rows = key_rows(self._keymap)
        if self._model.rowCount() == 0:
            for name, *texts in rows:
                items = [QStandardItem(text) for text in texts]
                for item in items:
                    item.setEditable(False)
                    item.setData(name, _ID)
                self._model.appendRow(items)
        for place, (_, _, keys, _) in enumerate(rows):
            self._model.item(place, _KEYS).setText(keys)

    def _chosen(self) -> str:
        index = self.table.currentIndex()
        return str(index.data(_ID) or "") if index.isValid() else ""

    def _on_search(self, text: str) -> None:
        self._proxy.setFilterFixedString(text.strip())
        self._none.setVisible(self._proxy.rowCount() == 0)

    def _on_activated(self, _index: QModelIndex) -> None:
        if self.key.isEnabled():
            self.key.setFocus()

    def _on_row(self) -> None:
        self.key.clear()
        self._show()

    def _on_key(self, _sequence: QKeySequence) -> None:
        self._show()

    def _show(self) -> None:
        name, key = self._chosen(), self.key.keySequence().toString(QKeySequence.SequenceFormat.PortableText)
        self.key.setEnabled(bool(name))
        self.give.setEnabled(bool(name and key))
        self.take.setEnabled(bool(name) and bool(self._keymap.keys(name)))
        self.reset.setEnabled(bool(name) and self._keymap.is_own(name))
        self._told.setText(self._words(name, key))

    def _words(self, name: str, key: str) -> str:
        if not name:
            return "Choose an action to give it another key. What the mouse does stays as it is."
        if not key:
            return f"{_TEXTS[name]}: press its new key in the field below."
        holder = self._keymap.holder(key)
        if holder == name:
            return f"{_TEXTS[name]} has {native(key)} already."
        if holder:
            return f"{native(key)} belongs to {_TEXTS[holder]}, which would lose it."
        return f"{native(key)} is free."

    def _on_give(self) -> None:
        self._keymap.add(self._chosen(), self.key.keySequence().toString(QKeySequence.SequenceFormat.PortableText))
        self._after()

    def _on_take(self) -> None:
        self._keymap.clear(self._chosen())
        self._after()

    def _on_reset(self) -> None:
        self._keymap.reset(self._chosen())
        self._after()

    def _on_reset_all(self) -> None:
        self._keymap.reset()
        self._after()

    def _after(self) -> None:
        self._fill()
        self._on_row()
