import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from musicgen_app.core.errors import DatasetError
from musicgen_app.dataset.store import Dataset, Piece, fingerprint_of, open_dataset, write_dataset
from musicgen_app.tokens.notes import metrical_codec, seconds_codec
from tests.dataset.music import melody

CODEC = metrical_codec(480_000)


def pieces(*seeds: int, split: str = "train", codec=CODEC):
    for seed in seeds:
        piece = Piece(f"Piece {seed}", f"{seed}.mid", split, 0, 0, 0, seed, 12.5, "Anon", "CC BY 4.0", "Somebody")
        yield piece, codec.encode(melody(seed))


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    return write_dataset(tmp_path, CODEC, [*pieces(1, 2), *pieces(3, split="validation")], ["A remark."])


def test_what_is_written_is_what_is_opened(dataset: Dataset) -> None:
    assert dataset.codec == CODEC
    assert dataset.remarks == ("A remark.",)
    for piece, seed in zip(dataset.pieces, (1, 2, 3), strict=True):
        assert np.array_equal(dataset.rows(piece), CODEC.encode(melody(seed)))
        assert piece.notes == len(CODEC.quantise(melody(seed)).notes)
        assert (piece.title, piece.family, piece.composer) == (f"Piece {seed}", seed, "Anon")


def test_sides_and_counts(dataset: Dataset) -> None:
    assert [piece.file for piece in dataset.pieces_of("train")] == ["1.mid", "2.mid"]
    assert dataset.note_count("train") + dataset.note_count("validation") == dataset.note_count()
    assert (dataset.licence, dataset.attribution) == ("CC BY 4.0", ("Somebody",))


def test_rows_are_mapped_and_cannot_be_written(dataset: Dataset) -> None:
    assert isinstance(dataset.all_rows, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        dataset.rows(dataset.pieces[0])[0] = 0


def test_the_fingerprint_is_that_of_codec_rows_and_split(tmp_path: Path, dataset: Dataset) -> None:
    def made(name: str, *content: object) -> str:
        (tmp_path / name).mkdir()
        return write_dataset(tmp_path / name, *content).fingerprint  # type: ignore[arg-type]

    assert fingerprint_of(dataset) == dataset.fingerprint
    assert made("same", CODEC, [*pieces(1, 2), *pieces(3, split="validation")]) == dataset.fingerprint
    others = {
        made("split", CODEC, pieces(1, 2, 3)),
        made("rows", CODEC, [*pieces(1, 4), *pieces(3, split="validation")]),
        made("order", CODEC, [*pieces(2, 1), *pieces(3, split="validation")]),
        made("codec", metrical_codec(480_001), [*pieces(1, 2), *pieces(3, split="validation")]),
        made("grid", seconds_codec(), pieces(1, 2, 3, codec=seconds_codec())),
    }
    assert len(others) == 5
    assert dataset.fingerprint not in others


def test_a_folder_without_a_data_set_says_so(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(DatasetError, match="holds no prepared data set"):
            open_dataset(folder)


def change(folder: Path, edit: Callable[[dict], object]) -> None:
    described = json.loads((folder / "dataset.json").read_text(encoding="utf-8"))
    edit(described)
    (folder / "dataset.json").write_text(json.dumps(described), encoding="utf-8")


def test_a_data_set_of_the_first_version_opens_and_counts_in_fours(dataset: Dataset) -> None:
    def older(described: dict) -> None:
        for piece in described["pieces"]:
            del piece["metre"], piece["first_bar"]

    change(dataset.folder, older)
    assert open_dataset(dataset.folder).pieces == dataset.pieces


@pytest.mark.parametrize(
    "edit",
    [
        lambda described: described.pop("codec"),
        lambda described: described.pop("pieces"),
        lambda described: described.update(pieces=[]),
        lambda described: described.update(pieces=[3]),
        lambda described: described.update(codec="notes"),
        lambda described: described["codec"].update(codec="seed"),
        lambda described: described["codec"].update(pedal=False) or described["pieces"][0].pop("title"),
        lambda described: described["pieces"][0].update(split="other"),
        lambda described: described["pieces"][0].update(first_row=-1),
        lambda described: described["pieces"][0].update(row_count=1.5),
        lambda described: described["pieces"][0].update(title=None),
        lambda described: described["pieces"][0].update(first_bar="one"),
        lambda described: described["pieces"][0].update(metre=[[0, 4]]),
        lambda described: described["pieces"][0].update(metre=[[0, 4, 5]]),
        lambda described: described["pieces"][0].update(seconds="long"),
        lambda described: described["pieces"][2].update(row_count=10_000),
        lambda described: described.update(format=2),
    ],
)
def test_a_description_that_makes_no_sense_is_refused(dataset: Dataset, edit: Callable[[dict], object]) -> None:
    change(dataset.folder, edit)
    with pytest.raises(DatasetError):
        open_dataset(dataset.folder)


@pytest.mark.parametrize("content", [b"", b"not an array", b"\x93NUMPY\x01\x00"])
def test_rows_that_are_damaged_are_refused(dataset: Dataset, content: bytes) -> None:
    folder = dataset.folder
    (folder / "rows.npy").write_bytes(content)
    with pytest.raises(DatasetError, match="damaged"):
        open_dataset(folder)


@pytest.mark.parametrize("rows", [np.zeros((4, 3), "<i2"), np.zeros((900, 4), "<i4"), np.zeros((2, 4), "<i2")])
def test_rows_that_do_not_fit_are_refused(dataset: Dataset, rows: np.ndarray) -> None:
    np.save(dataset.folder / "rows.npy", rows)
    with pytest.raises(DatasetError, match="do not fit"):
        open_dataset(dataset.folder)


@pytest.mark.parametrize("text", ["{", "[]", "\udcff"])
def test_a_description_that_is_not_json_is_refused(dataset: Dataset, text: str) -> None:
    (dataset.folder / "dataset.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(DatasetError):
        open_dataset(dataset.folder)
