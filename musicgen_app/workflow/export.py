"""Music leaves as MIDI or as sound."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from musicgen_app.audio.hearing import Hearing
from musicgen_app.audio.render import RenderConfig, render, render_stems
from musicgen_app.core.errors import UsageError
from musicgen_app.core.progress import CancelToken, Report
from musicgen_app.core.score import Score
from musicgen_app.core.timing import Meter
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


def export_audio(
    score: Score, path: Path, report: Report, cancel: CancelToken, config: RenderConfig | None = None
) -> float:
    """Play a score on the built-in piano or a SoundFont into a WAV, FLAC, OGG or MP3 file, atomically.

    Returns:
        The length of the sound in seconds.

    Raises:
        UsageError: The name ends in something else, or the file cannot hold the rate.
        AudioError: There is nothing to hear, or the SoundFont is no use.
        FileWriteError: The file cannot be written.
        Cancelled: Stopped on request; nothing was written.
    """
    return render(score, path, report, cancel, config)


def export_stems(
    score: Score, path: Path, report: Report, cancel: CancelToken, config: RenderConfig | None = None
) -> tuple[Path, ...]:
    """Play each track into a file of its own beside ``path``, named after it; all are equally long.

    Returns:
        The files.

    Raises:
        As `export_audio`; files that were finished before stay.
    """
    return render_stems(score, path, report, cancel, config)


def selection(score: Score, notes: NDArray[np.intp]) -> tuple[Hearing, tuple[int, int]]:
    """What sounds, and from where to where, when some notes of a score are exported alone.

    Args:
        score: The music.
        notes: Indices of its notes, at least one.
    """
    chosen = score.notes[notes]
    end = int((chosen["onset"] + chosen["duration"]).max())
    return Hearing(only=tuple(notes.tolist())), (int(chosen["onset"].min()), end)


def bars(score: Score, first: int, last: int) -> tuple[int, int]:
    """The ticks of bars ``first`` to ``last``, both counted from 1 and both included.

    Raises:
        UsageError: There are no such bars.
    """
    if not 1 <= first <= last:
        raise UsageError(f"Bars {first} to {last} are none.", "Bars count from 1.")
    meter = Meter(score)
    begin = meter.bar_onset(first)
    if begin >= max(score.end, 1):
        raise UsageError(f"The piece ends before bar {first}.")
    return begin, meter.bar_onset(last + 1)
