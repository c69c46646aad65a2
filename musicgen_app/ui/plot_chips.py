"""The parts of the line above a loss plot: chips for curves, runs without room for a chip, and smoothing."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QColor, QFontMetrics, QIcon, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QAbstractButton, QMenu, QSizePolicy, QToolButton, QWidget

from musicgen_app.ui.controls import IconButton
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.theme import Theme, secondary_font, tabular_font

SMOOTHINGS = (0, 3, 5, 9, 25, 75)
"""Epochs; odd, so that a mean lies in the middle of what it is of."""
MORE_WIDTH = 52
_SWATCH = 16


class Chip(QAbstractButton):
    """A short line in the look of a curve, with its name; a click shows or hides the curve."""

    def __init__(
        self, theme: Theme, text: str, colour: QColor | None, width: float, alpha: int, dotted: bool = False
    ) -> None:
        super().__init__()
        self._theme = theme
        self._colour = colour
        self._width = width
        self._alpha = alpha
        self._dotted = dotted
        self.setText(text)
        self.setAccessibleName(text)
        self.setCheckable(True)
        self.setChecked(True)
        self.setFont(secondary_font(self.font()))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(QFontMetrics(self.font()).horizontalAdvance(self._shown_text()) + _SWATCH + 22, 24)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def _shown_text(self) -> str:
        return QFontMetrics(self.font()).elidedText(self.text(), Qt.TextElideMode.ElideRight, 120)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.underMouse() or self.hasFocus():
            painter.setPen(QPen(self._theme.colour("accent")) if self.hasFocus() else Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.colour("raised"))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        colour = QColor(self._colour or self._theme.colour("text"))
        colour.setAlpha(self._alpha if self.isChecked() else 40)
        middle = self.height() / 2
        pen = QPen(colour, self._width)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        if self._dotted:
            pen.setStyle(Qt.PenStyle.DotLine)
        painter.setPen(pen)
        painter.drawLine(QRectF(8, middle, _SWATCH, 0).topLeft(), QRectF(8, middle, _SWATCH, 0).topRight())
        painter.setPen(self._theme.colour("text" if self.isChecked() else "disabled"))
        words = QRectF(8 + _SWATCH + 6, 0, self.width() - _SWATCH - 16, self.height())
        painter.drawText(words, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), self._shown_text())


class SmoothButton(IconButton):
    """Chooses over how many epochs a running mean is drawn.

    Signals:
        chosen: So many epochs; 0 for none.
    """

    chosen = Signal(int)

    def __init__(self, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(icons, "spline", "Smooth the curves", checkable=True, parent=parent)
        self._epochs = 0
        self.menu_of_widths = QMenu(self)
        group = QActionGroup(self.menu_of_widths)
        for epochs in SMOOTHINGS:
            action = self.menu_of_widths.addAction(f"Mean of {epochs} epochs" if epochs else "As measured")
            action.setCheckable(True)
            action.setData(epochs)
            group.addAction(action)
        self.menu_of_widths.triggered.connect(self._on_chosen)
        self.clicked.connect(self._on_clicked)
        self.set_epochs(0)

    def set_epochs(self, epochs: int) -> None:
        """Show what is chosen."""
        self._epochs = epochs
        self.setChecked(epochs > 1)
        for action in self.menu_of_widths.actions():
            action.setChecked(action.data() == epochs)

    def _on_clicked(self) -> None:
        self.setChecked(self._epochs > 1)  # the choice decides, not the click
        self.menu_of_widths.popup(self.mapToGlobal(self.rect().bottomLeft()))

    def _on_chosen(self, action: QAction) -> None:
        self.chosen.emit(int(action.data()))


class MoreButton(QToolButton):
    """Says how many runs have no chip of their own for want of room, and lists them.

    Signals:
        toggled_run: A run of the list is to be shown or hidden (its number, whether).
    """

    toggled_run = Signal(int, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._runs: list[tuple[int, str, QColor, bool]] = []
        self.menu_of_runs = QMenu(self)
        self.menu_of_runs.aboutToShow.connect(self._fill)
        self.menu_of_runs.triggered.connect(self._on_chosen)
        self.setFont(tabular_font(secondary_font(self.font())))
        self.setFixedWidth(MORE_WIDTH)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.clicked.connect(self._on_clicked)
        self.set_runs([])

    def set_runs(self, runs: list[tuple[int, str, QColor, bool]]) -> None:
        """List these runs, as (number, title, colour, shown)."""
        self._runs = runs
        words = f"{len(runs):,} more {'run' if len(runs) == 1 else 'runs'} on the plot"
        self.setText(f"+{len(runs):,}")
        self.setAccessibleName(words)
        self.setToolTip(f"{words}. Click to hide or show one")
        self.setVisible(bool(runs))

    def _fill(self) -> None:
        self.menu_of_runs.clear()
        for key, title, colour, shown in self._runs:
            swatch = QPixmap(_SWATCH, 3)
            swatch.fill(colour)
            action = self.menu_of_runs.addAction(QIcon(swatch), title)
            action.setCheckable(True)
            action.setChecked(shown)
            action.setData(key)

    def _on_clicked(self) -> None:
        self.menu_of_runs.popup(self.mapToGlobal(self.rect().bottomLeft()))

    def _on_chosen(self, action: QAction) -> None:
        key, shown = int(action.data()), action.isChecked()
        self._runs = [(*run[:3], shown) if run[0] == key else run for run in self._runs]
        self.toggled_run.emit(key, shown)
