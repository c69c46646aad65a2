"""A prepared data set on disk: ``dataset.json`` says what it is, ``rows.npy`` holds all rows one after the other."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np

from musicgen_app.core.errors import CodecError, DatasetError
from musicgen_app.core.key_names import key_named
from musicgen_app.core.score import Score, TimeSignature
from musicgen_app.dataset.bars import Metre
from musicgen_app.dataset.licences import distinct, licence_of_mixture
from musicgen_app.tokens.catalogue import codec_from
from musicgen_app.tokens.codec import Codec, Rows
from musicgen_app.tokens.grid import STEPS_PER_BEAT

Split = Literal["train", "validation", "test"]

DESCRIPTION = "dataset.json"
ROWS = "rows.npy"
FORMAT = 1
_PREPARE_AGAIN = "Prepare it again."
_LATER_FIELDS = ("metre", "first_bar", "key")
"""Data sets of the first version lack these; the last is written only where somebody gave it."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of music in a data set.

    Attributes:
        title: To be shown.
        file: Name of the file it comes from.
        split: "train", "validation", or "test" for what neither training nor validation sees.
        first_row: Where its rows begin in the store.
        row_count: Number of its rows, the end row included.
        notes: Number of its notes.
        family: Pieces of one family are the same work (another edition, another key) and stand on one side.
        seconds: How long it sounds.
        composer, licence, attribution: As far as they are known; may be empty.
        metre, first_bar: Its bars, as in ``bars.Bars``.
        key: Its key in words, where somebody gave it.
    """

    title: str
    file: str
    split: Split
    first_row: int
    row_count: int
    notes: int
    family: int
    seconds: float = 0.0
    composer: str = ""
    licence: str = ""
    attribution: str = ""
    metre: Metre = ()
    first_bar: int = 1
    key: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """An opened data set. Its rows stay on disk and are mapped into memory.

    Attributes:
        folder: Where it is.
        codec: What its rows mean.
        pieces: In the order of the store.
        fingerprint: Hash of the codec, the rows and the split; equal data sets have equal fingerprints.
        all_rows: Shape (rows, fields): every piece's rows, one after the other.
        remarks: Sentences about how it was made that a person should read (a split by passage, for example).
    """

    folder: Path
    codec: Codec
    pieces: tuple[Piece, ...]
    fingerprint: str
    remarks: tuple[str, ...] = ()
    all_rows: Rows = field(repr=False, default_factory=lambda: np.empty((0, 0), np.int16))

    @property
    def licence(self) -> str:
        """The licence that holds for the whole, and so for a model trained on it."""
        return licence_of_mixture(piece.licence for piece in self.pieces)

    @property
    def attribution(self) -> tuple[str, ...]:
        """Whom to name, each once."""
        return distinct([piece.attribution for piece in self.pieces])

    def rows(self, piece: Piece) -> Rows:
        """Shape (rows of the piece, fields): a read-only view, closed by the end row."""
        return self.all_rows[piece.first_row : piece.first_row + piece.row_count]

    @property
    def has_bars(self) -> bool:
        """Whether its pieces lie on beats, so that a place in them can be named by its bar."""
        return self.codec.description().get("timing") == "metrical"

    def score(self, piece: Piece) -> Score:
        """The music of a piece as the codec knows it, in its metre and key."""
        score = self.codec.decode(np.array(self.rows(piece)))
        beat = score.ticks_per_beat
        metre = tuple(TimeSignature(at * beat // STEPS_PER_BEAT, over, under) for at, over, under in piece.metre)
        key = key_named(piece.key)
        return replace(score, time_signatures=metre, key_signatures=() if key is None else (key,))

    def pieces_of(self, *splits: Split) -> tuple[Piece, ...]:
        """The pieces of these sides."""
        return tuple(piece for piece in self.pieces if piece.split in splits)

    @property
    def unit(self) -> str:
        """What a row is called: a note, or a word of the seed codec, which may be a chord."""
        return "word" if self.codec.part_names == ("token",) else "note"

    def note_count(self, *splits: Split) -> int:
        """Notes of these sides, or of all where none is named."""
        return sum(piece.notes for piece in self.pieces if not splits or piece.split in splits)


class _Fingerprint:
    """Hashes everything a training run can see: the codec, each piece's rows and the side it is on."""

    def __init__(self, codec: Codec) -> None:
        described = json.dumps(dict(codec.description()), sort_keys=True)
        self._digest = hashlib.sha256(described.encode())

    def add(self, split: Split, rows: Rows) -> None:
        self._digest.update(f"\n{split} {len(rows)}\n".encode())
        self._digest.update(np.ascontiguousarray(rows, dtype="<i2").tobytes())

    def text(self) -> str:
        return self._digest.hexdigest()


def fingerprint_of(dataset: Dataset) -> str:
    """Compute the fingerprint of a data set anew, from its rows."""
    fingerprint = _Fingerprint(dataset.codec)
    for piece in dataset.pieces:
        fingerprint.add(piece.split, dataset.rows(piece))
    return fingerprint.text()


def write_dataset(
    folder: Path, codec: Codec, pieces: Iterable[tuple[Piece, Rows]], remarks: Sequence[str] = ()
) -> Dataset:
    """Write a data set into an existing folder (see ``write_files``) and open it."""
    write_files(folder, codec, pieces, remarks)
    return open_dataset(folder)


