"""A run's settings become those of a new training, as far as there is a place for them."""

from pathlib import Path

import pytest

from musicgen_app.core.errors import UsageError
from musicgen_app.generation.presets import PRESETS
from musicgen_app.ml.config import TrainConfig
from musicgen_app.project.runs import RunRecord
from musicgen_app.project.seed_row import ARCHITECTURES, SeedRow
from musicgen_app.workflow.clone import NEAREST_PRESET, clone
from tests.project.experiments import row


def imported(found: SeedRow) -> RunRecord:
    return RunRecord(1, Path("0001"), "Test 1", preset=found.architecture, settings=found.settings, row=found)


def test_an_imported_row_brings_what_a_training_of_ours_has_too() -> None:
    found = clone(
        imported(
            row(
                learning_rate="0.002", batch_size="64", epochs="300", sequence_length="40", dropout="0.25",
                weight_decay="0.05", comments="complex model 2",
            )
        )
    )  # fmt: skip
    config = found.config
    assert (config.learning_rate, config.batch, config.epochs, config.window) == (0.002, 64, 300, 40)
    assert (config.dropout, config.preset) == (0.25, "large")
    assert config.weight_decay == TrainConfig.from_preset("large").weight_decay
    assert found.remarks == (
        "Large is the network nearest to Complex 2.",
        "Its LR time decay of 0.05 is left out.",
    )


def test_what_is_beyond_the_limits_is_brought_within_and_told() -> None:
    found = clone(imported(row(sequence_length="5", dropout="0.9", comments="base model")))
    assert (found.config.window, found.config.dropout) == (8, 0.8)
    assert found.remarks[1:] == ("Window is 8 instead of 5.", "Dropout is 0.8 instead of 0.9.")


def test_a_row_that_says_nothing_leaves_the_usual_settings() -> None:
    assert clone(imported(row())).config == TrainConfig.from_preset()


def test_every_network_of_the_seeds_has_a_preset() -> None:
    assert set(NEAREST_PRESET) == set(ARCHITECTURES)
    assert set(NEAREST_PRESET.values()) <= set(PRESETS)


def test_a_run_of_our_own_brings_all_its_settings() -> None:
    config = TrainConfig.from_preset("small", seed=7, weight_decay=0.02)
    assert clone(RunRecord(1, Path("0001"), "Run 1", settings=config.to_json())).config == config
    with pytest.raises(UsageError):
        clone(RunRecord(1, Path("0001"), "Run 1", settings={"preset": "small", "colour": 3}))
