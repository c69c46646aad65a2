"""The verb ``library advice``: what a collection is enough for, and what training on it will take."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from musicgen_app import environment
from musicgen_app.core.errors import UsageError
from musicgen_app.core.progress import CancelToken, Report
from musicgen_app.dataset.coverage import Coverage, coverage
from musicgen_app.dataset.library import Library
from musicgen_app.dataset.library_keys import decide
from musicgen_app.dataset.recipe import NO_RECIPE, Recipe
from musicgen_app.dataset.split import LARGEST_SHARE, validation_families
from musicgen_app.generation.presets import PRESETS
from musicgen_app.project.run_index import refresh_index
from musicgen_app.project.story import duration_words
from musicgen_app.tokens.notes import NoteCodec, metrical_codec, seconds_codec
from musicgen_app.workflow.advice_rules import Amounts, given
from musicgen_app.workflow.epoch_time import EpochTime, epoch_times, machine_speed

ONE_WORK_LATER = "All is one work: its last part, from a bar line on, will be held back for validation."
_BY = {
    "run": "by its last run here",
    "other run": "by runs of other sizes here",
    "machine": "by how quickly this machine multiplies",
}


@dataclass(frozen=True, slots=True)
class AdviceRequest:
    """What is asked.

    Attributes:
        library: Folder of the library.
        validation, pedal, grid, seed, codec: As in ``prepare.PrepareConfig``.
        speeds: Notes a second in the latest run of each preset, as far as there was one here.
        project: The project whose runs tell these speeds, where they are not given.
        recipe: What was decided about single files.

    Raises:
        UsageError: The share to hold back is out of range.
    """

    library: Path
    validation: float = 0.1
    pedal: str = "rows"
    grid: str = "auto"
    seed: int = 0
    codec: str = "notes"
    speeds: Mapping[str, float] = field(default_factory=dict)
    project: Path | None = None
    recipe: Recipe = NO_RECIPE

    def __post_init__(self) -> None:
        if not 0 <= self.validation <= LARGEST_SHARE:
            raise UsageError(f"The part to hold back is {self.validation:g}; expected 0 to {LARGEST_SHARE:g}.")


@dataclass(frozen=True, slots=True)
class Advice:
    """What is said of a collection.

    Attributes:
        pieces: Files that can be used.
        works: Different works among them, editions and transpositions being one.
        compared: Whether files were held against each other, so that works are known; each counts for itself before.
        notes, hours: In those files.
        wanted: The part of the notes to hold back.
        held_pieces, held_works, held_notes: What a split by work leaves for validation.
        coverage: How much of the vocabulary occurs; None where words are to be made.
        times: How long an epoch takes, smallest preset first.
        preset: Which of them is advised; empty where there is no music.
        advice: The advice in a sentence.
        reasons: Why, in sentences.
    """

    pieces: int
    works: int
    compared: bool
    notes: int
    hours: float
    wanted: float
    held_pieces: int
    held_works: int
    held_notes: int
    coverage: Coverage | None
    times: tuple[EpochTime, ...]
    preset: str
    advice: str
    reasons: tuple[str, ...]

    def validation_sentence(self) -> str:
        """What the split leaves, in words."""
        if not self.held_notes:
            one = self.works == 1 and self.wanted > 0
            return ONE_WORK_LATER if one else "Nothing is held back for validation."
        left = self.notes - self.held_notes
        works = f" ({_count(self.held_works, 'work')})" if self.held_works != self.held_pieces else ""
        return (
            f"For validation {_count(self.held_pieces, 'piece')}{works} with {self.held_notes:,} notes; "
            f"{left:,} notes to learn from."
        )

    def remarks(self) -> tuple[str, ...]:
        """What is to be said of the vocabulary, and of what is not known yet."""
        told = []
        if self.coverage is not None and self.coverage.looked_at:
            told.append(self.coverage.sentence())
        if self.coverage is None:
            told.append("Words are counted when the set is prepared; times are those of as many notes.")
        if not self.compared and self.pieces > 1:
            told.append("The files have not been held against each other yet: each counts as a work of its own.")
        return tuple(told)

    def time_sentences(self) -> tuple[str, ...]:
        """How long an epoch takes with each preset, and how that is known."""
        return tuple(
            f"{PRESETS[one.preset].title}: about {duration_words(max(1.0, one.seconds))} an epoch, {_BY[one.how]}"
            for one in self.times
        )

    def how_timed(self) -> str:
        """How the times are known, in a sentence."""
        hows = {one.how for one in self.times}
        if "run" in hows:
            return (
                "Measured in earlier runs here." if hows == {"run"} else "By earlier runs here; the others follow them."
            )
        return "Estimated by how quickly this machine multiplies; the first training measures it." if hows else ""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A usable file, as far as the split needs it."""

    id: int
    path: str
    notes: int
    seconds: float
    beat: bool


