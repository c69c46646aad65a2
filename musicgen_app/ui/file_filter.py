"""The line above the table of files: words to look for, a verdict, a new look at the folders, and how many files."""

from collections.abc import Mapping

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from musicgen_app.dataset.library_query import Kind
from musicgen_app.ui.controls import BETWEEN, GRID, IconButton, SecondaryLabel
from musicgen_app.ui.forms import Choice
from musicgen_app.ui.icons import Icons

_KINDS: Mapping[Kind, str] = {
    "all": "All files",
    "ready": "Ready",
    "repaired": "Repaired",
    "set aside": "Set aside",
    "waiting": "Waiting",
    "excluded": "Excluded",
    "missing": "Missing",
}
_KIND_WIDTH = 160
"""Pixels, wide enough for "Set aside (100,000)"."""


class FileFilter(QWidget):
    """Which files of a collection are wanted.

    Signals:
        changed: Other files are wanted.
        rescan_asked: The folders are to be looked through again.
    """

    changed = Signal()
    rescan_asked = Signal()

    def __init__(self, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = QLineEdit()
        self.text.setPlaceholderText("Filter by title, composer, file or verdict")
        self.text.setAccessibleName("Filter the files")
        self.text.setToolTip("Show only files with these words (Ctrl+F)")
        self.text.setClearButtonEnabled(True)
        self._glass = QAction(self.text)
        icons.bind(self._glass, "search", "secondary")
        self.text.addAction(self._glass, QLineEdit.ActionPosition.LeadingPosition)
        self.text.textChanged.connect(self.changed)
        self.kinds = Choice()
        self.kinds.setAccessibleName("Which files to show")
        self.kinds.setMinimumWidth(_KIND_WIDTH)
        self.kinds.setToolTip("Show only files with this verdict")
        self.rescan = IconButton(icons, "refresh-cw", "Look for new, changed and missing files", "F5")
        self.rescan.clicked.connect(self.rescan_asked)
        self.count = SecondaryLabel(wrap=False)
        row = QHBoxLayout(self)
        row.setContentsMargins(BETWEEN, GRID, BETWEEN, GRID)
        row.setSpacing(GRID)
        row.addWidget(self.text, 1)
        row.addWidget(self.kinds)
        row.addWidget(self.rescan)
        row.addWidget(self.count)
        self._every = self._shown = 0
        self.show_kinds({})
        self.kinds.currentIndexChanged.connect(self.changed)

    def add_keys(self, pane: QWidget) -> None:
        """Let the keys of this line work in the whole pane."""
        for key, act in (("Ctrl+F", self.text.setFocus), ("F5", self.rescan_asked)):
            QShortcut(QKeySequence(key), pane).activated.connect(act)

    @property
    def words(self) -> tuple[str, ...]:
        """The words to look for."""
        return tuple(self.text.text().split())

    @property
    def kind(self) -> Kind:
        """The verdict that is wanted."""
        kind: Kind = self.kinds.currentData() or "all"
        return kind

    def show_kinds(self, kinds: Mapping[Kind, int]) -> None:
        """Show how many files there are of each kind; tells nobody."""
        chosen = self.kind
        listed = [kind for kind in _KINDS if kind in ("all", chosen) or kinds.get(kind)]
        with QSignalBlocker(self.kinds):
            self.kinds.clear()
            for kind in listed:
                count = f" ({kinds[kind]:,})" if kinds.get(kind) else ""
                self.kinds.addItem(f"{_KINDS[kind]}{count}", kind)
            self.kinds.setCurrentIndex(listed.index(chosen))
        self._every = kinds.get("all", 0)
        self.show_shown(self._shown)

    def show_shown(self, files: int) -> None:
        """Show how many files are in the table."""
        self._shown = files
        every = max(self._every, files)
        self.count.setText(f"{every:,} files" if files == every else f"{files:,} of {every:,} files")
