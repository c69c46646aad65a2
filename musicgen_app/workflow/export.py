"""Music leaves as MIDI or as sound."""

from pathlib import Path

from musicgen_app.audio.render import render
from musicgen_app.core.progress import CancelToken, Report
from musicgen_app.core.score import Score
from musicgen_app.midi.writer import write_midi


def export_midi(score: Score, path: Path) -> Path:
    """Write a score as a Standard MIDI File, atomically; ``.mid`` is added where the name has no such ending.

    Returns:
        Where it was written.

    Raises:
        FileWriteError: The file cannot be written.
    """
    if path.suffix.lower() not in (".mid", ".midi"):
        path = path.with_name(f"{path.name}.mid")
    write_midi(score, path)
    return path


def export_audio(score: Score, path: Path, report: Report, cancel: CancelToken) -> float:
    """Play a score on the built-in piano into a WAV, FLAC or OGG file, atomically.

    Returns:
        The length of the sound in seconds.

    Raises:
        UsageError: The name ends in something else.
        AudioError: There is nothing to hear.
        FileWriteError: The file cannot be written.
        Cancelled: Stopped on request; nothing was written.
    """
    return render(score, path, report, cancel)
