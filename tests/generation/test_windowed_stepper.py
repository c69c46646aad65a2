"""Windowed networks generate by streams, and say exactly what the plain definition says of each window."""

import os
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest

from musicgen_app.core.errors import CheckpointError
from musicgen_app.generation.checkpoint import write_checkpoint
from musicgen_app.generation.generator import SampleConfig, continue_openings
from musicgen_app.generation.opening import Opening
from musicgen_app.generation.ready import make_ready
from musicgen_app.generation.windowed import Layer, WindowedConfig, in_seed_order
from musicgen_app.generation.windowed_stepper import WindowedStepper
from tests.generation.networks import plain_windowed_logits, windowed_checkpoint
from tests.tokens.words import WordCodec, rows_of, word_codec_from

_NORM, _DROPOUT = Layer("norm"), Layer("dropout")
_DEEP = (Layer("lstm", 24, True), Layer("lstm", 10), _NORM, _DROPOUT, Layer("relu", 7), _NORM, _DROPOUT)
_ARTICLE = (Layer("lstm", 8), _DROPOUT, Layer("lstm", 12), Layer("dense", 6), _DROPOUT)
_BOTH = (Layer("bilstm", 9), Layer("attention", 4), Layer("pool"), _DROPOUT)
CONFIGS = {
    "deep": WindowedConfig(9, 5, _DEEP),
    "article": WindowedConfig(9, 4, _ARTICLE),
    "embedding": WindowedConfig(9, 5, _DEEP, embedding=6),
    "both ways": WindowedConfig(9, 5, _BOTH),
    "seed order, embedding": WindowedConfig(9, 3, in_seed_order(_BOTH), embedding=6),
    "window of one": WindowedConfig(9, 1, _DEEP),
}
WORDS = np.random.default_rng(1).integers(0, 9, (3, 14)).astype(np.int16)


def _stepper(config: WindowedConfig) -> WindowedStepper:
    return WindowedStepper(config, windowed_checkpoint(config).weights)


def _rows(words: np.ndarray) -> np.ndarray:
    return words[:, np.newaxis].astype(np.int16)


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_each_token_is_foretold_from_the_window_before_it(config: WindowedConfig) -> None:
    checkpoint, stepper = windowed_checkpoint(config), _stepper(config)
    stepper.start(3)
    assert stepper.batch == 3
    for step in range(WORDS.shape[1]):
        hidden = stepper.feed(_rows(WORDS[:, step]))
        found = stepper.logits(hidden, 0, np.empty((3, 0), np.int16))
        assert np.isneginf(found[:, -1]).all()
        for words, logits in zip(WORDS, found, strict=True):
            window = words[max(0, step + 1 - config.window) : step + 1].tolist()
            assert np.abs(logits[:-1] - plain_windowed_logits(checkpoint, window)).max() < 1e-4


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
@pytest.mark.parametrize("heard", [0, 3, 12])
def test_reading_at_once_is_hearing_token_by_token(config: WindowedConfig, heard: int) -> None:
    stepper, other = _stepper(config), _stepper(config)
    stepper.start(1)
    for word in WORDS[0, :heard]:
        stepper.feed(np.array([[word]], np.int16))
    before = rows_of(4, 4, 4)
    other.resume([other.read(np.concatenate([before, _rows(WORDS[0, :heard])]))])
    for word in WORDS[1, :6]:
        row = np.array([[word]], np.int16)
        np.testing.assert_allclose(stepper.feed(row), other.feed(row), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_an_end_begins_a_piece_anew(config: WindowedConfig) -> None:
    stepper = _stepper(config)
    stepper.resume([stepper.read(_rows(WORDS[0]))])
    first = stepper.feed(np.array([[9]], np.int16)).copy()
    assert np.isfinite(first[:, :-1]).all()
    stepper.start(1)
    assert np.array_equal(first, stepper.feed(np.array([[9]], np.int16)))


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_a_piece_gets_the_same_bits_whatever_the_batch_and_its_place_in_it(config: WindowedConfig) -> None:
    together, alone = _stepper(config), _stepper(config)
    together.start(3)
    many = [together.feed(_rows(WORDS[:, step])) for step in range(8)]
    for place in range(3):
        alone.start(1)
        for step in range(8):
            assert np.array_equal(alone.feed(WORDS[place : place + 1, step : step + 1])[0], many[step][place])
        state = together.state(place)
        assert state.count == 8


WALK = """
import hashlib, numpy as np
from musicgen_app.generation.windowed import Layer, WindowedConfig
from musicgen_app.generation.windowed_stepper import WindowedStepper
from tests.generation.networks import windowed_checkpoint
told = hashlib.sha256()
both = (Layer("bilstm", 256), Layer("attention", 32), Layer("pool"))
for layers in ((Layer("lstm", 256), Layer("lstm", 512), Layer("relu", 256)), both):
    config = WindowedConfig(300, 40, layers)
    stepper = WindowedStepper(config, windowed_checkpoint(config).weights)
    stepper.resume([stepper.read(np.arange(38, dtype=np.int16)[:, None])])
    for word in range(5):
        told.update(stepper.feed(np.array([[word]], np.int16)).tobytes())
print(told.hexdigest())
"""


def test_the_number_of_threads_changes_no_bit() -> None:
    digests = set()
    for threads in ("1", "3"):
        env = os.environ | {"OPENBLAS_NUM_THREADS": threads, "OMP_NUM_THREADS": threads}
        done = subprocess.run([sys.executable, "-c", WALK], env=env, capture_output=True, text=True, check=True)
        digests.add(done.stdout)
    assert len(digests) == 1


def _made(count: int, **sample: int) -> list[list[int]]:
    stepper, codec = _stepper(CONFIGS["deep"]), WordCodec()
    opening = Opening(codec, codec.decode(rows_of(*WORDS[0].tolist())))
    *_, takes = continue_openings(stepper, [opening] * count, SampleConfig(notes=20, count=count, **sample))
    return [take.rows[:, 0].tolist() for take in takes]


def test_the_generator_makes_takes_with_it() -> None:
    takes = _made(3, seed=5)
    assert [len(take) for take in takes] == [20, 20, 20]
    assert _made(1, seed=6)[0] == takes[1]


def test_a_random_pick_of_one_is_the_likeliest() -> None:
    assert _made(2, random_pick=1) == _made(2, temperature=0)
    many = _made(2, random_pick=3)
    assert many[0] != many[1]


def test_a_model_of_the_seeds_is_made_ready(tmp_path: Path) -> None:
    config, path = CONFIGS["deep"], tmp_path / "model.safetensors"
    write_checkpoint(path, windowed_checkpoint(config, WordCodec().description()))
    with patch("musicgen_app.generation.ready.codec_from", word_codec_from):
        model = make_ready(path)
        assert isinstance(model.stepper, WindowedStepper)
        assert model.window == 5
        write_checkpoint(path, windowed_checkpoint(config, WordCodec(8).description()))
        with pytest.raises(CheckpointError, match="does not fit"):
            make_ready(path)
