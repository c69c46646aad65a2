"""The network's forward step in numpy: what generates music, without TensorFlow.

Two things make it quick. The weights are folded once: the input layer into the embedding tables, each normalisation's
gain and offset into the matrix behind it, the chained embeddings into the heads. And a step works in buffers that are
kept.

One thing makes it true: everything is computed for each row alone (``matrix`` says how), so a row's numbers do not
depend on how many others are in the batch, nor on its place in it, nor on the number of processors.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from musicgen_app.generation.checkpoint import (
    INTERVAL_WIDTH,
    INTERVALS,
    NORM_EPSILON,
    PITCH,
    PITCHES,
    TIME,
    WIDEST_INTERVAL,
    Checkpoint,
    NetworkConfig,
    Weights,
)
from musicgen_app.generation.matrix import Floats, Matrix, Products
from musicgen_app.generation.memory import SLOPES, Memory
from musicgen_app.tokens.catalogue import codec_from
from musicgen_app.tokens.codec import Rows
from musicgen_app.tokens.context import NO_PITCH, NOTHING_SHOWN, Following, wide_rows
from musicgen_app.tokens.repeats import Repeats

_NO_PITCHES: NDArray[np.int16] = np.empty(0, np.int16)
_NO_FLOATS: Floats = np.empty((0, 0), np.float32)
_READ_AT_ONCE = 256
"""Prompt rows that go through a layer before the next layer hears them."""

_WIDE_LINE = PITCHES + 3 * WIDEST_INTERVAL
_ZERO = np.float32(0)


@dataclass(frozen=True, slots=True)
class _Layer:
    """One LSTM layer with its normalisation folded in.

    The columns are halved where ``memory.SLOPES`` says so.

    Attributes:
        into: (units, 4 units): meets the normalised input.
        recurrent: (units, 4 units): meets the layer's last output.
        bias: Shape (4 units,).
    """

    into: Matrix
    recurrent: Matrix
    bias: Floats


@dataclass(frozen=True, slots=True)
class _Head:
    """What one field adds behind the shared product.

    Attributes:
        chains: What the choice of each field before this one adds to the hidden layer, shape (classes of all of them,
            head units); below them for each of them what it adds that the choice was another one than in the passage
            before, or the same, for a network that is shown it.
        firsts: Shape (fields before,): the first line of each among the choices.
        agreed: Shape (fields before,): its first line among the agreements.
        trust: Shape (head units + 1,): how much likelier it makes what followed before, the offset last; or empty.
        kernel: (head units, size).
        bias: Shape (size,).
    """

    chains: Floats
    firsts: NDArray[np.intp]
    agreed: NDArray[np.intp]
    trust: Floats
    kernel: Matrix
    bias: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Remembered:
    """What is remembered of one piece.

    Attributes:
        layers: Shape (layers, 2, units): output and cell of every LSTM layer.
        clock: Grid steps from the beginning of the piece; 0 for a network that is not shown where rows stand.
        recent: Shape (recent,): the pitches of the last notes, the latest first.
        repeats: What the piece remembers of itself; None for a network that is not shown it.
    """

    layers: Floats
    clock: int
    recent: NDArray[np.int16]
    repeats: Repeats | None = None


class AnyStepper(Protocol):
    """A network that makes rows: this one, or a windowed one. What it remembers is its own affair."""

    def read(self, rows: Rows, began: int = 0) -> Any:
        """What is remembered behind rows of one piece, which begin so many grid steps behind its beginning."""
        ...

    def resume(self, states: Sequence[Any]) -> None:
        """Go on from what is remembered of each piece."""
        ...

    def state(self, row: int) -> Any:
        """What is remembered of one piece of the batch."""
        ...

    def feed(self, rows: Rows) -> Floats:
        """Take one step in every piece; what ``logits`` needs."""
        ...

    def logits(self, hidden: Floats, field: int, chosen: Rows) -> Floats:
        """How likely each class of a field is in the rows that follow."""
        ...


class Stepper:
    """Runs a network row by row, for up to a batch of pieces at once.

    Arrays returned belong to the stepper and are overwritten by its next step.
    """

    def __init__(self, checkpoint: Checkpoint, patience: float = math.inf) -> None:
        """Fold the weights.

        Args:
            checkpoint: The network.
            patience: As in ``Following``.
        """
        self._patience = patience
        config, weights = cast(NetworkConfig, checkpoint.header.network), checkpoint.weights
        names = [f.name for f in config.fields]
        self.network = config
        # A network that is shown nothing beside the rows needs no codec.
        self._codec = codec_from(checkpoint.header.codec) if config.shown != NOTHING_SHOWN else None
        self._table, self._firsts = _input_table(weights, config)
        self._layers = [_layer(weights, f"layer{index}") for index in range(config.layers)]
        self._hidden_kernel, self._hidden_bias = _hidden_layer(weights, names)
        self._heads = [_head(weights, config, index) for index in range(len(names))]
        self._lengths, self._distances = _by_repeat(weights, names) if config.repeats else (_NO_FLOATS, _NO_FLOATS)
        # Of which field places in the bar follow; -1 where none are told.
        self._time = names.index(TIME) if TIME in names and config.positions else -1
        self._place_table = _place_table(weights, config, self._time)
        self._first_place = np.cumsum([0, *(f.size for f in config.positions[:-1])])
        self._intervals = _Intervals(weights, config) if config.recent else None
        self._shares = np.full(config.units, 1 / config.units, np.float32)
        self._epsilon = np.float32(NORM_EPSILON * config.units)
        self.start(1)

    @property
    def batch(self) -> int:
        """How many pieces are in the batch."""
        return len(self._flow)

    def start(self, batch: int) -> None:
        """Begin ``batch`` pieces anew, each with nothing remembered."""
        units = self.network.units
        self._flow: Floats = np.zeros((batch, units), np.float32)
        self._spread: Floats = np.zeros(batch, np.float32)
        self._inputs = [Products([layer.into, layer.recurrent], layer.bias, batch) for layer in self._layers]
        self._memories = [
            Memory(inputs.sums, inputs.rows[1], np.zeros((batch, units), np.float32)) for inputs in self._inputs
        ]
        self._hidden = Products([self._hidden_kernel], self._hidden_bias, batch)
        self._logits = [Products([head.kernel], head.bias, batch) for head in self._heads]
        self._following = (
            None if self._codec is None else Following(self._codec, self.network.shown, batch, self._patience)
        )
        self._repeating = False
        self._again: NDArray[np.int16] = np.empty((batch, 0), np.int16)
        self._by_places: Floats = np.zeros((batch, self._place_table.shape[1]), np.float32)
        if self._intervals is not None:
            self._intervals.start(batch)

    def resume(self, states: Sequence[Remembered]) -> None:
        """Go on from what is remembered of each piece."""
        self.start(len(states))
        for row, state in enumerate(states):
            for memory, (output, cell) in zip(self._memories, state.layers, strict=True):
                memory.output[row], memory.cell[row] = output, cell
            if self._following is not None:
                self._following.clocks[row], self._following.recent[row] = state.clock, state.recent
                if state.repeats is not None:
                    self._following.repeats[row] = state.repeats.copy()

    def state(self, row: int) -> Remembered:
        """What is remembered of one piece of the batch."""
        layers = np.array([(memory.output[row], memory.cell[row]) for memory in self._memories], np.float32)
        if self._following is None:
            return Remembered(layers, 0, _NO_PITCHES)
        repeats = self._following.repeats[row] if self._following.repeats else None
        return Remembered(layers, int(self._following.clocks[row]), self._following.recent[row].copy(), repeats)

    def feed(self, rows: Rows) -> Floats:
        """Take one step in every piece.

        Args:
            rows: Shape (batch, fields): the rows heard.

        Returns:
            Shape (batch, fields x head units): what ``logits`` needs to predict the rows that follow.
        """
        flow = self._flow
        if self._following is not None:
            rows = self._following.add(rows)
            self._again = rows[:, self.network.first_repeat :]
            self._repeating = self.network.repeats and bool((self._again[:, -2] > 0).any())
        self._enter(rows, flow)
        for inputs, memory in zip(self._inputs, self._memories, strict=True):
            self._normalise(flow, inputs.rows[0], self._spread)
            inputs.update()
            memory.move_on()
            np.add(flow, memory.output, out=flow)
        self._normalise(flow, self._hidden.rows[0], self._spread)
        self._hidden.update()
        if self.network.repeats:
            self._hidden.sums += self._lengths.take(self._again[:, -2], axis=0)
            self._hidden.sums += self._distances.take(self._again[:, -1], axis=0)
        return self._hidden.sums

    def logits(self, hidden: Floats, field: int, chosen: Rows) -> Floats:
        """How likely each class of a field is in the next row, before softmax.

        Args:
            hidden: As ``feed`` returned it.
            field: Index of the field.
            chosen: Shape (batch, field or more): the fields of the next row that are already chosen.

        Returns:
            Shape (batch, size of the field).
        """
        width, products = self.network.head_units, self._logits[field]
        values = products.rows[0]
        told = hidden[:, field * width : (field + 1) * width]
        if field:
            told = np.add(told, self._by_choices(field, chosen[:, :field]), out=values)
        if field > self._time >= 0:
            told = np.add(told, self._by_place(field, chosen), out=values)
        np.maximum(told, _ZERO, out=values)
        products.update()
        if self._intervals is not None and self._following is not None and field == self._intervals.field:
            self._intervals.tell(values, self._following.recent, products.sums)
        if self._repeating:
            self._repeat(field, values, products.sums)
        return products.sums

    def _by_choices(self, field: int, chosen: Rows) -> Floats:
        """What the fields already chosen add to the hidden layer of a field, shape (batch, head units)."""
        head = self._heads[field]
        lines = chosen + head.firsts
        if self._repeating:
            before = self._again[:, :field]
            # What had no passage before agrees with nothing and differs from nothing: the last line is empty.
            agreed = np.where(before < 0, len(head.chains) - 1, head.agreed + (before == chosen))
            lines = np.concatenate([lines, agreed], axis=1)
        added: Floats = np.add.reduce(head.chains.take(lines, axis=0), axis=1)
        return added

    def _repeat(self, field: int, hidden: Floats, logits: Floats) -> None:
        """Make what followed the same passage before as much likelier as the hidden layer of the field trusts it."""
        trust = self._heads[field].trust
        for row, before in enumerate(self._again[:, field].tolist()):
            if before >= 0:
                logits[row, before] += np.vecdot(hidden[row], trust[:-1]) + trust[-1]

    def _by_place(self, field: int, chosen: Rows) -> Floats:
        """What the place of the next rows in the bar adds to the hidden layer of a field behind the time."""
        if self._codec is not None and self._following is not None and field == self._time + 1:
            places = self._codec.positions(self._following.ahead(chosen)) + self._first_place
            np.add.reduce(self._place_table.take(places, axis=0), axis=1, out=self._by_places)
        first = (field - self._time - 1) * self.network.head_units
        return self._by_places[:, first : first + self.network.head_units]

    def read(self, rows: Rows, began: int = 0) -> Remembered:
        """Hear many rows of one piece, quicker than by steps; the batch is not touched.

        Args:
            rows: Shape (rows, fields), the start row first.
            began: Grid steps from the beginning of the piece to where the rows begin.
        """
        if self._codec is None:
            return Remembered(self._read(rows), began, _NO_PITCHES)
        wide = wide_rows(self._codec, rows, self.network.shown, began)
        first = self.network.first_repeat
        recent = wide[-1, first - self.network.recent : first] if len(wide) else np.full(self.network.recent, NO_PITCH)
        repeats = Repeats.of(self._codec, rows) if self.network.repeats else None
        return Remembered(self._read(wide), began + int(self._codec.steps(rows).sum()), recent, repeats)

    def _read(self, rows: Rows) -> Floats:
        """The layers' state behind wide rows."""
        units = self.network.units
        state = np.zeros((len(self._layers), 2, units), np.float32)
        pushed = [Products([layer.recurrent], layer.bias, 1) for layer in self._layers]
        memories = [Memory(push.sums, push.rows[0], cells[1:]) for push, cells in zip(pushed, state, strict=True)]
        for first in range(0, len(rows), _READ_AT_ONCE):
            part = rows[first : first + _READ_AT_ONCE]
            flow = np.empty((len(part), units), np.float32)
            normal, spread = np.empty_like(flow), np.empty(len(part), np.float32)
            self._enter(part, flow)
            for layer, push, memory in zip(self._layers, pushed, memories, strict=True):
                self._normalise(flow, normal, spread)
                for heard, inputs in zip(flow, layer.into.product(normal), strict=True):
                    push.update()
                    push.sums += inputs
                    memory.move_on()
                    heard += memory.output[0]
        for cells, memory in zip(state, memories, strict=True):
            cells[0] = memory.output[0]
        return state

    def _enter(self, rows: Rows, out: Floats) -> None:
        """The input of the first layer, shape (rows, units): the sum of what each column of wide rows adds to it."""
        columns = len(self.network.fields) + len(self.network.positions)
        if self.network.recent > 1:
            recent = rows[:, columns : columns + self.network.recent].astype(np.intp)
            intervals = recent[:, :1] - recent[:, 1:] + WIDEST_INTERVAL
            # As a number without a sign, what is below 0 is too large as well.
            known = intervals.view(np.uintp) < INTERVALS
            if recent.min() < 0:
                known &= (recent[:, :1] >= 0) & (recent[:, 1:] >= 0)
            rows = np.concatenate([rows[:, :columns], np.where(known, intervals, INTERVALS)], axis=1)
        else:
            rows = rows[:, :columns]
        np.add.reduce(self._table.take(rows + self._firsts, axis=0), axis=1, out=out)

    def _normalise(self, values: Floats, out: Floats, spread: Floats) -> None:
        """Layer normalisation of each row without what ``_folded`` puts into the matrix behind it.

        Args:
            values: Shape (rows, units).
            out: Shape (rows, units).
            spread: Shape (rows,); its contents are lost.
        """
        np.vecdot(values, self._shares, out=spread)
        np.subtract(values, spread[:, np.newaxis], out=out)
        np.vecdot(out, out, out=spread)
        np.add(spread, self._epsilon, out=spread)
        np.sqrt(spread, out=spread)
        np.divide(out, spread[:, np.newaxis], out=out)


