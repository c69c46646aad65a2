"""The beats of a score as clicks: beside the music, and before it."""

from typing import NamedTuple

from musicgen_app.core.score import Score
from musicgen_app.core.timing import Meter, TempoMap

_NEAREST_SEC = 0.03
"""Beats of a tempo that no ear counts are left out."""


class Beat(NamedTuple):
    """One beat of the metre.

    Attributes:
        second: When it is due, in seconds of the score.
        accent: Whether a bar begins there.
    """

    second: float
    accent: bool


class Beats:
    """Finds the beats of one score, which go on beyond its end."""

    def __init__(self, score: Score) -> None:
        self._meter = Meter(score)
        self._tempo = TempoMap(score)
        self._ticks_per_beat = score.ticks_per_beat

    def first(self, second: float) -> Beat:
        """The first beat at or after a time."""
        tick = self._beat_from(max(self._tempo.tick(second), 0))
        beat = self._beat(tick)
        return beat if beat.second >= second else self._beat(self._beat_from(tick + 1))

    def after(self, beat: Beat) -> Beat:
        """The beat after a beat."""
        tick = self._tempo.tick(beat.second)
        return self._beat(self._beat_from(max(tick + 1, self._tempo.tick(beat.second + _NEAREST_SEC))))

    def count_in(self, second: float, bars: int) -> tuple[float, list[Beat]]:
        """The beats before the music, in the tempo and metre at its first moment.

        They are those that stood there if the bars before were like the one in which the music begins: where it begins
        on an upbeat, the last click comes just as long before it as the last beat of the score would.

        Returns:
            How long they last, and the beats, counted from the beginning of the count-in; both in seconds of the score.
        """
        tick = self._tempo.tick(second)
        bar = self._meter.bar_onset(self._meter.position(tick).bar)
        step = self._meter.beat_ticks(tick)
        per_bar = self._meter.signature(tick).numerator
        length = bars * per_bar * step
        scale = 60 / self._tempo.beats_per_minute(tick) / self._ticks_per_beat
        begin = tick - length
        number = -((bar - begin) // step)
        beats = []
        while bar + number * step < tick:
            beats.append(Beat((bar + number * step - begin) * scale, number % per_bar == 0))
            number += 1
        return length * scale, beats

    def _beat(self, tick: int) -> Beat:
        return Beat(self._tempo.second(tick), self._meter.position(tick).beat == 1)

    def _beat_from(self, tick: int) -> int:
        """The first beat's tick at or after a tick."""
        place = self._meter.position(tick)
        if place.tick == 0:
            return tick
        return min(tick - place.tick + self._meter.beat_ticks(tick), self._meter.bar_onset(place.bar + 1))
