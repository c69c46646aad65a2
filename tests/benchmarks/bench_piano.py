"""What the built-in piano costs and how even it is: 64 voices at the live block size, loudness, clicks.

Costs are processor time of the one thread that plays, as in the sound process; others on the machine hardly change it.
"""

import numpy as np

from musicgen_app.audio.device import PERIOD_MS
from musicgen_app.audio.limiter import LATENCY
from musicgen_app.audio.messages import ALL_SOUND_OFF, SUSTAIN, control, note_off, note_on
from musicgen_app.audio.piano import Piano
from musicgen_app.audio.samples import RATE, Samples
from musicgen_app.audio.transport import Event
from tests.audio.music import click_db
from tests.benchmarks import bench_audio

_CHORD = (36, 43, 55, 60, 64, 67)


def run() -> dict[str, float]:
    """All figures by flat names."""
    samples = Samples()
    samples.load()
    samples.tune()
    bench_audio._BLOCK = RATE * PERIOD_MS // 1000
    fraction, longest = bench_audio._voices(samples)
    steps = [np.diff(levels(samples, pitch)) for pitch in range(21, 109, 3)]
    return {
        "piano_core_fraction_64": fraction,
        "piano_longest_block_ms_64": longest,
        "piano_block_frames": float(bench_audio._BLOCK),
        "piano_loudness_smallest_step_db": float(min(step.min() for step in steps)),
        "piano_loudness_largest_step_db": float(max(step.max() for step in steps)),
        "piano_click_stop_db": ends(samples, *[note_off(0, pitch) for pitch in _CHORD]),
        "piano_click_panic_db": ends(samples, control(0, ALL_SOUND_OFF, 0)),
        "piano_click_pedal_up_db": ends(samples, control(0, SUSTAIN, 0), pedal=True),
    }


def levels(samples: Samples, pitch: int) -> np.ndarray:
    """The level of a key's first half second for all velocities, in dB."""
    waves = [
        Piano(samples).render(RATE // 2, [Event(0, note_on(0, pitch, velocity))]).astype(float)
        for velocity in range(1, 128)
    ]
    return np.array([10 * np.log10(np.mean(wave**2)) for wave in waves])


def ends(samples: Samples, *messages: bytes, pedal: bool = False) -> float:
    """What an end adds above 8 kHz to a chord that has sung for a second, in dB."""
    events = [Event(0, control(0, SUSTAIN, 127 if pedal else 0))]
    events += [Event(0, note_on(0, pitch, 100)) for pitch in _CHORD]
    events += [Event(9000, note_off(0, pitch)) for pitch in _CHORD if pedal]
    events += [Event(RATE, message) for message in messages]
    return click_db(Piano(samples).render(2 * RATE + LATENCY, events)[0, LATENCY:], RATE)
