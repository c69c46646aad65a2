"""The figures of a training above its plot."""

import math

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QProgressBar, QVBoxLayout, QWidget

from musicgen_app.project.runs import RunRecord
from musicgen_app.project.story import duration_words
from musicgen_app.ui.controls import GRID
from musicgen_app.ui.panels import Tile
from musicgen_app.workflow.reports import BatchReport

_NOTHING = "\N{EN DASH}"
_TILES = {
    "epoch": ("Epoch", "How often the whole collection has been gone through"),
    "training": ("Training", "Loss on the pieces that are learned from, nats a note; lower is better"),
    "validation": ("Validation", "Loss on pieces that are not learned from, nats a note; lower is better"),
    "best": ("Best", "The lowest validation loss, and its epoch; this model is kept"),
    "speed": ("Notes a second", "How fast the network learns"),
    "left": ("Time left", "Estimated time to the end"),
}
_ROW_FROM = 640
"""Narrower than this, the tiles stand in two rows."""


class TrainingTiles(QWidget):
    """Six figures, and a thin bar for the epoch that is under way."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tiles = {name: Tile(title, tooltip) for name, (title, tooltip) in _TILES.items()}
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(GRID)
        self._columns = 0
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress of the epoch")
        self.bar.setRange(0, 1000)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(GRID)
        outer.addLayout(self._grid)
        outer.addWidget(self.bar)
        self._arrange(6)

    def sizeHint(self) -> QSize:
        return QSize(720, 80)

    def minimumSizeHint(self) -> QSize:
        return QSize(320, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange(6 if event.size().width() >= _ROW_FROM else 3)

    def show_run(self, run: RunRecord | None) -> None:
        """Show the figures of a run that does not go on at the moment."""
        self.bar.setValue(0)
        for tile in self.tiles.values():
            tile.set_value(_NOTHING)
        if run is None or not run.epochs:
            return
        train, validation = run.losses.at(run.epochs)
        self.show_epoch(run.epochs, run.settings.get("epochs"), train, validation)
        self.show_best(run)
        speed = run.summary.get("notes_per_second")
        if isinstance(speed, int | float):
            self.tiles["speed"].set_value(f"{speed:,.0f}")

    def show_epoch(self, epoch: int, planned: object, train: float, validation: float) -> None:
        """Show the losses of a finished epoch."""
        self._show_number(epoch, planned)
        self.tiles["training"].set_value(_loss(train))
        self.tiles["validation"].set_value(_loss(validation))

    def show_best(self, run: RunRecord) -> None:
        """Show the best loss so far and its epoch."""
        best = run.losses.best_epoch
        self.tiles["best"].set_value(_loss(run.best))
        self.tiles["best"].setToolTip(f"{_TILES['best'][1]}. Epoch {best}" if best else _TILES["best"][1])

    def show_batch(self, report: BatchReport) -> None:
        """Show how far the epoch is, how fast and how long still."""
        self._show_number(report.epoch, report.epochs)
        self.bar.setValue(round(1000 * report.batch / max(1, report.batches)))
        self.tiles["speed"].set_value(f"{report.notes_per_second:,.0f}")
        left = report.seconds_left
        self.tiles["left"].set_value(_NOTHING if left is None else duration_words(left))
        if self.tiles["training"].value() == _NOTHING:
            self.tiles["training"].set_value(_loss(report.loss))

    def show_waiting(self, waiting: bool) -> None:
        """Let the bar say that something goes on of which nobody knows how long it takes."""
        self.bar.setRange(0, 0 if waiting else 1000)

    def _show_number(self, epoch: int, planned: object) -> None:
        self.tiles["epoch"].set_value(f"{epoch} / {planned}" if planned else str(epoch))

    def _arrange(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        for place, tile in enumerate(self.tiles.values()):
            self._grid.addWidget(tile, place // columns, place % columns)
        for column in range(6):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)


def _loss(value: float) -> str:
    return _NOTHING if math.isnan(value) else f"{value:.3f}"
