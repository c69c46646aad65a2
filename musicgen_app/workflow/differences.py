"""The settings in which runs differ: trained here, or rows of an imported table."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from musicgen_app.core.errors import ProjectError
from musicgen_app.ml.config import LIMITS
from musicgen_app.ml.windowed_config import WINDOWED_LIMITS
from musicgen_app.project.runs import RUN_FILE, RunRecord
from musicgen_app.project.seed_row import ARCHITECTURES
from musicgen_app.project.store import Fields, read_json
from musicgen_app.workflow.clone import clone

_TITLES = {
    "architecture": "Network",
    "dataset": "Data set",
    "parent": "Model of",
    "start": "Started from",
    "parameters": "Parameters",
    "optimizer": "Optimizer",
    "transpose": "All keys",
    "repeats": "Repeats",
    "seed_order": "Seed-compatible order",
    "random_pick": "Random pick",
    "precision": "Precision",
    **{name: limit.title for name, limit in (*LIMITS.items(), *WINDOWED_LIMITS.items())},
    "comments": "Comments",
    "problems": "Problems",
}
_RENAMED = {"lr_time_decay": "time_decay"}
"""Settings of imported rows that a training of ours calls otherwise."""
_NO_SETTINGS = ("preset", "threads", "save_seconds")
"""What a run's settings hold that says nothing of its music."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A setting that is not the same in all runs.

    Attributes:
        name: What to call it.
        values: In each run, as words; empty where it is not known.
    """

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Differences:
    """How runs were set up.

    Attributes:
        settings: Those known of more than one run, and not the same in all of them.
        alike: Names of those that are the same wherever they are known.
        single: Names of those that are known of one run alone.
    """

    settings: tuple[Difference, ...]
    alike: tuple[str, ...]
    single: tuple[str, ...]


def differences(runs: Sequence[RunRecord]) -> Differences:
    """What tells the settings of runs apart."""
    found = [_settings(run) for run in runs]
    names = list(dict.fromkeys(name for one in found for name in one))
    names.sort(key=lambda name: list(_TITLES).index(name) if name in _TITLES else len(_TITLES))
    settings, alike, single = [], [], []
    for name in names:
        values = [one.get(name, "") for one in found]
        known = [value for value in values if value]
        title = _TITLES.get(name) or name
        if len(set(known)) > 1:
            settings.append(Difference(title, tuple(values)))
        elif len(known) == 1:
            single.append(title)
        elif known:
            alike.append(title)
    return Differences(tuple(settings), tuple(alike), tuple(single))


def dataset_of(run: RunRecord) -> tuple[Path | None, str]:
    """The data set a run learned from and its fingerprint, as far as the run says it."""
    try:
        given = Fields(read_json(run.folder / RUN_FILE), RUN_FILE).section("dataset")
        path, fingerprint = given.take("path", str, ""), given.take("fingerprint", str, "")
    except ProjectError:
        return None, ""
    return (Path(path) if path else None), fingerprint


def _settings(run: RunRecord) -> dict[str, str]:
    """The settings of a run as words, by name; those that are not known are left out."""
    found = {"architecture": _network(run.preset), "dataset": _dataset(run)}
    known = dict(run.settings)
    if run.row is not None:
        # What the table does not say follows from the network it names.
        known = {**clone(run).config.to_json(), **known}
    for name, value in known.items():
        if name not in _NO_SETTINGS:
            found[_RENAMED.get(name, name)] = _words(value)
    if run.row is not None:
        found["parent"] = f"test {run.row.parent}" if run.row.parent else ""
        found["comments"], found["problems"] = run.row.words("comments"), run.row.words("Problems")
        found |= run.row.extra
    else:
        found["start"] = run.start.get("title") or "nothing"
        found["parameters"] = f"{run.parameters:,}" if run.parameters else ""
    return {name: value for name, value in found.items() if value}


def _network(preset: str) -> str:
    short = preset.removeprefix("seed-")
    return ARCHITECTURES.get(short, short.capitalize())


def _dataset(run: RunRecord) -> str:
    if run.row is not None:
        return run.row.dataset
    path, fingerprint = dataset_of(run)
    return f"{path.name} ({fingerprint[:6]})" if path is not None and fingerprint else ""


def _words(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:g}"
    if isinstance(value, list):  # the layers of a network: kind and size of each
        parts = (one if isinstance(one, list) else [one] for one in value)
        return ", ".join(" ".join(str(part) for part in one[:2] if part) for one in parts)
    return str(value)
