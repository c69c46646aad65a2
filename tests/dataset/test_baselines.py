"""The figures a network has to get below, on the network's own footing."""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from musicgen_app.core.errors import Cancelled
from musicgen_app.core.progress import CancelToken
from musicgen_app.dataset import baselines as module
from musicgen_app.dataset.baselines import baselines, context_of, training_rows, verdict
from musicgen_app.dataset.store import Dataset
from musicgen_app.tokens.codec import Field, Rows
from musicgen_app.tokens.notes import NoteCodec
from tests.ml.synthetic import write_synthetic


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    return write_synthetic(tmp_path, pieces=5, validation=2)


def held_out(dataset: Dataset) -> list[Rows]:
    return [dataset.rows(piece) for piece in dataset.pieces_of("validation")]


def test_uniform_is_the_logarithm_of_the_classes_and_their_widths(dataset: Dataset) -> None:
    asked = held_out(dataset)
    rows, notes = sum(len(rows) for rows in asked), dataset.note_count("validation")
    widths = sum(float(dataset.codec.log_widths(rows).sum()) for rows in asked)
    assert widths > 0, "the music has times in coarse classes"
    expected = (rows * sum(math.log(field.size) for field in dataset.codec.fields) + widths) / notes
    unknown = {"unigram": None, "bigram": None, "4gram": None}
    assert baselines(dataset.codec, [], asked) == {"uniform": pytest.approx(expected), **unknown}


def test_the_unigram_is_the_sum_of_the_fields_own(dataset: Dataset) -> None:
    learned = np.concatenate(training_rows(dataset))
    nats = 0.0
    for rows in held_out(dataset):
        nats += float(dataset.codec.log_widths(rows).sum())
        for row in rows.tolist():
            for place, field in enumerate(dataset.codec.fields):
                kinds, seen = len(set(learned[:, place].tolist())), int((learned[:, place] == row[place]).sum())
                nats -= math.log((seen + kinds / field.size) / (len(learned) + kinds))
    found = baselines(dataset.codec, training_rows(dataset), held_out(dataset))
    assert found["unigram"] == pytest.approx(nats / dataset.note_count("validation"))


def test_music_with_a_pattern_costs_the_4gram_less() -> None:
    codec = NoteCodec()
    turns = np.array([[0, 60, 24, 16], [24, 64, 12, 12], [12, 67, 12, 12], [12, 64, 48, 10]], np.int16)
    learned = [codec.transpose(np.tile(turns, (20, 1)), shift) for shift in (-5, -2, 0, 3)]
    found = baselines(codec, learned, [codec.transpose(np.tile(turns, (5, 1)), -2)])
    assert list(found) == ["uniform", "unigram", "bigram", "4gram"]
    assert found["4gram"] < found["bigram"] < 1 < 5 < found["unigram"] < found["uniform"]


def test_the_bigram_looks_at_its_own_row_and_the_one_before() -> None:
    codec = NoteCodec()
    for field in range(len(codec.fields)):
        whole = context_of(codec, field)
        assert context_of(codec, field, 1) == tuple((place, back) for place, back in whole if back <= 1)
        assert context_of(codec, field, 0) == ()


def test_music_of_another_kind_costs_much_but_never_everything(dataset: Dataset) -> None:
    strange = held_out(dataset)[0].copy()
    strange[:, :] = [160, 3, 150, 32]
    found = baselines(dataset.codec, training_rows(dataset), [strange])
    assert found["unigram"] is not None
    assert found["4gram"] is not None
    assert found["uniform"] < found["4gram"] < 100


def test_pieces_without_notes_count_as_one() -> None:
    codec = NoteCodec()
    assert baselines(codec, [], [codec.start_row[np.newaxis]])["uniform"] == pytest.approx(
        sum(math.log(field.size) for field in codec.fields)
    )


def test_counting_can_be_stopped(dataset: Dataset) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        baselines(dataset.codec, training_rows(dataset), held_out(dataset), cancel)


def test_a_large_collection_is_sampled_by_whole_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = write_synthetic(tmp_path, pieces=8, validation=1)
    pieces = dataset.pieces_of("train")
    assert [len(rows) for rows in training_rows(dataset)] == [piece.row_count for piece in pieces]
    monkeypatch.setattr(module, "MOST_ROWS", sum(piece.row_count for piece in pieces) // 2)
    taken = training_rows(dataset)
    assert [len(rows) for rows in taken] == [piece.row_count for piece in pieces[::3]]


def test_a_data_set_that_only_measures_leaves_nothing_to_count_in(tmp_path: Path) -> None:
    assert training_rows(write_synthetic(tmp_path, pieces=2, validation=2)) == []


@dataclass(frozen=True)
class OtherFields:
    """A codec as far as its contexts go."""

    fields: tuple[Field, ...]


def test_a_field_nobody_thought_of_is_foretold_from_its_own_past() -> None:
    codec = OtherFields((Field("pitch", 12), Field("colour", 3)))
    assert context_of(codec, 1) == ((1, 1), (1, 2), (1, 3))  # type: ignore[arg-type]
    assert context_of(codec, 0) == ((0, 1), (0, 2), (0, 3))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("measured", "told"),
    [(6.0, ""), (6.31, "less than 0.5"), (6.79, "less than 0.5"), (7.0, "worse than the 4-gram")],
)
def test_a_model_is_held_against_the_4gram(measured: float, told: str) -> None:
    sentence = verdict(measured, {"uniform": 19.0, "unigram": 11.0, "4gram": 6.8})
    assert told in sentence
    assert bool(sentence) == bool(told)


def test_without_a_4gram_there_is_nothing_to_say() -> None:
    assert verdict(6.0, {"uniform": 19.0, "unigram": None, "4gram": None}) == verdict(6.0, {}) == ""
