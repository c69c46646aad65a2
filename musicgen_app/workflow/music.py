"""Reads a file of music of any kind, with a verdict on it: MIDI, and notation where its extra is installed."""

from pathlib import Path

from musicgen_app.dataset.doctor import Diagnosis, examine, remark
from musicgen_app.midi.reader import Reading, read_midi
from musicgen_app.notation.container import is_notation
from musicgen_app.notation.reader import read_notation


def read_music(path: Path) -> tuple[Reading, Diagnosis]:
    """The music of a file, and the verdict on it.

    Raises:
        MidiReadError: It cannot be read.
    """
    if not is_notation(path):
        reading = read_midi(path)
        return reading, examine(reading.score, reading.findings)
    notation = read_notation(path)
    diagnosis = examine(notation.reading.score, notation.reading.findings)
    for sentence in notation.remarks:
        diagnosis = diagnosis.noted(sentence)
    return notation.reading, diagnosis


def read_piano(path: Path) -> tuple[Reading, Diagnosis]:
    """The same for a data set of notes: what is unusual about the music is remarked.

    Raises:
        MidiReadError: It cannot be read.
    """
    reading, diagnosis = read_music(path)
    return reading, remark(diagnosis, reading.score, reading.written.tempo_named)
