"""The three sizes of network a person chooses from, told without loading TensorFlow."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from musicgen_app.generation.checkpoint import NetworkConfig, knows_pitches
from musicgen_app.tokens.codec import Field

DEFAULT_RECENT = 16
"""Pitches that every preset tells intervals from."""


@dataclass(frozen=True, slots=True)
class Preset:
    """A network and the training settings that suit it.

    Attributes:
        name: What the command line calls it.
        title: What the window calls it.
        explanation: When to choose it, one or two sentences.
        units, layers, embedding, head_units, dropout: As in ``NetworkConfig``.
        batch: Windows trained on at once.
        window: Rows a window is long.
        learning_rate: The highest rate of the schedule.
        notes_per_second: Rows a second trained on by two cores of a current laptop; a first estimate until the
            training itself measures.
    """

    name: str
    title: str
    explanation: str
    units: int
    layers: int
    embedding: int
    head_units: int
    dropout: float
    batch: int
    window: int
    learning_rate: float
    notes_per_second: float

    def network(self, fields: tuple[Field, ...], positions: tuple[Field, ...] = ()) -> NetworkConfig:
        """The network for rows of these fields, shown these positions."""
        return NetworkConfig(
            fields=fields,
            embedding=self.embedding,
            units=self.units,
            layers=self.layers,
            head_units=self.head_units,
            dropout=self.dropout,
            positions=positions,
            recent=DEFAULT_RECENT if knows_pitches(fields) else 0,
            repeats=True,
        )

    def parameters(self, fields: tuple[Field, ...], positions: tuple[Field, ...] = ()) -> int:
        """How many numbers the network learns."""
        return self.network(fields, positions).parameters()


_SMALL = Preset(
    name="small",
    title="Small",
    explanation="One layer of 256. Learns a handful of pieces in minutes; good for a first try.",
    units=256,
    layers=1,
    embedding=48,
    head_units=192,
    dropout=0.2,
    batch=16,
    window=96,
    learning_rate=3e-3,
    notes_per_second=26_000,
)
_MEDIUM = Preset(
    name="medium",
    title="Medium",
    explanation="Two layers of 384. The usual choice, from a few pieces to some hours of music.",
    units=384,
    layers=2,
    embedding=64,
    head_units=256,
    dropout=0.3,
    batch=16,
    window=96,
    learning_rate=2e-3,
    notes_per_second=11_000,
)
_LARGE = Preset(
    name="large",
    title="Large",
    explanation="Two layers of 512. For large collections and a night or more of training.",
    units=512,
    layers=2,
    embedding=64,
    head_units=256,
    dropout=0.3,
    batch=16,
    window=96,
    learning_rate=2e-3,
    notes_per_second=9_000,
)

PRESETS: Mapping[str, Preset] = MappingProxyType({p.name: p for p in (_SMALL, _MEDIUM, _LARGE)})
"""By name, smallest first."""

DEFAULT_PRESET = "medium"
