"""Writes a loss plot as an SVG picture, with nothing but text: neither command nor training needs a screen for it."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from xml.sax.saxutils import escape

import numpy as np

from musicgen_app.project.curves import Curve, thinned
from musicgen_app.project.plot_drawing import (
    KINDS,
    REFERENCE_NAMES,
    Extent,
    LossDrawing,
    PlottedRun,
    apart,
    whole_extent,
)

_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 24, 16, 48
"""Room around the plot, in pixels."""
_LETTER = 6.4
"""Width of a letter of the usual size, in pixels; a text's true width depends on who shows it."""
_SIZE, _LINE = 12, 20
_SWATCH = 18
_MOST_NAMED = 40
_LONGEST_NAME = 32
_WIDTHS = {"validation": 2.2, "training": 1.5, "batches": 1.0}
_OPACITIES = {"validation": 1.0, "training": 0.5, "batches": 0.2}
_BEHIND = 0.25
"""Of the losses that are drawn behind their running mean."""


@dataclass(frozen=True, slots=True)
class PlotLook:
    """Colours of a picture, as #rrggbb.

    Attributes:
        surface: Behind everything.
        text, secondary: Of words.
        hairline: Of the grid.
        series: Of runs, by their number; they repeat after the last.
    """

    surface: str = "#ffffff"
    text: str = "#1c1e23"
    secondary: str = "#5c6170"
    hairline: str = "#d8dae0"
    series: tuple[str, ...] = (
        "#2560cc",
        "#b0700a",
        "#17784a",
        "#7a45c4",
        "#c2502d",
        "#0f7f8c",
        "#b23a86",
        "#6b6f1a",
    )

    def colour(self, key: int) -> str:
        """The colour of a run."""
        return self.series[(key - 1) % len(self.series)]


def plot_svg(drawing: LossDrawing, look: PlotLook | None = None, size: tuple[int, int] = (1200, 700)) -> str:
    """The plot as it is seen, with a line that says which run is which.

    Args:
        drawing: What is seen.
        look: Colours; those of the light theme where None.
        size: Width and height in pixels.
    """
    return _Picture(drawing, look or PlotLook(), *size).text()


