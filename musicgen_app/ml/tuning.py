"""Fine-tuning: what a training that starts from a model takes over from it, and the settings that suit it."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

from musicgen_app.core.errors import TrainingError, UsageError
from musicgen_app.generation.checkpoint import CheckpointHeader, NetworkConfig, Weights, read_checkpoint
from musicgen_app.generation.presets import DEFAULT_PRESET, PRESETS, Preset
from musicgen_app.generation.windowed import WindowedConfig
from musicgen_app.ml.config import TrainConfig

SIZES = ("units", "layers", "embedding", "head_units", "recent", "repeats")
"""Settings that are the model's: its weights fit no other network."""

RECIPE: Mapping[str, Any] = MappingProxyType({"learning_rate": 2e-4, "warmup": 20, "transpose": True})
"""Settings other than the preset's.

Found with the first bundled model, which was not shown what followed before: it learned from five pieces by Debussy and
was measured on three others: 6.93 nats a note before, then,
by highest rate, 6.43 (1e-4), 6.42 (2e-4), 6.45 (5e-4), 6.49 (1e-3), 6.47 (2e-3). All keys or their own made no
difference (6.420 and 6.421); with all keys less is learned by heart, and the model knows them already.
"""


@dataclass(frozen=True, slots=True)
class Start:
    """The model a training started from, as the run and its checkpoints tell it.

    Attributes:
        title: Its name.
        fingerprint: SHA-256 of its file.
        corpus: Fingerprint of the data set it learned from; "" where it does not say.
        licence, attribution: Its own; they hold for what is made of it too.
    """

    title: str
    fingerprint: str
    corpus: str
    licence: str
    attribution: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The start as JSON values."""
        return {**asdict(self), "attribution": list(self.attribution)}

    def summary(self) -> dict[str, str]:
        """What is told of it beside figures."""
        return {name: getattr(self, name) for name in ("title", "fingerprint", "corpus", "licence")}

    @staticmethod
    def from_json(values: Any) -> "Start":
        """The start from the values ``to_json`` gave.

        Raises:
            TrainingError: They are not of that form.
        """
        try:
            texts = {name: values[name] for name in ("title", "fingerprint", "corpus", "licence")}
            attribution = tuple(values["attribution"])
        except (KeyError, TypeError) as error:
            raise TrainingError("The run does not say which model it started from.", "Start a new one.") from error
        if not all(isinstance(text, str) for text in (*texts.values(), *attribution)):
            raise TrainingError("What the run says of the model it started from is damaged.", "Start a new one.")
        return Start(**texts, attribution=attribution)


def tuned_config(header: CheckpointHeader, **overrides: Any) -> TrainConfig:
    """The settings to train a model further on other music: its sizes, the recipe, the rest from its preset.

    Raises:
        UsageError: A setting is unknown, out of range, or a size; or the network is one of the seeds'.
    """
    if isinstance(header.network, WindowedConfig):
        raise UsageError("A training cannot start from a network of the seeds.", "Start from a model of another kind.")
    chosen = [name for name in SIZES if name in overrides]
    if chosen:
        raise UsageError(
            f"The setting {chosen[0]!r} cannot be chosen where a training starts from a model.",
            "Leave it out: the network keeps the model's sizes.",
        )
    sizes = {name: getattr(header.network, name) for name in SIZES}
    return TrainConfig.from_preset(_preset(header), **{**sizes, **RECIPE, **overrides})


def fingerprint_of(content: bytes) -> str:
    """The fingerprint of a model's file."""
    return hashlib.sha256(content).hexdigest()


def starting_weights(path: Path, start: Start) -> Weights:
    """The weights a run begins with, from its own copy of the model.

    Raises:
        CheckpointError: The copy is gone or cannot be read.
        TrainingError: It is not the model the run started from.
    """
    weights = read_checkpoint(path).weights
    if fingerprint_of(path.read_bytes()) != start.fingerprint:
        raise TrainingError(f"The run's copy of the model {start.title} has changed.", "Start a new run.")
    return weights


def same_size(preset: Preset, network: NetworkConfig) -> bool:
    """Whether a network is what the preset would make of its fields, dropout aside."""
    return preset.network(network.fields, network.positions) == replace(network, dropout=preset.dropout)


def _preset(header: CheckpointHeader) -> str:
    """The preset of a model's sizes, or the one its own training began from."""
    network = cast(NetworkConfig, header.network)
    for name, preset in PRESETS.items():
        if same_size(preset, network):
            return name
    config = header.training.get("config")
    named = config.get("preset") if isinstance(config, Mapping) else None
    return named if isinstance(named, str) and named in PRESETS else DEFAULT_PRESET
