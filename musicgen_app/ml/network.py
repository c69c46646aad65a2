"""The network as Keras layers: embedded fields, residual LSTM layers, and heads chained inside the note.

Its weights have the names and shapes of ``generation.checkpoint.weight_shapes``, and the numpy stepper of
``generation`` computes the same function of them. Inside, time comes first and the pieces of a batch second, which is
how ``ml.lstm`` wants it.
"""

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from musicgen_app.generation.checkpoint import (
    INTERVAL_WIDTH,
    INTERVALS,
    NORM_EPSILON,
    PITCH,
    PITCHES,
    POSITION_WIDTH,
    TIME,
    WIDEST_INTERVAL,
    NetworkConfig,
    Weights,
    weight_shapes,
)
from musicgen_app.ml.cluster import Lanes
from musicgen_app.ml.intervals import told_by_intervals
from musicgen_app.ml.lstm import Lstm, regated
from musicgen_app.tokens.context import NO_PITCH
from musicgen_app.tokens.repeats import DISTANCES, LENGTHS, NOTHING

_TABLE_SPREAD = 0.1
"""Standard deviation of fresh embedding tables."""
_UNHEARD = 0.25
"""Share of the rows that a network in training does not hear, as a share of its dropout."""
_HEAD_SPREAD = 0.01
"""Standard deviation of the fresh last matrices: so small that a fresh network takes all classes for equally likely."""


