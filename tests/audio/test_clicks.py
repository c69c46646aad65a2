"""Clicks, measured: what an event adds above 8 kHz, where a cut shows and strings have little left after a while."""

import numpy as np
import pytest

from musicgen_app.audio import piano as piano_module
from musicgen_app.audio.limiter import LATENCY
from musicgen_app.audio.messages import ALL_NOTES_OFF, ALL_SOUND_OFF, SUSTAIN, control, note_off, note_on
from musicgen_app.audio.piano import MAX_VOICES, Piano
from musicgen_app.audio.samples import RATE, Samples
from musicgen_app.audio.transport import Event
from tests.audio.music import click_db

AT = RATE
FEW_DB = 3.0


@pytest.fixture(scope="module")
def samples() -> Samples:
    return Samples()


def heard(samples: Samples, *events: tuple[int, bytes], frames: int = 2 * RATE) -> np.ndarray:
    """What a piano plays, left, the limiter's delay taken off."""
    return Piano(samples).render(frames + LATENCY, [Event(at, message) for at, message in events])[0, LATENCY:]


CHORD = [(0, note_on(0, pitch, 100)) for pitch in (36, 43, 55, 60, 64, 67)]
PEDAL = [(0, control(0, SUSTAIN, 127)), *CHORD, *[(9000, note_off(0, pitch)) for pitch in (36, 43, 55, 60, 64, 67)]]


@pytest.mark.parametrize(
    ("before", "event"),
    [
        (CHORD, [(AT, note_off(0, pitch)) for pitch in (36, 43, 55, 60, 64, 67)]),
        (CHORD, [(AT, control(0, ALL_NOTES_OFF, 0))]),
        (CHORD, [(AT, control(0, ALL_SOUND_OFF, 0))]),
        (PEDAL, [(AT, control(0, SUSTAIN, 0))]),
        (PEDAL, [(AT, control(0, SUSTAIN, 63))]),
    ],
    ids=["stop", "all notes off", "panic", "pedal up", "pedal below half"],
)
def test_an_end_does_not_click(samples: Samples, before: list, event: list) -> None:
    assert click_db(heard(samples, *before, *event), AT) < FEW_DB


@pytest.mark.parametrize("pitch", [24, 36, 48, 60, 72, 84, 96])
@pytest.mark.parametrize("velocity", [20, 70, 127])
def test_a_start_does_not_click(samples: Samples, pitch: int, velocity: int) -> None:
    """A note comes out of silence within a hundredth of its steepest rise; the hammer is a part of the sound."""
    wave = heard(samples, (AT, note_on(0, pitch, velocity)))
    steps = np.abs(np.diff(wave[AT - 1 : AT + RATE // 4]))
    assert steps[:5].max() < 0.01 * steps.max()


def test_a_key_struck_again_adds_no_more_than_the_hammer(samples: Samples) -> None:
    again = heard(samples, (0, note_on(0, 48, 110)), (AT, note_on(0, 48, 30)))
    rest = again - heard(samples, (AT, note_on(0, 48, 30)))
    assert click_db(rest, AT) < FEW_DB


def test_a_stolen_voice_does_not_click(samples: Samples, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(piano_module, "MAX_VOICES", len(CHORD))
    stolen = heard(samples, *CHORD, (AT, note_on(1, 90, 1)))
    rest = stolen - heard(samples, (AT, note_on(1, 90, 1)))
    assert click_db(rest, AT) < FEW_DB
    assert np.abs(rest - heard(samples, *CHORD))[AT:].max() > 0.001
    assert MAX_VOICES >= 64


def test_a_cut_would_be_found(samples: Samples) -> None:
    wave = heard(samples, *CHORD)
    wave[AT:] = 0
    assert click_db(wave, AT) > 20


def test_loudness_rises_with_every_velocity(samples: Samples) -> None:
    for pitch in range(21, 109, 8):
        levels = np.array([blow_db(samples, pitch, velocity) for velocity in range(1, 128)])
        assert np.diff(levels).min() > 0, pitch
        assert 20 < levels[-1] - levels[0] < 30, pitch


def blow_db(samples: Samples, pitch: int, velocity: int) -> float:
    """The level of a blow's first half second, in dB, without the weighting that the samples were levelled by."""
    wave = Piano(samples).render(RATE // 2, [Event(0, note_on(0, pitch, velocity))])
    return float(10 * np.log10(np.mean(wave.astype(float) ** 2)))
