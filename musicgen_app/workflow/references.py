"""Music that outputs are held against: a note file, MIDI files, or a prepared data set of either kind."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from musicgen_app.core.analysis import piano_notes
from musicgen_app.core.errors import CodecError, MidiReadError, UsageError
from musicgen_app.core.progress import CancelToken, Progress, Report
from musicgen_app.core.score import Score
from musicgen_app.dataset.sources import find_sources
from musicgen_app.dataset.store import DESCRIPTION, Dataset, open_dataset
from musicgen_app.generation.originality import RUN_SIZES
from musicgen_app.generation.word_copies import Keys, in_even_steps, keys_of_score, keys_of_words
from musicgen_app.midi.reader import Reading, read_midi
from musicgen_app.project.verdict import NOTES, Copied
from musicgen_app.tokens.note_file import looks_like_notes, read_notes
from musicgen_app.tokens.seed import Rendering, SeedCodec
from musicgen_app.tokens.seed_reading import seed_words
from musicgen_app.workflow.kept_reference import KEPT_FILE, KEPT_FOLDER, lists_in, open_kept
from musicgen_app.workflow.list_pieces import ListedPiece, midi_beside, pieces_in, title_of_file
from musicgen_app.workflow.originality import Comparison, compare_with
from musicgen_app.workflow.word_reference import WordLine, WordReference

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


class NoteReference:
    """The training pieces of a data set of notes.

    Args:
        name: What to call it in a sentence.
        comparison: Its passages.
    """

    def __init__(self, name: str, comparison: Comparison) -> None:
        self.name = name
        self.comparison = comparison

    def judge(self, score: Score) -> Copied:
        found = self.comparison.judge(score)
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


def open_reference(path: Path, report: Report, cancel: CancelToken) -> WordReference | NoteReference:
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
            return words_of_dataset(dataset, report, cancel)
        return NoteReference(path.name, compare_with(path, report, cancel))
    if path.is_file() and looks_like_notes(path):
        return WordReference(path.name, _lines_of_lists([path], midi_beside(path), report, cancel))
    if (path / KEPT_FILE).is_file():
        return open_kept(path)
    lists = lists_in(path) if path.is_dir() else []
    if lists:
        name = " and ".join(one.name for one in lists)
        return WordReference(name, _lines_of_lists(lists, midi_beside(lists[0]), report, cancel))
    lines = list(_lines_of_files(path, report, cancel))
    if not lines:
        raise UsageError(
            f"{path.name} holds no music to compare with.",
            "Name a note file, a folder of MIDI files, or the folder of a prepared data set.",
        )
    return WordReference(path.name, lines)


def words_of_dataset(dataset: Dataset, report: Report, cancel: CancelToken) -> WordReference:
    """A data set of words to hold music against.

    What is held back is among it. The seeds' experiments held nothing back, and a model that did not learn from it
    cannot have copied it. A list in it is taken apart into pieces by what the project has kept of them, if it has.

    Raises:
        CodecError: Its codec is another one.
        Cancelled: Stopped on request.
    """
    codec = dataset.codec
    if not isinstance(codec, SeedCodec):
        raise CodecError(f"{dataset.folder.name} holds notes, not words.")
    files: dict[str, list[str]] = {}
    for piece in dataset.pieces:
        # What was cut into blocks is joined again.
        files.setdefault(piece.file, []).extend(codec.words_of(np.array(dataset.rows(piece))))
    titles = {piece.file: piece.title for piece in dataset.pieces}
    beside = dataset.folder.parent / KEPT_FOLDER
    known = _by_words(open_kept(beside)) if (beside / KEPT_FILE).is_file() else {}
    lines = []
    for file, words in files.items():
        cancel.check()
        report(Progress(_READING, item=file))
        keys, kept = keys_of_words(words, codec.rendering.octave), known.get(tuple(words))
        if kept is not None:
            lines.append(WordLine(file, keys, kept, words))
        elif len(files) > 1:
            lines.append(WordLine("", keys, (ListedPiece(titles[file], 0, len(words)),), words))
        else:
            # A note file is no piece: one that is the whole of the data set says nothing that its name does not.
            lines.append(WordLine("", keys, (), words))
    return WordReference(dataset.folder.name, lines, codec.rendering, dataset.fingerprint)


def _by_words(reference: WordReference) -> dict[tuple[str, ...], tuple[ListedPiece, ...]]:
    return {tuple(line.words): line.pieces for line in reference.lines}


def _lines_of_lists(lists: Sequence[Path], midi: Sequence[Path], report: Report, cancel: CancelToken) -> list[WordLine]:
    words = [read_notes(path) for path in lists]
    pieces = pieces_in(words, midi, report, cancel)
    return [
        WordLine(path.name, keys_of_words(one, _OCTAVE), known, one)
        for path, one, known in zip(lists, words, pieces, strict=True)
    ]


def _lines_of_files(path: Path, report: Report, cancel: CancelToken) -> Iterator[WordLine]:
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
        title = title_of_file(source.path, reading)
        for first_part, words, keys in _readings(reading):
            if keys:
                yield WordLine("", keys, (ListedPiece(title, 0, len(keys), source.path, first_part),), words)


def _readings(reading: Reading) -> list[tuple[bool, list[str], list[Keys]]]:
    """The words and keys of a file; no words of a rendered one, which is heard as it is."""
    if in_even_steps(reading.score):
        return [(False, [], keys_of_score(reading.score, _OCTAVE))]
    whole, first = (seed_words(reading, first_part) for first_part in (False, True))
    read = [(False, whole)] if first == whole else [(False, whole), (True, first)]
    return [(first_part, words, keys_of_words(words, _OCTAVE)) for first_part, words in read]


def _named(shares: Mapping[int, float]) -> dict[str, float]:
    return {str(size): shares[size] for size in RUN_SIZES}


def has_notes(score: Score) -> bool:
    """Whether there is anything in a piece to hold against others."""
    return len(piano_notes(score)) > 0
