"""From settings by name, as a person types or a form gives them, to a checked entry of the queue."""

import contextlib
import dataclasses
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from musicgen_app.core.errors import UsageError
from musicgen_app.dataset.store import Dataset, open_dataset
from musicgen_app.generation.generator import SampleConfig
from musicgen_app.generation.presets import DEFAULT_PRESET
from musicgen_app.project.contents import path_of, path_text
from musicgen_app.project.document import Project
from musicgen_app.project.queue import QueueEntry
from musicgen_app.workflow.outputs import LENGTHS, USUAL_NOTES
from musicgen_app.workflow.train import TrainRequest, config_of

_SEEDS_NAMES = {"batch_size": "batch", "sequence_length": "window", "lr_time_decay": "time_decay"}
"""What the seeds' table calls some settings, and what they are called here."""
_SAMPLE_NAMES = {field.name: field.name for field in dataclasses.fields(SampleConfig)}
_SAMPLE_NAMES = {**{n: n for n in _SAMPLE_NAMES if n not in ("seed", "count")}, "sample_seed": "seed"}
"""By the name in a setting: what the music is made with. ``seed`` is the training's."""
_WORDS = ("title", "preset", "dataset", "from")


def parsed_settings(words: Iterable[str]) -> dict[str, Any]:
    """Settings out of words like ``dropout=0.3``.

    Raises:
        UsageError: A word is no setting, or one is named twice.
    """
    settings: dict[str, Any] = {}
    for word in words:
        name, value = split_setting(word)
        if name in settings:
            raise UsageError(f"The setting {name} is given twice.", "Give it once.")
        settings[name] = value if name in _WORDS else parsed_value(value)
    return settings


def split_setting(word: str) -> tuple[str, str]:
    """Name and value of ``name=value``; the seeds' names become ours.

    Raises:
        UsageError: It is none.
    """
    name, equals, value = word.partition("=")
    name, value = name.strip().replace("-", "_").replace(" ", "_"), value.strip()
    if not (name and equals and value):
        raise UsageError(f"“{word}” is no setting.", "Write NAME=VALUE, for example dropout=0.3.")
    return _SEEDS_NAMES.get(name, name), value


def parsed_value(text: str) -> Any:
    """A whole number, a number, true, false or none where the text is one of these; else the text."""
    named = {"true": True, "false": False, "none": None}
    if text.lower() in named:
        return named[text.lower()]
    for kind in (int, float):
        with contextlib.suppress(ValueError):
            return kind(text)
    return text


def new_entry(project: Project, settings: Mapping[str, Any], dataset: Dataset | None = None) -> QueueEntry:
    """The entry for some settings.

    Args:
        project: Whose queue it is for.
        settings: Settings of the training by their names; ``preset`` or ``from`` (a model), ``dataset``, ``epochs``,
            ``minutes``, ``seed`` and ``title``; and settings of ``SampleConfig`` for the music made afterwards, whose
            seed is called ``sample_seed``. ``notes=0`` makes none.
        dataset: The data set, where it is open.

    Raises:
        UsageError: There is no such setting, or a value is out of range.
        DatasetError, CheckpointError: The data set, or the model to start from, cannot be used.
    """
    values = dict(settings)
    sample = _sample({own: values.pop(name) for name, own in _SAMPLE_NAMES.items() if name in values})
    folder = Path(values.pop("dataset", "") or project.dataset_folder)
    start = str(values.pop("from", "") or "")
    own = {name: values.pop(name, None) for name in ("epochs", "minutes", "seed")}
    entry = QueueEntry(
        preset=str(values.pop("preset", "") or ("" if start else DEFAULT_PRESET)),
        title=str(values.pop("title", "") or ""),
        overrides=MappingProxyType(values),
        dataset=path_text(project.folder, folder),
        start_from=path_text(project.folder, Path(start)) if start else "",
        sample=MappingProxyType(sample),
        **own,
    )
    config = config_of(train_request(project, entry, Path()))
    known = dataset if dataset is not None else open_dataset(folder)
    config.network(known.codec.fields, known.codec.position_fields)
    return dataclasses.replace(entry, epochs=config.epochs, minutes=config.minutes, seed=config.seed)


def train_request(project: Project, entry: QueueEntry, folder: Path) -> TrainRequest:
    """What the training of an entry takes; it begins the run in a folder, or goes on with it."""
    return TrainRequest(
        dataset=path_of(project.folder, entry.dataset),
        out=folder,
        preset=entry.preset,
        overrides=entry.overrides,
        epochs=entry.epochs,
        minutes=entry.minutes,
        seed=entry.seed,
        resume=True,
        title=entry.title or f"Run {entry.run}",
        start_from=path_of(project.folder, entry.start_from) if entry.start_from else None,
    )


def _sample(values: dict[str, Any]) -> dict[str, Any]:
    """Settings of ``SampleConfig``, checked; empty where no music is wanted."""
    if values.get("notes") == 0:
        return {}
    if not any(values.get(name) is not None for name in LENGTHS):
        values["notes"] = USUAL_NOTES
    for name, value in values.items():
        if isinstance(value, str):
            raise UsageError(f"{name} is {value!r}; expected a number.")
        if name in ("notes", "bars", "top_k", "random_pick", "seed") and not isinstance(value, int):
            raise UsageError(f"{name} is {value}; expected a whole number.")
    SampleConfig(**values)
    return values
