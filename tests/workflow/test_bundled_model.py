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
from musicgen_app.midi.writer import midi_bytes
from musicgen_app.tokens.catalogue import codec_from
from musicgen_app.workflow.evaluate import evaluate
from musicgen_app.workflow.generate import GenerateConfig, generate
from musicgen_app.workflow.prepare import PrepareConfig, prepare

_MODELS = sorted(environment.bundled("models").glob("*.safetensors"))


@pytest.fixture(params=_MODELS, ids=lambda path: path.stem)
def model(request: pytest.FixtureRequest) -> Path:
    path = request.param
    assert isinstance(path, Path)
    return path


def test_there_is_a_model() -> None:
    assert _MODELS


def test_it_is_small_licensed_and_names_whom_it_learned_from(model: Path) -> None:
    assert model.stat().st_size <= 20_000_000
    header = read_checkpoint(model).header
    assert header.licence == "CC BY-SA 4.0"
    assert any("Bernd Krueger" in line for line in header.attribution)
    assert header.network.fits(codec_from(header.codec))
    card = (model.parent / "README.md").read_text(encoding="utf-8")
    assert model.name in card
    assert header.licence in card
    assert all(line in card for line in header.attribution)
    assert f"{header.training['validation']:.2f}" in card


def test_it_foretells_its_validation_pieces_as_well_as_it_says(model: Path, shared: Path, tmp_path: Path) -> None:
    prepare(PrepareConfig((shared / "corpus",), tmp_path / "set", pedal="none"), silent, CancelToken())
    evaluation = evaluate(model, tmp_path / "set", silent, CancelToken())
    header = read_checkpoint(model).header
    assert open_dataset(tmp_path / "set").fingerprint == header.corpus["fingerprint"]
    assert evaluation.nats_per_note == pytest.approx(header.training["validation"], rel=1e-4)
    assert evaluation.nats_per_note < (evaluation.baselines["4gram"] or 0) - 1.5


def test_the_same_seed_makes_the_same_file(model: Path) -> None:
    config = GenerateConfig(model, SampleConfig(notes=100, seed=1))
    first, again = (midi_bytes(generate(config, silent, CancelToken())[0].score) for _ in range(2))
    assert first == again


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