class _Picture:
    def __init__(self, drawing: LossDrawing, look: PlotLook, width: int, height: int) -> None:
        self._drawing = drawing
        self._view = drawing.view
        self._look = look
        self._width, self._height = width, height
        self._extent: Extent = drawing.extent or whole_extent(drawing)
        self._names = _legend(drawing, width - _LEFT - _RIGHT)
        self._top = _TOP + _LINE * len(self._names) + 8
        self._bottom = height - _BOTTOM
        self._right = width - _RIGHT

    def text(self) -> str:
        """The whole file."""
        width, height, look = self._width, self._height, self._look
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="{_SIZE}">',
            "<title>Losses by epoch</title>",
            f'<rect width="{width}" height="{height}" fill="{look.surface}"/>',
            *self._grid(),
            *self._curves(),
            *self._lines(),
            *self._best_line(),
            *self._margins(),
            *self._axes(),
            *self._line_names(),
            *self._best_words(),
            *self._legend(),
            "</svg>",
        ]
        return "\n".join(parts) + "\n"

    def _x(self, epoch: float) -> float:
        extent = self._extent
        return _LEFT + (epoch - extent.left) / (extent.right - extent.left) * (self._right - _LEFT)

    def _y(self, loss: float) -> float:
        """Where a loss stands, in pixels."""
        return self._at(self._view.scale(loss))

    def _at(self, place: float) -> float:
        extent = self._extent
        return self._bottom - (place - extent.low) / (extent.high - extent.low) * (self._bottom - self._top)

    def _ticks(self) -> list[float]:
        """Losses to name at the left."""
        extent = self._extent
        if not self._view.log:
            return nice(extent.low, extent.high, (self._bottom - self._top) / 60)
        low, high = 10.0**extent.low, 10.0**extent.high
        decades = range(math.floor(extent.low), math.ceil(extent.high) + 1)
        found = [part * 10.0**decade for decade in decades for part in (1, 2, 5)]
        found = [loss for loss in found if low <= loss <= high]
        return found if len(found) > 2 else nice(low, high, (self._bottom - self._top) / 60)

    def _grid(self) -> Iterator[str]:
        for loss in self._ticks():
            yield _line((_LEFT, self._y(loss)), (self._right, self._y(loss)), self._look.hairline, 1)

    def _curves(self) -> Iterator[str]:
        for kind in reversed(KINDS):
            if kind not in self._view.kinds:
                continue
            for run in self._drawing.seen:
                if self._view.smooths(kind):
                    yield self._curve(run, kind, run.curves[kind], behind=True)
                yield self._curve(run, kind, run.drawn(kind, self._view))

    def _curve(self, run: PlottedRun, kind: str, curve: Curve, behind: bool = False) -> str:
        extent = self._extent
        x, y = thinned(curve, extent.left, extent.right, 2 * (self._right - _LEFT))
        if not len(x):
            return ""
        look = "validation" if kind == run.strong else kind
        width, opacity = (1.0, _BEHIND * _OPACITIES[look]) if behind else (_WIDTHS[look], _OPACITIES[look])
        across = _LEFT + (x - extent.left) / (extent.right - extent.left) * (self._right - _LEFT)
        places = (self._view.scaled(y) - extent.low) / (extent.high - extent.low)
        # What lies beyond is hidden by the margins, but not every program draws what is a mile away.
        down = np.clip(self._bottom - places * (self._bottom - self._top), -4 * self._height, 5 * self._height)
        colour = self._look.colour(run.key)
        if len(x) == 1:
            dot = f'cx="{across[0]:.1f}" cy="{down[0]:.1f}" r="{width + 0.5:.1f}"'
            return f'<circle {dot} fill="{colour}" fill-opacity="{opacity:.3g}"/>'
        points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(across.tolist(), down.tolist(), strict=True))
        stroke = f'stroke="{colour}" stroke-opacity="{opacity:.3g}" stroke-width="{width:g}"'
        return f'<polyline points="{points}" fill="none" {stroke} stroke-linejoin="round"/>'

    def _lines(self) -> Iterator[str]:
        for _, loss in self._drawing.lines:
            y = self._y(loss)
            if self._top <= y <= self._bottom:
                yield _line((_LEFT, y), (self._right, y), self._look.secondary, 1, "2 3")

    def _best_line(self) -> Iterator[str]:
        best = self._drawing.best()
        if best is not None:
            x = self._x(best[1])
            yield _line((x, self._top), (x, self._bottom), self._look.colour(best[0].key), 1, "5 4", 0.5)

    def _margins(self) -> Iterator[str]:
        """Cover what runs out of the plot; not every program knows how to clip."""
        width, height = self._width, self._height
        for x, y, w, h in (
            (0, 0, width, self._top),
            (0, self._bottom, width, height - self._bottom),
            (0, 0, _LEFT, height),
            (self._right, 0, width - self._right, height),
        ):
            yield f'<rect x="{x}" y="{y}" width="{w}" height="{h}" fill="{self._look.surface}"/>'

    def _axes(self) -> Iterator[str]:
        grey, extent = self._look.secondary, self._extent
        yield _line((_LEFT, self._bottom), (self._right, self._bottom), self._look.hairline, 1)
        yield _line((_LEFT, self._top), (_LEFT, self._bottom), self._look.hairline, 1)
        for loss in self._ticks():
            yield _words(_LEFT - 8, self._y(loss) + 4, f"{loss:.6g}", grey, "end")
        for epoch in nice(extent.left, extent.right, (self._right - _LEFT) / 90, least=1):
            yield _words(self._x(epoch), self._bottom + 18, f"{epoch:,.0f}", grey, "middle")
        yield _words((_LEFT + self._right) / 2, self._height - 10, "Epoch", grey, "middle")
        middle = (self._top + self._bottom) / 2
        turned = f'transform="rotate(-90 16 {middle:.1f})"'
        yield _words(16, middle, "Nats a note" + (", logarithmic" if self._view.log else ""), grey, "middle", turned)

    def _line_names(self) -> Iterator[str]:
        lines = self._drawing.lines
        if lines:
            wanted = [self._y(loss) - 10 for _, loss in lines]
            for (name, loss), y in zip(lines, apart(wanted, 16, self._top + 8, self._bottom - 8), strict=True):
                at = self._y(loss)
                arrow = "\N{UPWARDS ARROW} " if at < self._top else "\N{DOWNWARDS ARROW} " if at > self._bottom else ""
                words = f"{arrow}{REFERENCE_NAMES[name]} {loss:.2f}"
                yield self._backing(self._right - 4, y + 4, words, "end")
                yield _words(self._right - 4, y + 4, words, self._look.secondary, "end")

    def _best_words(self) -> Iterator[str]:
        best = self._drawing.best()
        if best is None:
            return
        run, epoch, loss = best
        x, y = self._x(epoch), self._y(loss)
        if not (_LEFT <= x <= self._right and self._top <= y <= self._bottom):
            return
        colour, surface = self._look.colour(run.key), self._look.surface
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{colour}" stroke="{surface}" stroke-width="2"/>'
        left = x > (_LEFT + self._right) / 2
        below = y + 20 < self._bottom
        words = f"Best: {loss:.3f} in epoch {epoch:.0f}"
        across, down, side = (x - 10 if left else x + 10), (y + 18 if below else y - 12), "end" if left else "start"
        yield self._backing(across, down, words, side)
        yield _words(across, down, words, self._look.text, side)

    def _backing(self, x: float, y: float, words: str, side: str) -> str:
        """Let words be read where lines run behind them."""
        width = _LETTER * len(words) + 4
        left = x + 2 - width if side == "end" else x - 2
        place = f'x="{left:.1f}" y="{y - 11:.1f}" width="{width:.1f}" height="15"'
        return f'<rect {place} fill="{self._look.surface}" fill-opacity="0.75"/>'

    def _legend(self) -> Iterator[str]:
        for row, names in enumerate(self._names):
            x, y = float(_LEFT), _TOP + _LINE * row + 8
            for key, name in names:
                if key is not None:
                    yield _line((x, y - 4), (x + _SWATCH, y - 4), self._look.colour(key), 2.5)
                    x += _SWATCH + 6
                yield _words(x, y, name, self._look.text if key is not None else self._look.secondary)
                x += _LETTER * len(name) + 18


