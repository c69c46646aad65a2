"""The seed codec: one word a moment, without times; what the experiments this program grew from learned from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from musicgen_app.core.errors import CodecError
from musicgen_app.core.score import DEFAULT_TICKS_PER_BEAT, TEMPO_DTYPE, Score, Track, make_notes
from musicgen_app.midi.reader import Reading
from musicgen_app.tokens.codec import Field, Rows
from musicgen_app.tokens.seed_reading import score_words, seed_words
from musicgen_app.tokens.seed_words import chord_word, is_word, note_word, pitches_of

NAME = "seed"
VERSION = 1
MOST_WORDS = 32_000
"""Classes are kept in 16 bits."""

SHORTEST_BEATS, LONGEST_BEATS = 1 / 32, 64.0
LOWEST_OCTAVE, HIGHEST_OCTAVE = -1, 8
"""Of chords, as in the names of notes: 4 is the one of middle C."""

_KINDS: Mapping[str, type] = {"step": float, "length": float, "velocity": int, "tempo": int, "octave": int}


@dataclass(frozen=True, slots=True)
class Rendering:
    """How words become notes, since they say nothing of time or loudness. The defaults are the seeds'.

    Attributes:
        step: Beats from one word to the next.
        length: Beats that each lasts.
        velocity: Its loudness, 1 to 127.
        tempo: Microseconds a beat.
        octave: MIDI pitch of the C above which chords are laid, 0 to 108.

    Raises:
        CodecError: A value is out of range.
    """

    step: float = 0.5
    length: float = 1.0
    velocity: int = 90
    tempo: int = 500_000
    octave: int = 60

    def __post_init__(self) -> None:
        if not all(SHORTEST_BEATS <= beats <= LONGEST_BEATS for beats in (self.step, self.length)):
            raise CodecError(f"A step and a length are 1/32 to {LONGEST_BEATS:g} beats.")
        if not 1 <= self.velocity <= 127 or not 0 <= self.octave <= 108 or self.octave % 12:
            raise CodecError("A velocity is 1 to 127, and the octave of chords begins with a C from 0 to 108.")
        if not 1 <= self.tempo < 2**24:
            raise CodecError(f"{self.tempo} microseconds a beat is no tempo that MIDI can say.")

    @property
    def octave_number(self) -> int:
        """The octave of chords as in the names of notes: 4 for that of middle C."""
        return self.octave // 12 - 1

    def in_octave(self, number: int) -> "Rendering":
        """With chords in the octave of this number.

        Raises:
            CodecError: It is not -1 to 8.
        """
        return replace(self, octave=12 * (number + 1))

    def to_json(self) -> dict[str, Any]:
        """The rendering as JSON values."""
        return asdict(self)

    @staticmethod
    def from_json(values: Mapping[str, Any]) -> "Rendering":
        """The rendering from the values ``to_json`` gave.

        Raises:
            CodecError: Something is missing, of the wrong kind or out of range.
        """
        if values.keys() != _KINDS.keys() or any(type(values[name]) is not kind for name, kind in _KINDS.items()):
            raise CodecError("The description of the codec lacks its rendering.")
        return Rendering(**values)


@dataclass(frozen=True, slots=True)
class SeedCodec:
    """One field, the word; implements the protocol ``Codec``. The class behind the last word ends a piece.

    Attributes:
        words: The vocabulary, sorted.
        first_part: Whether files are read by the seeds' first-part rule.
        rendering: How words become notes.
    """

    words: tuple[str, ...]
    first_part: bool = False
    rendering: Rendering = Rendering()
    _classes: Mapping[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not 1 <= len(self.words) <= MOST_WORDS:
            raise CodecError(f"A vocabulary has 1 to {MOST_WORDS:,} words, not {len(self.words):,}.")
        if list(self.words) != sorted(set(self.words)):
            raise CodecError("The words of a vocabulary are sorted, and each stands once.")
        for word in self.words:
            pitches_of(word, self.rendering.octave)
        object.__setattr__(self, "_classes", {word: index for index, word in enumerate(self.words)})

    @property
    def end_class(self) -> int:
        """The class that ends a piece, and stands before its first word."""
        return len(self.words)

    @property
    def fields(self) -> tuple[Field, ...]:
        return (Field("token", len(self.words) + 1),)

    @property
    def start_row(self) -> Rows:
        return np.array([self.end_class], dtype=np.int16)

    def encode(self, score: Score) -> Rows:
        """The rows of a score: of what this codec rendered the words it came from, else as of a file written upwards.

        Raises:
            CodecError: It has a word that is not in the vocabulary.
        """
        return self.rows_of(self._heard(score))

    def rows_of_file(self, reading: Reading) -> Rows:
        """The rows of a MIDI file, whose own order of notes counts.

        Raises:
            CodecError: It has a word that is not in the vocabulary.
        """
        return self.rows_of(seed_words(reading, self.first_part))

    def _heard(self, score: Score) -> list[str]:
        """The words of a score, in the vocabulary or not."""
        step = self.rendering.step * score.ticks_per_beat
        moments = np.unique(score.notes["onset"])
        if len(moments) < 2 or not np.allclose(np.diff(moments), step, rtol=0, atol=1):
            return score_words(score)
        # Words sound into the next one; read as a file, they would be cut up at bar lines and where keys repeat.
        groups = np.split(score.notes["pitch"], np.searchsorted(score.notes["onset"], moments[1:]))
        return [self._word(pitches.tolist()) for pitches in groups]

    def _word(self, pitches: list[int]) -> str:
        if len(set(pitches)) > 1:
            return chord_word(pitches)
        note = note_word(pitches[0])
        return note if note in self._classes else chord_word(pitches)

    def rows_of(self, words: Sequence[str]) -> Rows:
        """The rows of words, closed by the end row.

        Raises:
            CodecError: A word is not in the vocabulary.
        """
        strange = sorted({word for word in words if word not in self._classes})
        if strange:
            raise CodecError(
                f"{len(strange):,} of its words are not in the vocabulary (the first is {strange[0]}).",
                "Words a model has not learned cannot be shown to it.",
            )
        classes = [*(self._classes[word] for word in words), self.end_class]
        return np.array(classes, dtype=np.int16)[:, np.newaxis]

    def words_of(self, rows: Rows) -> list[str]:
        """The words of rows up to their end.

        Raises:
            CodecError: The rows have another shape than this codec's, or a class it does not have.
        """
        if rows.ndim != 2 or rows.shape[1] != 1:
            raise CodecError(f"Rows of shape {rows.shape} are not rows of one word.")
        if bool(np.any(rows < 0)) or bool(np.any(rows > self.end_class)):
            raise CodecError("The rows hold a class that this codec does not have.")
        ends = np.flatnonzero(self.is_end(rows))
        return [self.words[one] for one in rows[: ends[0] if len(ends) else None, 0].tolist()]

    def decode(self, rows: Rows) -> Score:
        return rendered(self.words_of(rows), self.rendering)

    def quantise(self, score: Score) -> Score:
        """What is left of a score, also where a word of it is not in the vocabulary."""
        return rendered(self._heard(score), self.rendering)

    def allowed(self, field: int, chosen: Rows) -> NDArray[np.bool_]:
        return np.ones((len(chosen), self.fields[field].size), dtype=np.bool_)

    def deciding_field(self, field: int) -> int | None:
        return None

    def is_note(self, rows: Rows) -> NDArray[np.bool_]:
        return cast(NDArray[np.bool_], rows[..., 0] != self.end_class)

    def is_end(self, rows: Rows) -> NDArray[np.bool_]:
        return cast(NDArray[np.bool_], rows[..., 0] == self.end_class)

    @property
    def position_fields(self) -> tuple[Field, ...]:
        return ()

    def steps(self, rows: Rows) -> NDArray[np.int64]:
        """Shape (rows,): one step a word; the end stands where the last word does."""
        return self.is_note(rows).astype(np.int64)

    @property
    def pause(self) -> int:
        return round(self.rendering.step * DEFAULT_TICKS_PER_BEAT)

    def positions(self, clocks: NDArray[np.int64]) -> NDArray[np.int16]:
        return np.empty((len(clocks), 0), np.int16)

    def pitches(self, rows: Rows) -> NDArray[np.int16]:
        """Shape (rows,): -1; a word may be a chord, so there are no intervals."""
        return np.full(rows.shape[:-1], -1, np.int16)

    def parts(self, rows: Rows) -> NDArray[np.intp]:
        return np.zeros(rows.shape, dtype=np.intp)

    @property
    def part_names(self) -> tuple[str, ...]:
        return ("token",)

    def log_widths(self, rows: Rows) -> NDArray[np.float64]:
        return np.zeros(rows.shape, dtype=np.float64)

    @property
    def grid(self) -> str:
        return f"{len(self.words):,} words, no times"

    def transpose(self, rows: Rows, semitones: int) -> Rows:
        """The rows as they are.

        Raises:
            CodecError: ``semitones`` is not 0; a moved chord may be no word of the vocabulary.
        """
        if semitones:
            raise CodecError(f"Words cannot be moved by {semitones} semitones.")
        return rows.copy()

    def transposable(self, rows: Rows) -> tuple[int, int]:
        return 0, 0

    def description(self) -> Mapping[str, Any]:
        return {
            "codec": NAME,
            "version": VERSION,
            "first_part": self.first_part,
            "rendering": self.rendering.to_json(),
            "words": list(self.words),
        }

    @classmethod
    def from_description(cls, description: Mapping[str, Any]) -> "SeedCodec":
        """The codec that ``description`` describes.

        Raises:
            CodecError: Something is missing, of the wrong kind or out of range.
        """
        if description.get("version") != VERSION:
            raise CodecError(
                "The words are written in a way this version of the program does not know.",
                hint="Open them with a newer version.",
            )
        words, first_part, rendering = (description.get(name) for name in ("words", "first_part", "rendering"))
        if not isinstance(words, list) or not all(isinstance(word, str) and is_word(word) for word in words):
            raise CodecError("The description of the codec lacks its words.")
        if type(first_part) is not bool or not isinstance(rendering, dict):
            raise CodecError("The description of the codec lacks its reading or its rendering.")
        return cls(tuple(words), first_part, Rendering.from_json(rendering))


def rendered(words: Sequence[str], rendering: Rendering) -> Score:
    """Words as notes.

    Raises:
        CodecError: One of them is neither a note nor a chord.
    """
    beat = DEFAULT_TICKS_PER_BEAT
    length = round(rendering.length * beat)
    notes = [
        (round(index * rendering.step * beat), length, pitch, rendering.velocity)
        for index, word in enumerate(words)
        for pitch in pitches_of(word, rendering.octave)
    ]
    tempos = np.array([(0, rendering.tempo)], dtype=TEMPO_DTYPE)
    return Score(make_notes(notes), tempos=tempos, tracks=(Track("Piano"),), ticks_per_beat=beat)


def vocabulary(words: Iterable[str]) -> tuple[str, ...]:
    """The different words, sorted."""
    return tuple(sorted(set(words)))
