"""The verb ``tokens``: MIDI files and note files as the words of the seed codec."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from musicgen_app.core.errors import MidiReadError, NoteFileError
from musicgen_app.core.progress import CancelToken, Progress, Report
from musicgen_app.dataset.sources import find_sources
from musicgen_app.midi.reader import read_midi
from musicgen_app.midi.writer import write_midi
from musicgen_app.tokens.note_file import looks_like_notes, read_notes, write_json, write_list
from musicgen_app.tokens.seed import Rendering, rendered
from musicgen_app.tokens.seed_reading import lost_notes, seed_words
from musicgen_app.workflow.inspect import READING


@dataclass(frozen=True, slots=True)
class FileTokens:
    """The words of one file.

    Attributes:
        file: Its path.
        tokens: Its words in order; empty where it cannot be read.
        lost: Notes that the seeds' first-part rule leaves out; 0 for a note file.
        error: Why it cannot be read; empty otherwise.
    """

    file: Path
    tokens: tuple[str, ...] = ()
    lost: int = 0
    error: str = ""

    @property
    def lost_text(self) -> str:
        """What the rule leaves out, in words."""
        return lost_words(self.lost)


def lost_words(lost: int) -> str:
    """What the seeds' first-part rule leaves out of a file, in a sentence."""
    notes = "1 note" if lost == 1 else f"{lost:,} notes"
    return f"the seed reads only the first part: {notes} lost by it"


def read_tokens(
    places: Sequence[Path], first_part: bool, report: Report, cancel: CancelToken
) -> tuple[FileTokens, ...]:
    """The words of files; of a folder, of all MIDI files in it.

    Args:
        places: MIDI files, note files and folders.
        first_part: Whether only the first part of a MIDI file is read.
        report: Told of each file.
        cancel: Checked before each file.

    Raises:
        UsageError: A file or folder is not there.
        Cancelled: Stopped on request.
    """
    sources = [source for place in places for source in find_sources([place])]
    found = []
    for number, source in enumerate(sources):
        cancel.check()
        report(Progress(READING, number, len(sources), None, source.path.name))
        found.append(_read(source.path, first_part))
    return tuple(found)


def save_tokens(found: Sequence[FileTokens], out: Path) -> None:
    """Save the words of all files, one after the other: as JSON, or as a list where the name has no ending.

    Raises:
        NoteFileError: There are none.
        FileWriteError: They could not be written.
    """
    write = write_json if out.suffix else write_list
    write(_words(found), out)


def save_midi(found: Sequence[FileTokens], out: Path, rendering: Rendering) -> None:
    """Save the words of all files, one after the other, as they sound.

    Raises:
        NoteFileError: There are none.
        FileWriteError: They could not be written.
    """
    write_midi(rendered(_words(found), rendering), out)


def _words(found: Sequence[FileTokens]) -> list[str]:
    words = [word for one in found for word in one.tokens]
    if not words:
        raise NoteFileError("There are no tokens to save.", "Name MIDI files with notes.")
    return words


def _read(path: Path, first_part: bool) -> FileTokens:
    try:
        if looks_like_notes(path):
            return FileTokens(path, read_notes(path))
        reading = read_midi(path)
    except (MidiReadError, NoteFileError) as error:
        return FileTokens(path, error=error.message)
    return FileTokens(path, tuple(seed_words(reading, first_part)), lost_notes(reading))
