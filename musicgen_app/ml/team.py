"""A training on several machines: what the chief says, and what the others do.

The chief runs the training loop as if it were alone (``ml.training``): it alone knows of epochs, validation, budgets,
stops and files. Before each batch it tells the others which one it is. So there is nothing on which two workers could
decide differently.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import tensorflow as tf

from musicgen_app.core.errors import Cancelled, TrainingError
from musicgen_app.core.progress import CancelToken, Progress, Report
from musicgen_app.dataset.store import Dataset
from musicgen_app.ml.cluster import CHIEF
from musicgen_app.ml.distributed import LOST as LOST_IN_A_STEP
from musicgen_app.ml.distributed import Group
from musicgen_app.ml.links import Caller, Link, LinkError, Order, last_word
from musicgen_app.ml.trainee import AnyLearner, Trainee, trainee_of
from musicgen_app.ml.windowed_config import AnyTrainConfig, config_from_json

LOST = (*LOST_IN_A_STEP, LinkError)
"""What is raised when another worker is gone."""

_ACCUSED = re.compile(r"/task:(\d+)")


@dataclass(frozen=True, slots=True)
class Lesson:
    """A batch to learn from.

    Attributes:
        epoch, batch: Which one, both from 0.
        step: Number of the step in the whole training.
        rate: Learning rate.
    """

    epoch: int
    batch: int
    step: int
    rate: float


class Team:
    """The other workers, for the chief.

    Attributes:
        group: All of them, joined.
    """

    def __init__(self, caller: Caller, cancel: CancelToken) -> None:
        """Have the others join when TensorFlow runs on all, and join them.

        Raises:
            TrainingError: One of them left before.
            Cancelled: A stop was asked for.
        """
        self._caller = caller
        # From here to the end of the joining nobody looks whether the others are still there: it has to be short.
        caller.hear_from_all(cancel)
        caller.tell("join")
        self.group = Group(caller.cluster)

    def begin(self, config: AnyTrainConfig) -> None:
        """Tell the others what is to be trained."""
        self._caller.tell("begin", config=config.to_json())

    def learn(self, lesson: Lesson) -> None:
        """Have the others learn from their shares of a batch, while the caller does."""
        self._caller.tell("learn", **asdict(lesson))

    def share(self, learner: AnyLearner, shapes: Mapping[str, tuple[int, ...]]) -> None:
        """Give the others everything a learner needs to go on."""
        self._caller.tell("take")
        self.group.shared(learner.arrays(), shapes)

    def loss(self, error: BaseException, epoch: int, batch: int) -> TrainingError:
        """What to say when one of the others is gone.

        Args:
            error: What was raised.
            epoch: The epoch that was under way, from 1.
            batch: Batches of it that are done.
        """
        gone = self._caller.gone() or sorted({int(task) for task in _ACCUSED.findall(str(error))} - {CHIEF})
        cluster = self.group.cluster
        named = [cluster.named(number) for number in gone if number < len(cluster.workers)]
        lost = f"{' and '.join(named).capitalize()} {'are' if len(named) > 1 else 'is'} gone."
        where = f"epoch {epoch}" + (f", batch {batch + 1}" if batch else "")
        return TrainingError(
            f"{lost if named else 'The workers have lost each other.'} The run can be resumed from {where}.",
            "Start it again with --resume, on this machine alone or on several.",
        )


@dataclass(frozen=True, slots=True)
class Assisted:
    """A training in which this process took part and which came to its end.

    Attributes:
        worker: The number it had.
        chief: Where the run is kept: address of the chief.
        steps: Batches it learned from.
    """

    worker: int
    chief: str
    steps: int


def assist(link: Link, group: Group, dataset: Dataset, report: Report, cancel: CancelToken) -> Assisted:
    """Learn what the chief says until it ends the training. Writes nothing.

    Raises:
        Cancelled: A stop was asked for, here or at the chief.
        TrainingError: The chief is gone, or could not go on.
    """
    cluster = group.cluster
    chief = cluster.named(CHIEF)
    try:
        begin = link.receive(cancel=cancel)
        if begin.get("order") == "begin":
            trainee = trainee_of(config_from_json(begin["config"]), dataset, group)
            report(Progress(f"Learning with {chief}"))
            steps, end = _obey(link, group, trainee, report, cancel)
        else:
            steps, end = 0, begin
    except LOST as error:
        last = last_word(link)
        if last is None:
            raise TrainingError(
                f"{chief.capitalize()}, which keeps the run, is gone.", "Resume the run there (--resume)."
            ) from error
        steps, end = 0, last
    except (tf.errors.ResourceExhaustedError, MemoryError) as error:
        raise TrainingError(
            "There was not enough memory to train this network.",
            "Choose a smaller batch, window or preset at the chief.",
        ) from error
    if end["how"] == "stopped":
        raise Cancelled
    if end["how"] != "finished":
        raise TrainingError(f"{chief.capitalize()} ended the training. {end.get('why', '')}".strip())
    return Assisted(cluster.worker, cluster.workers[CHIEF], steps)


def _obey(link: Link, group: Group, trainee: Trainee, report: Report, cancel: CancelToken) -> tuple[int, Order]:
    """Follow orders; returns the number of steps taken and the order to end."""
    steps = 0
    while (order := link.receive(cancel=cancel))["order"] != "end":
        if order["order"] == "take":
            trainee.learner.restore(group.shared(None, trainee.shapes))
            continue
        rows = trainee.windows.batch(order["epoch"], order["batch"])
        trainee.learner.step(rows, order["step"], order["rate"])
        steps += 1
        report(
            Progress(
                f"Learning with {group.cluster.named(CHIEF)}, epoch {order['epoch'] + 1}",
                order["batch"] + 1,
                trainee.windows.batches_per_epoch,
            )
        )
    return steps, order
