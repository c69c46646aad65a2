"""Chorales and piano rolls, in nats a frame: the network on benchmarks with published figures.

Usage: python -m tests.benchmarks.quality_frames [NAME ...] [--minutes M] [--folder BENCH]
NAME is jsb (quarter grid), nottingham, musedata or pianomidi; the folder holds jsb/ and boulanger/ as they were
published (Boulanger-Lewandowski and others, 2012). The three .mat sets need scipy.

A frame is told note by note, upwards, and closed by an end mark; what is not above the note before has no likelihood,
so the product over a frame is its exact joint likelihood. The best weights by the validation split are measured once
on the test split.
"""

import argparse
import json
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from musicgen_app.generation.checkpoint import PITCH, PITCHES, NetworkConfig
from musicgen_app.ml.backend import bfloat16_is_quicker, start_tensorflow
from musicgen_app.ml.config import TrainConfig
from musicgen_app.ml.schedule import learning_rate
from musicgen_app.tokens.codec import Field
from musicgen_app.tokens.context import NO_PITCH
from musicgen_app.tokens.repeats import moved, repeats
from tests.benchmarks.kept import SHARED, keep

END = PITCHES
LANES, CHUNK = 16, 128
PLACES = 16
"""Frames are shown counted to so many, which holds a bar and its halves on all grids used here."""
PUBLISHED = {"jsb": 5.05, "nottingham": 1.55, "musedata": 3.90, "pianomidi": 4.90}
"""Biaxial LSTM (Johnson, 2017), the best published LSTM, nats a frame."""

TWINS = 0.8
"""Share of runs in common that makes twins; with it they are as many as were counted before (36 % of the chorales)."""

Frames = list[list[int]]
Tokens = NDArray[np.int32]


class Rolls:
    """What ``repeats`` asks of a codec: rows are pitches and end marks of frames, and no row ends a piece."""

    fields = (Field(PITCH, END + 1),)

    def pitches(self, rows: Tokens) -> Tokens:
        return np.where(rows[:, 0] < END, rows[:, 0], NO_PITCH)

    def steps(self, rows: Tokens) -> Tokens:
        return np.zeros(len(rows), np.int64)

    def is_end(self, rows: Tokens) -> NDArray[np.bool_]:
        return np.zeros(len(rows), bool)


def read_frames(name: str, folder: Path) -> dict[str, list[Frames]]:
    """Pieces by split ("train", "valid", "test"); a frame is a list of MIDI pitches upwards."""
    if name == "jsb":
        told = json.loads((folder / "jsb" / "jsb-chorales-quarter.json").read_text())
        return {
            split: [[sorted({int(p) for p in frame if p > 0}) for frame in piece] for piece in told[split]]
            for split in ("train", "valid", "test")
        }
    from scipy.io import loadmat

    files = {"nottingham": "Nottingham.mat", "musedata": "MuseData.mat", "pianomidi": "Piano_midi.mat"}
    told = loadmat(folder / "boulanger" / files[name])
    splits = {"train": "traindata", "valid": "validdata", "test": "testdata"}
    return {
        split: [[[int(key) + 21 for key in np.flatnonzero(frame)] for frame in piece] for piece in told[key_name][0]]
        for split, key_name in splits.items()
    }


def tokens_of(piece: Frames) -> Tokens:
    """Shape (tokens, 2): pitch or end mark, and the place of its frame; an end mark stands before the first."""
    told = [(END, PLACES - 1)]
    for number, frame in enumerate(piece):
        told += [(pitch, number % PLACES) for pitch in [*frame, END]]
    return np.array(told, np.int32)


def wide(tokens: Tokens, recent: int) -> Tokens:
    """Shape (tokens, 2 + recent + 3): the last pitches behind, end marks passed over; then what followed before."""
    struck = np.flatnonzero(tokens[:, 0] < END)
    so_far = np.cumsum(tokens[:, 0] < END)
    places = so_far[:, np.newaxis] - 1 - np.arange(recent)
    pitches = np.append(tokens[struck, 0], NO_PITCH)
    before = repeats(Rolls(), tokens[:, :1])  # type: ignore[arg-type]
    return np.concatenate(
        [tokens, np.where(places >= 0, pitches[np.maximum(places, -1)], NO_PITCH), before], axis=1, dtype=np.int32
    )


