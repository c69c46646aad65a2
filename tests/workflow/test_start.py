"""A training that starts from a model: what it takes over, what it says of it, and what it refuses."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from musicgen_app.core.errors import Cancelled, CheckpointError, DatasetError, TrainingError, UsageError
from musicgen_app.core.progress import silent
from musicgen_app.dataset.store import Dataset
from musicgen_app.generation.checkpoint import Checkpoint, read_checkpoint, read_header, write_checkpoint
from musicgen_app.ml.tuning import RECIPE, Start, fingerprint_of
from musicgen_app.tokens.codec import Codec
from musicgen_app.tokens.notes import metrical_codec, seconds_codec
from musicgen_app.workflow.control import TrainControl
from musicgen_app.workflow.reports import TrainStarted
from musicgen_app.workflow.start import check_fit
from musicgen_app.workflow.train import TrainRequest, config_of, train
from tests.generation.networks import musical_checkpoint, shown_checkpoint

QUICK = {"batch": 4, "window": 24, "dropout": 0.1}
Requests = Callable[..., TrainRequest]


def write_model(path: Path, codec: Codec | None = None, **header: Any) -> Path:
    """A small network as it might come from elsewhere; its music is slower than that of the data set."""
    made = shown_checkpoint(codec if codec is not None else metrical_codec(tempo=700_000))
    described = {"title": "Elsewhere", "licence": "CC BY-SA 4.0", "attribution": ("Ada",), **header}
    corpus = {"fingerprint": "2aaa", "pieces": 7}
    write_checkpoint(path, Checkpoint(replace(made.header, corpus=corpus, **described), made.weights))
    return path


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_model(tmp_path / "elsewhere.safetensors")


@pytest.fixture
def tuning(small_dataset: Dataset, model: Path) -> Requests:
    def make(out: Path, **values: Any) -> TrainRequest:
        return TrainRequest(small_dataset.folder, out, **{"overrides": QUICK, "start_from": model, **values})

    return make


def described(folder: Path) -> dict[str, Any]:
    values: dict[str, Any] = json.loads((folder / "run.json").read_text())
    return values


def stop_before_the_first_batch(request: TrainRequest) -> None:
    control = TrainControl()

    def stop(report: object) -> None:
        if isinstance(report, TrainStarted):
            control.cancel()

    with pytest.raises(Cancelled):
        train(request, stop, control)


def test_the_first_state_holds_the_weights_of_the_model(tmp_path: Path, tuning: Requests, model: Path) -> None:
    stop_before_the_first_batch(tuning(tmp_path / "run", epochs=1))
    (state,) = (tmp_path / "run" / "state").iterdir()
    assert state.name.startswith("state-000000000-")
    arrays = load_file(state)
    for name, weights in read_checkpoint(model).weights.items():
        np.testing.assert_array_equal(arrays[f"weights.{name}"], weights)
        assert not arrays[f"first.{name}"].any()


def test_a_run_says_what_it_started_from_and_can_go_on_without_it(
    tmp_path: Path, tuning: Requests, model: Path
) -> None:
    run, fingerprint = tmp_path / "run", fingerprint_of(model.read_bytes())
    stop_before_the_first_batch(tuning(run, epochs=1))
    told = described(run)
    assert told["start"] == {
        "title": "Elsewhere",
        "fingerprint": fingerprint,
        "corpus": "2aaa",
        "licence": "CC BY-SA 4.0",
        "attribution": ["Ada"],
    }
    sizes = {name: told["config"][name] for name in ("units", "layers", "embedding", "head_units", "recent", "dropout")}
    assert sizes == {"units": 24, "layers": 2, "embedding": 6, "head_units": 10, "recent": 5, "dropout": 0.1}
    model.unlink()
    result = train(tuning(run, resume=True), silent, TrainControl())
    assert result.start == {
        "title": "Elsewhere", "fingerprint": fingerprint, "corpus": "2aaa", "licence": "CC BY-SA 4.0"
    }  # fmt: skip
    assert result.summary()["start"] == result.start
    header = read_header(result.checkpoint)
    assert (header.licence, header.attribution) == ("CC BY-SA 4.0", ("Ada",))
    assert header.training["start"] == result.start
    assert header.codec["tempo"] == 500_000, "the new model plays as fast as the music it learned last"


def test_without_a_state_a_run_begins_again_with_its_own_copy(tmp_path: Path, tuning: Requests, model: Path) -> None:
    run = tmp_path / "run"
    control = TrainControl()
    control.cancel()
    with pytest.raises(Cancelled):
        train(tuning(run), silent, control)
    model.unlink()
    assert not (run / "state").exists()
    stop_before_the_first_batch(tuning(run, resume=True))
    assert list((run / "state").iterdir())


def test_a_copy_that_was_changed_is_not_taken_for_the_model(tmp_path: Path, tuning: Requests) -> None:
    run = tmp_path / "run"
    control = TrainControl()
    control.cancel()
    with pytest.raises(Cancelled):
        train(tuning(run), silent, control)
    write_model(run / "start.safetensors", title="Another")
    with pytest.raises(TrainingError, match="copy of the model Elsewhere has changed"):
        train(tuning(run, resume=True), silent, TrainControl())


def test_a_run_that_began_fresh_does_not_start_from_a_model_later(
    tmp_path: Path, request_for: Requests, tuning: Requests
) -> None:
    control = TrainControl()
    control.cancel()
    with pytest.raises(Cancelled):
        train(request_for(tmp_path / "run"), silent, control)
    with pytest.raises(UsageError, match="began with a fresh network, not with elsewhere"):
        train(tuning(tmp_path / "run", resume=True), silent, TrainControl())


def test_the_recipe_holds_where_nothing_else_is_asked_for(tuning: Requests) -> None:
    config = config_of(tuning(Path("run"), epochs=3, seed=7))
    assert {name: getattr(config, name) for name in RECIPE} == dict(RECIPE)
    assert (config.preset, config.epochs, config.seed) == ("medium", 3, 7)
    assert config_of(tuning(Path("run"), overrides={"transpose": False})).transpose is False


@pytest.mark.parametrize(
    ("training", "preset"), [({"config": {"preset": "small"}}, "small"), ({"config": 3}, "medium")]
)
def test_the_preset_is_the_one_the_model_began_from(
    tmp_path: Path, tuning: Requests, training: dict[str, Any], preset: str
) -> None:
    path = write_model(tmp_path / "m.safetensors", training=training)
    assert config_of(tuning(Path("run"), start_from=path)).preset == preset


def test_the_bundled_model_is_a_medium_one(root: Path, tuning: Requests) -> None:
    config = config_of(tuning(Path("run"), start_from=root / "models" / "piano.safetensors"))
    assert (config.preset, config.units, config.layers, config.recent) == ("medium", 384, 2, 16)


@pytest.mark.parametrize(
    ("values", "words"),
    [({"preset": "small"}, "The preset 'small'"), ({"overrides": {"layers": 1}}, "The setting 'layers'")],
)
def test_sizes_cannot_be_chosen_beside_a_model(
    tmp_path: Path, tuning: Requests, values: dict[str, Any], words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        train(tuning(tmp_path / "run", **values), silent, TrainControl())
    assert not (tmp_path / "run" / "run.json").exists()


@pytest.mark.parametrize(
    ("codec", "differs", "option"),
    [
        (metrical_codec(pedal=False), "it has pedal rows, the model none", "--pedal none)"),
        (seconds_codec(), "its grid is 1/24 of a quarter note, the model's 10 ms", "--grid seconds)"),
        (seconds_codec(pedal=False), "the model none; its grid", "--pedal none --grid seconds)"),
    ],
)
def test_notes_written_in_another_way_are_named_with_what_to_do(
    tmp_path: Path, small_dataset: Dataset, tuning: Requests, codec: Codec, differs: str, option: str
) -> None:
    path = write_model(tmp_path / "other.safetensors", codec)
    with pytest.raises(DatasetError) as raised:
        train(tuning(tmp_path / "run", start_from=path), silent, TrainControl())
    assert small_dataset.folder.name in raised.value.message
    assert "other.safetensors" in raised.value.message
    assert differs in raised.value.message
    assert f"musicgen prepare {option}" in raised.value.hint
    assert not (tmp_path / "run" / "start.safetensors").exists()


def test_other_classes_of_time_cannot_be_mended_by_preparing(small_dataset: Dataset, model: Path) -> None:
    header = read_header(model)
    coarse = replace(header, codec={**header.codec, "time": [[24, 1]]})
    with pytest.raises(DatasetError, match="classes of time differ"):
        check_fit(model, coarse, small_dataset)


def test_a_network_that_is_shown_less_is_refused(tmp_path: Path, small_dataset: Dataset) -> None:
    path = tmp_path / "old.safetensors"
    write_checkpoint(path, musical_checkpoint())
    with pytest.raises(CheckpointError, match=r"old\.safetensors is not shown what networks are shown today"):
        check_fit(path, read_header(path), small_dataset)


def test_a_file_that_is_no_model_is_refused(tmp_path: Path, tuning: Requests) -> None:
    with pytest.raises(CheckpointError, match="no model file"):
        train(tuning(tmp_path / "run", start_from=tmp_path / "nowhere"), silent, TrainControl())
    assert not (tmp_path / "run" / "run.json").exists()


@pytest.mark.parametrize("told", [3, {}, {"title": "x"}, None])
def test_a_damaged_description_of_the_start_is_told(told: object) -> None:
    with pytest.raises(TrainingError, match="does not say which model"):
        Start.from_json(told)


def test_a_start_comes_back_from_its_description() -> None:
    start = Start("Piano", "2aaa", "", "CC BY-SA 4.0", ("Ada", "Grace"))
    assert Start.from_json(json.loads(json.dumps(start.to_json()))) == start
    with pytest.raises(TrainingError, match="damaged"):
        Start.from_json({**start.to_json(), "title": 3})
