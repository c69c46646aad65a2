"""Nine statistics of a collection beside each other; what is brushed in one narrows the others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QWidget

from musicgen_app.dataset.library_query import Among, Span
from musicgen_app.dataset.library_statistics import SetStatistics
from musicgen_app.dataset.set_bins import quantities
from musicgen_app.ui.bar_picture import BarPicture
from musicgen_app.ui.controls import GRID
from musicgen_app.ui.theme import Theme

Condition = Span | Among

_CELL_WIDTH, _CELL_HEIGHT = 118, 74
"""Nothing in a picture is cut from this size on."""
_WIDE = "key"
"""The picture with most bars has twice the room."""
_OWN_SCALE_BELOW = 0.1
"""A smaller part of the files would be a line without a shape."""
_COLUMNS = (10, 5, 4, 3, 2)
_SHAPE = 1.7
"""Width to height of a picture that is good to read."""


@dataclass(frozen=True, slots=True)
class Brush:
    """What is chosen in one picture.

    Attributes:
        name: The quantity's.
        title: The quantity in words.
        words: Its bars in words: "96 to 120".
        condition: What files have to fulfil.
    """

    name: str
    title: str
    words: str
    condition: Condition


class SetPictures(QScrollArea):
    """The nine pictures, in as many columns as there is room for.

    Signals:
        brushed: Another choice was made by hand (a tuple of conditions for ``Query.only``).
    """

    brushed = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.pictures = {one.name: BarPicture(theme, one) for one in quantities({})}
        self._columns = 0
        inside = QWidget()
        self._grid = QGridLayout(inside)
        self._grid.setContentsMargins(GRID, 0, GRID, 4)
        self._grid.setHorizontalSpacing(GRID)
        self._grid.setVerticalSpacing(4)
        for picture in self.pictures.values():
            picture.setMinimumSize(_CELL_WIDTH, _CELL_HEIGHT)
            picture.brushed.connect(self._on_brushed)
        self.setWidget(inside)
        self._lay(5)
        theme.changed.connect(self._dress)

    @property
    def brushes(self) -> tuple[Brush, ...]:
        """What is chosen, picture by picture."""
        return tuple(
            Brush(name, one.quantity.short, one.words(), one.quantity.condition(one.chosen))
            for name, one in self.pictures.items()
            if one.chosen
        )

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """What files have to fulfil to be shown."""
        return tuple(brush.condition for brush in self.brushes)

    def show_statistics(self, found: SetStatistics) -> None:
        """Show counts. A brush whose bars are not there any more, since the collection has changed, is taken away."""
        before = self.conditions
        few = found.files < _OWN_SCALE_BELOW * len(found.columns.ids)
        for one in found.columns.quantities:
            picture = self.pictures[one.name]
            kept = picture.quantity.condition(picture.chosen) if picture.chosen else None
            if picture.quantity.bars != one.bars:
                picture.show_chosen(one.chosen(kept) if kept is not None else ())
            picture.show_counts(one, found.whole[one.name], found.left[one.name], few)
        if self.conditions != before:
            self.brushed.emit(self.conditions)

    def show_piece(self, bars: Mapping[str, int]) -> None:
        """Mark where the chosen piece stands, by name of the quantity (``SetColumns.bars_of``); nothing for none."""
        for name, picture in self.pictures.items():
            picture.show_piece(bars.get(name))

    def choose(self, conditions: Sequence[Condition]) -> None:
        """Choose what these conditions choose, nothing else; tells nobody."""
        for picture in self.pictures.values():
            found = [bars for condition in conditions if (bars := picture.quantity.chosen(condition))]
            picture.show_chosen(found[0] if found else ())

    def clear(self) -> None:
        """Take all brushes away."""
        if self.brushes:
            self.choose(())
            self.brushed.emit(())

    def remove(self, name: str) -> None:
        """Take the brush of one picture away."""
        if self.pictures[name].chosen:
            self.pictures[name].show_chosen(())
            self.brushed.emit(self.conditions)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay(_best_columns(self.viewport().width(), self.viewport().height()))

    def sizeHint(self) -> QSize:
        return QSize(5 * (_CELL_WIDTH + 30), 2 * (_CELL_HEIGHT + 8))

    def minimumSizeHint(self) -> QSize:
        return QSize(2 * _CELL_WIDTH + 4 * GRID, _CELL_HEIGHT + 8)

    def _on_brushed(self, _chosen: object) -> None:
        self.brushed.emit(self.conditions)

    def _lay(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        row = column = 0
        for name, picture in self.pictures.items():
            width = 2 if name == _WIDE else 1
            if column + width > columns:
                row, column = row + 1, 0
            self._grid.addWidget(picture, row, column, 1, width)
            column += width
        for place in range(max(_COLUMNS)):
            self._grid.setColumnStretch(place, 1 if place < columns else 0)
            self._grid.setRowStretch(place, 1 if place <= row else 0)

    def _dress(self) -> None:
        for picture in self.pictures.values():
            picture.dress()


def _best_columns(width: int, height: int) -> int:
    """So many columns that the pictures are largest, without scrolling where that can be."""
    best, best_size = _COLUMNS[-1], 0.0
    for columns in _COLUMNS:
        rows = -(-10 // columns)
        cell = (width - 2 * GRID) / columns - GRID, height / rows - 4
        if cell[0] < _CELL_WIDTH:
            continue
        # Too low for all rows: then the fewer rows there are to scroll the better.
        size = min(cell[0] / _SHAPE, cell[1]) if cell[1] >= _CELL_HEIGHT else cell[1] / 100
        if size > best_size:
            best, best_size = columns, size
    return best
