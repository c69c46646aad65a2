"""How often a training is listened to, and what that may cost. Pure arithmetic."""

from dataclasses import dataclass

from musicgen_app.core.errors import UsageError
from musicgen_app.ml.hearing import Moment
from musicgen_app.project.timeline import Timeline

OFF, AUTO, EPOCH = "off", "auto", "epoch"
MOST_MINUTES = 10_080.0

PLANNED_SHARE = 0.02
"""A take is begun where all of them together are expected to stay below this share of the time spent learning ..."""
MOST_SHARE = 0.025
"""... and given up where they would exceed this one."""
_SURE = 1.1
"""A take is expected to cost so many times what the last one did."""
_GUESS_SECONDS = 0.1
_GUESS_SECONDS_A_PARAMETER = 3e-8
"""What the first take of a network is expected to cost at least: nobody has made one yet."""


@dataclass(frozen=True, slots=True)
class Cadence:
    """When a take is due.

    Attributes:
        epochs: At the end of epochs.
        minutes: Whenever so many minutes have passed, inside an epoch too; 0 for never.
        within_budget: Only as far as takes cost a small share of the training.
    """

    epochs: bool = False
    minutes: float = 0.0
    within_budget: bool = True

    def due(self, moment: Moment, known: Timeline, expected_sec: float) -> bool:
        """Whether a take is to be made now.

        Args:
            moment: Where the training stands.
            known: The takes so far.
            expected_sec: What one is expected to cost.
        """
        last = known.takes[-1] if known.takes else None
        if last is not None and last.step >= moment.step:
            return False
        if self.minutes:
            wanted = moment.seconds - (0.0 if last is None else last.seconds) >= 60 * self.minutes
        else:
            wanted = self.epochs and moment.batch == 0
        if not wanted or not self.within_budget:
            return wanted
        return known.cost_sec + expected_sec <= PLANNED_SHARE * moment.learning_seconds

    def limit_sec(self, moment: Moment, known: Timeline) -> float | None:
        """How long the take that is due may take; None for as long as it likes."""
        return MOST_SHARE * moment.learning_seconds - known.cost_sec if self.within_budget else None


def cadence_of(text: str) -> Cadence:
    """The cadence a person has named: "off", "auto", "epoch", or a number of minutes.

    Raises:
        UsageError: It is none of these.
    """
    named = {OFF: Cadence(), AUTO: Cadence(epochs=True), EPOCH: Cadence(epochs=True, within_budget=False)}
    if text in named:
        return named[text]
    try:
        minutes = float(text)
    except ValueError:
        minutes = 0.0
    if not 0 < minutes <= MOST_MINUTES:
        raise UsageError(
            f"Takes cannot be made {text!r}.",
            f"Choose {OFF}, {AUTO}, {EPOCH}, or a number of minutes up to {MOST_MINUTES:,.0f}.",
        )
    return Cadence(minutes=minutes)


def first_guess_sec(parameters: int) -> float:
    """What the first take of a network is expected to cost."""
    return _GUESS_SECONDS + _GUESS_SECONDS_A_PARAMETER * parameters


def expected_from(cost_sec: float, share: float) -> float:
    """What the next take is expected to cost.

    Args:
        cost_sec: What the last one cost.
        share: How much of it was made until it was done, or given up; above 0.
    """
    return _SURE * cost_sec / share
