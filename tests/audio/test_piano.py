import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from musicgen_app.audio.limiter import CEILING, LATENCY, Limiter
from musicgen_app.audio.messages import (
    ALL_NOTES_OFF,
    ALL_SOUND_OFF,
    SUSTAIN,
    control,
    note_off,
    note_on,
    program_change,
)
from musicgen_app.audio.piano import DB_PER_VELOCITY, MAX_VOICES, Piano, loudness_of
from musicgen_app.audio.samples import RATE, Samples
from musicgen_app.audio.transport import Event
from tests.audio.music import k_weighted_db

SECOND = RATE


@pytest.fixture(scope="module")
def samples() -> Samples:
    return Samples()


def play(samples: Samples, frames: int, *events: tuple[int, bytes], block: int = 0) -> np.ndarray:
    """What a fresh piano plays, shape (2, frames), the piano's latency taken off."""
    piano = Piano(samples)
    total, done, parts = frames + LATENCY, 0, []
    while done < total:
        size = min(block or total, total - done)
        mine = [Event(at - done, message) for at, message in events if done <= at < done + size]
        parts.append(piano.render(size, mine))
        done += size
    return np.concatenate(parts, axis=1)[:, LATENCY:]


def peak(wave: np.ndarray) -> float:
    return float(np.abs(wave).max())


