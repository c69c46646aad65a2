"""What the library keeps of one file: the facts and the verdict every file gets, statistics, and its music."""

import hashlib
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from musicgen_app.core.analysis import has_beat, piano_notes, pitch_range, tempos_by_notes
from musicgen_app.core.errors import MidiReadError, NoteFileError
from musicgen_app.core.key_names import key_name
from musicgen_app.core.score import Score
from musicgen_app.dataset.doctor import Diagnosis
from musicgen_app.dataset.families import Sketch, sketch
from musicgen_app.dataset.fingerprint import fingerprint
from musicgen_app.dataset.parts import PIANO, Parts
from musicgen_app.dataset.sources import Credit, title_of
from musicgen_app.dataset.split import from_first_bar
from musicgen_app.dataset.stored_text import clean, sorting_key
from musicgen_app.midi.reader import MAX_FILE_BYTES
from musicgen_app.tokens.note_file import looks_like_notes
from musicgen_app.workflow.inspect import IS_LIST, FileFacts, described, refused, score_of
from musicgen_app.workflow.music import read_piano


@dataclass(frozen=True, slots=True)
class Profile:
    """What was found in a file.

    Attributes:
        facts: A value for each of ``library_tables.FACTS``; hashes as hexadecimal digits.
        counts: Piano notes by pitch, velocity and length, one behind the other; empty where there are none.
        score: Its music; None where a data set cannot use it.
        turns: Its melodic turns as ``prepare`` finds them; none without music.
    """

    facts: dict[str, Any]
    counts: tuple[int, ...] = ()
    score: Score | None = None
    turns: Sketch | None = None


def hash_of(path: Path) -> str:
    """SHA-256 of a file's bytes as hexadecimal digits; empty where it is too large to be read, or cannot be."""
    try:
        if not path.is_file() or path.stat().st_size > MAX_FILE_BYTES:
            return ""
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def profile_of(path: Path, credit: Credit, sha256: str, parts: Parts = PIANO) -> Profile:
    """Read one file, judge it as ``inspect`` and ``prepare`` do, and measure its music."""
    title = credit.title or title_of(path)
    try:
        score, diagnosis = judged(path, parts)
    except (MidiReadError, NoteFileError) as error:
        return Profile(_facts(refused(path, title, error), credit, sha256))
    told = described(path, title, score, diagnosis)
    counts = (*told.pitches, *told.velocities, *told.durations)
    facts = _facts(told, credit, sha256) | _statistics(score)
    if not diagnosis.usable:
        return Profile(facts, counts)
    return Profile(facts, counts, score, sketch(from_first_bar(score)))


def judged(path: Path, parts: Parts) -> tuple[Score, Diagnosis]:
    """The music of a file of any kind, and the verdict on it, as ``inspect`` has them.

    Raises:
        MidiReadError, NoteFileError: It cannot be read.
    """
    if looks_like_notes(path):
        return score_of(path), IS_LIST
    _, score, diagnosis = read_piano(path, parts)
    return score, diagnosis


def given_up(path: Path, reason: str) -> Profile:
    """What is said of a file that could not even be looked at."""
    error = MidiReadError(f"{path.name} cannot be read: {reason}.", "Leave it out of the folder.")
    return Profile(_facts(refused(path, title_of(path), error), Credit(), ""))


def _facts(told: FileFacts, credit: Credit, sha256: str) -> dict[str, Any]:
    """The facts, with empty statistics."""
    texts = {"verdict": told.verdict, "error": told.error, "title": told.title}
    texts |= {"composer": credit.composer, "licence": credit.licence}
    texts["findings"] = json.dumps([clean(sentence) for sentence in told.findings], ensure_ascii=False)
    numbers = {"notes": told.notes, "tracks": told.tracks, "seconds": told.seconds, "polyphony": told.polyphony}
    nothing = {"lowest": -1, "highest": -1, "tempo": 0.0, "metre": "", "key": "", "velocity": 0, "velocities": 0}
    nothing |= {"pedal": 0, "beat": 0, "fingerprint": "", "pitch": -1, "duration": 0.0, "signs": " ".join(told.signs)}
    keys = {"title_key": clean(sorting_key(told.title)), "composer_key": clean(sorting_key(credit.composer))}
    return {name: clean(text) for name, text in texts.items()} | keys | numbers | nothing | {"sha256": sha256}


def _statistics(score: Score) -> dict[str, Any]:
    notes = piano_notes(score)
    if len(notes) == 0:
        return {}
    lowest, highest = pitch_range(notes) or (-1, -1)
    rates, counts = tempos_by_notes(score)
    reached = np.cumsum(counts)
    tempo = 60e6 / int(rates[np.searchsorted(reached, reached[-1] / 2)])
    velocities = np.bincount(notes["velocity"])
    loudness = np.cumsum(velocities)
    metre = next((f"{at.numerator}/{at.denominator}" for at in score.time_signatures), "")
    return {
        "lowest": lowest,
        "highest": highest,
        "tempo": round(tempo, 3),
        "metre": metre,
        "key": next((key_name(at.fifths, at.minor) for at in score.key_signatures), ""),
        "velocity": int(np.searchsorted(loudness, loudness[-1] / 2)),
        "velocities": int(np.count_nonzero(velocities)),
        "pedal": len(score.pedals),
        "beat": int(has_beat(score)),
        "fingerprint": fingerprint(score).hex(),
        "pitch": int(np.median(notes["pitch"])),
        "duration": round(float(np.median(notes["duration"])) / score.ticks_per_beat, 4),
    }


def named(credit: Credit | None) -> Credit:
    """What is known of a piece, without text that could not be stored."""
    known = credit or Credit()
    return replace(known, title=clean(known.title), composer=clean(known.composer), licence=clean(known.licence))
