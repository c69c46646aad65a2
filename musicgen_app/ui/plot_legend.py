"""The line above a loss plot: which curves are shown, what is under the mouse, and how the axis runs."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QColor, QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QLayout, QMenu, QSizePolicy, QWidget

from musicgen_app.ui.controls import GRID, IconButton, SecondaryLabel
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.theme import Theme, secondary_font, tabular_font

_KINDS = {
    "validation": ("Validation", "Loss on pieces that are not learned from: this is the one to watch"),
    "training": ("Training", "Loss on the pieces that are learned from, over each epoch"),
    "batches": ("Batches", "Loss of single batches while training goes on"),
    "references": (
        "Baselines",
        "What the validation pieces cost without a network: by how frequent each value is (unigram), and by what "
        "followed what in the training pieces (4-gram). A good model gets half a nat below the 4-gram",
    ),
}
_LOOKS = (("validation", 2.5, 255), ("training", 1.6, 150), ("batches", 1.2, 80), ("references", 1.2, 200))
"""Width and strength of the line of each kind."""
SMOOTHINGS = (0, 3, 5, 9, 25, 75)
"""Epochs; odd, so that a mean lies in the middle of what it is of."""
_SWATCH = 16
_MOST_RUNS = 6
_BUTTONS = 150


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


class Legend(QWidget):
    """Chips for the kinds of curves and for the runs, the values under the mouse, and buttons for the view."""

    kind_toggled = Signal(str, bool)
    run_toggled = Signal(int, bool)
    log_toggled = Signal(bool)
    smooth_chosen = Signal(int)
    fit_asked = Signal()
    export_asked = Signal()

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._kinds: dict[str, Chip] = {}
        self._runs: dict[int, Chip] = {}
        self._listed: list[tuple[int, str, str, bool]] = []
        row = QHBoxLayout(self)
        row.setContentsMargins(GRID, 4, GRID, 4)
        row.setSpacing(2)
        row.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        for kind, width, alpha in _LOOKS:
            words, tooltip = _KINDS[kind]
            chip = Chip(theme, words, None, width, alpha, dotted=kind == "references")
            chip.setToolTip(f"{tooltip}. Click to hide or show")
            chip.setProperty("curve", kind)
            chip.toggled.connect(self._on_kind)
            self._kinds[kind] = chip
            row.addWidget(chip)
        row.addSpacing(GRID)
        self._run_row = QHBoxLayout()
        self._run_row.setSpacing(2)
        row.addLayout(self._run_row)
        row.addStretch(1)
        self._reading = SecondaryLabel(wrap=False)
        self._reading.setFont(tabular_font(self._reading.font()))
        self._reading.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._reading.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._reading, 10)
        row.addSpacing(4)
        self._log = IconButton(icons, "chart-line", "Logarithmic axis", checkable=True)
        self._log.toggled.connect(self.log_toggled)
        self.smoothing = SmoothButton(icons)
        self.smoothing.chosen.connect(self.smooth_chosen)
        fit = IconButton(icons, "maximize", "Show everything (double click in the plot)")
        fit.clicked.connect(self.fit_asked)
        export = IconButton(icons, "download", "Export what is seen as a picture or a table")
        export.clicked.connect(self.export_asked)
        for button in (self._log, self.smoothing, fit, export):
            row.addWidget(button)
        theme.changed.connect(self._repaint)

    def set_runs(self, runs: list[tuple[int, str, QColor, bool]]) -> None:
        """List runs as (number, title, colour, shown). One alone needs no chip; many are left to the table."""
        listed = [(key, title, colour.name(), shown) for key, title, colour, shown in runs]
        if listed == self._listed:
            return
        self._listed = listed
        for chip in self._runs.values():
            self._run_row.removeWidget(chip)
            chip.deleteLater()
        self._runs = {}
        if not 1 < len(runs) <= _MOST_RUNS:
            return
        for key, title, colour, shown in runs:
            chip = Chip(self._theme, title, colour, 2.5, 255)
            chip.setChecked(shown)
            chip.setToolTip(f"{title}. Click to hide or show")
            chip.setProperty("run", key)
            chip.toggled.connect(self._on_run)
            self._runs[key] = chip
            self._run_row.addWidget(chip)
        self._make_room()

    def set_reading(self, text: str) -> None:
        """Show the values under the mouse."""
        if self._reading.text() != text:
            self._reading.setText(text)

    def reading(self) -> str:
        """The values that are shown."""
        return self._reading.text()

    def set_log(self, log: bool) -> None:
        """Show which axis is in use."""
        self._log.setChecked(log)

    def set_smooth(self, epochs: int) -> None:
        """Show how many epochs a running mean is over."""
        self.smoothing.set_epochs(epochs)

    def kind_chip(self, kind: str) -> Chip:
        """The chip of a kind of curve."""
        return self._kinds[kind]

    def run_chip(self, key: int) -> Chip | None:
        """The chip of a run, where it has one."""
        return self._runs.get(key)

    def sizeHint(self) -> QSize:
        return QSize(480, 36)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 36)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        """Leave the chips of the runs out where they do not fit: the table of runs has their colours too."""
        fixed = sum(chip.sizeHint().width() + 2 for chip in self._kinds.values()) + _BUTTONS
        runs = sum(chip.sizeHint().width() + 2 for chip in self._runs.values())
        for chip in self._runs.values():
            chip.setVisible(fixed + runs <= self.width())

    def _on_kind(self, shown: bool) -> None:
        self.kind_toggled.emit(str(self.sender().property("curve")), shown)

    def _on_run(self, shown: bool) -> None:
        self.run_toggled.emit(int(self.sender().property("run")), shown)

    def _repaint(self) -> None:
        for chip in (*self._kinds.values(), *self._runs.values()):
            chip.update()
