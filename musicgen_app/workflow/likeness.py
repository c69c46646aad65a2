"""The verb likeness: how near takes come to pieces of the kind they were learned from, measured note by note."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from musicgen_app.core.errors import MidiReadError, UsageError
from musicgen_app.core.likeness import Figures, figures, histograms, overlap
from musicgen_app.core.progress import CancelToken, Progress, Report
from musicgen_app.core.score import Score
from musicgen_app.dataset.sources import find_sources
from musicgen_app.dataset.store import Dataset, Split, open_dataset
from musicgen_app.midi.reader import read_midi
from musicgen_app.workflow.reports import SkippedFile

_NOTHING_HELD_BACK = "The data set holds nothing back: the takes stand beside the pieces that were learned from."


@dataclass(frozen=True, slots=True)
class Likeness:
    """Takes beside held-out pieces. Both are measured as the data set writes notes: on its grid, in its tempo.

    Attributes:
        takes: The figures of each take, by its file.
        held_out: The figures of each held-out piece, with its title.
        takes_overlap: By histogram, the area that all takes together have in common with all held-out pieces.
        training_overlap: The same of the training pieces: what people's own music comes to. Empty where the data set
            holds nothing back; then ``held_out`` are its training pieces.
        grid: The grid in words.
        skipped: Files left out.
    """

    takes: tuple[tuple[str, Figures], ...]
    held_out: tuple[tuple[str, Figures], ...]
    takes_overlap: Mapping[str, float]
    training_overlap: Mapping[str, float]
    grid: str
    skipped: tuple[SkippedFile, ...] = ()

    @property
    def remark(self) -> str:
        """A sentence that a person should read beside the figures; empty where there is none."""
        return "" if self.training_overlap else _NOTHING_HELD_BACK

    def summary(self) -> dict[str, Any]:
        """JSON values under the names the command line prints."""
        return {
            "takes": [{"file": name, **asdict(found)} for name, found in self.takes],
            "held_out": [{"title": name, **asdict(found)} for name, found in self.held_out],
            "overlap": {"takes": dict(self.takes_overlap), "training": dict(self.training_overlap) or None},
            "grid": self.grid,
            "skipped": [{"file": skipped.file, "error": skipped.error} for skipped in self.skipped],
        }


def likeness(files: Sequence[Path], against: Path, report: Report, cancel: CancelToken) -> Likeness:
    """Measure takes and the held-out pieces of a data set alike.

    Args:
        files: MIDI files, or folders of them.
        against: A prepared data set.
        report: Told how far it is.
        cancel: Looked at between files and between pieces.

    Raises:
        Cancelled: Stopped on request.
        DatasetError: The data set cannot be used.
        UsageError: A file is not there, or none of them holds notes.
    """
    (found,) = likenesses([files], against, report, cancel)
    return found


def likenesses(
    groups: Sequence[Sequence[Path]], against: Path, report: Report, cancel: CancelToken
) -> tuple[Likeness, ...]:
    """Measure several groups of takes beside the same pieces, which are read once; otherwise as ``likeness``."""
    dataset = open_dataset(against)
    read = [_read(files, dataset, report, cancel) for files in groups]
    for takes, skipped in read:
        if not takes:
            first = f"; the first: {skipped[0].error}" if skipped else ""
            raise UsageError(f"There are no takes to measure{first}.".replace("..", "."), "Name MIDI files with notes.")
    side: Split = "validation" if dataset.pieces_of("validation") else "train"
    titles = [piece.title for piece in dataset.pieces_of(side)]
    held_out = list(_pieces(dataset, side, report, cancel))
    wanted = histograms(held_out)
    training = histograms(_pieces(dataset, "train", report, cancel)) if side == "validation" else None
    beside = tuple(zip(titles, map(figures, held_out), strict=True))
    return tuple(
        Likeness(
            takes=tuple((name, figures(score)) for name, score in takes),
            held_out=beside,
            takes_overlap=overlap(histograms(score for _, score in takes), wanted),
            training_overlap={} if training is None else overlap(training, wanted),
            grid=dataset.codec.grid,
            skipped=tuple(skipped),
        )
        for takes, skipped in read
    )


def _read(
    files: Sequence[Path], dataset: Dataset, report: Report, cancel: CancelToken
) -> tuple[list[tuple[str, Score]], list[SkippedFile]]:
    """The takes as the data set would write them, and the files that gave none."""
    takes: list[tuple[str, Score]] = []
    skipped: list[SkippedFile] = []
    sources = find_sources(files)
    for number, source in enumerate(sources):
        cancel.check()
        report(Progress("Reading files", number, len(sources), item=source.name))
        try:
            score = dataset.codec.quantise(read_midi(source.path).score)
        except MidiReadError as error:
            skipped.append(SkippedFile(str(source.path), str(error)))
            continue
        if len(score.notes):
            takes.append((str(source.path), score))
        else:
            skipped.append(SkippedFile(str(source.path), f"{source.name} holds no notes to measure."))
    return takes, skipped


def _pieces(dataset: Dataset, side: Split, report: Report, cancel: CancelToken) -> Iterator[Score]:
    """The pieces of one side, one after the other."""
    pieces = dataset.pieces_of(side)
    for number, piece in enumerate(pieces):
        cancel.check()
        report(Progress("Reading pieces", number, len(pieces), item=piece.title))
        yield dataset.codec.decode(np.array(dataset.rows(piece)))
