"""Train a network on a prepared data set, or go on where a run stopped."""

import contextlib
import platform
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from musicgen_app.core.errors import Cancelled, MusicgenError, TrainingError, UsageError
from musicgen_app.core.progress import CancelToken, Progress, Report
from musicgen_app.dataset.baselines import Baselines, baselines, training_rows
from musicgen_app.dataset.store import Dataset, open_dataset
from musicgen_app.dataset.token_windows import counted, measured_tokens
from musicgen_app.generation.checkpoint import read_header
from musicgen_app.generation.presets import DEFAULT_PRESET
from musicgen_app.ml.backend import bfloat16_is_quicker, start_tensorflow
from musicgen_app.ml.cluster import CHIEF, Cluster
from musicgen_app.ml.control import TrainControl
from musicgen_app.ml.job import Job
from musicgen_app.ml.links import Caller, call_together
from musicgen_app.ml.reports import TrainResult
from musicgen_app.ml.runfolder import RunFolder
from musicgen_app.ml.tuning import Start, tuned_config
from musicgen_app.ml.windowed_config import AnyTrainConfig, WindowedTrainConfig, config_from_json, config_from_preset
from musicgen_app.workflow.cadence import cadence_of
from musicgen_app.workflow.notebook import note_end
from musicgen_app.workflow.outputs import output_at_end
from musicgen_app.workflow.start import take_start
from musicgen_app.workflow.timeline import TakesPlan, TimelineHearer, plan_takes

if TYPE_CHECKING:
    from musicgen_app.ml.team import Team

_PACKAGES = ("musicgen-app", "tensorflow", "keras", "numpy")