def transposed(rows: Tokens, semitones: int) -> Tokens:
    """Wide rows in another key."""
    rows = rows.copy()
    shown = rows[:, 2:-3]
    shown[shown >= 0] += semitones
    rows[:, :1], rows[:, -3:] = moved(Rolls(), rows[:, :1], semitones), moved(Rolls(), rows[:, -3:], semitones)  # type: ignore[arg-type]
    return rows


def batches(pieces: Sequence[Tokens], config: TrainConfig, recent: int) -> Iterator[Tokens]:
    """Windows of randomly transposed pieces, without end."""
    rng = np.random.default_rng(config.seed)
    length, waiting, told = config.window + 1, [], [wide(piece, recent) for piece in pieces]
    while True:
        stream = []
        for index in rng.permutation(len(pieces)):
            piece, notes = told[index], pieces[index][:, 0] < END
            if config.transpose and notes.any():
                lowest, highest = 21 - piece[notes, 0].min(), 108 - piece[notes, 0].max()
                piece = transposed(piece, int(rng.integers(max(-6, min(0, lowest)), min(6, max(0, highest)) + 1)))
            stream.append(piece)
        whole = np.concatenate(stream)
        first = int(rng.integers(config.window))
        starts = np.arange(first, len(whole) - length, config.window)
        waiting += [whole[start : start + length] for start in rng.permutation(starts)]
        while len(waiting) >= config.batch:
            yield np.stack(waiting[: config.batch])
            waiting = waiting[config.batch :]


