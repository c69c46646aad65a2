"""What commands do whose parameters have to be turned into ticks, or that act on the passage of the chosen notes."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from musicgen_app.core import edit_tempo, edit_time, edit_tracks, edits
from musicgen_app.core.commands import ticks_of
from musicgen_app.core.edit_pedal import draw_pedal
from musicgen_app.core.edit_time import span
from musicgen_app.core.edits import Edited, Selected
from musicgen_app.core.errors import UsageError
from musicgen_app.core.grid import grid_of
from musicgen_app.core.score import Score

Given = Mapping[str, Any]

_MOST_POINTS = 2_000
"""Tempo points that a ramp adds at most."""


def quantise(score: Score, selected: Selected, given: Given) -> Edited:
    """Pull to the grid, so many times."""
    grid = grid_of(score, given["grid"])
    edited = Edited(score, selected)
    for _ in range(given["passes"]):
        edited = edits.quantise(edited.score, edited.selected, grid, given["strength"], given["ends"], given["swing"])
    return edited


def humanise(score: Score, selected: Selected, given: Given) -> Edited:
    """Move by at most so many milliseconds, in the mean tempo of the passage."""
    beats_per_minute = edit_tempo.mean_tempo(score, *span(score, selected))
    ticks = round(given["time"] / 60_000 * beats_per_minute * score.ticks_per_beat)
    return edit_time.humanise(score, selected, ticks, given["velocity"], given["seed"])


def move(score: Score, selected: Selected, given: Given) -> Edited:
    """Shift by steps of a note value."""
    return edits.move(score, selected, given["steps"] * ticks_of(score, given["grid"]))


def hold_pedal(score: Score, selected: Selected, value: int) -> Edited:
    """Hold the pedal of the notes' tracks at a value over the passage."""
    start, stop = span(score, selected)
    changed = score
    for track in np.unique(score.notes["track"][selected]).tolist():
        changed = draw_pedal(changed, track, start, stop, value)
    return Edited(changed, selected)


def scale_tempo(score: Score, selected: Selected, given: Given) -> Edited:
    """Make the passage faster or slower by one factor."""
    return Edited(edit_tempo.scale_tempo(score, *span(score, selected), given["percent"] / 100), selected)


def mean_tempo(score: Score, selected: Selected, given: Given) -> Edited:
    """Give the passage a mean tempo."""
    return Edited(edit_tempo.set_mean_tempo(score, *span(score, selected), given["bpm"]), selected)


def bend_tempo(score: Score, selected: Selected, given: Given) -> Edited:
    """Change the tempo of the passage evenly."""
    start, stop = span(score, selected)
    step = _tempo_step(score, start, stop)
    changed = edit_tempo.bend_tempo(score, start, stop, given["first"] / 100, given["last"] / 100, step)
    return Edited(changed, selected)


def ramp_tempo(score: Score, selected: Selected, given: Given) -> Edited:
    """Let the tempo of the passage go from one to another."""
    start, stop = span(score, selected)
    if start == stop:
        return Edited(score, selected)
    step = _tempo_step(score, start, stop)
    return Edited(edit_tempo.ramp_tempo(score, start, stop, given["first"], given["last"], step), selected)


def _tempo_step(score: Score, start: int, stop: int) -> int:
    """A quarter of a beat, or more where that would be too many points."""
    return max(score.ticks_per_beat // 4, (stop - start) // _MOST_POINTS, 1)


def move_to_track(score: Score, selected: Selected, given: Given) -> Edited:
    """Take notes to the track of a number, counted from 1.

    Raises:
        UsageError: There is no such track.
    """
    if given["track"] > len(score.tracks):
        raise UsageError(f"There is no track {given['track']}.", f"The last one is track {len(score.tracks)}.")
    return edit_tracks.move_to_track(score, selected, given["track"] - 1)


def set_program(score: Score, selected: Selected, given: Given) -> Edited:
    """Give the tracks of the notes one sound."""
    changed = score
    for track in np.unique(score.notes["track"][selected]).tolist():
        changed = edit_tracks.set_program(changed, track, given["program"])
    return Edited(changed, selected)
