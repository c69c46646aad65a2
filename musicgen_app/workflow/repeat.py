"""Runs of the table as entries of the queue: the same settings once more."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from musicgen_app.core.errors import DatasetError, MusicgenError, TrainingError, UsageError
from musicgen_app.core.progress import CancelToken, Progress, Report
from musicgen_app.dataset.store import Dataset, open_dataset
from musicgen_app.generation.checkpoint import read_header
from musicgen_app.ml.config import TrainConfig
from musicgen_app.ml.runfolder import RunFolder
from musicgen_app.ml.tuning import tuned_config
from musicgen_app.ml.windowed_config import AnyTrainConfig, config_from_preset
from musicgen_app.project.document import Project
from musicgen_app.project.queue import QueueEntry
from musicgen_app.project.queue_file import QueueFile
from musicgen_app.project.runs import RunRecord, read_run
from musicgen_app.workflow.clone import clone
from musicgen_app.workflow.queue_settings import USUAL_NOTES, new_entry

_APART = ("preset", "epochs", "minutes", "seed")


@dataclass(frozen=True, slots=True)
class Repeated:
    """What came of adding runs to a queue.

    Attributes:
        entries: What was added.
        remarks: What is different from the runs, in sentences.
        refused: Why runs were not added, a sentence for each.
    """

    entries: tuple[QueueEntry, ...] = ()
    remarks: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


def repeat_runs(project: Path, runs: Sequence[Path], report: Report, cancel: CancelToken) -> Repeated:
    """Add runs to the queue of a project, to be trained once more with their settings; all in one change.

    Args:
        project: The project's folder.
        runs: Folders of runs.
        report: Told how far it is.
        cancel: Looked at between two.

    Raises:
        Cancelled: Stopped on request; nothing was added.
        ProjectError: The project, or its queue, cannot be read or written.
    """
    opened, known = Project.open(project), cache(open_dataset)
    entries: list[QueueEntry] = []
    remarks: list[str] = []
    refused: list[str] = []
    for done, folder in enumerate(runs):
        cancel.check()
        report(Progress("Adding to the queue", done, len(runs)))
        run = read_run(folder)
        try:
            entry, told = repeated(opened, run, known)
        except MusicgenError as error:
            refused.append(f"{run.title}: {error}")
        else:
            entries.append(entry)
            remarks += (f"{run.title}: {remark}" for remark in told)
    if entries:
        QueueFile(opened.folder).change(lambda queue: queue.added(tuple(entries)))
    return Repeated(tuple(entries), tuple(remarks), tuple(refused))


def repeated(
    project: Project, run: RunRecord, opened: Callable[[Path], Dataset] = open_dataset
) -> tuple[QueueEntry, tuple[str, ...]]:
    """The entry that repeats a run, and what is different from it, in sentences.

    It learns from the data set the run learned from, where that is still there, else from the project's.

    Raises:
        UsageError: Its settings are not known here, do not fit the data set, or its first model is gone.
        DatasetError, CheckpointError: The data set, or the model it started from, cannot be used.
    """
    if run.start and run.start_model is None:
        raise UsageError(f"The model that {run.title} started from is gone.", "Choose another one in the form.")
    found = clone(run)
    dataset, remarks = _dataset(project, run, opened)
    pick = run.settings.get("random_pick")
    sample = {"random_pick": pick} if isinstance(pick, int) and pick > 0 else {}
    settings = {
        **named_settings(found.config, run.start_model),
        **sample,
        "notes": USUAL_NOTES,
        "title": f"{run.title.removesuffix(' again')} again",
        "dataset": str(dataset.folder),
    }
    return new_entry(project, settings, dataset), (*found.remarks, *remarks)


def named_settings(config: AnyTrainConfig, start: Path | None = None) -> dict[str, Any]:
    """A config as settings by their names, as ``new_entry`` takes them.

    Args:
        config: The settings.
        start: The model they are for; None for a fresh network.

    Raises:
        CheckpointError: The model cannot be read.
    """
    values = {name: value for name, value in config.to_json().items() if name not in _APART}
    # Of a network of the seeds all are named: there one that is not can follow from another.
    if isinstance(config, TrainConfig):
        usual = config_from_preset(config.preset) if start is None else tuned_config(read_header(start))
        values = {name: value for name, value in values.items() if value != usual.to_json()[name]}
    network = {"preset": config.preset} if start is None else {"from": str(start)}
    return {**values, **network, **duration_of(config)}


def duration_of(config: AnyTrainConfig) -> dict[str, Any]:
    """How long a config trains, and from which seed, as settings by their names."""
    return {"epochs": config.epochs, "minutes": config.minutes, "seed": config.seed}


def _dataset(project: Project, run: RunRecord, opened: Callable[[Path], Dataset]) -> tuple[Dataset, tuple[str, ...]]:
    """The data set a run is repeated on, and a sentence where it is another one."""
    told = {} if run.row is not None else _told_dataset(run)
    wanted, place = str(told.get("fingerprint", "")), str(told.get("path", ""))
    for folder in (project.dataset_folder, Path(place)) if place and wanted else ():
        try:
            dataset = opened(folder)
        except DatasetError:
            continue
        if dataset.fingerprint == wanted:
            return dataset, ()
    remark = "It learned from another data set, and is repeated on the project's."
    return opened(project.dataset_folder), (remark,) if wanted else ()


def _told_dataset(run: RunRecord) -> Mapping[str, Any]:
    """What a run says of the data set it learned from."""
    try:
        told = RunFolder(run.folder).description().get("dataset")
    except TrainingError:
        return {}
    return told if isinstance(told, dict) else {}