def advise(request: AdviceRequest, report: Report, cancel: CancelToken) -> Advice:
    """Look at a library and say what it is enough for.

    Raises:
        Cancelled: Stopped on request.
        LibraryError: There is no library, or it is damaged.
    """
    speeds = request.speeds
    if not speeds and request.project is not None:
        speeds = speeds_of(request.project)
    with Library(request.library) as library:
        decide(library, request.recipe)
        pieces = _pieces(library)
        families = library.families()
        found = None
        if request.codec == "notes":
            found = coverage(library, _codec(request, pieces), sorted(one.id for one in pieces), report, cancel)
    cancel.check()
    labels, notes = _works(pieces, families)
    held = validation_families(notes, request.validation, request.seed)
    amounts = Amounts(
        len(pieces),
        len(notes),
        sum(notes),
        sum(notes) - sum(notes[family] for family in held),
        len(held),
        sum(notes[family] for family in held),
        request.codec == "notes",
    )
    rules = given(amounts)
    return Advice(
        pieces=amounts.pieces,
        works=amounts.works,
        compared=bool(families),
        notes=amounts.notes,
        hours=sum(one.seconds for one in pieces) / 3600,
        wanted=request.validation,
        held_pieces=sum(label in held for label in labels),
        held_works=amounts.held_works,
        held_notes=amounts.held_notes,
        coverage=found,
        times=_times(amounts, speeds, found.rows_a_note if found is not None else 1.0),
        preset=next((rule.preset for rule in rules if rule.preset), ""),
        advice=_sentence(amounts, [rule.advice for rule in rules if rule.advice]),
        reasons=tuple(rule.because for rule in rules),
    )


def speeds_of(project: Path) -> Mapping[str, float]:
    """Notes a second in the latest run of each preset of a project."""
    index, _ = refresh_index(project)
    return {row.architecture: row.notes_per_second for row in index.rows if row.notes_per_second}


def _pieces(library: Library) -> list[_Piece]:
    """The usable files, in the order ``prepare`` would find them."""
    found = []
    for rows in library.usable(["id", "folder", "name", "notes", "seconds", "beat"]):
        found += [
            _Piece(number, f"{folder}/{name}" if folder else name, notes, seconds, bool(beat))
            for number, folder, name, notes, seconds, beat in rows
        ]
    return sorted(found, key=lambda one: (one.path.casefold(), one.path, one.id))


def _works(pieces: list[_Piece], families: Mapping[int, int]) -> tuple[list[int], list[int]]:
    """The work of each piece, numbered by first appearance, and the notes of each work."""
    numbers: dict[tuple[bool, int], int] = {}
    labels: list[int] = []
    notes: list[int] = []
    for piece in pieces:
        known = piece.id in families
        label = numbers.setdefault((known, families[piece.id] if known else piece.id), len(numbers))
        if label == len(notes):
            notes.append(0)
        labels.append(label)
        notes[label] += piece.notes
    return labels, notes


def _codec(request: AdviceRequest, pieces: list[_Piece]) -> NoteCodec:
    with_beat = sum(one.notes for one in pieces if one.beat)
    metrical = (
        2 * with_beat >= sum(one.notes for one in pieces) if request.grid == "auto" else request.grid == "metrical"
    )
    pedal = request.pedal == "rows"
    return metrical_codec(pedal=pedal) if metrical else seconds_codec(pedal)


def _times(amounts: Amounts, speeds: Mapping[str, float], rows_a_note: float) -> tuple[EpochTime, ...]:
    if not amounts.notes:
        return ()
    return epoch_times(
        amounts.learned, amounts.held_notes, speeds, lambda: machine_speed(environment.user_cache_dir()), rows_a_note
    )


def _sentence(amounts: Amounts, clauses: list[str]) -> str:
    if not amounts.pieces:
        return "There is no music that can be used; add some first."
    works = f" ({_count(amounts.works, 'work')})" if amounts.works != amounts.pieces else ""
    return f"{_count(amounts.pieces, 'piece')}{works}, {amounts.notes:,} notes: {'; '.join(clauses)}."


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"