def nice(low: float, high: float, count: float, least: float = 0.0) -> list[float]:
    """Round numbers in a range.

    Args:
        low: Where it begins.
        high: Where it ends.
        count: About how many.
        least: No smaller step is taken.
    """
    rough = max((high - low) / max(1.0, count), 1e-12)
    power = 10.0 ** math.floor(math.log10(rough))
    step = max(least, next(part * power for part in (1, 2, 5, 10) if part * power >= rough * 0.999))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [number * step for number in range(first, last + 1)]


def _legend(drawing: LossDrawing, room: float) -> list[list[tuple[int | None, str]]]:
    """What stands above the plot, in rows: the runs with their colours, then how the curves are drawn."""
    runs = drawing.seen
    entries: list[tuple[int | None, str]] = [(run.key, _short(run.title)) for run in runs[:_MOST_NAMED]]
    if len(runs) > _MOST_NAMED:
        entries.append((None, f"and {len(runs) - _MOST_NAMED:,} more"))
    held_out = any(run.strong == "validation" for run in runs)
    if held_out and {"validation", "training"} <= drawing.view.kinds:
        entries.append((None, "strong: validation, faint: training"))
    if drawing.view.smooth > 1 and runs:
        entries.append((None, f"mean of {drawing.view.smooth} epochs"))
    rows: list[list[tuple[int | None, str]]] = []
    left = 0.0
    for key, name in entries:
        width = _LETTER * len(name) + 18 + (_SWATCH + 6 if key is not None else 0)
        if not rows or left < width:
            rows.append([])
            left = room
        rows[-1].append((key, name))
        left -= width
    return rows


def _short(title: str) -> str:
    return title if len(title) <= _LONGEST_NAME else f"{title[: _LONGEST_NAME - 1]}\N{HORIZONTAL ELLIPSIS}"


def _line(
    start: tuple[float, float], end: tuple[float, float], colour: str, width: float, dashes: str = "", alpha: float = 1
) -> str:
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    seen = f' stroke-opacity="{alpha:g}"' if alpha < 1 else ""
    places = f'x1="{start[0]:.1f}" y1="{start[1]:.1f}" x2="{end[0]:.1f}" y2="{end[1]:.1f}"'
    return f'<line {places} stroke="{colour}" stroke-width="{width:g}"{dashed}{seen}/>'


def _words(x: float, y: float, words: str, colour: str, anchor: str = "start", further: str = "") -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    # Control characters have no place in XML, and a title may hold any.
    printable = "".join(letter if letter.isprintable() else " " for letter in words)
    return f'<text {place} fill="{colour}"{" " + further if further else ""}>{escape(printable)}</text>'
