"""The line at the top: menus, the three tabs, the project's name."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QMenuBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from musicgen_app.ui.controls import GRID, INSIDE, ElidedLabel, Hairline


class Segments(QFrame):
    """A row of which one is chosen."""

    chosen = Signal(int)

    def __init__(self, names: tuple[str, ...], tooltips: tuple[str, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "segments")
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 2, 2, 2)
        row.setSpacing(2)
        self._group = QButtonGroup(self)
        for index, (name, tooltip) in enumerate(zip(names, tooltips, strict=True)):
            button = QPushButton(name)
            button.setProperty("kind", "tab")
            button.setCheckable(True)
            button.setToolTip(tooltip)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setMinimumWidth(124)
            self._group.addButton(button, index)
            row.addWidget(button)
        self._group.button(0).setChecked(True)
        self._group.idClicked.connect(self.chosen)

    def choose(self, index: int) -> None:
        """Show another as chosen, without a signal; the frame of the focus goes with it."""
        focused = any(button.hasFocus() for button in self._group.buttons())
        self._group.button(index).setChecked(True)
        if focused:
            self._group.button(index).setFocus()

    def button(self, index: int) -> QPushButton:
        """The button of one segment."""
        found = self._group.button(index)
        if not isinstance(found, QPushButton):
            raise IndexError(index)
        return found


class Header(QWidget):
    """Menu bar, segments in the middle, name of the project on the right."""

    def __init__(self, bar: QMenuBar, segments: Segments, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.project = ElidedLabel("", to_right=True)
        line = QWidget()
        grid = QGridLayout(line)
        grid.setContentsMargins(0, GRID, INSIDE, GRID)
        grid.addWidget(bar, 0, 0, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(segments, 0, 1, Qt.AlignmentFlag.AlignCenter)
        grid.addWidget(self.project, 0, 2, Qt.AlignmentFlag.AlignVCenter)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(2, 1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(line)
        outer.addWidget(Hairline())

    def set_project(self, title: str, unsaved: bool) -> None:
        """Show the project's name, with a star where something is not saved."""
        self.project.set_text(f"{title} *" if unsaved else title)
