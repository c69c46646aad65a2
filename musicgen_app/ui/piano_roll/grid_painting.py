"""Paints what lies behind the notes: rows of the keys, bar, beat and grid lines."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from musicgen_app.core.grid import Grid
from musicgen_app.core.scale import Scale
from musicgen_app.core.timing import Meter
from musicgen_app.ui.piano_roll.canvas import Canvas
from musicgen_app.ui.piano_roll.colours import faded
from musicgen_app.ui.piano_roll.coordinates import PITCHES, Viewport
from musicgen_app.ui.piano_roll.note_names import is_black

_CLOSEST_LINES, _CLOSEST_BARS = 9.0, 14.0
"""Logical pixels below which lines of one kind are left out, or bars thinned."""


@dataclass(frozen=True, slots=True)
class BarLines:
    """The bars of a stretch of music.

    Attributes:
        numbers: Bar numbers from 1, ascending, shape (bars,).
        onsets: Their ticks.
        stride: Only every so many bars is listed, a power of two.
    """

    numbers: NDArray[np.int64]
    onsets: NDArray[np.int64]
    stride: int


def bar_lines(meter: Meter, view: Viewport, closest: float) -> BarLines:
    """The bars seen, thinned so that two are at least ``closest`` pixels apart."""
    start = max(0, int(view.left))
    first = meter.position(start).bar
    onsets = meter.bar_onsets(meter.bar_onset(first), max(int(view.right) + 1, 1))
    numbers = first + np.arange(len(onsets), dtype=np.int64)
    width = float(np.median(np.diff(onsets))) / view.ticks_per_pixel if len(onsets) > 1 else closest
    stride = 1
    while stride * width < closest:
        stride *= 2
    keep = (numbers - 1) % stride == 0
    return BarLines(numbers[keep], onsets[keep], stride)


def beat_onsets(meter: Meter, bars: BarLines, end: float) -> NDArray[np.int64]:
    """Ticks of the beats inside bars, without the bar lines themselves."""
    parts = [np.empty(0, np.int64)]
    edges = [*bars.onsets.tolist(), int(end) + 1]
    for onset, following in pairwise(edges):
        step = meter.beat_ticks(onset)
        parts.append(np.arange(onset + step, following, step, dtype=np.int64))
    return np.concatenate(parts)


def paint_rows(canvas: Canvas) -> None:
    """Fill the rows of white and black keys; a line stands below each C and each F."""
    view, colours = canvas.view, canvas.colours
    canvas.fill(0, 0, view.width, view.height, colours.white_row)
    for pitch in range(view.lowest, view.highest + 1):
        row = PITCHES - 1 - pitch
        y, below = view.row_edge(row), view.row_edge(row + 1)
        if is_black(pitch):
            canvas.fill(0, y, view.width, below - y, colours.black_row)
        elif pitch % 12 == 0:
            canvas.fill(0, below - canvas.hair, view.width, canvas.hair, colours.octave)
        elif pitch % 12 == 5 and view.row_height >= 6 * canvas.ratio:
            canvas.fill(0, below - canvas.hair, view.width, canvas.hair, colours.beat)


def paint_scales(canvas: Canvas, onsets: NDArray[np.int64], scales: list[Scale]) -> None:
    """Dim the rows that do not belong to the scale in force, from each scale's beginning to the next."""
    view = canvas.view
    shade = faded(canvas.colours.secondary, 0.14)
    edges = [round(view.x(tick)) for tick in onsets.tolist()] + [view.width]
    for place, scale in enumerate(scales):
        left, right = max(edges[place], 0), min(edges[place + 1], view.width)
        if right <= left:
            continue
        inside = scale.members()
        for pitch in range(view.lowest, view.highest + 1):
            if not inside[pitch]:
                row = PITCHES - 1 - pitch
                y, below = view.row_edge(row), view.row_edge(row + 1)
                canvas.fill(left, y, right - left, below - y, shade)
            elif (pitch - scale.root) % 12 == 0:
                row = PITCHES - 1 - pitch
                y, below = view.row_edge(row), view.row_edge(row + 1)
                canvas.fill(left, y, right - left, below - y, faded(canvas.colours.accent, 0.07))


def paint_lines(canvas: Canvas, meter: Meter, grid: Grid | None) -> None:
    """Draw grid, beat and bar lines from top to bottom, the finest only where there is room."""
    view = canvas.view
    closest = _CLOSEST_LINES * canvas.ratio
    bars = bar_lines(meter, view, _CLOSEST_BARS * canvas.ratio)
    start, stop = max(0, int(view.left)), int(view.right) + 1
    if grid is not None and float(grid.step) / view.ticks_per_pixel >= closest:
        _verticals(canvas, grid.lines(start, max(stop, start)), "step")
    beat = meter.beat_ticks(start) / view.ticks_per_pixel
    if bars.stride == 1 and beat >= closest:
        _verticals(canvas, beat_onsets(meter, bars, view.right), "beat")
    roomy = bars.stride == 1 and beat >= closest / 2
    _verticals(canvas, bars.onsets, "bar" if roomy else "octave")


def _verticals(canvas: Canvas, ticks: NDArray[np.int64], colour: str) -> None:
    shade = getattr(canvas.colours, colour)
    for x in np.rint(canvas.view.xs(ticks)).astype(np.int64).tolist():
        if 0 <= x < canvas.view.width:
            canvas.fill(x, 0, canvas.hair, canvas.view.height, shade)
