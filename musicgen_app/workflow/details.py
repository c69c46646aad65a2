"""All that the inspector tells of one file: tracks, tempo, metre, lengths, loudness, words, and what the seeds read."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from musicgen_app.core.analysis import Spread, piano_notes, pitch_range, polyphony, spread
from musicgen_app.core.detected_grid import GridFit, detected_grid
from musicgen_app.core.instruments import instrument_name
from musicgen_app.core.key_names import key_name
from musicgen_app.core.score import Notes, Score, Track
from musicgen_app.dataset.parts import PIANO
from musicgen_app.midi.reader import Reading
from musicgen_app.tokens.note_file import read_notes
from musicgen_app.tokens.seed import SeedCodec, vocabulary
from musicgen_app.tokens.seed_reading import lost_notes, seed_words
from musicgen_app.workflow.inspect import FileFacts, facts_and_reading

FIRST_WORDS = 24


@dataclass(frozen=True, slots=True)
class TrackDetails:
    """One track: its name, MIDI channel (from 1), General MIDI program (from 0), instrument in words, and its notes.

    ``lowest`` and ``highest`` are MIDI pitches; None where it has no notes. ``used`` says whether a data set takes it,
    where nobody has chosen.
    """

    name: str
    channel: int
    program: int
    instrument: str
    drums: bool
    notes: int
    lowest: int | None
    highest: int | None
    used: bool


@dataclass(frozen=True, slots=True)
class TempoDetails:
    """The tempo map in quarter notes a minute: the first tempo, how often it changes, and between which it moves."""

    first: float
    changes: int
    slowest: float
    fastest: float


@dataclass(frozen=True, slots=True)
class SeedDetails:
    """What the seed codec makes of a file.

    Attributes:
        words: How many words.
        distinct: How many different ones.
        first: The first of them.
        first_part_words: Words that are left by the seeds' rule to read the first part only.
        lost: Notes that this rule loses.
    """

    words: int
    distinct: int
    first: tuple[str, ...]
    first_part_words: int
    lost: int


@dataclass(frozen=True, slots=True)
class MidiDetails:
    """What a MIDI file says.

    Attributes:
        format: 0, 1 or 2.
        ticks_per_beat: Ticks in a quarter note.
        names: Names of the file's own tracks, also of those without notes; empty where one has none.
        tracks: Its voices, one for each of its tracks and channel.
        tempo: The tempo map.
        time_signatures, key_signatures: In words, with the quarter note (from 0) from which on each counts.
        lengths: Of the notes in quarter notes; drums do not count here and below. None where there are no notes.
        velocities: Of the notes.
        pedal: Events of the sustain pedal.
        most_together, mean_together: How many notes sound at once.
        texts: Words beside the music, each with its kind.
        grid: The grid its notes lie on, and how far they are from it; None where they follow none.
    """

    format: int
    ticks_per_beat: int
    names: tuple[str, ...]
    tracks: tuple[TrackDetails, ...]
    tempo: TempoDetails
    time_signatures: tuple[tuple[float, str], ...]
    key_signatures: tuple[tuple[float, str], ...]
    lengths: Spread | None
    velocities: Spread | None
    pedal: int
    most_together: int
    mean_together: float
    texts: tuple[tuple[str, str], ...]
    grid: GridFit | None


@dataclass(frozen=True, slots=True)
class Looked:
    """One file, looked at closely.

    Attributes:
        facts: What every file is known by.
        score: Its music; None where it cannot be read.
        details: What a MIDI file says; None for a note file, or where it cannot be read.
        seed: What the seed codec makes of it; None where nobody asked.
    """

    facts: FileFacts
    score: Score | None = None
    details: MidiDetails | None = None
    seed: SeedDetails | None = None


def look_at(path: Path, seed: bool = False) -> Looked:
    """Read one file and tell all that is in it.

    Args:
        path: A MIDI file or a note file.
        seed: Whether the words of the seed codec are wanted; they take longer than all the rest.
    """
    facts, reading = facts_and_reading(path)
    if not facts.ok:
        return Looked(facts)
    if reading is None:
        words = read_notes(path)
        codec = SeedCodec(vocabulary(words))
        return Looked(facts, codec.decode(codec.rows_of(words)), seed=_seed(words, len(words), 0))
    found = None
    if seed:
        kept = seed_words(reading, first_part=True)
        found = _seed(seed_words(reading), len(kept), lost_notes(reading))
    return Looked(facts, reading.score, _details(reading), found)


def _details(reading: Reading) -> MidiDetails:
    score, written = reading.score, reading.written
    notes = piano_notes(score)
    beat = score.ticks_per_beat
    together = polyphony(notes)
    return MidiDetails(
        format=written.file_format,
        ticks_per_beat=beat,
        names=written.names,
        tracks=_tracks(score),
        tempo=_tempo(score),
        time_signatures=tuple((at.onset / beat, f"{at.numerator}/{at.denominator}") for at in score.time_signatures),
        key_signatures=tuple((at.onset / beat, key_name(at.fifths, at.minor)) for at in score.key_signatures),
        lengths=spread(notes["duration"] / beat),
        velocities=spread(notes["velocity"]),
        pedal=len(score.pedals),
        most_together=together.highest,
        mean_together=round(together.mean, 3),
        texts=written.texts,
        grid=detected_grid(score),
    )


def _tracks(score: Score) -> tuple[TrackDetails, ...]:
    order = np.argsort(score.notes["track"], kind="stable")
    rows = score.notes[order]
    borders = np.searchsorted(rows["track"], np.arange(len(score.tracks) + 1)).tolist()
    return tuple(
        _track(track, rows[begin:end]) for track, begin, end in zip(score.tracks, borders, borders[1:], strict=False)
    )


def _track(track: Track, notes: Notes) -> TrackDetails:
    lowest, highest = pitch_range(notes) or (None, None)
    return TrackDetails(
        name=track.name,
        channel=track.channel + 1,
        program=track.program,
        instrument=instrument_name(track),
        drums=track.is_percussion,
        notes=len(notes),
        lowest=lowest,
        highest=highest,
        used=PIANO.include(track),
    )


def _tempo(score: Score) -> TempoDetails:
    rates = 60e6 / score.tempos["microseconds_per_beat"]
    first, slowest, fastest = (round(float(rate), 3) for rate in (rates[0], rates.min(), rates.max()))
    return TempoDetails(first, len(rates) - 1, slowest, fastest)


def _seed(words: Sequence[str], first_part_words: int, lost: int) -> SeedDetails:
    return SeedDetails(len(words), len(set(words)), tuple(words[:FIRST_WORDS]), first_part_words, lost)
