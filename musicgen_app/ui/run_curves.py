"""One run on a loss plot: its curves as Qt draws them."""

import pyqtgraph as pg
from PySide6.QtGui import QColor, QPen

from musicgen_app.project.curves import Curve, thinned
from musicgen_app.project.plot_drawing import KINDS, PlottedRun, PlotView
from musicgen_app.ui.plots import faint

_WIDTHS = {"validation": 2.0, "training": 1.4, "batches": 1.0}
_ALPHAS = {"validation": 255, "training": 130, "batches": 45}
_BEHIND = 0.28
"""What is left of a curve's strength behind its running mean."""


class RunCurves:
    """Draws a run: validation strong, training faint, behind them what they are the means of, and the batches.

    Args:
        plot: Where.
        run: What.
    """

    def __init__(self, plot: pg.PlotWidget, run: PlottedRun) -> None:
        self.run = run
        self._plot = plot
        self.items: dict[str, pg.PlotCurveItem] = {}
        self.behind: dict[str, pg.PlotCurveItem] = {}
        for place, kind in enumerate(reversed(KINDS), 1):
            self.items[kind] = self._add(10 * place)
            if kind != "batches":
                self.behind[kind] = self._add(10 * place - 5)

    def remove(self) -> None:
        """Take everything off the plot."""
        for item in (*self.items.values(), *self.behind.values()):
            self._plot.removeItem(item)

    def draw(self, view: PlotView, colour: QColor, ratio: float) -> None:
        """Draw the part that the plot shows.

        Args:
            view: How.
            colour: Of the run.
            ratio: Pixels of the screen in a logical one; pyqtgraph draws in the screen's own, however small they are.
        """
        strong = self.run.strong
        for kind, item in self.items.items():
            visible = self.run.shown and kind in view.kinds
            item.setVisible(visible)
            behind = self.behind.get(kind)
            if behind is not None:
                behind.setVisible(visible and view.smooths(kind))
            if not visible:
                continue
            look = "validation" if kind == strong else kind
            self._show(item, self.run.drawn(kind, view), view, self._colour(colour, look), _WIDTHS[look] * ratio)
            if behind is not None and view.smooths(kind):
                paler = faint(colour, round(_BEHIND * _ALPHAS[look]))
                self._show(behind, self.run.curves[kind], view, paler, ratio)

    def _add(self, height: int) -> pg.PlotCurveItem:
        item = pg.PlotCurveItem(antialias=True)
        item.setZValue(height)
        self._plot.addItem(item, ignoreBounds=True)
        return item

    def _show(self, item: pg.PlotCurveItem, curve: Curve, view: PlotView, colour: QColor, width: float) -> None:
        low, high = self._plot.viewRange()[0]
        columns = max(50, int(self._plot.getViewBox().width()))
        x, y = thinned(curve, low, high, columns)
        # A line that fills every column is a band: smoothing its edges costs much and shows nothing.
        dense = len(x) > columns
        pen = QPen(pg.mkPen(colour, width=1.0 if dense else width))
        item.setData(x, view.scaled(y), pen=pen, antialias=not dense)

    def _colour(self, colour: QColor, look: str) -> QColor:
        alpha = _ALPHAS[look]
        if look == "batches":  # the more there are, the less each has to say
            alpha = min(130, max(alpha, 30_000 // max(1, len(self.run.curves[look]))))
        return faint(colour, alpha)
