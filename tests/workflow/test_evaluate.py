"""The verb evaluate: the validation loss again, and files that cannot be read."""

import json
import shutil
from pathlib import Path

import pytest

from musicgen_app.cli.words import evaluation_text
from musicgen_app.core.errors import CheckpointError, DatasetError, UsageError
from musicgen_app.core.progress import CancelToken, silent
from musicgen_app.core.score import Score
from musicgen_app.dataset.baselines import baselines, training_rows
from musicgen_app.dataset.store import Dataset, Piece, write_dataset
from musicgen_app.midi.reader import read_midi
from musicgen_app.midi.writer import write_midi
from musicgen_app.project.runs import read_run
from musicgen_app.tokens.notes import metrical_codec, seconds_codec
from musicgen_app.workflow.control import TrainControl
from musicgen_app.workflow.evaluate import evaluate
from musicgen_app.workflow.reports import TrainResult
from musicgen_app.workflow.train import TrainRequest, train
from tests.ml.synthetic import piece_of_music, write_synthetic


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
    rows = [small_dataset.rows(piece) for piece in small_dataset.pieces_of("validation")]
    assert evaluation.baselines == baselines(small_dataset.codec, training_rows(small_dataset), rows)
    assert evaluation.remarks == ()
    low, high = evaluation.interval
    assert low <= evaluation.nats_per_note <= high
    kept = read_run(trained.checkpoint.parent).held_out
    assert kept is not None, "training has kept the same figures beside the run"
    assert (kept.pieces, kept.notes, kept.interval) == (evaluation.pieces, evaluation.notes, pytest.approx((low, high)))
    assert kept.nats == pytest.approx(evaluation.nats_per_note, rel=1e-6)
    assert dict(kept.accuracy) == pytest.approx(dict(evaluation.accuracy), abs=0.01)
    assert trained.summary()["held_out"]["notes"] == kept.notes
    text = evaluation_text(evaluation)
    assert f"foretold right: {evaluation.accuracy['note']:.1%} of the notes (time " in text


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
    assert evaluation.accuracy == expected.accuracy
    assert 0 <= evaluation.accuracy["note"] <= min(evaluation.accuracy[name] for name in ("time", "pitch"))
    assert list(summary) == [
        "pieces", "notes", "nats_per_note", "parts", "grid", "skipped", "baselines", "interval", "accuracy",
    ]  # fmt: skip
    assert summary["skipped"][1]["file"] == "silent.mid"
    assert summary["baselines"] == evaluation.baselines
    assert summary["interval"] == list(evaluation.interval)
    alone = evaluate(trained.checkpoint, music / "one.mid", silent, CancelToken())
    assert alone.pieces == 1
    assert alone.summary()["interval"] is None


class TestWhatTheModelLearnedFrom:
    """The 4-gram counts in the training music, wherever that is found."""

    @pytest.fixture
    def music(self, tmp_path: Path) -> Path:
        write_midi(piece_of_music(77), tmp_path / "one.mid")
        return tmp_path / "one.mid"

    def figures(self, checkpoint: Path, music: Path, **named: Path) -> tuple[dict[str, float | None], tuple[str, ...]]:
        evaluation = evaluate(checkpoint, music, silent, CancelToken(), **named)
        return dict(evaluation.baselines), evaluation.remarks

    def test_a_run_names_it(self, trained: TrainResult, music: Path) -> None:
        found, remarks = self.figures(trained.checkpoint, music)
        assert None not in found.values()
        assert remarks == ()

    def test_a_model_by_itself_has_uniform_alone_and_says_how_to_get_more(
        self, trained: TrainResult, small_dataset: Dataset, music: Path, tmp_path: Path
    ) -> None:
        lonely = shutil.copy(trained.checkpoint, tmp_path / "alone.safetensors")
        found, (remark,) = self.figures(lonely, music)
        assert (found["unigram"], found["4gram"]) == (None, None)
        assert found["uniform"] > 15
        assert "--against DATASET" in remark
        named, remarks = self.figures(lonely, music, against=small_dataset.folder)
        assert named == self.figures(trained.checkpoint, music)[0]
        assert remarks == ()

    def test_a_project_may_have_moved(
        self, trained: TrainResult, small_dataset: Dataset, music: Path, tmp_path: Path
    ) -> None:
        project = tmp_path / "moved.musicgen"
        shutil.copytree(small_dataset.folder, project / "dataset")
        shutil.copytree(trained.checkpoint.parent, project / "runs" / "0001")
        described = project / "runs" / "0001" / "run.json"
        described.write_text(described.read_text().replace(small_dataset.folder.name, "nowhere"))
        found, remarks = self.figures(project / "runs" / "0001" / "model.safetensors", music)
        assert None not in found.values()
        assert remarks == ()

    def test_a_run_that_says_nothing_of_its_data_set_is_no_hindrance(
        self, trained: TrainResult, music: Path, tmp_path: Path
    ) -> None:
        shutil.copy(trained.checkpoint, tmp_path / "model.safetensors")
        (tmp_path / "run.json").write_text('{"version": 1, "dataset": 3}')
        found, (remark,) = self.figures(tmp_path / "model.safetensors", music)
        assert found["4gram"] is None
        assert "not found" in remark

    def test_another_data_set_is_taken_when_named_but_not_in_silence(
        self, trained: TrainResult, music: Path, tmp_path: Path
    ) -> None:
        other = write_synthetic(tmp_path / "other", pieces=3, validation=0)
        found, (remark,) = self.figures(trained.checkpoint, music, against=other.folder)
        assert found["4gram"] is not None
        assert remark == "other is not the data set this model learned from."

    def test_one_that_cannot_be_used_is_refused(
        self, trained: TrainResult, music: Path, tmp_path: Path, small_dataset: Dataset
    ) -> None:
        with pytest.raises(DatasetError, match="holds no prepared data set"):
            self.figures(trained.checkpoint, music, against=tmp_path)
        codec = seconds_codec()
        (tmp_path / "free").mkdir()
        write_dataset(tmp_path / "free", codec, [(small_dataset.pieces[0], codec.encode(piece_of_music(1)))])
        with pytest.raises(DatasetError, match="another way"):
            self.figures(trained.checkpoint, music, against=tmp_path / "free")


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


def test_of_a_data_set_one_side_can_be_asked_for(trained: TrainResult, small_dataset: Dataset, tmp_path: Path) -> None:
    folder = tmp_path / "set"
    shutil.copytree(small_dataset.folder, folder)
    described = json.loads((folder / "dataset.json").read_text(encoding="utf-8"))
    learned = [piece for piece in described["pieces"] if piece["split"] == "train"]
    learned[0]["split"] = "test"
    (folder / "dataset.json").write_text(json.dumps(described), encoding="utf-8")
    found = evaluate(trained.checkpoint, folder, silent, CancelToken(), side="test")
    assert (found.pieces, found.notes) == (1, learned[0]["notes"])
    usual = evaluate(trained.checkpoint, folder, silent, CancelToken())
    assert usual.notes == small_dataset.note_count("validation")
    with pytest.raises(UsageError, match="has no test pieces"):
        evaluate(trained.checkpoint, small_dataset.folder, silent, CancelToken(), side="test")
    with pytest.raises(UsageError, match="is no data set"):
        evaluate(trained.checkpoint, tmp_path, silent, CancelToken(), side="test")
