"""Measure how well a checkpoint foretells music it is shown, in nats per note."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from musicgen_app.core.errors import CheckpointError, CodecError, DatasetError, MidiReadError, UsageError
from musicgen_app.core.progress import CancelToken, Progress, Report
from musicgen_app.dataset.baselines import baselines
from musicgen_app.dataset.store import DESCRIPTION, Split, open_dataset
from musicgen_app.dataset.token_windows import counted, measured_tokens
from musicgen_app.generation.checkpoint import read_checkpoint
from musicgen_app.generation.windowed import WindowedConfig
from musicgen_app.midi.reader import read_midi
from musicgen_app.ml.backend import start_tensorflow
from musicgen_app.ml.bootstrap import interval
from musicgen_app.ml.reports import Evaluation, SkippedFile
from musicgen_app.tokens.catalogue import codec_from, rows_of_file
from musicgen_app.tokens.codec import Codec, Rows
from musicgen_app.workflow.learned import learned_music

_RESAMPLING_SEED = 0
"""The same every time: an interval is no matter of luck."""
_MIDI_SUFFIXES = (".mid", ".midi", ".rmi", ".kar")


@dataclass(frozen=True, slots=True)
class EvaluateRequest:
    """What to measure, and on what.

    Attributes:
        checkpoint: The model's file.
        folder: A folder of MIDI files (those in folders inside it too), one MIDI file, or a prepared data set.
        against: The data set whose training pieces the baselines count in; None to look for the one the model
            learned from.
        side: Of a data set, the pieces to read; None for the usual ones.
    """

    checkpoint: Path
    folder: Path
    against: Path | None = None
    side: Split | None = None


def evaluate(
    checkpoint: Path,
    folder: Path,
    report: Report,
    cancel: CancelToken,
    against: Path | None = None,
    side: Split | None = None,
) -> Evaluation:
    """Read every piece with a network, from beginning to end, and say what the same music costs without one.

    Of a prepared data set the validation pieces are read (where it has none, all but test pieces): the result is the
    validation loss that training reports. Files that cannot be read are listed, not fatal.

    Args:
        checkpoint: The model's file.
        folder: A folder of MIDI files (those in folders inside it too), one MIDI file, or a prepared data set.
        report: Told how far it is.
        cancel: Looked at between files and between chunks of rows.
        against: The data set whose training pieces the baselines count in; None to look for the one the model
            learned from.
        side: Of a data set, the pieces to read; None for the usual ones.

    Raises:
        Cancelled: Stopped on request.
        CheckpointError: The model cannot be used.
        UsageError: There is nothing to evaluate on.
        DatasetError: A data set is damaged, or of another codec than the model's.
    """
    report(Progress("Loading the model", item=checkpoint.name))
    model = read_checkpoint(checkpoint)
    codec = codec_from(model.header.codec)
    if not model.header.network.fits(codec):
        raise CheckpointError(f"The network of {checkpoint.name} does not fit its notes.", "Train the model again.")
    learned = learned_music(checkpoint, model.header, folder, against)
    pieces, skipped = _pieces(folder, codec, side, report, cancel)
    if not pieces:
        raise UsageError(_nothing(folder, skipped), "Choose a folder with MIDI files that hold notes.")
    report(Progress("Counting for comparison"))
    network, remarks, measured = model.header.network, learned.remarks, None
    if isinstance(network, WindowedConfig):
        measured = [counted(codec, rows, network.window) for rows in pieces]
        remarks = (*remarks, measured_tokens(pieces, codec, network.window))
        if not any(mask.any() for mask in measured):
            raise UsageError(f"No piece of {folder.name} is longer than the window of {network.window} tokens.")
    without = baselines(codec, learned.rows(), pieces, cancel, measured)
    report(Progress("Starting TensorFlow"))
    start_tensorflow()
    from musicgen_app.ml.evaluation import total
    from musicgen_app.ml.trainee import evaluator_of

    likelihoods = evaluator_of(model, codec, len(pieces)).read(pieces, report, cancel)
    likelihood = total(likelihoods)
    return Evaluation(
        pieces=len(pieces),
        notes=likelihood.notes,
        nats_per_note=likelihood.nats_per_note,
        parts=likelihood.parts(codec.part_names),
        grid=codec.grid,
        skipped=tuple(skipped),
        baselines=without,
        interval=interval(
            [sum(one.nats) for one in likelihoods],
            [one.notes for one in likelihoods],
            np.random.default_rng(_RESAMPLING_SEED),
        ),
        remarks=remarks,
        accuracy=likelihood.accuracy(codec.part_names),
    )


def _pieces(
    folder: Path, codec: Codec, side: Split | None, report: Report, cancel: CancelToken
) -> tuple[list[Rows], list[SkippedFile]]:
    """The rows of every piece, and the files that gave none."""
    if (folder / DESCRIPTION).is_file():
        return _pieces_of_dataset(folder, codec, side), []
    if side is not None:
        raise UsageError(f"{folder.name} is no data set and has no {side} pieces.", "Leave the split out.")
    files = _midi_files(folder)
    pieces: list[Rows] = []
    skipped: list[SkippedFile] = []
    for number, file in enumerate(files):
        cancel.check()
        name = file.name if folder.is_file() else str(file.relative_to(folder))
        report(Progress("Reading files", number, len(files), item=name))
        try:
            rows = rows_of_file(codec, read_midi(file))
        except (MidiReadError, CodecError) as error:
            skipped.append(SkippedFile(name, str(error)))
            continue
        if codec.is_note(rows).any():
            pieces.append(rows)
        else:
            skipped.append(SkippedFile(name, f"{file.name} holds no notes to evaluate."))
    return pieces, skipped


def _pieces_of_dataset(folder: Path, codec: Codec, side: Split | None) -> list[Rows]:
    dataset = open_dataset(folder)
    if dataset.codec != codec:
        raise DatasetError(
            f"The notes of {folder.name} are written in another way than the model's.",
            "Evaluate on the MIDI files themselves.",
        )
    usual = dataset.pieces_of("validation") or dataset.pieces_of("train")
    chosen = usual if side is None else dataset.pieces_of(side)
    if not chosen:
        raise UsageError(f"{folder.name} has no {side} pieces.", "Choose another split, or prepare it with some.")
    return [dataset.rows(piece) for piece in chosen]


def _midi_files(folder: Path) -> list[Path]:
    if folder.is_file():
        return [folder]
    if not folder.is_dir():
        raise UsageError(f"There is no folder {folder}.", "Choose a folder with MIDI files.")
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix.lower() in _MIDI_SUFFIXES)


def _nothing(folder: Path, skipped: list[SkippedFile]) -> str:
    if not skipped:
        return f"{folder.name} holds no MIDI files."
    return f"None of the {len(skipped)} files of {folder.name} could be read; the first: {skipped[0].error}"
