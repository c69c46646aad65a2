"""Windowed networks: those of the seed experiments, which read a window of tokens and foretell the one that follows.

Unlike ours they begin every window from nothing, know one field, and never foretell the end of a piece. The stack is
a value: the six of the seeds are a table (``windowed_presets``).
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from musicgen_app.generation.described import mapping, number, rows, share, whole, within
from musicgen_app.tokens.codec import Codec, Field

KIND = "windowed"
TOKEN = "token"
"""Name of the one field these networks know."""
MOST_PARAMETERS = 250_000_000
MOST_WINDOW = 1000
BATCH_NORM_EPSILON = 1e-3
"""Added to the variance in every batch normalisation."""

_LETTERS = {
    "lstm": "l",
    "bilstm": "b",
    "attention": "a",
    "pool": "p",
    "norm": "n",
    "dropout": "d",
    "relu": "r",
    "dense": "f",
}
_WIDE = ("lstm", "bilstm", "attention", "relu", "dense")
_STACK = re.compile(r"(?:l(?:d?l)*|b(?:ad?p|apd?))[ndrf]*")
_MOST_LAYERS = 32
_MOST_RECURRENT = 8
_BEHIND_POOL = ("pool", "dropout")


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of a stack.

    Attributes:
        kind: "lstm"; "bilstm" (two, one of them backwards, their outputs joined); "attention" (every step a sum of all
            steps); "pool" (the greatest of all steps); "norm" (batch normalisation); "dropout"; "relu" and "dense".
        units: Its width; 0 where it has none of its own.
        recurrent_dropout: Whether an LSTM layer forgets some of its last output in training.
    """

    kind: str
    units: int = 0
    recurrent_dropout: bool = False

    def __post_init__(self) -> None:
        if self.kind not in _LETTERS:
            raise ValueError(f"{str(self.kind)[:40]!r} is no kind of layer.")
        least, most = (1, 4096) if self.kind in _WIDE else (0, 0)
        within(f"the width of a layer of the kind {self.kind}", self.units, least, most)
        if self.recurrent_dropout and self.kind != "lstm":
            raise ValueError(f"A layer of the kind {self.kind} has no recurrent dropout.")

    @staticmethod
    def from_json(values: object) -> "Layer":
        """A layer from ``[kind, units, recurrent dropout]``.

        Raises:
            ValueError: It is something else.
        """
        refusal = "A layer of the network is not a kind, a width and a switch."
        return Layer(*rows([values], (str, int, bool), refusal)[0])


Stack = tuple[Layer, ...]


@dataclass(frozen=True, slots=True)
class WindowedConfig:
    """The shape of a windowed network.

    Attributes:
        vocabulary: Words it tells apart, 2 to 32,766; the codec's end, which it never hears or foretells, is the class
            behind the last.
        window: Tokens it reads before each that it foretells, 1 to 1000.
        layers: The stack between the input and the last matrix.
        embedding: Width in which a token is shown, 1 to 1024; 0 shows the number of its word, as a share of them all.
        dropout: Share of values that its dropout layers leave out, 0 up to but not including 1.
        recurrent_dropout: The same of the last outputs of the LSTM layers that have it.

    Raises:
        ValueError: A value is out of range.
    """

    vocabulary: int
    window: int
    layers: Stack
    embedding: int = 0
    dropout: float = 0.0
    recurrent_dropout: float = 0.0

    def __post_init__(self) -> None:
        within("vocabulary", self.vocabulary, 2, 32_766)
        within("window", self.window, 1, MOST_WINDOW)
        within("embedding", self.embedding, 0, 1024)
        share("dropout", self.dropout)
        share("recurrent_dropout", self.recurrent_dropout)
        check_stack(self.layers)
        if self.parameters() > MOST_PARAMETERS:
            raise ValueError(f"A network of {self.parameters():,} parameters is too large.")

    @property
    def fields(self) -> tuple[Field, ...]:
        """The columns of the rows it reads and predicts."""
        return (Field(TOKEN, self.vocabulary + 1),)

    @property
    def bidirectional(self) -> bool:
        """Whether it reads its windows backwards as well."""
        return self.layers[0].kind == "bilstm"

    def fits(self, codec: Codec) -> bool:
        """Whether it reads and writes the rows of this codec."""
        return self.fields == codec.fields and bool(codec.is_end(np.array([[self.vocabulary]], np.int16))[0])

    def parameters(self) -> int:
        """How many numbers the network holds, those of batch normalisations that follow the training included."""
        return sum(math.prod(shape) for shape in windowed_shapes(self).values())

    def to_json(self) -> dict[str, Any]:
        """The config as JSON values."""
        return {
            "kind": KIND,
            "vocabulary": self.vocabulary,
            "window": self.window,
            "layers": layers_to_json(self.layers),
            "embedding": self.embedding,
            "dropout": self.dropout,
            "recurrent_dropout": self.recurrent_dropout,
        }

    @staticmethod
    def from_json(values: object) -> "WindowedConfig":
        """The config from JSON values.

        Raises:
            ValueError: Something is missing, of the wrong type or out of range.
        """
        described = mapping(values, "network")
        return WindowedConfig(
            vocabulary=whole(described, "vocabulary"),
            window=whole(described, "window"),
            layers=layers_from_json(described.get("layers")),
            embedding=whole(described, "embedding"),
            dropout=number(described, "dropout"),
            recurrent_dropout=number(described, "recurrent_dropout"),
        )


