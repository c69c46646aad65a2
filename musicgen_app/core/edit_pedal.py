"""Edits of the sustain pedal of a track: draw, move, erase."""

from dataclasses import replace

import numpy as np

from musicgen_app.core.edits import LAST_TICK, Selected
from musicgen_app.core.score import PEDAL_DTYPE, Score

DOWN, UP = 127, 0


def pedal_at(score: Score, track: int, tick: int) -> int:
    """The value of a track's pedal at a tick, 0 to 127."""
    own = score.pedals[score.pedals["track"] == track]
    at = int(np.searchsorted(own["onset"], tick, side="right")) - 1
    return int(own["value"][at]) if at >= 0 else UP


def draw_pedal(score: Score, track: int, start: int, stop: int, value: int = DOWN) -> Score:
    """Hold the pedal of a track at a value in [start, stop); from ``stop`` on it is where it was before.

    Args:
        score: The score.
        track: Index of the track.
        start: Tick of one end; the ends may come in either order.
        stop: Tick of the other.
        value: 0 to 127; 0 lets it up, which erases.
    """
    start, stop = sorted((max(start, 0), max(stop, 0)))
    if start == stop:
        return score
    pedals = score.pedals
    inside = (pedals["track"] == track) & (pedals["onset"] >= start) & (pedals["onset"] <= stop)
    rows = []
    if pedal_at(score, track, start - 1) != value:
        rows.append((start, track, value))
    if pedal_at(score, track, stop) != value:
        rows.append((stop, track, pedal_at(score, track, stop)))
    return replace(score, pedals=np.concatenate([pedals[~inside], np.array(rows, dtype=PEDAL_DTYPE)]))


def erase_pedal(score: Score, track: int, start: int, stop: int) -> Score:
    """Let the pedal of a track up in [start, stop)."""
    return draw_pedal(score, track, start, stop, UP)


def move_pedal(score: Score, chosen: Selected, ticks: int) -> Score:
    """Shift changes of the pedal (indices into ``score.pedals``) in time; at tick 0 they stop as a group."""
    if len(chosen) == 0:
        return score
    pedals = score.pedals.copy()
    onset = pedals["onset"][chosen]
    pedals["onset"][chosen] = onset + min(max(ticks, -int(onset.min())), LAST_TICK - int(onset.max()))
    return replace(score, pedals=pedals)
