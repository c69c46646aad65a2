"""The frame of a tab: side panel, the one thing it is about, and a list or inspector that can be folded."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSplitter, QWidget


class ThreePanes(QSplitter):
    """Left, middle and right beside each other; the middle takes the room, the sides can be folded away.

    Args:
        name: Under which sizes and folds are remembered.
        left: Side panel with the tab's form and primary button.
        middle: What the tab is about.
        right: A list or inspector.
        parent: Qt's owner.
    """

    folded_changed = Signal()

    def __init__(
        self, name: str, left: QWidget, middle: QWidget, right: QWidget, parent: QWidget | None = None
    ) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setObjectName(name)
        self.setChildrenCollapsible(False)
        self.setHandleWidth(1)
        self._left = left
        self._right = right
        for widget in (left, middle, right):
            self.addWidget(widget)
        middle.setMinimumWidth(320)
        right.setMinimumWidth(224)
        for index, stretch in enumerate((0, 1, 0)):
            self.setStretchFactor(index, stretch)
        self.setSizes([312, 808, 280])

    @property
    def left_shown(self) -> bool:
        """Whether the side panel is there."""
        return not self._left.isHidden()

    @property
    def right_shown(self) -> bool:
        """Whether the list or inspector is there."""
        return not self._right.isHidden()

    def show_left(self, shown: bool) -> None:
        """Fold or unfold the side panel."""
        self._left.setVisible(shown)
        self.folded_changed.emit()

    def show_right(self, shown: bool) -> None:
        """Fold or unfold the list or inspector."""
        self._right.setVisible(shown)
        self.folded_changed.emit()
