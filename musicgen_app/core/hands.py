"""Tells the left hand from the right in piano music."""

import numpy as np
from numpy.typing import NDArray

from musicgen_app.core.edit_tracks import move_apart
from musicgen_app.core.edits import Edited, Selected
from musicgen_app.core.score import Score

MIDDLE_C = 60
LEFT_HAND = "Left hand"

_REACH = 4
"""The line between the hands looks so many half beats to both sides."""

_ONE_HAND = 7
"""What spans no more semitones within half a beat says nothing of a second hand."""

_CALM = 6.0
"""How strongly the line is drawn to middle C: as by so many semitones of span."""


def is_left(score: Score, selected: Selected) -> NDArray[np.bool_]:
    """Shape of ``selected``: whether each note lies below a line between the hands that follows the music.

    Within half a beat the line lies halfway between the lowest and the highest key; the mean over four half beats to
    both sides is taken, where wide spans count more, and middle C counts a little everywhere.
    """
    onset, pitch = score.notes["onset"][selected], score.notes["pitch"][selected].astype(np.int64)
    cell, index = np.unique(onset * 2 // score.ticks_per_beat, return_inverse=True)
    lowest, highest = np.full(len(cell), 127), np.zeros(len(cell), np.int64)
    np.minimum.at(lowest, index, pitch)
    np.maximum.at(highest, index, pitch)
    weight = np.maximum(highest - lowest - _ONE_HAND, 0).astype(np.float64)
    begin, end = np.searchsorted(cell, cell - _REACH), np.searchsorted(cell, cell + _REACH, side="right")
    weights, places = (np.append(0.0, np.cumsum(column)) for column in (weight, weight * (lowest + highest) / 2))
    line = (places[end] - places[begin] + _CALM * MIDDLE_C) / (weights[end] - weights[begin] + _CALM)
    left: NDArray[np.bool_] = pitch < line[index]
    return left


def split_hands(score: Score, selected: Selected, pitch: int | None = None) -> Edited:
    """Take the left hand's notes to a track of its own, with the sound and the pedal of the one they come from.

    Args:
        score: The score.
        selected: The notes of both hands; the left hand's are chosen afterwards.
        pitch: The lowest key of the right hand; None to let a line between the hands follow the music.
    """
    left = is_left(score, selected) if pitch is None else score.notes["pitch"][selected] < pitch
    return move_apart(score, selected[left], LEFT_HAND)
