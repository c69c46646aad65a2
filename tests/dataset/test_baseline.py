"""The line a network has to get below follows from frequencies alone."""

import math
from pathlib import Path

import numpy as np
import pytest

from musicgen_app.dataset import baseline
from musicgen_app.dataset.baseline import frequency_loss
from musicgen_app.dataset.store import Piece, write_dataset
from musicgen_app.tokens.notes import metrical_codec
from tests.ml.synthetic import write_synthetic


def test_the_loss_is_the_sum_of_the_fields_own(tmp_path: Path) -> None:
    dataset = write_synthetic(tmp_path, pieces=3, validation=1)
    learned = np.concatenate([dataset.rows(piece) for piece in dataset.pieces_of("train")])
    (held_out,) = dataset.pieces_of("validation")
    expected = 0.0
    for row in dataset.rows(held_out).tolist():
        for place, part in enumerate(dataset.codec.fields):
            seen = int((learned[:, place] == row[place]).sum()) + 1
            expected -= math.log(seen / (len(learned) + part.size))
    assert frequency_loss(dataset) == pytest.approx(expected / held_out.notes)


@pytest.mark.parametrize("held_out", [0, 3])
def test_without_one_of_the_sides_there_is_no_line(tmp_path: Path, held_out: int) -> None:
    assert frequency_loss(write_synthetic(tmp_path, pieces=3, validation=held_out)) is None


def test_a_large_collection_is_sampled_by_whole_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = write_synthetic(tmp_path / "a", pieces=4, validation=1)
    monkeypatch.setattr(baseline, "MOST_ROWS", 10)
    first = [whole.pieces_of("validation")[0], whole.pieces_of("train")[0]]
    (tmp_path / "b").mkdir()
    less = write_dataset(
        tmp_path / "b",
        metrical_codec(),
        [(Piece(p.title, p.file, p.split, 0, 0, 0, p.family), whole.rows(p)) for p in first],
    )
    assert frequency_loss(whole) == pytest.approx(frequency_loss(less))
