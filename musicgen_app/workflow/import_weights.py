"""Make a model of this program out of the weights that the seeds' own training left."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from musicgen_app.core.errors import UsageError
from musicgen_app.dataset.store import DESCRIPTION, open_dataset
from musicgen_app.generation.checkpoint import Checkpoint, CheckpointHeader, read_header, write_checkpoint
from musicgen_app.ml.windowed_config import WindowedTrainConfig
from musicgen_app.tokens.catalogue import codec_from
from musicgen_app.tokens.codec import Codec
from musicgen_app.tokens.note_file import read_notes
from musicgen_app.tokens.seed import SeedCodec, vocabulary


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """What to import.

    Attributes:
        weights: A .hdf5, .h5 or .keras file that Keras of TensorFlow 2.10 wrote.
        preset: Name of the network it was.
        codec_from: Where its vocabulary stands: the note file or the data set it learned from, or a model of this
            program.
        out: The model's file to write.
        overrides: Settings of ``WindowedTrainConfig`` other than the preset's, such as the window.
        title: Name of the model; empty takes the name of the file of weights.
    """

    weights: Path
    preset: str
    codec_from: Path
    out: Path
    overrides: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    title: str = ""


def import_weights(request: ImportRequest) -> CheckpointHeader:
    """Write the model, and return what it says of itself.

    Raises:
        UsageError: There is no such preset, a setting is out of range, or the vocabulary is not one of words.
        CheckpointError: The file of weights cannot be used, or is that of another network.
        DatasetError: The data set cannot be opened.
        NoteFileError: The note file cannot be read.
        FileWriteError: The model could not be written.
    """
    from musicgen_app.ml.keras_weights import read_keras_weights

    if request.out.suffix != ".safetensors":
        raise UsageError(f"{request.out.name} cannot be written.", "Choose a name that ends in .safetensors.")
    codec = _codec(request.codec_from)
    config = WindowedTrainConfig.from_preset(request.preset, **request.overrides)
    network = config.network(codec.fields)
    weights = read_keras_weights(request.weights, network)
    header = CheckpointHeader(
        network=network,
        codec=dict(codec.description()),
        training={"imported": request.weights.name, "config": config.to_json()},
        title=request.title or request.weights.stem,
    )
    write_checkpoint(request.out, Checkpoint(header, weights))
    return header


def _codec(place: Path) -> Codec:
    if (place / DESCRIPTION).is_file():
        return open_dataset(place).codec
    if place.is_dir():
        raise UsageError(f"{place.name} holds no data set.", "Name what holds the vocabulary the weights belong to.")
    if place.suffix == ".safetensors":
        return codec_from(read_header(place).codec)
    return SeedCodec(vocabulary(read_notes(place)))
