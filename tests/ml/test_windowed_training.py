"""Windowed networks learn in the same loop as ours: with its checkpoints, its ways to end, and going on exactly."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from musicgen_app.core.errors import Cancelled, DatasetError, UsageError
from musicgen_app.dataset.store import Dataset
from musicgen_app.generation.checkpoint import read_checkpoint
from musicgen_app.generation.windowed import WindowedConfig
from musicgen_app.generation.windowed_presets import WINDOWED_PRESETS
from musicgen_app.ml.config import TrainConfig
from musicgen_app.ml.control import TrainControl
from musicgen_app.ml.job import Job
from musicgen_app.ml.reports import BatchReport, EpochReport, TrainResult, TrainStarted
from musicgen_app.ml.runfolder import RunFolder
from musicgen_app.ml.windowed_config import (
    WINDOWED_LIMITS,
    WindowedTrainConfig,
    config_from_json,
    config_from_preset,
)
from musicgen_app.tokens.notes import metrical_codec
from tests.dataset.wordsets import write_words
from tests.tokens.words import WordCodec

TINY = {
    "layers": [["lstm", 8, True], ["norm", 0, False], ["dropout", 0, False], ["relu", 6, False]],
    "window": 3,
    "batch": 8,
    "epochs": 3,
    "dropout": 0.2,
    "precision": "float32",
}
SCALE = [word for _ in range(6) for word in range(9)]


def tiny(**overrides: Any) -> WindowedTrainConfig:
    return WindowedTrainConfig.from_preset("seed-base", **{**TINY, **overrides})


@pytest.fixture
def words(tmp_path: Path) -> Dataset:
    return write_words(tmp_path / "words", [SCALE, SCALE[:20]], [SCALE[:12], [1, 2]])


@pytest.mark.parametrize("preset", WINDOWED_PRESETS)
def test_presets_hold_the_settings_of_the_experiments(preset: str) -> None:
    config = config_from_preset(preset)
    assert isinstance(config, WindowedTrainConfig)
    assert config.seed == 11
    assert config.patience == 0
    assert config.rate(1000, 0) == config.learning_rate == 0.001
    assert config.recurrent_dropout == config.dropout
    assert config.settled(10) is config
    assert config_from_json(json.loads(json.dumps(config.to_json()))) == config
    assert config.network(WordCodec(702).fields) == WINDOWED_PRESETS[preset].network(702)
    article = preset == "seed-article"
    assert (config.optimizer, config.batch) == (("rmsprop", 128) if article else ("adam", 256))


def test_our_own_presets_are_found_as_well() -> None:
    config = config_from_preset("small")
    assert isinstance(config, TrainConfig)
    assert config_from_json(config.to_json()) == config


def test_settings_follow_from_each_other() -> None:
    assert tiny(dropout=0.5).recurrent_dropout == 0.5
    assert tiny(dropout=0.5, recurrent_dropout=0.1).recurrent_dropout == 0.1
    assert tiny(optimizer="adamw").weight_decay == 0.004
    assert tiny(optimizer="adamw", weight_decay=0.1).weight_decay == 0.1
    assert tiny(time_decay=0.5).rate(4, 0) == pytest.approx(0.001 / 3)


def test_the_order_of_the_seeds_is_a_setting() -> None:
    fields = WordCodec().fields
    kinds = {
        order: [layer.kind for layer in config_from_preset("seed-bidi", seed_order=order).network(fields).layers]
        for order in (False, True)
    }
    assert kinds[False][2:] == ["pool", "dropout"]
    assert kinds[True][2:] == ["dropout", "pool"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"optimizer": "sgd"},
        {"precision": "float16"},
        {"epochs": None},
        {"layers": [["relu", 5, False]]},
        {"layers": "lstm"},
        {"units": 4},
        *({name: limit.high + 1} for name, limit in WINDOWED_LIMITS.items()),
    ],
)
def test_a_setting_out_of_range_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        tiny(**wrong)


def test_every_number_has_its_limits() -> None:
    others = {"preset", "layers", "optimizer", "seed_order", "precision"}
    assert sorted(WINDOWED_LIMITS) == sorted({f.name for f in dataclasses.fields(WindowedTrainConfig)} - others)
    assert all(limit.title and limit.explanation.endswith(".") for limit in WINDOWED_LIMITS.values())


def test_an_unknown_preset_and_too_wide_layers_are_refused() -> None:
    with pytest.raises(UsageError, match="no preset"):
        WindowedTrainConfig.from_preset("seed-huge")
    with pytest.raises(UsageError, match="too large"):
        tiny(layers=[["lstm", 4096, False]] * 3).network(WordCodec().fields)


def test_a_data_set_of_notes_is_refused_in_a_sentence() -> None:
    with pytest.raises(UsageError, match="seed codec"):
        tiny().network(metrical_codec().fields, metrical_codec().position_fields)


@pytest.mark.usefixtures("tensorflow")
@pytest.mark.parametrize("optimizer", ["adam", "adamw", "rmsprop"])
def test_steps_are_those_of_keras_optimizers(optimizer: str) -> None:
    import keras
    import tensorflow as tf

    from musicgen_app.ml.windowed_learner import _optimizer

    config = tiny(optimizer=optimizer, weight_decay=0.01 if optimizer == "adamw" else 0.0)
    rng = np.random.default_rng(3)
    begin = rng.normal(0, 1, (3, 4)).astype(np.float32)
    ours, theirs = keras.Variable(begin), keras.Variable(begin)
    _, apply = _optimizer({"a.kernel": ours}, config)
    kinds = {"adam": keras.optimizers.Adam, "adamw": keras.optimizers.AdamW, "rmsprop": keras.optimizers.RMSprop}
    decay = {"weight_decay": 0.01} if optimizer == "adamw" else {}
    stock = kinds[optimizer](0.01, **decay)
    for step in range(5):
        gradient = tf.constant(rng.normal(0, 1, (3, 4)).astype(np.float32))
        apply([gradient], tf.constant(0.01), tf.constant(step))
        stock.apply([gradient], [theirs])
    np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-5, atol=1e-6)


def _train(folder: Path, dataset: Dataset, act: Callable[[object], None] = lambda _: None, **given: Any) -> TrainResult:
    from musicgen_app.ml.training import train

    control = given.pop("control", TrainControl())
    run = RunFolder(folder)
    with run.locked():
        return train(Job(tiny(**given), dataset, run, "Test"), act, control)


@pytest.mark.usefixtures("tensorflow")
@pytest.mark.parametrize("optimizer", ["adam", "rmsprop"])
def test_a_stopped_training_goes_on_exactly(tmp_path: Path, words: Dataset, optimizer: str) -> None:
    told: list[object] = []
    settings = {"optimizer": optimizer, "time_decay": 0.01}
    whole = _train(tmp_path / "whole", words, told.append, **settings)
    started = next(report for report in told if isinstance(report, TrainStarted))
    assert started.validation_notes == 9
    assert started.train_notes == 74
    assert started.batches == 9
    control = TrainControl()

    def stop(report: object) -> None:
        if isinstance(report, BatchReport) and report.epoch == 2:
            control.cancel()

    with pytest.raises(Cancelled):
        _train(tmp_path / "cut", words, stop, control=control, **settings)
    cut = _train(tmp_path / "cut", words, **settings)
    assert cut.validation == pytest.approx(whole.validation, rel=1e-6)
    one, other = (read_checkpoint(result.checkpoint).weights for result in (whole, cut))
    assert all(np.allclose(one[name], other[name], rtol=1e-6) for name in one)
    assert (tmp_path / "whole" / "losses.csv").read_text().splitlines()[0] == "epoch,train,validation,token,seconds"


@pytest.mark.usefixtures("tensorflow")
def test_it_learns_and_says_what_its_checkpoint_says(tmp_path: Path, words: Dataset) -> None:
    from musicgen_app.dataset.token_windows import counted
    from musicgen_app.ml.trainee import evaluator_of

    told: list[object] = []
    result = _train(tmp_path / "run", words, told.append, epochs=25, learning_rate=0.02, dropout=0.0)
    epochs = [report for report in told if isinstance(report, EpochReport)]
    assert epochs[-1].train < 1.0 < epochs[0].train
    assert result.validation is not None
    model = read_checkpoint(result.checkpoint)
    assert isinstance(model.header.network, WindowedConfig)
    assert model.header.network.fits(WordCodec())
    pieces = [words.rows(piece) for piece in words.pieces_of("validation")]
    first, second = evaluator_of(model, WordCodec(), 2).read(pieces)
    assert first.nats_per_note == pytest.approx(result.validation, rel=1e-5)
    assert first.notes == counted(WordCodec(), pieces[0], 3).sum() == 9
    assert (second.notes, second.nats) == (0, (0.0,))


@pytest.mark.usefixtures("tensorflow")
def test_without_a_countable_token_nothing_is_validated(tmp_path: Path) -> None:
    words = write_words(tmp_path / "words", [SCALE], [[1, 2, 3]])
    result = _train(tmp_path / "run", words, epochs=1)
    assert result.validation is None


@pytest.mark.usefixtures("tensorflow")
def test_too_little_music_ends_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="too few"):
        _train(tmp_path / "run", write_words(tmp_path / "words", [[1, 2, 3]]), epochs=1)


def test_a_training_cannot_start_from_a_network_of_the_seeds() -> None:
    from musicgen_app.generation.checkpoint import CheckpointHeader
    from musicgen_app.ml.tuning import tuned_config

    with pytest.raises(UsageError, match="cannot start from a network of the seeds"):
        tuned_config(CheckpointHeader(tiny().network(WordCodec().fields), {}))
