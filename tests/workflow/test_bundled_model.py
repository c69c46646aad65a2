"""The bundled model: it may be shipped, it is as good as its card says, and what it writes is music-like."""

from pathlib import Path

import numpy as np
import pytest

from musicgen_app import environment
from musicgen_app.core.progress import CancelToken, silent
from musicgen_app.core.timing import TempoMap
from musicgen_app.dataset.store import open_dataset
from musicgen_app.generation.checkpoint import read_checkpoint
from musicgen_app.generation.generator import SampleConfig
from musicgen_app.workflow.evaluate import evaluate
from musicgen_app.workflow.generate import GenerateConfig, generate

_MODELS = sorted(environment.bundled("models").glob("*.safetensors"))


@pytest.fixture(params=_MODELS, ids=lambda path: path.stem)
def model(request: pytest.FixtureRequest) -> Path:
    path = request.param
    assert isinstance(path, Path)
    return path


def test_there_is_a_model() -> None:
    assert _MODELS


def test_it_is_small_licensed_and_names_whom_it_learned_from(model: Path) -> None:
    assert model.stat().st_size < 6_300_000
    header = read_checkpoint(model).header
    dataset = open_dataset(environment.bundled("data", "dataset"))
    assert header.licence == dataset.licence
    assert header.attribution == dataset.attribution
    assert header.corpus["fingerprint"] == dataset.fingerprint
    assert header.codec == dataset.codec.description()
    card = (model.parent / "README.md").read_text(encoding="utf-8")
    assert model.name in card
    assert header.licence in card
    assert all(line in card for line in header.attribution)
    assert f"{header.training['validation']:.2f}" in card


def test_it_foretells_the_validation_pieces_as_well_as_it_says(model: Path) -> None:
    evaluation = evaluate(model, environment.bundled("data", "dataset"), silent, CancelToken())
    assert evaluation.nats_per_note == pytest.approx(read_checkpoint(model).header.training["validation"], rel=1e-4)


def test_what_it_writes_has_the_shape_of_piano_music(model: Path) -> None:
    sample = SampleConfig(notes=200, temperature=0.95, top_p=0.95, seed=1, count=3)
    for take in generate(GenerateConfig(model, sample), silent, CancelToken()):
        notes = take.score.notes
        pitches = notes["pitch"].astype(int)
        assert len(notes) == 200
        assert 0.5 < len(notes) / TempoMap(take.score).second(take.score.end) < 25
        assert np.percentile(pitches, 5) > 24
        assert np.percentile(pitches, 95) < 104
        assert len(np.unique(pitches)) > 12
        assert np.bincount(pitches).max() < 0.3 * len(notes), "no loop of one note"
        assert 0.05 < np.mean(np.diff(notes["onset"]) == 0) < 0.95, "chords and melody"
