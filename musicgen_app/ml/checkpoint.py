"""Training states on disk: everything a training needs to go on as if it had never stopped.

A state is a safetensors file whose name carries the step and the SHA-256 of its content, so a file that was cut short
or has rotted is recognised without trusting anything in it. The last three are kept.
"""

import hashlib
import json
import logging
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from musicgen_app.core.files import sweep_unfinished, write_atomically

_log = logging.getLogger(__name__)

STATES_KEPT = 3
STATE_VERSION = 2
_METADATA_KEY = "musicgen_state"
_NAME = re.compile(r"state-(\d{9})-([0-9a-f]{64})\.safetensors")

Arrays = dict[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Counters:
    """Where a training stands, beside its weights.

    Attributes:
        step: Batches done in the whole training.
        epoch: Whole epochs done.
        batch: Batches done of the epoch that is under way.
        nats, notes: Sums over those batches, from which the epoch's training loss follows.
        planned: Steps in the whole training; 0 while a time budget is still being measured.
        best_epoch: The best epoch so far, from 1; 0 before the first validation.
        best: Its validation loss, or its training loss where there is nothing to validate on.
        best_train: Its training loss.
        worse: Epochs since the best one.
        seconds: Time spent on the run.
        train_seconds, train_notes: Time spent on batches only, and the notes in them.
        epoch_seconds: Time spent on the epoch under way.
    """

    step: int = 0
    epoch: int = 0
    batch: int = 0
    nats: float = 0.0
    notes: int = 0
    planned: int = 0
    best_epoch: int = 0
    best: float = 0.0
    best_train: float = 0.0
    worse: int = 0
    seconds: float = 0.0
    train_seconds: float = 0.0
    train_notes: int = 0
    epoch_seconds: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class TrainingState:
    """A state: counters, and float32 arrays by name (weights and the optimizer's averages)."""

    counters: Counters
    arrays: Arrays


class StateFolder:
    """The folder of a run that holds its training states."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def sweep(self) -> None:
        """Make the folder, or clear it of what a killed writer left. Only while nobody else trains this run."""
        self._folder.mkdir(parents=True, exist_ok=True)
        sweep_unfinished(self._folder, older_than_sec=0.0)

    def save(self, state: TrainingState) -> Path:
        """Write a state and delete all but the last three.

        Raises:
            FileWriteError: The disk is full or not writable; the states before are untouched.
        """
        described = json.dumps({"version": STATE_VERSION, "counters": asdict(state.counters)}, allow_nan=False)
        content: bytes = save(state.arrays, metadata={_METADATA_KEY: described})
        digest = hashlib.sha256(content).hexdigest()
        path = self._folder / f"state-{state.counters.step:09d}-{digest}.safetensors"
        write_atomically(path, content)
        # Of several states of one step (before and after a validation) the new one counts.
        older = [other for other in self._paths() if other != path]
        for other in older[STATES_KEPT - 1 :]:
            other.unlink(missing_ok=True)
        return path

    def newest(self, shapes: Mapping[str, tuple[int, ...]]) -> TrainingState | None:
        """The newest state that verifies and has these arrays; None where there is none. Damaged files are deleted."""
        states = (self._load(path, shapes) for path in self._paths())
        found = [state for state in states if state is not None]
        return max(found, key=_order, default=None)

    def _paths(self) -> list[Path]:
        """The files of states, highest step first; of one step, the file written last."""
        named = [path for path in self._folder.glob("state-*.safetensors") if _NAME.fullmatch(path.name)]
        return sorted(named, key=lambda path: (path.name.split("-")[1], path.stat().st_mtime_ns), reverse=True)

    def _load(self, path: Path, shapes: Mapping[str, tuple[int, ...]]) -> TrainingState | None:
        match = _NAME.fullmatch(path.name)
        try:
            content = path.read_bytes()
            if match is None or hashlib.sha256(content).hexdigest() != match[2]:
                _log.info("The training state %s is damaged; an older one is used.", path.name)
                path.unlink(missing_ok=True)
                return None
            counters = _counters(content)
            arrays: Arrays = load(content)
        except (OSError, SafetensorError, ValueError) as error:
            _log.info("The training state %s cannot be read (%s); an older one is used.", path.name, error)
            return None
        if {name: array.shape for name, array in arrays.items()} != dict(shapes):
            _log.info("The training state %s belongs to another network.", path.name)
            return None
        return TrainingState(counters, arrays)


def _order(state: TrainingState) -> tuple[int, int]:
    return state.counters.step, state.counters.epoch


def _counters(content: bytes) -> Counters:
    """The counters in a file's header.

    Raises:
        ValueError: They are not there, or not those of this version.
    """
    length = int.from_bytes(content[:8], "little")
    header: Any = json.loads(content[8 : 8 + length])
    try:
        described: Any = json.loads(header["__metadata__"][_METADATA_KEY])
        if described["version"] != STATE_VERSION:
            raise ValueError("it is of another version")
        return Counters(**{field.name: described["counters"][field.name] for field in fields(Counters)})
    except (KeyError, TypeError) as error:
        raise ValueError(f"it lacks {error}") from error
