"""Finds the music a model learned from: a checkpoint holds the fingerprint of its data set, not the notes."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from musicgen_app import environment
from musicgen_app.core.errors import DatasetError, TrainingError
from musicgen_app.dataset.baselines import training_rows
from musicgen_app.dataset.store import Dataset, open_dataset
from musicgen_app.generation.checkpoint import CheckpointHeader
from musicgen_app.ml.runfolder import RunFolder
from musicgen_app.tokens.catalogue import codec_from
from musicgen_app.tokens.codec import Rows

_NOT_FOUND = (
    "The music this model learned from was not found, so there is no unigram and no 4-gram to compare it with. "
    "Name its data set (--against DATASET)."
)


@dataclass(frozen=True, slots=True)
class LearnedMusic:
    """What was found.

    Attributes:
        dataset: The data set; None where it was not found.
        remarks: Sentences about that for a person; empty where all is well.
    """

    dataset: Dataset | None
    remarks: tuple[str, ...] = ()

    def rows(self) -> list[Rows]:
        """Rows of its training pieces; none where it was not found."""
        return [] if self.dataset is None else training_rows(self.dataset)


def learned_music(checkpoint: Path, header: CheckpointHeader, folder: Path, named: Path | None) -> LearnedMusic:
    """Find the data set a model learned from.

    Args:
        checkpoint: The model's file.
        header: What it says of itself.
        folder: What it is measured on, which may be that very data set.
        named: The data set a person has named; it is taken even where it is another one.

    Raises:
        DatasetError: The named one cannot be opened, or its notes are written in another way than the model's.
    """
    fingerprint = header.corpus.get("fingerprint")
    if named is not None:
        dataset = open_dataset(named)
        if dataset.codec != codec_from(header.codec):
            raise DatasetError(
                f"The notes of {named.name} are written in another way than the model's.",
                "Name the data set the model learned from.",
            )
        if dataset.fingerprint == fingerprint:
            return LearnedMusic(dataset)
        return LearnedMusic(dataset, (f"{named.name} is not the data set this model learned from.",))
    for place in (folder, *_places(checkpoint)):
        try:
            dataset = open_dataset(place)
        except DatasetError:
            continue
        if dataset.fingerprint == fingerprint:
            return LearnedMusic(dataset)
    return LearnedMusic(None, (_NOT_FOUND,))


def _places(checkpoint: Path) -> Iterator[Path]:
    """Where the data set may lie: where the run says, beside the runs of a project, among what is bundled."""
    run = checkpoint.resolve().parent
    try:
        described = RunFolder(run).description().get("dataset")
    except TrainingError:
        described = None
    if isinstance(described, dict) and isinstance(described.get("path"), str):
        yield Path(described["path"])
        yield run.parent.parent / "dataset"
    yield environment.bundled("data", "dataset")
