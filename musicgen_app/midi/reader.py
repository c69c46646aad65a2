"""Reads MIDI files into Scores: tolerant of damage, bounded, and plain about what it found.

What it makes of what MIDI leaves open:

- A note-off ends the oldest note of its track, channel and pitch that still sounds (first in, first out).
- A note that never ends lasts to the end of its track; one without length lasts one tick.
- Each track of the file and channel in it becomes a track of the Score, if it has notes, pedals or a program.
- The patterns of a format 2 file are laid one after the other, each beginning a new bar.
- Where ticks are parts of film frames, a beat is one second (1.001 s at 29.97 frames a second), so seconds are exact.
- Times stop at MAX_TICK, values above 127 count as 127.
- In a track whose bytes are damaged a pause of more than LONGEST_PAUSE_BEATS counts as none.
- Of one file MAX_EVENTS are read, a little more than a million notes need.
"""

from dataclasses import dataclass, field
from pathlib import Path

from musicgen_app.core.errors import MidiReadError
from musicgen_app.core.progress import CancelToken, Progress, Report, silent
from musicgen_app.core.score import Score
from musicgen_app.midi.assembly import Assembly, Written
from musicgen_app.midi.chunks import find_layout
from musicgen_app.midi.events import EventStream
from musicgen_app.midi.lookalikes import describe_lookalike

MAX_FILE_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Reading:
    """What a MIDI file holds.

    Attributes:
        score: All that could be read.
        findings: What is wrong or unusual about the file, one plain sentence each; empty for a clean file.
        written: Its notes and programs in the order in which the file writes them, which a Score does not keep.
    """

    score: Score
    findings: tuple[str, ...]
    written: Written = field(repr=False, compare=False)


def read_midi(path: Path, report: Report = silent, cancel: CancelToken | None = None) -> Reading:
    """Read a MIDI file.

    Args:
        path: The file.
        report: Told how far it is.
        cancel: Stops it.

    Raises:
        Cancelled: Stopped on request.
        MidiReadError: The file cannot be opened, is too large, or holds no MIDI at all.
    """
    return read_midi_bytes(_content(path), path.name, report, cancel)


def _content(path: Path) -> bytes:
    """All bytes of a file that is not too large."""
    try:
        if path.is_dir():
            raise MidiReadError(f"{path.name} is a folder.", "Choose a MIDI file inside it.")
        if not path.exists():
            raise MidiReadError(f"{path.name} does not exist.", "Check its name and folder.", "not there")
        if not path.is_file():
            raise MidiReadError(f"{path.name} is not a file.", "Choose a MIDI file.")
        if path.stat().st_size > MAX_FILE_BYTES:
            raise _too_large(path.name)
        return path.read_bytes()
    except OSError as error:
        raise MidiReadError(
            f"{path.name} cannot be opened: {error.strerror or 'the disk gave no reason'}.",
            "Check that you may read it and that its disk is there.",
            "cannot be opened",
        ) from error


def read_midi_bytes(
    content: bytes, name: str = "This file", report: Report = silent, cancel: CancelToken | None = None
) -> Reading:
    """Read the content of a MIDI file.

    Args:
        content: All bytes of the file.
        name: What to call it in an error.
        report: Told how far it is.
        cancel: Stops it.

    Raises:
        Cancelled: Stopped on request.
        MidiReadError: It is too large or holds no MIDI at all.
    """
    if len(content) > MAX_FILE_BYTES:
        raise _too_large(name)
    layout = find_layout(content)
    if layout is None:
        hint = "Choose a file that was saved or exported as MIDI (.mid)."
        if not content:
            raise MidiReadError(f"{name} is empty.", hint, "empty")
        instead = describe_lookalike(content)
        raise MidiReadError(f"{name} is not a MIDI file; it {instead}.", hint, f"not MIDI (it {instead})")
    size = len(content)
    token = cancel if cancel is not None else CancelToken()

    def tell(gathered: int) -> None:
        token.check()
        report(Progress("Reading", gathered, size))

    stream = EventStream(told=tell)
    for span in layout.tracks:
        stream.add_track(content, span.start, span.stop, not span.mended)
        if stream.full:
            break
    report(Progress("Putting the notes in order"))
    # The largest files have their room back before their notes are put together.
    del content
    return Reading(*Assembly(layout, stream, stream.columns()).score_and_findings())


def _too_large(name: str) -> MidiReadError:
    return MidiReadError(
        f"{name} is larger than {MAX_FILE_BYTES // 2**20} MB, the most that can be read.",
        "A MIDI file of that size is most likely something else.",
        "too large",
    )
