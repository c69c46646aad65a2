"""Measures how fast a training goes, leaving out what only happens once (compiling, reading the first files)."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

_STEPS_TO_KNOW = 10
_SECONDS_TO_KNOW = 3.0
_REMEMBERED = 200
_RECENT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Took:
    """How long something took: ``seconds`` in all, of which ``timed`` say something about the speed."""

    seconds: float
    timed: float


class Pace:
    """A stopwatch that is told about every batch and every end of an epoch.

    Attributes:
        now: The clock.
        notes_per_second: Speed of the batches over the last seconds; 0 before the second batch.
        whole: Whether an end of an epoch has been timed, so that ``seconds_per_step`` counts it in.
    """

    def __init__(self, now: Callable[[], float], began: float | None = None) -> None:
        self.now = now
        self._mark = now() if began is None else began
        self._kept = 0.0
        self._batches: deque[tuple[float, int]] = deque(maxlen=_REMEMBERED)
        self._epoch_seconds, self._epoch_notes = 0.0, 0
        self._compiled = False
        self._ends = 0
        self._end_seconds = 0.0
        self.notes_per_second = 0.0

    def stop(self) -> None:
        """Stand still, for a pause."""
        self._kept += self.now() - self._mark

    def start(self) -> None:
        """Go on after ``stop``."""
        self._mark = self.now()

    def batch(self, notes: int) -> Took:
        """A batch is done; the first one compiles the step and says nothing about the speed."""
        seconds = self._lap()
        if not self._compiled:
            self._compiled = True
            return Took(seconds, 0.0)
        self._batches.append((seconds, notes))
        self._epoch_seconds += seconds
        self._epoch_notes += notes
        self.notes_per_second = self._recent_speed()
        return Took(seconds, seconds)

    def epoch_end(self) -> Took:
        """The validation at the end of an epoch is done; the first one compiles as well."""
        seconds = self._lap()
        self._ends += 1
        if self._ends > 1:
            self._end_seconds = seconds
        return Took(seconds, 0.0)

    def epoch_notes_per_second(self) -> float:
        """Speed over the batches since this was last asked."""
        speed = self._epoch_notes / self._epoch_seconds if self._epoch_seconds > 0 else self.notes_per_second
        self._epoch_seconds, self._epoch_notes = 0.0, 0
        return speed

    @property
    def known(self) -> bool:
        """Whether enough batches were timed to plan by."""
        timed = sum(seconds for seconds, _ in self._batches)
        return len(self._batches) >= _STEPS_TO_KNOW or (len(self._batches) >= 2 and timed >= _SECONDS_TO_KNOW)

    @property
    def whole(self) -> bool:
        return self._ends > 1

    def seconds_per_step(self, batches: int) -> float:
        """Seconds a batch takes on average, with its share of the end of an epoch of so many batches."""
        if not self._batches:
            return 0.0
        return sum(seconds for seconds, _ in self._batches) / len(self._batches) + self._end_seconds / batches

    def _lap(self) -> float:
        now = self.now()
        seconds, self._mark, self._kept = now - self._mark + self._kept, now, 0.0
        return seconds

    def _recent_speed(self) -> float:
        seconds, notes = 0.0, 0
        for took, count in reversed(self._batches):
            seconds += took
            notes += count
            if seconds >= _RECENT_SECONDS:
                break
        return notes / seconds if seconds > 0 else 0.0
