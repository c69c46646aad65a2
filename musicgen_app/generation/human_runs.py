"""What people have in common with each other: the longest runs of human pieces that stand in other people's works."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from musicgen_app.core.errors import FileWriteError
from musicgen_app.core.files import write_atomically
from musicgen_app.core.progress import CancelToken
from musicgen_app.dataset.store import Dataset, Piece
from musicgen_app.generation.note_lines import pitch_line, rhythm_line
from musicgen_app.generation.originality import CopyFinder
from musicgen_app.generation.suffix_array import Whole

FILE = "human_runs.json"
"""Stands beside the data set, made when it is first asked for. Without it everything is only measured again."""
FORMAT = 1
ENOUGH_WORKS = 5
"""Fewer works than these held back do not show what is usual: the training pieces are measured too."""
MOST_NOTES = 200_000
_LENGTHS = tuple(round(25 * 2 ** (step / 2)) for step in range(17))
_OVERLAP = 8
_TAILS = (0.025, 0.975)


@dataclass(frozen=True, slots=True)
class Usual:
    """In what range the longest run of 95 % of all excerpts of one length lies.

    Attributes:
        notes: Length of the excerpts; pieces that are shorter are taken whole.
        low, high: By pitch and rhythm, in notes.
        pitch_low, pitch_high: By pitch alone.
    """

    notes: int
    low: int
    high: int
    pitch_low: int
    pitch_high: int


@dataclass(frozen=True, slots=True)
class HumanRuns:
    """What is usual among the works of a data set.

    Attributes:
        works: So many works were held against the training pieces of the others.
        held_back: Whether those are only works that are held back.
        usual: By rising length of the excerpts; empty where there are no two works.
    """

    works: int
    held_back: bool
    usual: tuple[Usual, ...]

    def at(self, notes: int) -> Usual | None:
        """What is usual in excerpts about as long as so many notes; None where it is not known."""
        return min(self.usual, key=lambda one: abs(np.log(one.notes / max(1, notes))), default=None)


def human_runs(finder: CopyFinder, cancel: CancelToken) -> HumanRuns:
    """What is usual among the works of a data set: kept beside it, or measured now and put there if it can be.

    Raises:
        Cancelled: Stopped on request.
    """
    path = finder.dataset.folder / FILE
    kept = _kept(path, finder.dataset.fingerprint)
    if kept is not None:
        return kept
    measured = measure(finder, cancel)
    content = {"format": FORMAT, "fingerprint": finder.dataset.fingerprint, **asdict(measured)}
    try:
        write_atomically(path, (json.dumps(content, indent=1) + "\n").encode())
    except FileWriteError:
        return measured  # a data set that cannot be written is measured each time
    return measured


def measure(finder: CopyFinder, cancel: CancelToken) -> HumanRuns:
    """Cut excerpts from human pieces and find the longest run of each that stands in a training piece.

    Pieces that are held back are measured; where they are of fewer than ``ENOUGH_WORKS`` works, the training pieces
    as well. Neither its own work nor another edition of it counts as a source. Each excerpt begins an eighth of its
    length after the one before.

    Raises:
        Cancelled: Stopped on request.
    """
    dataset = finder.dataset
    held = dataset.pieces_of("validation")
    enough = len({piece.family for piece in held}) >= ENOUGH_WORKS
    rhythms, pitches, works = [], [], set()
    for piece in _measured(dataset, enough):
        cancel.check()
        if {one.family for one in dataset.pieces_of("train")} <= {piece.family}:
            continue
        notes = dataset.score(piece).notes
        rhythms.append(finder.rhythms.find(rhythm_line(notes), piece.family).lengths)
        pitches.append(finder.pitches.find(pitch_line(notes), piece.family).lengths)
        works.add(piece.family)
    usual = tuple(_usual(notes, rhythms, pitches) for notes in _LENGTHS) if works else ()
    return HumanRuns(len(works), enough, usual)


def _measured(dataset: Dataset, held_back: bool) -> Iterator[Piece]:
    """Pieces in an order that does not depend on their names, up to about ``MOST_NOTES`` notes."""
    pieces = dataset.pieces_of("validation") if held_back else dataset.pieces
    taken = 0
    for index in np.random.default_rng(0).permutation(len(pieces)).tolist():
        if taken >= MOST_NOTES:
            return
        taken += pieces[index].notes
        yield pieces[index]


def _usual(notes: int, rhythms: list[Whole], pitches: list[Whole]) -> Usual:
    low, high = _range(notes, rhythms)
    return Usual(notes, low, high, *_range(notes, pitches))


def _range(notes: int, pieces: list[Whole]) -> tuple[int, int]:
    longest = np.concatenate([longest_in_excerpts(lengths, notes) for lengths in pieces])
    low = np.quantile(longest, _TAILS[0], method="lower")
    high = np.quantile(longest, _TAILS[1], method="higher")
    return int(low), int(high)


def longest_in_excerpts(lengths: Whole, notes: int) -> Whole:
    """Notes of the longest run in each excerpt of a piece.

    Args:
        lengths: Shape (notes of the piece - 1,): steps of the longest run from each note on.
        notes: Length of the excerpts.
    """
    places = min(notes - 1, len(lengths))
    begins = np.arange(0, len(lengths) - places + 1, max(1, notes // _OVERLAP))
    inside = np.arange(places)
    runs = np.minimum(lengths[begins[:, np.newaxis] + inside], places - inside)
    found: Whole = runs.max(axis=1, initial=0)
    return np.where(found > 0, found + 1, 0)


def _kept(path: Path, fingerprint: str) -> HumanRuns | None:
    """What stands beside the data set; None where nothing does, or nothing that fits."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if (content["format"], content["fingerprint"]) != (FORMAT, fingerprint):
            return None
        usual = tuple(Usual(**{name: int(value) for name, value in one.items()}) for one in content["usual"])
        return HumanRuns(int(content["works"]), bool(content["held_back"]), usual)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
