"""How long a training goes on, and how wide its steps are on the way. Pure arithmetic."""

import math
from dataclasses import dataclass

_LAST_SHARE = 0.01
"""The learning rate ends at this share of its highest value."""
_LONGEST_WARMUP = 0.2
"""The warm-up never takes more than this share of a training."""
_WHOLE_EPOCHS_FROM = 4
"""From so many epochs on, a time budget is rounded to whole epochs."""
_TOLERANCE = 0.15
"""A time budget is planned anew when the end would miss it by more than this share."""


def learning_rate(step: int, planned: int, highest: float, warmup: int) -> float:
    """The step width of one step: linear warm-up, then half a cosine down.

    Args:
        step: From 0.
        planned: Steps in the whole training; 0 while that is still being measured (then only the warm-up counts).
        highest: The rate at the top.
        warmup: Steps of the warm-up, shortened for short trainings.
    """
    rising = warmup if planned == 0 else min(warmup, int(planned * _LONGEST_WARMUP))
    if step < rising:
        return highest * (step + 1) / rising
    if planned == 0:
        return highest
    passed = min(1.0, (step - rising) / max(1, planned - rising))
    return highest * (_LAST_SHARE + (1 - _LAST_SHARE) * 0.5 * (1 + math.cos(math.pi * passed)))


@dataclass(frozen=True, slots=True)
class Budget:
    """How long to train, in epochs, minutes, or both.

    Attributes:
        batches: Batches in an epoch.
        epochs: At most so many epochs; None for no limit.
        seconds: At most about so long; None for no limit.
    """

    batches: int
    epochs: int | None
    seconds: float | None

    def known_steps(self) -> int:
        """Steps to plan for when no time has to be measured; 0 where it has."""
        return 0 if self.seconds is not None else (self.epochs or 1) * self.batches

    def plan(self, done: int, elapsed: float, seconds_per_step: float) -> int:
        """Steps in the whole training, from what has been measured so far.

        Args:
            done: Steps done.
            elapsed: Seconds since the beginning.
            seconds_per_step: Measured seconds a step takes, validation and saving included where they are known.
        """
        most = (self.epochs or 10**9) * self.batches
        if self.seconds is None:
            return most
        steps = done + max(0, int((self.seconds - elapsed) / max(seconds_per_step, 1e-9)))
        if steps >= _WHOLE_EPOCHS_FROM * self.batches:
            steps = round(steps / self.batches) * self.batches
        return max(1, done, min(steps, most))

    def misses(self, planned: int, done: int, elapsed: float, seconds_per_step: float) -> bool:
        """Whether a plan would end so far from the time budget that it should be made anew."""
        if self.seconds is None:
            return False
        end = elapsed + (planned - done) * seconds_per_step
        if self.epochs is not None and planned >= self.epochs * self.batches and end <= self.seconds:
            return False
        one_epoch = self.batches * seconds_per_step
        return abs(end - self.seconds) > max(_TOLERANCE * self.seconds, one_epoch)
