"""Makes a model's file ready to generate with, and keeps the one used last."""

from dataclasses import dataclass
from pathlib import Path

from musicgen_app.core.errors import CheckpointError
from musicgen_app.generation.checkpoint import Checkpoint, read_checkpoint
from musicgen_app.generation.stepper import AnyStepper, Stepper
from musicgen_app.generation.windowed import WindowedConfig
from musicgen_app.generation.windowed_stepper import WindowedStepper
from musicgen_app.tokens.catalogue import codec_from
from musicgen_app.tokens.codec import Codec

PATIENCE = 8.0
"""A passage comes back at most about so often in succession: in 19 of 20 pieces of the corpus it does not more than ten
times, and what loops for longer is a network that listens to itself."""


@dataclass(frozen=True, slots=True, eq=False)
class ReadyModel:
    """A model that is ready.

    Attributes:
        title: What its file calls it; "" where it has no name.
        codec: What its rows mean.
        stepper: Its network, for one request at a time.
        window: Tokens it reads before each that it makes; 0 for a network that remembers whole pieces.
    """

    title: str
    codec: Codec
    stepper: AnyStepper
    window: int = 0


def make_ready(path: Path) -> ReadyModel:
    """Read and check a model's file.

    Raises:
        CheckpointError: The model cannot be used.
        CodecError: Its notes are of a kind this version does not know.
    """
    return ready_model(read_checkpoint(path), path.name)


def ready_model(checkpoint: Checkpoint, name: str) -> ReadyModel:
    """Make a model ready that is in memory.

    Args:
        checkpoint: The model.
        name: What to call it in a sentence.

    Raises:
        CheckpointError: The network is not one for its notes.
        CodecError: Its notes are of a kind this version does not know.
    """
    network, title = checkpoint.header.network, checkpoint.header.title
    codec = codec_from(checkpoint.header.codec)
    if not network.fits(codec):
        raise CheckpointError(f"The network of {name} does not fit its notes.", "Train the model again.")
    if isinstance(network, WindowedConfig):
        return ReadyModel(title, codec, WindowedStepper(network, checkpoint.weights), network.window)
    return ReadyModel(title, codec, Stepper(checkpoint, PATIENCE))


class KeptModel:
    """Makes models ready and keeps the last one for as long as its file stays the same. For one request at a time."""

    def __init__(self) -> None:
        self._kept: tuple[tuple[object, ...], ReadyModel] | None = None

    def ready(self, path: Path) -> ReadyModel:
        """As ``make_ready``, or the model that is kept."""
        stamp = _stamp(path)
        if self._kept is not None and self._kept[0] == stamp:
            return self._kept[1]
        self._kept = None  # two large models need not be in memory at once
        model = make_ready(path)
        self._kept = (stamp, model)
        return model


def _stamp(path: Path) -> tuple[object, ...]:
    """What changes when a file is written anew, by renaming as this program does or in place."""
    try:
        found = path.stat()
    except OSError:
        return (path,)
    return (path, found.st_ino, found.st_size, found.st_mtime_ns)
