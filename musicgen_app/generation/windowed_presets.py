"""The six networks of the seed experiments with the settings they were trained with, told without TensorFlow."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from musicgen_app.generation.windowed import Layer, Stack, WindowedConfig


@dataclass(frozen=True, slots=True)
class WindowedPreset:
    """A windowed network and the settings it was trained with.

    Attributes:
        name: What the command line calls it.
        title: What the window calls it.
        explanation: What it is, one or two sentences.
        layers: Its stack.
        dropout: Share left out, also of the last outputs in the layers with recurrent dropout.
        window: Tokens in a window.
        epochs: Epochs it was usually trained for.
        batch: Windows learned from at once.
        optimizer: "adam" or "rmsprop".
        learning_rate: It stays the same for the whole training.
    """

    name: str
    title: str
    explanation: str
    layers: Stack
    dropout: float
    window: int
    epochs: int
    batch: int = 256
    optimizer: str = "adam"
    learning_rate: float = 0.001

    def network(self, vocabulary: int) -> WindowedConfig:
        """The network for so many words."""
        return WindowedConfig(
            vocabulary, self.window, self.layers, dropout=self.dropout, recurrent_dropout=self.dropout
        )


_NORM, _DROPOUT, _POOL = Layer("norm"), Layer("dropout"), Layer("pool")


def _stack(*recurrent: int, dense: tuple[int, ...], dropped: int = 2) -> Stack:
    """LSTM layers, the first ones with recurrent dropout, then dense layers, all normalised and with dropout."""
    layers = [Layer("lstm", units, place < dropped) for place, units in enumerate(recurrent)]
    layers += [_NORM, _DROPOUT]
    for units in dense:
        layers += [Layer("relu", units), _NORM, _DROPOUT]
    return tuple(layers)


_ALL = (
    WindowedPreset(
        name="seed-base",
        title="Seed: base",
        explanation="Three LSTM layers of 512. Most of the experiments.",
        layers=_stack(512, 512, 512, dense=(256,)),
        dropout=0.3,
        window=10,
        epochs=400,
    ),
    WindowedPreset(
        name="seed-reduced",
        title="Seed: reduced",
        explanation="The same at half the width: three LSTM layers of 256.",
        layers=_stack(256, 256, 256, dense=(128,)),
        dropout=0.3,
        window=10,
        epochs=400,
    ),
    WindowedPreset(
        name="seed-complex1",
        title="Seed: complex 1",
        explanation="LSTM layers of 1024, 512 and 256, two dense layers.",
        layers=_stack(1024, 512, 256, dense=(256, 128)),
        dropout=0.5,
        window=10,
        epochs=400,
    ),
    WindowedPreset(
        name="seed-complex2",
        title="Seed: complex 2",
        explanation="LSTM layers of 1024, 512, 256 and 128, three dense layers. The published result.",
        layers=_stack(1024, 512, 256, 128, dense=(128, 64, 32)),
        dropout=0.3,
        window=40,
        epochs=700,
    ),
    WindowedPreset(
        name="seed-bidi",
        title="Seed: bidirectional",
        explanation="An LSTM layer of 512 in two directions, with attention. Its memory grows with the window squared.",
        layers=(Layer("bilstm", 512), Layer("attention", 32), _POOL, _DROPOUT),
        dropout=0.5,
        window=10,
        epochs=800,
    ),
    WindowedPreset(
        name="seed-article",
        title="Seed: article",
        explanation="LSTM layers of 256, 512 and 256 with the settings of the article the experiments build on.",
        layers=(
            Layer("lstm", 256),
            _DROPOUT,
            Layer("lstm", 512),
            _DROPOUT,
            Layer("lstm", 256),
            Layer("dense", 256),
            _DROPOUT,
        ),
        dropout=0.3,
        window=100,
        epochs=200,
        batch=128,
        optimizer="rmsprop",
    ),
)

WINDOWED_PRESETS: Mapping[str, WindowedPreset] = MappingProxyType({preset.name: preset for preset in _ALL})
"""By name."""
