"""The runs of a project: each a folder with its settings, its losses by epoch and its checkpoints."""

import contextlib
import csv
import io
import math
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from musicgen_app.core.errors import ProjectError
from musicgen_app.ml.runfolder import is_trained
from musicgen_app.project.held_out import HeldOut, read_held_out
from musicgen_app.project.output_file import OUTPUT_SUFFIX, OutputFacts, read_output_facts
from musicgen_app.project.seed_row import SEED_COLUMNS, SeedRow
from musicgen_app.project.shared_model import parent_folder, parent_in, refuse_with_children
from musicgen_app.project.store import Fields, read_json, write_json
from musicgen_app.project.verdict import Verdict, read_verdict

RUN_FILE = "run.json"
LABEL_FILE = "label.json"
LOSSES_FILE = "losses.csv"
MODEL_FILE = "model.safetensors"
START_MODEL_FILE = "start.safetensors"
STATE_FOLDER = "state"
TRASH = ".trash"


def _nothing() -> Mapping[str, object]:
    return MappingProxyType({})


def _no_numbers() -> Mapping[str, float]:
    return MappingProxyType({})


def _no_texts() -> Mapping[str, str]:
    return MappingProxyType({})


def _column() -> NDArray[np.float64]:
    return np.empty(0)


@dataclass(frozen=True, slots=True, eq=False)
class Losses:
    """The losses of a run by epoch, all arrays of shape (epochs,).

    Attributes:
        epochs: Epoch numbers, rising, from 1.
        train: Nats per note over the training pieces.
        validation: Nats per note over the validation pieces; NaN where not measured.
        seconds: Length of each epoch.
    """

    epochs: NDArray[np.float64] = field(default_factory=_column)
    train: NDArray[np.float64] = field(default_factory=_column)
    validation: NDArray[np.float64] = field(default_factory=_column)
    seconds: NDArray[np.float64] = field(default_factory=_column)

    @property
    def best_epoch(self) -> int | None:
        """The epoch with the lowest validation loss; by the training loss where validation was never measured."""
        for column in (self.validation, self.train):
            if len(column) and not bool(np.all(np.isnan(column))):
                return int(self.epochs[int(np.nanargmin(column))])
        return None

    def at(self, epoch: int) -> tuple[float, float]:
        """Training and validation loss of an epoch; NaN where unknown."""
        found = np.flatnonzero(self.epochs == epoch)
        if len(found) == 0:
            return math.nan, math.nan
        return float(self.train[found[0]]), float(self.validation[found[0]])


@dataclass(frozen=True, slots=True, eq=False)
class RunRecord:
    """What is known of a run.

    Attributes:
        id: Its number in the project.
        folder: Its folder.
        title: What a person calls it.
        notes: What a person wrote down about it.
        problems: What went wrong in it, in a person's words; empty where nothing was written.
        status: "running" (a process trains it), "stopped" (can be resumed), "done", "failed" or "imported" (from a
            table of experiments: it can be looked at and cloned, and has no model).
        reason: Why it ended, in words; may be empty.
        preset: The network's preset.
        created: When it was begun, as ISO 8601; empty where it is not known.
        parameters: Numbers the network learns; 0 where it is not known.
        settings: The settings it was started with, JSON values.
        summary: Its figures at the end, JSON values; empty while it has not ended.
        losses: By epoch.
        baselines: What the validation pieces cost without a network, nats per note by name; empty where that was
            not counted.
        checkpoint: The file with the best weights, which is its parent's for a child; None before the first epoch is
            over.
        parent: Number of the run whose model it shares; 0 where it has its own.
        start: The model it started from (title, fingerprint, licence, all texts); empty for a fresh network.
        row: The row it was imported from; None for a run of this program's own.
        output: The MIDI file that lies with it; None where there is none.
        verdict: What was found out about the output; None where it was not judged.
        plan: How its output is to be made when its training ends, JSON values; empty for none, None where that was
            not said.
        made: How its output was made; None where there is none, or where that is not known.
        held_out: How well the best model foretells the validation pieces; None where there are none, and for runs of
            older versions.
    """

    id: int
    folder: Path
    title: str
    notes: str = ""
    problems: str = ""
    status: str = "stopped"
    reason: str = ""
    preset: str = ""
    created: str = ""
    parameters: int = 0
    settings: Mapping[str, object] = field(default_factory=_nothing)
    summary: Mapping[str, object] = field(default_factory=_nothing)
    losses: Losses = field(default_factory=Losses)
    baselines: Mapping[str, float] = field(default_factory=_no_numbers)
    checkpoint: Path | None = None
    parent: int = 0
    start: Mapping[str, str] = field(default_factory=_no_texts)
    row: SeedRow | None = None
    output: Path | None = None
    verdict: Verdict | None = None
    plan: Mapping[str, object] | None = None
    made: OutputFacts | None = None
    held_out: HeldOut | None = None

    @property
    def epochs(self) -> int:
        """Epochs done."""
        return int(self.losses.epochs[-1]) if len(self.losses.epochs) else 0

    @property
    def best(self) -> float:
        """The lowest validation loss (training loss without validation); NaN before the first epoch is over."""
        epoch = self.losses.best_epoch
        if epoch is None:
            return math.nan
        train, validation = self.losses.at(epoch)
        return train if math.isnan(validation) else validation

    @property
    def start_model(self) -> Path | None:
        """Its copy of the model it started from; None for a fresh network."""
        copy = self.folder / START_MODEL_FILE
        return copy if self.start and copy.is_file() else None

    @property
    def has_state(self) -> bool:
        """Whether what is on disk is enough to train on from."""
        state = self.folder / STATE_FOLDER
        return self.status != "running" and state.is_dir() and any(state.iterdir())

    @property
    def can_resume(self) -> bool:
        """Whether training was interrupted and can go on."""
        return self.status in ("stopped", "failed") and self.has_state

    @property
    def can_go_further(self) -> bool:
        """Whether training came to its end and can be given more epochs."""
        return self.status == "done" and self.has_state and self.epochs > 0


