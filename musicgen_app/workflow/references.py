"""Music that outputs are held against: a note file, MIDI files, or a prepared data set of either kind."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from musicgen_app.core.analysis import piano_notes
from musicgen_app.core.errors import MidiReadError, UsageError
from musicgen_app.core.progress import CancelToken, Progress, Report
from musicgen_app.core.score import Score
from musicgen_app.dataset.sources import find_sources, read_credits, title_of
from musicgen_app.dataset.store import DESCRIPTION, Dataset, open_dataset
from musicgen_app.generation.originality import RUN_SIZES
from musicgen_app.generation.word_copies import Keys, WordFinder, in_even_steps, keys_of_score, keys_of_words
from musicgen_app.midi.reader import Reading, read_midi
from musicgen_app.project.verdict import NOTES, TOKENS, Copied
from musicgen_app.tokens.note_file import looks_like_notes, read_notes
from musicgen_app.tokens.seed import Rendering, SeedCodec
from musicgen_app.tokens.seed_reading import seed_words
from musicgen_app.workflow.originality import Comparison, compare_with

_READING = "Reading the reference"
_OCTAVE = Rendering().octave


class Reference(Protocol):
    """Music whose passages are known."""

    @property
    def name(self) -> str:
        """What to call it in a sentence."""
        ...

    def judge(self, score: Score) -> Copied:
        """What of a piece stands in it too."""
        ...


@dataclass(frozen=True, slots=True)
class _Line:
    """Words in their order.

    Attributes:
        piece: The piece they are; empty where that is not known.
        keys: What each is played with.
    """

    piece: str
    keys: Sequence[Keys]


class WordReference:
    """Music as the seeds' words.

    Args:
        name: What to call it in a sentence.
        lines: Its words, of each piece or of the whole.
        octave: MIDI pitch of the C above which chords are laid.
    """

    def __init__(self, name: str, lines: Sequence[_Line], octave: int) -> None:
        self.name = name
        self._pieces = [line.piece for line in lines]
        self._octave = octave
        self._finder = WordFinder([line.keys for line in lines])

    def judge(self, score: Score) -> Copied:
        found = self._finder.check(keys_of_score(score, self._octave))
        run = found.longest
        return Copied(
            unit=TOKENS,
            total=found.words,
            longest=0 if run is None else run.words,
            first=0 if run is None else run.first,
            piece="" if run is None else self._pieces[run.line],
            place=0 if run is None else run.place,
            bar=None,
            same_rhythm=False,
            usual=None,
            shares=_named(found.shares),
        )


class NoteReference:
    """The training pieces of a data set of notes.

    Args:
        name: What to call it in a sentence.
        comparison: Its passages.
    """

    def __init__(self, name: str, comparison: Comparison) -> None:
        self.name = name
        self._comparison = comparison

    def judge(self, score: Score) -> Copied:
        found = self._comparison.judge(score)
        run, usual = found.decisive, found.usual
        high = None if usual is None else usual.high
        if usual is not None and run is not None and not run.same_rhythm:
            high = usual.pitch_high
        return Copied(
            unit=NOTES,
            total=found.copies.notes,
            longest=0 if run is None else run.notes,
            first=0 if run is None else run.first,
            piece="" if run is None else run.source.title,
            place=0 if run is None else run.source.note,
            bar=None if run is None else run.source.bar,
            same_rhythm=run is not None and run.same_rhythm,
            usual=high,
            shares=_named(found.copies.shares),
        )


def open_reference(path: Path, report: Report, cancel: CancelToken) -> Reference:
    """Learn the passages of a note file, of MIDI files or of a data set.

    Args:
        path: A note file, a MIDI file, a folder of MIDI files, or the folder of a prepared data set.
        report: Told of what is read.
        cancel: Looked at between files.

    Raises:
        UsageError: There is no music at that place.
        NoteFileError, MidiReadError, DatasetError: It cannot be read.
        Cancelled: Stopped on request.
    """
    report(Progress(_READING, item=path.name))
    if (path / DESCRIPTION).is_file():
        dataset = open_dataset(path)
        if isinstance(dataset.codec, SeedCodec):
            octave = dataset.codec.rendering.octave
            return WordReference(path.name, list(_lines_of(dataset, dataset.codec)), octave)
        return NoteReference(path.name, compare_with(path, report, cancel))
    if path.is_file() and looks_like_notes(path):
        return WordReference(path.name, [_Line("", keys_of_words(read_notes(path), _OCTAVE))], _OCTAVE)
    lines = list(_lines_of_files(path, report, cancel))
    if not lines:
        raise UsageError(
            f"{path.name} holds no music to compare with.",
            "Name a note file, a folder of MIDI files, or the folder of a prepared data set.",
        )
    return WordReference(path.name, lines, _OCTAVE)


def _lines_of(dataset: Dataset, codec: SeedCodec) -> Iterator[_Line]:
    """The words of a data set by file: what was cut into blocks is joined again.

    What is held back is among them. The seeds' experiments held nothing back, and a model that did not learn from it
    cannot have copied it.
    """
    files: dict[str, list[str]] = {}
    for piece in dataset.pieces:
        files.setdefault(piece.file, []).extend(codec.words_of(np.array(dataset.rows(piece))))
    titles = {piece.file: piece.title for piece in dataset.pieces}
    for file, words in files.items():
        # A note file is no piece: one that is the whole of the data set says nothing that its name does not.
        yield _Line(titles[file] if len(files) > 1 else "", keys_of_words(words, codec.rendering.octave))


def _lines_of_files(path: Path, report: Report, cancel: CancelToken) -> Iterator[_Line]:
    """The words of MIDI files; of one that the seeds' first-part rule reads in another way, both readings."""
    sources = find_sources([path])
    for number, source in enumerate(sources):
        cancel.check()
        report(Progress(_READING, number, len(sources), item=source.path.name))
        try:
            reading = read_midi(source.path)
        except MidiReadError:
            if path.is_file():
                raise
            continue  # a folder may hold anything
        credit = read_credits(source.path.parent).get(source.path.name)
        title = (credit.title if credit is not None else "") or title_of(source.path)
        yield from (_Line(title, keys) for keys in _readings(reading) if keys)


def _readings(reading: Reading) -> list[list[Keys]]:
    if in_even_steps(reading.score):
        return [keys_of_score(reading.score, _OCTAVE)]
    whole, first = (keys_of_words(seed_words(reading, first_part), _OCTAVE) for first_part in (False, True))
    return [whole] if first == whole else [whole, first]


def _named(shares: Mapping[int, float]) -> dict[str, float]:
    return {str(size): shares[size] for size in RUN_SIZES}


def has_notes(score: Score) -> bool:
    """Whether there is anything in a piece to hold against others."""
    return len(piano_notes(score)) > 0
