"""The settings of a run as a new training would have them, as far as this program knows them."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from musicgen_app.generation.presets import PRESETS
from musicgen_app.ml.config import LIMITS, TrainConfig
from musicgen_app.project.runs import RunRecord
from musicgen_app.project.seed_row import ARCHITECTURES

TAKEN_OVER = ("learning_rate", "batch", "epochs", "window", "dropout")
"""Settings of an imported row that a training of ours has too, under the same names."""

NEAREST_PRESET: Mapping[str, str] = MappingProxyType(
    {
        "base": "large",
        "reduced": "medium",
        "complex1": "large",
        "complex2": "large",
        "bidi": "medium",
        "article": "medium",
    }
)
"""For each of the seeds' networks the preset nearest to it in size, as long as there is none of its own name."""


@dataclass(frozen=True, slots=True)
class Clone:
    """What to fill into the form.

    Attributes:
        config: The settings.
        remarks: What is different from the run, in sentences.
    """

    config: TrainConfig
    remarks: tuple[str, ...] = ()


def clone(run: RunRecord) -> Clone:
    """The settings of a run.

    Raises:
        UsageError: A run of another version has settings this one does not know.
    """
    if run.row is None:
        return Clone(TrainConfig.from_json(run.settings))
    preset, remarks = _preset(run.preset)
    values: dict[str, Any] = {}
    for name in TAKEN_OVER:
        value = run.settings.get(name)
        if isinstance(value, int | float):
            values[name], told = _within_limits(name, value)
            remarks += told
    if run.settings.get("lr_time_decay"):
        remarks.append(f"Its LR time decay of {run.settings['lr_time_decay']} is left out.")
    return Clone(TrainConfig.from_preset(preset, **values), tuple(remarks))


def _preset(architecture: str) -> tuple[str, list[str]]:
    if architecture in PRESETS:
        return architecture, []
    nearest = NEAREST_PRESET.get(architecture, "")
    if nearest not in PRESETS:
        return TrainConfig.from_preset().preset, []
    return nearest, [f"{PRESETS[nearest].title} is the network nearest to {ARCHITECTURES[architecture]}."]


def _within_limits(name: str, value: float) -> tuple[float, list[str]]:
    limit = LIMITS[name]
    fitting = min(max(value, limit.low), limit.high)
    told = [] if fitting == value else [f"{limit.title} is {fitting:g} instead of {value:g}."]
    return fitting, told
