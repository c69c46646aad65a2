"""The network's forward step in numpy: what generates music, without TensorFlow.

Two things make it quick. The weights are folded once: the input layer into the embedding tables, each normalisation's
gain and offset into the matrix behind it, the chained embeddings into the heads. And a step works in buffers that are
kept.

One thing makes it true: every product of a row with a matrix is a product of that row alone, so a row's numbers do not
depend on how many others are in the batch, nor on its place in it, nor on the number of processors.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from musicgen_app.generation.checkpoint import NORM_EPSILON, Checkpoint, Weights
from musicgen_app.tokens.codec import Rows

Floats = NDArray[np.float32]

_READ_AT_ONCE = 256
"""Prompt rows that go through a layer before the next layer hears them."""

_ROWS_IN_A_PRODUCT = 16
_MOST_IN_A_BLOCK = 9000
"""A matrix of fewer numbers than this is multiplied by one thread, and so are 16 rows with it."""


class _Matrix:
    """A matrix that multiplies rows one by one, cut into blocks that a single thread multiplies each.

    Larger products are shared among threads, which wait for each other: with both cores of a laptop busy training, a
    product with 1024 x 2048 numbers took 11.5 ms shared and 2.6 ms this way.

    Attributes:
        width: Number of outputs, filled up with zeros to a whole number of blocks.
    """

    def __init__(self, values: NDArray[np.floating]) -> None:
        inputs, outputs = values.shape
        height = 1 << max(0, (_MOST_IN_A_BLOCK // inputs).bit_length() - 1)
        height = min(height, 1 << (outputs - 1).bit_length())
        count = -(-outputs // height)
        self.width = count * height
        filled = np.zeros((self.width, inputs), np.float32)
        filled[:outputs] = values.T
        self._blocks = filled.reshape(count, height, inputs)
        self._outputs = outputs

    def times(self, rows: Floats, out: Floats) -> None:
        """Multiply ``rows``, shape (batch, inputs), into ``out``, contiguous, of shape (batch, ``width``)."""
        np.matmul(self._blocks, rows[:, np.newaxis, :, np.newaxis], out=out.reshape(-1, *self._blocks.shape[:2], 1))

    def product(self, rows: NDArray[np.floating]) -> Floats:
        """Multiply many rows, shape (rows, inputs), quicker but not one by one; shape (rows, outputs)."""
        out = np.empty((len(rows), self._outputs), np.float32)
        for first in range(0, len(rows), _ROWS_IN_A_PRODUCT):
            part = np.ascontiguousarray(rows[first : first + _ROWS_IN_A_PRODUCT].T, dtype=np.float32)
            products = np.matmul(self._blocks, part).reshape(self.width, -1)
            out[first : first + _ROWS_IN_A_PRODUCT] = products[: self._outputs].T
        return out


@dataclass(frozen=True, slots=True)
class _Layer:
    """One LSTM layer with its normalisation folded in.

    The columns stand in the order input, forget, output, candidate, so that all gates are neighbours. Those of the
    gates are halved: sigmoid(x) is tanh(x / 2) / 2 + 1 / 2, and one tanh serves all four.

    Attributes:
        kernel: (2 units, 4 units): the upper half meets the normalised input, the lower the layer's last output.
        into, recurrent: The two halves, for reading a prompt.
        bias: Shape (4 units,).
    """

    kernel: _Matrix
    into: _Matrix
    recurrent: _Matrix
    bias: Floats


@dataclass(frozen=True, slots=True)
class _Head:
    """What one field adds behind the shared product.

    Attributes:
        chains: For each field before this one, shape (its size, head units): what its choice adds to the hidden layer.
        kernel: (head units, size).
        bias: Shape (size,).
    """

    chains: tuple[Floats, ...]
    kernel: _Matrix
    bias: Floats


class Stepper:
    """Runs a network row by row, for up to a batch of pieces at once.

    Arrays returned belong to the stepper and are overwritten by its next step.
    """

    def __init__(self, checkpoint: Checkpoint) -> None:
        config = checkpoint.header.network
        weights = checkpoint.weights
        self.network = config
        self._units = config.units
        self._head_units = config.head_units
        self._tables = _input_tables(weights, [f.name for f in config.fields], config.embedding)
        self._layers = [_layer(weights, f"layer{index}", config.units) for index in range(config.layers)]
        self._hidden_kernel, self._hidden_bias = _hidden_layer(weights, [f.name for f in config.fields])
        self._heads = [_head(weights, [f.name for f in config.fields[: i + 1]]) for i in range(len(config.fields))]
        self.start(1)

    @property
    def batch(self) -> int:
        """How many pieces are in the batch."""
        return len(self._sum)

    def start(self, batch: int) -> None:
        """Begin ``batch`` pieces anew, each with nothing remembered."""
        units, layers = self._units, len(self._layers)
        self._joined: list[Floats] = [np.zeros((batch, 2 * units), np.float32) for _ in range(layers)]
        self._cells: list[Floats] = [np.zeros((batch, units), np.float32) for _ in range(layers)]
        self._sum: Floats = np.zeros((batch, units), np.float32)
        self._gates: Floats = np.zeros((batch, self._layers[0].kernel.width), np.float32)
        self._spare: Floats = np.zeros((batch, units), np.float32)
        self._mean: Floats = np.zeros((batch, 1), np.float32)
        self._hidden: Floats = np.zeros((batch, self._hidden_kernel.width), np.float32)

    def resume(self, states: Sequence[Floats]) -> None:
        """Go on from remembered states, one a piece, each of shape (layers, 2, units): output and cell."""
        self.start(len(states))
        for row, state in enumerate(states):
            for layer in range(len(self._layers)):
                self._joined[layer][row, self._units :] = state[layer, 0]
                self._cells[layer][row] = state[layer, 1]

    def state(self, row: int) -> Floats:
        """What one piece of the batch remembers, shape (layers, 2, units)."""
        parts = [
            (joined[row, self._units :], cell[row]) for joined, cell in zip(self._joined, self._cells, strict=True)
        ]
        return np.array(parts, np.float32)

    def feed(self, rows: Rows) -> Floats:
        """Take one step in every piece.

        Args:
            rows: Shape (batch, fields): the rows heard.

        Returns:
            Shape (batch, fields x head units): what ``logits`` needs to predict the rows that follow.
        """
        units, total, spare, gates = self._units, self._sum, self._spare, self._gates[:, : 4 * self._units]
        np.take(self._tables[0], rows[:, 0], axis=0, out=total)
        for index in range(1, len(self._tables)):
            total += self._tables[index][rows[:, index]]
        for layer, joined, cell in zip(self._layers, self._joined, self._cells, strict=True):
            _normalise(total, joined[:, :units], self._mean, spare)
            layer.kernel.times(joined, self._gates)
            gates += layer.bias
            _step(gates, cell, spare)
            np.multiply(gates[:, 2 * units : 3 * units], spare, out=joined[:, units:])
            total += joined[:, units:]
        _normalise(total, spare, self._mean, gates[:, :units])
        self._hidden_kernel.times(spare, self._hidden)
        hidden = self._hidden[:, : len(self._hidden_bias)]
        hidden += self._hidden_bias
        return hidden

    def logits(self, hidden: Floats, field: int, chosen: Rows) -> Floats:
        """How likely each class of a field is in the next row, before softmax.

        Args:
            hidden: As ``feed`` returned it.
            field: Index of the field.
            chosen: Shape (batch, field or more): the fields of the next row that are already chosen.

        Returns:
            Shape (batch, size of the field).
        """
        head = self._heads[field]
        values = hidden[:, field * self._head_units : (field + 1) * self._head_units].copy()
        for index, chain in enumerate(head.chains):
            values += chain[chosen[:, index]]
        np.maximum(values, 0, out=values)
        products = np.empty((len(values), head.kernel.width), np.float32)
        head.kernel.times(values, products)
        return products[:, : len(head.bias)] + head.bias

    def read(self, rows: Rows) -> Floats:
        """Hear many rows of one piece from its beginning, quicker than by steps; the batch is not touched.

        Args:
            rows: Shape (rows, fields), the start row first.

        Returns:
            The state after the last row, shape (layers, 2, units).
        """
        units = self._units
        state = np.zeros((len(self._layers), 2, units), np.float32)
        products, spare = np.empty((1, self._layers[0].recurrent.width), np.float32), np.empty((1, units), np.float32)
        gates = products[:, : 4 * units]
        for first in range(0, len(rows), _READ_AT_ONCE):
            part = rows[first : first + _READ_AT_ONCE]
            total = self._tables[0][part[:, 0]]
            for index in range(1, len(self._tables)):
                total += self._tables[index][part[:, index]]
            for layer, (output, cell) in zip(self._layers, state, strict=True):
                normal = np.empty_like(total)
                _normalise(total, normal, np.empty((len(part), 1), np.float32), np.empty_like(total))
                pushed = layer.into.product(normal) + layer.bias
                outputs, cells = output[np.newaxis], cell[np.newaxis]
                for index in range(len(part)):
                    layer.recurrent.times(outputs, products)
                    gates += pushed[index]
                    _step(gates, cells, spare)
                    np.multiply(gates[:, 2 * units : 3 * units], spare, out=outputs)
                    total[index] += output
        return state


def _normalise(values: Floats, out: Floats, mean: Floats, spare: Floats) -> None:
    """Layer normalisation over the last axis without gain and offset, which are folded into what follows."""
    share = np.float32(1 / values.shape[1])
    np.add.reduce(values, axis=1, keepdims=True, out=mean)
    mean *= share
    np.subtract(values, mean, out=out)
    np.multiply(out, out, out=spare)
    np.add.reduce(spare, axis=1, keepdims=True, out=mean)
    mean *= share
    mean += np.float32(NORM_EPSILON)
    np.sqrt(mean, out=mean)
    out /= mean


def _step(gates: Floats, cell: Floats, spare: Floats) -> None:
    """From the gates' inputs to the gates; ``cell`` moves on and ``spare`` becomes tanh of it."""
    units = cell.shape[1]
    np.tanh(gates, out=gates)
    opening = gates[:, : 3 * units]
    opening *= np.float32(0.5)
    opening += np.float32(0.5)
    cell *= gates[:, units : 2 * units]
    np.multiply(gates[:, :units], gates[:, 3 * units :], out=spare)
    cell += spare
    np.tanh(cell, out=spare)


