"""The time grid that edits snap to: even steps that begin anew at every change of metre."""

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from musicgen_app.core.score import Score

WHOLE_NOTE_BEATS = 4


@dataclass(frozen=True, slots=True)
class Grid:
    """Lines at equal steps, exact also where a step is no whole number of ticks (a triplet of 100 ticks a beat).

    Attributes:
        step: Distance of two lines in ticks, at least 1.
        origins: Ticks at which the grid begins anew, ascending, the first is 0.
    """

    step: Fraction
    origins: tuple[int, ...] = (0,)

    def __post_init__(self) -> None:
        if self.step < 1:
            raise ValueError(f"A grid of {self.step} ticks is finer than a tick.")

    def floor(self, ticks: ArrayLike) -> NDArray[np.int64]:
        """The last line at or before each tick (0 for ticks below it); same shape as ``ticks``."""
        at, origin, _ = self._located(ticks)
        return origin + self._line(self._index(at - origin))

    def ceil(self, ticks: ArrayLike) -> NDArray[np.int64]:
        """The first line at or after each tick; same shape as ``ticks``."""
        at, origin, following = self._located(ticks)
        index = self._index(at - origin)
        below = origin + self._line(index)
        above = np.minimum(origin + self._line(index + 1), following)
        return np.where(below == at, below, above)

    def nearest(self, ticks: ArrayLike, swing: Fraction = Fraction(1, 2)) -> NDArray[np.int64]:
        """The line closest to each tick, the later of two equally close; same shape as ``ticks``.

        With a swing other than 1/2 every second line stands at that share of the way between its neighbours.
        """
        if swing != Fraction(1, 2):
            return self._nearest_swung(ticks, swing)
        at, _, _ = self._located(ticks)
        below, above = self.floor(at), self.ceil(at)
        return np.where(at - below < above - at, below, above)

    def after(self, tick: int) -> int:
        """The first line later than a tick."""
        return int(self.ceil(tick + 1))

    def before(self, tick: int) -> int:
        """The last line earlier than a tick; 0 at the beginning."""
        return int(self.floor(max(tick, 1) - 1))

    def lines(self, start: int, stop: int) -> NDArray[np.int64]:
        """All lines in [start, stop), ascending."""
        edges = [*self.origins, max(stop, self.origins[-1])]
        parts = []
        for origin, following in pairwise(edges):
            first = int(self._index(np.asarray(max(start - origin, 0) - 1))) + 1
            count = max(0, int((min(following, stop) - origin) / self.step) + 2 - first)
            inside = origin + self._line(np.arange(first, first + count, dtype=np.int64))
            parts.append(inside[(inside >= start) & (inside < min(following, stop))])
        return np.concatenate(parts)

    def _nearest_swung(self, ticks: ArrayLike, swing: Fraction) -> NDArray[np.int64]:
        pairs = Grid(2 * self.step, self.origins)
        at, _, following = self._located(ticks)
        below, above = pairs.floor(at), pairs.ceil(pairs.floor(at) + 1)
        way = 2 * self.step * swing
        late = np.minimum(below + (2 * way.numerator + way.denominator) // (2 * way.denominator), following)
        near = np.where(at - below < late - at, below, late)
        return np.where(abs(at - near) < above - at, near, above)

    def _located(self, ticks: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Ticks from 0 on, with the origin each belongs to and the one that follows."""
        at = np.maximum(np.asarray(ticks, dtype=np.int64), 0)
        origins = np.array([*self.origins, np.iinfo(np.int64).max], dtype=np.int64)
        segment = np.searchsorted(origins[:-1], at, side="right") - 1
        return at, origins[segment], origins[segment + 1]

    def _line(self, index: NDArray[np.int64]) -> NDArray[np.int64]:
        """Ticks from the origin of the line with a number, rounded half up."""
        return (2 * index * self.step.numerator + self.step.denominator) // (2 * self.step.denominator)

    def _index(self, inside: NDArray[np.int64]) -> NDArray[np.int64]:
        """The largest line number whose tick is at or before ``inside`` (ticks from the origin)."""
        return ((2 * inside + 1) * self.step.denominator - 1) // (2 * self.step.numerator)


def grid_of(score: Score, whole_notes: Fraction) -> Grid:
    """The grid of a score whose step is a fraction of a whole note (1/4 for quarters, 1/12 for triplet eighths)."""
    step = max(Fraction(1), whole_notes * WHOLE_NOTE_BEATS * score.ticks_per_beat)
    return Grid(step, tuple(sorted({0, *(max(0, s.onset) for s in score.time_signatures)})))