def write_files(folder: Path, codec: Codec, pieces: Iterable[tuple[Piece, Rows]], remarks: Sequence[str] = ()) -> str:
    """Write the files of a data set into an existing folder and return its fingerprint.

    Args:
        folder: Where to; what stands there under the same names is replaced.
        codec: What the rows mean.
        pieces: Each piece with its rows; ``first_row``, ``row_count`` and ``notes`` are filled in here. Consumed one
            at a time: the rows of two pieces are never in memory together.
        remarks: Sentences for ``Dataset.remarks``.

    Raises:
        OSError: It could not be written.
    """
    kept: list[Piece] = []
    fingerprint = _Fingerprint(codec)
    raw = folder / (ROWS + ".raw")
    total = 0
    with raw.open("wb") as out:
        for piece, rows in pieces:
            notes = int(codec.is_note(rows).sum())
            kept.append(replace(piece, first_row=total, row_count=len(rows), notes=notes))
            fingerprint.add(piece.split, rows)
            out.write(np.ascontiguousarray(rows, dtype="<i2").tobytes())
            total += len(rows)
    _write_array(raw, folder / ROWS, (total, len(codec.fields)))
    raw.unlink()
    described = {
        "format": FORMAT,
        "fingerprint": fingerprint.text(),
        "codec": dict(codec.description()),
        "remarks": list(remarks),
        "pieces": [_described(piece) for piece in kept],
    }
    text = json.dumps(described, indent=1, ensure_ascii=False)
    (folder / DESCRIPTION).write_text(text + "\n", encoding="utf-8", newline="\n")
    return fingerprint.text()


def _described(piece: Piece) -> dict[str, Any]:
    told = asdict(piece)
    if not piece.key:
        del told["key"]
    return told


def _write_array(raw: Path, path: Path, shape: tuple[int, int]) -> None:
    """Put the header of an array file before raw rows, without reading them all at once."""
    with path.open("wb") as out, raw.open("rb") as rows:
        header = {"descr": "<i2", "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(out, header)
        while block := rows.read(1 << 20):
            out.write(block)


def open_dataset(folder: Path) -> Dataset:
    """Open a prepared data set.

    Raises:
        DatasetError: There is none, or it is damaged or of a newer version.
    """
    described = _description(folder)
    if described.get("format") != FORMAT:
        raise DatasetError(f"{folder.name} was prepared by another version of this program.", hint=_PREPARE_AGAIN)
    try:
        codec = codec_from(described["codec"])
        pieces = tuple(_piece(entry) for entry in described["pieces"])
        remarks = tuple(str(remark) for remark in described["remarks"])
        fingerprint = str(described["fingerprint"])
        all_rows = np.load(folder / ROWS, mmap_mode="r", allow_pickle=False)
    except CodecError as error:
        raise DatasetError(f"{folder.name} cannot be opened: {error.message}", hint=error.hint) from error
    except (KeyError, TypeError, AttributeError, ValueError, OSError, EOFError) as error:
        raise DatasetError(f"The data set {folder.name} is damaged.", hint=_PREPARE_AGAIN) from error
    _check_rows(folder, codec, pieces, all_rows)
    return Dataset(folder, codec, pieces, fingerprint, remarks, all_rows)


def _description(folder: Path) -> dict[str, Any]:
    try:
        described = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise DatasetError(
            f"{folder.name} holds no prepared data set.", hint="Prepare one from a folder of MIDI files first."
        ) from error
    except (OSError, ValueError) as error:
        raise DatasetError(f"The data set {folder.name} cannot be read.", hint=_PREPARE_AGAIN) from error
    if not isinstance(described, dict):
        raise DatasetError(f"The data set {folder.name} is damaged.", hint=_PREPARE_AGAIN)
    return described


def _piece(entry: dict[str, Any]) -> Piece:
    """One piece from its JSON.

    Raises:
        TypeError, ValueError, KeyError: It is not one.
    """
    names = [one.name for one in fields(Piece) if one.name in entry or one.name not in _LATER_FIELDS]
    values = {name: entry[name] for name in names}
    if values["split"] not in get_args(Split):
        raise ValueError("split")
    for name in ("first_row", "row_count", "notes", "family", "first_bar"):
        if type(values.get(name, 1)) is not int or values.get(name, 1) < 0:
            raise ValueError(name)
    for name in ("title", "file", "composer", "licence", "attribution", "key"):
        if type(values.get(name, "")) is not str:
            raise TypeError(name)
    values["seconds"] = float(values["seconds"])
    values["metre"] = tuple((at, over, under) for at, over, under in values.get("metre", ()))
    for at, over, under in values["metre"]:
        TimeSignature(at, over, under)  # refuses what is none
    return Piece(**values)


def _check_rows(folder: Path, codec: Codec, pieces: tuple[Piece, ...], all_rows: Rows) -> None:
    ends = [piece.first_row + piece.row_count for piece in pieces]
    right_shape = all_rows.ndim == 2 and all_rows.shape[1] == len(codec.fields) and all_rows.dtype == np.dtype("<i2")
    if not pieces or not right_shape or max(ends) > len(all_rows):
        raise DatasetError(f"The rows of the data set {folder.name} do not fit its description.", hint=_PREPARE_AGAIN)
