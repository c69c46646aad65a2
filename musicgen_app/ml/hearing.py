"""What a training tells somebody who wants to hear its network on the way. Free of TensorFlow."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from musicgen_app.generation.checkpoint import Checkpoint
from musicgen_app.ml.checkpoint import Counters


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment between two batches.

    Attributes:
        step: Batches done in the whole training.
        epoch: Whole epochs done.
        batch: Batches done of the epoch that is under way; 0 at the end of an epoch.
        batches: Batches in an epoch.
        seconds: Time spent on the run.
        learning_seconds: Of them those spent on batches, without what is done only once.
        loss: Nats per note over the batches of the epoch that is under way; None at the end of an epoch.
    """

    step: int
    epoch: int
    batch: int
    batches: int
    seconds: float
    learning_seconds: float
    loss: float | None


class Hearer(Protocol):
    """Makes music with the network while it is trained. It changes nothing in the training."""

    def begin(self, step: int) -> None:
        """The training goes on from this step: what was heard at later ones is heard again."""
        ...

    def hear(self, moment: Moment, model: Callable[[], Checkpoint]) -> None:
        """Listen, or not. Asked at the end of each epoch and behind each batch.

        Args:
            moment: Where the training stands.
            model: Gives the weights that are measured and kept.
        """
        ...


def moment_of(counters: Counters, batches: int) -> Moment:
    """The moment at which counters of a training stand."""
    return Moment(
        step=counters.step,
        epoch=counters.epoch,
        batch=counters.batch,
        batches=batches,
        seconds=counters.seconds,
        learning_seconds=counters.train_seconds,
        loss=counters.nats / max(1, counters.notes) if counters.batch else None,
    )
