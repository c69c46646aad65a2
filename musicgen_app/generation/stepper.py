"""The network's forward step in numpy: what generates music, without TensorFlow.

Two things make it quick. The weights are folded once: the input layer into the embedding tables, each normalisation's
gain and offset into the matrix behind it, the chained embeddings into the heads. And a step works in buffers that are
kept.

One thing makes it true: every product of a row with a matrix is a product of that row alone, so a row's numbers do not
depend on how many others are in the batch, nor on its place in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from musicgen_app.generation.checkpoint import NORM_EPSILON, Checkpoint, Weights
from musicgen_app.tokens.codec import Rows

Floats = NDArray[np.float32]

_READ_AT_ONCE = 256
"""Prompt rows whose input products are made by one matrix product."""


@dataclass(frozen=True, slots=True)
class _Layer:
    """One LSTM layer with its normalisation folded in.

    The columns stand in the order input, forget, output, candidate, so that all gates are neighbours. Those of the
    gates are halved: sigmoid(x) is tanh(x / 2) / 2 + 1 / 2, and one tanh serves all four.

    Attributes:
        kernel: Shape (2 units, 4 units): the upper half meets the normalised input, the lower the layer's last output.
        bias: Shape (4 units,).
    """

    kernel: Floats
    bias: Floats


@dataclass(frozen=True, slots=True)
class _Head:
    """What one field adds behind the shared product.

    Attributes:
        chains: For each field before this one, shape (its size, head units): what its choice adds to the hidden layer.
        kernel: Shape (head units, size).
        bias: Shape (size,).
    """

    chains: tuple[Floats, ...]
    kernel: Floats
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
        self._gates: Floats = np.zeros((batch, 4 * units), np.float32)
        self._spare: Floats = np.zeros((batch, units), np.float32)
        self._mean: Floats = np.zeros((batch, 1), np.float32)
        self._hidden: Floats = np.zeros((batch, self._hidden_kernel.shape[1]), np.float32)

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
        units, total, spare, gates = self._units, self._sum, self._spare, self._gates
        np.take(self._tables[0], rows[:, 0], axis=0, out=total)
        for index in range(1, len(self._tables)):
            total += self._tables[index][rows[:, index]]
        for layer, joined, cell in zip(self._layers, self._joined, self._cells, strict=True):
            _normalise(total, joined[:, :units], self._mean, spare)
            _row_products(joined, layer.kernel, gates)
            gates += layer.bias
            _step(gates, cell, spare)
            np.multiply(gates[:, 2 * units : 3 * units], spare, out=joined[:, units:])
            total += joined[:, units:]
        _normalise(total, spare, self._mean, gates[:, :units])
        _row_products(spare, self._hidden_kernel, self._hidden)
        self._hidden += self._hidden_bias
        return self._hidden

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
        out = np.empty((len(values), head.kernel.shape[1]), np.float32)
        _row_products(values, head.kernel, out)
        out += head.bias
        return out

    def read(self, rows: Rows) -> Floats:
        """Hear many rows of one piece from its beginning, quicker than by steps; the batch is not touched.

        Args:
            rows: Shape (rows, fields), the start row first.

        Returns:
            The state after the last row, shape (layers, 2, units).
        """
        units = self._units
        state = np.zeros((len(self._layers), 2, units), np.float32)
        gates, spare = np.empty((1, 4 * units), np.float32), np.empty((1, units), np.float32)
        for first in range(0, len(rows), _READ_AT_ONCE):
            part = rows[first : first + _READ_AT_ONCE]
            total = self._tables[0][part[:, 0]]
            for index in range(1, len(self._tables)):
                total += self._tables[index][part[:, index]]
            for layer, (output, cell) in zip(self._layers, state, strict=True):
                normal = np.empty_like(total)
                _normalise(total, normal, np.empty((len(part), 1), np.float32), np.empty_like(total))
                pushed = normal @ layer.kernel[:units] + layer.bias
                recurrent, cells = layer.kernel[units:], cell[np.newaxis]
                for index in range(len(part)):
                    np.dot(output, recurrent, out=gates[0])
                    gates += pushed[index]
                    _step(gates, cells, spare)
                    np.multiply(gates[0, 2 * units : 3 * units], spare[0], out=output)
                    total[index] += output
        return state


def _normalise(values: Floats, out: Floats, mean: Floats, spare: Floats) -> None:
    """Layer normalisation over the last axis without gain and offset, which are folded into what follows."""
    np.mean(values, axis=1, keepdims=True, out=mean)
    np.subtract(values, mean, out=out)
    np.multiply(out, out, out=spare)
    np.mean(spare, axis=1, keepdims=True, out=mean)
    mean += np.float32(NORM_EPSILON)
    np.sqrt(mean, out=mean)
    out /= mean


def _row_products(rows: Floats, matrix: Floats, out: Floats) -> None:
    """Each row times the matrix, as products of one vector with a matrix each.

    A product of two matrices would sum in an order that depends on the number of rows.
    """
    np.matmul(rows[:, np.newaxis], matrix, out=out[:, np.newaxis])


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
    kernel = weights["input.kernel"].astype(np.float64)
    tables = []
    for index, name in enumerate(names):
        part = kernel[index * embedding : (index + 1) * embedding]
        table = weights[f"embedding.{name}"].astype(np.float64) @ part
        tables.append(table + weights["input.bias"] if index == 0 else table)
    return [_packed(table) for table in tables]


def _layer(weights: Weights, name: str, units: int) -> _Layer:
    kernel = weights[f"{name}.kernel"].astype(np.float64)
    gain, offset = weights[f"{name}.norm.gamma"], weights[f"{name}.norm.beta"]
    bias = weights[f"{name}.bias"] + offset @ kernel
    joined = np.concatenate([gain[:, np.newaxis] * kernel, weights[f"{name}.recurrent"], bias[np.newaxis]])
    into, forget, candidate, output = np.split(joined, 4, axis=1)
    joined = np.concatenate([into / 2, forget / 2, output / 2, candidate], axis=1)
    return _Layer(_packed(joined[: 2 * units]), _packed(joined[2 * units]))


def _hidden_layer(weights: Weights, names: list[str]) -> tuple[Floats, Floats]:
    """The hidden layers of all heads side by side: shapes (units, fields x head units) and (fields x head units,)."""
    kernel = np.concatenate([weights[f"head.{name}.hidden.kernel"] for name in names], axis=1).astype(np.float64)
    bias = np.concatenate([weights[f"head.{name}.hidden.bias"] for name in names])
    bias = bias + weights["norm.beta"] @ kernel
    return _packed(weights["norm.gamma"][:, np.newaxis] * kernel), _packed(bias)


def _head(weights: Weights, names: list[str]) -> _Head:
    """The head of the last field of ``names``."""
    *before, name = names
    into = weights[f"head.{name}.hidden.kernel"].astype(np.float64)
    chains = tuple(_packed(weights[f"chain.{earlier}"] @ into) for earlier in before)
    return _Head(chains, _packed(weights[f"head.{name}.kernel"]), _packed(weights[f"head.{name}.bias"]))


def _packed(values: NDArray[np.floating]) -> Floats:
    """Contiguous float32, which the products are quickest with."""
    return np.ascontiguousarray(values, dtype=np.float32)
