"""Frozen values as single lines of JSON, and back: what runs through the pipes of the worker process.

A line is self-describing: ``{"@": "EpochReport", "epoch": 3, ...}``. Only the classes named here can be made from a
line, and only out of numbers, text, sequences (which become tuples), mappings, paths and plain arrays.
"""

import base64
import binascii
import dataclasses
import importlib
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from musicgen_app.core.errors import MusicgenError


class WireError(MusicgenError):
    """A line that is not one of ours, or a value that cannot be sent."""


@dataclasses.dataclass(frozen=True, slots=True)
class Finished:
    """The last line of a worker that did its work."""

    result: Any


@dataclasses.dataclass(frozen=True, slots=True)
class Failed:
    """The last line of a worker that could not.

    Attributes:
        kind: Name of the error's class in ``musicgen_app.core.errors``.
        message, hint: As in MusicgenError.
        details: A traceback where the error was not foreseen; may be empty.
    """

    kind: str
    message: str
    hint: str = ""
    details: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Stopped:
    """The last line of a worker that was cancelled."""


_HOMES = {
    "Finished": "musicgen_app.workflow.wire",
    "Failed": "musicgen_app.workflow.wire",
    "Stopped": "musicgen_app.workflow.wire",
    "Progress": "musicgen_app.core.progress",
    "Score": "musicgen_app.core.score",
    "Track": "musicgen_app.core.score",
    "TimeSignature": "musicgen_app.core.score",
    "KeySignature": "musicgen_app.core.score",
    "TrainStarted": "musicgen_app.ml.reports",
    "BatchReport": "musicgen_app.ml.reports",
    "EpochReport": "musicgen_app.ml.reports",
    "TrainResult": "musicgen_app.ml.reports",
    "SkippedFile": "musicgen_app.ml.reports",
    "Evaluation": "musicgen_app.ml.reports",
    "TrainRequest": "musicgen_app.workflow.train",
    "EvaluateRequest": "musicgen_app.workflow.evaluate",
    "PrepareConfig": "musicgen_app.workflow.prepare",
    "PreparedReport": "musicgen_app.workflow.prepare",
    "Recipe": "musicgen_app.dataset.recipe",
    "FileEdit": "musicgen_app.dataset.recipe",
    "FileFacts": "musicgen_app.workflow.inspect",
    "ScanRequest": "musicgen_app.workflow.scan",
    "ScanReport": "musicgen_app.workflow.scan",
    "Committed": "musicgen_app.workflow.scan",
    "UsesRequest": "musicgen_app.workflow.uses",
    "Uses": "musicgen_app.workflow.uses",
    "AdviceRequest": "musicgen_app.workflow.advice",
    "Advice": "musicgen_app.workflow.advice",
    "EpochTime": "musicgen_app.workflow.epoch_time",
    "Coverage": "musicgen_app.dataset.coverage",
    "Used": "musicgen_app.dataset.coverage",
    "InspectRequest": "musicgen_app.workflow.inspect",
    "CollectConfig": "musicgen_app.workflow.collect",
    "CollectStarted": "musicgen_app.workflow.collect",
    "Collected": "musicgen_app.workflow.collect",
    "Collection": "musicgen_app.dataset.collections",
    "Redirected": "musicgen_app.dataset.web",
    "ImportRequest": "musicgen_app.workflow.experiments",
    "ImportReport": "musicgen_app.workflow.experiments",
    "ListRequest": "musicgen_app.workflow.experiments",
    "QueueRequest": "musicgen_app.workflow.queue",
    "QueueReport": "musicgen_app.workflow.queue",
    "QueueResult": "musicgen_app.workflow.queue",
    "JudgeRequest": "musicgen_app.workflow.judge",
    "JudgedRun": "musicgen_app.workflow.judge",
    "JudgeReport": "musicgen_app.workflow.judge",
    "CompareRequest": "musicgen_app.workflow.compare",
    "Comparison": "musicgen_app.workflow.compare",
    "ComparedRun": "musicgen_app.workflow.compare",
    "ComparedTake": "musicgen_app.workflow.compare",
    "Likelihood": "musicgen_app.workflow.compared_figures",
    "Differences": "musicgen_app.workflow.differences",
    "Difference": "musicgen_app.workflow.differences",
    "Likeness": "musicgen_app.workflow.likeness",
    "Figures": "musicgen_app.core.likeness",
    "ListenRequest": "musicgen_app.workflow.listen",
    "BlindTest": "musicgen_app.workflow.listen",
    "BlindRound": "musicgen_app.workflow.listen",
    "Session": "musicgen_app.project.listening",
    "Round": "musicgen_app.project.listening",
    "Verdict": "musicgen_app.project.verdict",
    "Copied": "musicgen_app.project.verdict",
    "Habits": "musicgen_app.generation.habits",
    "Loop": "musicgen_app.generation.habits",
    "GenerateConfig": "musicgen_app.workflow.generate",
    "Take": "musicgen_app.workflow.generate",
    "Rendering": "musicgen_app.tokens.seed",
    "TimelineTake": "musicgen_app.project.timeline",
    "SampleConfig": "musicgen_app.generation.generator",
    "NotesReport": "musicgen_app.generation.generator",
}
"""Where each class that may travel lives; a module is imported when the first of its values arrives."""


