"""How quickly presets train beside the machine's own limit (a matmul, in turns), how exactly a run goes on, how soon
a worker stops."""

import math
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from musicgen_app.core.errors import Cancelled
from musicgen_app.core.progress import Progress
from musicgen_app.generation.checkpoint import NetworkConfig, weight_shapes
from musicgen_app.generation.presets import PRESETS
from musicgen_app.ml.backend import start_tensorflow
from musicgen_app.ml.config import TrainConfig
from musicgen_app.ml.control import TrainControl
from musicgen_app.ml.reports import BatchReport, EpochReport
from musicgen_app.tokens.notes import metrical_codec
from musicgen_app.workflow.child import run_in_child
from musicgen_app.workflow.train import TrainRequest, train
from tests.ml.synthetic import TINY, write_synthetic

FIELDS = metrical_codec().fields
ROUNDS = 5
MATMUL = 2048


def run() -> dict[str, float]:
    """All figures by flat names."""
    start_tensorflow()
    return {**speeds(), **resume(), **stops()}


def speeds() -> dict[str, float]:
    """Notes a second and arithmetic of every preset, with a matmul timed in the same rounds."""
    ways = {preset: step_of(preset) for preset in PRESETS}
    times = taken({**ways, "matmul": matmul()})
    limit = 2 * MATMUL**3 / times["matmul"] / 1e9
    figures = {"train_matmul_gflops": limit}
    for preset in PRESETS:
        config = TrainConfig.from_preset(preset)
        rows = config.batch * config.window / times[preset]
        gflops = rows * 6 * matrix_parameters(config.network(FIELDS)) / 1e9
        figures[f"train_{preset}_parameters"] = config.network(FIELDS).parameters()
        figures[f"train_{preset}_rows_per_second"] = rows
        figures[f"train_{preset}_gflops"] = gflops
        figures[f"train_{preset}_share_of_matmul"] = gflops / limit
    return figures


def matrix_parameters(network: NetworkConfig) -> int:
    """Weights that are multiplied with every row: 6 operations each, forwards and backwards."""
    shapes = weight_shapes(network)
    return sum(math.prod(shape) for name, shape in shapes.items() if name.endswith(("kernel", "recurrent")))


def step_of(preset: str) -> Callable[[], object]:
    """One training step of a preset."""
    from musicgen_app.ml.learner import Learner
    from musicgen_app.ml.network import one_batch_of_classes

    config = TrainConfig.from_preset(preset)
    network = config.network(FIELDS)
    learner = Learner(network, config)
    rows = one_batch_of_classes(network, config.batch, config.window + 1, 0)
    return lambda: learner.step(rows, 0, 1e-4)


def matmul() -> Callable[[], object]:
    """A product of two square matrices."""
    import tensorflow as tf

    left, right = tf.random.normal((MATMUL, MATMUL)), tf.random.normal((MATMUL, MATMUL))
    return lambda: tf.linalg.matmul(left, right).numpy()


def taken(ways: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Median seconds of each way; they take turns, and the first two turns warm up."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(ROUNDS + 2):
        for name, way in ways.items():
            begun = time.perf_counter()
            way()
            if turn > 1:
                times[name].append(time.perf_counter() - begun)
    return {name: statistics.median(values) for name, values in times.items()}


class _Listener:
    """Remembers losses; cancels at one batch where it is told to."""

    def __init__(self, control: TrainControl, stop: tuple[int, int] | None = None) -> None:
        self.losses: dict[tuple[int, int], float] = {}
        self._control = control
        self._stop = stop

    def __call__(self, report: object) -> None:
        if isinstance(report, BatchReport):
            self.losses[report.epoch, report.batch] = report.loss
            if (report.epoch, report.batch) == self._stop:
                self._control.cancel()
        if isinstance(report, EpochReport):
            self.losses[report.epoch, 0] = report.validation or report.train


def resume() -> dict[str, float]:
    """The largest difference between a run stopped inside an epoch and one that nobody stopped."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        dataset = write_synthetic(home / "dataset").folder

        def trained(out: str, stop: tuple[int, int] | None = None) -> dict[tuple[int, int], float]:
            control = TrainControl()
            listener = _Listener(control, stop)
            request = TrainRequest(dataset, home / out, overrides={**TINY, "dropout": 0.3}, epochs=3, resume=True)
            try:
                train(request, listener, control)
            except Cancelled:
                assert stop is not None
            return listener.losses

        whole = trained("whole")
        # Batches are reported ten times a second at most, the last of an epoch always: only those may be compared.
        last = max(batch for _, batch in whole)
        trained("parts", (1, last))
        rest = trained("parts")
        common = rest.keys() & whole.keys()
        assert {(2, 0), (3, 0), (2, last), (3, last)} <= common
        worst = max(abs(rest[place] - whole[place]) / whole[place] for place in common)
    return {"train_resume_largest_relative_difference": worst, "train_resume_losses_compared": len(common)}


def stops() -> dict[str, float]:
    """Seconds from asking a worker process to stop until it is gone: while TensorFlow starts, and in mid-training."""
    figures = {}
    with tempfile.TemporaryDirectory() as folder:
        dataset = write_synthetic(Path(folder) / "dataset").folder
        for moment, kind in (("starting", Progress), ("training", BatchReport)):
            control = TrainControl()
            asked: list[float] = []

            def listen(
                report: object, kind: type = kind, control: TrainControl = control, asked: list[float] = asked
            ) -> None:
                if isinstance(report, kind) and not asked:
                    asked.append(time.perf_counter())
                    control.cancel()

            request = TrainRequest(dataset, Path(folder) / moment, preset="medium", epochs=1000)
            try:
                run_in_child("train", request, listen, control)
            except Cancelled:
                figures[f"train_stop_seconds_{moment}"] = time.perf_counter() - asked[0]
    return figures