class _Intervals:
    """What the pitch head tells of intervals to the last pitches, added to what it tells of pitches.

    Attributes:
        field: Index of the field of pitches.
    """

    def __init__(self, weights: Weights, config: NetworkConfig) -> None:
        self.field = [f.name for f in config.fields].index(PITCH)
        self._recent = config.recent
        self._kernel, self._bias = Matrix(weights["head.intervals.kernel"]), weights["head.intervals.bias"]

    def start(self, batch: int) -> None:
        """Prepare for so many pieces."""
        self._products = Products([self._kernel], self._bias, batch)
        # Each piece has a line with room for intervals that lead beyond the pitches; those to no pitch go to the last.
        self._intervals = np.arange(INTERVALS) + np.arange(batch)[:, np.newaxis, np.newaxis] * _WIDE_LINE
        self._nowhere = _WIDE_LINE * batch - WIDEST_INTERVAL

    def tell(self, hidden: Floats, recent: NDArray[np.int16], logits: Floats) -> None:
        """Add to logits of pitches.

        Args:
            hidden: Shape (batch, head units): the hidden layer of the pitch head.
            recent: Shape (batch, recent).
            logits: Shape (batch, classes of the field); changed.
        """
        self._products.rows[0][:] = hidden
        self._products.update()
        places = recent[:, :, np.newaxis] + self._intervals
        if recent.min() < 0:
            places = np.where(recent[:, :, np.newaxis] < 0, self._nowhere, places)
        told = np.bincount(places.ravel(), self._products.sums.ravel(), _WIDE_LINE * len(hidden))
        logits[:, :PITCHES] += told.reshape(-1, _WIDE_LINE)[:, WIDEST_INTERVAL : WIDEST_INTERVAL + PITCHES]