class Meter:
    """Nats a frame of pieces, the state carried from their beginning to their end."""

    def __init__(self, network: object) -> None:
        import tensorflow as tf

        self._network = network
        self._read = tf.function(self._chunk)

    def _chunk(self, rows, states):  # type: ignore[no-untyped-def]
        import tensorflow as tf

        network = self._network
        heard, states = network.listen(rows[:, :-1], states)
        (logits,) = network.logits(heard, rows[:, :-1], rows[:, 1:])
        before = tf.transpose(rows[:, :-1, 0])
        # Within a frame pitches rise: from an end mark on everything may come, else only what lies above.
        above = (tf.range(END + 1) > before[..., tf.newaxis]) | (before[..., tf.newaxis] == END)
        logits = tf.where(above, logits, -1e9)
        return tf.nn.sparse_softmax_cross_entropy_with_logits(tf.transpose(rows[:, 1:, 0]), logits), states

    def nats_a_frame(self, pieces: Sequence[Tokens]) -> float:
        """Of all pieces together."""
        nats, frames = 0.0, 0
        recent = self._network.config.recent  # type: ignore[attr-defined]
        told = sorted((wide(piece, recent) for piece in pieces), key=len)
        for first in range(0, len(told), LANES):
            lanes = told[first : first + LANES]
            longest = -(-max(len(lane) - 1 for lane in lanes) // CHUNK) * CHUNK + 1
            rows = np.zeros((LANES, longest, lanes[0].shape[1]), np.int32)
            counted = np.zeros((LANES, longest - 1), bool)
            for lane, piece in enumerate(lanes):
                rows[lane, : len(piece)] = piece
                counted[lane, : len(piece) - 1] = True
                frames += int((piece[1:, 0] == END).sum())
            states = self._network.zero_states(LANES)  # type: ignore[attr-defined]
            for start in range(0, longest - 1, CHUNK):
                found, states = self._read(rows[:, start : start + CHUNK + 1], states)
                nats += float(found.numpy().T[counted[:, start : start + CHUNK]].sum())
        return nats / frames


def twins(test: Sequence[Frames], train: Sequence[Frames]) -> NDArray[np.bool_]:
    """Which test pieces have a transposed or slightly varied twin among the training pieces.

    Twins have more than ``TWINS`` of a piece's runs of four successive top notes, as intervals, in common.
    """

    def runs(piece: Frames) -> set[tuple[int, ...]]:
        top = [frame[-1] for frame in piece if frame]
        steps = np.diff(top)
        return {tuple(steps[i : i + 4].tolist()) for i in range(len(steps) - 3)}

    known = [runs(piece) for piece in train]
    found = []
    for piece in test:
        own = runs(piece)
        found.append(any(len(own & other) > TWINS * max(1, len(own)) for other in known))
    return np.array(found)


def train_and_measure(name: str, folder: Path, minutes: float, **overrides: object) -> dict[str, float]:
    """Train for so long and give the figures of the test split."""
    from musicgen_app.ml.learner import Learner

    splits = read_frames(name, folder)
    pieces = {split: [tokens_of(piece) for piece in told] for split, told in splits.items()}
    settings = {"dropout": 0.5, "batch": 16, "window": 128, "units": 320, "transpose": True, **overrides}
    config = TrainConfig.from_preset("large", minutes=minutes, **settings)
    config = replace(config, precision="bfloat16" if bfloat16_is_quicker() else "float32")
    network = NetworkConfig(
        fields=(Field(PITCH, END + 1),),
        embedding=config.embedding,
        units=config.units,
        layers=config.layers,
        head_units=config.head_units,
        dropout=config.dropout,
        positions=(Field("frame", PLACES),),
        recent=config.recent,
        repeats=config.repeats,
    )
    learner = Learner(network, config)
    meter = Meter(learner.averaged)
    stream = batches(pieces["train"], config, network.recent)
    best, best_weights, step = math.inf, learner.averaged.weights_as_arrays(), 0
    learner.step(next(stream), 0, 0.0)
    began, looked = time.monotonic(), 0.0
    while (spent := time.monotonic() - began) < 60 * minutes:
        planned = max(step + 2, int(step / max(spent, 1.0) * 60 * minutes)) if step > 20 else 0
        learner.step(next(stream), step, learning_rate(step, planned, config.learning_rate, config.warmup))
        step += 1
        if spent - looked > max(10.0, 0.6 * minutes) or spent + 1 > 60 * minutes:
            looked = spent
            found = meter.nats_a_frame(pieces["valid"])
            if found < best:
                best, best_weights = found, learner.averaged.weights_as_arrays()
            print(f"   {name} {spent:5.0f} s, step {step}: valid {found:.3f}, best {best:.3f}", flush=True)
    learner.averaged.assign_weights(best_weights)
    twin = twins(splits["test"], splits["train"])
    alone = [piece for piece, has in zip(pieces["test"], twin, strict=True) if not has]
    return {
        f"{name}_valid_nats_a_frame": best,
        f"{name}_test_nats_a_frame": meter.nats_a_frame(pieces["test"]),
        f"{name}_test_without_twins_nats_a_frame": meter.nats_a_frame(alone) if alone else math.nan,
        f"{name}_share_with_twins": float(twin.mean()),
        f"{name}_published_nats_a_frame": PUBLISHED[name],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", default=[])
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--folder", type=Path, default=SHARED / "bench")
    parser.add_argument("--threads", type=int, default=0, help="0 takes all processors")
    given = parser.parse_args()
    if not given.folder.is_dir():
        raise SystemExit(f"There is no folder {given.folder}; name that of the benchmarks with --folder.")
    start_tensorflow(given.threads)
    figures: dict[str, float] = {}
    for name in given.names or PUBLISHED:
        figures |= train_and_measure(name, given.folder, given.minutes)
        print(
            "\n".join(f"{key:<48} {value:8.3f}" for key, value in figures.items() if key.startswith(name)), flush=True
        )
    keep("frames", {"minutes": given.minutes, **figures})


if __name__ == "__main__":
    main()
