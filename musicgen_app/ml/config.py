"""The settings of a training, checked, with ranges and explanations for whoever shows them in a form."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, get_args

from musicgen_app.core.errors import UsageError
from musicgen_app.generation.checkpoint import NetworkConfig, knows_pitches
from musicgen_app.generation.presets import DEFAULT_PRESET, DEFAULT_RECENT, PRESETS
from musicgen_app.ml.schedule import learning_rate
from musicgen_app.tokens.codec import Field

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

DEFAULT_EPOCHS = 40
MUCH_MUSIC = 100_000
"""Notes from which on windows are shifted to random keys, where nobody has decided."""

Precision = Literal["auto", "float32", "bfloat16"]


@dataclass(frozen=True, slots=True)
class Limit:
    """What one setting may be.

    Attributes:
        low, high: The range, both ends allowed.
        title: What a form calls it.
        explanation: What it does, in a sentence or two.
    """

    low: float
    high: float
    title: str
    explanation: str


LIMITS: Mapping[str, Limit] = MappingProxyType(
    {
        "units": Limit(
            16, 2048, "Units", "Width of each LSTM layer. Twice as wide learns more and takes up to four times as long."
        ),
        "layers": Limit(1, 3, "Layers", "LSTM layers, one on top of the other."),
        "embedding": Limit(4, 512, "Embedding", "Width in which each field of a note is shown to the network."),
        "head_units": Limit(8, 2048, "Head units", "Width of the hidden layer that foretells each field."),
        "recent": Limit(
            0,
            64,
            "Recent pitches",
            "So many last notes are shown, and intervals to them learned: a figure counts alike in every key.",
        ),
        "dropout": Limit(
            0.0,
            0.8,
            "Dropout",
            "Share of values left out at random; more keeps a small collection from being memorised.",
        ),
        "batch": Limit(1, 512, "Batch", "Windows learned from at once. Smaller means more, and more restless, steps."),
        "window": Limit(8, 2048, "Window", "Notes in one window: how far back the network learns to listen."),
        "learning_rate": Limit(
            1e-6, 0.1, "Learning rate", "Greatest step width; it rises at first and falls to almost nothing at the end."
        ),
        "weight_decay": Limit(
            0.0, 1.0, "Weight decay", "Pull of all weights towards zero; more for a small collection."
        ),
        "smoothing": Limit(
            0.0,
            0.3,
            "Smoothing",
            "Share of certainty given up; keeps the network from being too sure in music unlike what it learned from.",
        ),
        "warmup": Limit(0, 10_000, "Warm-up", "Steps over which the learning rate rises."),
        "clip": Limit(0.01, 100.0, "Clipping", "Longest step any batch may ask for (norm of the gradient)."),
        "epochs": Limit(1, 100_000, "Epochs", "Times the whole collection is gone through."),
        "minutes": Limit(0.05, 100_000.0, "Minutes", "Time to train for; the learning rate is planned to end with it."),
        "patience": Limit(
            0, 10_000, "Patience", "Stop after so many epochs without a better validation loss; 0 never stops early."
        ),
        "threads": Limit(0, 1024, "Threads", "Processor threads to use; 0 takes all."),
        "save_seconds": Limit(1.0, 3600.0, "Save every", "Seconds between two saved states inside an epoch."),
        "seed": Limit(0, 2**31 - 1, "Seed", "Same seed, same collection, same settings: same network."),
    }
)
"""By name of the setting in ``TrainConfig``."""


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """Everything a training depends on, beside the data set. ``LIMITS`` explains each number.

    Attributes:
        preset: Name of the preset the other values began from.
        epochs: Epochs to train for; None leaves it to ``minutes``. With both, whichever ends first.
        minutes: Time budget; None leaves it to ``epochs``.
        transpose: Whether every window is shifted to a random key. None leaves it to the collection: with much music
            it helps, from few pieces a network learns to stay in a key only without it.
        repeats: Whether the network is shown what followed the same passage earlier in the piece, and may repeat it.
        precision: In what the large products are multiplied; weights, states and sums are float32 always. "auto" is
            settled by a measurement when the training begins: bfloat16 where the processor is quicker with it.

    Raises:
        UsageError: A value is out of range.
    """

    preset: str
    units: int
    layers: int
    embedding: int
    head_units: int
    dropout: float
    batch: int
    window: int
    learning_rate: float
    recent: int = DEFAULT_RECENT
    repeats: bool = True
    weight_decay: float = 0.05
    smoothing: float = 0.02
    warmup: int = 100
    clip: float = 1.0
    epochs: int | None = DEFAULT_EPOCHS
    minutes: float | None = None
    patience: int = 12
    transpose: bool | None = None
    threads: int = 0
    save_seconds: float = 30.0
    seed: int = 0
    precision: Precision = "auto"

    def __post_init__(self) -> None:
        check_limits(self, LIMITS)
        check_choice("Precision", self.precision, get_args(Precision))
        if self.epochs is None and self.minutes is None:
            raise UsageError("Neither epochs nor minutes are given.", "Say how long to train.")

    @staticmethod
    def from_preset(preset: str = DEFAULT_PRESET, **overrides: Any) -> "TrainConfig":
        """A preset's settings with some of them replaced.

        Raises:
            UsageError: There is no such preset or setting, or a value is out of range.
        """
        if preset not in PRESETS:
            raise UsageError(f"There is no preset {preset!r}.", f"Choose one of {', '.join(PRESETS)}.")
        names = {field.name for field in dataclasses.fields(TrainConfig)}
        values = {name: getattr(PRESETS[preset], name) for name in names if hasattr(PRESETS[preset], name)}
        return TrainConfig.from_json({**values, **overrides, "preset": preset})

    @staticmethod
    def from_json(values: Mapping[str, Any]) -> "TrainConfig":
        """The config from the values ``to_json`` gave.

        Raises:
            UsageError: There is no such setting, one is missing, or a value is out of range.
        """
        check_names(TrainConfig, values)
        return TrainConfig(**values)

    def rate(self, step: int, planned: int) -> float:
        """The learning rate of one step of so many planned ones (``schedule.learning_rate``)."""
        return learning_rate(step, planned, self.learning_rate, self.warmup)

    def settled(self, notes: int) -> "TrainConfig":
        """The settings with what was left to the collection decided: it has so many notes to learn from."""
        return self if self.transpose is not None else dataclasses.replace(self, transpose=notes >= MUCH_MUSIC)

    def to_json(self) -> dict[str, Any]:
        """The config as JSON values."""
        return dataclasses.asdict(self)

    def network(self, fields: tuple[Field, ...], positions: tuple[Field, ...] = ()) -> NetworkConfig:
        """The network for rows of these fields, shown these positions (``Codec.position_fields``).

        Raises:
            UsageError: Together the sizes are more than a network may have.
        """
        try:
            return NetworkConfig(
                fields=fields,
                embedding=self.embedding,
                units=self.units,
                layers=self.layers,
                head_units=self.head_units,
                dropout=self.dropout,
                positions=positions,
                recent=self.recent if knows_pitches(fields) else 0,
                repeats=self.repeats,
            )
        except ValueError as error:
            raise UsageError(str(error), "Choose fewer units or layers.") from error


def check_limits(config: object, limits: Mapping[str, Limit]) -> None:
    """Hold every setting that has a limit against it; epochs and minutes may be None.

    Raises:
        UsageError: A value is out of range.
    """
    for name, limit in limits.items():
        value = getattr(config, name)
        if value is None and name in ("epochs", "minutes"):
            continue
        whole = isinstance(limit.low, int) and isinstance(limit.high, int)
        kinds = (int,) if whole else (int, float)
        if isinstance(value, bool) or not isinstance(value, kinds):
            raise UsageError(f"{limit.title} is {value!r}; expected a {'whole ' if whole else ''}number.")
        if not limit.low <= value <= limit.high:
            raise UsageError(f"{limit.title} is {value}; expected {limit.low} to {limit.high}.")


def check_choice(title: str, value: object, choices: Sequence[str]) -> None:
    """Refuse what is none of some words.

    Raises:
        UsageError: It is not.
    """
    if value not in choices:
        raise UsageError(f"{title} is {value!r}; expected one of {', '.join(choices)}.")


def check_names(kind: type["DataclassInstance"], values: Mapping[str, Any]) -> None:
    """See that values have the names of a config's settings, and that none is missing.

    Raises:
        UsageError: There is no such setting, or one is missing.
    """
    fields = dataclasses.fields(kind)
    unknown = sorted(values.keys() - {field.name for field in fields})
    if unknown:
        raise UsageError(f"There is no setting {unknown[0]!r} of a training.")
    missing = [f.name for f in fields if f.default is dataclasses.MISSING and f.name not in values]
    if missing:
        raise UsageError(f"The setting {missing[0]!r} of a training is missing.")
