"""The settings of a training of a windowed network, beside ``config`` and after its model."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, TypeAlias, get_args

from musicgen_app.core.errors import UsageError
from musicgen_app.generation.windowed import (
    MOST_WINDOW,
    TOKEN,
    Stack,
    WindowedConfig,
    check_stack,
    in_seed_order,
    layers_from_json,
    layers_to_json,
)
from musicgen_app.generation.windowed_presets import WINDOWED_PRESETS
from musicgen_app.ml.config import LIMITS, Limit, Precision, TrainConfig, check_choice, check_limits, check_names
from musicgen_app.tokens.codec import Field

SEED = 11
"""Of every random choice, as in the experiments."""
ADAMW_DECAY = 0.004
"""Keras' own weight decay of AdamW."""

Optimizer = Literal["adam", "adamw", "rmsprop"]

WINDOWED_LIMITS: Mapping[str, Limit] = MappingProxyType(
    {
        "window": Limit(
            1, MOST_WINDOW, "Window", "Tokens read before each token that is foretold, nothing before them."
        ),
        "embedding": Limit(
            0, 1024, "Embedding", "Width in which a token is shown; 0 shows its number in the vocabulary, as the seeds."
        ),
        "batch": Limit(1, 4096, "Batch", "Windows learned from at once."),
        "learning_rate": Limit(1e-6, 0.1, "Learning rate", "Step width; the same for the whole training."),
        "time_decay": Limit(
            0.0,
            10.0,
            "LR time decay (seed)",
            "Makes steps narrower: after n of them the learning rate is divided by 1 + n times this. The table of the "
            "seeds calls it weight_decay.",
        ),
        "weight_decay": Limit(0.0, 1.0, "Weight decay", "True pull of all weights towards zero."),
        "dropout": Limit(0.0, 0.95, "Dropout", "Share of values left out at random between layers."),
        "recurrent_dropout": Limit(
            0.0, 0.95, "Recurrent dropout", "The same of what an LSTM layer remembers of its last output."
        ),
        "epochs": LIMITS["epochs"],
        "minutes": Limit(0.05, 100_000.0, "Minutes", "Time to train for."),
        "patience": LIMITS["patience"],
        "threads": LIMITS["threads"],
        "save_seconds": LIMITS["save_seconds"],
        "seed": LIMITS["seed"],
    }
)
"""By name of the setting in ``WindowedTrainConfig``."""


