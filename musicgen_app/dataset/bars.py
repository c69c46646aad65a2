"""Which bars a piece of a data set has, so that a place in it can be named as its score names it."""

from dataclasses import dataclass

from musicgen_app.core.analysis import piano_notes
from musicgen_app.core.score import Score
from musicgen_app.core.timing import Meter
from musicgen_app.tokens.grid import STEPS_PER_BEAT

Metre = tuple[tuple[int, int, int], ...]
"""Time signatures: (place in steps of 1/24 quarter, numerator, denominator)."""


@dataclass(frozen=True, slots=True)
class Bars:
    """The bars of a piece.

    Attributes:
        metre: Its time signatures; empty where there are none (then 4/4), and on a grid without beats.
        first: The bar of the file that it begins with.
    """

    metre: Metre = ()
    first: int = 1


def bars_of(score: Score, first: int) -> Bars:
    """The bars of a score that begins with bar number ``first`` of its file."""
    signatures = score.time_signatures
    beat = score.ticks_per_beat
    return Bars(tuple((s.onset * STEPS_PER_BEAT // beat, s.numerator, s.denominator) for s in signatures), first)


def first_bar(score: Score) -> int:
    """The number of the bar that the first note stands in; 1 for a score without notes."""
    onsets = piano_notes(score)["onset"]
    return Meter(score).position(int(onsets[0])).bar if len(onsets) else 1
