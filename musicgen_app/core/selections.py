"""Ways to choose notes; each returns ascending indices into ``score.notes``."""

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from musicgen_app.core.edits import Selected
from musicgen_app.core.score import Score
from musicgen_app.core.timing import Meter


def by_pitch(score: Score, pitches: Collection[int]) -> Selected:
    """The notes of some pitches: rows of the roll."""
    return np.flatnonzero(np.isin(score.notes["pitch"], list(pitches)))


def by_track(score: Score, tracks: Collection[int]) -> Selected:
    """The notes of some tracks."""
    return np.flatnonzero(np.isin(score.notes["track"], list(tracks)))


def in_range(score: Score, start: int, stop: int) -> Selected:
    """The notes that begin in [start, stop) (ticks)."""
    first, last = np.searchsorted(score.notes["onset"], [start, stop])
    return np.arange(first, max(first, last), dtype=np.intp)


def by_bars(score: Score, first: int, last: int) -> Selected:
    """The notes that begin in the bars from ``first`` to ``last`` (counted from 1, both belong to it)."""
    meter = Meter(score)
    return in_range(score, meter.bar_onset(max(first, 1)), meter.bar_onset(max(last, 0) + 1))


def inverted(score: Score, selected: Selected) -> Selected:
    """All notes but the chosen ones."""
    others = np.ones(len(score.notes), np.bool_)
    others[selected] = False
    return np.flatnonzero(others)


def similar(
    score: Score,
    selected: Selected,
    pitch: int | None = None,
    pitch_class: bool = False,
    duration: int | None = None,
    velocity: int | None = None,
) -> Selected:
    """The notes that are, in each respect asked for, like one of the chosen ones; those are among them.

    Args:
        score: The score.
        selected: What they are compared with.
        pitch: At most so many semitones away; None: pitch does not count.
        pitch_class: Whether the pitch class must be the same, in any octave.
        duration: At most so many ticks longer or shorter; None: length does not count.
        velocity: At most so much louder or softer; None: loudness does not count.
    """
    keep = np.full(len(score.notes), len(selected) > 0)
    for name, tolerance in (("pitch", pitch), ("duration", duration), ("velocity", velocity)):
        if tolerance is not None:
            keep &= _near(score.notes[name].astype(np.int64), selected, tolerance)
    if pitch_class:
        keep &= _near(score.notes["pitch"].astype(np.int64) % 12, selected, 0)
    return np.flatnonzero(keep)


def _near(column: NDArray[np.int64], selected: Selected, tolerance: int) -> NDArray[np.bool_]:
    """Whether each value is at most so far from that of any chosen note."""
    values = np.unique(column[selected])
    if len(values) == 0:
        return np.zeros(len(column), np.bool_)
    above = np.minimum(np.searchsorted(values, column), len(values) - 1)
    below = np.maximum(above - 1, 0)
    near: NDArray[np.bool_] = np.minimum(abs(values[above] - column), abs(values[below] - column)) <= tolerance
    return near
