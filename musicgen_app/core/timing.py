"""Ticks, seconds, beats and bars, and back, exact through tempo and metre changes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from musicgen_app.core.score import Score, TimeSignature


class TempoMap:
    """Converts between ticks and seconds for one score.

    Positions of tempo changes are summed in integers (ticks times microseconds per beat), so no error adds up over a
    piece; a tick converted to seconds and back is the same tick.
    """

    def __init__(self, score: Score) -> None:
        self._onsets: NDArray[np.int64] = score.tempos["onset"].astype(np.int64)
        self._rates: NDArray[np.int64] = score.tempos["microseconds_per_beat"].astype(np.int64)
        self._scale = 1e6 * score.ticks_per_beat
        spans = np.diff(self._onsets) * self._rates[:-1]
        self._starts: NDArray[np.int64] = np.concatenate([[0], np.cumsum(spans)]).astype(np.int64)

    def seconds(self, ticks: ArrayLike) -> NDArray[np.float64]:
        """Seconds from the beginning, same shape as ``ticks``."""
        at = np.asarray(ticks, dtype=np.int64)
        segment = np.searchsorted(self._onsets, at, side="right") - 1
        segment = np.maximum(segment, 0)
        return (self._starts[segment] + (at - self._onsets[segment]) * self._rates[segment]) / self._scale

    def second(self, tick: int) -> float:
        """Seconds from the beginning of one tick."""
        return float(self.seconds(tick))

    def ticks(self, seconds: ArrayLike) -> NDArray[np.int64]:
        """The nearest tick to each time in seconds."""
        at = np.asarray(seconds, dtype=np.float64) * self._scale
        segment = np.maximum(np.searchsorted(self._starts, at, side="right") - 1, 0)
        inside = (at - self._starts[segment]) / self._rates[segment]
        return self._onsets[segment] + np.rint(inside).astype(np.int64)

    def tick(self, second: float) -> int:
        """The nearest tick to a time in seconds."""
        return int(self.ticks(second))

    def beats_per_minute(self, tick: int) -> float:
        """The tempo in force at a tick, in quarter notes a minute."""
        segment = max(int(np.searchsorted(self._onsets, tick, side="right")) - 1, 0)
        return 60e6 / float(self._rates[segment])


@dataclass(frozen=True, slots=True)
class BarPosition:
    """A place in the metre: bar and beat count from 1, ``tick`` is what is left inside the beat."""

    bar: int
    beat: int
    tick: int


class Meter:
    """Converts between ticks and bars for one score. A change of metre inside a bar starts a new bar there."""

    def __init__(self, score: Score) -> None:
        signatures = list(score.time_signatures)
        if not signatures or signatures[0].onset > 0:
            signatures.insert(0, TimeSignature(0))
        last_at = {signature.onset: signature for signature in signatures}
        self._signatures = [last_at[onset] for onset in sorted(last_at)]
        self._ticks_per_beat = score.ticks_per_beat
        self._onsets = np.array([s.onset for s in self._signatures], dtype=np.int64)
        self._bar_lengths = np.array([self._bar_ticks(s) for s in self._signatures], dtype=np.int64)
        bars = -(-np.diff(self._onsets) // self._bar_lengths[:-1])
        self._first_bars = np.concatenate([[0], np.cumsum(bars)]).astype(np.int64)

    def _bar_ticks(self, signature: TimeSignature) -> int:
        return max(1, self._ticks_per_beat * 4 * signature.numerator // signature.denominator)

    def _segment(self, tick: int) -> int:
        return max(int(np.searchsorted(self._onsets, tick, side="right")) - 1, 0)

    def signature(self, tick: int) -> TimeSignature:
        """The time signature in force at a tick."""
        return self._signatures[self._segment(tick)]

    def beat_ticks(self, tick: int) -> int:
        """Length in ticks of the metre's beat (the denominator's note) at a tick."""
        return max(1, self._ticks_per_beat * 4 // self.signature(tick).denominator)

    def position(self, tick: int) -> BarPosition:
        """The bar, beat and rest of a tick."""
        segment = self._segment(tick)
        bars, inside = divmod(tick - int(self._onsets[segment]), int(self._bar_lengths[segment]))
        beats, rest = divmod(inside, self.beat_ticks(tick))
        return BarPosition(int(self._first_bars[segment]) + bars + 1, beats + 1, rest)

    def bar_onset(self, bar: int) -> int:
        """The tick at which bar number ``bar`` (from 1) begins."""
        segment = max(int(np.searchsorted(self._first_bars, bar - 1, side="right")) - 1, 0)
        inside = bar - 1 - int(self._first_bars[segment])
        return int(self._onsets[segment]) + inside * int(self._bar_lengths[segment])

    def bar_onsets(self, start: int, stop: int) -> NDArray[np.int64]:
        """The ticks of all bar lines in [start, stop)."""
        parts = []
        for index, onset in enumerate(self._onsets):
            length = int(self._bar_lengths[index])
            limit = int(self._onsets[index + 1]) if index + 1 < len(self._onsets) else max(stop, int(onset))
            first = int(onset) + max(0, -(-(start - int(onset)) // length)) * length
            parts.append(np.arange(first, min(limit, stop), length, dtype=np.int64))
        return np.concatenate(parts)
