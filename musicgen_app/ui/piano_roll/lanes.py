"""The lanes below the notes: shown or hidden one by one, each as high as a person drags it."""

from PySide6.QtWidgets import QHBoxLayout, QSplitter, QWidget

from musicgen_app.ui.piano_roll.corner import Corner
from musicgen_app.ui.theme import Theme


class Lanes:
    """Rows of a splitter below the roll: the name of a lane, the lane, and room for the scroll bar.

    Args:
        splitter: Where the rows are put, one below the other.
        theme: Colours.
        room: Pixels left free at the right.
    """

    def __init__(self, splitter: QSplitter, theme: Theme, room: int) -> None:
        self._splitter = splitter
        self._theme = theme
        self._room = room
        self._rows: dict[str, QWidget] = {}
        self._heights: dict[str, int] = {}

    def add(self, name: str, words: str, lane: QWidget, shown: bool) -> None:
        """Put a lane below the others."""
        row = QWidget()
        box = QHBoxLayout(row)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(Corner(self._theme, words))
        box.addWidget(lane, 1)
        box.addSpacing(self._room)
        row.setMinimumHeight(lane.minimumSizeHint().height())
        row.setVisible(shown)
        self._rows[name] = row
        self._splitter.addWidget(row)
        self._splitter.setStretchFactor(self._splitter.count() - 1, 0)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the lanes, from above."""
        return tuple(self._rows)

    def shown(self, name: str) -> bool:
        """Whether a lane is shown."""
        return not self._rows[name].isHidden()

    def show(self, name: str, shown: bool) -> None:
        """Show or hide a lane; one that comes takes its room from the notes."""
        row = self._rows[name]
        if shown == self.shown(name):
            return
        place = self._splitter.indexOf(row)
        if not shown:
            self._heights[name] = self._splitter.sizes()[place]
        row.setVisible(shown)
        sizes = self._splitter.sizes()
        if shown and sizes[place] < row.minimumHeight():
            wanted = max(self._heights.get(name, 0), row.sizeHint().height())
            sizes[0], sizes[place] = max(sizes[0] - wanted, 1), wanted
            self._splitter.setSizes(sizes)
