"""Products of rows with a network's matrices, such that a row's numbers depend on nothing but the row.

A matrix is cut into tiles that lie in one piece each. Every row is multiplied by every tile on its own, by one thread,
and the tile's products are added up in one order. So the numbers of a row do not depend on how many others are in the
batch, nor on its place in it, nor on the number of processors. And a tile that has come into the processor's nearest
memory is met by all rows of the batch before the next tile is read: reading the weights is most of the work.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_TILE_HEIGHT = 64
_TILE_WIDTH = 128
"""A tile holds fewer than 9,216 numbers: the product of a row with more is shared among threads, which wait for each
other (11.5 ms instead of 2.6 for 1024 x 2048 numbers while a training runs) and round by their number. At 32 kB it also
fits the memory next to a core. Of the shapes of this size it was the quickest for one row and for 16."""
_WIDTH_STEP = 8
_ROWS_AT_ONCE = 16
"""So many rows and a tile are still multiplied by one thread."""
_BOUNDARY = 64
"""Bytes between which the processor fetches: arrays that begin there are multiplied by a quarter faster."""


class Matrix:
    """A matrix in tiles.

    Attributes:
        inputs, outputs: Its shape.
        tiles: Shape (tiles down, tiles across, inputs of a tile, outputs of a tile), filled up with zeros.
    """

    def __init__(self, values: NDArray[np.floating]) -> None:
        self.inputs, self.outputs = values.shape
        down, across = -(-self.inputs // _TILE_HEIGHT), -(-self.outputs // _TILE_WIDTH)
        height = -(-self.inputs // down)
        width = -(-self.outputs // (across * _WIDTH_STEP)) * _WIDTH_STEP
        if (down * height, across * width) != values.shape:
            filled = np.zeros((down * height, across * width), np.float32)
            filled[: self.inputs, : self.outputs] = values
            values = filled
        self.tiles: Floats = _zeros(down, across, height, width)
        self.tiles[:] = values.reshape(down, height, across, width).transpose(0, 2, 1, 3)

    def product(self, rows: NDArray[np.floating]) -> Floats:
        """Multiply many rows, shape (rows, inputs), quicker but not each on its own; shape (rows, outputs)."""
        down, across, height, width = self.tiles.shape
        filled = np.zeros((len(rows), down * height), np.float32)
        filled[:, : self.inputs] = rows
        out = np.empty((len(rows), across, width), np.float32)
        for first in range(0, len(rows), _ROWS_AT_ONCE):
            part = filled[first : first + _ROWS_AT_ONCE].reshape(-1, down, 1, height).transpose(1, 2, 0, 3)
            products = np.matmul(part, self.tiles)
            np.add.reduce(products, axis=0, out=out[first : first + _ROWS_AT_ONCE].transpose(1, 0, 2))
        return out.reshape(len(rows), across * width)[:, : self.outputs]


class Products:
    """A bias and the products of a batch of rows with some matrices, added up in buffers that are kept.

    Attributes:
        rows: For each matrix, shape (batch, its inputs): what it is multiplied by is written here.
        sums: Shape (batch, outputs): what ``update`` has computed.
    """

    def __init__(self, matrices: Sequence[Matrix], bias: Floats, batch: int) -> None:
        _, across, _, width = matrices[0].tiles.shape
        down = [matrix.tiles.shape[0] for matrix in matrices]
        terms = _zeros(1 + sum(down), across, batch, 1, width)
        filled = np.zeros(across * width, np.float32)
        filled[: len(bias)] = bias
        terms[0] = filled.reshape(across, 1, 1, width)
        sums = _zeros(batch, across * width)
        self._terms = terms
        self._sums = sums.reshape(batch, across, 1, width).transpose(1, 0, 2, 3)
        self.sums: Floats = sums[:, : matrices[0].outputs]
        self.rows: list[Floats] = []
        self._works: list[tuple[Floats, Floats, Floats]] = []
        first = 1
        for matrix, count in zip(matrices, down, strict=True):
            height = matrix.tiles.shape[2]
            rows = _zeros(batch, count * height)
            parts = rows.reshape(batch, count, 1, 1, height).transpose(1, 2, 0, 3, 4)
            self.rows.append(rows[:, : matrix.inputs])
            self._works.append((parts, matrix.tiles[:, :, np.newaxis], terms[first : first + count]))
            first += count

    def update(self, count: int | None = None) -> None:
        """Compute ``sums`` from what is in ``rows``; of the first ``count`` rows only, the others staying undefined."""
        for rows, tiles, terms in self._works:
            np.matmul(rows[:, :, :count], tiles, out=terms[:, :, :count])
        np.add.reduce(self._terms, axis=0, out=self._sums)


def _zeros(*shape: int) -> Floats:
    """Zeros that begin at a boundary."""
    size = math.prod(shape)
    room: Floats = np.zeros(size + _BOUNDARY // 4, np.float32)
    first = -room.__array_interface__["data"][0] % _BOUNDARY // 4
    return room[first : first + size].reshape(shape)