@dataclass(frozen=True, slots=True)
class TrainRequest:
    """What to train.

    Attributes:
        dataset: Folder of a prepared data set.
        out: Folder of the run; made where it is missing.
        preset: Name of a preset; empty takes the default.
        overrides: Settings of ``TrainConfig`` other than the preset's, or the recipe's for fine-tuning.
        epochs, minutes: How long; both None leaves it to the config (or, with ``resume``, to the run).
        seed: Of every random choice; None takes the config's.
        output: How its output is to be made when it ends by itself, settings of ``SampleConfig`` and the ``rendering``
            of words; empty for none. A run that is resumed keeps its own.
        resume: Go on where the run stopped, with the settings it began with. Begins it where there is none.
        title: Name of the model; empty takes the folder's name.
        start_from: A checkpoint whose weights and sizes the run begins with; None for a fresh network. A run that is
            resumed keeps the one it began with, and does not look at this file again.
        takes: How often a take is made of the network on the way: "off", "auto" (after an epoch, as far as that costs
            less than 3 % of the time), "epoch" (after each, whatever it costs) or a number of minutes; empty for auto,
            or, with ``resume``, as before.
        takes_prompt: A MIDI file that each of them continues; a run that is resumed keeps its copy.
        workers: Addresses of all workers (``host:port``) where several machines train together; this process is the
            first and keeps the run, ``workflow.assist`` is what the others do. Empty to train alone.
    """

    dataset: Path
    out: Path
    preset: str = ""
    overrides: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    epochs: int | None = None
    minutes: float | None = None
    seed: int | None = None
    output: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    resume: bool = False
    title: str = ""
    start_from: Path | None = None
    takes: str = ""
    takes_prompt: Path | None = None
    workers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is settled before anything is computed.

    Attributes:
        description: What ``run.json`` says.
        config: The settings.
        replan: Whether the epochs or minutes are other ones than when the run began.
    """

    description: Mapping[str, Any]
    config: AnyTrainConfig
    replan: bool = False

    @property
    def start(self) -> Start | None:
        """The model the run started from."""
        told = self.description.get("start")
        return None if told is None else Start.from_json(told)

    @property
    def takes(self) -> TakesPlan:
        """How the run is listened to."""
        return TakesPlan.from_json(self.description["takes"])


def train(request: TrainRequest, report: Report, control: CancelToken) -> TrainResult:
    """Train, and return the best checkpoint with its figures.

    A ``TrainControl`` may also pause, and end the training early with what it has.

    Raises:
        Cancelled: Stopped on request; the run can be resumed.
        UsageError: A setting is out of range, or the folder holds a run already.
        DatasetError: The data set cannot be used, or not with the model to start from.
        CheckpointError: The model to start from cannot be used.
        TrainingError: It could not go on; the last good checkpoint is kept.
    """
    began = time.monotonic()
    steering = control if isinstance(control, TrainControl) else _Steered(control)
    run = RunFolder(request.out)
    dataset = open_dataset(request.dataset)
    with run.locked(), contextlib.ExitStack() as until_the_end:
        run.sweep()
        plan = _settle(request, run, dataset)
        description, config, start = _with_workers(plan.description, request), plan.config, plan.start
        caller = until_the_end.enter_context(_called(request, config, dataset, report, steering))
        run.describe({**description, "status": "running"})
        try:
            steering.check()
            description = {
                **description,
                "baselines": _without_network(description, (config, dataset), report, steering),
            }
            config, team = _computing(config, caller, report, steering)
            description = {**description, "config": config.to_json()}
            run.describe({**description, "status": "running"})
            steering.check()
            hearer = TimelineHearer(run.folder, plan.takes, dataset, report, steering)
            job = Job(config, dataset, run, request.title, plan.replan, start, hearer, team)
            result = _fit(job, report, steering, began)
            told = None if start is None else start.summary()
            result = replace(result, baselines=description["baselines"], start=told)
        except Cancelled:
            run.describe({**description, "status": "stopped"})
            note_end(run.folder)
            raise
        except MusicgenError as error:
            _describe_failure(run, description, error)
            note_end(run.folder)
            raise
        _describe_end(run, description, result)
        if problem := output_at_end(run.folder, report, steering):
            result = replace(result, reason=f"{result.reason}. {problem}")
            _describe_end(run, description, result)
        note_end(run.folder)
        return result


def config_of(request: TrainRequest) -> AnyTrainConfig:
    """The settings a new run of this request would have.

    Raises:
        UsageError: A setting is unknown or out of range, or chosen although it is the model's to start from.
        CheckpointError: The model to start from cannot be used.
    """
    overrides = dict(request.overrides)
    if request.seed is not None:
        overrides["seed"] = request.seed
    if request.start_from is None:
        config: AnyTrainConfig = config_from_preset(request.preset or DEFAULT_PRESET, **overrides)
    elif request.preset:
        raise UsageError(
            f"The preset {request.preset!r} cannot be chosen where a training starts from a model.",
            "Leave it out: the network keeps the model's sizes.",
        )
    else:
        config = tuned_config(read_header(request.start_from), **overrides)
    if request.minutes is not None or request.epochs is not None:
        config = replace(config, epochs=request.epochs, minutes=request.minutes)
    return config


def _settle(request: TrainRequest, run: RunFolder, dataset: Dataset) -> _Plan:
    """Plan a new run, or look up how the one in the folder was planned."""
    if not (request.resume and run.begun):
        if run.begun:
            raise UsageError(
                f"{run.folder} holds a run already.", "Choose another folder, or resume the run (--resume)."
            )
        config = config_of(request).settled(dataset.note_count("train"))
        description = _description(request, config, dataset)
        takes = plan_takes(request.takes, request.takes_prompt, config.seed, dataset.codec, run.folder)
        description["takes"] = takes.to_json()
        if request.start_from is not None:
            description["start"] = take_start(request.start_from, dataset, run).to_json()
        return _Plan(description, config)
    description = run.description()
    if request.start_from is not None and "start" not in description:
        raise UsageError(
            f"The run {run.folder.name} began with a fresh network, not with {request.start_from.name}.",
            "Resume it without a model to start from, or start a new run.",
        )
    if description.get("dataset", {}).get("fingerprint") != dataset.fingerprint:
        raise TrainingError(
            f"The run {run.folder.name} was begun with another data set than {request.dataset.name}.",
            "Resume it with that data set, or start a new run.",
        )
    config = config_from_json(description.get("config", {}))
    takes = TakesPlan.from_json(description.get("takes") or {"seed": config.seed})
    if request.takes:
        cadence_of(request.takes)
        takes = replace(takes, every=request.takes)
    description["takes"] = takes.to_json()
    if request.minutes is not None or request.epochs is not None:
        longer = replace(config, epochs=request.epochs, minutes=request.minutes)
        return _Plan({**description, "config": longer.to_json()}, longer, longer != config)
    return _Plan(description, config)


def in_common(dataset: Dataset) -> dict[str, Any]:
    """What must be the same on all machines that train together, by its name in a sentence."""
    return {**{f"version of {name}": _version(name) for name in _PACKAGES}, "data set": dataset.fingerprint}


def _with_workers(description: Mapping[str, Any], request: TrainRequest) -> dict[str, Any]:
    """The description of a run with who trains it now."""
    kept = {name: value for name, value in description.items() if name != "workers"}
    return {**kept, "workers": list(request.workers)} if request.workers else kept


def _called(
    request: TrainRequest, config: AnyTrainConfig, dataset: Dataset, report: Report, control: CancelToken
) -> contextlib.AbstractContextManager[Caller | None]:
    """The other workers, once they have come; None where there are to be none."""
    if not request.workers:
        return contextlib.nullcontext()
    cluster = Cluster(request.workers, CHIEF)
    if isinstance(config, WindowedTrainConfig):
        raise UsageError(
            "The networks of the seeds are trained on one machine.", "Leave out --workers, or choose another preset."
        )
    cluster.lanes(config.batch)
    return call_together(cluster, in_common(dataset), report, control)


def _computing(
    config: AnyTrainConfig, caller: Caller | None, report: Report, control: CancelToken
) -> tuple[AnyTrainConfig, "Team | None"]:
    """Start TensorFlow, and have the other workers join before it computes anything.

    Returns:
        The settings with the precision settled, and the team.
    """
    report(Progress("Starting TensorFlow"))
    if caller is None:
        start_tensorflow(config.threads)
        return _with_precision(config), None
    caller.tell("start")
    start_tensorflow(config.threads)
    from musicgen_app.ml.distributed import JOIN_SECONDS
    from musicgen_app.ml.team import Team

    report(Progress(f"Joining the workers; this ends after {JOIN_SECONDS} seconds where one of them has just died"))
    team = Team(caller, control)
    config = _with_precision(config)
    team.begin(config)
    return config, team


def _with_precision(config: AnyTrainConfig) -> AnyTrainConfig:
    """The settings with the precision settled, so that a resumed run multiplies as it did before."""
    if config.precision != "auto":
        return config
    return replace(config, precision="bfloat16" if bfloat16_is_quicker() else "float32")


def _without_network(
    description: Mapping[str, Any], plan: tuple[AnyTrainConfig, Dataset], report: Report, control: TrainControl
) -> Baselines | None:
    """What the validation pieces cost somebody who has only counted; None without any.

    It is counted before TensorFlow is started, which takes many times as long, and kept with the run.
    """
    known: object = description.get("baselines")
    if isinstance(known, dict):
        return known
    config, dataset = plan
    held_out = [dataset.rows(piece) for piece in dataset.pieces_of("validation")]
    measured = None
    if isinstance(config, WindowedTrainConfig):
        measured = [counted(dataset.codec, rows, config.window) for rows in held_out]
    if not held_out or (measured is not None and not any(mask.any() for mask in measured)):
        return None
    report(Progress("Counting for comparison"))
    return baselines(dataset.codec, training_rows(dataset), held_out, control, measured)


def _fit(job: Job, report: Report, control: TrainControl, began: float) -> TrainResult:
    from musicgen_app.ml import training

    return training.train(job, report, control, time.monotonic, began)


def _description(request: TrainRequest, config: AnyTrainConfig, dataset: Dataset) -> dict[str, Any]:
    """What ``run.json`` says from the first moment on."""
    held_out = dataset.pieces_of("validation")
    remarks = [] if held_out else ["There are no validation pieces: the best checkpoint is the last one."]
    if isinstance(config, WindowedTrainConfig) and held_out:
        remarks.append(measured_tokens([dataset.rows(piece) for piece in held_out], dataset.codec, config.window))
    return {
        "title": request.title or request.out.name,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "preset": config.preset,
        "seed": config.seed,
        "config": config.to_json(),
        "parameters": config.network(dataset.codec.fields, dataset.codec.position_fields).parameters(),
        "dataset": {
            "path": str(request.dataset.absolute()),
            "fingerprint": dataset.fingerprint,
            "pieces": len(dataset.pieces_of("train", "validation")),
            "validation_pieces": len(held_out),
            "notes": dataset.note_count("train", "validation"),
            "grid": dataset.codec.grid,
            "licence": dataset.licence,
        },
        "output": dict(request.output),
        "remarks": remarks,
        "versions": {"python": platform.python_version(), **{name: _version(name) for name in _PACKAGES}},
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _describe_end(run: RunFolder, description: Mapping[str, Any], result: TrainResult) -> None:
    run.describe({**description, "status": "finished", "summary": {**result.summary(), "reason": result.reason}})


def _describe_failure(run: RunFolder, description: Mapping[str, Any], error: MusicgenError) -> None:
    try:
        run.describe({**description, "status": "failed", "error": str(error)})
    except MusicgenError:
        return  # the disk that made the training fail takes no note of it either; the first error is the one to tell


class _Steered(TrainControl):
    """A plain cancel token where a training looks for more."""

    def __init__(self, token: CancelToken) -> None:
        super().__init__()
        self._token = token

    @property
    def cancelled(self) -> bool:
        return self._token.cancelled

    def check(self) -> None:
        self._token.check()