@dataclass(frozen=True, slots=True)
class WindowedTrainConfig:
    """Everything a training of a windowed network depends on, beside the data set.

    ``WINDOWED_LIMITS`` explains each number.

    Attributes:
        preset: Name of the preset the other values began from.
        layers: The stack of layers.
        optimizer: "adam", "adamw" or "rmsprop", with Keras' constants. A weight decay is taken by all three.
        seed_order: Whether dropout stands before the pool, as in the seeds; it costs a network much of what it learned.
        epochs: Epochs to train for; None leaves it to ``minutes``. With both, whichever ends first.
        minutes: Time budget; None leaves it to ``epochs``.
        precision: As in ``TrainConfig``.

    Raises:
        UsageError: A value is out of range.
    """

    preset: str
    layers: Stack
    window: int
    batch: int
    learning_rate: float
    dropout: float
    recurrent_dropout: float
    optimizer: Optimizer = "adam"
    embedding: int = 0
    time_decay: float = 0.0
    weight_decay: float = 0.0
    seed_order: bool = False
    epochs: int | None = None
    minutes: float | None = None
    patience: int = 0
    threads: int = 0
    save_seconds: float = 30.0
    seed: int = SEED
    precision: Precision = "auto"

    def __post_init__(self) -> None:
        check_limits(self, WINDOWED_LIMITS)
        check_choice("Precision", self.precision, get_args(Precision))
        check_choice("The optimizer", self.optimizer, get_args(Optimizer))
        if self.epochs is None and self.minutes is None:
            raise UsageError("Neither epochs nor minutes are given.", "Say how long to train.")
        try:
            check_stack(self.layers)
        except ValueError as error:
            raise UsageError(str(error)) from error

    @staticmethod
    def from_preset(preset: str, **overrides: Any) -> "WindowedTrainConfig":
        """A preset's settings with some of them replaced. The recurrent dropout goes along with the dropout.

        Raises:
            UsageError: There is no such preset or setting, or a value is out of range.
        """
        if preset not in WINDOWED_PRESETS:
            raise UsageError(f"There is no preset {preset!r}.", f"Choose one of {', '.join(WINDOWED_PRESETS)}.")
        chosen = WINDOWED_PRESETS[preset]
        names = ("window", "batch", "learning_rate", "dropout", "optimizer", "epochs")
        values: dict[str, Any] = {name: getattr(chosen, name) for name in names}
        values |= {"layers": layers_to_json(chosen.layers), **overrides, "preset": preset}
        values.setdefault("recurrent_dropout", values["dropout"])
        if values["optimizer"] == "adamw":
            values.setdefault("weight_decay", ADAMW_DECAY)
        return WindowedTrainConfig.from_json(values)

    @staticmethod
    def from_json(values: Mapping[str, Any]) -> "WindowedTrainConfig":
        """The config from the values ``to_json`` gave.

        Raises:
            UsageError: There is no such setting, one is missing, or a value is out of range.
        """
        check_names(WindowedTrainConfig, values)
        try:
            layers = layers_from_json(values["layers"])
        except ValueError as error:
            raise UsageError(str(error)) from error
        return WindowedTrainConfig(**{**values, "layers": layers})

    def to_json(self) -> dict[str, Any]:
        """The config as JSON values."""
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return {**values, "layers": layers_to_json(self.layers)}

    def settled(self, notes: int) -> "WindowedTrainConfig":
        """The settings as they are: nothing is left to the size of the collection."""
        return self

    def rate(self, step: int, planned: int) -> float:
        """The learning rate of one step."""
        return self.learning_rate / (1 + self.time_decay * step)

    def network(self, fields: tuple[Field, ...], positions: tuple[Field, ...] = ()) -> WindowedConfig:
        """The network for rows of these fields.

        Raises:
            UsageError: They are not the tokens of the seed codec, or the network would be too large.
        """
        if [field.name for field in fields] != [TOKEN]:
            raise UsageError(
                "The networks of the seeds read the tokens of the seed codec, and this data set holds notes.",
                "Prepare it with the seed codec (--codec seed), or choose the preset small, medium or large.",
            )
        try:
            return WindowedConfig(
                vocabulary=fields[0].size - 1,
                window=self.window,
                layers=in_seed_order(self.layers) if self.seed_order else self.layers,
                embedding=self.embedding,
                dropout=self.dropout,
                recurrent_dropout=self.recurrent_dropout,
            )
        except ValueError as error:
            raise UsageError(str(error), "Choose narrower layers.") from error


AnyTrainConfig: TypeAlias = TrainConfig | WindowedTrainConfig


def config_from_preset(preset: str, **overrides: Any) -> AnyTrainConfig:
    """The settings of a preset of either kind with some of them replaced.

    Raises:
        UsageError: There is no such preset or setting, or a value is out of range.
    """
    if preset in WINDOWED_PRESETS:
        return WindowedTrainConfig.from_preset(preset, **overrides)
    return TrainConfig.from_preset(preset, **overrides)


def config_from_json(values: Mapping[str, Any]) -> AnyTrainConfig:
    """The settings of either kind from the values ``to_json`` gave.

    Raises:
        UsageError: There is no such setting, one is missing, or a value is out of range.
    """
    if values.get("preset") in WINDOWED_PRESETS:
        return WindowedTrainConfig.from_json(values)
    return TrainConfig.from_json(values)
