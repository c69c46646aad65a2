"""How pyqtgraph's plots look in the program's theme."""

import pyqtgraph as pg
from PySide6.QtGui import QColor, QFont

from musicgen_app.ui.theme import SECONDARY_POINTS, Theme, secondary_font


class EpochAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph has no types
    """An axis without parts of epochs."""

    def tickSpacing(self, low: float, high: float, size: float) -> list[tuple[float, float]]:
        whole = [(spacing, start) for spacing, start in super().tickSpacing(low, high, size) if spacing >= 1]
        return whole or [(1, 0)]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return [f"{value:,.0f}" for value in values]


def new_plot(theme: Theme) -> pg.PlotWidget:
    """A plot dressed in the theme, without menus and buttons of pyqtgraph's own; call ``dress`` after a change."""
    plot = pg.PlotWidget(background=theme.palette.surface)
    plot.setMenuEnabled(False)
    plot.hideButtons()
    plot.setAntialiasing(True)
    dress(plot, theme)
    return plot


def dress(plot: pg.PlotWidget, theme: Theme) -> None:
    """Put a plot into the colours of the theme."""
    plot.setBackground(theme.palette.surface)
    font = secondary_font(QFont())
    font.setPointSize(SECONDARY_POINTS - 1)
    for side in ("left", "bottom"):
        axis = plot.getAxis(side)
        axis.setPen(pg.mkPen(theme.colour("hairline")))
        axis.setTextPen(pg.mkPen(theme.colour("secondary")))
        axis.setTickFont(font)
        axis.setStyle(tickLength=-4)
    plot.showGrid(x=False, y=True, alpha=0.15 if theme.dark else 0.2)


def faint(colour: QColor, alpha: int) -> QColor:
    """The colour, seen through (alpha 0 to 255)."""
    fainter = QColor(colour)
    fainter.setAlpha(alpha)
    return fainter
