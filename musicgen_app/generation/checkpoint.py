"""The checkpoint: one safetensors file whose header says everything needed to use its weights.

Nothing of a checkpoint is executed or unpickled. Names, shapes and number types are held against the network's
description before a weight is read, so a foreign or damaged file ends in a sentence.
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn, TypeAlias

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from musicgen_app.core.errors import CheckpointError
from musicgen_app.core.files import write_atomically
from musicgen_app.generation.described import flag, lines, mapping, number, rows, share, text, whole, within
from musicgen_app.generation.windowed import KIND, MOST_PARAMETERS, WindowedConfig, windowed_shapes
from musicgen_app.tokens.codec import Codec, Field
from musicgen_app.tokens.context import Shown
from musicgen_app.tokens.repeats import DISTANCES, LENGTHS

FORMAT_VERSION = 1
NORM_EPSILON = 1e-5
"""Added to the variance in every layer normalisation."""

PITCH, TIME = "pitch", "time"
PITCHES = 128
WIDEST_INTERVAL = 24
"""Semitones up and down to which an interval is told; wider ones are told by the pitch alone."""
INTERVALS = 2 * WIDEST_INTERVAL + 1
POSITION_WIDTH = 16
INTERVAL_WIDTH = 32

_METADATA_KEY = "musicgen"
_NO_FIELDS = "The network's fields are not a list of names and sizes."
_MOST_HEADER_BYTES = 8_000_000
_FIELD_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
_HINT_FOREIGN = "Choose a model.safetensors that this program has trained."
_HINT_DAMAGED = "Copy it again from where it came, or train a new model."

Weights = dict[str, NDArray[np.float32]]
AnyNetwork: TypeAlias = "NetworkConfig | WindowedConfig"
"""What a checkpoint may hold: a network of ours, or one of the seeds'."""


@dataclass(frozen=True, slots=True)
class NetworkConfig:
    """The shape of a network.

    Attributes:
        fields: The columns of the rows it reads and predicts, in the order in which they are predicted.
        embedding: Width of each field's embedding, 1 to 1024.
        units: Width of the LSTM layers, 1 to 4096.
        layers: Number of LSTM layers, 1 to 8.
        head_units: Width of the hidden layer of each field's head, 1 to 4096.
        dropout: Share of values left out in training, 0 up to but not including 1.
        positions: What it is shown of a row's place in the bar, beside its fields (``Codec.position_fields``).
        recent: Of so many last pitches the head of the field "pitch" foretells intervals as well, 0 to 64; 0 for a
            network that knows no pitches.
        repeats: Whether it is shown what followed the same passage before, and may repeat it.

    Raises:
        ValueError: A value is out of range.
    """

    fields: tuple[Field, ...]
    embedding: int
    units: int
    layers: int
    head_units: int
    dropout: float = 0.2
    positions: tuple[Field, ...] = ()
    recent: int = 0
    repeats: bool = False

    def __post_init__(self) -> None:
        names = [f.name for f in self.fields + self.positions]
        if not 1 <= len(self.fields) <= 16 or len(names) > 32 or len(set(names)) < len(names):
            raise ValueError("A network needs 1 to 16 fields with different names.")
        for part in self.fields + self.positions:
            if _FIELD_NAME.fullmatch(part.name) is None:
                raise ValueError(f"{part.name[:40]!r} is no name for a field.")
            within(f"the size of field {part.name}", part.size, 2, 32_767)
        within("embedding", self.embedding, 1, 1024)
        within("units", self.units, 1, 4096)
        within("layers", self.layers, 1, 8)
        within("head_units", self.head_units, 1, 4096)
        within("recent", self.recent, 0, 64)
        if self.recent and not knows_pitches(self.fields):
            raise ValueError("A network without a field of pitches cannot foretell intervals.")
        share("dropout", self.dropout)
        if self.parameters() > MOST_PARAMETERS:
            raise ValueError(f"A network of {self.parameters():,} parameters is too large.")

    @property
    def shown(self) -> Shown:
        """What stands behind the rows it is shown."""
        return Shown(bool(self.positions), self.recent, self.repeats)

    @property
    def foretells_time(self) -> bool:
        """Whether the place of a row is known before the row is: its time is one of the fields, and chosen early."""
        return any(f.name == TIME for f in self.fields)

    @property
    def columns(self) -> int:
        """Of the wide rows it is shown: fields, positions, recent pitches and what followed before."""
        return self.first_repeat + (len(self.fields) + 2 if self.repeats else 0)

    @property
    def first_repeat(self) -> int:
        """The first column of what followed before."""
        return len(self.fields) + len(self.positions) + self.recent

    def fits(self, codec: Codec) -> bool:
        """Whether it reads and writes the rows of this codec."""
        return self.fields == codec.fields and self.positions in ((), codec.position_fields)

    def parameters(self) -> int:
        """How many numbers the network learns."""
        return sum(math.prod(shape) for shape in weight_shapes(self).values())

    def to_json(self) -> dict[str, Any]:
        """The config as JSON values."""
        return {
            "fields": [[f.name, f.size] for f in self.fields],
            "embedding": self.embedding,
            "units": self.units,
            "layers": self.layers,
            "head_units": self.head_units,
            "dropout": self.dropout,
            "positions": [[f.name, f.size] for f in self.positions],
            "recent": self.recent,
            "repeats": self.repeats,
        }

    @staticmethod
    def from_json(values: object) -> "NetworkConfig":
        """The config from JSON values.

        Raises:
            ValueError: Something is missing, of the wrong type or out of range.
        """
        described = mapping(values, "network")
        fields, positions = (
            tuple(Field(name, size) for name, size in rows(part, (str, int), _NO_FIELDS))
            for part in (described.get("fields"), described.get("positions", []))
        )
        return NetworkConfig(
            fields=fields,
            embedding=whole(described, "embedding"),
            units=whole(described, "units"),
            layers=whole(described, "layers"),
            head_units=whole(described, "head_units"),
            dropout=number(described, "dropout"),
            positions=positions,
            recent=whole({"recent": 0, **described}, "recent"),
            repeats=flag({"repeats": False, **described}, "repeats"),
        )


