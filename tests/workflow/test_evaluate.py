"""The verb evaluate: the validation loss again, and files that cannot be read."""

from pathlib import Path

import pytest

from musicgen_app.core.errors import CheckpointError, DatasetError, UsageError
from musicgen_app.core.progress import CancelToken, silent
from musicgen_app.core.score import Score
from musicgen_app.dataset.store import Dataset, Piece, write_dataset
from musicgen_app.midi.reader import read_midi
from musicgen_app.midi.writer import write_midi
from musicgen_app.tokens.notes import metrical_codec, seconds_codec
from musicgen_app.workflow.control import TrainControl
from musicgen_app.workflow.evaluate import evaluate
from musicgen_app.workflow.reports import TrainResult
from musicgen_app.workflow.train import TrainRequest, train
from tests.ml.synthetic import piece_of_music


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, small_dataset: Dataset) -> TrainResult:
    from tests.ml.synthetic import TINY

    out = tmp_path_factory.mktemp("run")
    return train(TrainRequest(small_dataset.folder, out, overrides=TINY, epochs=1), silent, TrainControl())


def test_a_data_set_gives_the_validation_loss_of_training(trained: TrainResult, small_dataset: Dataset) -> None:
    evaluation = evaluate(trained.checkpoint, small_dataset.folder, silent, CancelToken())
    assert evaluation.nats_per_note == pytest.approx(trained.validation, rel=1e-6)
    assert evaluation.pieces == len(small_dataset.pieces_of("validation"))
    assert evaluation.notes == small_dataset.note_count("validation")
    assert list(evaluation.parts) == ["time", "pitch", "duration", "velocity", "pedal"]
    assert sum(evaluation.parts.values()) == pytest.approx(evaluation.nats_per_note)
    assert evaluation.grid == small_dataset.codec.grid


def test_midi_files_give_the_same_as_a_data_set_of_them(trained: TrainResult, tmp_path: Path) -> None:
    music = tmp_path / "music"
    (music / "deeper").mkdir(parents=True)
    codec = metrical_codec()
    content = []
    for seed, name in enumerate(("deeper/two.MIDI", "one.mid")):
        write_midi(piece_of_music(seed), music / name)
        piece = Piece(name, name, "validation", 0, 0, 0, seed)
        content.append((piece, codec.encode(read_midi(music / name).score)))
    (music / "broken.mid").write_bytes(b"no music")
    write_midi(Score(), music / "silent.mid")
    (music / "readme.txt").write_text("no music either")
    (tmp_path / "dataset").mkdir()
    write_dataset(tmp_path / "dataset", codec, content)
    expected = evaluate(trained.checkpoint, tmp_path / "dataset", silent, CancelToken())
    evaluation = evaluate(trained.checkpoint, music, silent, CancelToken())
    assert evaluation.nats_per_note == pytest.approx(expected.nats_per_note, rel=1e-6)
    assert (evaluation.pieces, evaluation.notes) == (2, expected.notes)
    assert [skipped.file for skipped in evaluation.skipped] == ["broken.mid", "silent.mid"]
    assert all(skipped.error.endswith(".") for skipped in evaluation.skipped)
    summary = evaluation.summary()
    assert list(summary) == ["pieces", "notes", "nats_per_note", "parts", "grid", "skipped"]
    assert summary["skipped"][1]["file"] == "silent.mid"
    assert evaluate(trained.checkpoint, music / "one.mid", silent, CancelToken()).pieces == 1


def test_nothing_to_evaluate_on_is_told_in_a_sentence(trained: TrainResult, tmp_path: Path) -> None:
    checkpoint = trained.checkpoint
    with pytest.raises(UsageError, match="holds no MIDI files"):
        evaluate(checkpoint, tmp_path, silent, CancelToken())
    with pytest.raises(UsageError, match="There is no folder"):
        evaluate(checkpoint, tmp_path / "nowhere", silent, CancelToken())
    (tmp_path / "broken.mid").write_bytes(b"no music")
    with pytest.raises(UsageError, match="None of the 1 files"):
        evaluate(checkpoint, tmp_path, silent, CancelToken())


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError):
        evaluate(tmp_path / "model.safetensors", tmp_path, silent, CancelToken())


def test_a_data_set_in_another_notation_is_refused(
    trained: TrainResult, small_dataset: Dataset, tmp_path: Path
) -> None:
    codec = seconds_codec()
    write_dataset(tmp_path, codec, [(small_dataset.pieces[0], codec.encode(piece_of_music(1)))])
    with pytest.raises(DatasetError, match="another way"):
        evaluate(trained.checkpoint, tmp_path, silent, CancelToken())
