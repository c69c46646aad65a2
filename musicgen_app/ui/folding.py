"""A row of buttons that show their icons alone where there is no room for their words."""

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from musicgen_app.ui.controls import GRID

_NARROWEST = 240


class FoldingRow(QWidget):
    """Widgets side by side in ``row``; where it is narrow the words of some buttons go, and then some widgets."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.row = QHBoxLayout(self)
        self.row.setSpacing(GRID)
        self._words: dict[QPushButton, str] = {}
        self._spare: tuple[QWidget, ...] = ()

    def fold_first(self, *buttons: QPushButton) -> None:
        """Let the words of these buttons go, the first one first; each has an icon and a tooltip."""
        for button in buttons:
            self._words[button] = button.text()
            button.setAccessibleName(button.text())
        self.fit()

    def spare_first(self, *widgets: QWidget) -> None:
        """Hide these where there is no room for the icons either, the first one first; a menu offers the same."""
        self._spare = widgets
        self.fit()

    def set_words(self, button: QPushButton, words: str) -> None:
        """Give a button other words, shown where there is room."""
        if self._words.get(button) == words:
            return
        self._words[button] = words
        button.setAccessibleName(words)
        self.fit()

    def minimumSizeHint(self) -> QSize:
        return QSize(_NARROWEST, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def fit(self) -> None:
        """Show as many words as there is room for."""
        for button, words in self._words.items():
            button.setText(words)
        for widget in self._spare:
            widget.show()
        for button in self._words:
            if self._fits:
                return
            button.setText("")
        for widget in self._spare:
            if self._fits:
                return
            widget.hide()

    @property
    def _fits(self) -> bool:
        self.row.invalidate()
        return self.row.minimumSize().width() <= self.width()
