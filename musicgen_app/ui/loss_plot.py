"""The losses of one or more runs as curves: validation strong, training faint, the best epoch marked."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QPointF, QSize, QTimer, Signal
from PySide6.QtGui import QColor, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from musicgen_app.project.runs import Losses
from musicgen_app.ui.curves import Curve, lowest, nearest, thinned
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.plot_legend import Legend
from musicgen_app.ui.plot_marks import BestPoint, ReferenceLines
from musicgen_app.ui.plots import dress, faint, new_plot
from musicgen_app.ui.theme import Theme

KINDS = ("validation", "training", "batches")
REFERENCES = "references"
REDRAWS_A_SECOND = 10
_WIDTHS = {"validation": 2.0, "training": 1.4, "batches": 1.0}
_ALPHAS = {"validation": 255, "training": 130, "batches": 45}
_LEAST_SPAN = 1e-3
_RIGHT_END = 0.15
"""The share of the width that words at the right end may take."""


class EpochAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph has no types
    """An axis without parts of epochs."""

    def tickSpacing(self, low: float, high: float, size: float) -> list[tuple[float, float]]:
        whole = [(spacing, start) for spacing, start in super().tickSpacing(low, high, size) if spacing >= 1]
        return whole or [(1, 0)]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return [f"{value:,.0f}" for value in values]


@dataclass(slots=True)
class _Run:
    """What is drawn of one run."""

    key: int
    title: str
    curves: dict[str, Curve]
    items: dict[str, pg.PlotCurveItem] = field(default_factory=dict)
    shown: bool = True


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
        self._runs: dict[int, _Run] = {}
        self._main: int | None = None
        self._kinds = {*KINDS, REFERENCES}
        self._log = False
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
            for item in run.items.values():
                self.plot.removeItem(item)
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
            self._runs[key].curves["batches"].append(at, loss)
            self._schedule()

    def add_epoch(self, key: int, epoch: int, train: float, validation: float | None) -> None:
        """Add the losses of a finished epoch."""
        if key in self._runs:
            self._runs[key].curves["training"].append(epoch, train)
            self._runs[key].curves["validation"].append(epoch, math.nan if validation is None else validation)
            self._schedule()

    def set_references(self, losses: Mapping[str, float]) -> None:
        """Draw lines to compare with: what the music costs without a network, by name; empty takes them away."""
        self.references.set_losses(losses)
        self._schedule()

    def rename_run(self, key: int, title: str) -> None:
        """Change the name in the legend."""
        if key in self._runs:
            self._runs[key].title = title
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
        return self._runs[key].curves[kind]

    def run_colour(self, key: int) -> QColor:
        """The colour of a run, here and in tables."""
        return self._theme.series_colour(key - 1)

    # How it is shown

    def show_kind(self, kind: str, shown: bool) -> None:
        """Show or hide the curves of one kind, of all runs, or the lines to compare with."""
        (self._kinds.add if shown else self._kinds.discard)(kind)
        self._schedule()

    def show_run(self, key: int, shown: bool) -> None:
        """Show or hide the curves of one run; it stays in the legend."""
        if key in self._runs:
            self._runs[key].shown = shown
            self._schedule()

    @property
    def log(self) -> bool:
        """Whether the losses stand on a logarithmic axis."""
        return self._log

    def set_log(self, log: bool) -> None:
        """Choose between a logarithmic and a linear axis."""
        if log != self._log:
            self._log = log
            self.legend.set_log(log)
            self.plot.getAxis("left").setLogMode(log)
            self.fit()

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
        self._hover_line = pg.InfiniteLine(angle=90, movable=False)
        self._hover_line.setZValue(50)
        self._hover_line.setVisible(False)
        self.plot.addItem(self._hover_line, ignoreBounds=True)
        self.references = ReferenceLines(self.plot, self._theme)
        self.best = BestPoint(self.plot, self._theme)
        self._on_theme()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Fit on a double click; stop reading values out when the mouse leaves."""
        if watched is self.plot and event.type() == QEvent.Type.Leave:
            self._hover_line.setVisible(False)
            self.legend.set_reading("")
        if watched is self.plot and event.type() == QEvent.Type.MouseButtonDblClick:
            self.fit()
        return super().eventFilter(watched, event)

    def _run(self, key: int, title: str) -> _Run:
        if key not in self._runs:
            self._runs[key] = _Run(key, title, {kind: Curve() for kind in KINDS})
            for kind in reversed(KINDS):
                item = pg.PlotCurveItem(antialias=True)
                item.setZValue(10 * (len(KINDS) - KINDS.index(kind)))
                self.plot.addItem(item, ignoreBounds=True)
                self._runs[key].items[kind] = item
        self._runs[key].title = title
        return self._runs[key]

    def _relist(self) -> None:
        self.legend.set_runs([(run.key, run.title, self.run_colour(run.key), run.shown) for run in self._runs.values()])
        self._schedule()

    def _schedule(self) -> None:
        if not self._timer.isActive():
            wait = self._last_redraw + 1 / REDRAWS_A_SECOND - self._now()
            self._timer.start(max(0, math.ceil(wait * 1000)))

    def _redraw(self) -> None:
        self._last_redraw = self._now()
        if self._follows:
            self._show_all()
        low, high = self.plot.viewRange()[0]
        columns = max(50, int(self.plot.getViewBox().width()))
        for run in self._runs.values():
            strong = self._strong_kind(run)
            for kind, item in run.items.items():
                visible = run.shown and kind in self._kinds
                item.setVisible(visible)
                if visible:
                    x, y = thinned(run.curves[kind], low, high, columns)
                    # A line that fills every column is a band: smoothing its edges costs much and shows nothing.
                    dense = len(x) > columns
                    pen = self._pen(run, kind, strong, dense)
                    item.setData(x, self._scaled(y), pen=pen, antialias=not dense)
        self._mark()
        self._timer.stop()  # the range set above asked for another redraw of the same
        self.redrawn.emit()

    def _strong_kind(self, run: _Run) -> str:
        return "training" if lowest(run.curves["validation"]) is None else "validation"

    def _pen(self, run: _Run, kind: str, strong: str, dense: bool) -> QPen:
        look = "validation" if kind == strong else kind
        # pyqtgraph draws in the screen's own pixels, however small they are.
        width = 1.0 if dense else _WIDTHS[look] * self.devicePixelRatioF()
        alpha = _ALPHAS[look]
        if look == "batches":  # the more there are, the less each has to say
            alpha = min(130, max(alpha, 30_000 // max(1, len(run.curves[kind]))))
        return QPen(pg.mkPen(faint(self.run_colour(run.key), alpha), width=width))

    def _scaled(self, y: np.ndarray[tuple[int], np.dtype[np.float64]]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return np.log10(np.maximum(y, 1e-6)) if self._log else y

    def _scale(self, value: float) -> float:
        return math.log10(max(value, 1e-6)) if self._log else value

    def _show_all(self) -> None:
        extents = [extent for run in self._runs.values() if (extent := self._extent(run)) is not None]
        if not extents:
            self.plot.setRange(xRange=(0, 10), yRange=(0, 1), padding=0)
            return
        left, right = min(e[0] for e in extents), max(e[1] for e in extents)
        low, high = self._scale(min(e[2] for e in extents)), self._scale(max(e[3] for e in extents))
        low, high = self._with_references(low, high)
        wide, tall = max(right - left, 1.0), max(high - low, _LEAST_SPAN)
        self.plot.setRange(
            xRange=(left - 0.02 * wide, right + 0.03 * wide), yRange=(low - 0.08 * tall, high + 0.06 * tall), padding=0
        )

    def _with_references(self, low: float, high: float) -> tuple[float, float]:
        """A range that shows the lines to compare with too, as long as that leaves half of it to the curves."""
        most = 2 * (high - low)
        for loss in sorted(self.references.losses if self._compares() else ()):
            wider = min(low, self._scale(loss)), max(high, self._scale(loss))
            if wider[1] - wider[0] <= most:
                low, high = wider
        return low, high

    def _extent(self, run: _Run) -> tuple[float, float, float, float] | None:
        """Left, right, lowest and highest of what is shown of a run. Batches count until two epochs are over."""
        if not run.shown:
            return None
        kinds = [kind for kind in KINDS if kind in self._kinds and len(run.curves[kind])]
        if len(run.curves["training"]) >= 2 and kinds != ["batches"]:
            kinds = [kind for kind in kinds if kind != "batches"] or kinds
        known = [run.curves[kind] for kind in kinds if lowest(run.curves[kind]) is not None]
        if not known:
            return None
        last = [run.curves[kind].x[-1] for kind in KINDS if kind in self._kinds and len(run.curves[kind])]
        return (
            min(float(c.x[0]) for c in known),
            float(max(last)),
            min(float(np.nanmin(c.y)) for c in known),
            max(float(np.nanmax(c.y)) for c in known),
        )

    def _mark(self) -> None:
        """Draw the lines to compare with, and the best point of the chosen run beside their words."""
        taken = self.references.draw(self._compares(), self._scale, self._at_the_right_end())
        run = self._runs.get(self._main) if self._main is not None else None
        best = None
        if run is not None and run.shown:
            kind = self._strong_kind(run)
            best = lowest(run.curves[kind]) if kind in self._kinds else None
        if run is None or best is None:
            self.best.hide()
            return
        epoch, loss = best
        self.best.draw(epoch, loss, self._scale(loss), self.run_colour(run.key), taken)

    def _at_the_right_end(self) -> list[float]:
        """Where the shown curves of epochs run in the last part of the plot, on the axis."""
        low, high = self.plot.viewRange()[0]
        found: list[float] = []
        for run in self._runs.values():
            for kind in ("validation", "training"):
                if run.shown and kind in self._kinds:
                    _, y = thinned(run.curves[kind], high - _RIGHT_END * (high - low), high, 20)
                    found += self._scaled(y).tolist()
        return found

    def _compares(self) -> bool:
        return REFERENCES in self._kinds and bool(self._runs)

    def _on_moved(self) -> None:
        self._follows = False
        self._schedule()

    def _on_mouse(self, where: QPointF) -> None:
        run = self._runs.get(self._main) if self._main is not None else None
        box = self.plot.getViewBox()
        if (
            run is None
            or not run.shown
            or not box.sceneBoundingRect().contains(where)
            or not len(run.curves["training"])
        ):
            self._hover_line.setVisible(False)
            self.legend.set_reading("")
            return
        epochs = run.curves["training"]
        at = box.mapSceneToView(where).x()
        epoch = round(min(max(at, float(epochs.x[0])), float(epochs.x[-1])))
        self._hover_line.setValue(epoch)
        self._hover_line.setVisible(True)
        said = [f"Epoch {epoch}"]
        for kind in ("validation", "training"):
            value = nearest(run.curves[kind], epoch)
            if math.isfinite(value):
                said.append(f"{kind} {value:.3f}")
        self.legend.set_reading("   ".join(said))

    def _on_theme(self) -> None:
        dress(self.plot, self._theme)
        for side, words in (("bottom", "Epoch"), ("left", "Nats a note")):
            self.plot.setLabel(side, words, color=self._theme.palette.secondary)
        self._hover_line.setPen(pg.mkPen(self._theme.colour("field_border"), width=1))
        self._relist()
