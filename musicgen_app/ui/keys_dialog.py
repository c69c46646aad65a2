"""The sheet of all keys, made from the table of actions, with a search."""

from PySide6.QtCore import QSortFilterProxyModel, Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QAbstractItemView, QDialog, QHeaderView, QLineEdit, QTableView, QVBoxLayout, QWidget

from musicgen_app.ui.action_table import ACTIONS, GESTURES
from musicgen_app.ui.actions import shown_keys
from musicgen_app.ui.controls import BETWEEN, INSIDE, SecondaryLabel


def key_rows() -> tuple[tuple[str, str, str], ...]:
    """All keys and gestures: what is done, by which keys, where."""
    actions = tuple(
        (spec.tooltip, shown_keys(spec), "Piano roll" if spec.scope == "roll" else "Everywhere") for spec in ACTIONS
    )
    return actions + tuple((gesture.text, gesture.keys, gesture.place) for gesture in GESTURES)


class KeysDialog(QDialog):
    """All keys; typing narrows the list."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys")
        self.resize(760, 620)
        rows = key_rows()
        model = QStandardItemModel(len(rows), 3, self)
        model.setHorizontalHeaderLabels(["What", "Keys", "Where"])
        for index, row in enumerate(rows):
            for column, text in enumerate(row):
                item = QStandardItem(text)
                item.setEditable(False)
                model.setItem(index, column, item)
        self._proxy = QSortFilterProxyModel(self)
        self._proxy.setSourceModel(model)
        self._proxy.setFilterKeyColumn(-1)
        self._proxy.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search by word or key")
        self.search.setAccessibleName("Search the keys")
        self.search.setClearButtonEnabled(False)
        self.search.textChanged.connect(self._on_search)
        self.table = QTableView()
        self.table.setModel(self._proxy)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setShowGrid(False)
        self.table.verticalHeader().hide()
        self.table.setAccessibleName("All keys")
        header = self.table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setHighlightSections(False)
        self.table.setColumnWidth(1, 190)
        self.table.setColumnWidth(2, 110)
        self._none = SecondaryLabel("Nothing is called so; try another word.")
        self._none.hide()
        box = QVBoxLayout(self)
        box.setContentsMargins(BETWEEN, BETWEEN, BETWEEN, BETWEEN)
        box.setSpacing(INSIDE)
        box.addWidget(self.search)
        box.addWidget(self._none)
        box.addWidget(self.table, 1)
        self.search.setFocus()

    @property
    def shown(self) -> int:
        """How many rows the search leaves."""
        return self._proxy.rowCount()

    def _on_search(self, text: str) -> None:
        self._proxy.setFilterFixedString(text.strip())
        self._none.setVisible(self._proxy.rowCount() == 0)
