"""A codec with one field, as small as can be: a word is a key, and words follow each other in quavers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from musicgen_app.core.score import Score, make_notes
from musicgen_app.tokens.codec import Codec, Field, Rows

_LOWEST, _QUAVER, _CROTCHET = 60, 240, 480


@dataclass(frozen=True)
class WordCodec:
    """So many words, and the end behind them."""

    words: int = 9

    @property
    def fields(self) -> tuple[Field, ...]:
        return (Field("token", self.words + 1),)

    @property
    def start_row(self) -> Rows:
        return np.array([self.words], np.int16)

    def encode(self, score: Score) -> Rows:
        pitches = score.notes["pitch"].astype(np.int16) - _LOWEST
        return np.append(pitches, np.int16(self.words))[:, np.newaxis]

    def decode(self, rows: Rows) -> Score:
        ends = np.flatnonzero(self.is_end(rows))
        words = rows[: ends[0] if len(ends) else len(rows), 0].tolist()
        return Score(notes=make_notes([(n * _QUAVER, _CROTCHET, _LOWEST + word, 90) for n, word in enumerate(words)]))

    def quantise(self, score: Score) -> Score:
        return self.decode(self.encode(score))

    def allowed(self, field: int, chosen: Rows) -> NDArray[np.bool_]:
        return np.ones((len(chosen), self.words + 1), np.bool_)

    def deciding_field(self, field: int) -> int | None:
        return None

    def is_note(self, rows: Rows) -> NDArray[np.bool_]:
        return ~self.is_end(rows)

    def is_end(self, rows: Rows) -> NDArray[np.bool_]:
        found: NDArray[np.bool_] = rows[..., 0] == self.words
        return found

    @property
    def position_fields(self) -> tuple[Field, ...]:
        return ()

    def steps(self, rows: Rows) -> NDArray[np.int64]:
        return self.is_note(rows).astype(np.int64)

    @property
    def pause(self) -> int:
        return _QUAVER

    def positions(self, clocks: NDArray[np.int64]) -> NDArray[np.int16]:
        return np.empty((len(clocks), 0), np.int16)

    def pitches(self, rows: Rows) -> NDArray[np.int16]:
        return np.full(rows.shape[:-1], -1, np.int16)

    def parts(self, rows: Rows) -> NDArray[np.intp]:
        return np.zeros(rows.shape, np.intp)

    @property
    def part_names(self) -> tuple[str, ...]:
        return ("token",)

    def log_widths(self, rows: Rows) -> NDArray[np.float64]:
        return np.zeros(rows.shape)

    @property
    def grid(self) -> str:
        return "words"

    def transpose(self, rows: Rows, semitones: int) -> Rows:
        return rows

    def transposable(self, rows: Rows) -> tuple[int, int]:
        return 0, 0

    def description(self) -> Mapping[str, Any]:
        return {"codec": "words", "words": self.words}


def word_codec_from(description: Mapping[str, Any]) -> Codec:
    """In the place of ``codec_from``."""
    return WordCodec(description["words"])


def rows_of(*words: int, codec: WordCodec | None = None) -> Rows:
    """A piece of these words, closed by its end."""
    return np.array([*words, (codec or WordCodec()).words], np.int16)[:, np.newaxis]
