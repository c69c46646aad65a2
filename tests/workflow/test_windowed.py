"""From a data set of tokens to takes with a network of the seeds, by the same verbs as ours."""

import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest

from musicgen_app.core.errors import DatasetError, UsageError
from musicgen_app.core.progress import CancelToken, silent
from musicgen_app.generation.checkpoint import write_checkpoint
from musicgen_app.generation.generator import SampleConfig
from musicgen_app.generation.windowed import Layer, WindowedConfig
from musicgen_app.project.runs import read_run
from musicgen_app.workflow.evaluate import evaluate
from musicgen_app.workflow.generate import GenerateConfig, Take, generate
from musicgen_app.workflow.train import TrainRequest, train
from tests.dataset.wordsets import write_words
from tests.generation.networks import windowed_checkpoint
from tests.ml.synthetic import write_synthetic
from tests.tokens.words import WordCodec, rows_of, word_codec_from

SCALE = [word for _ in range(6) for word in range(9)]
TINY: dict[str, Any] = {"layers": [["lstm", 8, True], ["norm", 0, False]], "window": 3, "batch": 16}
MODEL = WindowedConfig(9, 3, (Layer("lstm", 8), Layer("norm")))


@pytest.fixture(autouse=True)
def _words_are_known() -> Iterator[None]:
    homes = ("dataset.store", "generation.ready", "workflow.evaluate", "workflow.learned")
    with ExitStack() as stack:
        for home in homes:
            stack.enter_context(patch(f"musicgen_app.{home}.codec_from", word_codec_from))
        yield


@pytest.fixture
def words(tmp_path: Path) -> Path:
    return write_words(tmp_path / "words", [SCALE, SCALE[::-1]], [SCALE[:12], [1, 2]]).folder


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model.safetensors"
    write_checkpoint(path, windowed_checkpoint(MODEL, WordCodec().description()))
    return path


def _takes(model: Path, count: int = 2, **given: Any) -> tuple[Take, ...]:
    sample = SampleConfig(notes=12, seed=4, count=count, random_pick=3)
    return generate(GenerateConfig(model, sample, **given), silent, CancelToken())


def _pitches(take: Take) -> list[int]:
    return [int(pitch) - 60 for pitch in take.score.notes["pitch"]]


def test_a_network_is_trained_measured_and_heard(tmp_path: Path, words: Path) -> None:
    run = tmp_path / "run"
    request = TrainRequest(words, run, "seed-base", TINY, epochs=2, output={"random_pick": 2})
    result = train(request, silent, CancelToken())
    assert (result.reason, read_run(run).output) == ("all epochs done", run / "run_output.mid")
    told = json.loads((run / "run.json").read_text())
    assert told["remarks"] == [
        "9 of 14 held-out tokens are measured: those with a whole window of 3 before them in their piece."
    ]
    assert (told["seed"], told["config"]["window"], told["preset"]) == (11, 3, "seed-base")
    found = evaluate(result.checkpoint, words, silent, CancelToken())
    assert found.nats_per_note == pytest.approx(result.validation, rel=1e-5)
    assert found.notes == 9
    assert found.baselines == pytest.approx(result.baselines)
    assert told["remarks"][0] in found.remarks
    takes = _takes(result.checkpoint)
    assert [len(take.score.notes) for take in takes] == [12, 12]
    assert all(take.prompt.startswith("Piece") and take.prompt_notes == 0 for take in takes)
    assert int(takes[0].score.notes["onset"][0]) == 0


def test_a_passage_is_a_window_of_training_tokens(model: Path, words: Path) -> None:
    one, two = _takes(model, passage=words)
    assert (one.prompt_notes, len(one.score.notes)) == (3, 15)
    opening = _pitches(one)[:3]
    assert "".join(map(str, opening)) in "".join(map(str, SCALE + SCALE[::-1]))
    (again,) = generate(
        GenerateConfig(model, SampleConfig(notes=12, seed=5, random_pick=3), passage=words), silent, CancelToken()
    )
    assert _pitches(again) == _pitches(two)
    (alone, *_) = _takes(model, passage=words, include_prompt=False)
    assert _pitches(alone) == _pitches(one)[3:]


def test_a_prompt_is_gone_on_from(model: Path) -> None:
    (take, *_) = _takes(model, prompt=WordCodec().decode(rows_of(1, 2)))
    assert _pitches(take)[:2] == [1, 2]
    assert np.diff(take.score.notes["onset"]).tolist() == [240] * 13


def test_without_anything_to_begin_with_it_says_so(model: Path, words: Path) -> None:
    with pytest.raises(UsageError, match="begins from a window of tokens"):
        _takes(model)
    with pytest.raises(DatasetError, match="another way"):
        _takes(model, passage=_other(words))


def _other(words: Path) -> Path:
    """A copy of a data set that names another vocabulary."""
    other = words.with_name("other")
    shutil.copytree(words, other)
    described = json.loads((other / "dataset.json").read_text())
    described["codec"]["words"] = 10
    (other / "dataset.json").write_text(json.dumps(described))
    return other


def test_notes_are_refused_in_a_sentence(tmp_path: Path) -> None:
    from musicgen_app.tokens.catalogue import codec_from

    with patch("musicgen_app.dataset.store.codec_from", codec_from):
        notes = write_synthetic(tmp_path / "notes").folder
        with pytest.raises(UsageError, match="read the tokens of the seed codec"):
            train(TrainRequest(notes, tmp_path / "run", "seed-base"), silent, CancelToken())


def test_pieces_shorter_than_the_window_cannot_be_measured(model: Path, tmp_path: Path) -> None:
    short = write_words(tmp_path / "short", [SCALE], [[1, 2]]).folder
    with pytest.raises(UsageError, match="longer than the window of 3"):
        evaluate(model, short, silent, CancelToken())
