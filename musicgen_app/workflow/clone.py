"""The settings of a run as a new training would have them, as far as this program knows them."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, get_args

from musicgen_app.generation.presets import PRESETS
from musicgen_app.generation.windowed_presets import WINDOWED_PRESETS
from musicgen_app.ml.config import LIMITS, Limit
from musicgen_app.ml.windowed_config import (
    WINDOWED_LIMITS,
    AnyTrainConfig,
    Optimizer,
    config_from_json,
    config_from_preset,
)
from musicgen_app.project.output_file import OutputFacts
from musicgen_app.project.runs import RunRecord

TAKEN_OVER: Mapping[str, str] = MappingProxyType(
    {
        "learning_rate": "learning_rate",
        "batch": "batch",
        "epochs": "epochs",
        "window": "window",
        "dropout": "dropout",
        "lr_time_decay": "time_decay",
    }
)
"""Numbers of an imported row, and the names of the same settings in a training."""

_UNKNOWN = "seed-base"
"""Most rows were trained with it."""
_ORDER = "Its dropout stood before the greatest of all steps: tick Seed-compatible order to have it so again."


@dataclass(frozen=True, slots=True)
class Clone:
    """What to fill into the form.

    Attributes:
        config: The settings.
        output: How its output is to be made; empty for none, None as is usual.
        remarks: What is different from the run, in sentences.
    """

    config: AnyTrainConfig
    remarks: tuple[str, ...] = ()
    output: Mapping[str, Any] | None = None


def clone(run: RunRecord) -> Clone:
    """The settings of a run. An imported row brings its own network; the recurrent dropout was its dropout.

    Raises:
        UsageError: A run of another version has settings this one does not know.
    """
    if run.row is None:
        return Clone(config_from_json(run.settings), output=run.plan if run.made is None else _made(run.made))
    preset, remarks = _preset(run.preset)
    limits = LIMITS if preset in PRESETS else WINDOWED_LIMITS
    values: dict[str, Any] = {}
    for name, ours in TAKEN_OVER.items():
        value = run.settings.get(name)
        if isinstance(value, int | float) and ours in limits:
            values[ours], told = _within_limits(limits[ours], value)
            remarks += told
    optimizer = run.settings.get("optimizer")
    if isinstance(optimizer, str) and preset in WINDOWED_PRESETS:
        if optimizer.lower() in get_args(Optimizer):
            values |= {"optimizer": optimizer.lower(), "weight_decay": 0.0}
        else:
            remarks.append(f"The optimizer {optimizer} is not known here.")
    if preset == "seed-bidi":
        remarks.append(_ORDER)
    pick = run.settings.get("random_pick")
    return Clone(config_from_preset(preset, **values), tuple(remarks), {"random_pick": pick} if pick else None)


def _made(facts: OutputFacts) -> Mapping[str, Any] | None:
    return {"random_pick": facts.random_pick} if facts.random_pick is not None else None


def _preset(architecture: str) -> tuple[str, list[str]]:
    for name in (architecture, f"seed-{architecture}"):
        if name in PRESETS or name in WINDOWED_PRESETS:
            return name, []
    return _UNKNOWN, ["It does not say which network it was; the base network is taken."]


def _within_limits(limit: Limit, value: float) -> tuple[float, list[str]]:
    fitting = min(max(value, limit.low), limit.high)
    told = [] if fitting == value else [f"{limit.title} is {fitting:g} instead of {value:g}."]
    return fitting, told
