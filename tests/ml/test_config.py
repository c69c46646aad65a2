"""The settings of a training are checked before anything is computed."""

import dataclasses
import subprocess
import sys
from typing import Any

import pytest

from musicgen_app.core.errors import UsageError
from musicgen_app.generation.presets import PRESETS
from musicgen_app.ml.config import LIMITS, TrainConfig
from musicgen_app.tokens.codec import Field
from tests.ml.synthetic import tiny_config

_OTHERS = ("preset", "transpose", "repeats", "precision")
_NUMBERS = [f.name for f in dataclasses.fields(TrainConfig) if f.name not in _OTHERS]


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_gives_a_config_with_its_sizes(preset: str) -> None:
    config = TrainConfig.from_preset(preset)
    assert (config.preset, config.units, config.batch) == (preset, PRESETS[preset].units, PRESETS[preset].batch)
    fields = (Field("time", 10), Field("pitch", 131))
    assert config.network(fields) == PRESETS[preset].network(fields)


def test_every_number_has_a_limit_with_an_explanation() -> None:
    assert sorted(LIMITS) == sorted(_NUMBERS)
    assert all(limit.title and limit.explanation.endswith(".") for limit in LIMITS.values())


def test_a_config_comes_back_from_json() -> None:
    config = tiny_config(epochs=None, minutes=2.5)
    assert TrainConfig.from_json(config.to_json()) == config


def test_a_precision_nobody_knows_is_refused() -> None:
    with pytest.raises(UsageError, match=r"float16.*bfloat16"):
        tiny_config(precision="float16")


@pytest.mark.parametrize("name", _NUMBERS)
def test_a_value_out_of_range_is_refused_with_its_title(name: str) -> None:
    for value in (LIMITS[name].low - 1, LIMITS[name].high + 1):
        with pytest.raises(UsageError, match=LIMITS[name].title):
            tiny_config(**{name: value})


@pytest.mark.parametrize(
    ("overrides", "told"),
    [
        ({"units": 64.0}, "whole number"),
        ({"units": True}, "whole number"),
        ({"dropout": "0.2"}, "expected a number"),
        ({"dropout": None}, "expected a number"),
        ({"colour": 1}, "no setting 'colour'"),
        ({"epochs": None, "minutes": None}, "Neither epochs nor minutes"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused(overrides: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        tiny_config(**overrides)


def test_an_unknown_preset_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match="small, medium, large"):
        TrainConfig.from_preset("huge")


def test_a_missing_setting_is_named() -> None:
    with pytest.raises(UsageError, match="'units'"):
        TrainConfig.from_json({"preset": "small"})


def test_sizes_that_are_too_much_together_are_refused() -> None:
    with pytest.raises(UsageError, match="too large"):
        tiny_config(units=2048, layers=3, head_units=2048, embedding=512).network(
            tuple(Field(f"f{n}", 32_000) for n in range(8))
        )


def test_config_reports_and_verbs_leave_tensorflow_alone() -> None:
    modules = (
        "musicgen_app.ml.config, musicgen_app.ml.reports, musicgen_app.ml.schedule, musicgen_app.ml.checkpoint, "
        "musicgen_app.workflow.train, musicgen_app.workflow.evaluate, musicgen_app.workflow.child, musicgen_app.worker"
    )
    script = f"import sys, {modules}; sys.exit(any(m in sys.modules for m in ('tensorflow', 'keras')))"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
