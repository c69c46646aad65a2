"""A score as sound files: the built-in piano or a SoundFont, faster than it would play."""

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from musicgen_app.audio.hearing import Hearing
from musicgen_app.audio.ogg import fix_stream_number
from musicgen_app.audio.piano import Piano
from musicgen_app.audio.resample import Resampler
from musicgen_app.audio.samples import RATE, Samples
from musicgen_app.audio.soundfont import SoundFontSynth
from musicgen_app.audio.timeline import Timeline
from musicgen_app.audio.transport import PLAYING, Transport
from musicgen_app.core.errors import AudioError, FileWriteError, UsageError
from musicgen_app.core.files import replacing
from musicgen_app.core.progress import CancelToken, Progress, Report
from musicgen_app.core.score import Score

_BLOCK = 4096
RATES = (44_100, 48_000, 96_000)
_KINDS = {
    ".wav": ("WAV", "PCM_16"),
    ".flac": ("FLAC", "PCM_16"),
    ".ogg": ("OGG", "VORBIS"),
    ".mp3": ("MP3", "MPEG_LAYER_III"),
}
FORMATS = {ending: kind for ending, kind in _KINDS.items() if kind[0] in soundfile.available_formats()}
"""What a file's ending asks for, as far as this machine's libsndfile can do it."""
_PEAK_DB = -1.0
"""What is normalised is as loud as this below full scale at its loudest."""
_MP3_LIMIT = 48_000
_TELLING_SEC = 10.0
_FADE_FRAMES = RATE // 4


@dataclass(frozen=True, slots=True)
class RenderConfig:
    """What of a score is heard, and how it is written.

    Attributes:
        rate: Frames a second, one of `RATES`.
        hearing: Which tracks and notes sound.
        span: First tick, and the tick at which it ends; all where None.
        tail: Seconds of sound after the end; None until the last string has fallen silent.
        normalise: Whether the loudest moment is brought to 1 dB below full scale.
        soundfont: An SF2 or SF3 file to play it with; the built-in piano where None.

    Raises:
        UsageError: A value is out of range.
    """

    rate: int = RATE
    hearing: Hearing = field(default_factory=Hearing)
    span: tuple[int, int] | None = None
    tail: float | None = None
    normalise: bool = False
    soundfont: Path | None = None

    def __post_init__(self) -> None:
        if self.rate not in RATES:
            raise UsageError(f"The sample rate is {self.rate}; expected 44100, 48000 or 96000.")
        if self.span is not None and not 0 <= self.span[0] < self.span[1]:
            raise UsageError(f"A part from tick {self.span[0]} to {self.span[1]} has no length.")
        if self.tail is not None and not 0 <= self.tail <= 60:
            raise UsageError(f"The tail is {self.tail:g} seconds; expected 0 to 60.")


def sound_of(
    score: Score, samples: Samples | None = None, config: RenderConfig | None = None
) -> Iterator[NDArray[np.float32]]:
    """Play a score into blocks of shape (2, frames) at 48 kHz, until the strings are silent or the tail ends.

    The same score gives the same samples.
    """
    config = config or RenderConfig()
    heard = config.hearing.mask(score)
    transport = Transport(RATE)
    transport.load(Timeline(score, None if heard.all() else heard))
    if config.span is None:
        transport.play()
    else:
        transport.play_range(*config.span)
    instrument = Piano(samples or Samples()) if config.soundfont is None else SoundFontSynth(config.soundfont)
    late, left = instrument.latency, None if config.tail is None else round(config.tail * RATE)
    silent = False
    while not silent:
        over = transport.state != PLAYING
        # The block that begins in silence only lets out what the limiter has held back.
        silent = over and not instrument.sounding
        wave = instrument.render(_BLOCK, transport.advance(_BLOCK))[:, late:]
        late = 0
        if over and left is not None:
            wave = _cut(wave, left)
            left -= wave.shape[1]
            silent = silent or left <= 0
        yield wave


def _cut(wave: NDArray[np.float32], left: int) -> NDArray[np.float32]:
    """At most ``left`` frames of a block; the last of them fall silent, so that a tail does not end in a click."""
    wave = wave[:, :left]
    fade = np.clip((left - np.arange(wave.shape[1])) / _FADE_FRAMES, 0, 1)
    faded: NDArray[np.float32] = wave * (np.sin(fade * np.pi / 2) ** 2).astype(np.float32)
    return faded


@dataclass(frozen=True, slots=True)
class _Measured:
    """A file to be written: its config, name, gain, and length in frames of its rate (None: as long as it sounds)."""

    path: Path
    config: RenderConfig
    gain: float = 1.0
    frames: int | None = None


def render(score: Score, path: Path, report: Report, cancel: CancelToken, config: RenderConfig | None = None) -> float:
    """Write a score as a sound file, all of it or nothing.

    Args:
        score: The music.
        path: Where to; the ending chooses WAV, FLAC, OGG or MP3.
        report: Gets a `Progress` in seconds of music.
        cancel: Stops between two blocks.
        config: What of it, and how.

    Returns:
        The length of the sound in seconds.

    Raises:
        UsageError: Another ending, or a rate that the kind of file cannot hold.
        AudioError: There is nothing to hear, the recordings of the piano are missing, or the SoundFont is no use.
        FileWriteError: The file cannot be written.
        Cancelled: Stopped; no file is left behind.
    """
    config = config or RenderConfig()
    return _Renderer(score, config, report, cancel).write([(path, config)])


