"""Edits of the tempo map: points, ramps, and changes of a region that keep its rubato.

Tempos are given in quarter notes a minute and kept in whole microseconds a beat. A region is [start, stop) in ticks;
what follows it keeps its tempo.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from musicgen_app.core.edits import LAST_TICK
from musicgen_app.core.score import MAX_MICROSECONDS_PER_BEAT, TEMPO_DTYPE, Notes, Score

_MINUTE = 60_000_000


def microseconds(beats_per_minute: float) -> int:
    """The nearest length of a beat that a file can name."""
    return min(max(round(_MINUTE / beats_per_minute), 1), MAX_MICROSECONDS_PER_BEAT)


def set_tempo(score: Score, tick: int, beats_per_minute: float) -> Score:
    """Put a tempo point at a tick, or change the one there; it holds until the next."""
    return _with_rows(score, score.tempos[score.tempos["onset"] != tick], [(tick, microseconds(beats_per_minute))])


def remove_tempos(score: Score, start: int, stop: int) -> Score:
    """Take out the tempo points in [start, stop); the tempo before them holds on."""
    onset = score.tempos["onset"]
    return _with_rows(score, score.tempos[(onset < start) | (onset >= stop)], [])


def move_tempo(score: Score, tick: int, ticks: int) -> Score:
    """Shift the tempo point at a tick; it replaces one that stands where it goes to."""
    tempos = score.tempos
    here = tempos["onset"] == tick
    goal = min(max(tick + ticks, 0), LAST_TICK)
    moved = [(goal, rate) for rate in tempos["microseconds_per_beat"][here].tolist()]
    return _with_rows(score, tempos[~here & (tempos["onset"] != goal)], moved) if moved else score


def ramp_tempo(score: Score, start: int, stop: int, first: float, last: float, step: int) -> Score:
    """Let the tempo go evenly from one to another, in steps; from ``stop`` on the last one holds to the next point.

    Args:
        score: The score.
        start: First tick of the region; its own points are replaced.
        stop: Tick after it.
        first: Quarter notes a minute at the start.
        last: Quarter notes a minute at the stop.
        step: Ticks between the points of the ramp, at least 1.
    """
    onset = score.tempos["onset"]
    places = [*range(start, stop, max(step, 1)), stop]
    way = max(stop - start, 1)
    rows = [(place, microseconds(first + (last - first) * (place - start) / way)) for place in places]
    return _with_rows(score, score.tempos[(onset < start) | (onset > stop)], rows)


def scale_tempo(score: Score, start: int, stop: int, factor: float) -> Score:
    """Make a region faster (above 1) or slower by one factor: its tempo points keep their relation.

    Where a point would leave what a file can name, the whole region goes only as far as it can.
    """
    return _bent(score, start, stop, factor, factor, LAST_TICK)


def bend_tempo(score: Score, start: int, stop: int, first: float, last: float, step: int) -> Score:
    """Make a region faster or slower by a factor that goes evenly from ``first`` to ``last``: a ramp over a rubato.

    Args:
        score: The score.
        start: First tick of the region.
        stop: Tick after it.
        first: Factor of the tempo at the start, above 0.
        last: Factor of the tempo at the stop, above 0.
        step: Ticks between the points that are added, at least 1.
    """
    return _bent(score, start, stop, first, last, max(step, 1))


def set_mean_tempo(score: Score, start: int, stop: int, beats_per_minute: float) -> Score:
    """Give a region a mean tempo (beats by the time they take) and keep its rubato."""
    return scale_tempo(score, start, stop, beats_per_minute / mean_tempo(score, start, stop))


def mean_tempo(score: Score, start: int, stop: int) -> float:
    """Quarter notes a minute of a region: its beats by the time they take."""
    onset, rate = _region(score, start, max(stop, start + 1), LAST_TICK)
    lengths = np.diff(np.append(onset, max(stop, start + 1)))
    return _MINUTE * float(lengths.sum()) / float((lengths * rate).sum())


def _bent(score: Score, start: int, stop: int, first: float, last: float, step: int) -> Score:
    if stop <= start:
        return score
    onset, rate = _region(score, start, stop, step)
    factor = first + (last - first) * (onset - start) / (stop - start)
    wanted = rate / factor
    # One common factor keeps the relation of all points where some would leave the range.
    wanted *= min(1.0, MAX_MICROSECONDS_PER_BEAT / float(wanted.max()))
    wanted *= max(1.0, 1.0 / float(wanted.min()))
    bent = np.clip(np.rint(wanted), 1, MAX_MICROSECONDS_PER_BEAT).astype(np.int64)
    rows = list(zip(onset.tolist(), bent.tolist(), strict=True))
    tempos = score.tempos
    outside = tempos[(tempos["onset"] < start) | (tempos["onset"] >= stop)]
    if not bool(np.any(tempos["onset"] == stop)):
        rows.append((stop, int(_rate_at(score, np.array([stop]))[0])))
    return _with_rows(score, outside, rows)


def _region(score: Score, start: int, stop: int, step: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The points of a region with one at its begin and at every step, and their microseconds a beat."""
    own = score.tempos["onset"]
    places = np.union1d(own[(own >= start) & (own < stop)], np.arange(start, stop, step))
    return places, _rate_at(score, places)


def _rate_at(score: Score, ticks: NDArray[np.int64]) -> NDArray[np.int64]:
    at = np.searchsorted(score.tempos["onset"], ticks, side="right") - 1
    return score.tempos["microseconds_per_beat"][at].astype(np.int64)


def _with_rows(score: Score, tempos: Notes, rows: list[tuple[int, int]]) -> Score:
    return replace(score, tempos=np.concatenate([tempos, np.array(rows, dtype=TEMPO_DTYPE)]))