def _input_table(weights: Weights, config: NetworkConfig) -> tuple[Floats, NDArray[np.intp]]:
    """What each class of each column adds to the input of the first layer, one below the other; the first line of each.

    Columns are the fields, the positions, and the intervals to the pitches before the last; an interval that has no
    class has one line more, which adds nothing.
    """
    shown = [weights[f"embedding.{f.name}"] for f in config.fields]
    shown += [weights[f"position.{f.name}"] for f in config.positions]
    if config.recent > 1:
        nothing = np.zeros((1, INTERVAL_WIDTH), np.float32)
        shown += [np.concatenate([weights["intervals"], nothing])] * (config.recent - 1)
    ends = np.cumsum([table.shape[1] for table in shown])
    parts = np.split(weights["input.kernel"], ends[:-1])
    tables = [Matrix(part).product(table) for table, part in zip(shown, parts, strict=True)]
    tables[0] += weights["input.bias"]
    return np.concatenate(tables), np.cumsum([0, *(len(table) for table in tables[:-1])])


def _folded(kernel: Floats, bias: Floats, weights: Weights, norm: str) -> tuple[Floats, Floats]:
    """A matrix and a bias that take over the gain and the offset of the normalisation before them.

    And the square root of the width, by which ``Stepper._normalise`` leaves its values too small.
    """
    gain, offset = weights[f"{norm}.gamma"], weights[f"{norm}.beta"]
    # Not matmul: with the number of threads it would change how the sum is rounded.
    bias = bias + np.einsum("i,ij->j", offset, kernel)
    return kernel * (gain * np.float32(len(gain) ** 0.5))[:, np.newaxis], bias


