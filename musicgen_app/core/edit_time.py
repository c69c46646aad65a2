"""Edits of when notes sound: stretch, reverse, humanise. The pedal may go with them."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from musicgen_app.core.edits import LAST_TICK, Edited, Selected, arranged
from musicgen_app.core.score import PEDAL_DTYPE, Notes, Score


def span(score: Score, selected: Selected) -> tuple[int, int]:
    """The first onset and the last end of the chosen notes; (0, 0) for none."""
    if len(selected) == 0:
        return 0, 0
    onset, duration = score.notes["onset"][selected], score.notes["duration"][selected]
    return int(onset.min()), int((onset + duration).max())


def stretch(score: Score, selected: Selected, factor: Fraction, pedals: bool = True) -> Edited:
    """Multiply all times, counted from the first chosen note; 2 doubles them, 1/2 halves them.

    Args:
        score: The score.
        selected: The notes to stretch.
        factor: Above 0. What comes out is rounded to ticks, half a tick up.
        pedals: Whether the pedal goes along, in the tracks of the notes and as far as they reach; where all notes of a
            track are chosen, to its end.
    """
    if len(selected) == 0:
        return Edited(score, selected)
    first, last = span(score, selected)

    def moved(ticks: NDArray[np.int64]) -> NDArray[np.int64]:
        # Beyond the last tick there is nothing to be exact about, and no overflow either.
        far = np.minimum(ticks - first, int(LAST_TICK / factor) + 1)
        away: NDArray[np.int64] = (2 * far * factor.numerator + factor.denominator) // (2 * factor.denominator)
        return np.minimum(first + away, LAST_TICK)

    notes = score.notes.copy()
    onset, duration = notes["onset"][selected], notes["duration"][selected]
    start = moved(onset)
    notes["onset"][selected] = start
    notes["duration"][selected] = np.maximum(moved(onset + duration) - start, 1)
    if pedals:
        touched = score.pedals.copy()
        along = _pedals_along(score, selected, first, last)
        touched["onset"][along] = moved(touched["onset"][along])
        score = replace(score, pedals=touched)
    return arranged(score, notes, selected)


def _pedals_along(score: Score, selected: Selected, first: int, last: int) -> NDArray[np.bool_]:
    """Which pedal events belong to the chosen notes, which reach from ``first`` to ``last``."""
    counts = np.bincount(score.notes["track"], minlength=len(score.tracks))
    chosen = np.bincount(score.notes["track"][selected], minlength=len(score.tracks))
    track, onset = score.pedals["track"], score.pedals["onset"]
    # The pedals of a track that is not there are nobody's.
    reach = np.append(np.where(chosen == counts, LAST_TICK, last), -1)
    reach[:-1][chosen == 0] = -1
    inside: NDArray[np.bool_] = (onset >= first) & (onset <= reach[np.minimum(track, len(score.tracks))])
    return inside


def reverse(score: Score, selected: Selected, pedals: bool = False) -> Edited:
    """Let the last end be the first onset, and so on; twice is no change.

    Args:
        score: The score.
        selected: The notes to play backwards.
        pedals: Whether the pedal between the first onset and the last end goes backwards too, in the tracks of the
            notes: it is down where it was down. Where it is not in the same position at both ends, a change is added
            at each.
    """
    first, last = span(score, selected)
    notes = score.notes.copy()
    notes["onset"][selected] = first + last - notes["onset"][selected] - notes["duration"][selected]
    if pedals:
        parts = [score.pedals]
        for track in np.unique(score.notes["track"][selected]).tolist():
            parts = [_with_backward_pedal(np.concatenate(parts), track, first, last)]
        score = replace(score, pedals=np.concatenate(parts))
    return arranged(score, notes, selected)


def _with_backward_pedal(pedals: Notes, track: int, first: int, last: int) -> Notes:
    own = pedals["track"] == track
    inside = own & (pedals["onset"] >= first) & (pedals["onset"] <= last)
    before = pedals["value"][own & (pedals["onset"] < first)]
    at_first = int(before[-1]) if len(before) else 0
    events = pedals[inside]
    values = [at_first, *events["value"].tolist()]
    rows = [
        (first + last - onset, track, value) for onset, value in zip(events["onset"].tolist(), values, strict=False)
    ]
    rows.reverse()
    if values[-1] != at_first:
        rows = [(first, track, values[-1]), *rows, (last, track, values[-1])]
    return np.concatenate([pedals[~inside], np.array(rows, dtype=PEDAL_DTYPE)])


def humanise(score: Score, selected: Selected, ticks: int, velocity: int, seed: int) -> Edited:
    """Move onsets and velocities a little, each by a random amount of at most so much; the same seed, the same notes.

    A note keeps its length. Nothing begins before 0.
    """
    chosen = np.sort(selected)
    rng = np.random.default_rng(seed)
    late = rng.integers(-ticks, ticks, len(chosen), endpoint=True)
    louder = rng.integers(-velocity, velocity, len(chosen), endpoint=True)
    notes = score.notes.copy()
    notes["onset"][chosen] = np.clip(notes["onset"][chosen] + late, 0, LAST_TICK)
    notes["velocity"][chosen] = np.clip(notes["velocity"][chosen] + louder, 1, 127)
    return arranged(score, notes, chosen)
