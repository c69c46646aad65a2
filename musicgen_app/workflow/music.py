"""Reads a file of music of any kind, with a verdict on it: MIDI, and notation where its extra is installed."""

from pathlib import Path

from musicgen_app.core.score import Score
from musicgen_app.dataset.doctor import Diagnosis, examine, judge
from musicgen_app.dataset.parts import PIANO, Parts
from musicgen_app.midi.reader import Reading, read_midi
from musicgen_app.notation.container import is_notation
from musicgen_app.notation.reader import read_notation


def read_music(path: Path) -> tuple[Reading, Diagnosis]:
    """The music of a file, and the verdict on it.

    Raises:
        MidiReadError: It cannot be read.
    """
    reading, remarks = _read(path)
    diagnosis = examine(reading.score, reading.findings)
    for sentence in remarks:
        diagnosis = diagnosis.noted(sentence)
    return reading, diagnosis


def read_piano(path: Path, parts: Parts = PIANO) -> tuple[Reading, Score, Diagnosis]:
    """What a file holds, the music in it that a data set of notes is made of, and the verdict on that.

    Raises:
        MidiReadError: It cannot be read.
    """
    reading, remarks = _read(path)
    score, diagnosis = judge(reading.score, reading.findings, parts, reading.written.tempo_named)
    for sentence in remarks:
        diagnosis = diagnosis.noted(sentence)
    return reading, score, diagnosis


def _read(path: Path) -> tuple[Reading, tuple[str, ...]]:
    if not is_notation(path):
        return read_midi(path), ()
    notation = read_notation(path)
    return notation.reading, notation.remarks