def loudness(samples: Samples, pitch: int, velocity: int) -> float:
    both = play(samples, RATE // 2, (0, note_on(0, pitch, velocity)))
    return k_weighted_db(np.sqrt(np.sum(both.astype(float) ** 2, axis=0)) * np.sign(both[0]))


def busy_passage(count: int = 60) -> list[tuple[int, bytes]]:
    rng = np.random.default_rng(3)
    events = [(0, control(0, SUSTAIN, 127)), (30_000, control(0, SUSTAIN, 0)), (50_000, control(0, ALL_NOTES_OFF, 0))]
    for _ in range(count):
        at, pitch = int(rng.integers(0, 60_000)), int(rng.integers(21, 109))
        events.append((at, note_on(0, pitch, int(rng.integers(1, 128)))))
        events.append((at + int(rng.integers(1, 20_000)), note_off(0, pitch)))
    return sorted(events, key=lambda event: event[0])


@pytest.mark.parametrize("block", [1, 37, 480, 1200, 4096])
def test_blocks_of_any_size_sound_the_same_bit_for_bit(samples: Samples, block: int) -> None:
    frames = 3000 if block == 1 else 70_000
    events = busy_passage()
    whole = play(samples, frames, *events)
    assert np.array_equal(whole, play(samples, frames, *events, block=block))


def test_a_second_reading_of_the_samples_sounds_the_same(samples: Samples) -> None:
    events = busy_passage(20)
    assert play(samples, 20_000, *events).tobytes() == play(Samples(), 20_000, *events).tobytes()


def test_loudness_rises_evenly_with_velocity_on_every_key(samples: Samples) -> None:
    velocities = [1, 20, 36, 48, 60, 72, 84, 96, 108, 127]
    for pitch in range(21, 109):
        levels = np.array([loudness(samples, pitch, velocity) for velocity in velocities])
        steps = np.diff(levels) / np.diff(velocities)
        assert steps.min() > 0.5 * DB_PER_VELOCITY, pitch
        assert steps.max() < 1.5 * DB_PER_VELOCITY, pitch


def test_neighbouring_keys_are_equally_loud(samples: Samples) -> None:
    for velocity in (30, 64, 100):
        levels = np.array([loudness(samples, pitch, velocity) for pitch in range(21, 109)])
        assert np.abs(np.diff(levels)).max() < 1.5


def test_the_middle_of_the_keyboard_is_as_loud_as_it_says(samples: Samples) -> None:
    assert loudness(samples, 60, 100) == pytest.approx(loudness_of(100), abs=1.5)


def pitch_of(wave: np.ndarray) -> float:
    spectrum = np.abs(np.fft.rfft(wave * np.hanning(len(wave)), 1 << 19))
    octaves = 12 * np.log2(np.maximum(np.arange(len(spectrum)), 1) * RATE / (1 << 19) / 440) + 69
    return float(octaves[np.argmax(spectrum)])


@pytest.mark.parametrize("pitch", [60, 61, 62, 64, 68, 70, 71])
def test_every_key_sounds_its_own_pitch(samples: Samples, pitch: int) -> None:
    heard = pitch_of(play(samples, SECOND, (0, note_on(0, pitch, 80))).sum(axis=0))
    assert min(abs(heard - pitch - octave) for octave in (0, 12)) < 0.1


@pytest.mark.parametrize("pitch", [0, 5, 20, 109, 120, 127])
def test_keys_beyond_the_keyboard_sound_too(samples: Samples, pitch: int) -> None:
    assert 0.003 < peak(play(samples, SECOND, (0, note_on(0, pitch, 100)))) < 1


def test_sound_begins_on_its_frame(samples: Samples) -> None:
    wave = play(samples, 30_000, (12_345, note_on(0, 60, 100)))
    assert not wave[:, :12_345].any()
    level = np.abs(wave).max(axis=0)
    assert abs(int(np.argmax(level > 0.1 * level.max())) - 12_345) < 0.004 * RATE


def test_a_key_let_go_falls_silent_and_a_held_one_sings_on(samples: Samples) -> None:
    held = play(samples, 2 * SECOND, (0, note_on(0, 60, 90)))
    short = play(samples, 2 * SECOND, (0, note_on(0, 60, 90)), (SECOND // 2, note_off(0, 60)))
    assert np.array_equal(held[:, : SECOND // 2], short[:, : SECOND // 2])
    assert peak(held[:, -SECOND // 2 :]) > 0.003
    assert peak(short[:, -SECOND // 2 :]) == 0


@pytest.mark.parametrize(("value", "sounds"), [(63, False), (64, True), (127, True)])
def test_the_pedal_holds_from_half_way_on(samples: Samples, value: int, sounds: bool) -> None:
    wave = play(samples, 2 * SECOND, (0, control(0, SUSTAIN, value)), (10, note_on(0, 60, 90)), (9000, note_off(0, 60)))
    assert (peak(wave[:, -SECOND // 2 :]) > 0) == sounds


def test_lifting_the_pedal_lets_go_of_what_no_key_holds(samples: Samples) -> None:
    events = [(0, control(0, SUSTAIN, 127)), (0, note_on(0, 60, 90)), (0, note_on(0, 64, 90)), (9000, note_off(0, 60))]
    lifted = play(samples, 2 * SECOND, *events, (20_000, control(0, SUSTAIN, 0)))
    only_64 = play(samples, 2 * SECOND, (0, note_on(0, 64, 90)))
    assert np.array_equal(lifted[:, -SECOND // 2 :], only_64[:, -SECOND // 2 :])


def test_a_note_struck_with_no_loudness_is_let_go(samples: Samples) -> None:
    one = play(samples, SECOND, (0, note_on(0, 60, 90)), (5000, note_on(0, 60, 0)))
    other = play(samples, SECOND, (0, note_on(0, 60, 90)), (5000, note_off(0, 60)))
    assert np.array_equal(one, other)


def test_all_sound_off_is_quick_and_smooth(samples: Samples) -> None:
    wave = play(samples, 30_000, (0, note_on(0, 48, 120)), (15_000, control(0, ALL_SOUND_OFF, 0)))
    assert not wave[:, 15_000 + 500 :].any()
    assert np.abs(np.diff(wave[:, 14_990:15_500])).max() <= 1.5 * np.abs(np.diff(wave[:, 14_000:14_990])).max()


def test_other_channels_and_messages_are_left_in_peace(samples: Samples) -> None:
    plain = play(samples, SECOND, (0, note_on(0, 60, 90)))
    others = [control(1, ALL_NOTES_OFF, 0), control(1, ALL_SOUND_OFF, 0), control(0, 7, 10), program_change(0, 40)]
    others += [note_on(9, 40, 127), note_off(1, 60)]
    assert np.array_equal(plain, play(samples, SECOND, (0, note_on(0, 60, 90)), *[(9000, o) for o in others]))


def test_a_key_struck_again_damps_its_older_sound_without_a_click(samples: Samples) -> None:
    once = play(samples, SECOND, (24_000, note_on(0, 60, 20)))
    again = play(samples, SECOND, (0, note_on(0, 60, 110)), (24_000, note_on(0, 60, 20)))
    rest = again - once
    assert peak(rest[:, 24_000 + int(0.2 * RATE) :]) < 1e-6
    assert np.abs(np.diff(rest[:, 23_900:24_200])).max() <= 1.5 * np.abs(np.diff(rest[:, 23_000:23_900])).max()


def test_there_is_room_for_many_voices_and_stealing_does_not_click(samples: Samples) -> None:
    piano = Piano(samples)
    piano.render(10, [Event(0, control(0, SUSTAIN, 127))])
    for number in range(2 * MAX_VOICES):
        piano.render(100, [Event(0, note_on(number // 100, 21 + number % 88, 20))])
    assert 64 <= piano.sounding <= MAX_VOICES + 8
    wave = piano.render(4800, [])
    assert np.abs(np.diff(wave)).max() < 0.1


def test_the_loudest_cluster_stays_below_full_scale(samples: Samples) -> None:
    wave = play(samples, SECOND, *[(0, note_on(0, pitch, 127)) for pitch in range(30, 90)])
    assert peak(wave) <= CEILING * 1.001


def test_a_single_note_does_not_meet_the_limiter(samples: Samples) -> None:
    for pitch in (21, 40, 60, 80, 100, 108):
        assert peak(play(samples, SECOND, (0, note_on(0, pitch, 127)))) < CEILING - 0.01


def test_silence_begins_and_ends_in_silence(samples: Samples) -> None:
    wave = play(samples, 12 * SECOND, (0, note_on(0, 30, 127)))
    assert peak(wave[:, :2]) < 0.01
    assert peak(wave[:, 10 * SECOND :]) == 0


@settings(max_examples=25)
@given(st.lists(st.integers(1, 900), min_size=1, max_size=30), st.floats(0.1, 8), st.integers(0, 2**32 - 1))
def test_the_limiter_does_not_mind_blocks_and_keeps_its_ceiling(sizes: list[int], gain: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    wave = (rng.normal(size=(2, sum(sizes))) * gain * rng.random(sum(sizes)) ** 8).astype(np.float32)
    parts = np.split(wave, np.cumsum(sizes)[:-1], axis=1)
    limiter = Limiter()
    out = np.concatenate([limiter.limit(part) for part in parts], axis=1)
    assert np.array_equal(out, Limiter().limit(wave))
    assert peak(out) <= CEILING * 1.001


def test_the_limiter_only_delays_what_is_quiet() -> None:
    wave = np.random.default_rng(1).uniform(-0.8, 0.8, (2, 5000)).astype(np.float32)
    assert np.array_equal(Limiter().limit(wave)[:, LATENCY:], wave[:, :-LATENCY])


def test_the_limiter_recovers() -> None:
    wave = np.full((2, 2 * SECOND), 0.5, np.float32)
    wave[:, 1000:1100] = 3
    out = Limiter().limit(wave)
    assert out[0, 880 + LATENCY] < 0.5
    assert out[0, -1] == 0.5
