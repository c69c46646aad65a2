"""A score as a sound file: the built-in piano, faster than it would play."""

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from musicgen_app.audio.piano import Piano
from musicgen_app.audio.samples import RATE, Samples
from musicgen_app.audio.timeline import Timeline
from musicgen_app.audio.transport import PLAYING, Transport
from musicgen_app.core.errors import AudioError, FileWriteError, UsageError
from musicgen_app.core.files import replacing
from musicgen_app.core.progress import CancelToken, Progress, Report
from musicgen_app.core.score import Score

_BLOCK = 4096
FORMATS = {".wav": ("WAV", "PCM_16"), ".flac": ("FLAC", "PCM_16"), ".ogg": ("OGG", "VORBIS")}
"""What a file's ending asks for."""


def sound_of(score: Score, samples: Samples | None = None) -> Iterator[NDArray[np.float32]]:
    """Play a score into blocks of shape (2, frames), until the last string has fallen silent.

    The same score gives the same samples.
    """
    transport = Transport(RATE)
    transport.load(Timeline(score))
    transport.play()
    piano = Piano(samples or Samples())
    late = piano.latency
    silent = False
    while not silent:
        # The block that begins in silence only lets out what the limiter has held back.
        silent = transport.state != PLAYING and not piano.sounding
        wave = piano.render(_BLOCK, transport.advance(_BLOCK))
        yield wave[:, late:]
        late = 0


def render(score: Score, path: Path, report: Report, cancel: CancelToken) -> float:
    """Write a score as a sound file, all of it or nothing.

    Args:
        score: The music.
        path: Where to; the ending chooses WAV, FLAC or OGG.
        report: Gets a `Progress` in seconds of music.
        cancel: Stops between two blocks.

    Returns:
        The length of the sound in seconds.

    Raises:
        UsageError: Another ending.
        AudioError: There is nothing to hear, or the recordings of the piano are missing.
        FileWriteError: The file cannot be written.
        Cancelled: Stopped; no file is left behind.
    """
    kind = FORMATS.get(path.suffix.lower())
    if kind is None:
        raise UsageError(
            f"{path.name} does not say which kind of sound file it shall be.", "End its name in .wav, .flac or .ogg."
        )
    if len(score.notes) == 0:
        raise AudioError("There are no notes to hear.", "Open or generate some music first.")
    end = Timeline(score).end_second
    started, written = time.monotonic(), 0
    with replacing(path) as temporary:
        try:
            with soundfile.SoundFile(temporary, "w", RATE, 2, kind[1], format=kind[0]) as file:
                for wave in sound_of(score):
                    cancel.check()
                    file.write(wave.T)
                    written += wave.shape[1]
                    report(_progress(written / RATE, end, time.monotonic() - started, path.name))
            whole = soundfile.info(temporary).frames == written
        except (soundfile.LibsndfileError, AssertionError) as error:  # soundfile asserts that all was written
            raise FileWriteError(*_incomplete(path)) from error
        if not whole:
            raise FileWriteError(*_incomplete(path))
    return written / RATE


_TELLING_SEC = 10.0


def _incomplete(path: Path) -> tuple[str, str]:
    return f"{path.name} could not be written as a whole.", "Free some space on that disk, or choose another folder."


def _progress(done_sec: float, end_sec: float, took_sec: float, name: str) -> Progress:
    # The first seconds take long, since the samples are loaded meanwhile; they say nothing about the rest.
    left = max(end_sec - done_sec, 0.0) * took_sec / done_sec if done_sec >= min(_TELLING_SEC, end_sec) else None
    return Progress("Writing sound", int(min(done_sec, end_sec)), int(end_sec), left, name)
