"""The values under the mouse on a loss plot."""

import math

import pyqtgraph as pg
from PySide6.QtCore import QPointF

from musicgen_app.project.curves import nearest
from musicgen_app.project.plot_drawing import PlottedRun
from musicgen_app.ui.plot_legend import Legend
from musicgen_app.ui.theme import Theme


class PlotReading:
    """A line at the epoch under the mouse, whose losses the legend says.

    Args:
        plot: Where.
        legend: Says them.
    """

    def __init__(self, plot: pg.PlotWidget, legend: Legend) -> None:
        self._plot = plot
        self._legend = legend
        self._line = pg.InfiniteLine(angle=90, movable=False)
        self._line.setZValue(50)
        self._line.setVisible(False)
        plot.addItem(self._line, ignoreBounds=True)

    def dress(self, theme: Theme) -> None:
        """Take on the colours of the theme."""
        self._line.setPen(pg.mkPen(theme.colour("field_border"), width=1))

    def end(self) -> None:
        """Say nothing."""
        self._line.setVisible(False)
        self._legend.set_reading("")

    def read(self, run: PlottedRun | None, where: QPointF) -> None:
        """Say what a run has at a place in the scene; without a run, or beside the plot, nothing."""
        box = self._plot.getViewBox()
        inside = box.sceneBoundingRect().contains(where)
        if run is None or not run.shown or not inside or not len(run.curves["training"]):
            self.end()
            return
        epochs = run.curves["training"].x
        epoch = round(min(max(box.mapSceneToView(where).x(), float(epochs[0])), float(epochs[-1])))
        self._line.setValue(epoch)
        self._line.setVisible(True)
        said = [f"Epoch {epoch}"]
        for kind in ("validation", "training"):
            value = nearest(run.curves[kind], epoch)
            if math.isfinite(value):
                said.append(f"{kind} {value:.3f}")
        self._legend.set_reading("   ".join(said))
