"""The verb ``prepare`` for the seed codec: MIDI files, or lists of notes, become a data set of words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np

from musicgen_app.core.analysis import length_sec
from musicgen_app.core.errors import MidiReadError, NoteFileError
from musicgen_app.core.progress import CancelToken, Progress, Report
from musicgen_app.dataset.assembly import NOTHING_WANTED, TOO_LITTLE
from musicgen_app.dataset.blocks import FEWEST_WORDS, IN_BLOCKS, blocks
from musicgen_app.dataset.doctor import Diagnosis, unreadable
from musicgen_app.dataset.families import Sketch, sketch
from musicgen_app.dataset.fingerprint import fingerprint
from musicgen_app.dataset.selection import Candidate, select
from musicgen_app.dataset.sources import Credit, Source, title_of
from musicgen_app.dataset.store import Piece, Split
from musicgen_app.tokens.codec import Rows
from musicgen_app.tokens.note_file import looks_like_notes, read_notes
from musicgen_app.tokens.seed import SeedCodec, vocabulary
from musicgen_app.tokens.seed_reading import lost_notes, seed_words
from musicgen_app.workflow.inspect import Countdown, FileFacts, described
from musicgen_app.workflow.music import read_music
from musicgen_app.workflow.reading import Readers
from musicgen_app.workflow.recipe import EXCLUDED, excluded, taken

WRITING = "Writing the data set"

_NO_TURNS: Sketch = np.zeros(0, np.uint64)


@dataclass(frozen=True, slots=True)
class WordFile:
    """A file that was looked at.

    Attributes:
        source: Where it is.
        credit: Its title, composer and licence.
        facts: What is said of it.
        diagnosis: The verdict.
        words: Its words; empty where it cannot be used.
        turns: Its melodic turns; none for a list.
        is_list: Whether it is a note file.
        lost: Notes that the seeds' first-part rule leaves out.
        fingerprint: Equal for copies in any key; empty for a list.
    """

    source: Source
    credit: Credit
    facts: FileFacts
    diagnosis: Diagnosis
    words: tuple[str, ...] = ()
    turns: Sketch = field(default_factory=lambda: _NO_TURNS)
    is_list: bool = False
    lost: int = 0
    fingerprint: bytes = b""


@dataclass(frozen=True, slots=True)
class WordSet:
    """What a data set of words will hold.

    Attributes:
        codec: What its rows mean.
        files: All files that were looked at, in order.
        pieces: Each piece with its words; ``first_row``, ``row_count`` and ``notes`` are not filled in yet.
        remarks: Sentences about the split.
        torn: Files that stand on a stricter side than they were put on.
    """

    codec: SeedCodec
    files: tuple[WordFile, ...]
    pieces: tuple[tuple[Piece, tuple[str, ...]], ...]
    remarks: tuple[str, ...]
    torn: tuple[int, ...] = ()

    def rows(self, report: Report, cancel: CancelToken) -> Iterator[tuple[Piece, Rows]]:
        """The pieces with their rows, with reports and a way to stop."""
        for number, (piece, words) in enumerate(self.pieces):
            cancel.check()
            report(Progress(WRITING, number, len(self.pieces), None, piece.title))
            rows = self.codec.rows_of(words)
            yield replace(piece, seconds=round(length_sec(self.codec.decode(rows)), 3)), rows
        report(Progress(WRITING, len(self.pieces), len(self.pieces), 0.0))


def read_word_files(
    sources: Sequence[Source], first_part: bool, countdown: Countdown, cancel: CancelToken, readers: Readers
) -> tuple[WordFile, ...]:
    """Read MIDI files and note files; those that are excluded are only named."""
    found = readers(partial(_read, first_part=first_part), taken(sources), cancel)
    read = []
    for index, source in enumerate(sources):
        cancel.check()
        countdown.at(index, source.path.name)
        if source.edit.excluded:
            title = source.edit.title or title_of(source.path)
            read.append(WordFile(source, Credit(title), excluded(source, title), EXCLUDED))
        else:
            read.append(next(found))
        countdown.tell(read[-1].facts)
    countdown.at(len(sources), "")
    return tuple(read)


def word_set(read: Sequence[WordFile], share: float, seed: int, first_part: bool) -> WordSet:
    """Decide what is kept and what is held back; at least one file must be usable.

    MIDI files are split by work, as ever. Where there is one work only, or a list, blocks take the place of works.
    """
    usable = {index: one for index, one in enumerate(read) if one.diagnosis.usable}
    candidates = {
        index: Candidate(
            one.source.name, len(one.words), " ".join(one.words), one.turns, one.source.edit.side, one.fingerprint
        )
        for index, one in usable.items()
    }
    selection = select(candidates, share, seed)
    files = [
        _settled(one, f"it has the same notes as {selection.twins[index]}") if index in selection.twins else one
        for index, one in enumerate(read)
    ]
    kept = [(usable[index], family) for index, family in selection.families.items()]
    in_blocks = share > 0 and (selection.family_count == 1 or any(one.is_list for one, _ in kept))
    parts = [
        (one, words, family)
        for one, family in kept
        for words in (blocks(one.words) if one.is_list or in_blocks else [one.words])
    ]
    chosen = selection
    if in_blocks:
        lots = {
            n: Candidate(str(n), len(words), str(n), _NO_TURNS, selection.by_hand.get(family, ""))
            for n, (_, words, family) in enumerate(parts)
        }
        parts = [(one, words, number) for number, (one, words, _) in enumerate(parts)]
        chosen = select(lots, share, seed)
    pieces = tuple((_piece(one, family, chosen.side(family)), words) for one, words, family in parts)
    codec = SeedCodec(vocabulary(word for one, _ in kept for word in one.words), first_part)
    remarks = (
        *_remarks(share, in_blocks, len(chosen.held_back)),
        *_told_of_losses(read, first_part),
        *_unheeded(usable),
    )
    return WordSet(codec, tuple(files), pieces, remarks, selection.torn)


def _unheeded(usable: Mapping[int, WordFile]) -> tuple[str, ...]:
    """What a recipe says that has no place where words are read as the seeds read them."""
    count = sum(one.source.edit.changes_music for one in usable.values())
    if not count:
        return ()
    files = "1 file" if count == 1 else f"{count:,} files"
    return (f"The seed codec reads files as they are: tracks, silence and grid chosen for {files} are passed over.",)


def _told_of_losses(read: Sequence[WordFile], first_part: bool) -> tuple[str, ...]:
    """What the seeds lost of all files, in a sentence."""
    losing = [one.lost for one in read if one.lost]
    if not losing:
        return ()
    files = f"{len(losing):,} of {len(read):,} files"
    if first_part:
        return (f"As the seed did, only the first part is read: {_notes(sum(losing))} of {files} are lost.",)
    return (f"The seed would have lost {_notes(sum(losing))} of {files}, as it read only the first part.",)


def _notes(count: int) -> str:
    return "1 note" if count == 1 else f"{count:,} notes"


def _remarks(share: float, in_blocks: bool, held: int) -> tuple[str, ...]:
    if not held:
        return (TOO_LITTLE if share else NOTHING_WANTED,)
    return (IN_BLOCKS,) if in_blocks else ()


def _piece(one: WordFile, family: int, split: Split) -> Piece:
    return Piece(
        title=one.credit.title,
        file=one.source.name,
        split=split,
        first_row=0,
        row_count=0,
        notes=0,
        family=family,
        composer=one.credit.composer,
        licence=one.credit.licence,
        attribution=one.credit.attribution,
        key=one.credit.key,
    )


def _settled(one: WordFile, reason: str) -> WordFile:
    diagnosis = one.diagnosis.set_aside(reason)
    return replace(one, diagnosis=diagnosis, facts=replace(one.facts, verdict=diagnosis.words))


def _read(file: Path, source: Source, credit: Credit, first_part: bool) -> WordFile:
    path = source.path
    try:
        if looks_like_notes(file):
            return _of_list(source, credit, read_notes(file))
        reading, diagnosis = read_music(file)
    except (MidiReadError, NoteFileError) as error:
        diagnosis = unreadable(error)
        facts = FileFacts(str(path), False, error=str(error), title=credit.title, verdict=diagnosis.words)
        return WordFile(source, credit, facts, diagnosis)
    words = tuple(seed_words(reading, first_part)) if diagnosis.usable else ()
    lost = lost_notes(reading) if diagnosis.usable else 0
    if lost and first_part:
        empty = "" if words else ", which is empty"
        said = f"the seed read only the first part{empty}: {lost:,} notes lost"
        diagnosis = diagnosis.with_finding(said.capitalize() + ".") if words else diagnosis.set_aside(said)
    elif lost:
        diagnosis = diagnosis.noted(f"The seed read only the first part and lost {_notes(lost)}; here they are read.")
    if diagnosis.usable and len(words) < FEWEST_WORDS:
        diagnosis = diagnosis.set_aside(f"too short ({len(words)} tokens, {FEWEST_WORDS} are needed)")
    facts = described(path, credit.title, reading.score, diagnosis)
    if not words:
        return WordFile(source, credit, facts, diagnosis, lost=lost)
    turns, print_ = sketch(reading.score), fingerprint(reading.score)
    return WordFile(source, credit, facts, diagnosis, words, turns, lost=lost, fingerprint=print_)


def _of_list(source: Source, credit: Credit, words: tuple[str, ...]) -> WordFile:
    diagnosis = Diagnosis("ready")
    if len(words) < FEWEST_WORDS:
        diagnosis = diagnosis.set_aside(f"too short ({len(words)} tokens, {FEWEST_WORDS} are needed)")
    facts = FileFacts(str(source.path), True, notes=len(words), tracks=1, title=credit.title, verdict=diagnosis.words)
    return WordFile(source, credit, facts, diagnosis, words, is_list=True)
