"""Runs side by side in a window of their own: curves above, tables and takes below."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QScrollArea,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from musicgen_app.core.progress import Progress
from musicgen_app.project.runs import RunRecord
from musicgen_app.ui.compare_table import CompareTable
from musicgen_app.ui.compare_takes import CompareTakes
from musicgen_app.ui.controls import BETWEEN, CONTROL_HEIGHT, GRID, ElidedLabel, Hairline, IconButton, QuietButton
from musicgen_app.ui.forms import NumberBox
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.loss_plot import LossPlot
from musicgen_app.ui.status import time_left
from musicgen_app.ui.theme import Theme
from musicgen_app.workflow.compare import USUAL_TAKE_NOTES, Comparison

_MOST_TAKES = 4
_LONGEST = 2000
_SEEDS = 1_000_000
_AT_REST = "Takes lie in the folders of their runs, and are not made twice."


class WorkLine(QWidget):
    """The lowest line: how far the comparison is, with a button that stops it, or where its takes lie.

    Signals:
        stop_asked: It is to be stopped.
    """

    stop_asked = Signal()

    def __init__(self, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = ElidedLabel("", secondary=True)
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(180)
        self.bar.setAccessibleName("Progress of the comparison")
        self.stop = IconButton(icons, "x", "Stop comparing")
        row = QHBoxLayout(self)
        row.setContentsMargins(BETWEEN, 0, GRID, 0)
        row.setSpacing(BETWEEN)
        row.addWidget(self.words, 1)
        row.addWidget(self.bar)
        row.addWidget(self.stop)
        self.setFixedHeight(CONTROL_HEIGHT + 2)
        self.stop.clicked.connect(self.stop_asked)
        self.rest()

    def begin(self) -> None:
        """Something begins."""
        self.words.set_text("Getting ready")
        self.bar.setValue(0)
        self._show_work(True)

    def rest(self) -> None:
        """Nothing goes on."""
        self.words.set_text(_AT_REST)
        self._show_work(False)

    @Slot(object)
    def tell(self, report: object) -> None:
        """Show how far it is."""
        if isinstance(report, Progress) and not self.stop.isHidden():
            left = time_left(report.seconds_left)
            self.words.set_text(", ".join(part for part in (report.stage, report.item.lower(), left) if part))
            self.bar.setValue(round(1000 * report.done / max(1, report.total)))

    def _show_work(self, shown: bool) -> None:
        self.bar.setVisible(shown)
        self.stop.setVisible(shown)


class CompareWindow(QDialog):
    """Shows a comparison; what it is made of is somebody else's.

    Signals:
        again_asked: The comparison is to be made with the settings of the boxes.
        stop_asked: What goes on is to be stopped.
        blind_asked: The runs are to be heard without knowing which is which.
        closed: It was closed.
    """

    again_asked = Signal()
    stop_asked = Signal()
    blind_asked = Signal()
    closed = Signal()

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Compare runs")
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint)
        self.setMinimumSize(760, 520)
        self.resize(1160, 840)
        self._found: Comparison | None = None
        self.takes_box = NumberBox(0, _MOST_TAKES, 1)
        self.notes_box = NumberBox(10, _LONGEST, USUAL_TAKE_NOTES)
        self.seed_box = NumberBox(0, _SEEDS, 0)
        self.again = QuietButton("Compare", "Measure the runs and make takes of them; what is there is not made again")
        self.blind = QuietButton(
            "Blind test...", "Hear two of these runs without knowing which is which", icons, "headphones"
        )
        self.work = WorkLine(icons)
        self.plot = LossPlot(theme, icons)
        self.table = CompareTable()
        self.takes = CompareTakes(theme, icons)
        self._lay_out()
        self.again.clicked.connect(self.again_asked)
        self.blind.clicked.connect(self.blind_asked)
        self.work.stop_asked.connect(self.stop_asked)
        theme.changed.connect(self._on_theme)

    def show_runs(self, runs: Sequence[RunRecord]) -> None:
        """Show other runs' curves."""
        names = ", ".join(run.title for run in runs)
        self.setWindowTitle(f"{names} - Compare runs")
        for key in self.plot.keys:
            self.plot.remove_run(key)
        for run in runs:
            self.plot.set_run(run.id, run.title, run.losses)
        self.plot.fit()

    def show_comparison(self, found: Comparison) -> None:
        """Show what is known."""
        self._found = found
        self.table.show_comparison(found, self.plot.run_colour)
        self.takes.show_comparison(found, self.plot.run_colour)

    def set_busy(self, busy: bool) -> None:
        """Whether a comparison goes on."""
        self.again.setEnabled(not busy)
        if busy:
            self.work.begin()
        else:
            self.work.rest()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.closed.emit()
        super().closeEvent(event)

    def reject(self) -> None:
        self.close()

    def _lay_out(self) -> None:
        below = QWidget()
        inside = QVBoxLayout(below)
        inside.setContentsMargins(BETWEEN, BETWEEN, BETWEEN, BETWEEN)
        inside.setSpacing(BETWEEN)
        inside.addWidget(self.takes)
        inside.addWidget(self.table)
        inside.addStretch(1)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidget(below)
        self.area.setAccessibleName("Figures and takes")
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.setObjectName("compare")
        splitter.setChildrenCollapsible(False)
        splitter.setHandleWidth(1)
        splitter.addWidget(self.plot)
        splitter.addWidget(self.area)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([270, 520])
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addLayout(self._bar())
        rows.addWidget(Hairline())
        rows.addWidget(splitter, 1)
        rows.addWidget(Hairline())
        rows.addWidget(self.work)

    def _bar(self) -> QHBoxLayout:
        """What is asked for, and the blind test."""
        bar = QHBoxLayout()
        bar.setContentsMargins(BETWEEN, GRID, BETWEEN, GRID)
        bar.setSpacing(GRID)
        boxes = ((self.takes_box, "Takes of each"), (self.notes_box, "Notes"), (self.seed_box, "Seed"))
        for box, words in boxes:
            label = QLabel(words)
            label.setBuddy(box)
            box.setAccessibleName(words)
            box.setMinimumWidth(72)
            bar.addWidget(label)
            bar.addWidget(box)
            bar.addSpacing(GRID)
        bar.addWidget(self.again)
        bar.addStretch(1)
        bar.addWidget(self.blind)
        for button in (self.again, self.blind):
            button.setAutoDefault(False)
        return bar

    def _on_theme(self) -> None:
        if self._found is not None:
            self.show_comparison(self._found)
