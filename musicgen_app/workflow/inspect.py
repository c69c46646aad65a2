"""The verb ``inspect``: what each file holds, or why it cannot be read."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from musicgen_app.core.analysis import (
    duration_counts,
    length_sec,
    piano_notes,
    pitch_counts,
    polyphony,
    velocity_counts,
)
from musicgen_app.core.errors import MidiReadError, NoteFileError
from musicgen_app.core.progress import CancelToken, Progress, Report
from musicgen_app.core.score import Score
from musicgen_app.dataset.doctor import Diagnosis, help_for, unreadable
from musicgen_app.dataset.parts import PIANO, Parts
from musicgen_app.dataset.sources import MUSIC_SUFFIXES, find_sources, read_credits, title_of
from musicgen_app.midi.reader import Reading
from musicgen_app.tokens.note_file import looks_like_notes, read_notes
from musicgen_app.tokens.seed import SeedCodec, vocabulary
from musicgen_app.workflow.music import read_music, read_piano

READING = "Reading files"
_WORDS_ALONE = "This is a list of words without times; it can only be prepared as seed words."
IS_LIST = Diagnosis("ready", findings=(_WORDS_ALONE,))
"""The verdict on a note file that can be read."""


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What is known of one file; JSON values only.

    Attributes:
        file: Its path as it was given.
        ok: Whether it could be read.
        notes, tracks, seconds: What a data set uses of it; all it holds, percussion included, where it is set aside or
            has nothing beside the instruments chosen but drums.
        findings: What was unusual or had to be repaired, in sentences.
        error: Why it could not be read; empty where it could.
        title: Its title, from the file's name or ``LICENCES.json``.
        verdict: "ready", "repaired", or "set aside: " and why, as training material.
        polyphony: Most piano notes that sound together.
        pitches: Piano notes of each pitch, 128 counts (this and the next two are empty where there are none).
        velocities: Piano notes of each velocity, 128 counts.
        durations: Piano notes of each length, counted under ``core.analysis.DURATION_CENTRES_BEATS``.
        signs: What is unusual about its music, names out of ``doctor.SIGNS``; the findings say it in sentences.
    """

    file: str
    ok: bool
    notes: int = 0
    tracks: int = 0
    seconds: float = 0.0
    findings: tuple[str, ...] = ()
    error: str = ""
    title: str = ""
    verdict: str = ""
    polyphony: int = 0
    pitches: tuple[int, ...] = ()
    velocities: tuple[int, ...] = ()
    durations: tuple[int, ...] = ()
    signs: tuple[str, ...] = ()

    @property
    def usable(self) -> bool:
        """Whether a data set can be made of it."""
        return self.verdict in ("ready", "repaired")

    @property
    def help(self) -> str:
        """What would help a file that is set aside; may be empty."""
        return help_for(self.verdict)


@dataclass(frozen=True, slots=True)
class InspectRequest:
    """Files and folders to look at, and which tracks are their music, as ``Parts.text``."""

    paths: tuple[Path, ...]
    programs: str = PIANO.text


class Countdown:
    """Reports how far a row of files is, and how long the rest will take at the pace so far."""

    def __init__(self, stage: str, paths: Sequence[Path], report: Report, now: Callable[[], float]) -> None:
        self._stage = stage
        # An empty file costs time as well.
        self._done = [0, *accumulate(_size(path) + 1000 for path in paths)]
        self.report = report
        self._now = now
        self._began = now()

    def at(self, index: int, item: str) -> None:
        """Say that file number ``index`` (from 0) is next; the number of files means that all are done."""
        done = self._done[index]
        left = (self._now() - self._began) / done * (self._done[-1] - done) if done else None
        self.report(Progress(self._stage, index, len(self._done) - 1, left, item))

    def tell(self, facts: FileFacts) -> None:
        """Report a file that has been read."""
        self.report(facts)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def inspect_files(
    paths: Sequence[Path],
    report: Report,
    cancel: CancelToken,
    now: Callable[[], float] = time.monotonic,
    parts: Parts = PIANO,
) -> tuple[FileFacts, ...]:
    """Read files, and folders of files, one after the other.

    Each ``FileFacts`` is reported as soon as it is known, between reports of ``Progress``.

    Args:
        paths: Files and folders; a file that is not there gets its sentence like any other.
        report: Listener.
        cancel: Asked before every file.
        now: Clock in seconds.
        parts: Which tracks are their music.

    Raises:
        Cancelled: Stopped on request.
    """
    files = [path for place in paths for path in (_below(place) if place.is_dir() else (place,))]
    countdown = Countdown(READING, files, report, now)
    found: list[FileFacts] = []
    for index, path in enumerate(files):
        cancel.check()
        countdown.at(index, path.name)
        found.append(facts_of(path, parts))
        report(found[-1])
    countdown.at(len(files), "")
    return tuple(found)


def _below(folder: Path) -> tuple[Path, ...]:
    return tuple(source.path for source in find_sources([folder], MUSIC_SUFFIXES))


def facts_of(path: Path, parts: Parts = PIANO) -> FileFacts:
    """Read one file and say what is in it."""
    return facts_and_reading(path, parts)[0]


def facts_and_reading(path: Path, parts: Parts = PIANO) -> tuple[FileFacts, Reading | None]:
    """The facts about a file, and what was read; the latter for a file of MIDI or notation that can be read."""
    credit = read_credits(path.parent).get(path.name)
    title = (credit.title if credit else "") or title_of(path)
    try:
        if looks_like_notes(path):
            return described(path, title, score_of(path), IS_LIST), None
        reading, score, diagnosis = read_piano(path, parts)
    except (MidiReadError, NoteFileError) as error:
        return refused(path, title, error), None
    return described(path, title, score, diagnosis), reading


def score_of(path: Path) -> Score:
    """The music of a file of MIDI or notation, or how the words of a note file sound.

    Raises:
        MidiReadError, NoteFileError: The file cannot be read.
    """
    if not looks_like_notes(path):
        return read_music(path)[0].score
    words = read_notes(path)
    codec = SeedCodec(vocabulary(words))
    return codec.decode(codec.rows_of(words))


def refused(path: Path, title: str, error: MidiReadError | NoteFileError) -> FileFacts:
    """The facts about a file that could not be read."""
    return FileFacts(str(path), False, error=str(error), title=title, verdict=unreadable(error).words)


def described(path: Path, title: str, score: Score, diagnosis: Diagnosis) -> FileFacts:
    """The facts about a file that could."""
    notes = piano_notes(score)
    empty: tuple[int, ...] = ()
    return FileFacts(
        file=str(path),
        ok=True,
        notes=len(score.notes),
        tracks=len(score.tracks),
        seconds=length_sec(score),
        findings=diagnosis.findings,
        title=title,
        verdict=diagnosis.words,
        polyphony=polyphony(notes).highest,
        pitches=tuple(pitch_counts(notes).tolist()) if len(notes) else empty,
        velocities=tuple(velocity_counts(notes).tolist()) if len(notes) else empty,
        durations=tuple(duration_counts(notes, score.ticks_per_beat).tolist()) if len(notes) else empty,
        signs=diagnosis.signs,
    )
