"""What training and evaluation say while they run, and at the end. Frozen, and free of TensorFlow."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from musicgen_app.dataset.baselines import Baselines, verdict


def _nothing() -> Baselines:
    return MappingProxyType({})


def _no_numbers() -> Mapping[str, float]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class TrainStarted:
    """The network stands and the first batch is about to run.

    Attributes:
        run: The run's folder.
        preset: Name of the preset the network began from.
        parameters: Number of weights.
        batches: Batches in an epoch.
        train_notes, validation_notes: Notes of the data set on either side.
        epochs: Planned epochs; 0 while a time budget is still being measured.
        first_epoch: The epoch that comes next, from 1; above 1 where a run is resumed.
        first_batch: Batches of that epoch already done.
    """

    run: Path
    preset: str
    parameters: int
    batches: int
    train_notes: int
    validation_notes: int
    epochs: int
    first_epoch: int = 1
    first_batch: int = 0


@dataclass(frozen=True, slots=True)
class BatchReport:
    """Some batches of an epoch are done; at most about ten a second.

    Attributes:
        epoch: From 1.
        batch: Batches of this epoch that are done.
        batches: Batches in an epoch.
        loss: Nats per note of the latest batch.
        notes_per_second: Speed over the last seconds.
        seconds_left: Estimated time to the end of the run; None until it can be told.
        epochs: Planned epochs; 0 while unknown.
    """

    epoch: int
    batch: int
    batches: int
    loss: float
    notes_per_second: float
    seconds_left: float | None = None
    epochs: int = 0


@dataclass(frozen=True, slots=True)
class EpochReport:
    """An epoch is over, validated and saved.

    Attributes:
        epoch: From 1.
        train: Nats per note over the epoch's batches (dropout on).
        validation: Nats per note over the validation pieces; None where the data set has none.
        parts: The validation figure by part ("time", "pitch", "duration", "velocity", "pedal"); empty without one.
        seconds: Length of the epoch, validation included.
        notes_per_second: Training speed over the epoch.
        best: Whether this is the best epoch so far.
        epochs: Planned epochs; 0 while unknown.
    """

    epoch: int
    train: float
    validation: float | None
    parts: Mapping[str, float]
    seconds: float
    notes_per_second: float
    best: bool
    epochs: int = 0


@dataclass(frozen=True, slots=True)
class TrainResult:
    """A training that came to its end.

    Attributes:
        epochs: Epochs done.
        best_epoch: The epoch whose weights are in the checkpoint.
        train, validation: Nats per note at that epoch; validation is None without validation pieces.
        seconds: Time spent training, over all resumes.
        notes_per_second: Training speed over the whole.
        checkpoint: The file with the best weights.
        reason: Why it ended, in a few words ("all epochs done", "no better for 8 epochs", "stopped and kept").
        baselines: What the validation pieces cost without a network; None without validation pieces.
        start: The model it started from (title, fingerprint, corpus, licence); None for a fresh network.
        held_out: How well the validation pieces were foretold at that epoch ("pieces", "notes", "nats", "interval",
            "accuracy"); None without any.
    """

    epochs: int
    best_epoch: int
    train: float
    validation: float | None
    seconds: float
    notes_per_second: float
    checkpoint: Path
    reason: str = "all epochs done"
    baselines: Baselines | None = None
    start: Mapping[str, str] | None = None
    held_out: Mapping[str, Any] | None = None

    @property
    def verdict(self) -> str:
        """A sentence where the best model is not well below the 4-gram; empty where it is, or where nobody knows."""
        return "" if self.validation is None or self.baselines is None else verdict(self.validation, self.baselines)

    def summary(self) -> dict[str, Any]:
        """JSON values under the names the command line prints."""
        return {
            "epochs": self.epochs,
            "best_epoch": self.best_epoch,
            "train": self.train,
            "validation": self.validation,
            "seconds": self.seconds,
            "notes_per_second": self.notes_per_second,
            "checkpoint": str(self.checkpoint),
            "baselines": None if self.baselines is None else dict(self.baselines),
            "start": None if self.start is None else dict(self.start),
            "held_out": None if self.held_out is None else dict(self.held_out),
        }


@dataclass(frozen=True, slots=True)
class SkippedFile:
    """A file that could not be evaluated, and why, in a sentence."""

    file: str
    error: str


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How well a network foretells some pieces.

    Attributes:
        pieces: Pieces evaluated.
        notes: Notes in them.
        nats_per_note: Minus the logarithm of the probability of all rows, over the notes.
        parts: The same by part; they add up to ``nats_per_note``.
        grid: The grid the figure is stated for.
        skipped: Files left out.
        baselines: Nats per note without a network ("uniform", "unigram", "bigram", "4gram"), on the same rows; None
            where the music the network learned from was not at hand to count in.
        interval: Lowest and highest figure that other such pieces would probably give (95 %); None for one piece.
        remarks: Sentences that a person should read beside the figures.
        accuracy: Shares foretold right, 0 to 1: of whole notes ("note"), and of the fields of each part.
    """

    pieces: int
    notes: int
    nats_per_note: float
    parts: Mapping[str, float]
    grid: str
    skipped: tuple[SkippedFile, ...] = field(default=())
    baselines: Baselines = field(default_factory=_nothing)
    interval: tuple[float, float] | None = None
    remarks: tuple[str, ...] = ()
    accuracy: Mapping[str, float] = field(default_factory=_no_numbers)

    @property
    def verdict(self) -> str:
        """A sentence where the network is not well below the 4-gram; empty where it is."""
        return verdict(self.nats_per_note, self.baselines)

    def summary(self) -> dict[str, Any]:
        """JSON values under the names the command line prints."""
        return {
            "pieces": self.pieces,
            "notes": self.notes,
            "nats_per_note": self.nats_per_note,
            "parts": dict(self.parts),
            "grid": self.grid,
            "skipped": [{"file": skipped.file, "error": skipped.error} for skipped in self.skipped],
            "baselines": dict(self.baselines),
            "interval": None if self.interval is None else list(self.interval),
            "accuracy": dict(self.accuracy),
        }
