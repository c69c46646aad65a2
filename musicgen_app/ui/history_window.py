"""The history of the music in the roll: all steps by name, and the way to any of them."""

from PySide6.QtGui import QUndoStack
from PySide6.QtWidgets import QDialog, QUndoView, QVBoxLayout, QWidget

from musicgen_app.ui.controls import BETWEEN, GRID, SecondaryLabel


class HistoryWindow(QDialog):
    """A list of steps beside the window; a click, or the arrow keys, go to one.

    Args:
        stack: The history.
        parent: The window.
    """

    def __init__(self, stack: QUndoStack, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("History")
        self.resize(300, 420)
        self.list = QUndoView(stack)
        self.list.setEmptyLabel("As it was opened")
        self.list.setAccessibleName("Steps")
        box = QVBoxLayout(self)
        box.setContentsMargins(BETWEEN, BETWEEN, BETWEEN, BETWEEN)
        box.setSpacing(GRID)
        box.addWidget(SecondaryLabel("Choose a step to see the music as it was then. Nothing is lost until you edit."))
        box.addWidget(self.list, 1)
