"""A sweep: lists and ranges of settings, and the runs that come of all their combinations."""

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from musicgen_app.core.errors import MusicgenError, UsageError
from musicgen_app.core.progress import CancelToken, Progress, Report
from musicgen_app.dataset.store import Dataset, open_dataset
from musicgen_app.project.document import Project
from musicgen_app.project.queue import QueueEntry
from musicgen_app.workflow.queue_settings import new_entry, parsed_value, split_setting

USUAL_MOST = 100
"""More runs than this are not added unless the caller allows it."""
MOST_RUNS = 10_000

_WHOLE = ("title", "dataset", "from")
"""Settings that are one text each, whatever stands in it."""


@dataclass(frozen=True, slots=True)
class Axis:
    """A setting and its values, in the order given, none of them twice."""

    name: str
    values: tuple[Any, ...]


def parsed_axes(words: Iterable[str]) -> tuple[Axis, ...]:
    """Settings with lists and ranges.

    ``units=128,256`` is a list; ``dropout=0.1:0.5:0.1`` goes from 0.1 to 0.5 in steps of 0.1, both ends included;
    ``seed=1:4`` in steps of 1; ``learning_rate=0.0001:0.1:*10`` multiplies by 10.

    Raises:
        UsageError: A word is no setting, a range has no end, or a setting is given twice.
    """
    axes: dict[str, Axis] = {}
    for word in words:
        name, text = split_setting(word)
        if name in axes:
            raise UsageError(f"The setting {name} is given twice.", "Write its values as one list.")
        parts = [text] if name in _WHOLE else text.split(",")
        values = [value for part in parts for value in _values(name, part.strip())]
        # True counts as 1 for Python, and not for us.
        axes[name] = Axis(name, tuple(value for _, value in dict.fromkeys((type(one), one) for one in values)))
    return tuple(axes.values())


def run_count(axes: Sequence[Axis]) -> int:
    """How many runs a sweep makes."""
    return math.prod(len(axis.values) for axis in axes)


def sweep_entries(
    project: Project, axes: Sequence[Axis], report: Report, cancel: CancelToken, most: int = USUAL_MOST
) -> tuple[QueueEntry, ...]:
    """An entry for each combination, the last setting changing fastest. Each is checked before any is returned.

    Args:
        project: Whose queue they are for.
        axes: Settings and their values.
        report: Told how many are checked.
        cancel: Looked at between two.
        most: More are refused.

    Raises:
        UsageError: They are too many, there is no such setting, or a value is out of range.
        DatasetError, CheckpointError: The data set, or the model to start from, cannot be used.
    """
    count = run_count(axes)
    if count > min(most, MOST_RUNS):
        raise UsageError(
            f"This makes {count:,} runs; at most {min(most, MOST_RUNS):,} are added at once.",
            f"Give fewer values, or allow more (--most {count})." if count <= MOST_RUNS else "Give fewer values.",
        )
    varied = [axis.name for axis in axes if len(axis.values) > 1]
    datasets: dict[Path, Dataset] = {}
    entries = []
    for number, values in enumerate(itertools.product(*(axis.values for axis in axes))):
        cancel.check()
        report(Progress("Checking settings", number, count))
        settings = dict(zip((axis.name for axis in axes), values, strict=True))
        told = ", ".join(f"{name} {_words(settings[name])}" for name in varied)
        title = ": ".join(part for part in (str(settings.get("title", "")), told) if part)
        folder = Path(settings.get("dataset") or project.dataset_folder)
        if folder not in datasets:
            datasets[folder] = open_dataset(folder)
        entries.append(_checked(project, {**settings, "title": title}, datasets[folder], told))
    return tuple(entries)


def _checked(project: Project, settings: Mapping[str, Any], dataset: Dataset, told: str) -> QueueEntry:
    try:
        return new_entry(project, settings, dataset)
    except UsageError as error:
        where = f" (with {told})" if told else ""
        raise UsageError(f"{error.message.removesuffix('.')}{where}. Nothing was added.", error.hint) from error


def _values(name: str, part: str) -> list[Any]:
    """The values of a part of a list: one, or those of a range."""
    if not part:
        raise UsageError(f"A value of {name} is missing.", "Write a list like units=128,256.")
    if ":" not in part:
        return [parsed_value(part)]
    return _range(name, part)


def _range(name: str, part: str) -> list[Any]:
    low, high, *rest = part.split(":")
    step = rest[0] if rest else "1"
    growing = step.startswith("*")
    try:
        first, last, width = Decimal(low), Decimal(high), Decimal(step.removeprefix("*"))
    except InvalidOperation as error:
        raise _no_range(name, part) from error
    good = all(value.is_finite() for value in (first, last, width)) and len(rest) <= 1 and first <= last
    if not good or width <= 0 or (growing and (width <= 1 or first <= 0)):
        raise _no_range(name, part)
    many = math.log(last / first) / math.log(width) if growing else (last - first) / width
    if many >= MOST_RUNS:
        raise UsageError(f"The range {name}={part} has more than {MOST_RUNS:,} values.", "Choose wider steps.")
    whole = all(value == value.to_integral_value() for value in (first, width)) and "." not in part
    values = []
    while first <= last:
        values.append(int(first) if whole and "e" not in part.lower() else float(first))
        first = first * width if growing else first + width
    return values


def _no_range(name: str, part: str) -> MusicgenError:
    return UsageError(
        f"{name}={part} is no range.", "Write FROM:TO or FROM:TO:STEP with a step above 0, or FROM:TO:*FACTOR."
    )


def _words(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
