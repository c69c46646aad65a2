"""Finds the time grid that notes lie on, and how far they are from it."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from musicgen_app.core.analysis import has_beat, piano_notes
from musicgen_app.core.edits import everything, quantise
from musicgen_app.core.grid import WHOLE_NOTE_BEATS, grid_of
from musicgen_app.core.score import Score
from musicgen_app.core.timing import TempoMap

GRID_NAMES = {
    Fraction(1, 4): "1/4",
    Fraction(1, 8): "1/8",
    Fraction(1, 12): "1/8 triplets",
    Fraction(1, 16): "1/16",
    Fraction(1, 24): "1/16 triplets",
    Fraction(1, 32): "1/32",
    Fraction(1, 48): "1/48",
}
"""The grids that are looked for, as parts of a whole note; the last holds sixteenths and triplets."""

_UNHEARD = 1 / 1536
"""Of a whole note: errors below this (1.3 ms at 120 beats a minute) do not speak for a finer grid."""
_AS_BY_CHANCE = 0.8
"""An error of at least this part of what notes anywhere would have says that there is no grid."""


@dataclass(frozen=True, slots=True)
class GridFit:
    """How well notes lie on a grid.

    Attributes:
        step: Distance of two lines, as part of a whole note.
        mean_ticks, wide_ticks, most_ticks: How far onsets are from their nearest line: on average, at most for 95 of
            100, and at most.
        mean_ms, wide_ms, most_ms: The same in milliseconds.
    """

    step: Fraction
    mean_ticks: float
    wide_ticks: float
    most_ticks: float
    mean_ms: float
    wide_ms: float
    most_ms: float

    @property
    def name(self) -> str:
        """The grid in words."""
        return GRID_NAMES[self.step]


def detected_grid(score: Score) -> GridFit | None:
    """The grid the notes lie on; None where they follow none.

    A finer grid is always nearer. It is believed where it lessens the mean square error by more than chance would:
    twice the lines would halve that of notes that lie anywhere.
    """
    onsets = piano_notes(score)["onset"]
    if len(onsets) == 0 or not has_beat(score):
        return None
    whole = WHOLE_NOTE_BEATS * score.ticks_per_beat
    errors = {}
    for step in GRID_NAMES:
        away = (onsets - grid_of(score, step).nearest(onsets)) / whole
        errors[step] = float(np.sqrt((away**2).mean()))
    best = min(errors, key=lambda step: (errors[step] + _UNHEARD) / step)
    if errors[best] >= _AS_BY_CHANCE * best / np.sqrt(12):
        return None
    return _fit(score, best)


def _fit(score: Score, step: Fraction) -> GridFit:
    onsets = piano_notes(score)["onset"]
    lines = grid_of(score, step).nearest(onsets)
    seconds = TempoMap(score).seconds
    ticks = abs(onsets - lines)
    ms = 1000 * abs(seconds(onsets) - seconds(lines))
    return GridFit(
        step,
        *(float(value) for value in (ticks.mean(), np.quantile(ticks, 0.95), ticks.max())),
        *(float(value) for value in (ms.mean(), np.quantile(ms, 0.95), ms.max())),
    )


def quantised(score: Score, fit: GridFit) -> Score:
    """All notes on the lines of a grid; each keeps its length."""
    return quantise(score, everything(score), grid_of(score, fit.step)).score
