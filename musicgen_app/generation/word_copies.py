"""How much of a piece stands word for word in the music of others: the seeds' words, as they sound.

Words are compared by the keys they are played with: a chord by its pitch classes, since its octave is folded away, and
one of a single class as the note it sounds like. So a rendered file can be held against the list it was learned from.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from musicgen_app.core.analysis import piano_notes
from musicgen_app.core.score import Score
from musicgen_app.generation.originality import RUN_SIZES, longest_around, outermost
from musicgen_app.generation.suffix_array import Line, Whole
from musicgen_app.generation.suffixes import SuffixIndex
from musicgen_app.tokens.seed_reading import timed_score_words
from musicgen_app.tokens.seed_words import pitches_of

Keys = tuple[int, ...]
"""The pitch of a note, or the pitch classes of a chord, rising."""


@dataclass(frozen=True, slots=True)
class WordRun:
    """Words in a row that stand in the known lines too.

    Attributes:
        words: How many.
        first: Which word of the piece it begins with, counted from 0.
        line: The line they stand in.
        place: Their first word there, counted from 0.
    """

    words: int
    first: int
    line: int
    place: int


@dataclass(frozen=True, slots=True)
class WordCopies:
    """What of a piece is copied.

    Attributes:
        words: Words that were looked at.
        longest: The longest run; None where no word is known. Of several it is the first of the piece, and of those
            places it stands at, the first.
        runs: Every run of ``RUN_SIZES[0]`` words or more, but for those that lie in longer ones, in order.
        shares: Part of the words that stand in runs of so many words or more, for each of ``RUN_SIZES``.
    """

    words: int
    longest: WordRun | None
    runs: tuple[WordRun, ...]
    shares: Mapping[int, float]


class WordFinder:
    """Knows all passages of some lines of words.

    Args:
        lines: The keys of each, of a piece say; runs do not go from one into the next.
    """

    def __init__(self, lines: Sequence[Sequence[Keys]]) -> None:
        known = dict.fromkeys(keys for line in lines for keys in line)
        self._numbers = {keys: number for number, keys in enumerate(known)}
        self._index = SuffixIndex([Line.plain(self._coded(line)) for line in lines])

    def check(self, piece: Sequence[Keys]) -> WordCopies:
        """Find what of a piece is copied."""
        matches = self._index.find(Line.plain(self._coded(piece)))
        lengths = matches.lengths
        shares = dict.fromkeys(RUN_SIZES, 0.0)
        if len(lengths) == 0 or int(lengths.max()) == 0:
            return WordCopies(len(piece), None, (), shares)
        around = longest_around(len(piece), [(first, length) for first, length in enumerate(lengths.tolist())])
        begins = np.append(outermost(lengths, RUN_SIZES[0]), lengths.argmax())
        lines, places = self._index.first_places(matches, begins)
        *runs, longest = (
            WordRun(int(lengths[begin]), begin, line, place)
            for begin, line, place in zip(begins.tolist(), lines.tolist(), places.tolist(), strict=True)
        )
        return WordCopies(len(piece), longest, tuple(runs), {size: float((around >= size).mean()) for size in shares})

    def _coded(self, line: Sequence[Keys]) -> Whole:
        strange = len(self._numbers)
        return np.array([self._numbers.get(keys, strange) for keys in line], dtype=np.int64)


def keys_of_words(words: Iterable[str], octave: int) -> list[Keys]:
    """The keys of words.

    Args:
        words: The words of notes and chords.
        octave: MIDI pitch of the C above which chords are laid.

    Raises:
        CodecError: A word is none.
    """
    words = list(words)
    known = {word: _keys(pitches_of(word, octave), octave) for word in set(words)}
    return [known[word] for word in words]


def keys_of_score(score: Score, octave: int) -> list[Keys]:
    """The keys of a piece: at each moment, where moments come in even steps as words do, else as a file is read."""
    return [keys for _, keys in timed_keys_of_score(score, octave)]


def timed_keys_of_score(score: Score, octave: int) -> list[tuple[int, Keys]]:
    """The keys of ``keys_of_score``, each with the tick it stands at."""
    if not in_even_steps(score):
        timed = timed_score_words(score)
        keys = keys_of_words((word for _, word in timed), octave)
        return [(tick, one) for (tick, _), one in zip(timed, keys, strict=True)]
    moments = np.unique(piano_notes(score)["onset"]).tolist()
    return list(zip(moments, (_keys(pitches, octave) for pitches in struck_together(score)), strict=True))


def in_even_steps(score: Score) -> bool:
    """Whether the moments of a piece come in even steps, to the tick, as those of rendered words do."""
    steps = np.diff(np.unique(piano_notes(score)["onset"]))
    return len(steps) == 0 or int(steps.max() - steps.min()) <= 1


def struck_together(score: Score) -> list[Keys]:
    """The pitches that begin at each moment of a piece, rising, each once; drums do not count."""
    notes = piano_notes(score)
    starts = np.flatnonzero(np.diff(notes["onset"], prepend=-1))
    return [tuple(sorted(set(group.tolist()))) for group in np.split(notes["pitch"], starts[1:])] if len(notes) else []


def _keys(pitches: Sequence[int], octave: int) -> Keys:
    if len(pitches) == 1:
        return (pitches[0],)
    classes = sorted({pitch % 12 for pitch in pitches})
    return (octave + classes[0],) if len(classes) == 1 else tuple(classes)
