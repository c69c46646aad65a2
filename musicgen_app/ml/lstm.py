"""The LSTM over time in plain TensorFlow: what Keras' layer computes, in about two fifths of its time on a CPU.

What makes it quick, each measured against the ways tried beside it (docs/benchmarks.md):

- The products with the inputs of all steps are one matmul before the loop, and so are the gradients of all weights
  behind it; only the product with the last output waits its turn.
- Steps are laid out one after the other in the graph, in chunks, not as a loop that the runtime turns.
- Backwards one kernel (``LSTMBlockCellGrad``) does all that is elementwise.
- Time goes first and lanes second, so that a step is a slice without a copy.
- Weights that are needed transposed are transposed once. Written plainly, TensorFlow's optimizer would fold it into
  each product, which then runs at a third of the speed.
"""

from typing import Any

import keras
import tensorflow as tf

MOST_STEPS_A_CHUNK = 128
"""Longer sequences are cut: one chunk is traced, and run as often as it takes."""

_GATES = 4
_ORDER = (0, 2, 1, 3)
"""Where Keras' gates (input, forget, candidate, output) stand in here (input, candidate, forget, output), and back."""


class Lstm(keras.layers.Layer):  # type: ignore[misc]  # Keras has no types
    """One LSTM layer over sequences with a state that is handed in and out (Hochreiter and Schmidhuber, 1997).

    Weights: ``kernel`` (inputs, 4 units), ``recurrent`` (units, 4 units) and ``bias`` (4 units). Their columns stand in
    the order input, candidate, forget, output; ``regated`` turns them into Keras' order and back.
    """

    def __init__(self, units: int, seed: int) -> None:
        """Prepare a layer.

        Args:
            units: Its width.
            seed: Of the fresh weights.
        """
        super().__init__()
        self._units = units
        self._seed = seed
        kept_whole = {"_noinline": True}
        self._chunk = {
            tf.float32: tf.function(_whole_chunk, experimental_attributes=kept_whole),
            tf.bfloat16: tf.function(_half_chunk, experimental_attributes=kept_whole),
        }

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the weights for inputs of shape (rows, width)."""
        units = self._units
        self.kernel = self.add_weight(
            shape=(input_shape[-1], _GATES * units),
            initializer=keras.initializers.GlorotUniform(self._seed),
            name="kernel",
        )
        self.recurrent = self.add_weight(
            shape=(units, _GATES * units),
            initializer=keras.initializers.Orthogonal(seed=self._seed + 1),
            name="recurrent",
        )
        self.bias = self.add_weight(shape=(_GATES * units,), initializer=_forgetting_little, name="bias")
        self.built = True

    def call(
        self,
        inputs: tf.Tensor,
        hidden: tf.Tensor,
        cell: tf.Tensor,
        product: tf.DType = tf.float32,
        kept: tf.Tensor | None = None,
    ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """Run over all steps.

        Args:
            inputs: Shape (steps x lanes, width): all lanes' first step, then all lanes' second ...
            hidden: Shape (lanes, units): the output before the first step.
            cell: Shape (lanes, units): the cell state before it.
            product: What matrices are multiplied in, float32 or bfloat16; weights, states and sums are float32.
            kept: Shape (4, lanes, units): what the last output is multiplied by before each gate hears it, the same in
                all steps (recurrent dropout as Keras has it); None leaves it whole.

        Returns:
            The outputs (steps x lanes, units) and the last hidden and cell state.
        """
        lanes = hidden.shape[0]
        weights = [tf.convert_to_tensor(v) for v in (self.kernel, self.recurrent, self.bias)]
        parts = _chunks(inputs, inputs.shape[0] // lanes, lanes)
        if len(parts) == 1:
            return _run(inputs, weights, hidden, cell, kept, product=product)
        outputs = []
        for part in parts:
            heard, hidden, cell = self._chunk[product](part, weights, hidden, cell, kept)
            outputs.append(heard)
        return tf.concat(outputs, axis=0), hidden, cell


def regated(weights: Any) -> Any:
    """Weights of a layer, the gates in the last axis, from Keras' order into this layer's, or back."""
    blocks = weights.reshape(*weights.shape[:-1], _GATES, weights.shape[-1] // _GATES)
    return blocks[..., _ORDER, :].reshape(weights.shape)


def _forgetting_little(shape: tuple[int, ...], dtype: Any = None) -> tf.Tensor:
    """A fresh bias: 1 for the forget gates, 0 for all others (Jozefowicz and others, 2015)."""
    units = shape[0] // _GATES
    return tf.concat([tf.zeros(2 * units), tf.ones(units), tf.zeros(units)], axis=0)


def _chunks(inputs: tf.Tensor, steps: int, lanes: int) -> list[tf.Tensor]:
    """The inputs cut into as few chunks of nearly equal length as possible."""
    count = -(-steps // MOST_STEPS_A_CHUNK)
    if count == 1:
        return [inputs]
    longer = steps % count
    lengths = [(steps // count + (index < longer)) * lanes for index in range(count)]
    return list(tf.split(inputs, lengths, axis=0))


def _whole_chunk(*arguments: Any) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    return _run(*arguments, product=tf.float32)


def _half_chunk(*arguments: Any) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    return _run(*arguments, product=tf.bfloat16)


def _run(
    inputs: tf.Tensor,
    weights: list[tf.Tensor],
    hidden: tf.Tensor,
    cell: tf.Tensor,
    kept: tf.Tensor | None,
    *,
    product: tf.DType,
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """All steps of a chunk; shapes as in ``Lstm.call``. Factors of matmuls are cast to ``product``."""
    steps = inputs.shape[0] // hidden.shape[0]

    @tf.custom_gradient  # type: ignore[untyped-decorator]  # TensorFlow has no types
    def run(
        inputs: tf.Tensor,
        kernel: tf.Tensor,
        recurrent: tf.Tensor,
        bias: tf.Tensor,
        hidden: tf.Tensor,
        cell: tf.Tensor,
    ) -> Any:
        heard = tf.cast(inputs, product)
        across = _Across(recurrent, product) if kept is None else _AcrossInPart(recurrent, product, kept)
        pushed = tf.split(_product(heard, tf.cast(kernel, product)) + bias, steps, axis=0)
        steps_done, state = [], _Step(cell=cell, output=hidden)
        for push in pushed:
            state = _step(push + across.push(state.output), state.cell)
            steps_done.append(state)

        def gradients(by_outputs: tf.Tensor, by_hidden: tf.Tensor, by_cell: tf.Tensor) -> tuple[tf.Tensor, ...]:
            pulls, by_hidden, by_cell = _backwards(steps_done, cell, across, (by_outputs, by_hidden, by_cell))
            by_gates = tf.concat(pulls, axis=0)
            before = [hidden, *(s.output for s in steps_done[:-1])]
            return (
                _product(by_gates, tf.cast(_transposed(kernel), product)),
                _product(heard, by_gates, transpose_a=True),
                across.by_weights(before, by_gates),
                tf.reduce_sum(tf.cast(by_gates, tf.float32), axis=0),
                by_hidden,
                by_cell,
            )

        return (tf.concat([s.output for s in steps_done], axis=0), state.output, state.cell), gradients

    found: tuple[tf.Tensor, tf.Tensor, tf.Tensor] = run(inputs, *weights, hidden, cell)
    return found


class _Across:
    """The product of a step's output with the recurrent weights on its way to the gates of the next, and back."""

    def __init__(self, recurrent: tf.Tensor, product: tf.DType) -> None:
        self.kind = product
        self._recurrent = recurrent
        self._across = tf.cast(recurrent, product)

    def push(self, output: tf.Tensor) -> tf.Tensor:
        """What an output (lanes, units) adds to the gates, (lanes, 4 units)."""
        return _product(tf.cast(output, self.kind), self._across)

    def turn(self) -> None:
        """Called once before the way back."""
        self._back = tf.cast(_transposed(self._recurrent), self.kind)

    def pull(self, by_gates: tf.Tensor) -> tf.Tensor:
        """The gradient by an output from that by the gates behind it."""
        return _product(by_gates, self._back)

    def by_weights(self, outputs: list[tf.Tensor], by_gates: tf.Tensor) -> tf.Tensor:
        """The gradient by the recurrent weights from the outputs before all steps, and that by all gates."""
        before = tf.concat([tf.cast(output, self.kind) for output in outputs], axis=0)
        return _product(before, by_gates, transpose_a=True)


