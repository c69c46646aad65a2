"""The model a training starts from: whether it fits a data set, and how a run comes to its own copy of it."""

from dataclasses import replace
from pathlib import Path

from musicgen_app.core.errors import CheckpointError, DatasetError
from musicgen_app.core.files import write_atomically
from musicgen_app.dataset.store import Dataset
from musicgen_app.generation.checkpoint import CheckpointHeader, read_checkpoint
from musicgen_app.ml.runfolder import RunFolder
from musicgen_app.ml.tuning import Start, fingerprint_of, tuned_config
from musicgen_app.tokens.catalogue import codec_from

_GRIDS = {"metrical": "1/24 of a quarter note", "seconds": "10 ms"}


def check_fit(model: Path, header: CheckpointHeader, dataset: Dataset) -> None:
    """See whether a model can learn from the rows of a data set.

    Tempos may differ: a codec's tempo is only that of the music it decodes, and the new model takes the data set's.

    Args:
        model: The model's file.
        header: What it says of itself.
        dataset: The music.

    Raises:
        CodecError: The model's notes are of a kind this version does not know.
        CheckpointError: Its network is of a kind that is not trained any more.
        DatasetError: The notes of both are written in different ways.
    """
    theirs, ours = dict(codec_from(header.codec).description()), dict(dataset.codec.description())
    differing = {name for name in theirs.keys() | ours.keys() if theirs.get(name) != ours.get(name)} - {"tempo"}
    named = f"The notes of the data set {dataset.folder.name} are written in another way than those of {model.name}: "
    mendable = {"pedal"} | ({"timing", "time", "duration"} if "timing" in differing else set())
    if not differing <= mendable:
        raise DatasetError(f"{named}their classes of time differ.", "Start from another model.")
    said, options, chosen = [], [], []
    if "pedal" in differing:
        said.append("it has pedal rows, the model none" if ours["pedal"] else "it has no pedal rows, the model has")
        options.append(f"--pedal {'rows' if theirs['pedal'] else 'none'}")
        chosen.append(f"the pedal {'learned' if theirs['pedal'] else 'left out'}")
    if "timing" in differing:
        said.append(f"its grid is {_GRIDS[ours['timing']]}, the model's {_GRIDS[theirs['timing']]}")
        options.append(f"--grid {theirs['timing']}")
        chosen.append(f"a grid of {_GRIDS[theirs['timing']]}")
    if said:
        raise DatasetError(
            f"{named}{'; '.join(said)}.",
            f"Prepare it again with {' and '.join(chosen)} (musicgen prepare {' '.join(options)}), "
            "or start from another model.",
        )
    network = tuned_config(header).network(dataset.codec.fields, dataset.codec.position_fields)
    if replace(header.network, dropout=network.dropout) != network:
        raise CheckpointError(
            f"The network of {model.name} is not shown what networks are shown today.", "Start from a newer model."
        )


def take_start(model: Path, dataset: Dataset, run: RunFolder) -> Start:
    """Copy a model into the folder of a run that is to start from it.

    The copy is whole before the run is described, so a run that can be resumed never needs the model's own file.

    Raises:
        CheckpointError: The model cannot be used.
        CodecError: Its notes are of a kind this version does not know.
        DatasetError: It does not fit the data set.
        FileWriteError: The disk is full or not writable.
    """
    header = read_checkpoint(model).header
    check_fit(model, header, dataset)
    content = model.read_bytes()
    write_atomically(run.start_model, content)
    corpus = header.corpus.get("fingerprint")
    return Start(
        title=header.title or model.stem,
        fingerprint=fingerprint_of(content),
        corpus=corpus if isinstance(corpus, str) else "",
        licence=header.licence,
        attribution=header.attribution,
    )
