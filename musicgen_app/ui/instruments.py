"""Chooses which instruments a data set learns from: the piano, all but drums, or any of General MIDI's."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from musicgen_app.core.instruments import FAMILY_NAMES, PROGRAM_NAMES
from musicgen_app.dataset.parts import ALL, PIANO, Parts
from musicgen_app.ui.controls import BETWEEN, GRID, PrimaryButton, QuietButton, SecondaryLabel
from musicgen_app.ui.forms import Choice

_ABOUT = "Which tracks of a file the network learns from. A track that names no instrument is a piano."
_CHOOSE = "Choose..."
_EXPLAINED = "Tick the instruments to learn from. All of a file's tracks with them are read as one piano part."
_NONE = "Tick at least one instrument."
_WIDTH, _HEIGHT = 400, 520
_ROW = 26
_IN_FAMILY = len(PROGRAM_NAMES) // len(FAMILY_NAMES)


class InstrumentChoice(Choice):
    """The choice in a list; its last entry asks for single instruments.

    Signals:
        changed: Somebody chose something else.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._parts = PIANO
        self._show()
        self.setToolTip(_ABOUT)
        self.activated.connect(self._on_activated)

    def parts(self) -> Parts:
        """What is chosen."""
        return self._parts

    def set_parts(self, parts: Parts) -> None:
        """Show a choice; tells nobody."""
        self._parts = parts
        self._show()

    def _show(self) -> None:
        self.clear()
        own = self._parts if self._parts.programs else None
        for parts in filter(None, (PIANO, ALL, own)):
            self.addItem(parts.words, parts)
            self.setItemData(self.count() - 1, parts.words, Qt.ItemDataRole.ToolTipRole)
        self.addItem(_CHOOSE, None)
        self.setCurrentIndex(2 if own is not None else int(self._parts.everything))

    def _on_activated(self, index: int) -> None:
        parts = self.itemData(index)
        if parts is None:
            dialog = InstrumentDialog(self._parts, self.window())
            parts = dialog.parts() if dialog.exec() == QDialog.DialogCode.Accepted else self._parts
            dialog.deleteLater()
        before = self._parts
        self.set_parts(parts)
        if parts != before:
            self.changed.emit()


class InstrumentDialog(QDialog):
    """All instruments in their families, each with a box to tick; a family's box ticks all of them."""

    def __init__(self, parts: Parts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Choose instruments")
        self.resize(_WIDTH, _HEIGHT)
        told = SecondaryLabel(_EXPLAINED)
        told.setWordWrap(True)
        self.tree = QTreeWidget()
        self.tree.setHeaderHidden(True)
        self.tree.setAccessibleName("Instruments")
        self.tree.setProperty("kind", "boxed")
        self.missing = SecondaryLabel()
        self.accepting = PrimaryButton("Use these", "Learn from the instruments that are ticked")
        leave = QuietButton("Cancel", "Leave the choice as it was")
        self.accepting.clicked.connect(self.accept)
        self.accepting.setDefault(True)
        leave.clicked.connect(self.reject)
        foot = QHBoxLayout()
        foot.setSpacing(GRID)
        foot.addWidget(self.missing, 1)
        foot.addWidget(leave)
        foot.addWidget(self.accepting)
        box = QVBoxLayout(self)
        box.setSpacing(BETWEEN)
        box.addWidget(told)
        box.addWidget(self.tree, 1)
        box.addLayout(foot)
        self._programs = self._filled(parts)
        self.tree.itemChanged.connect(self._on_changed)
        self._on_changed()

    def parts(self) -> Parts:
        """What is ticked."""
        ticked = (program for program, item in enumerate(self._programs) if _is_ticked(item))
        return Parts(tuple(ticked))

    def _filled(self, parts: Parts) -> list[QTreeWidgetItem]:
        """The item of each program, put under its family; families with ticked ones are open."""
        items = []
        for number, name in enumerate(FAMILY_NAMES):
            family = QTreeWidgetItem(self.tree, [name])
            family.setSizeHint(0, QSize(0, _ROW))
            family.setFlags(family.flags() | Qt.ItemFlag.ItemIsAutoTristate | Qt.ItemFlag.ItemIsUserCheckable)
            for program in range(number * _IN_FAMILY, (number + 1) * _IN_FAMILY):
                item = QTreeWidgetItem(family, [f"{PROGRAM_NAMES[program]} ({program + 1})"])
                item.setSizeHint(0, QSize(0, _ROW))
                ticked = program in parts.programs
                item.setCheckState(0, Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked)
                items.append(item)
            family.setExpanded(family.checkState(0) != Qt.CheckState.Unchecked)
        return items

    def _on_changed(self) -> None:
        some = any(_is_ticked(item) for item in self._programs)
        self.accepting.setEnabled(some)
        self.missing.setText("" if some else _NONE)


def _is_ticked(item: QTreeWidgetItem) -> bool:
    return item.checkState(0) == Qt.CheckState.Checked
