"""The losses of one or more runs as curves: validation strong, training faint, the best epoch marked."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from PySide6.QtCore import QEvent, QObject, QPointF, QSize, QTimer, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QVBoxLayout, QWidget

from musicgen_app.project.curves import Curve, thinned
from musicgen_app.project.plot_drawing import KINDS, Extent, LossDrawing, PlottedRun, PlotView, whole_extent
from musicgen_app.project.runs import Losses
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.plot_legend import Legend
from musicgen_app.ui.plot_marks import BestPoint, ReferenceLines
from musicgen_app.ui.plot_reading import PlotReading
from musicgen_app.ui.plots import EpochAxis, dress, new_plot
from musicgen_app.ui.run_curves import RunCurves
from musicgen_app.ui.theme import Theme

REDRAWS_A_SECOND = 10
_RIGHT_END = 0.15
"""The share of the width that words at the right end may take."""


class LossPlot(QWidget):
    """A plot of losses in nats per note over epochs.

    Points may come as fast as they like: the plot is redrawn at most ten times a second, and then draws no more points
    than the screen has columns. A run keeps its colour, which follows from its number.

    Args:
        theme: Colours.
        icons: For the buttons above the plot.
        parent: Qt's owner.
        now: The clock, in seconds.
    """

    redrawn = Signal()

    def __init__(
        self, theme: Theme, icons: Icons, parent: QWidget | None = None, now: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._now = now
        self._runs: dict[int, RunCurves] = {}
        self._main: int | None = None
        self._lines: Mapping[str, float] = {}
        self._view = PlotView()
        self._follows = True
        self._last_redraw = now() - 1.0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._redraw)
        self.legend = Legend(theme, icons)
        self.plot = new_plot(theme)
        self._prepare_plot()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self.legend)
        outer.addWidget(self.plot, 1)
        self.legend.kind_toggled.connect(self.show_kind)
        self.legend.run_toggled.connect(self.show_run)
        self.legend.log_toggled.connect(self.set_log)
        self.legend.smooth_chosen.connect(self.set_smooth)
        self.legend.fit_asked.connect(self.fit)
        theme.changed.connect(self._on_theme)

    def sizeHint(self) -> QSize:
        return QSize(640, 360)

    # What is shown

    def set_run(self, key: int, title: str, losses: Losses) -> None:
        """Show the losses of a run as they are on disk; batches seen live stay."""
        run = self._run(key, title)
        run.curves["training"] = Curve(losses.epochs, losses.train)
        run.curves["validation"] = Curve(losses.epochs, losses.validation)
        self._relist()

    def remove_run(self, key: int) -> None:
        """Take a run off the plot."""
        run = self._runs.pop(key, None)
        if run is not None:
            run.remove()
            self._main = None if self._main == key else self._main
            self._relist()

    def set_main(self, key: int | None) -> None:
        """Choose the run whose best epoch is marked and whose values are read out."""
        self._main = key
        self._schedule()

    def begin(self, key: int, title: str, after: float) -> None:
        """Get ready for live points of a run that goes on after so many epochs; what was drawn beyond is taken away."""
        run = self._run(key, title)
        for kind in KINDS:
            run.curves[kind].cut(after + 1e-9)
        self._relist()

    def add_batch(self, key: int, at: float, loss: float) -> None:
        """Add the loss of a batch; ``at`` counts epochs, parts of one included."""
        if key in self._runs and math.isfinite(loss):
            self._runs[key].run.curves["batches"].append(at, loss)
            self._schedule()

    def add_epoch(self, key: int, epoch: int, train: float, validation: float | None) -> None:
        """Add the losses of a finished epoch."""
        if key in self._runs:
            self._runs[key].run.curves["training"].append(epoch, train)
            self._runs[key].run.curves["validation"].append(epoch, math.nan if validation is None else validation)
            self._schedule()

    def set_references(self, losses: Mapping[str, float]) -> None:
        """Draw lines to compare with: what the music costs without a network, by name; empty takes them away."""
        self._lines = dict(losses)
        self._schedule()

    def rename_run(self, key: int, title: str) -> None:
        """Change the name in the legend."""
        if key in self._runs:
            self._runs[key].run.title = title
            self._relist()

    @property
    def keys(self) -> tuple[int, ...]:
        """The runs on the plot."""
        return tuple(self._runs)

    def curve(self, key: int, kind: str) -> Curve:
        """The points of a curve, all of them.

        Raises:
            KeyError: There is no such run on the plot.
        """
        return self._runs[key].run.curves[kind]

    @property
    def main(self) -> int | None:
        """The chosen run."""
        return self._main

    def is_shown(self, key: int) -> bool:
        """Whether a run is on the plot and not hidden."""
        return key in self._runs and self._runs[key].run.shown

    def height_of(self, loss: float) -> float:
        """Where a loss stands on the axis."""
        return self._view.scale(loss)

    def run_colour(self, key: int) -> QColor:
        """The colour of a run, here and in tables."""
        return self._theme.series_colour(key - 1)

    # How it is shown

    def show_kind(self, kind: str, shown: bool) -> None:
        """Show or hide the curves of one kind, of all runs, or the lines to compare with."""
        kinds = self._view.kinds | {kind} if shown else self._view.kinds - {kind}
        self._view = replace(self._view, kinds=kinds)
        self._schedule()

    def show_run(self, key: int, shown: bool) -> None:
        """Show or hide the curves of one run; it stays in the legend."""
        if key in self._runs:
            self._runs[key].run.shown = shown
            self._schedule()

    @property
    def log(self) -> bool:
        """Whether the losses stand on a logarithmic axis."""
        return self._view.log

    def set_log(self, log: bool) -> None:
        """Choose between a logarithmic and a linear axis."""
        if log != self._view.log:
            self._view = replace(self._view, log=log)
            self.legend.set_log(log)
            self.plot.getAxis("left").setLogMode(log)
            self.fit()

    @property
    def smooth(self) -> int:
        """Epochs of the running mean that is drawn; up to 1 for none."""
        return self._view.smooth

    def set_smooth(self, epochs: int) -> None:
        """Draw a running mean over so many epochs, the losses themselves faintly behind it; up to 1 for none."""
        if epochs != self._view.smooth:
            self._view = replace(self._view, smooth=epochs)
            self.legend.set_smooth(epochs)
            self._schedule()

    def drawing(self) -> LossDrawing:
        """What is seen at the moment, to be written to a file."""
        (left, right), (low, high) = self.plot.viewRange()
        return replace(self._drawing(), extent=Extent(left, right, low, high))

    def fit(self) -> None:
        """Show everything, and keep doing so while points arrive."""
        self._follows = True
        self._schedule()

    @property
    def follows(self) -> bool:
        """Whether the plot keeps everything in sight; ends when a person moves or zooms it."""
        return self._follows

    def draw_now(self) -> None:
        """Redraw without waiting."""
        self._timer.stop()
        self._redraw()

    # Inside

    def _prepare_plot(self) -> None:
        self.plot.setAxisItems({"bottom": EpochAxis("bottom")})
        self.plot.setLabel("bottom", "Epoch")
        self.plot.setLabel("left", "Nats a note")
        self.plot.setAccessibleName("Losses by epoch")
        self.plot.setMinimumHeight(140)
        box = self.plot.getViewBox()
        box.disableAutoRange()
        box.setDefaultPadding(0)
        box.sigRangeChangedManually.connect(self._on_moved)
        box.sigXRangeChanged.connect(self._schedule)
        self.plot.scene().sigMouseMoved.connect(self._on_mouse)
        self.plot.installEventFilter(self)
        self._reading = PlotReading(self.plot, self.legend)
        self.references = ReferenceLines(self.plot, self._theme)
        self.best = BestPoint(self.plot, self._theme)
        self._on_theme()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Fit on a double click; stop reading values out when the mouse leaves."""
        if watched is self.plot and event.type() == QEvent.Type.Leave:
            self._reading.end()
        if watched is self.plot and event.type() == QEvent.Type.MouseButtonDblClick:
            self.fit()
        return super().eventFilter(watched, event)

    def _run(self, key: int, title: str) -> PlottedRun:
        if key not in self._runs:
            self._runs[key] = RunCurves(self.plot, PlottedRun(key, title))
        run = self._runs[key].run
        run.title = title
        return run

    def _drawing(self) -> LossDrawing:
        return LossDrawing(tuple(one.run for one in self._runs.values()), self._view, self._lines, self._main)

    def _relist(self) -> None:
        runs = [one.run for one in self._runs.values()]
        self.legend.set_runs([(run.key, run.title, self.run_colour(run.key), run.shown) for run in runs])
        self._schedule()

    def _schedule(self) -> None:
        if not self._timer.isActive():
            wait = self._last_redraw + 1 / REDRAWS_A_SECOND - self._now()
            self._timer.start(max(0, math.ceil(wait * 1000)))

    def _redraw(self) -> None:
        self._last_redraw = self._now()
        drawing = self._drawing()
        if self._follows:
            all_of_it = whole_extent(drawing)
            across, upwards = (all_of_it.left, all_of_it.right), (all_of_it.low, all_of_it.high)
            self.plot.setRange(xRange=across, yRange=upwards, padding=0)
        for key, curves in self._runs.items():
            curves.draw(self._view, self.run_colour(key), self.devicePixelRatioF())
        self._mark(drawing)
        self._timer.stop()  # the range set above asked for another redraw of the same
        self.redrawn.emit()

    def _mark(self, drawing: LossDrawing) -> None:
        """Draw the lines to compare with, and the best point of the chosen run beside their words."""
        scale = self._view.scale
        taken = self.references.draw(drawing.lines, scale, self._at_the_right_end(drawing))
        best = drawing.best()
        if best is None:
            self.best.hide()
            return
        run, epoch, loss = best
        self.best.draw(epoch, loss, scale(loss), self.run_colour(run.key), taken)

    def _at_the_right_end(self, drawing: LossDrawing) -> list[float]:
        """Where the shown curves of epochs run in the last part of the plot, on the axis."""
        low, high = self.plot.viewRange()[0]
        found: list[float] = []
        for run in drawing.seen:
            for kind in {"validation", "training"} & self._view.kinds:
                _, y = thinned(run.curves[kind], high - _RIGHT_END * (high - low), high, 20)
                found += self._view.scaled(y).tolist()
        return found

    def _on_moved(self) -> None:
        self._follows = False
        self._schedule()

    def _on_mouse(self, where: QPointF) -> None:
        curves = self._runs.get(self._main) if self._main is not None else None
        self._reading.read(None if curves is None else curves.run, where)

    def _on_theme(self) -> None:
        dress(self.plot, self._theme)
        for side, words in (("bottom", "Epoch"), ("left", "Nats a note")):
            self.plot.setLabel(side, words, color=self._theme.palette.secondary)
        self._reading.dress(self._theme)
        self._relist()