class _AcrossInPart(_Across):
    """The same where each gate hears only some of the output, the same part in every step."""

    def __init__(self, recurrent: tf.Tensor, product: tf.DType, kept: tf.Tensor) -> None:
        super().__init__(recurrent, product)
        self._kept = tf.unstack(kept, _GATES)
        self._gates = tf.split(self._across, _GATES, axis=1)

    def push(self, output: tf.Tensor) -> tf.Tensor:
        pairs = zip(self._kept, self._gates, strict=True)
        return tf.concat([_product(tf.cast(output * kept, self.kind), gate) for kept, gate in pairs], axis=1)

    def turn(self) -> None:
        super().turn()
        self._backs = tf.split(self._back, _GATES, axis=0)

    def pull(self, by_gates: tf.Tensor) -> tf.Tensor:
        parts = zip(tf.split(by_gates, _GATES, axis=1), self._backs, self._kept, strict=True)
        return tf.add_n([_product(by_gate, back) * kept for by_gate, back, kept in parts])

    def by_weights(self, outputs: list[tf.Tensor], by_gates: tf.Tensor) -> tf.Tensor:
        found = []
        for kept, by_gate in zip(self._kept, tf.split(by_gates, _GATES, axis=1), strict=True):
            before = tf.concat([tf.cast(output * kept, self.kind) for output in outputs], axis=0)
            found.append(_product(before, by_gate, transpose_a=True))
        return tf.concat(found, axis=1)


