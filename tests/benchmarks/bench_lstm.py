"""How quickly a plain LSTM stack trains: ours, stock Keras, PyTorch where it is installed, and the limit of a matmul.

Two layers over windows of 128 tokens of a vocabulary of 512, embedded in 256, with Adam. The contenders take turns in
every round; a ratio is the median of the ratios of the rounds.
"""

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from musicgen_app.ml.backend import start_tensorflow

WINDOW, VOCABULARY, EMBEDDING, LAYERS = 128, 512, 256, 2
BATCHES = (32, 64, 128)
SIZES = (512, 256)
ROUNDS, STEPS_A_ROUND = 3, 3
MATMUL = 2048

Step = Callable[[], object]


def run() -> dict[str, float]:
    """All figures by flat names."""
    start_tensorflow()
    figures: dict[str, float] = {}
    best_share = 0.0
    for units in SIZES:
        for batch in BATCHES:
            times = in_turns(contenders(batch, units))
            limit = 2 * MATMUL**3 / statistics.median(times["matmul"]) / 1e9
            work = batch * WINDOW * operations_a_token(units) / 1e9
            print(f"-- 2 x {units}, batch {batch}: limit {limit:.0f} GFLOP/s")
            for name, seconds in times.items():
                middle = statistics.median(seconds)
                if name != "matmul":
                    print(f"   {name:16} {1000 * middle:8.0f} ms {batch * WINDOW / middle:9,.0f} tokens/s", end="")
                    print(f" {work / middle:8.0f} GFLOP/s {work / middle / limit:6.2f} of the limit")
            prefix = "train" if units == SIZES[0] else f"train_{units}"
            figures[f"{prefix}_vs_keras_b{batch}"] = ratio(times["keras"], times["ours"])
            if units == SIZES[0]:
                best_share = max(best_share, work / statistics.median(times["ours"]) / limit)
                if "torch" in times:
                    figures[f"train_vs_torch_b{batch}"] = ratio(times["torch"], times["ours"])
                    figures[f"train_bf16_vs_torch_b{batch}"] = ratio(times["torch"], times["ours, bfloat16"])
    return {**figures, "train_fraction_of_matmul": best_share}


def ratio(slow: list[float], quick: list[float]) -> float:
    """How many times longer the first takes: the median over the rounds."""
    return statistics.median(a / b for a, b in zip(slow, quick, strict=True))


def operations_a_token(units: int) -> int:
    """Additions and multiplications of all products, forwards and backwards."""
    first, later = 4 * units * (EMBEDDING + units), (LAYERS - 1) * 8 * units * units
    return 6 * (first + later + units * VOCABULARY)


def in_turns(ways: dict[str, Step]) -> dict[str, list[float]]:
    """Seconds a step of each way in every round (the median of the round); two steps each warm up."""
    for step in ways.values():
        step()
        step()
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, step in ways.items():
            taken = []
            for _ in range(STEPS_A_ROUND):
                began = time.perf_counter()
                step()
                taken.append(time.perf_counter() - began)
            times[name].append(statistics.median(taken))
    return times


def contenders(batch: int, units: int) -> dict[str, Step]:
    """One training step of each, on the same tokens."""
    rng = np.random.default_rng(0)
    tokens, targets = (rng.integers(0, VOCABULARY, (batch, WINDOW)).astype(np.int32) for _ in range(2))
    ways = {
        "keras": keras_step(tokens, targets, units),
        "ours": own_step(tokens, targets, units, half=False),
        "ours, bfloat16": own_step(tokens, targets, units, half=True),
        "matmul": matmul(),
    }
    torch = torch_step(tokens, targets, units)
    return ways if torch is None else {"torch": torch, **ways}


def keras_step(tokens: np.ndarray, targets: np.ndarray, units: int) -> Step:
    """Stock Keras, as its users write it."""
    import keras

    model = keras.Sequential(
        [
            keras.layers.Embedding(VOCABULARY, EMBEDDING),
            *(keras.layers.LSTM(units, return_sequences=True) for _ in range(LAYERS)),
            keras.layers.Dense(VOCABULARY),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, jit_compile=False)
    return lambda: model.train_on_batch(tokens, targets)


def own_step(tokens: np.ndarray, targets: np.ndarray, units: int, half: bool) -> Step:
    """The same network of the layers and the optimizer that the program trains with."""
    import keras
    import tensorflow as tf

    from musicgen_app.ml.adam import AdamW
    from musicgen_app.ml.lstm import Lstm
    from musicgen_app.ml.network import Dense

    batch = len(tokens)
    table = keras.Variable(np.random.default_rng(1).normal(0, 0.05, (VOCABULARY, EMBEDDING)).astype(np.float32))
    stack = [Lstm(units, seed) for seed in range(LAYERS)]
    for layer, width in zip(stack, (EMBEDDING, units), strict=True):
        layer.build((None, width))
    product = tf.bfloat16 if half else tf.float32
    head = Dense(VOCABULARY)
    head.build((None, units))
    weights = [table, *(weight for layer in (*stack, head) for weight in layer.weights)]
    optimizer = AdamW({str(place): weight for place, weight in enumerate(weights)}, 0.0, ())

    @tf.function
    def step(tokens: Any, targets: Any, number: Any) -> Any:
        with tf.GradientTape() as tape:
            flow = tf.matmul(tf.one_hot(tf.reshape(tf.transpose(tokens), [-1]), VOCABULARY), table.value)
            for layer in stack:
                flow, _, _ = layer(flow, tf.zeros((batch, units)), tf.zeros((batch, units)), product=product)
            wanted = tf.reshape(tf.transpose(targets), [-1])
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(wanted, head(flow, product=product)))
        optimizer.apply(tape.gradient(loss, [weight.value for weight in weights]), tf.constant(1e-3), number)
        return loss

    shown = tf.constant(tokens), tf.constant(targets), tf.constant(0)
    return lambda: step(*shown).numpy()


def torch_step(tokens: np.ndarray, targets: np.ndarray, units: int) -> Step | None:
    """The same network in PyTorch; None where it is not installed."""
    try:
        import torch
    except ImportError:
        return None
    embed = torch.nn.Embedding(VOCABULARY, EMBEDDING)
    lstm = torch.nn.LSTM(EMBEDDING, units, LAYERS)
    head = torch.nn.Linear(units, VOCABULARY)
    optimizer = torch.optim.Adam([*embed.parameters(), *lstm.parameters(), *head.parameters()])
    shown = torch.tensor(tokens.T.astype("int64"))
    wanted = torch.tensor(targets.T.reshape(-1).astype("int64"))

    def step() -> None:
        optimizer.zero_grad()
        heard, _ = lstm(embed(shown))
        torch.nn.functional.cross_entropy(head(heard).reshape(-1, VOCABULARY), wanted).backward()
        optimizer.step()

    return step


def matmul() -> Step:
    """A product of two square matrices."""
    import tensorflow as tf

    left, right = tf.random.normal((MATMUL, MATMUL)), tf.random.normal((MATMUL, MATMUL))
    return lambda: tf.linalg.matmul(left, right).numpy()
