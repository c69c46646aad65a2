"""Edits of pitch that know of scales or of the group: invert, snap to a scale, move by steps of it."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from musicgen_app.core.edits import HIGHEST_PITCH, Edited, Selected, arranged
from musicgen_app.core.scale import Scale, scales_in_force
from musicgen_app.core.score import Score


def invert(score: Score, selected: Selected) -> Edited:
    """Turn the chosen notes upside down: the highest becomes the lowest; twice is no change."""
    if len(selected) == 0:
        return Edited(score, selected)
    notes = score.notes.copy()
    pitch = notes["pitch"][selected].astype(np.int64)
    notes["pitch"][selected] = int(pitch.min()) + int(pitch.max()) - pitch
    return arranged(score, notes, selected)


def invert_around(score: Score, selected: Selected, axis: int) -> Edited:
    """Turn notes upside down around a pitch; one that leaves 0..127 moves back by octaves."""
    notes = score.notes.copy()
    pitch = 2 * axis - notes["pitch"][selected].astype(np.int64)
    pitch -= 12 * -(-np.maximum(pitch - HIGHEST_PITCH, 0) // 12)
    notes["pitch"][selected] = pitch + 12 * -(-np.maximum(-pitch, 0) // 12)
    return arranged(score, notes, selected)


def snap_to_scale(score: Score, selected: Selected, scale: Scale | None = None) -> Edited:
    """Pull each pitch to the nearest of a scale, the lower of two.

    Args:
        score: The score.
        selected: The notes to pull.
        scale: None for that of the key signature in force at each note (C major where there is none).
    """
    return _by_table(score, selected, scale, Scale.nearest)


def transpose_in_scale(score: Score, selected: Selected, steps: int, scale: Scale | None = None) -> Edited:
    """Shift pitches by steps of a scale (as for ``snap_to_scale``); one that leaves 0..127 moves back by octaves."""
    return _by_table(score, selected, scale, lambda own: own.shifted(steps))


def _by_table(
    score: Score, selected: Selected, scale: Scale | None, table: Callable[[Scale], NDArray[np.int64]]
) -> Edited:
    """Look each pitch up in the table of a scale, or in that of the scale in force."""
    notes = score.notes.copy()
    onsets, scales = (np.zeros(1, np.int64), [scale]) if scale is not None else scales_in_force(score)
    tables = np.stack([table(own) for own in scales])
    segment = np.searchsorted(onsets, notes["onset"][selected], side="right") - 1
    notes["pitch"][selected] = tables[segment, notes["pitch"][selected]]
    return arranged(score, notes, selected)
