"""Copied notes travel through the system's clipboard as MIDI, so that other programs can have them too."""

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication

from musicgen_app.core.errors import MidiReadError
from musicgen_app.core.score import Score
from musicgen_app.midi.reader import read_midi_bytes
from musicgen_app.midi.writer import midi_bytes

MIME = "audio/midi"


def put_on_clipboard(score: Score) -> None:
    """Copy notes."""
    content = QMimeData()
    content.setData(MIME, midi_bytes(score))
    QGuiApplication.clipboard().setMimeData(content)


def copied_score() -> Score | None:
    """What was copied last; None where that is no music."""
    content = QGuiApplication.clipboard().mimeData()
    if content is None or not content.hasFormat(MIME):
        return None
    try:
        return read_midi_bytes(bytes(content.data(MIME).data()), "The clipboard").score
    except MidiReadError:
        return None
