"""Small networks with random weights, and the network's definition written down as plainly as possible."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from musicgen_app.generation.checkpoint import (
    INTERVAL_WIDTH,
    INTERVALS,
    NORM_EPSILON,
    PITCHES,
    WIDEST_INTERVAL,
    AnyNetwork,
    Checkpoint,
    CheckpointHeader,
    NetworkConfig,
    Weights,
    weight_shapes,
)
from musicgen_app.generation.windowed import WindowedConfig, named_layers
from musicgen_app.tokens.catalogue import codec_from
from musicgen_app.tokens.codec import Codec, Field
from musicgen_app.tokens.context import NO_PITCH, wide_rows
from musicgen_app.tokens.notes import metrical_codec

FIELDS = (Field("time", 11), Field("pitch", 13), Field("duration", 7), Field("velocity", 5))


def random_weights(config: AnyNetwork, seed: int = 0) -> Weights:
    """Weights of a size at which every part of the network matters."""
    rng = np.random.default_rng(seed)
    return {
        name: (rng.standard_normal(shape) * (1.5 / np.sqrt(shape[0]) if len(shape) > 1 else 0.3)).astype(np.float32)
        for name, shape in weight_shapes(config).items()
    }


def random_checkpoint(
    fields: tuple[Field, ...] = FIELDS, units: int = 24, layers: int = 2, seed: int = 0, title: str = "Random"
) -> Checkpoint:
    config = NetworkConfig(fields, embedding=6, units=units, layers=layers, head_units=10)
    return Checkpoint(CheckpointHeader(config, {}, title=title), random_weights(config, seed))


def musical_checkpoint(codec: Codec | None = None, seed: int = 0, title: str = "Random") -> Checkpoint:
    """A network that speaks a real codec; it prefers short gaps, so that its music is not mostly rests."""
    codec = codec if codec is not None else metrical_codec()
    config = NetworkConfig(codec.fields, embedding=6, units=24, layers=1, head_units=10)
    weights = random_weights(config, seed)
    weights["head.time.bias"] -= np.linspace(0, 12, codec.fields[0].size).astype(np.float32)
    weights["head.duration.bias"] -= np.linspace(0, 12, codec.fields[2].size).astype(np.float32)
    return Checkpoint(CheckpointHeader(config, codec.description(), title=title), weights)


def shown_checkpoint(codec: Codec | None = None, seed: int = 0, recent: int = 5, repeats: bool = False) -> Checkpoint:
    """A network that is shown where rows stand, what was struck last, and perhaps what followed before."""
    codec = codec if codec is not None else metrical_codec()
    config = NetworkConfig(
        codec.fields,
        embedding=6,
        units=24,
        layers=2,
        head_units=10,
        positions=codec.position_fields,
        recent=recent,
        repeats=repeats,
    )
    return Checkpoint(CheckpointHeader(config, codec.description()), random_weights(config, seed))


def random_rows(fields: tuple[Field, ...], count: int, seed: int = 0) -> NDArray[np.int16]:
    rng = np.random.default_rng(seed)
    return np.stack([rng.integers(0, field.size, count) for field in fields], axis=1).astype(np.int16)


def played_rows(checkpoint: Checkpoint, count: int, seed: int = 0) -> NDArray[np.int16]:
    """Rows of random classes from the start row on, none of them the end."""
    codec = codec_from(checkpoint.header.codec)
    rows = random_rows(codec.fields, count, seed)
    rows[codec.is_end(rows), 1] = 60
    rows[0] = codec.start_row
    return rows


def again_and_again(checkpoint: Checkpoint, count: int, seed: int = 0) -> NDArray[np.int16]:
    """The same few random rows over and over, with a slip now and then."""
    rows = played_rows(checkpoint, count, seed)
    for at in range(6, count):
        if at % 7:
            rows[at] = rows[at - 5]
    return rows


def plain_logits(checkpoint: Checkpoint, rows: NDArray[np.int16]) -> list[list[NDArray[np.float64]]]:
    """The logits of each field of each row but the first, given the rows before it: step by step, in float64."""
    config = checkpoint.header.network
    w = {name: values.astype(np.float64) for name, values in checkpoint.weights.items()}
    hidden = [np.zeros(config.units) for _ in range(config.layers)]
    cell = [np.zeros(config.units) for _ in range(config.layers)]
    predictions = []
    wide = rows if not any(asdict(config.shown).values()) else _wide(checkpoint, rows)
    for row, following in pairwise(wide):
        joined = _joined(config, w, row)
        z = np.concatenate(joined) @ w["input.kernel"] + w["input.bias"]
        for layer in range(config.layers):
            x = _normalised(z, w[f"layer{layer}.norm.gamma"], w[f"layer{layer}.norm.beta"])
            sums = x @ w[f"layer{layer}.kernel"] + hidden[layer] @ w[f"layer{layer}.recurrent"]
            i, f, g, o = np.split(sums + w[f"layer{layer}.bias"], 4)
            cell[layer] = _sigmoid(f) * cell[layer] + _sigmoid(i) * np.tanh(g)
            hidden[layer] = _sigmoid(o) * np.tanh(cell[layer])
            z = z + hidden[layer]
        out = _normalised(z, w["norm.gamma"], w["norm.beta"])
        predictions.append(_told(config, w, out, row, following))
    return predictions


def _told(
    config: NetworkConfig,
    w: dict[str, NDArray[np.float64]],
    out: NDArray[np.float64],
    row: NDArray[np.int16],
    following: NDArray[np.int16],
) -> list[NDArray[np.float64]]:
    """The logits of each field of the row that follows a wide row."""
    count, places = len(config.fields), len(config.fields) + len(config.positions)
    before = row[config.first_repeat :] if config.repeats else np.full(len(config.fields), -1)
    if config.repeats:
        out = out + w["repeat.length"][before[-2]] + w["repeat.distance"][before[-1]]
    logits = []
    for index, field in enumerate(config.fields):
        inner = np.maximum(out @ w[f"head.{field.name}.hidden.kernel"] + w[f"head.{field.name}.hidden.bias"], 0)
        logits.append(inner @ w[f"head.{field.name}.kernel"] + w[f"head.{field.name}.bias"])
        if config.recent and field.name == "pitch":
            told = inner @ w["head.intervals.kernel"] + w["head.intervals.bias"]
            _add_intervals(logits[-1], row[places : places + config.recent], told.reshape(config.recent, INTERVALS))
        if before[index] >= 0:
            trust = inner @ w[f"head.{field.name}.repeat.kernel"] + w[f"head.{field.name}.repeat.bias"]
            logits[-1][before[index]] += trust[0]
        if index < len(config.fields) - 1:
            out = out + w[f"chain.{field.name}"][following[index]]
            if before[index] >= 0:
                out = out + w[f"repeat.{field.name}"][int(before[index] == following[index])]
        if field.name == "time":
            for i, f in enumerate(config.positions):
                out = out + w[f"chain.{f.name}"][following[count + i]]
    return logits


def _joined(
    config: NetworkConfig, w: dict[str, NDArray[np.float64]], row: NDArray[np.int16]
) -> list[NDArray[np.float64]]:
    """What a wide row looks like to the network."""
    count, places = len(config.fields), len(config.fields) + len(config.positions)
    joined = [w[f"embedding.{f.name}"][row[i]] for i, f in enumerate(config.fields)]
    joined += [w[f"position.{f.name}"][row[count + i]] for i, f in enumerate(config.positions)]
    latest, *earlier = (int(pitch) for pitch in row[places : places + config.recent]) if config.recent else (NO_PITCH,)
    for pitch in earlier:
        known = min(latest, pitch) >= 0 and abs(latest - pitch) <= WIDEST_INTERVAL
        joined.append(w["intervals"][latest - pitch + WIDEST_INTERVAL] if known else np.zeros(INTERVAL_WIDTH))
    return joined


def _add_intervals(logits: NDArray[np.float64], recent: NDArray[np.int16], told: NDArray[np.float64]) -> None:
    for pitch, intervals in zip(recent.tolist(), told, strict=True):
        for place, value in enumerate(intervals):
            if pitch >= 0 and 0 <= pitch + place - WIDEST_INTERVAL < PITCHES:
                logits[pitch + place - WIDEST_INTERVAL] += value


def _wide(checkpoint: Checkpoint, rows: NDArray[np.int16]) -> NDArray[np.int16]:
    return wide_rows(codec_from(checkpoint.header.codec), rows, checkpoint.header.network.shown)


def _normalised(z: NDArray[np.float64], gamma: NDArray[np.float64], beta: NDArray[np.float64]) -> NDArray[np.float64]:
    return (z - z.mean()) / np.sqrt(z.var() + NORM_EPSILON) * gamma + beta


def _sigmoid(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1 / (1 + np.exp(-x))


def windowed_checkpoint(config: WindowedConfig, codec: Mapping[str, Any] | None = None, seed: int = 0) -> Checkpoint:
    """A windowed network with random weights; its normalisations have variances above 0."""
    weights = random_weights(config, seed)
    weights = {name: np.abs(w) + 0.5 if name.endswith("variance") else w for name, w in weights.items()}
    return Checkpoint(CheckpointHeader(config, codec if codec is not None else {}), weights)


def plain_windowed_logits(checkpoint: Checkpoint, window: Sequence[int]) -> NDArray[np.float64]:
    """What a windowed network says behind a window, layer by layer, in float64."""
    config = checkpoint.header.network
    assert isinstance(config, WindowedConfig)
    w = {name: values.astype(np.float64) for name, values in checkpoint.weights.items()}
    flow = w["embedding"][list(window)] if config.embedding else np.array(window)[:, np.newaxis] / config.vocabulary
    for layer, name, _ in named_layers(config):
        if layer.kind == "lstm":
            flow = _plain_lstm(w, name, flow)
        elif layer.kind == "bilstm":
            flow = np.concatenate([_plain_lstm(w, "forward", flow), _plain_lstm(w, "backward", flow[::-1])[::-1]], 1)
        elif layer.kind == "attention":
            told = np.tanh((flow @ w[f"{name}.query"])[:, np.newaxis] + flow @ w[f"{name}.key"] + w[f"{name}.bias"])
            scores = np.exp(_sigmoid((told @ w[f"{name}.score"])[..., 0] + w[f"{name}.offset"]))
            flow = scores / scores.sum(axis=1, keepdims=True) @ flow
        elif layer.kind == "pool":
            flow = flow.max(axis=0, keepdims=True)
        elif layer.kind == "norm":
            normal = (flow - w[f"{name}.mean"]) / np.sqrt(w[f"{name}.variance"] + 1e-3)
            flow = normal * w[f"{name}.gamma"] + w[f"{name}.beta"]
        elif layer.kind in ("relu", "dense"):
            flow = flow[-1:] @ w[f"{name}.kernel"] + w[f"{name}.bias"]
            flow = np.maximum(flow, 0) if layer.kind == "relu" else flow
    return flow[0]


def _plain_lstm(w: dict[str, NDArray[np.float64]], name: str, flow: NDArray[np.float64]) -> NDArray[np.float64]:
    hidden = cell = np.zeros(len(w[f"{name}.recurrent"]))
    outputs = []
    for step in flow:
        sums = step @ w[f"{name}.kernel"] + hidden @ w[f"{name}.recurrent"] + w[f"{name}.bias"]
        i, f, g, o = np.split(sums, 4)
        cell = _sigmoid(f) * cell + _sigmoid(i) * np.tanh(g)
        hidden = _sigmoid(o) * np.tanh(cell)
        outputs.append(hidden)
    return np.array(outputs)
