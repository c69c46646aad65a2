"""Music as the seeds' words that outputs are held against: what of them is copied, from where, and how that sounds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from musicgen_app.core.analysis import piano_notes
from musicgen_app.core.errors import MusicgenError
from musicgen_app.core.score import Score
from musicgen_app.core.timing import Meter
from musicgen_app.generation.opening import moved_back
from musicgen_app.generation.originality import RUN_SIZES
from musicgen_app.generation.word_copies import (
    Keys,
    WordFinder,
    WordRun,
    in_even_steps,
    keys_of_score,
    timed_keys_of_score,
)
from musicgen_app.midi.reader import read_midi
from musicgen_app.project.verdict import TOKENS, Copied
from musicgen_app.project.verdict_words import copied_place, is_copy
from musicgen_app.tokens.seed import Rendering, SeedCodec, vocabulary
from musicgen_app.tokens.seed_reading import timed_words
from musicgen_app.workflow.list_pieces import ListedPiece

_NEAR = 6
"""Notes within so many parts of a beat of a word's place belong to it: words are laid on sixteenths and triplets."""


@dataclass(frozen=True, slots=True)
class WordLine:
    """Words in their order.

    Attributes:
        name: Of the list they are; empty where the line is a piece.
        keys: What each is played with.
        pieces: The pieces in it that are known, in order.
        words: The words; empty for what was read from a rendered file.
    """

    name: str
    keys: Sequence[Keys]
    pieces: tuple[ListedPiece, ...] = ()
    words: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class WordCopy:
    """Tokens in a row of a piece of music that stand in a reference too.

    Attributes:
        notes: How many.
        onset, end: Its place in the music, in its ticks: from its first token to the moment after its last.
        bar: The bar it begins in.
        run: The run of words it is.
        words: It in a few words, with where it stands.
        moments: Shape (notes,): the tick of each of its tokens in the music.
    """

    notes: int
    onset: int
    end: int
    bar: int
    run: WordRun
    words: str
    moments: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class WordCopies:
    """What of a piece of music is copied: its longest run, and all runs that are worth marking."""

    longest: WordCopy | None
    runs: tuple[WordCopy, ...]

    @property
    def longest_run(self) -> int:
        """Tokens of the longest run; 0 where there is none."""
        return 0 if self.longest is None else self.longest.notes

    @property
    def longest_pitch_run(self) -> int:
        """The same: tokens know no rhythm."""
        return self.longest_run


@dataclass(frozen=True, slots=True)
class WordJudgement:
    """What is to be said of a piece of music; shaped as the ``Judgement`` of notes.

    Attributes:
        copies: What of it is copied.
        found: The same as it is kept with a run.
        against: What it was held against, by name.
        fingerprint: Of the data set that is; "" for another reference.
    """

    copies: WordCopies
    found: Copied
    against: str
    fingerprint: str = ""

    @property
    def copied(self) -> bool:
        """Whether so many tokens in a row stand in the reference as nobody hits by chance."""
        return is_copy(self.found)

    @property
    def decisive(self) -> WordCopy | None:
        """The run the verdict is about."""
        return self.copies.longest

    @property
    def verdict(self) -> str:
        """One plain sentence."""
        found = self.found
        if found.longest == 0:
            return f"No token of it stands in {self.against}."
        place = copied_place(found, self.against)
        if not self.copied:
            return f"Longest run {found.longest:,} tokens, from {place}; shorter than any that is called a copy."
        tokens = f"All {found.longest:,}" if found.longest == found.total else f"{found.longest:,} of {found.total:,}"
        return f"{tokens} tokens are copied in one piece from {place}."

    def text(self) -> str:
        """The verdict and what stands behind it, a line each."""
        sizes = [f"{self.found.shares[str(size)]:.1%} in runs of {size} or more" for size in RUN_SIZES]
        lines = [self.verdict, f"Of {self.found.total:,} tokens: {', '.join(sizes)}."]
        return "\n".join([*lines, *(f"Bar {run.bar}: {run.words}" for run in self.copies.runs)])