def to_line(value: object) -> str:
    """One line of strict JSON, without the line's end.

    Raises:
        WireError: The value holds something that cannot be sent.
    """
    return json.dumps(_plain(value), ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def from_line(line: str) -> Any:
    """The value of a line.

    Raises:
        WireError: It is not one of our lines.
    """
    try:
        return _value(json.loads(line))
    except (ValueError, TypeError, KeyError, binascii.Error) as error:
        raise WireError(f"A line from another process cannot be read: {line[:80]!r}.", str(error)) from error


def _plain(value: object) -> Any:
    """JSON values for a value of ours."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"@": "float", "text": repr(value)}
    if isinstance(value, np.generic) and not isinstance(value, np.void):
        return _plain(value.item())
    if isinstance(value, Path):
        return {"@": "path", "text": str(value)}
    if isinstance(value, np.ndarray):
        return _plain_array(value)
    if isinstance(value, Mapping):
        return {_key(key): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return _plain_dataclass(value)


def _key(key: object) -> str:
    if not isinstance(key, str) or key == "@":
        raise WireError(f"A mapping with the key {key!r} cannot be sent; expected text other than '@'.")
    return key


def _plain_array(array: np.ndarray[Any, Any]) -> dict[str, Any]:
    if array.dtype.hasobject:
        raise WireError("An array of objects cannot be sent.")
    content = base64.b64encode(np.ascontiguousarray(array).tobytes()).decode("ascii")
    return {"@": "array", "dtype": array.dtype.descr, "shape": list(array.shape), "base64": content}


def _plain_dataclass(value: object) -> dict[str, Any]:
    name = type(value).__name__
    if not dataclasses.is_dataclass(value) or _HOMES.get(name) != type(value).__module__:
        raise WireError(f"A {name} cannot be sent to another process.")
    fields = {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value) if f.init}
    return {"@": name, **fields}


def _value(plain: Any) -> Any:
    """A value of ours from JSON values."""
    if isinstance(plain, list):
        return tuple(_value(item) for item in plain)
    if not isinstance(plain, dict):
        return plain
    kind = plain.get("@")
    if kind is None:
        return {key: _value(item) for key, item in plain.items()}
    if kind == "path":
        return Path(plain["text"])
    if kind == "float":
        return float(plain["text"])
    if kind == "array":
        return _array(plain)
    return _class(kind)(**{key: _value(item) for key, item in plain.items() if key != "@"})


def _array(plain: dict[str, Any]) -> np.ndarray[Any, Any]:
    described: list[Any] = [
        tuple(tuple(part) if isinstance(part, list) else part for part in one) for one in plain["dtype"]
    ]
    dtype = np.dtype(described[0][1]) if described[0][0] == "" else np.dtype(described)
    if dtype.hasobject:
        raise ValueError("an array of objects")
    content = base64.b64decode(plain["base64"], validate=True)
    shape = tuple(int(length) for length in plain["shape"])
    if len(content) != math.prod(shape) * dtype.itemsize:
        raise ValueError("an array of the wrong length")
    return np.ndarray(shape, dtype, buffer=content).copy()


def _class(name: str) -> Any:
    home = _HOMES[name]
    return getattr(importlib.import_module(home), name)
