"""What an LSTM layer remembers, and how it takes a step: the same for all networks that generate.

The columns of the gates stand in Keras' order: input, forget, candidate, output. What is put into the three gates is
halved: sigmoid(x) is tanh(x / 2) / 2 + 1 / 2, and one tanh serves all four.
"""

import numpy as np

from musicgen_app.generation.matrix import Floats

SLOPES = np.array([0.5, 0.5, 1, 0.5], np.float32)
_SHIFTS = np.array([0.5, 0.5, 0, 0.5], np.float32)
"""What makes of tanh a sigmoid, for the parts of an LSTM layer that are gates."""


class Memory:
    """What one LSTM layer remembers of each piece, and how it moves on.

    Args:
        gates: Shape (batch, 4 units): where the gates' inputs are put before every step; they become the gates.
        output: Shape (batch, units): what the layer said last.
        cell: Shape (batch, units).
    """

    def __init__(self, gates: Floats, output: Floats, cell: Floats) -> None:
        units = cell.shape[1]
        self.output = output
        self.cell = cell
        self._gates = gates
        self._in, self._forget, self._candidate, self._out = np.split(gates, 4, axis=1)
        self._slopes, self._shifts = np.repeat(SLOPES, units), np.repeat(_SHIFTS, units)

    def move_on(self) -> None:
        """Take the step that the gates' inputs ask for."""
        gates, cell, output = self._gates, self.cell, self.output
        np.tanh(gates, out=gates)
        np.multiply(gates, self._slopes, out=gates)
        np.add(gates, self._shifts, out=gates)
        np.multiply(cell, self._forget, out=cell)
        np.multiply(self._candidate, self._in, out=output)
        np.add(cell, output, out=cell)
        np.tanh(cell, out=output)
        np.multiply(output, self._out, out=output)