def knows_pitches(fields: Sequence[Field]) -> bool:
    """Whether one of the fields is that of single pitches, of which intervals can be told."""
    return any(field.name == PITCH and field.size >= PITCHES for field in fields)


@dataclass(frozen=True, slots=True)
class CheckpointHeader:
    """What a checkpoint says about itself.

    Attributes:
        network: The shape of the network.
        codec: The codec's description, as ``codec_from`` reads it.
        training: JSON values of the training: epochs, best_epoch, train, validation (nats a note), seconds, seed.
        corpus: JSON values of what it learned from: fingerprint, pieces, notes.
        licence: The licence of the weights, which follows from that of the corpus.
        attribution: Whom the licence asks to name, one line each.
        title: The name shown to a person.
        version: Format version.
    """

    network: AnyNetwork
    codec: Mapping[str, Any]
    training: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    corpus: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    licence: str = ""
    attribution: tuple[str, ...] = ()
    title: str = ""
    version: int = FORMAT_VERSION

    def to_json(self) -> dict[str, Any]:
        """The header as JSON values."""
        return {
            "version": self.version,
            "title": self.title,
            "network": self.network.to_json(),
            "codec": dict(self.codec),
            "training": dict(self.training),
            "corpus": dict(self.corpus),
            "licence": self.licence,
            "attribution": list(self.attribution),
        }

    @staticmethod
    def from_json(values: object) -> "CheckpointHeader":
        """The header from JSON values.

        Raises:
            ValueError: Something is missing, of the wrong type or out of range.
        """
        described = mapping(values, "header")
        return CheckpointHeader(
            network=network_from(described.get("network")),
            codec=mapping(described.get("codec"), "codec"),
            training=mapping(described.get("training"), "training"),
            corpus=mapping(described.get("corpus"), "corpus"),
            licence=text(described, "licence"),
            attribution=lines(described, "attribution"),
            title=text(described, "title"),
            version=whole(described, "version"),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """A trained network.

    Attributes:
        header: What it is and where it comes from.
        weights: float32 arrays by name, as ``weight_shapes`` lists them.
    """

    header: CheckpointHeader
    weights: Weights


def network_from(values: object) -> AnyNetwork:
    """The network that a header describes; without a kind it is one of ours.

    Raises:
        ValueError: No such kind is known, or something is missing, of the wrong type or out of range.
    """
    kind = mapping(values, "network").get("kind")
    if kind is None:
        return NetworkConfig.from_json(values)
    if kind == KIND:
        return WindowedConfig.from_json(values)
    raise ValueError(f"This version of the program knows no network of the kind {str(kind)[:40]!r}.")


def weight_shapes(config: AnyNetwork) -> dict[str, tuple[int, ...]]:
    """The name and shape of every weight, in a fixed order."""
    return windowed_shapes(config) if isinstance(config, WindowedConfig) else _own_shapes(config)


def _own_shapes(config: NetworkConfig) -> dict[str, tuple[int, ...]]:
    units, hidden = config.units, config.head_units
    shapes: dict[str, tuple[int, ...]] = {}
    for part in config.fields:
        shapes[f"embedding.{part.name}"] = (part.size, config.embedding)
    for part in config.positions:
        shapes[f"position.{part.name}"] = (part.size, POSITION_WIDTH)
    if config.recent:
        shapes["intervals"] = (INTERVALS, INTERVAL_WIDTH)
    joined = len(config.fields) * config.embedding + len(config.positions) * POSITION_WIDTH
    shapes["input.kernel"] = (joined + max(0, config.recent - 1) * INTERVAL_WIDTH, units)
    shapes["input.bias"] = (units,)
    for layer in range(config.layers):
        shapes[f"layer{layer}.norm.gamma"] = (units,)
        shapes[f"layer{layer}.norm.beta"] = (units,)
        shapes[f"layer{layer}.kernel"] = (units, 4 * units)
        shapes[f"layer{layer}.recurrent"] = (units, 4 * units)
        shapes[f"layer{layer}.bias"] = (4 * units,)
    shapes["norm.gamma"] = (units,)
    shapes["norm.beta"] = (units,)
    for part in config.fields[:-1]:
        shapes[f"chain.{part.name}"] = (part.size, units)
    for part in config.positions if config.foretells_time else ():
        shapes[f"chain.{part.name}"] = (part.size, units)
    if config.recent:
        shapes["head.intervals.kernel"] = (hidden, config.recent * INTERVALS)
        shapes["head.intervals.bias"] = (config.recent * INTERVALS,)
    if config.repeats:
        shapes |= _repeat_shapes(config)
    for part in config.fields:
        shapes[f"head.{part.name}.hidden.kernel"] = (units, hidden)
        shapes[f"head.{part.name}.hidden.bias"] = (hidden,)
        shapes[f"head.{part.name}.kernel"] = (hidden, part.size)
        shapes[f"head.{part.name}.bias"] = (part.size,)
    return shapes


def _repeat_shapes(config: NetworkConfig) -> dict[str, tuple[int, ...]]:
    """The weights of a network that may repeat what followed before."""
    units = config.units
    shapes: dict[str, tuple[int, ...]] = {"repeat.length": (len(LENGTHS) + 1, units)}
    shapes["repeat.distance"] = (DISTANCES, units)
    for part in config.fields[:-1]:
        shapes[f"repeat.{part.name}"] = (2, units)
    for part in config.fields:
        shapes[f"head.{part.name}.repeat.kernel"] = (config.head_units, 1)
        shapes[f"head.{part.name}.repeat.bias"] = (1,)
    return shapes


def checkpoint_bytes(checkpoint: Checkpoint) -> bytes:
    """The content of a checkpoint file; equal checkpoints give equal bytes.

    Raises:
        CheckpointError: The weights do not belong to the header's network, or are not finite.
    """
    expected = weight_shapes(checkpoint.header.network)
    _check_shapes("This model", expected, {name: tuple(w.shape) for name, w in checkpoint.weights.items()})
    weights = {name: np.ascontiguousarray(checkpoint.weights[name], dtype=np.float32) for name in expected}
    _check_finite("This model", weights)
    header = json.dumps(checkpoint.header.to_json(), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    content: bytes = save(weights, metadata={_METADATA_KEY: header})
    return content


def write_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint so that ``path`` holds the old file or the whole new one at any moment.

    Raises:
        CheckpointError: The weights do not belong to the header's network, or are not finite.
        FileWriteError: The disk is full or not writable; the old file is untouched.
    """
    write_atomically(path, checkpoint_bytes(checkpoint))


def read_header(path: Path) -> CheckpointHeader:
    """What a checkpoint says about itself, its weights checked by name, shape and type but not read.

    Raises:
        CheckpointError: The file is missing, damaged, incomplete or not ours.
    """
    return _read(path, with_weights=False).header


def read_checkpoint(path: Path) -> Checkpoint:
    """A checkpoint with its weights.

    Raises:
        CheckpointError: The file is missing, damaged, incomplete or not ours.
    """
    return _read(path, with_weights=True)


def _read(path: Path, with_weights: bool) -> Checkpoint:
    name = path.name
    _check_size(path)
    try:
        with safe_open(path, framework="numpy") as file:
            header = _parse_header(name, (file.metadata() or {}).get(_METADATA_KEY))
            slices = {key: file.get_slice(key) for key in file.keys()}  # noqa: SIM118 (not a dict)
            _check_shapes(name, weight_shapes(header.network), {k: tuple(s.get_shape()) for k, s in slices.items()})
            if any(s.get_dtype() != "F32" for s in slices.values()):
                raise CheckpointError(f"{name} holds weights that are not 32-bit numbers.", _HINT_FOREIGN)
            weights: Weights = {key: file.get_tensor(key) for key in slices} if with_weights else {}
    except SafetensorError as error:
        raise CheckpointError(f"{name} is damaged or not a model ({error}).", _HINT_DAMAGED) from error
    except OSError as error:
        raise CheckpointError(f"{name} cannot be read: {error.strerror or error}.") from error
    _check_finite(name, weights)
    return Checkpoint(header, weights)


def _check_size(path: Path) -> None:
    """Look at the first eight bytes: they say how much would be parsed."""
    if not path.is_file():
        raise CheckpointError(f"There is no model file {path}.", "Choose a model.safetensors of a run.")
    try:
        with path.open("rb") as file:
            start = file.read(8)
    except OSError as error:
        raise CheckpointError(f"{path.name} cannot be read: {error.strerror or error}.") from error
    if int.from_bytes(start, "little") > _MOST_HEADER_BYTES or len(start) < 8:
        raise CheckpointError(f"{path.name} is not a model of this program.", _HINT_FOREIGN)


def _parse_header(name: str, header: str | None) -> CheckpointHeader:
    if header is None:
        raise CheckpointError(f"{name} is not a model of this program.", _HINT_FOREIGN)
    try:
        values = json.loads(header, parse_constant=_refuse_constant)
        version = values.get("version") if isinstance(values, dict) else None
        if isinstance(version, int) and version > FORMAT_VERSION:
            raise CheckpointError(f"{name} was made by a newer version of this program.", "Install that version.")
        return CheckpointHeader.from_json(values)
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"The header of {name} cannot be used: {str(error)[:200]}", _HINT_DAMAGED) from error


def _refuse_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number.")


def _check_shapes(name: str, expected: Mapping[str, tuple[int, ...]], found: Mapping[str, tuple[int, ...]]) -> None:
    if expected == found:
        return
    missing = sorted(expected.keys() - found.keys())
    if missing:
        raise CheckpointError(f"{name} lacks the weights {missing[0]}.", _HINT_DAMAGED)
    foreign = sorted(found.keys() - expected.keys())
    if foreign:
        raise CheckpointError(f"{name} holds weights that its network has not: {foreign[0][:80]}.", _HINT_FOREIGN)
    wrong = next(key for key in expected if expected[key] != found[key])
    raise CheckpointError(
        f"The weights {wrong} of {name} have the shape {found[wrong]}, not {expected[wrong]}.", _HINT_FOREIGN
    )


def _check_finite(name: str, weights: Weights) -> None:
    for key, values in weights.items():
        if not np.isfinite(values).all():
            raise CheckpointError(f"The weights {key} of {name} are not finite numbers.", _HINT_DAMAGED)
