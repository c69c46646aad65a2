"""A field for a file or a folder, with the system's dialog beside it."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from musicgen_app.ui.controls import GRID, QuietButton


class PlaceField(QWidget):
    """A path to type, or to choose in a dialog of the system.

    Args:
        name: What it is, for screen readers.
        choose: Asks in a dialog; empty where nothing was chosen.
        parent: Qt's owner.

    Signals:
        changed: Another path stands there.
        typed: A person has typed.
    """

    changed = Signal()
    typed = Signal()

    def __init__(self, name: str, choose: Callable[[], str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choose = choose
        self.line = QLineEdit()
        self.line.setAccessibleName(name)
        self.browse = QuietButton("Browse...", f"Choose the {name.lower()}")
        self.browse.setAutoDefault(False)
        self.setFocusProxy(self.line)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID)
        row.addWidget(self.line, 1)
        row.addWidget(self.browse)
        self.line.textChanged.connect(self.changed)
        self.line.textEdited.connect(self.typed)
        self.browse.clicked.connect(self._on_browse)

    @property
    def path(self) -> Path | None:
        """What stands there; None for nothing."""
        text = self.line.text().strip()
        return Path(text).expanduser() if text else None

    def _on_browse(self) -> None:
        chosen = self._choose()
        if chosen:
            self.line.setText(chosen)