def _layer(weights: Weights, name: str) -> _Layer:
    into, bias = _folded(weights[f"{name}.kernel"], weights[f"{name}.bias"], weights, f"{name}.norm")
    slopes = np.repeat(SLOPES, len(bias) // 4)
    into *= slopes
    return _Layer(Matrix(into), Matrix(weights[f"{name}.recurrent"] * slopes), bias * slopes)


def _hidden_layer(weights: Weights, names: list[str]) -> tuple[Matrix, Floats]:
    """The hidden layers of all heads side by side: (units, fields x head units) and shape (fields x head units,)."""
    kernel = np.concatenate([weights[f"head.{name}.hidden.kernel"] for name in names], axis=1)
    bias = np.concatenate([weights[f"head.{name}.hidden.bias"] for name in names])
    kernel, bias = _folded(kernel, bias, weights, "norm")
    return Matrix(kernel), bias


def _place_table(weights: Weights, config: NetworkConfig, time: int) -> Floats:
    """What places in the bar add to the hidden layers of the fields behind the time: (classes, fields x head units)."""
    after = [f.name for f in config.fields[time + 1 :]]
    if time < 0 or not after or not config.positions:
        return _NO_FLOATS
    into = Matrix(np.concatenate([weights[f"head.{name}.hidden.kernel"] for name in after], axis=1))
    return np.concatenate([into.product(weights[f"chain.{f.name}"]) for f in config.positions])


def _by_repeat(weights: Weights, names: list[str]) -> tuple[Floats, Floats]:
    """What the length and the distance of a passage add to the hidden layers, shape (classes, fields x head units)."""
    kernel = Matrix(np.concatenate([weights[f"head.{name}.hidden.kernel"] for name in names], axis=1))
    return kernel.product(weights["repeat.length"]), kernel.product(weights["repeat.distance"])


def _head(weights: Weights, config: NetworkConfig, index: int) -> _Head:
    """The head of one field."""
    names = [f.name for f in config.fields]
    name, before = names[index], names[:index]
    into = Matrix(weights[f"head.{name}.hidden.kernel"])
    chains = [into.product(weights[f"chain.{earlier}"]) for earlier in before]
    sizes = [f.size for f in config.fields[:index]]
    firsts = np.cumsum([0, *sizes], dtype=np.intp)
    trust = np.empty(0, np.float32)
    if config.repeats:
        chains += [into.product(weights[f"repeat.{earlier}"]) for earlier in before]
        trust = np.append(weights[f"head.{name}.repeat.kernel"][:, 0], weights[f"head.{name}.repeat.bias"])
    kernel, bias = Matrix(weights[f"head.{name}.kernel"]), weights[f"head.{name}.bias"]
    chains.append(np.zeros((1, config.head_units), np.float32))
    return _Head(np.concatenate(chains), firsts[:-1], firsts[-1] + 2 * np.arange(index), trust, kernel, bias)
