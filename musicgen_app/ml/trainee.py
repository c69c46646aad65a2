"""What the training loop asks of a kind of network: batches to learn from, a learner, and how held-out pieces are read.

Two kinds answer: ours, and the windowed networks of the seeds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from musicgen_app.core.progress import CancelToken, Report, silent
from musicgen_app.dataset.store import Dataset
from musicgen_app.dataset.token_windows import TokenWindows, counted
from musicgen_app.dataset.windows import Windows
from musicgen_app.generation.checkpoint import AnyNetwork, Checkpoint, Weights
from musicgen_app.generation.windowed import WindowedConfig
from musicgen_app.ml.checkpoint import Arrays
from musicgen_app.ml.distributed import Group
from musicgen_app.ml.evaluation import Evaluator, Likelihood
from musicgen_app.ml.learner import Learner, array_shapes
from musicgen_app.ml.network import Network
from musicgen_app.ml.windowed_config import AnyTrainConfig, WindowedTrainConfig
from musicgen_app.ml.windowed_evaluation import WindowedEvaluator
from musicgen_app.ml.windowed_learner import WindowedLearner, windowed_array_shapes
from musicgen_app.ml.windowed_network import WindowedNetwork
from musicgen_app.tokens.codec import Codec, Rows


class AnyLearner(Protocol):
    """A network with its optimizer.

    Attributes:
        network: What is trained.
        averaged: What is measured and kept.
    """

    network: Any
    averaged: Any

    def step(self, rows: Rows, number: int, rate: float) -> tuple[float, float]:
        """Learn from one batch; its nats, and the norm of the gradient."""
        ...

    def begin_with(self, weights: Weights) -> None:
        """Take over a model's weights before the first step."""
        ...

    def arrays(self) -> Arrays:
        """Everything it needs to go on."""
        ...

    def restore(self, arrays: Arrays) -> None:
        """Take over what ``arrays`` gave."""
        ...


class AnyEvaluator(Protocol):
    """Reads held-out pieces."""

    def read(
        self, pieces: Sequence[Rows], report: Report = silent, cancel: CancelToken | None = None
    ) -> tuple[Likelihood, ...]:
        """The likelihood of each piece."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Trainee:
    """One network to be trained, and what it is trained with.

    Attributes:
        network: Its shape.
        windows: What it learns from.
        learner: The network and its optimizer.
        evaluator: Reads the pieces that are held out.
        held_out: Those pieces; none where nothing of them could be counted.
        counted: Notes of them that are counted.
        shapes: Names and shapes of the learner's arrays.
    """

    network: AnyNetwork
    windows: Windows | TokenWindows
    learner: AnyLearner
    evaluator: AnyEvaluator
    held_out: list[Rows]
    counted: int
    shapes: dict[str, tuple[int, ...]]


def trainee_of(config: AnyTrainConfig, dataset: Dataset, group: Group | None = None) -> Trainee:
    """A network of either kind, to be trained on a data set; ours also by a group.

    Raises:
        UsageError: It needs tokens of the seed codec, and the data set holds none.
        DatasetError: It holds too few of them.
    """
    if isinstance(config, WindowedTrainConfig):
        return windowed_trainee(config, dataset)
    network = config.network(dataset.codec.fields, dataset.codec.position_fields)
    settings = config.batch, config.window, config.seed, bool(config.transpose)
    held_out = [dataset.rows(piece) for piece in dataset.pieces_of("validation")]
    learner = Learner(network, config, group)
    return Trainee(
        network=network,
        windows=Windows(dataset, "train", *settings, shown=network.shown),
        learner=learner,
        evaluator=Evaluator(learner.averaged, dataset.codec, len(held_out)),
        held_out=held_out,
        counted=dataset.note_count("validation"),
        shapes=array_shapes(network),
    )


def windowed_trainee(config: WindowedTrainConfig, dataset: Dataset) -> Trainee:
    """A windowed network to be trained on a data set.

    Raises:
        UsageError: The data set holds no tokens of the seed codec.
        DatasetError: It holds too few of them.
    """
    codec = dataset.codec
    network = config.network(codec.fields, codec.position_fields)
    windows = TokenWindows(dataset, "train", config.batch, config.window, config.seed)
    held_out = [dataset.rows(piece) for piece in dataset.pieces_of("validation")]
    count = sum(int(counted(codec, rows, config.window).sum()) for rows in held_out)
    learner = WindowedLearner(network, config)
    evaluator = WindowedEvaluator(learner.network, codec)
    shapes = windowed_array_shapes(network, config)
    return Trainee(network, windows, learner, evaluator, held_out if count else [], count, shapes)


def evaluator_of(model: Checkpoint, codec: Codec, pieces: int) -> AnyEvaluator:
    """What reads so many pieces with the network of a checkpoint."""
    config = model.header.network
    if isinstance(config, WindowedConfig):
        windowed = WindowedNetwork(config)
        windowed.assign_weights(model.weights)
        return WindowedEvaluator(windowed, codec)
    network = Network(config)
    network.assign_weights(model.weights)
    return Evaluator(network, codec, pieces)
