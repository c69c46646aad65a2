"""The windowed networks' step in numpy: each token from exactly the window before it, at a fraction of the work.

Windows overlap, but each begins from nothing, so nothing an LSTM layer remembers of one serves the next. Hence a stream
is kept for every window that has begun: with each token all of them take one step, as rows of one product. The oldest
is then full; it foretells the next token, and begins anew.

In both directions that does not help: the way back begins at the newest token. Such windows are read anew, and of a
piece only the tokens are remembered.

As in ``stepper`` the numbers of a piece depend neither on the other pieces nor on the number of processors.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray

from musicgen_app.generation.checkpoint import Weights
from musicgen_app.generation.matrix import Floats, Matrix, Products
from musicgen_app.generation.memory import SLOPES, Memory
from musicgen_app.generation.windowed import BATCH_NORM_EPSILON, WindowedConfig, named_layers
from musicgen_app.tokens.codec import Rows

_NEVER = np.float32(-np.inf)


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """What is remembered of one piece.

    Attributes:
        tokens: Shape (tokens,): the last ones, as many as a window holds at most.
        layers: Of every LSTM layer that keeps streams, shape (2, window, units): outputs and cells.
        count: Tokens heard since the beginning; the stream that began with token n is row n modulo the window.
    """

    tokens: NDArray[np.int16]
    layers: tuple[Floats, ...]
    count: int


class WindowedStepper:
    """Runs a windowed network token by token, for several pieces at once; the same face as ``Stepper``.

    Where fewer tokens are known than a window holds, the window is what there is. An end row begins a piece anew.
    """

    def __init__(self, network: WindowedConfig, weights: Weights) -> None:
        self.network = network
        kind = _BothWays if network.bidirectional else _Streams
        self._reader: _Reader = kind(network, weights)
        self._head = _Head(network, weights)
        self.start(1)

    @property
    def batch(self) -> int:
        """How many pieces are in the batch."""
        return len(self._pieces)

    def start(self, batch: int) -> None:
        """Begin ``batch`` pieces anew, each with nothing remembered."""
        self.resume([self._reader.nothing()] * batch)

    def resume(self, states: Sequence[Heard]) -> None:
        """Go on from what is remembered of each piece."""
        self._pieces = list(states)

    def state(self, row: int) -> Heard:
        """What is remembered of one piece of the batch."""
        return self._pieces[row]

    def read(self, rows: Rows, began: int = 0) -> Heard:
        """What is remembered behind rows of one piece, shape (rows, 1); where it began makes no difference."""
        tokens = rows[:, 0]
        ends = np.flatnonzero(tokens == self.network.vocabulary)
        tokens = tokens[ends[-1] + 1 :] if len(ends) else tokens
        piece = self._reader.nothing()
        for token in tokens[-self.network.window :].tolist():
            piece = self._reader.hear(piece, token)
        return piece

    def feed(self, rows: Rows) -> Floats:
        """Take one step in every piece.

        Args:
            rows: Shape (batch, 1): the tokens heard.

        Returns:
            Shape (batch, vocabulary + 1): how likely each class is to follow, before softmax. The end never is.
        """
        found = np.full((len(rows), self.network.vocabulary + 1), _NEVER)
        for place, token in enumerate(rows[:, 0].tolist()):
            ends = token == self.network.vocabulary
            piece = self._reader.nothing() if ends else self._reader.hear(self._pieces[place], token)
            self._pieces[place] = piece
            found[place, :-1] = self._head.logits(self._reader.told(piece))
        return found

    def logits(self, hidden: Floats, field: int, chosen: Rows) -> Floats:
        """What ``feed`` found: there is one field, and it is told nothing else."""
        return hidden


class _Reader(Protocol):
    """How windows are read up to the vector that the dense layers take."""

    def __init__(self, network: WindowedConfig, weights: Weights) -> None: ...

    def nothing(self) -> Heard:
        """What is remembered before the first token."""
        ...

    def hear(self, piece: Heard, token: int) -> Heard:
        """What is remembered after one more."""
        ...

    def told(self, piece: Heard) -> Floats:
        """Shape (1, width): what the window behind the last token comes to."""
        ...


class _Input:
    """What a token adds to the gates of the first layer."""

    def __init__(self, network: WindowedConfig, weights: Weights, name: str) -> None:
        self._vocabulary = network.vocabulary
        self._table = weights["embedding"] if network.embedding else None
        self._kernel = weights[f"{name}.kernel"] * _slopes(weights[f"{name}.bias"])
        self._matrix = Matrix(self._kernel)

    def push(self, token: int) -> Floats:
        """Shape (1, 4 units)."""
        if self._table is None:
            return self._kernel * np.float32(token / self._vocabulary)
        return self._matrix.product(self._table[token : token + 1])


class _Streams:
    """A stack of LSTM layers over all windows that have begun."""

    def __init__(self, network: WindowedConfig, weights: Weights) -> None:
        self._window = network.window
        names = [name for layer, name, _ in named_layers(network) if layer.kind == "lstm"]
        self._input = _Input(network, weights, names[0])
        self._units = [weights[f"{name}.recurrent"].shape[0] for name in names]
        self._products, self._memories = [], []
        for place, (name, units) in enumerate(zip(names, self._units, strict=True)):
            slopes = _slopes(weights[f"{name}.bias"])
            parts = ("recurrent", "kernel") if place else ("recurrent",)
            matrices = [Matrix(weights[f"{name}.{part}"] * slopes) for part in parts]
            products = Products(matrices, weights[f"{name}.bias"] * slopes, self._window)
            self._products.append(products)
            self._memories.append(Memory(products.sums, products.rows[0], np.zeros((self._window, units), np.float32)))

    def nothing(self) -> Heard:
        """As ``_Reader``."""
        layers = tuple(np.zeros((2, self._window, units), np.float32) for units in self._units)
        return Heard(np.empty(0, np.int16), layers, 0)

    def hear(self, piece: Heard, token: int) -> Heard:
        """As ``_Reader``."""
        begun = min(piece.count + 1, self._window)
        new = piece.count % self._window
        flow: Floats | None = None
        for products, memory, (output, cell) in zip(self._products, self._memories, piece.layers, strict=True):
            memory.output[:], memory.cell[:] = output, cell
            memory.output[new] = memory.cell[new] = 0
            if flow is not None:
                products.rows[1][:] = flow
            products.update(begun)
            if flow is None:
                products.sums[:begun] += self._input.push(token)
            memory.move_on()
            flow = memory.output
        layers = tuple(np.stack([memory.output, memory.cell]) for memory in self._memories)
        return Heard(piece.tokens, layers, piece.count + 1)

    def told(self, piece: Heard) -> Floats:
        """As ``_Reader``."""
        oldest = max(0, piece.count - self._window) % self._window
        last: Floats = piece.layers[-1][0]
        return last[oldest : oldest + 1]


class _BothWays:
    """One LSTM layer in both directions, attention and the pool, over one window."""

    def __init__(self, network: WindowedConfig, weights: Weights) -> None:
        self._window = network.window
        self._ways = [_Way(network, weights, name) for name in ("forward", "backward")]
        self._query, self._key = (Matrix(weights[f"attention.{part}"]) for part in ("query", "key"))
        self._bias, self._score = weights["attention.bias"], weights["attention.score"][:, 0]
        self._offset = weights["attention.offset"]
        self._width = len(weights["attention.query"])

    def nothing(self) -> Heard:
        """As ``_Reader``."""
        return Heard(np.empty(0, np.int16), (), 0)

    def hear(self, piece: Heard, token: int) -> Heard:
        """As ``_Reader``."""
        tokens = np.append(piece.tokens, np.int16(token))[-self._window :]
        return Heard(tokens, (), piece.count + 1)

    def told(self, piece: Heard) -> Floats:
        """As ``_Reader``."""
        if not piece.count:
            return np.zeros((1, self._width), np.float32)
        tokens = piece.tokens.tolist()
        forward, backward = self._ways[0].read(tokens), self._ways[1].read(tokens[::-1])[::-1]
        flow = np.concatenate([forward, backward], axis=1)
        told = np.tanh(self._query.product(flow)[:, np.newaxis] + self._key.product(flow) + self._bias)
        scores = np.vecdot(told, self._score) + self._offset
        shares = np.exp(0.5 + 0.5 * np.tanh(0.5 * scores))
        shares /= np.add.reduce(shares, axis=1, keepdims=True)
        return cast(Floats, np.maximum.reduce(Matrix(flow).product(shares), axis=0, keepdims=True))


class _Way:
    """An LSTM layer in one direction."""

    def __init__(self, network: WindowedConfig, weights: Weights, name: str) -> None:
        slopes = _slopes(weights[f"{name}.bias"])
        self._input = _Input(network, weights, name)
        recurrent = weights[f"{name}.recurrent"]
        self._products = Products([Matrix(recurrent * slopes)], weights[f"{name}.bias"] * slopes, 1)
        cell = np.zeros((1, len(recurrent)), np.float32)
        self._memory = Memory(self._products.sums, self._products.rows[0], cell)

    def read(self, tokens: Sequence[int]) -> Floats:
        """Shape (tokens, units): what the layer says behind each token, from nothing."""
        memory = self._memory
        memory.output[:] = memory.cell[:] = 0
        out = np.empty((len(tokens), memory.cell.shape[1]), np.float32)
        for heard, token in zip(out, tokens, strict=True):
            self._products.update()
            self._products.sums[:] += self._input.push(token)
            memory.move_on()
            heard[:] = memory.output[0]
        return out


class _Head:
    """The layers from a window's vector to the logits of the words; normalisations as gains and offsets."""

    def __init__(self, network: WindowedConfig, weights: Weights) -> None:
        self._steps: list[_Scaled | _Dense] = []
        for layer, name, _ in named_layers(network):
            if layer.kind == "norm":
                variance = np.maximum(weights[f"{name}.variance"], 0) + np.float32(BATCH_NORM_EPSILON)
                gain = cast(Floats, weights[f"{name}.gamma"] / np.sqrt(variance))
                self._steps.append(_Scaled(gain, weights[f"{name}.beta"] - weights[f"{name}.mean"] * gain))
            elif layer.kind in ("relu", "dense"):
                kernel = Matrix(weights[f"{name}.kernel"])
                self._steps.append(_Dense(kernel, weights[f"{name}.bias"], layer.kind == "relu"))

    def logits(self, flow: Floats) -> Floats:
        """Shape (vocabulary,), from shape (1, width)."""
        for step in self._steps:
            flow = step.of(flow)
        logits: Floats = flow[0]
        return logits


@dataclass(frozen=True, slots=True, eq=False)
class _Scaled:
    """A gain and an offset of each value."""

    gain: Floats
    offset: Floats

    def of(self, flow: Floats) -> Floats:
        return flow * self.gain + self.offset


@dataclass(frozen=True, slots=True, eq=False)
class _Dense:
    """A product and a bias; what is negative is left out where ``cut`` says so."""

    kernel: Matrix
    bias: Floats
    cut: bool

    def of(self, flow: Floats) -> Floats:
        found: Floats = self.kernel.product(flow) + self.bias
        if self.cut:
            np.maximum(found, 0, out=found)
        return found


def _slopes(bias: Floats) -> Floats:
    """For each column of a layer's gates, what ``memory`` wants it multiplied by."""
    return np.repeat(SLOPES, len(bias) // 4)
