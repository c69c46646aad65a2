"""How much of a piece stands in the music a model learned from: its copied runs, and where they come from."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from musicgen_app.core.analysis import piano_notes
from musicgen_app.core.progress import CancelToken
from musicgen_app.core.score import Notes, Score
from musicgen_app.core.timing import Meter, TempoMap
from musicgen_app.dataset.store import Dataset, Piece
from musicgen_app.generation.note_lines import pitch_line, rhythm_line
from musicgen_app.generation.suffix_array import Whole
from musicgen_app.generation.suffixes import Matches, SuffixIndex

RUN_SIZES = (8, 12, 20)
"""Runs of so many notes or more are counted; shorter ones are everybody's."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a copied run stands in the training pieces, for the first time.

    Attributes:
        piece: Index into the data set's pieces.
        title: The piece's.
        note: Its first note there, counted from 0.
        bar: The bar of that note; None on a grid without bars.
        second: When that note sounds.
    """

    piece: int
    title: str
    note: int
    bar: int | None
    second: float


@dataclass(frozen=True, slots=True)
class CopiedRun:
    """Notes in a row that stand in a training piece too, in any key.

    Attributes:
        notes: How many.
        first: Which piano note of the take it begins with, counted from 0.
        onset, end: Its place in the take, in the take's ticks: from its first note to the moment after its last.
        bar: The bar of the take it begins in.
        same_rhythm: Whether the rhythm is that of the source too (in any tempo), or only the pitches.
        source: Where they stand.
    """

    notes: int
    first: int
    onset: int
    end: int
    bar: int
    same_rhythm: bool
    source: Source


@dataclass(frozen=True, slots=True)
class Copies:
    """What of a take is copied.

    Attributes:
        notes: Notes that were looked at.
        longest: The longest run whose pitches and rhythm stand in a training piece; None where no two notes do.
        longest_pitches: The longest run whose pitches do.
        runs: Every run of pitches of ``RUN_SIZES[0]`` notes or more, but for those that lie in longer ones; by onset.
        shares: Part of the notes that stand in runs of so many notes or more, for each of ``RUN_SIZES``.
    """

    notes: int
    longest: CopiedRun | None
    longest_pitches: CopiedRun | None
    runs: tuple[CopiedRun, ...]
    shares: Mapping[int, float]

    @property
    def longest_run(self) -> int:
        """Notes of the longest run; 0 where there is none."""
        return self.longest.notes if self.longest is not None else 0

    @property
    def longest_pitch_run(self) -> int:
        """Notes of the longest run of pitches; 0 where there is none."""
        return self.longest_pitches.notes if self.longest_pitches is not None else 0


class CopyFinder:
    """Knows all passages of the training pieces of a data set.

    Attributes:
        dataset: The data set.
        pieces: Index into its pieces of each that is known here.
        rhythms, pitches: Their passages, with and without rhythm; grouped by family.
    """

    def __init__(self, dataset: Dataset, cancel: CancelToken) -> None:
        """Read the training pieces: about a second for a million notes.

        Raises:
            Cancelled: Stopped on request.
        """
        self.dataset = dataset
        self.pieces = [index for index, piece in enumerate(dataset.pieces) if piece.split == "train"]
        self._onsets: list[Whole] = []
        self._meters: list[tuple[Meter, TempoMap]] = []
        rhythms, pitches = [], []
        for piece in self._known():
            cancel.check()
            score = dataset.score(piece)
            self._onsets.append(score.notes["onset"].copy())
            self._meters.append((Meter(score), TempoMap(score)))
            rhythms.append(rhythm_line(score.notes))
            pitches.append(pitch_line(score.notes))
        families = [piece.family for piece in self._known()]
        self.pitches = SuffixIndex(pitches, families)
        cancel.check()
        self.rhythms = SuffixIndex(rhythms, families)

    def check(self, score: Score, skipped: int = 0) -> Copies:
        """Find what of a score is copied.

        It is laid on the grid of the data set first, so that both are compared in the same terms.

        Args:
            score: The take.
            skipped: So many piano notes at its beginning are not looked at: what it goes on from is no find.
        """
        played = _Played(self.dataset, score, skipped)
        by_rhythm = self.rhythms.find(rhythm_line(played.notes))
        by_pitch = self.pitches.find(pitch_line(played.notes))
        begins = outermost(by_pitch.lengths + 1, RUN_SIZES[0])
        # A run comes from where its rhythm stands too, if it stands anywhere.
        rhythm = by_rhythm.lengths[begins] >= by_pitch.lengths[begins]
        with_rhythm, longest = self._named(played, self.rhythms, by_rhythm, begins[rhythm])
        pitches_only, longest_pitches = self._named(played, self.pitches, by_pitch, begins[~rhythm])
        runs = tuple(sorted(with_rhythm + pitches_only, key=lambda run: run.first))
        covered = longest_around(len(played.notes), [(run.first - skipped, run.notes) for run in runs])
        shares = {size: float((covered >= size).mean()) if len(covered) else 0.0 for size in RUN_SIZES}
        return Copies(len(played.notes), longest, longest_pitches, runs, shares)

    def _known(self) -> list[Piece]:
        return [self.dataset.pieces[index] for index in self.pieces]

    def _named(
        self, played: "_Played", index: SuffixIndex, matches: Matches, begins: Whole
    ) -> tuple[list[CopiedRun], CopiedRun | None]:
        """The runs that begin at some notes, and the longest of all, with the places they come from."""
        if len(matches.lengths) == 0 or int(matches.lengths.max()) == 0:
            return [], None
        begins = np.append(begins, matches.lengths.argmax())
        lines, places = index.first_places(matches, begins)
        runs = []
        for begin, line, place in zip(begins.tolist(), lines.tolist(), places.tolist(), strict=True):
            notes = int(matches.lengths[begin]) + 1
            runs.append(played.run(begin, notes, index is self.rhythms, self._source(line, place)))
        return runs[:-1], runs[-1]

    def _source(self, line: int, note: int) -> Source:
        index = self.pieces[line]
        piece = self.dataset.pieces[index]
        tick = int(self._onsets[line][note])
        meter, tempos = self._meters[line]
        bar = meter.position(tick).bar + piece.first_bar - 1 if self.dataset.has_bars else None
        return Source(index, piece.title, note, bar, tempos.second(tick))


class _Played:
    """The notes of a take as the data set would have them, each with its place in the take.

    Attributes:
        notes: Those that are looked at.
    """

    def __init__(self, dataset: Dataset, score: Score, skipped: int) -> None:
        laid = dataset.codec.quantise(score).notes
        shown = piano_notes(score)
        self._meter = Meter(score)
        self._skipped = skipped
        self._onsets = shown["onset"][_alignment(shown, laid)]
        self._moments = np.append(shown["onset"], score.with_notes(shown).end)
        self.notes = laid[skipped:]

    def run(self, begin: int, notes: int, rhythm: bool, source: Source) -> CopiedRun:
        """The run that begins with one of the notes that are looked at."""
        first = begin + self._skipped
        onsets = self._onsets[first : first + notes]
        onset, last = int(onsets.min()), int(onsets.max())
        after = int(self._moments[np.searchsorted(self._moments[:-1], last, side="right")])
        return CopiedRun(notes, first, onset, after, self._meter.position(onset).bar, rhythm, source)


def _alignment(shown: Notes, laid: Notes) -> NDArray[np.intp]:
    """Which note of a score each note on the grid was: exact, but where the grid has merged some of them."""
    by_pitch = [np.argsort(notes["pitch"], kind="stable") for notes in (shown, laid)]
    if np.array_equal(shown["pitch"][by_pitch[0]], laid["pitch"][by_pitch[1]]):
        aligned = np.empty(len(laid), dtype=np.intp)
        aligned[by_pitch[1]] = by_pitch[0]
        return aligned
    return np.arange(len(laid)) * len(shown) // max(1, len(laid))


def outermost(lengths: Whole, least: int) -> Whole:
    """Where runs of at least so many notes begin that are, for some note of theirs, the longest around it.

    Args:
        lengths: Notes of the longest run that begins with each note.
        least: Shorter ones do not count.
    """
    long = np.flatnonzero(lengths >= least)
    owners = np.full(len(lengths) + 1, -1, dtype=np.int64)
    for begin in long[np.argsort(lengths[long], kind="stable")].tolist():
        owners[begin : begin + lengths[begin]] = begin
    found = np.unique(owners)
    return found[found >= 0]


def longest_around(notes: int, runs: list[tuple[int, int]]) -> Whole:
    """Shape (notes,): notes of the longest run (first, length) around each."""
    covered = np.zeros(notes, dtype=np.int64)
    for first, length in runs:
        covered[first : first + length] = np.maximum(covered[first : first + length], length)
    return covered
