"""Copied notes travel through the system's clipboard as MIDI, so that other programs can have them too."""

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication

from musicgen_app.core.errors import MidiReadError
from musicgen_app.core.score import Score
from musicgen_app.midi.reader import read_midi_bytes
from musicgen_app.midi.writer import midi_bytes

MIMES = ("audio/midi", "audio/x-midi", "audio/mid")
"""What MIDI is called: by most programs, by older ones, and on Windows."""


def put_on_clipboard(score: Score) -> None:
    """Copy notes."""
    content = QMimeData()
    music = midi_bytes(score)
    for mime in MIMES:
        content.setData(mime, music)
    QGuiApplication.clipboard().setMimeData(content)


def copied_score() -> Score | None:
    """What was copied last; None where that is no music."""
    content = QGuiApplication.clipboard().mimeData()
    mime = next((mime for mime in MIMES if content is not None and content.hasFormat(mime)), None)
    if content is None or mime is None:
        return None
    try:
        return read_midi_bytes(bytes(content.data(mime).data()), "The clipboard").score
    except MidiReadError:
        return None