class Network(keras.Model):  # type: ignore[misc]  # Keras has no types
    """The network of a config with fresh weights.

    Every random choice comes from ``seed`` (the weights) or from the seed handed to a call (dropout), so nothing here
    has a random state that would have to be saved.
    """

    def __init__(self, config: NetworkConfig, seed: int = 0, half: bool = False, lanes: Lanes | None = None) -> None:
        """Make a network.

        Args:
            config: Its shape.
            seed: Of the fresh weights.
            half: Make the large products of a training in bfloat16. What is measured and generated never is.
            lanes: What it is shown of each batch of a training; None for all.
        """
        super().__init__()
        self.config = config
        self._product_in_training = tf.bfloat16 if half else tf.float32
        self._lanes = lanes
        self._named: dict[str, keras.Variable] = {}
        seeds = iter(np.random.SeedSequence(seed).generate_state(256) >> 1)

        def fresh() -> int:
            return int(next(seeds))

        units = config.units
        self._embeddings = [
            self._table(f"embedding.{f.name}", f.size, config.embedding, fresh()) for f in config.fields
        ]
        self._embeddings += [
            self._table(f"position.{f.name}", f.size, POSITION_WIDTH, fresh()) for f in config.positions
        ]
        if config.recent:
            self._intervals = self._table("intervals", INTERVALS, INTERVAL_WIDTH, fresh())
        self._input = self._dense("input", weight_shapes(config)["input.kernel"][0], units, fresh())
        self._norms, self._lstms = [], []
        for layer in range(config.layers):
            self._norms.append(self._norm(f"layer{layer}.norm"))
            self._lstms.append(self._lstm(f"layer{layer}", fresh()))
            fresh()
        self._last_norm = self._norm("norm")
        self._chains = [self._table(f"chain.{f.name}", f.size, units, fresh()) for f in config.fields[:-1]]
        told = config.positions if config.foretells_time else ()
        self._position_chains = [self._table(f"chain.{f.name}", f.size, units, fresh()) for f in told]
        self._hiddens, self._heads = [], []
        for f in config.fields:
            self._hiddens.append(self._dense(f"head.{f.name}.hidden", units, config.head_units, fresh(), "relu"))
            self._heads.append(self._head(f"head.{f.name}", config.head_units, f.size, fresh()))
        if config.repeats:
            self._length = self._table("repeat.length", len(LENGTHS) + 1, units, fresh())
            self._distance = self._table("repeat.distance", DISTANCES, units, fresh())
            self._agreed = [self._table(f"repeat.{f.name}", 2, units, fresh()) for f in config.fields[:-1]]
            self._trust = [self._head(f"head.{f.name}.repeat", config.head_units, 1, fresh()) for f in config.fields]
        if config.recent:
            self._interval_head = self._head("head.intervals", config.head_units, config.recent * INTERVALS, fresh())
        self.built = True

    def named_variables(self) -> dict[str, keras.Variable]:
        """The weights by name, in the order of ``weight_shapes``; gates in the order of ``ml.lstm``."""
        return {name: self._named[name] for name in weight_shapes(self.config)}

    def weights_as_arrays(self) -> Weights:
        """A copy of all weights by name, as a checkpoint holds them."""
        return {name: filed(name, variable.numpy()) for name, variable in self.named_variables().items()}

    def assign_weights(self, weights: Weights) -> None:
        """Take over weights of a checkpoint, whose names and shapes have been checked."""
        for name, variable in self.named_variables().items():
            variable.assign(filed(name, weights[name]))

    def zero_states(self, batch: int) -> tf.Tensor:
        """The state before the first row, shape (layers, 2, batch, units)."""
        return tf.zeros((self.config.layers, 2, batch, self.config.units))

    def listen(self, rows: tf.Tensor, states: tf.Tensor, seed: tf.Tensor | None = None) -> tuple[tf.Tensor, tf.Tensor]:
        """What the network makes of rows, before it is asked for the next one.

        Args:
            rows: Wide rows (``tokens.context``), shape (batch, steps, fields + context).
            states: Shape (layers, 2, batch, units).
            seed: Two numbers for the dropout; None for none.

        Returns:
            Shape (steps, batch, units), and the states after the last row.
        """
        batch, steps, _ = rows.shape
        product = self._product(seed)
        flow = self._input(tf.concat(self._shown(_time_first(rows)), axis=-1), product=product)
        flow = self._rows_left_out(self._dropout(flow, seed, 50), seed, 60)
        after = []
        for layer, (norm, lstm) in enumerate(zip(self._norms, self._lstms, strict=True)):
            heard, hidden, cell = lstm(norm(flow), states[layer, 0], states[layer, 1], product=product)
            flow = flow + self._dropout(heard, seed, layer)
            after.append(tf.stack([hidden, cell]))
        return tf.reshape(self._last_norm(flow), (steps, batch, self.config.units)), tf.stack(after)

    def _shown(self, rows: tf.Tensor) -> list[tf.Tensor]:
        """What wide rows look like to the network, in parts to be joined."""
        # Tables are read by matmul with one-hot rows: its gradient is summed in the same order every time.
        columns = self.config.fields + self.config.positions
        parts = [
            tf.matmul(tf.one_hot(rows[:, index], column.size), table)
            for index, (column, table) in enumerate(zip(columns, self._embeddings, strict=True))
        ]
        recent = self._recent(rows)
        for back in range(1, self.config.recent):
            # An interval to or from no pitch, or too wide a one, has no place in the table and adds nothing.
            known = tf.minimum(recent[:, 0], recent[:, back]) >= 0
            interval = tf.where(known, recent[:, 0] - recent[:, back] + WIDEST_INTERVAL, -1)
            parts.append(tf.matmul(tf.one_hot(interval, INTERVALS), self._intervals))
        return parts

    def _recent(self, rows: tf.Tensor) -> tf.Tensor:
        """The last pitches of wide rows (rows, columns), shape (rows, recent)."""
        return rows[:, self.config.first_repeat - self.config.recent : self.config.first_repeat]

    def logits(
        self, heard: tf.Tensor, before: tf.Tensor, chosen: tf.Tensor, seed: tf.Tensor | None = None
    ) -> list[tf.Tensor]:
        """Logits of every field, each told the fields before it, and from the time on the place in the bar.

        Args:
            heard: Shape (steps, batch, units), from ``listen``.
            before: The wide rows that were listened to, shape (batch, steps, fields + context).
            chosen: The wide rows that follow, of the same shape; of the last field nothing is looked at.
            seed: As in ``listen``.

        Returns:
            One tensor (steps, batch, size) a field.
        """
        product = self._product(seed)
        steps, batch, units = heard.shape
        heard, before, chosen = tf.reshape(heard, (-1, units)), _time_first(before), _time_first(chosen)
        again = before[:, self.config.first_repeat :]
        if self.config.repeats:
            heard = heard + tf.matmul(tf.one_hot(again[:, -2], len(LENGTHS) + 1), self._length)
            heard = heard + tf.matmul(tf.one_hot(again[:, -1], DISTANCES), self._distance)
        out = []
        for index, field in enumerate(self.config.fields):
            hidden = self._hiddens[index](self._dropout(heard, seed, 100 + index), product=product)
            logits = self._heads[index](hidden, product=product)
            if field.name == PITCH and self.config.recent:
                intervals = tf.reshape(
                    self._interval_head(hidden, product=product), (-1, self.config.recent, INTERVALS)
                )
                logits = logits + told_by_intervals(intervals, self._recent(before), field.size)
            if self.config.repeats:
                trust = self._trust[index](hidden, product=product)
                logits = logits + trust * tf.one_hot(again[:, index], field.size)
            out.append(tf.reshape(logits, (steps, batch, field.size)))
            if self.config.repeats and index < len(self._chains):
                agreed = tf.cast(again[:, index] == chosen[:, index], tf.int32)
                agreed = tf.where(again[:, index] < 0, -1, agreed)
                heard = heard + tf.matmul(tf.one_hot(agreed, 2), self._agreed[index])
            if index < len(self._chains):
                heard = heard + tf.matmul(tf.one_hot(chosen[:, index], field.size), self._chains[index])
            if field.name == TIME:
                heard = heard + self._place(chosen)
        return out

    def _place(self, chosen: tf.Tensor) -> tf.Tensor | float:
        """What the place in the bar of the rows that follow adds, shape (rows, units)."""
        total: tf.Tensor | float = 0.0
        for index, (column, chain) in enumerate(zip(self.config.positions, self._position_chains, strict=True)):
            place = chosen[:, len(self.config.fields) + index]
            total = total + tf.matmul(tf.one_hot(place, column.size), chain)
        return total

    def nats(self, heard: tf.Tensor, before: tf.Tensor, rows: tf.Tensor, seed: tf.Tensor | None = None) -> tf.Tensor:
        """Minus the logarithm of the probability of the rows that follow, shape (batch, steps, fields)."""
        return nats_of(self.logits(heard, before, rows, seed), rows)

    def call(self, rows: tf.Tensor) -> tf.Tensor:
        """Nats of every wide row but the first given those before it, from a fresh state and without dropout."""
        heard, _ = self.listen(rows[:, :-1], self.zero_states(rows.shape[0]))
        return self.nats(heard, rows[:, :-1], rows[:, 1:])

    def _product(self, seed: tf.Tensor | None) -> tf.DType:
        """What matrices are multiplied in; without a seed for the dropout nothing is trained."""
        return tf.float32 if seed is None else self._product_in_training

    def _dropout(self, values: tf.Tensor, seed: tf.Tensor | None, place: int) -> tf.Tensor:
        rate = self.config.dropout
        if seed is None or rate == 0:
            return values
        own = tf.random.experimental.stateless_fold_in(seed, place)
        keep = self._drawn(values.shape, own) >= rate
        return tf.where(keep, values / (1 - rate), 0.0)

    def _rows_left_out(self, flow: tf.Tensor, seed: tf.Tensor | None, place: int) -> tf.Tensor:
        """Some whole rows unheard, so that a network cannot learn passages by heart (Gal and Ghahramani, 2016)."""
        if seed is None or self.config.dropout == 0:
            return flow
        own = tf.random.experimental.stateless_fold_in(seed, place)
        keep = self._drawn((flow.shape[0], 1), own) >= _UNHEARD * self.config.dropout
        return tf.where(keep, flow, 0.0)

    def _drawn(self, shape: tuple[int, int], seed: tf.Tensor) -> tf.Tensor:
        """Random numbers for values (steps x lanes, width): those that these lanes have in the whole batch."""
        lanes = self._lanes
        if lanes is None:
            return tf.random.stateless_uniform(shape, seed)
        rows, width = shape
        whole = tf.random.stateless_uniform((rows // lanes.count, lanes.of, width), seed)
        return tf.reshape(whole[:, lanes.first : lanes.last], shape)

    def _table(self, name: str, size: int, width: int, seed: int) -> keras.Variable:
        spread = keras.initializers.RandomNormal(stddev=_TABLE_SPREAD, seed=seed)
        self._named[name] = self.add_weight(shape=(size, width), initializer=spread, name=name.replace(".", "_"))
        return self._named[name]

    def _dense(self, name: str, width: int, units: int, seed: int, activation: str | None = None) -> "Dense":
        fresh = keras.initializers.GlorotUniform(seed)
        return self._built(name, Dense(units, activation, kernel_initializer=fresh), width)

    def _head(self, name: str, width: int, units: int, seed: int) -> "Dense":
        fresh = keras.initializers.RandomNormal(stddev=_HEAD_SPREAD, seed=seed)
        return self._built(name, Dense(units, kernel_initializer=fresh), width)

    def _built(self, name: str, layer: "Dense", width: int) -> "Dense":
        layer.build((None, width))
        self._named[f"{name}.kernel"], self._named[f"{name}.bias"] = layer.kernel, layer.bias
        return layer

    def _norm(self, name: str) -> keras.layers.LayerNormalization:
        layer = keras.layers.LayerNormalization(epsilon=NORM_EPSILON)
        layer.build((None, self.config.units))
        self._named[f"{name}.gamma"], self._named[f"{name}.beta"] = layer.gamma, layer.beta
        return layer

    def _lstm(self, name: str, seed: int) -> Lstm:
        layer = Lstm(self.config.units, seed)
        layer.build((None, self.config.units))
        self._named[f"{name}.kernel"] = layer.kernel
        self._named[f"{name}.recurrent"] = layer.recurrent
        self._named[f"{name}.bias"] = layer.bias
        return layer


class Dense(keras.layers.Dense):  # type: ignore[misc]  # Keras has no types
    """A dense layer whose product may be made in bfloat16."""

    def call(self, inputs: tf.Tensor, product: tf.DType = tf.float32) -> tf.Tensor:
        kernel = tf.convert_to_tensor(self.kernel)
        found = tf.cast(tf.matmul(tf.cast(inputs, product), tf.cast(kernel, product)), tf.float32)
        return self.activation(found + tf.convert_to_tensor(self.bias))


def filed(name: str, array: NDArray[np.float32]) -> NDArray[np.float32]:
    """What a checkpoint holds of a weight of the network (or of something of its shape), and the other way round."""
    if name.startswith("layer") and not name.endswith(("gamma", "beta")):
        return np.ascontiguousarray(regated(array))
    return array.copy()


def nats_of(logits: list[tf.Tensor], rows: tf.Tensor) -> tf.Tensor:
    """Minus the logarithm of the probability of the rows' classes, shape (batch, steps, fields)."""
    rows = tf.transpose(rows, (1, 0, 2))
    losses = [
        tf.nn.sparse_softmax_cross_entropy_with_logits(rows[..., index], field) for index, field in enumerate(logits)
    ]
    return tf.transpose(tf.stack(losses, axis=-1), (1, 0, 2))


def right_of(logits: list[tf.Tensor], rows: tf.Tensor) -> tf.Tensor:
    """Whether the rows' classes are the likeliest, shape (batch, steps, fields)."""
    rows = tf.transpose(rows, (1, 0, 2))
    right = [tf.equal(tf.argmax(field, -1, tf.int32), rows[..., index]) for index, field in enumerate(logits)]
    return tf.transpose(tf.stack(right, axis=-1), (1, 0, 2))


def mean_nats_of(logits: list[tf.Tensor]) -> tf.Tensor:
    """The same for all classes of a field on average, shape (steps, batch, fields): how sure the network is."""
    return tf.stack([-tf.reduce_mean(tf.nn.log_softmax(field), axis=-1) for field in logits], axis=-1)


def _time_first(rows: tf.Tensor) -> tf.Tensor:
    """Rows of shape (batch, steps, fields) as (steps x batch, fields)."""
    batch, steps, fields = rows.shape
    return tf.reshape(tf.transpose(rows, (1, 0, 2)), (steps * batch, fields))


def one_batch_of_classes(config: NetworkConfig, batch: int, steps: int, seed: int) -> NDArray[np.int32]:
    """Wide rows of random classes, for measurements; shape (batch, steps, fields + context)."""
    rng = np.random.default_rng(seed)
    columns = [rng.integers(0, column.size, (batch, steps)) for column in config.fields + config.positions]
    columns += [rng.integers(NO_PITCH, PITCHES, (batch, steps)) for _ in range(config.recent)]
    if config.repeats:
        columns += [rng.integers(NOTHING, column.size, (batch, steps)) for column in config.fields]
        columns += [rng.integers(0, most, (batch, steps)) for most in (len(LENGTHS) + 1, DISTANCES)]
    return np.stack(columns, axis=-1).astype(np.int32)