def check_stack(layers: Stack) -> None:
    """Refuse what is no stack.

    That is: LSTM layers, with dropout between them if wanted; or one in both directions with attention and a pool. Then
    dense layers, normalisations and dropout as wanted.

    Raises:
        ValueError: It is none.
    """
    recurrent = sum(layer.kind in ("lstm", "bilstm") for layer in layers)
    if len(layers) > _MOST_LAYERS or recurrent > _MOST_RECURRENT:
        raise ValueError(f"A stack has at most {_MOST_LAYERS} layers, {_MOST_RECURRENT} of them LSTM layers.")
    if _STACK.fullmatch("".join(_LETTERS[layer.kind] for layer in layers)) is None:
        raise ValueError(f"The layers do not follow each other: {', '.join(layer.kind for layer in layers)}.")


def layers_to_json(layers: Stack) -> list[list[Any]]:
    """A stack as JSON values."""
    return [[layer.kind, layer.units, layer.recurrent_dropout] for layer in layers]


def layers_from_json(values: object) -> Stack:
    """A stack from JSON values.

    Raises:
        ValueError: They describe none.
    """
    if not isinstance(values, list | tuple) or len(values) > _MOST_LAYERS:
        raise ValueError("The network's layers are not a list of layers.")
    return tuple(Layer.from_json(layer) for layer in values)


def in_seed_order(layers: Stack) -> Stack:
    """The stack with its dropout before the pool, as the seeds had it, where it stood behind it.

    There it hurts: the greatest of values that are scaled up in training is greater than what is seen afterwards.
    """
    kinds = [layer.kind for layer in layers]
    for place in range(len(layers) - 1):
        if tuple(kinds[place : place + 2]) == _BEHIND_POOL:
            return (*layers[:place], layers[place + 1], layers[place], *layers[place + 2 :])
    return layers


def named_layers(config: WindowedConfig) -> Iterator[tuple[Layer, str, int]]:
    """Each layer of the stack, the name its weights begin with ("" where it has none), and the width of its input."""
    width = config.embedding or 1
    counts = dict.fromkeys(("lstm", "norm", "dense"), 0)
    for layer in config.layers:
        kind = "dense" if layer.kind == "relu" else layer.kind
        name = kind if kind in ("bilstm", "attention") else ""
        if kind in counts:
            name = f"{kind}{counts[kind]}"
            counts[kind] += 1
        yield layer, name, width
        if kind in ("lstm", "dense"):
            width = layer.units
        elif kind == "bilstm":
            width = 2 * layer.units
    yield Layer("dense", config.vocabulary), "output", width


def windowed_shapes(config: WindowedConfig) -> dict[str, tuple[int, ...]]:
    """The name and shape of every weight of a windowed network, in a fixed order."""
    shapes: dict[str, tuple[int, ...]] = {}
    if config.embedding:
        shapes["embedding"] = (config.vocabulary, config.embedding)
    for layer, name, width in named_layers(config):
        units = layer.units
        if layer.kind == "lstm":
            shapes |= _lstm_shapes(name, width, units)
        elif layer.kind == "bilstm":
            shapes |= _lstm_shapes("forward", width, units) | _lstm_shapes("backward", width, units)
        elif layer.kind == "attention":
            shapes |= {f"{name}.query": (width, units), f"{name}.key": (width, units), f"{name}.bias": (units,)}
            shapes |= {f"{name}.score": (units, 1), f"{name}.offset": (1,)}
        elif layer.kind == "norm":
            shapes |= {f"{name}.{part}": (width,) for part in ("gamma", "beta", "mean", "variance")}
        elif name:
            shapes |= {f"{name}.kernel": (width, units), f"{name}.bias": (units,)}
    return shapes


def _lstm_shapes(name: str, width: int, units: int) -> dict[str, tuple[int, ...]]:
    return {
        f"{name}.kernel": (width, 4 * units),
        f"{name}.recurrent": (units, 4 * units),
        f"{name}.bias": (4 * units,),
    }