def stem_paths(score: Score, path: Path) -> list[tuple[int, Path]]:
    """Each track that has notes, and the file its sound goes to, beside ``path``."""
    found = []
    for track in np.unique(score.notes["track"]).tolist():
        name = re.sub(r"[^\w\-]+", " ", score.tracks[track].name).strip()[:40]
        found.append((track, path.with_name(f"{path.stem} - {f'{track + 1:02d} {name}'.strip()}{path.suffix}")))
    return found


def render_stems(
    score: Score, path: Path, report: Report, cancel: CancelToken, config: RenderConfig | None = None
) -> tuple[Path, ...]:
    """Write each track that is heard as a sound file of its own; all are equally long, and normalised by one factor.

    Args, Raises: As `render`; what was written before it was cancelled stays.

    Returns:
        The files.
    """
    config = config or RenderConfig()
    audible = set(score.notes["track"][config.hearing.mask(score)].tolist())
    stems = [
        (file, replace(config, hearing=replace(config.hearing, soloed=frozenset({track}))))
        for track, file in stem_paths(score, path)
        if track in audible
    ]
    _Renderer(score, config, report, cancel).write(stems)
    return tuple(file for file, _ in stems)


class _Renderer:
    """Plays a score into files, twice where it must know their loudness or their lengths before."""

    def __init__(self, score: Score, config: RenderConfig, report: Report, cancel: CancelToken) -> None:
        self._score, self._config = score, config
        self._report, self._cancel = report, cancel
        self._samples = Samples()
        timeline = Timeline(score)
        begin, end = (0.0, timeline.end_second) if config.span is None else timeline.tempo.seconds(config.span).tolist()
        self._seconds = min(end, timeline.end_second) - begin
        self._started = time.monotonic()
        self._done = 0.0
        self._total = self._seconds

    def write(self, files: Sequence[tuple[Path, RenderConfig]]) -> float:
        """Write files; returns the length of one in seconds."""
        for path, config in files:
            _check_kind(path, config.rate)
        if not files or not self._config.hearing.mask(self._score).any() or self._seconds <= 0:
            raise AudioError("There are no notes to hear.", "Open or generate some music first.")
        twice = self._config.normalise or len(files) > 1
        self._total = self._seconds * len(files) * (2 if twice else 1)
        measured = self._measured(files) if twice else [_Measured(*files[0])]
        frames = [self._write(one) for one in measured]
        return frames[0] / self._config.rate

    def _measured(self, files: Sequence[tuple[Path, RenderConfig]]) -> list[_Measured]:
        peak, longest = 0.0, 0
        for path, config in files:
            frames = 0
            for wave in self._waves(config, path.name):
                peak = max(peak, float(np.abs(wave).max(initial=0.0)))
                frames += wave.shape[1]
            longest = max(longest, frames)
        gain = 10 ** (_PEAK_DB / 20) / peak if self._config.normalise and peak > 0 else 1.0
        return [_Measured(path, config, gain, longest) for path, config in files]

    def _waves(self, config: RenderConfig, name: str) -> Iterator[NDArray[np.float32]]:
        """The sound at the rate asked for, telling how far it is."""
        resampler = Resampler(RATE, config.rate) if config.rate != RATE else None
        begin, played = self._done, 0.0
        for wave in sound_of(self._score, self._samples, config):
            self._cancel.check()
            yield wave if resampler is None else resampler.resample(wave)
            played += wave.shape[1] / RATE
            self._done = begin + min(played, self._seconds)
            self._report(_progress(self._done, self._total, time.monotonic() - self._started, name))
        if resampler is not None:
            yield resampler.rest()

    def _write(self, one: _Measured) -> int:
        """Write one file, all of it or nothing; returns its frames."""
        kind, written = _check_kind(one.path, one.config.rate), 0
        with replacing(one.path) as temporary:
            try:
                with soundfile.SoundFile(temporary, "w", one.config.rate, 2, kind[1], format=kind[0]) as file:
                    for wave in self._waves(one.config, one.path.name):
                        file.write((wave * np.float32(one.gain) if one.gain != 1.0 else wave).T)
                        written += wave.shape[1]
                    if one.frames is not None and one.frames > written:
                        file.write(np.zeros((one.frames - written, 2), np.float32))
                        written = one.frames
                if kind[0] == "OGG":
                    fix_stream_number(temporary)
                whole = soundfile.info(temporary).frames >= written
            except (soundfile.LibsndfileError, AssertionError) as error:  # soundfile asserts that all was written
                raise FileWriteError(*_incomplete(one.path)) from error
            if not whole:
                raise FileWriteError(*_incomplete(one.path))
        return written


def _check_kind(path: Path, rate: int) -> tuple[str, str]:
    """The format and subtype that a file's ending asks for."""
    kind = FORMATS.get(path.suffix.lower())
    if kind is None:
        endings = [*FORMATS]
        words = f"{', '.join(endings[:-1])} or {endings[-1]}"
        raise UsageError(f"{path.name} does not say which kind of sound file it shall be.", f"End its name in {words}.")
    if kind[0] == "MP3" and rate > _MP3_LIMIT:
        raise UsageError(f"An MP3 file cannot hold {rate} frames a second.", "Choose 44100 or 48000, or another kind.")
    return kind


def _incomplete(path: Path) -> tuple[str, str]:
    return f"{path.name} could not be written as a whole.", "Free some space on that disk, or choose another folder."


def _progress(done_sec: float, end_sec: float, took_sec: float, name: str) -> Progress:
    # The first seconds take long, since the samples are loaded meanwhile; they say nothing about the rest.
    left = max(end_sec - done_sec, 0.0) * took_sec / done_sec if done_sec >= min(_TELLING_SEC, end_sec) else None
    return Progress("Writing sound", int(min(done_sec, end_sec)), int(end_sec), left, name)
