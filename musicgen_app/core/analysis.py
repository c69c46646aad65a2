"""What can be measured of a score: length, counts, polyphony, and whether it has a beat."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from musicgen_app.core.score import Notes, Score
from musicgen_app.core.timing import TempoMap

DURATION_CENTRES_BEATS: NDArray[np.float64] = 2.0 ** np.arange(-5, 5.5, 0.5)
"""Shape (21,): the lengths, in quarter notes, that durations are counted under, from a 128th note to 32 beats."""
DURATION_CENTRES_BEATS.flags.writeable = False

BEAT_FROM = 0.3
"""Music whose onsets agree with a beat at least this well (0 to 1) is taken to have one.

Of 345 files of all kinds, 10 piano performances recorded without a beat reach at most 0.06; what people play to a
click, with swing, mostly lies between 0.3 and 0.7, and what was drawn or quantised near 1.
"""

_FEW_ONSETS = 16


@dataclass(frozen=True, slots=True)
class Polyphony:
    """How many keys sound together.

    Attributes:
        highest: Most notes that sound at one moment.
        mean: Notes that sound at a moment, on average over the time in which any sounds.
    """

    highest: int
    mean: float


@dataclass(frozen=True, slots=True)
class Spread:
    """How some numbers are spread; the quartiles are numbers that occur.

    Attributes:
        least, lower, median, upper, most: The smallest, the quartiles, the largest.
        distinct: How many different ones there are.
    """

    least: float
    lower: float
    median: float
    upper: float
    most: float
    distinct: int


def spread(values: NDArray[np.integer[Any] | np.floating[Any]]) -> Spread | None:
    """The spread of numbers; None where there are none."""
    if len(values) == 0:
        return None
    parts = np.array([0, 0.25, 0.5, 0.75, 1])
    least, lower, median, upper, most = np.quantile(values, parts, method="inverted_cdf").tolist()
    return Spread(float(least), float(lower), float(median), float(upper), float(most), len(np.unique(values)))


def piano_notes(score: Score) -> Notes:
    """The notes of all tracks but percussion, in their order."""
    if not any(track.is_percussion for track in score.tracks):
        return score.notes
    wanted = np.array([not track.is_percussion for track in score.tracks], dtype=bool)
    chosen: Notes = score.notes[wanted[score.notes["track"]]]
    return chosen


def length_sec(score: Score) -> float:
    """Seconds until the last note has ended."""
    return TempoMap(score).second(score.end)


def pitch_range(notes: Notes) -> tuple[int, int] | None:
    """Lowest and highest pitch; None where there are no notes."""
    if len(notes) == 0:
        return None
    return int(notes["pitch"].min()), int(notes["pitch"].max())


def pitch_counts(notes: Notes) -> NDArray[np.int64]:
    """Shape (128,): notes of each pitch."""
    return np.bincount(notes["pitch"], minlength=128)


def velocity_counts(notes: Notes) -> NDArray[np.int64]:
    """Shape (128,): notes of each velocity."""
    return np.bincount(notes["velocity"], minlength=128)


def duration_counts(notes: Notes, ticks_per_beat: int) -> NDArray[np.int64]:
    """Shape (21,): notes nearest to each of ``DURATION_CENTRES_BEATS`` (on a scale of octaves)."""
    return length_counts(notes["duration"], ticks_per_beat)


def length_counts(ticks: NDArray[np.int64], ticks_per_beat: int) -> NDArray[np.int64]:
    """Shape (21,): lengths in ticks, all above 0, nearest to each of ``DURATION_CENTRES_BEATS``."""
    octaves = np.log2(ticks / ticks_per_beat)
    places = np.rint((octaves + 5) * 2).astype(np.int64)
    return np.bincount(np.clip(places, 0, len(DURATION_CENTRES_BEATS) - 1), minlength=len(DURATION_CENTRES_BEATS))


def polyphony(notes: Notes) -> Polyphony:
    """How many notes sound together, pedal aside; a note that ends where another begins does not sound with it."""
    if len(notes) == 0:
        return Polyphony(0, 0.0)
    times = np.concatenate([notes["onset"], notes["onset"] + notes["duration"]])
    changes = np.repeat(np.array([1, -1], dtype=np.int64), len(notes))
    moments, group = np.unique(times, return_inverse=True)
    sounding = np.cumsum(np.bincount(group, weights=changes)).astype(np.int64)[:-1]
    spans = np.diff(moments)[sounding > 0]
    sounding = sounding[sounding > 0]
    return Polyphony(int(sounding.max()), float((sounding * spans).sum() / spans.sum()))


def beat_strength(score: Score) -> float:
    """How well onsets agree with the beat the file claims: 1 on a grid, near 0 for music played freely.

    Onsets are laid around a circle of one third, fourth ... twenty-fourth of a beat; the length of their mean vector
    is 1 where all fall on one place and about 1/sqrt(onsets) where they fall anywhere. The best of these counts, so
    that music in triplets, and music played a little beside the grid, still has its beat.
    """
    onsets = _moments(score)
    if len(onsets) < 2:
        return 1.0
    turns = np.exp(2j * np.pi * ((onsets % score.ticks_per_beat) / score.ticks_per_beat))
    # Products of one wave are much cheaper than six waves: this is asked of every file of a collection.
    second = turns * turns
    third, fourth = second * turns, second * second
    sixth, eighth = third * third, fourth * fourth
    twelfth = sixth * sixth
    return max(float(abs(wave.mean())) for wave in (third, fourth, sixth, eighth, twelfth, twelfth * twelfth))


def _moments(score: Score) -> NDArray[np.int64]:
    """Where notes begin, each place once."""
    onsets = piano_notes(score)["onset"].astype(np.int64)
    return onsets[np.diff(onsets, prepend=-1) > 0]


def has_beat(score: Score) -> bool:
    """Whether the music lies on a metrical grid; a few onsets alone are given the benefit of the doubt."""
    onsets = _moments(score)
    return len(onsets) < _FEW_ONSETS or beat_strength(score) >= BEAT_FROM


def tempos_by_notes(score: Score) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The tempos notes are struck in (microseconds a beat, rising) and the number of notes in each."""
    segments = np.searchsorted(score.tempos["onset"], piano_notes(score)["onset"], side="right") - 1
    rates = score.tempos["microseconds_per_beat"][np.maximum(segments, 0)].astype(np.int64)
    found, counts = np.unique(rates, return_counts=True)
    return found, counts.astype(np.int64)
