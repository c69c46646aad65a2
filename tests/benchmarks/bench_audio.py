"""Figures of the built-in piano and the transport: what it costs, how even it is, how exact."""

import time

import numpy as np

from musicgen_app.audio.messages import SUSTAIN, control, note_on
from musicgen_app.audio.piano import DB_PER_VELOCITY, Piano
from musicgen_app.audio.render import sound_of
from musicgen_app.audio.samples import RATE, Samples
from musicgen_app.audio.timeline import Timeline
from musicgen_app.audio.transport import Event
from musicgen_app.core.score import Score, make_notes
from tests.audio.music import k_weighted_db, piece
from tests.servers import onsets_sec

_BLOCK = 1200


def _voices(samples: Samples, seconds: int = 4) -> tuple[float, float]:
    """The part of one core that 64 sounding strings take, and the longest block, in milliseconds of processor time."""
    piano = Piano(samples)
    chord = [Event(0, note_on(channel, 36 + pitch, 40 + 2 * pitch)) for channel in (0, 1) for pitch in range(32)]
    pedals = [Event(0, control(channel, SUSTAIN, 127)) for channel in (0, 1)]
    piano.render(_BLOCK, [*pedals, *chord])
    times = []
    sounding = []
    for _ in range(seconds * RATE // _BLOCK):
        started = time.thread_time()
        piano.render(_BLOCK, [])
        times.append(time.thread_time() - started)
        sounding.append(piano.sounding)
    full = np.array(times)[np.array(sounding) == 64]
    return float(np.median(full)) * RATE / _BLOCK, float(np.max(full)) * 1000


def _loudness(samples: Samples) -> tuple[float, float, float]:
    """The largest error of a note's loudness against a straight line over velocity, and the smallest and largest step.

    In dB; the steps are per step of velocity, over all keys.
    """
    velocities = np.array([1, 20, 36, 48, 60, 72, 84, 96, 108, 127])
    error, smallest, largest = 0.0, np.inf, 0.0
    for pitch in range(21, 109):
        levels = []
        for velocity in velocities.tolist():
            both = Piano(samples).render(RATE // 2, [Event(0, note_on(0, pitch, velocity))]).astype(float)
            levels.append(k_weighted_db(np.sqrt(np.sum(both**2, axis=0)) * np.sign(both[0])))
        rest = np.array(levels) - DB_PER_VELOCITY * velocities
        error = max(error, float(np.abs(rest - rest.mean()).max()))
        steps = np.diff(levels) / np.diff(velocities)
        smallest, largest = min(smallest, float(steps.min())), max(largest, float(steps.max()))
    return error, smallest, largest


def _onset_error_ms() -> float:
    """The largest error of an onset in an offline rendering, in milliseconds."""
    starts = np.cumsum([0, *np.random.default_rng(5).integers(280, 500, 40).tolist()])
    score = piece(*[(int(at), 50, 60 + number % 24, 90) for number, at in enumerate(starts)])
    heard = onsets_sec(np.concatenate(list(sound_of(score)), axis=1).sum(axis=0))
    return float(np.abs((heard - heard[0]) * 1000 - starts).max())


def _timeline_ms(notes: int) -> float:
    rng = np.random.default_rng(1)
    rows = zip(
        rng.integers(0, notes * 60, notes).tolist(),
        rng.integers(30, 900, notes).tolist(),
        rng.integers(21, 109, notes).tolist(),
        rng.integers(1, 128, notes).tolist(),
        strict=True,
    )
    score = Score(notes=make_notes(rows))
    started = time.thread_time()
    Timeline(score)
    return (time.thread_time() - started) * 1000


def run() -> dict[str, float]:
    """Measure everything."""
    started = time.thread_time()
    samples = Samples()
    opened = time.thread_time()
    samples.load()
    loaded = time.thread_time()
    share, longest = _voices(samples)
    error, smallest, largest = _loudness(samples)
    score = piece(*[(at * 125, 400, 48 + at * 7 % 36, 70) for at in range(240)])
    begun = time.thread_time()
    frames = sum(wave.shape[1] for wave in sound_of(score, samples))
    render_speed = frames / RATE / (time.thread_time() - begun)
    return {
        "audio_samples_open_ms": (opened - started) * 1000,
        "audio_samples_decode_s": loaded - opened,
        "audio_64_voices_core_share": share,
        "audio_64_voices_longest_block_ms": longest,
        "audio_loudness_error_db": error,
        "audio_loudness_smallest_step_db": smallest,
        "audio_loudness_largest_step_db": largest,
        "audio_onset_error_offline_ms": _onset_error_ms(),
        "audio_render_times_realtime": render_speed,
        "audio_timeline_10k_notes_ms": _timeline_ms(10_000),
        "audio_timeline_100k_notes_ms": _timeline_ms(100_000),
    }
