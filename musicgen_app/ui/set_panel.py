"""What is below the table of files: statistics of the files that narrow the table, or of the notes."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from musicgen_app.dataset.library_statistics import SetStatistics
from musicgen_app.ui.brush_chips import BrushChips
from musicgen_app.ui.controls import BETWEEN, GRID, SecondaryLabel
from musicgen_app.ui.header import Segments
from musicgen_app.ui.histograms import Histograms
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.set_pictures import SetPictures
from musicgen_app.ui.theme import Theme, secondary_font, tabular_font

FILES, NOTES = range(2)
_SEGMENT_WIDTH = 64


class SetPanel(QWidget):
    """Two pages under one line: a choice between them, how many files are left, and a button that shows all again.

    Attributes:
        pictures: Nine statistics of the files.
        histograms: Pitch, length and loudness of the notes.
        chips: What is brushed, to be put beside the filter field.

    Signals:
        brushed: Another choice was made by hand (a tuple of conditions for ``Query.only``).
    """

    brushed = Signal(object)

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pictures = SetPictures(theme)
        self.histograms = Histograms(theme)
        self.chips = BrushChips(icons)
        self.segments = Segments(
            ("Files", "Notes"),
            (
                "How the files differ; drag over bars to show only some",
                "The notes of the chosen piece and of the whole set",
            ),
        )
        for page in (FILES, NOTES):
            button = self.segments.button(page)
            button.setMinimumWidth(_SEGMENT_WIDTH)
            button.setFont(secondary_font(button.font()))
            button.setProperty("compact", True)
        self.left = SecondaryLabel(wrap=False)
        self.left.setFont(tabular_font(self.left.font()))
        self.clear = QPushButton("Show all")
        self.clear.setProperty("kind", "link")
        self.clear.setFont(secondary_font(self.clear.font()))
        self.clear.setToolTip("Take all brushes away")
        self._pages = QStackedWidget()
        self._pages.addWidget(self.pictures)
        self._pages.addWidget(self.histograms)
        line = QHBoxLayout()
        line.setContentsMargins(BETWEEN, 6, BETWEEN, 2)
        line.setSpacing(GRID)
        line.addWidget(self.segments)
        line.addStretch(1)
        line.addWidget(self.left)
        line.addWidget(self.clear)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addLayout(line)
        outer.addWidget(self._pages, 1)
        self.segments.chosen.connect(self.show_page)
        self.pictures.brushed.connect(self._on_brushed)
        self.chips.removed.connect(self.pictures.remove)
        self.clear.clicked.connect(self.pictures.clear)
        self._show_brushes()

    @property
    def page(self) -> int:
        """The page that is shown: FILES or NOTES."""
        return self._pages.currentIndex()

    def show_page(self, page: int) -> None:
        """Show a page."""
        self.segments.choose(page)
        self._pages.setCurrentIndex(page)

    def show_statistics(self, found: SetStatistics) -> None:
        """Show counts of the files."""
        self.pictures.show_statistics(found)
        every = len(found.columns.ids)
        self.left.setText(
            f"{every:,} usable files" if found.files == every else f"{found.files:,} of {every:,} usable files"
        )

    def _on_brushed(self, conditions: object) -> None:
        self._show_brushes()
        self.brushed.emit(conditions)

    def _show_brushes(self) -> None:
        brushes = self.pictures.brushes
        self.chips.show_brushes(brushes)
        self.clear.setVisible(bool(brushes))
