"""The two checkpoints of a run: the best on the validation pieces, and the one of the last whole epoch."""

from dataclasses import dataclass, replace
from pathlib import Path

from musicgen_app.core.errors import CheckpointError, TrainingError
from musicgen_app.dataset.licences import distinct, licence_carried_on
from musicgen_app.dataset.store import Dataset
from musicgen_app.generation.checkpoint import (
    Checkpoint,
    CheckpointHeader,
    Weights,
    read_header,
    write_checkpoint,
)
from musicgen_app.ml.runfolder import RunFolder
from musicgen_app.ml.tuning import Start
from musicgen_app.ml.windowed_config import AnyTrainConfig


@dataclass(frozen=True, slots=True)
class Figures:
    """What is known of some weights.

    Attributes:
        epoch: The epoch they were reached in, from 1.
        train, validation: Nats per note in it; validation is None without validation pieces.
        epochs: Epochs the run has done so far.
        best_epoch: Its best epoch so far.
        seconds, notes_per_second: Time it took so far, and its speed.
    """

    epoch: int
    train: float
    validation: float | None
    epochs: int
    best_epoch: int
    seconds: float
    notes_per_second: float


class Models:
    """Writes checkpoints of a run, each with everything needed to use it."""

    def __init__(
        self, run: RunFolder, config: AnyTrainConfig, dataset: Dataset, title: str, start: Start | None = None
    ) -> None:
        self._run = run
        self._config = config
        self._start = start
        licence, attribution = dataset.licence, dataset.attribution
        if start is not None:
            licence = licence_carried_on(start.licence, licence)
            attribution = distinct([*start.attribution, *attribution])
        self._network = config.network(dataset.codec.fields, dataset.codec.position_fields)
        self._header = CheckpointHeader(
            network=self._network,
            codec=dict(dataset.codec.description()),
            corpus={
                "fingerprint": dataset.fingerprint,
                "pieces": len(dataset.pieces_of("train", "validation")),
                "notes": dataset.note_count("train", "validation"),
                "validation_pieces": len(dataset.pieces_of("validation")),
            },
            licence=licence,
            attribution=tuple(attribution),
            title=title or run.folder.name,
        )

    def write_best(self, weights: Weights, figures: Figures) -> None:
        """Replace the best checkpoint.

        Raises:
            TrainingError: The weights are not finite; what was there is kept.
            FileWriteError: The disk is full or not writable.
        """
        self._write(self._run.model, weights, figures)

    def write_last(self, weights: Weights, figures: Figures) -> None:
        """Replace the checkpoint of the last whole epoch. Raises as ``write_best`` does."""
        self._write(self._run.last_model, weights, figures)

    def checkpoint(self, weights: Weights) -> Checkpoint:
        """Weights of this moment as a model, of which nothing is known yet."""
        return Checkpoint(self._header, weights)

    def best(self) -> Figures | None:
        """What the best checkpoint says of itself; None where there is no readable one."""
        try:
            told = read_header(self._run.model).training
            return Figures(**{name: told[name] for name in Figures.__slots__})
        except (CheckpointError, KeyError):
            return None

    def _write(self, path: Path, weights: Weights, figures: Figures) -> None:
        told = {name: getattr(figures, name) for name in Figures.__slots__}
        training = {**told, "seed": self._config.seed, "config": self._config.to_json()}
        if self._start is not None:
            training["start"] = self._start.summary()
        try:
            write_checkpoint(path, Checkpoint(replace(self._header, training=training), weights))
        except CheckpointError as error:
            raise TrainingError(
                "The weights are no longer numbers. The last good checkpoint is kept.",
                "Train again with a smaller learning rate.",
            ) from error
