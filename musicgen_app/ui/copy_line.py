"""The line above the roll that says of which piece its music is a copy, and lets both be heard."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QWidget

from musicgen_app.ui.controls import BETWEEN, GRID, QuietButton, SecondaryLabel
from musicgen_app.ui.icons import Icons


class CopyLine(QWidget):
    """Words and two buttons; seen only where the music is a copy.

    Signals:
        copy_asked: The music in the roll is to be heard from the copy on.
        source_asked: What it was copied from is to be heard.
    """

    copy_asked = Signal()
    source_asked = Signal()

    def __init__(self, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = SecondaryLabel()
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.copy = QuietButton("Hear the copy", "Play the music in the roll from the copied place on", icons, "play")
        self.source = QuietButton(
            "Hear its source",
            "Play the passage it was copied from; while music plays, from the same place on",
            icons,
            "play",
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(BETWEEN, GRID // 2, BETWEEN, GRID // 2)
        row.setSpacing(GRID)
        row.addWidget(self.words, 1)
        row.addWidget(self.copy)
        row.addWidget(self.source)
        self.copy.clicked.connect(self.copy_asked)
        self.source.clicked.connect(self.source_asked)
        self.hide()

    @Slot(str)
    def tell(self, words: str) -> None:
        """Say what was found; "" for nothing, which hides the line."""
        self.words.setText(words)
        self.setVisible(bool(words))
