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
from musicgen_app.project.store import Fields, read_json, write_json

RUN_FILE = "run.json"
LABEL_FILE = "label.json"
LOSSES_FILE = "losses.csv"
MODEL_FILE = "model.safetensors"
START_MODEL_FILE = "start.safetensors"
STATE_FOLDER = "state"
TRASH = ".trash"
SEED_COLUMNS = (
    "test_id",
    "learning_rate",
    "batch_size",
    "epochs",
    "sequence_length",
    "weight_decay",
    "optimizer",
    "dropout",
    "random pick",
    "loss",
    "score",
    "runtime(min.)",
    "comments",
    "Problems",
)
"""The columns of the table this program grew from come first, so that the tables can be laid side by side."""

_OWN_COLUMNS = ("title", "preset", "status", "epochs_done", "best_epoch", "validation", "seed")


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
        status: "running", "stopped" (can be resumed), "done" or "failed".
        reason: Why it ended, in words; may be empty.
        preset: The network's preset.
        created: When it was begun, as ISO 8601; empty where it is not known.
        parameters: Numbers the network learns; 0 where it is not known.
        settings: The settings it was started with, JSON values.
        summary: Its figures at the end, JSON values; empty while it has not ended.
        losses: By epoch.
        baselines: What the validation pieces cost without a network, nats per note by name; empty where that was
            not counted.
        checkpoint: The file with the best weights; None before the first epoch is over.
        start: The model it started from (title, fingerprint, licence, all texts); empty for a fresh network.
    """

    id: int
    folder: Path
    title: str
    notes: str = ""
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
    start: Mapping[str, str] = field(default_factory=_no_texts)

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


def new_run_folder(folder: Path) -> Path:
    """Make the folder of the next run inside ``folder``. Numbers of deleted runs are not used again.

    Raises:
        ProjectError: It could not be made.
    """
    taken = [int(path.name) for place in (folder, folder / TRASH) for path in _numbered(place)]
    number = max(taken, default=0) + 1
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


def list_runs(folder: Path, running: Path | None = None) -> tuple[RunRecord, ...]:
    """The runs inside ``folder``, oldest first.

    Args:
        folder: The project's ``runs``.
        running: The run that goes on at the moment; any other that seems to was killed, and counts as stopped.
    """
    return tuple(read_run(path, path == running) for path in sorted(_numbered(folder)))


def read_run(folder: Path, running: bool = False) -> RunRecord:
    """What is known of the run in a folder. What is damaged there is left out."""
    found = _contents(folder / RUN_FILE)
    label = Fields(_contents(folder / LABEL_FILE), LABEL_FILE)
    settings, summary = _mapping(found.get("config")), _mapping(found.get("summary"))
    parameters = found.get("parameters")
    losses = read_losses(folder / LOSSES_FILE)
    checkpoint = folder / MODEL_FILE
    number = int(folder.name) if folder.name.isdecimal() else 0
    reason = summary.get("reason") or found.get("error") or ""
    named = found.get("title")
    title = _text(label, "title") or (named if isinstance(named, str) and named != folder.name else "")
    return RunRecord(
        id=number,
        folder=folder,
        title=title or f"Run {number}",
        notes=_text(label, "notes"),
        status=_status(found, summary, running),
        reason=reason if isinstance(reason, str) else "",
        preset=str(settings.get("preset", "")),
        created=str(found.get("created", "")),
        parameters=parameters if isinstance(parameters, int) else 0,
        settings=settings,
        summary=summary,
        losses=losses,
        baselines=_numbers(found.get("baselines")),
        checkpoint=checkpoint if checkpoint.is_file() else None,
        start={name: value for name, value in _mapping(found.get("start")).items() if isinstance(value, str)},
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


def label_run(folder: Path, title: str, notes: str) -> None:
    """Give a run a title and notes.

    Raises:
        ProjectError: They could not be written.
    """
    write_json(folder / LABEL_FILE, {"version": 1, "title": title, "notes": notes})


def delete_run(folder: Path) -> Path:
    """Move a run to the project's trash and return its place there; ``restore_run`` brings it back.

    Raises:
        ProjectError: It could not be moved.
    """
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


def runs_table(records: tuple[RunRecord, ...]) -> str:
    """The experiment table as CSV text."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow((*SEED_COLUMNS, *_OWN_COLUMNS))
    for record in records:
        settings = record.settings
        train, validation = record.losses.at(record.losses.best_epoch or 0)
        minutes = float(record.losses.seconds.sum()) / 60
        writer.writerow(
            (
                record.id,
                settings.get("learning_rate", "-"),
                settings.get("batch", "-"),
                settings.get("epochs") or "-",
                settings.get("window", "-"),
                settings.get("weight_decay", "-"),
                "AdamW",
                settings.get("dropout", "-"),
                "-",
                _told(train),
                "-",
                f"{minutes:.2f}",
                record.notes.replace("\n", " "),
                record.reason if record.status == "failed" else "",
                record.title,
                record.preset,
                record.status,
                record.epochs,
                record.losses.best_epoch or "-",
                _told(validation),
                settings.get("seed", "-"),
            )
        )
    return out.getvalue()


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


def _status(found: Mapping[str, object], summary: Mapping[str, object], running: bool) -> str:
    if running:
        return "running"
    status = found.get("status")
    if status == "finished" or (status is None and summary):
        return "done"
    return "failed" if status == "failed" else "stopped"


def _number(text: str | None) -> float:
    try:
        value = float(text or "nan")
    except ValueError:
        return math.nan
    return value if math.isfinite(value) else math.nan


def _told(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.4f}"
