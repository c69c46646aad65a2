"""A run's settings become those of a new training, as far as there is a place for them."""

from pathlib import Path

import pytest

from musicgen_app.core.errors import UsageError
from musicgen_app.generation.windowed_presets import WINDOWED_PRESETS
from musicgen_app.ml.config import TrainConfig
from musicgen_app.ml.windowed_config import WindowedTrainConfig
from musicgen_app.project.runs import RunRecord
from musicgen_app.project.seed_row import ARCHITECTURES, SeedRow
from musicgen_app.workflow.clone import clone
from tests.project.experiments import row


def imported(found: SeedRow) -> RunRecord:
    return RunRecord(1, Path("0001"), "Test 1", preset=found.architecture, settings=found.settings, row=found)


def test_an_imported_row_brings_its_network_and_all_its_settings() -> None:
    found = clone(
        imported(
            row(
                learning_rate="0.002", batch_size="64", epochs="300", sequence_length="40", dropout="0.25",
                weight_decay="0.05", optimizer="RMSprop", comments="complex model 2",
            )
        )
    )  # fmt: skip
    assert found.config == WindowedTrainConfig.from_preset(
        "seed-complex2",
        learning_rate=0.002,
        batch=64,
        epochs=300,
        window=40,
        dropout=0.25,
        recurrent_dropout=0.25,
        time_decay=0.05,
        weight_decay=0.0,
        optimizer="rmsprop",
    )
    assert found.remarks == ()


def test_what_is_beyond_the_limits_is_brought_within_and_told() -> None:
    found = clone(imported(row(sequence_length="0", dropout="0.99", optimizer="Nadam", comments="base model")))
    assert isinstance(found.config, WindowedTrainConfig)
    assert (found.config.window, found.config.dropout, found.config.optimizer) == (1, 0.95, "adam")
    assert found.remarks == (
        "Window is 1 instead of 0.",
        "Dropout is 0.95 instead of 0.99.",
        "The optimizer Nadam is not known here.",
    )


def test_a_row_that_does_not_say_its_network_gets_the_usual_one() -> None:
    found = clone(imported(row(test_id="900", comments="", optimizer="")))
    assert found.config.preset == "seed-base"
    assert "does not say which network" in found.remarks[0]


def test_what_the_repaired_order_changes_is_told() -> None:
    found = clone(imported(row(comments="bidirectional")))
    assert found.config == WindowedTrainConfig.from_preset("seed-bidi")
    assert "Seed-compatible order" in found.remarks[0]


def test_every_network_of_the_seeds_has_a_preset() -> None:
    assert {f"seed-{name}" for name in ARCHITECTURES} == set(WINDOWED_PRESETS)


def test_a_run_of_our_own_brings_all_its_settings() -> None:
    for config in (
        TrainConfig.from_preset("small", seed=7, weight_decay=0.02),
        WindowedTrainConfig.from_preset("seed-base", window=7, layers=[["lstm", 8, False], ["norm", 0, False]]),
    ):
        assert clone(RunRecord(1, Path("0001"), "Run 1", settings=config.to_json())).config == config
    with pytest.raises(UsageError):
        clone(RunRecord(1, Path("0001"), "Run 1", settings={"preset": "small", "colour": 3}))
