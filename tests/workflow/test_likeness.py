"""The verb likeness: takes and held-out pieces on one footing."""

from pathlib import Path

import pytest

from musicgen_app.core.errors import Cancelled, DatasetError, UsageError
from musicgen_app.core.likeness import figures
from musicgen_app.core.progress import CancelToken, silent
from musicgen_app.core.score import Score
from musicgen_app.dataset.store import Dataset, Piece, write_dataset
from musicgen_app.midi.writer import write_midi
from musicgen_app.tokens.notes import metrical_codec
from musicgen_app.workflow.likeness import Likeness, likeness
from tests.ml.synthetic import piece_of_music, write_synthetic


def measured(files: list[Path], dataset: Path) -> Likeness:
    return likeness(files, dataset, silent, CancelToken())


@pytest.fixture
def take(tmp_path: Path) -> Path:
    path = tmp_path / "take.mid"
    write_midi(piece_of_music(70), path)
    return path


def test_a_held_out_piece_as_a_take_overlaps_fully_with_itself(tmp_path: Path) -> None:
    codec, music = metrical_codec(), piece_of_music(3)
    pieces = [
        (Piece("Held out", "a.mid", "validation", 0, 0, 0, 0), codec.encode(music)),
        (Piece("Learned", "b.mid", "train", 0, 0, 0, 1), codec.encode(piece_of_music(4))),
    ]
    (tmp_path / "set").mkdir()
    write_dataset(tmp_path / "set", codec, pieces)
    write_midi(music, tmp_path / "same.mid")
    found = measured([tmp_path / "same.mid"], tmp_path / "set")
    assert all(area == pytest.approx(1) for area in found.takes_overlap.values())
    assert all(0 < area < 1 for area in found.training_overlap.values())
    assert found.takes == ((str(tmp_path / "same.mid"), found.held_out[0][1]),)
    assert found.held_out == (("Held out", figures(codec.quantise(music))),)
    assert found.remark == ""


def test_its_json_has_takes_held_out_pieces_and_overlaps(take: Path, small_dataset: Dataset) -> None:
    (take.parent / "broken.mid").write_bytes(b"no music")
    write_midi(Score(), take.parent / "silent.mid")
    found = measured([take.parent], small_dataset.folder)
    told = found.summary()
    assert list(told) == ["takes", "held_out", "overlap", "grid", "skipped"]
    (one,) = told["takes"]
    assert list(one) == ["file", "notes", "pitch_class_entropy", "polyphony", "notes_per_second"]
    assert (one["file"], one["notes"]) == (str(take), 150)
    assert [piece["title"] for piece in told["held_out"]] == ["Piece 0", "Piece 1"]
    histograms = {"pitch_class", "note_length", "inter_onset", "velocity"}
    assert set(told["overlap"]["takes"]) == set(told["overlap"]["training"]) == histograms
    assert told["grid"] == small_dataset.codec.grid
    assert [Path(skipped["file"]).name for skipped in told["skipped"]] == ["broken.mid", "silent.mid"]


def test_without_held_out_pieces_the_learned_ones_are_taken_and_that_is_said(take: Path, tmp_path: Path) -> None:
    dataset = write_synthetic(tmp_path / "set", pieces=2, validation=0)
    found = measured([take], dataset.folder)
    assert len(found.held_out) == 2
    assert found.summary()["overlap"]["training"] is None
    assert "holds nothing back" in found.remark


def test_nothing_to_measure_is_told_in_a_sentence(take: Path, tmp_path: Path, small_dataset: Dataset) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match=r"There are no takes to measure\."):
        measured([tmp_path / "empty"], small_dataset.folder)
    (tmp_path / "broken.mid").write_bytes(b"no music")
    with pytest.raises(UsageError, match=r"the first: broken\.mid"):
        measured([tmp_path / "broken.mid"], small_dataset.folder)
    with pytest.raises(UsageError, match="is not there"):
        measured([tmp_path / "nowhere.mid"], small_dataset.folder)
    with pytest.raises(DatasetError):
        measured([take], tmp_path)


def test_it_can_be_stopped(take: Path, small_dataset: Dataset) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        likeness([take], small_dataset.folder, silent, cancel)
