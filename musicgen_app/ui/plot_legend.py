"""The line above a loss plot: which curves are shown, what is under the mouse, and how the axis runs."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLayout, QSizePolicy, QWidget

from musicgen_app.ui.controls import GRID, IconButton, SecondaryLabel
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.plot_chips import MORE_WIDTH, Chip, MoreButton, SmoothButton
from musicgen_app.ui.theme import Theme, tabular_font

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
_MOST_CHIPS = 12
_BUTTONS = 150


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
        self._listed: list[tuple[int, str, QColor, bool]] = []
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
        self.more = MoreButton()
        self.more.toggled_run.connect(self.run_toggled)
        row.addWidget(self.more)
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
        """List runs as (number, title, colour, shown). One alone needs no chip; those without room are listed."""
        if runs == self._listed:
            return
        self._listed = runs
        for chip in self._runs.values():
            self._run_row.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self._runs = {}
        for key, title, colour, shown in runs[:_MOST_CHIPS] if len(runs) > 1 else ():
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
        """Show as many chips of runs as fit; the others are counted, and listed behind their number."""
        left = self.width() - sum(chip.sizeHint().width() + 2 for chip in self._kinds.values()) - _BUTTONS
        chips = list(self._runs.values())
        widths = [chip.sizeHint().width() + 2 for chip in chips]
        everything = len(self._listed) == len(chips) and sum(widths) <= left
        room = left if everything else left - MORE_WIDTH - 2
        fitting = 0
        while fitting < len(chips) and widths[fitting] <= room:
            room -= widths[fitting]
            fitting += 1
        for place, chip in enumerate(chips):
            chip.setVisible(place < fitting)
        self.more.set_runs(self._listed[fitting:] if chips else [])

    def _on_kind(self, shown: bool) -> None:
        self.kind_toggled.emit(str(self.sender().property("curve")), shown)

    def _on_run(self, shown: bool) -> None:
        key = int(self.sender().property("run"))
        self._listed = [(*run[:3], shown) if run[0] == key else run for run in self._listed]
        self.run_toggled.emit(key, shown)

    def _repaint(self) -> None:
        for chip in (*self._kinds.values(), *self._runs.values()):
            chip.update()