class _Step:
    """What a step computed: its gates, its state and its output, each (lanes, units)."""

    def __init__(self, cell: tf.Tensor, output: tf.Tensor, **gates: tf.Tensor) -> None:
        self.cell = cell
        self.output = output
        self.gates = gates


def _step(gates: tf.Tensor, cell: tf.Tensor) -> _Step:
    into, candidate, forget, out = tf.split(gates, _GATES, axis=1)
    into, forget, out, candidate = tf.sigmoid(into), tf.sigmoid(forget), tf.sigmoid(out), tf.tanh(candidate)
    cell = forget * cell + into * candidate
    told = tf.tanh(cell)
    return _Step(cell, out * told, i=into, ci=candidate, f=forget, o=out, co=told)


def _backwards(
    steps: list[_Step], first_cell: tf.Tensor, across: _Across, pulls: tuple[tf.Tensor, tf.Tensor, tf.Tensor]
) -> tuple[list[tf.Tensor], tf.Tensor, tf.Tensor]:
    """Gradients by the gates' inputs of every step, and by the state before the first.

    Args:
        steps: What was computed.
        first_cell: The cell state before the first step.
        across: The way through the recurrent weights.
        pulls: Gradients by the outputs, and by the last hidden and cell state.
    """
    by_outputs, by_hidden, by_cell = pulls
    lanes, units = first_cell.shape
    # The kernel looks only at the shapes of these.
    unused = {
        "x": tf.zeros((lanes, 1)),
        "h_prev": first_cell,
        "w": tf.zeros((1 + units, _GATES * units)),
        "b": tf.zeros(_GATES * units),
        **dict.fromkeys(("wci", "wcf", "wco"), tf.zeros(units)),
    }
    across.turn()
    found: list[tf.Tensor] = []
    by_step = tf.split(by_outputs, len(steps), axis=0)
    cells = [first_cell, *(step.cell for step in steps[:-1])]
    for step, before, by_output in zip(reversed(steps), reversed(cells), reversed(by_step), strict=True):
        grad = tf.raw_ops.LSTMBlockCellGrad(
            cs_prev=before,
            cs=step.cell,
            cs_grad=by_cell,
            h_grad=by_hidden + by_output,
            use_peephole=False,
            **step.gates,
            **unused,
        )
        by_cell = grad.cs_prev_grad
        found.append(tf.cast(grad.dicfo, across.kind))
        by_hidden = across.pull(found[-1])
    return found[::-1], by_hidden, by_cell


def _product(left: tf.Tensor, right: tf.Tensor, transpose_a: bool = False) -> tf.Tensor:
    return tf.cast(tf.matmul(left, right, transpose_a=transpose_a), tf.float32)


def _transposed(matrix: tf.Tensor) -> tf.Tensor:
    """(inputs, 4 units) turned into (4 units, inputs), in a way that is not folded into the products with it."""
    inputs, columns = matrix.shape
    blocks = tf.reshape(matrix, (inputs, _GATES, columns // _GATES))
    return tf.reshape(tf.transpose(blocks, (1, 2, 0)), (columns, inputs))