def new_run_folder(folder: Path, after: int | None = None) -> Path:
    """Make the folder of the next run inside ``folder``. Numbers of deleted runs are not used again.

    Args:
        folder: The project's ``runs``.
        after: The highest number in use, where the caller knows it; finding it takes a look at every run.

    Raises:
        ProjectError: It could not be made.
    """
    number = (highest_number(folder) if after is None else after) + 1
    try:
        folder.mkdir(parents=True, exist_ok=True)
        while True:
            with contextlib.suppress(FileExistsError):
                made = folder / f"{number:04d}"
                made.mkdir()
                return made
            number += 1
    except OSError as error:
        told = error.strerror or "the disk gave no reason"
        raise ProjectError(
            f"A folder for the run could not be made: {told}.", "Check that you may write there."
        ) from error


def highest_number(folder: Path) -> int:
    """The highest number a run inside ``folder`` has or had; 0 without runs."""
    return max((int(path.name) for place in (folder, folder / TRASH) for path in _numbered(place)), default=0)


def list_runs(folder: Path, running: Path | None = None) -> tuple[RunRecord, ...]:
    """The runs inside ``folder``, oldest first.

    Args:
        folder: The project's ``runs``.
        running: The run that goes on at the moment, also where its training has not begun to write; any other that
            seems to, and that no process trains, was killed and counts as stopped.
    """
    return tuple(read_run(path, path == running) for path in run_folders(folder))


def run_folders(folder: Path) -> list[Path]:
    """The folders of the runs inside ``folder``, oldest first."""
    return sorted(_numbered(folder), key=lambda path: (int(path.name), path.name))


def read_run(folder: Path, running: bool = False) -> RunRecord:
    """What is known of the run in a folder. What is damaged there is left out.

    Args:
        folder: The run's.
        running: Whether it is known to go on; otherwise one counts as running while a process trains it.
    """
    found = _contents(folder / RUN_FILE)
    label = Fields(_contents(folder / LABEL_FILE), LABEL_FILE)
    row = _row(found.get("row"))
    settings = row.settings if row is not None else _mapping(found.get("config"))
    summary = _mapping(found.get("summary"))
    parameters = found.get("parameters")
    losses = read_losses(folder / LOSSES_FILE)
    parent = parent_in(found)
    checkpoint = (parent_folder(folder, parent) if parent else folder) / MODEL_FILE
    number = int(folder.name) if folder.name.isdecimal() else 0
    output = next(iter(sorted(folder.glob(f"*{OUTPUT_SUFFIX}"))), None)
    reason = summary.get("reason") or found.get("error") or ""
    named = found.get("title")
    title = _text(label, "title") or (named if isinstance(named, str) and named != folder.name else "")
    return RunRecord(
        id=number,
        folder=folder,
        title=title or f"Run {number}",
        notes=_text(label, "notes"),
        problems=_text(label, "problems"),
        status="imported" if row is not None else _status(found, summary, folder, running),
        reason=reason if isinstance(reason, str) else "",
        preset=row.architecture if row is not None else str(settings.get("preset", "")),
        created=str(found.get("created", "")),
        parameters=parameters if isinstance(parameters, int) else 0,
        settings=settings,
        summary=summary,
        losses=losses,
        baselines=_numbers(found.get("baselines")),
        start={name: value for name, value in _mapping(found.get("start")).items() if isinstance(value, str)},
        checkpoint=checkpoint if row is None and checkpoint.is_file() else None,
        parent=parent,
        row=row,
        output=output,
        verdict=read_verdict(folder, output),
        plan=_mapping(found["output"]) if "output" in found else None,
        made=read_output_facts(folder, output),
        held_out=read_held_out(folder, losses.best_epoch) if row is None else None,
    )


