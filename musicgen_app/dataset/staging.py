"""Holds the rows of pieces on disk while it is not yet known which grid they will use and which are kept."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from musicgen_app.core.analysis import has_beat, piano_notes, tempos_by_notes
from musicgen_app.core.score import Score
from musicgen_app.dataset.bars import Bars, bars_of, first_bar
from musicgen_app.dataset.families import Sketch, sketch
from musicgen_app.dataset.fingerprint import fingerprint
from musicgen_app.dataset.split import from_first_bar
from musicgen_app.tokens.codec import Rows
from musicgen_app.tokens.grid import GridName
from musicgen_app.tokens.notes import NoteCodec, metrical_codec, seconds_codec


@dataclass(frozen=True, slots=True)
class Laid:
    """One piece on one grid.

    Attributes:
        first_row, row_count: Where its rows are in the file of that grid.
        digest: Hash of its rows.
        long_gaps, long_notes: How many were shortened.
    """

    first_row: int
    row_count: int
    digest: str
    long_gaps: int
    long_notes: int


@dataclass(frozen=True, slots=True)
class Staged:
    """One usable piece.

    Attributes:
        notes: Notes of the piano.
        merged: Notes that doubled another one at the same moment.
        turns: Its melodic turns.
        beat: Whether it lies on a metrical grid.
        tempos: Tempos (microseconds a beat) and the number of notes in each.
        bars: Its bars.
        laid: The piece on each grid.
        fingerprint: Equal for copies in any key.
    """

    notes: int
    merged: int
    turns: Sketch
    beat: bool
    tempos: tuple[NDArray[np.int64], NDArray[np.int64]]
    bars: Bars
    laid: Mapping[GridName, Laid]
    fingerprint: bytes


@dataclass(frozen=True, slots=True)
class Spread:
    """A score laid on every grid, before its rows have a place in a file.

    Attributes:
        staged: What is known of it; its rows begin at 0 on each grid.
        rows: Its rows on each grid, little-endian 16 bit.
    """

    staged: Staged
    rows: Mapping[GridName, bytes]


class Staging:
    """A folder with one file of rows for each grid that may be chosen.

    Attributes:
        codecs: What rows mean on each grid.
    """

    def __init__(self, folder: Path, grids: Sequence[GridName], pedal: bool) -> None:
        self.codecs: Mapping[GridName, NoteCodec] = {
            grid: metrical_codec(pedal=pedal) if grid == "metrical" else seconds_codec(pedal=pedal) for grid in grids
        }
        self._files = {grid: folder / f"staged-{grid}" for grid in grids}
        self._lengths = dict.fromkeys(grids, 0)

    def add(self, score: Score) -> Staged:
        """Lay a score on every grid, from the bar of its first note on, and keep it."""
        return self.keep(spread(score, self.codecs))

    def keep(self, found: Spread) -> Staged:
        """Write down the rows of a score, behind those that are there."""
        laid: dict[GridName, Laid] = {}
        for grid, content in found.rows.items():
            with self._files[grid].open("ab") as out:
                out.write(content)
            laid[grid] = replace(found.staged.laid[grid], first_row=self._lengths[grid])
            self._lengths[grid] += laid[grid].row_count
        return replace(found.staged, laid=laid)

    def rows(self, grid: GridName, laid: Laid) -> Rows:
        """The rows of one piece, read from disk."""
        width = len(self.codecs[grid].fields)
        skipped = laid.first_row * width * np.dtype("<i2").itemsize
        found = np.fromfile(self._files[grid], dtype="<i2", count=laid.row_count * width, offset=skipped)
        return found.reshape(laid.row_count, width)

    def clear(self) -> None:
        """Delete the files."""
        for file in self._files.values():
            file.unlink(missing_ok=True)


def spread(score: Score, codecs: Mapping[GridName, NoteCodec]) -> Spread:
    """Lay a score on every grid, from the bar of its first note on."""
    bar, print_ = first_bar(score), fingerprint(score)
    score = from_first_bar(score)
    laid: dict[GridName, Laid] = {}
    contents: dict[GridName, bytes] = {}
    kept = 0
    for grid, codec in codecs.items():
        rows = codec.encode(score)
        contents[grid] = _content(rows)
        gaps, notes = codec.too_long(score)
        laid[grid] = Laid(0, len(rows), _digest(contents[grid]), gaps, notes)
        kept = int(codec.is_note(rows).sum())
    count = len(piano_notes(score))
    bars = bars_of(score, bar)
    staged = Staged(count, count - kept, sketch(score), has_beat(score), tempos_by_notes(score), bars, laid, print_)
    return Spread(staged, contents)


def digest_of(score: Score, codec: NoteCodec) -> str:
    """The hash of a score's rows on a grid, as ``Laid.digest``."""
    return _digest(_content(codec.encode(from_first_bar(score))))


def _content(rows: Rows) -> bytes:
    return np.ascontiguousarray(rows, dtype="<i2").tobytes()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def grid_for(pieces: Sequence[Staged]) -> GridName:
    """The grid that suits most of the notes."""
    return grid_of(sum(piece.notes for piece in pieces if piece.beat), sum(piece.notes for piece in pieces))


def grid_of(with_beat: int, notes: int) -> GridName:
    """The grid for music of which so many notes follow the beat."""
    return "metrical" if 2 * with_beat >= notes else "seconds"


def usual_tempo(pieces: Sequence[Staged]) -> int:
    """The median of the tempos of all notes of at least one piece, in microseconds a beat."""
    rates = np.concatenate([piece.tempos[0] for piece in pieces])
    counts = np.concatenate([piece.tempos[1] for piece in pieces])
    order = np.argsort(rates, kind="stable")
    reached = np.cumsum(counts[order])
    return int(np.clip(rates[order][np.searchsorted(reached, reached[-1] / 2)], 1, 2**24 - 1))
