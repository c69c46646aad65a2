"""The notes of a piece as lines of symbols that neither key nor tempo changes."""

from typing import cast

import numpy as np

from musicgen_app.core.score import Notes
from musicgen_app.generation.suffix_array import Line, Whole

_HIGHEST_STEP = 127
_SAME_MOMENT, _ANY_GAP, _STEADY = 0, 1, 6
_GAP_KINDS = 12
_BOUNDS = (1.4, 6**0.5, 2 * 6**0.5, 4 * 6**0.5)
"""Where one kind of ratio ends: about 1, about 2, 3 to 4, 6 to 8, more. No bound lies near a ratio that notation knows
(4/3 and 3/2 are 5 % away, the others 20 %), so that a copy laid on another grid keeps its kinds."""


def pitch_line(notes: Notes) -> Line:
    """The steps of a piece from note to note in semitones; a place for every note but the last."""
    return Line.plain(_steps(notes))


def rhythm_line(notes: Notes) -> Line:
    """The steps of a piece with its rhythm; a place for every note but the last.

    Each place says how far the next note is in semitones, and whether it is struck at the same moment or later. If
    later, it also says by how much this gap is longer or shorter than the last one between two moments, by kinds of
    ratios. A passage has nothing to hold its own first gap against, so that is left open.
    """
    steps = _steps(notes) * _GAP_KINDS
    gaps = np.diff(notes["onset"])
    later = np.flatnonzero(gaps)
    ratios = gaps[later[1:]] / gaps[later[:-1]]
    kinds = np.full(len(gaps), _SAME_MOMENT, dtype=np.int64)
    kinds[later[:1]] = _STEADY
    kinds[later[1:]] = _STEADY + np.searchsorted(_BOUNDS, ratios) - np.searchsorted(_BOUNDS, 1 / ratios)
    opening = np.where(gaps > 0, _ANY_GAP, _SAME_MOMENT)
    return Line(steps + kinds, steps + opening)


def _steps(notes: Notes) -> Whole:
    return cast(Whole, np.diff(notes["pitch"].astype(np.int64)) + _HIGHEST_STEP)