def _input_tables(weights: Weights, names: list[str], embedding: int) -> list[Floats]:
    """For each field, shape (size, units): what each of its classes adds to the input of the first layer."""
    parts = [weights["input.kernel"][i * embedding : (i + 1) * embedding] for i in range(len(names))]
    tables = [_Matrix(part).product(weights[f"embedding.{name}"]) for name, part in zip(names, parts, strict=True)]
    tables[0] += weights["input.bias"]
    return tables


def _layer(weights: Weights, name: str, units: int) -> _Layer:
    kernel, gain, offset = weights[f"{name}.kernel"], weights[f"{name}.norm.gamma"], weights[f"{name}.norm.beta"]
    bias = weights[f"{name}.bias"] + _Matrix(kernel).product(offset[np.newaxis])[0]
    joined = np.concatenate([gain[:, np.newaxis] * kernel, weights[f"{name}.recurrent"], bias[np.newaxis]])
    into, forget, candidate, output = np.split(joined, 4, axis=1)
    joined = np.concatenate([into / 2, forget / 2, output / 2, candidate], axis=1)
    kernel = joined[: 2 * units]
    return _Layer(_Matrix(kernel), _Matrix(kernel[:units]), _Matrix(kernel[units:]), joined[2 * units])


def _hidden_layer(weights: Weights, names: list[str]) -> tuple[_Matrix, Floats]:
    """The hidden layers of all heads side by side: (units, fields x head units) and shape (fields x head units,)."""
    kernel = np.concatenate([weights[f"head.{name}.hidden.kernel"] for name in names], axis=1)
    bias = np.concatenate([weights[f"head.{name}.hidden.bias"] for name in names])
    bias += _Matrix(kernel).product(weights["norm.beta"][np.newaxis])[0]
    return _Matrix(weights["norm.gamma"][:, np.newaxis] * kernel), bias


def _head(weights: Weights, names: list[str]) -> _Head:
    """The head of the last field of ``names``."""
    *before, name = names
    into = _Matrix(weights[f"head.{name}.hidden.kernel"])
    chains = tuple(into.product(weights[f"chain.{earlier}"]) for earlier in before)
    return _Head(chains, _Matrix(weights[f"head.{name}.kernel"]), weights[f"head.{name}.bias"])
