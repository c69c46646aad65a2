"""Edits of loudness that look at all chosen notes: compress, limit, ramp."""

import numpy as np

from musicgen_app.core.edits import Edited, Selected, set_velocity
from musicgen_app.core.score import Score


def compress_velocity(score: Score, selected: Selected, ratio: float) -> Edited:
    """Bring velocities nearer to their mean: 0 makes them equal, 1 changes nothing, above 1 sets them apart."""
    velocity = score.notes["velocity"][selected].astype(np.float64)
    mean = float(velocity.mean()) if len(velocity) else 0.0
    return set_velocity(score, selected, mean + (velocity - mean) * ratio)


def limit_velocity(score: Score, selected: Selected, low: int, high: int) -> Edited:
    """Raise what is softer than ``low`` and lower what is louder than ``high``; they may come in either order."""
    velocity = score.notes["velocity"][selected].astype(np.int64)
    return set_velocity(score, selected, np.clip(velocity, min(low, high), max(low, high)))


def ramp_velocity(score: Score, selected: Selected, start: int, end: int) -> Edited:
    """Set velocities on a straight line from the first onset to the last: a crescendo or a diminuendo."""
    onset = score.notes["onset"][selected].astype(np.float64)
    first = float(onset.min(initial=np.inf))
    way = max(float(onset.max(initial=0)) - first, 1.0)
    return set_velocity(score, selected, start + (end - start) * (onset - first) / way)
