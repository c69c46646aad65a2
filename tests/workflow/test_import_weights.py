"""The seeds' weights and their note file make a model that generates; the real seed codec goes the whole way."""

import json
from pathlib import Path

import numpy as np
import pytest

from musicgen_app.cli.main import main
from musicgen_app.core.errors import UsageError
from musicgen_app.core.progress import CancelToken, silent
from musicgen_app.dataset.store import Piece, write_dataset
from musicgen_app.generation.checkpoint import read_checkpoint, read_header
from musicgen_app.generation.generator import SampleConfig
from musicgen_app.generation.windowed_presets import WINDOWED_PRESETS
from musicgen_app.ml.windowed_config import WindowedTrainConfig
from musicgen_app.tokens.note_file import read_notes, write_json
from musicgen_app.tokens.seed import SeedCodec, vocabulary
from musicgen_app.workflow.generate import GenerateConfig, generate
from musicgen_app.workflow.import_weights import ImportRequest, import_weights
from musicgen_app.workflow.train import TrainRequest, train
from tests.generation.networks import random_weights
from tests.ml.test_keras_weights import as_tensorflow_wrote

WORDS = [*("C4", "0.4.7", "B-3", "G4", "7.11.2", "E4") * 8]
CODEC = SeedCodec(vocabulary(WORDS))


def _network_file(path: Path) -> Path:
    network = WindowedTrainConfig.from_preset("seed-reduced").network(CODEC.fields)
    weights = {name: values * 0.3 for name, values in random_weights(network).items()}
    return as_tensorflow_wrote(path, network, weights, inside=True)


def _dataset(folder: Path) -> Path:
    folder.mkdir()
    pieces = [Piece("One", "1.mid", "train", 0, 0, 0, 0), Piece("Two", "2.mid", "validation", 0, 0, 0, 1)]
    rows = [CODEC.rows_of(WORDS), CODEC.rows_of(WORDS[1:20])]
    return write_dataset(folder, CODEC, list(zip(pieces, rows, strict=True))).folder


def test_a_file_of_weights_becomes_a_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    notes, out = tmp_path / "notes", tmp_path / "models" / "old.safetensors"
    write_json(WORDS, notes)
    weights = _network_file(tmp_path / "weights.hdf5")
    command = ["models", "import", weights, "--preset", "seed-reduced", "--codec-from", notes, "--window", 4]
    assert main([*map(str, command), "--out", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    header = read_header(out)
    assert told["parameters"] == header.network.parameters()
    assert header.title == "weights"
    assert main([*map(str, command), "--out", str(out)]) == 0
    assert "parameters" in capsys.readouterr().out
    sample = SampleConfig(notes=10, random_pick=2)
    (take,) = generate(GenerateConfig(out, sample, passage=_dataset(tmp_path / "set")), silent, CancelToken())
    assert np.unique(take.score.notes["onset"]).tolist() == [240 * n for n in range(14)]
    again = ImportRequest(weights, "seed-reduced", out, tmp_path / "again.safetensors", {"window": 4})
    assert import_weights(again).codec == header.codec


def test_places_without_a_vocabulary_and_other_names_are_refused(tmp_path: Path) -> None:
    out = tmp_path / "model.safetensors"
    with pytest.raises(UsageError, match="holds no data set"):
        import_weights(ImportRequest(tmp_path / "w.h5", "seed-base", tmp_path, out))
    with pytest.raises(UsageError, match="cannot be written"):
        import_weights(ImportRequest(tmp_path / "w.h5", "seed-base", tmp_path, tmp_path / "model.h5"))


def test_the_published_vocabulary_gives_the_published_network(root: Path) -> None:
    notes = root.parent / "shared" / "seed" / "music_gen" / "data" / "notes_chopin_train"
    if not notes.is_file():
        pytest.skip("the note file of the experiments is not here")
    codec = SeedCodec(vocabulary(read_notes(notes)))
    assert WINDOWED_PRESETS["seed-base"].network(codec.end_class).parameters() == 5_565_886


def test_training_on_the_seed_codec_goes_the_whole_way(tmp_path: Path) -> None:
    run = tmp_path / "run"
    settings = {"layers": [["lstm", 8, True], ["norm", 0, False]], "batch": 16, "window": 5}
    request = TrainRequest(_dataset(tmp_path / "set"), run, "seed-base", settings, epochs=1)
    result = train(request, silent, CancelToken())
    assert read_checkpoint(result.checkpoint).header.network.fits(CODEC)
    takes = generate(GenerateConfig(result.checkpoint, SampleConfig(notes=9, count=2)), silent, CancelToken())
    assert all(len(np.unique(take.score.notes["onset"])) == 9 for take in takes)
    assert {take.prompt for take in takes} == {"One"}