class WordReference:
    """Music as the seeds' words.

    Args:
        name: What to call it in a sentence.
        lines: Its words, of each piece or of whole lists.
        rendering: How words are played where no MIDI file of theirs is at hand.
        fingerprint: Of the data set it is; "" for another.

    Attributes:
        name, lines, fingerprint: As given.
    """

    def __init__(
        self, name: str, lines: Sequence[WordLine], rendering: Rendering | None = None, fingerprint: str = ""
    ) -> None:
        self.name = name
        self.fingerprint = fingerprint
        self.lines = tuple(lines)
        self._rendering = rendering if rendering is not None else Rendering()
        self._finder = WordFinder([line.keys for line in lines])
        self._played: dict[tuple[Path, bool], tuple[Score, list[int]]] = {}

    def judge(self, score: Score) -> Copied:
        """What of a piece of music stands in it too."""
        found = self._finder.check(keys_of_score(score, self._rendering.octave))
        return self._copied(found.words, found.longest, found.shares)

    def compare(self, score: Score, skipped: int = 0) -> WordJudgement:
        """The same for a score that is seen: with every run that is worth a mark.

        Args:
            score: The music.
            skipped: So many piano notes at its beginning are not looked at.
        """
        timed = timed_keys_of_score(score, self._rendering.octave)
        notes = piano_notes(score)
        begin = int(notes["onset"][skipped]) if skipped < len(notes) else score.end
        timed = [(tick, keys) for tick, keys in timed if not skipped or tick >= begin]
        ticks = np.array([*(tick for tick, _ in timed), score.end], dtype=np.int64)
        found = self._finder.check([keys for _, keys in timed])
        meter = Meter(score)

        def shown(run: WordRun) -> WordCopy:
            last = run.first + run.words
            onset = int(ticks[run.first])
            words = f"{run.words:,} tokens of {copied_place(self._copied(found.words, run, {}), self.name)}"
            end = max(int(ticks[last]), onset + 1)
            return WordCopy(run.words, onset, end, meter.position(onset).bar, run, words, ticks[run.first : last])

        longest = None if found.longest is None else shown(found.longest)
        copies = WordCopies(longest, tuple(shown(run) for run in found.runs))
        return WordJudgement(
            copies, self._copied(found.words, found.longest, found.shares), self.name, self.fingerprint
        )

    def passage(self, copy: WordCopy) -> tuple[Score, NDArray[np.int64]]:
        """What a run was copied from, as a score of its own, and the tick of each token in it.

        It is the passage of the MIDI file in its own timing where that is at hand, else the words as they are rendered.
        """
        run = copy.run
        pieces = self._pieces_of(run)
        whole = len(pieces) == 1 and pieces[0].place <= run.place and run.place + run.words <= pieces[0].end
        played = self._from_file(pieces[0], run) if whole else None
        return self._rendered(run) if played is None else played

    def _from_file(self, piece: ListedPiece, run: WordRun) -> tuple[Score, NDArray[np.int64]] | None:
        try:
            whole, ticks = self._file(piece)
        except MusicgenError:
            return None
        first = run.place - piece.place
        moments = np.array(ticks[first : first + run.words], dtype=np.int64)
        if len(moments) < run.words:
            return None  # the file has changed since
        near = whole.ticks_per_beat // _NEAR
        begin, last = int(moments.min()) - near, int(moments.max()) + near
        onsets = whole.notes["onset"]
        inside = whole.notes[(onsets >= begin) & (onsets <= last)]
        if len(inside) == 0:
            return None
        start = int(inside["onset"][0])
        pedals = whole.pedals[whole.pedals["onset"] <= last]
        heard = moved_back(replace(whole, notes=inside, pedals=pedals), start)
        return heard, np.maximum(moments - start, 0)

    def _file(self, piece: ListedPiece) -> tuple[Score, list[int]]:
        """A piece and the tick of each of its words; neither where its file is not known.

        Raises:
            MidiReadError: It cannot be read any more.
        """
        if piece.file is None:
            return Score(), []
        known = self._played.get((piece.file, piece.first_part))
        if known is None:
            reading = read_midi(piece.file)
            if in_even_steps(reading.score):
                ticks = [tick for tick, _ in timed_keys_of_score(reading.score, self._rendering.octave)]
            else:
                ticks = [tick for tick, _ in timed_words(reading, piece.first_part)]
            known = self._played[piece.file, piece.first_part] = (reading.score, ticks)
        return known

    def _rendered(self, run: WordRun) -> tuple[Score, NDArray[np.int64]]:
        line = self.lines[run.line]
        words = list(line.words[run.place : run.place + run.words])
        codec = SeedCodec(vocabulary(words), rendering=self._rendering)
        score = codec.decode(codec.rows_of(words))
        step = round(self._rendering.step * score.ticks_per_beat)
        return score, np.arange(len(words), dtype=np.int64) * step

    def _pieces_of(self, run: WordRun) -> list[ListedPiece]:
        """The known pieces a run lies in, in order."""
        end = run.place + run.words
        return [piece for piece in self.lines[run.line].pieces if piece.place < end and run.place < piece.end]

    def _copied(self, total: int, run: WordRun | None, shares: Mapping[int, float]) -> Copied:
        """A run as it is kept."""
        named: dict[str, Any] = {"longest": 0, "first": 0, "piece": "", "place": 0}
        if run is not None:
            named = {"longest": run.words, "first": run.first, "place": run.place, **self._named(run)}
        return Copied(
            unit=TOKENS,
            total=total,
            bar=None,
            same_rhythm=False,
            usual=None,
            shares={str(size): shares.get(size, 0.0) for size in RUN_SIZES},
            **named,
        )

    def _named(self, run: WordRun) -> dict[str, Any]:
        """The piece of a run, where in it that begins, and the piece it goes on into."""
        name, pieces = self.lines[run.line].name, self._pieces_of(run)
        if not pieces or run.place < pieces[0].place:
            return {"piece": "", "list_name": name}
        first = pieces[0]
        return {
            "piece": first.title,
            "list_name": name,
            "within": run.place - first.place,
            "piece_tokens": first.words,
            "goes_on": pieces[-1].title if len(pieces) > 1 else "",
        }
