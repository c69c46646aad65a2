"""The verb ``prepare``: folders of MIDI files become a data set."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal, get_args

from musicgen_app.core.errors import DatasetError, MidiReadError, UsageError
from musicgen_app.core.progress import CancelToken, Progress, Report
from musicgen_app.core.score import Score
from musicgen_app.dataset.assembly import Assembly, Material
from musicgen_app.dataset.doctor import Diagnosis
from musicgen_app.dataset.parts import PIANO, Parts
from musicgen_app.dataset.publish import check_place, publish, unfinished_folder
from musicgen_app.dataset.recipe import NO_RECIPE, Recipe
from musicgen_app.dataset.selection import Candidate, Selection, select
from musicgen_app.dataset.sources import Credit, Source, title_of
from musicgen_app.dataset.split import LARGEST_SHARE
from musicgen_app.dataset.staging import Spread, Staged, Staging, grid_for, spread, usual_tempo
from musicgen_app.dataset.store import Dataset, Piece, open_dataset, write_files
from musicgen_app.tokens.codec import Rows
from musicgen_app.tokens.grid import GridName
from musicgen_app.tokens.notes import NoteCodec, metrical_codec, seconds_codec
from musicgen_app.workflow.inspect import READING, Countdown, FileFacts, described, refused
from musicgen_app.workflow.prepare_seed import WRITING, read_word_files, word_set
from musicgen_app.workflow.reading import Readers, read_here
from musicgen_app.workflow.recipe import (
    EXCLUDED,
    GivenFiles,
    excluded,
    given_files,
    read_decided,
    remarks,
    taken,
    used,
    write_record,
)

Pedal = Literal["rows", "none"]
Grid = Literal["auto", "metrical", "seconds"]
CodecName = Literal["notes", "seed"]

NOT_SETTINGS = ("sources", "out", "recipe")
_OFF_BEAT = "Its notes do not follow the beat of the file; they are laid on the grid of 1/24 quarter all the same."


@dataclass(frozen=True, slots=True)
class PrepareConfig:
    """What to make a data set of, and how.

    Attributes:
        sources: Folders (searched with all folders in them) and files.
        out: The data set's folder; a data set that is there is replaced.
        validation: Part of the notes to hold back, 0 to 0.5.
        pedal: Whether the sustain pedal has rows.
        grid: "metrical" (1/24 quarter), "seconds" (10 ms), or whichever suits most of the notes.
        seed: Decides which works are held back.
        codec: "notes" (time, pitch, duration, velocity) or "seed" (words without times); pedal and grid mean nothing to
            the second.
        first_part: Whether the seed codec reads only the first part of a file.
        recipe: What was decided about single files.
        programs: Which tracks are learned from, as ``Parts.text``: "piano", "all" (but drums), or program numbers; the
            seed codec reads all.

    Raises:
        UsageError: A value is out of range.
    """

    sources: tuple[Path, ...]
    out: Path
    validation: float = 0.1
    pedal: Pedal = "rows"
    grid: Grid = "auto"
    seed: int = 0
    codec: CodecName = "notes"
    first_part: bool = False
    recipe: Recipe = NO_RECIPE
    programs: str = PIANO.text

    def __post_init__(self) -> None:
        if not self.sources:
            raise UsageError("There is nothing to prepare.", "Name a folder of MIDI files.")
        if not 0 <= self.validation <= LARGEST_SHARE:
            raise UsageError(
                f"The part to hold back is {self.validation:g}; expected 0 to {LARGEST_SHARE:g}.",
                "A tenth (0.1) is usual.",
            )
        if self.pedal not in get_args(Pedal):
            raise UsageError(f'The pedal cannot be "{self.pedal}"; expected "rows" or "none".')
        if self.grid not in get_args(Grid):
            raise UsageError(f'"{self.grid}" is no grid; expected "auto", "metrical" or "seconds".')
        if self.codec not in get_args(CodecName):
            raise UsageError(f'"{self.codec}" is no codec; expected "notes" or "seed".')
        if self.first_part and self.codec != "seed":
            raise UsageError("Only the seed codec has a first-part rule.", "Add --codec seed.")
        if self.seed < 0:
            raise UsageError(f"The seed is {self.seed}; expected 0 or more.")
        Parts.of(self.programs)

    @property
    def settings(self) -> dict[str, Any]:
        """All but places and recipe: what a data set keeps of how it was made."""
        return {one.name: getattr(self, one.name) for one in fields(self) if one.name not in NOT_SETTINGS}


@dataclass(frozen=True, slots=True)
class PreparedReport:
    """What came of it.

    Attributes:
        folder: The data set.
        fingerprint: Its hash.
        grid: Its grid in words.
        files: The final facts about every file, in order, without their counts.
        ready, repaired, set_aside: Number of files by verdict.
        pieces, families: Pieces kept, and different works among them.
        train_notes, validation_notes: Notes on each side.
        seconds: Length of the music.
        merged_notes: Notes that doubled another at the same moment and were merged with it.
        licence, attribution: Of the whole.
        remarks: Sentences a person should read.
        unit: What notes are here: "note", or "word" with the seed codec.
        test_notes: Notes that neither training nor validation sees.
    """

    folder: Path
    fingerprint: str
    grid: str
    files: tuple[FileFacts, ...]
    ready: int
    repaired: int
    set_aside: int
    pieces: int
    families: int
    train_notes: int
    validation_notes: int
    seconds: float
    merged_notes: int
    licence: str
    attribution: tuple[str, ...]
    remarks: tuple[str, ...]
    unit: str = "note"
    test_notes: int = 0

    def summary(self) -> str:
        """The result in a few lines."""
        files = f"{_count(len(self.files), 'file')}: {self.ready:,} ready, {self.repaired:,} repaired"
        tests = f", {self.test_notes:,} for tests" if self.test_notes else ""
        lines = [
            f"{files}, {self.set_aside:,} set aside.",
            f"{_count(self.families, 'work')}, {_count(self.train_notes, self.unit)} to learn from and "
            f"{self.validation_notes:,} held back{tests}, {self.seconds / 3600:.1f} hours, grid {self.grid}.",
            *self.remarks,
        ]
        lines += [f"{Path(one.file).name}: {one.verdict}" for one in self.files if not one.usable]
        return "\n".join([*lines, str(self.folder)])


@dataclass(frozen=True, slots=True)
class _Read:
    """One file that was looked at.

    Attributes:
        facts: What is said of it.
        diagnosis: The doctor's verdict; None where it could not be read.
        material: Its music; None where it cannot be used.
    """

    facts: FileFacts
    diagnosis: Diagnosis | None = None
    material: Material | None = None


def prepare(
    config: PrepareConfig,
    report: Report,
    cancel: CancelToken,
    now: Callable[[], float] = time.monotonic,
    readers: Readers = read_here,
) -> PreparedReport:
    """Make a data set; until it is complete nothing changes at ``config.out``.

    Each file's ``FileFacts`` is reported when it has been read, and again where the whole collection changed its
    verdict (it holds the same notes as another file, for example).

    Args:
        config: What to make it of.
        report: Listener.
        cancel: Asked before every file.
        now: Clock in seconds.
        readers: Whoever reads the files; what comes of it is the same, whoever does.

    Raises:
        Cancelled: Stopped on request.
        UsageError: A source is not there, or something else stands at ``config.out``.
        DatasetError: No file can be used, or the data set cannot be written.
    """
    check_place(config.out)
    return prepare_given(config, given_files(config.sources), report, cancel, now, readers)


def prepare_given(
    config: PrepareConfig,
    given: GivenFiles,
    report: Report,
    cancel: CancelToken,
    now: Callable[[], float],
    readers: Readers = read_here,
) -> PreparedReport:
    """Make a data set of files that have been found; otherwise as ``prepare``."""
    sources = given.decided(config.recipe)
    if not sources:
        raise DatasetError(
            f"There are no MIDI files in {_named(config.sources)}.",
            "MIDI files end in .mid, .midi, .kar or .rmi, notation in .musicxml, .mxl, .krn or .abc.",
        )
    countdown = Countdown(READING, [one.path for one in sources], report, now)
    if config.codec == "seed":
        return _prepare_words(config, given, countdown, cancel, readers)
    with unfinished_folder(config.out) as folder:
        grids: tuple[GridName, ...] = ("metrical", "seconds") if config.grid == "auto" else (config.grid,)
        staging = Staging(folder, grids, config.pedal == "rows")
        parts = Parts.of(config.programs)
        read = _read_all(sources, parts, staging, countdown, cancel, readers)
        materials = {index: one.material for index, one in enumerate(read) if one.material}
        if not materials:
            raise _nothing_usable(config.sources, read)
        codec = _codec(config, [material.staged for material in materials.values()])
        selection = _selection(materials, sources, config, codec)
        files = _settled(read, selection, codec, report)
        again = partial(_read_again, sources, parts)
        assembly = Assembly(codec, staging, materials, selection, config.validation, again)
        said = (*assembly.remarks, *remarks(given, config.recipe, selection.torn))
        made = used(given, config.recipe, config.settings, report, cancel)
        fingerprint = write_files(folder, codec, _watched(assembly, report, cancel), said)
        write_record(folder, config.recipe, made, fingerprint)
        staging.clear()
        publish(folder, config.out)
    kept = [materials[index] for index in selection.families]
    return _summed_up(open_dataset(config.out), files, kept)


def _prepare_words(
    config: PrepareConfig, given: GivenFiles, countdown: Countdown, cancel: CancelToken, readers: Readers
) -> PreparedReport:
    """The same for the seed codec."""
    with unfinished_folder(config.out) as folder:
        read = read_word_files(given.decided(config.recipe), config.first_part, countdown, cancel, readers)
        if not any(one.diagnosis.usable for one in read):
            raise _nothing_usable(config.sources, [_Read(one.facts, one.diagnosis) for one in read])
        found = word_set(read, config.validation, config.seed, config.first_part)
        for before, after in zip(read, found.files, strict=True):
            if before.facts != after.facts:
                countdown.tell(after.facts)
        said = (*found.remarks, *remarks(given, config.recipe, found.torn))
        made = used(given, config.recipe, config.settings, countdown.report, cancel)
        fingerprint = write_files(folder, found.codec, found.rows(countdown.report, cancel), said)
        write_record(folder, config.recipe, made, fingerprint)
        publish(folder, config.out)
    bare = [replace(one.facts, pitches=(), velocities=(), durations=()) for one in found.files]
    return _summed_up(open_dataset(config.out), tuple(bare), ())


def _read_all(
    sources: Sequence[Source],
    parts: Parts,
    staging: Staging,
    countdown: Countdown,
    cancel: CancelToken,
    readers: Readers,
) -> list[_Read]:
    """Read every file and stage what can be used; what is left of a file in memory is small."""
    found = readers(partial(_look, parts=parts, codecs=staging.codecs), taken(sources), cancel)
    read: list[_Read] = []
    for index, source in enumerate(sources):
        cancel.check()
        countdown.at(index, source.path.name)
        if source.edit.excluded:
            read.append(_Read(excluded(source, source.edit.title or title_of(source.path)), EXCLUDED))
            countdown.tell(read[-1].facts)
            continue
        looked = next(found)
        material = None
        if looked.spread is not None:
            staged = staging.keep(looked.spread)
            material = Material(source.path, source.name, looked.credit, looked.facts.seconds, staged)
        read.append(_Read(looked.facts, looked.diagnosis, material))
        countdown.tell(looked.facts)
    countdown.at(len(sources), "")
    return read


@dataclass(frozen=True, slots=True)
class _Looked:
    """What a look at a file finds; ``spread`` is its music, None where it cannot be used."""

    facts: FileFacts
    credit: Credit
    diagnosis: Diagnosis | None = None
    spread: Spread | None = None


def _look(file: Path, source: Source, credit: Credit, parts: Parts, codecs: Mapping[GridName, NoteCodec]) -> _Looked:
    try:
        score, diagnosis = read_decided(file, source.edit, parts)
    except MidiReadError as error:
        return _Looked(refused(source.path, credit.title, error), credit)
    facts = described(source.path, credit.title, score, diagnosis)
    return _Looked(facts, credit, diagnosis, spread(score, codecs) if diagnosis.usable else None)


def _codec(config: PrepareConfig, pieces: Sequence[Staged]) -> NoteCodec:
    grid = grid_for(pieces) if config.grid == "auto" else config.grid
    pedal = config.pedal == "rows"
    return metrical_codec(usual_tempo(pieces), pedal) if grid == "metrical" else seconds_codec(pedal)


def _read_again(sources: Sequence[Source], parts: Parts, index: int) -> Score:
    return read_decided(sources[index].path, sources[index].edit, parts)[0]


def _selection(
    materials: Mapping[int, Material], sources: Sequence[Source], config: PrepareConfig, codec: NoteCodec
) -> Selection:
    """Choose among the materials; indices are those of the files."""
    candidates = {
        index: Candidate(
            material.name,
            material.staged.notes,
            material.staged.laid[codec.timing].digest,
            material.staged.turns,
            sources[index].edit.side,
            material.staged.fingerprint,
        )
        for index, material in materials.items()
    }
    return select(candidates, config.validation, config.seed)


def _settled(read: Sequence[_Read], selection: Selection, codec: NoteCodec, report: Report) -> tuple[FileFacts, ...]:
    """The final facts about every file; those that changed are reported once more."""
    files = []
    for index, one in enumerate(read):
        facts = one.facts
        if one.diagnosis is not None and one.material is not None:
            diagnosis = _final(one.diagnosis, one.material.staged, selection.twins.get(index), codec)
            facts = replace(facts, verdict=diagnosis.words, findings=diagnosis.findings)
            if facts != one.facts:
                report(facts)
        files.append(replace(facts, pitches=(), velocities=(), durations=()))
    return tuple(files)


def _final(diagnosis: Diagnosis, staged: Staged, twin: str | None, codec: NoteCodec) -> Diagnosis:
    if twin is not None:
        return diagnosis.set_aside(f"it has the same notes as {twin}")
    laid = staged.laid[codec.timing]
    if laid.long_gaps:
        diagnosis = diagnosis.with_finding(f"{_count(laid.long_gaps, 'very long gap')} shortened to {codec.longest}.")
    if laid.long_notes:
        diagnosis = diagnosis.with_finding(f"{_count(laid.long_notes, 'very long note')} shortened to {codec.longest}.")
    if codec.timing == "metrical" and not staged.beat:
        diagnosis = diagnosis.with_finding(_OFF_BEAT)
    return diagnosis


def _watched(assembly: Assembly, report: Report, cancel: CancelToken) -> Iterator[tuple[Piece, Rows]]:
    """The pieces to be written, with reports and a way to stop."""
    done: set[int] = set()
    for index, piece, rows in assembly.pieces():
        cancel.check()
        report(Progress(WRITING, len(done), len(assembly), None, piece.title))
        done.add(index)
        yield piece, rows
    report(Progress(WRITING, len(assembly), len(assembly), 0.0))


def _summed_up(dataset: Dataset, files: tuple[FileFacts, ...], kept: Sequence[Material]) -> PreparedReport:
    verdicts = [one.verdict for one in files]
    return PreparedReport(
        folder=dataset.folder,
        fingerprint=dataset.fingerprint,
        grid=dataset.codec.grid,
        files=files,
        ready=verdicts.count("ready"),
        repaired=verdicts.count("repaired"),
        set_aside=sum(not one.usable for one in files),
        pieces=len(kept) or len(dataset.pieces),
        families=len({piece.family for piece in dataset.pieces}),
        train_notes=dataset.note_count("train"),
        validation_notes=dataset.note_count("validation"),
        seconds=sum(piece.seconds for piece in dataset.pieces),
        merged_notes=sum(material.staged.merged for material in kept),
        licence=dataset.licence,
        attribution=dataset.attribution,
        remarks=dataset.remarks,
        unit=dataset.unit,
        test_notes=dataset.note_count("test"),
    )


def _nothing_usable(places: Sequence[Path], read: Sequence[_Read]) -> DatasetError:
    """The error for a collection without music; it names the place and says what is the matter with its files."""
    hint = "Choose a folder with MIDI files of piano music."
    if len(read) == 1:
        return DatasetError(f"{Path(read[0].facts.file).name} cannot be used: {_kind(read[0])}.", hint)
    reasons = Counter(_kind(one) for one in read)
    said = ", ".join(f"{count:,} {reason}" for reason, count in reasons.most_common())
    return DatasetError(f"None of the {len(read):,} files in {_named(places)} can be used: {said}.", hint)


def _kind(one: _Read) -> str:
    """Why a file is set aside, without what differs from file to file."""
    return one.facts.verdict.removeprefix("set aside: ").split(" (")[0].split(". ")[0]


def _named(places: Sequence[Path]) -> str:
    return ", ".join(place.name or str(place) for place in places)


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"