def read_losses(path: Path) -> Losses:
    """The losses in a run's table; rows that are torn or damaged are left out, of two for an epoch the later counts."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return Losses()
    rows: dict[int, tuple[float, float, float]] = {}
    latest = 0
    complete = text[: text.rfind("\n") + 1]  # a last line without its end is still being written
    for row in csv.DictReader(io.StringIO(complete)):
        try:
            epoch = int(row.get("epoch") or "")
        except ValueError:
            continue
        if epoch <= latest:  # the run was resumed from before its last row: what followed was done again
            rows = {known: values for known, values in rows.items() if known < epoch}
        latest = epoch
        rows[epoch] = (_number(row.get("train")), _number(row.get("validation")), _number(row.get("seconds")))
    table = np.array([(epoch, *rows[epoch]) for epoch in sorted(rows)], dtype=float).reshape(-1, 4)
    return Losses(*(np.ascontiguousarray(column) for column in table.T))


def write_imported(folder: Path, row: SeedRow, created: str) -> None:
    """Write what is known of a run that comes from a table of experiments.

    Raises:
        ProjectError: It could not be written.
    """
    described = {"cells": list(row.cells), "extra": dict(row.extra), "parent": row.parent}
    title = f"Test {row.test}" if row.test else ""
    write_json(folder / RUN_FILE, {"version": 1, "title": title, "created": created, "row": described})


def label_run(folder: Path, title: str, notes: str, problems: str = "") -> None:
    """Give a run a title, notes and what went wrong.

    Raises:
        ProjectError: They could not be written.
    """
    write_json(folder / LABEL_FILE, {"version": 1, "title": title, "notes": notes, "problems": problems})


def delete_run(folder: Path) -> Path:
    """Move a run to the project's trash and return its place there; ``restore_run`` brings it back.

    Raises:
        ProjectError: Other runs share its model, or it could not be moved.
    """
    refuse_with_children(folder)
    trash = folder.parent / TRASH
    try:
        trash.mkdir(exist_ok=True)
        return folder.rename(trash / folder.name)
    except OSError as error:
        told = error.strerror or "the disk gave no reason"
        raise ProjectError(
            f"{folder.name} could not be deleted: {told}.", "Close programs that use its files."
        ) from error


def restore_run(trashed: Path) -> Path:
    """Bring a deleted run back and return its folder.

    Raises:
        ProjectError: It is gone, or could not be moved.
    """
    try:
        return trashed.rename(trashed.parent.parent / trashed.name)
    except OSError as error:
        told = error.strerror or "the disk gave no reason"
        raise ProjectError(
            f"Run {trashed.name} could not be brought back: {told}.", "It may have been emptied."
        ) from error


def empty_trash(folder: Path) -> None:
    """Delete for good what ``delete_run`` moved away; what cannot be deleted stays."""
    shutil.rmtree(folder / TRASH, ignore_errors=True)


def _numbered(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return [path for path in folder.iterdir() if path.is_dir() and path.name.isdecimal()]


def _contents(path: Path) -> dict[str, object]:
    """The object in a file; empty where there is none, so that one damaged run does not hide the others."""
    try:
        return read_json(path)
    except ProjectError:
        return {}


def _mapping(value: object) -> Mapping[str, object]:
    return MappingProxyType(value) if isinstance(value, dict) else _nothing()


def _row(value: object) -> SeedRow | None:
    """The imported row in a run's description; None where there is none, or where it is damaged."""
    if not isinstance(value, dict):
        return None
    cells, extra, parent = value.get("cells"), value.get("extra"), value.get("parent")
    if not isinstance(cells, list) or len(cells) != len(SEED_COLUMNS):
        return None
    known = extra.items() if isinstance(extra, dict) else ()
    return SeedRow(
        cells=tuple(map(str, cells)),
        extra=MappingProxyType({str(name): str(cell) for name, cell in known}),
        parent=parent if isinstance(parent, str) else "",
    )


def _numbers(value: object) -> Mapping[str, float]:
    """The finite numbers of an object, by name."""
    items = value.items() if isinstance(value, dict) else ()
    known = {str(name): float(one) for name, one in items if isinstance(one, int | float)}
    return MappingProxyType({name: one for name, one in known.items() if math.isfinite(one)})


def _text(fields: Fields, key: str) -> str:
    try:
        return fields.take(key, str, "")
    except ProjectError:
        return ""


def _status(found: Mapping[str, object], summary: Mapping[str, object], folder: Path, running: bool) -> str:
    status = found.get("status")
    if running or (status == "running" and is_trained(folder)):
        return "running"
    if status == "finished" or (status is None and summary):
        return "done"
    return "failed" if status == "failed" else "stopped"


def _number(text: str | None) -> float:
    try:
        value = float(text or "nan")
    except ValueError:
        return math.nan
    return value if math.isfinite(value) else math.nan
