import time
from collections.abc import Callable

import miniaudio
import numpy as np
import pytest

from musicgen_app.audio import device as device_module
from musicgen_app.audio.device import SoundDevice, device_names
from musicgen_app.audio.engine import Engine
from musicgen_app.audio.outputs import PianoOutput
from musicgen_app.audio.render import sound_of
from musicgen_app.audio.samples import Samples
from musicgen_app.audio.timeline import Timeline
from musicgen_app.audio.transport import PLAYING, STOPPED
from musicgen_app.core.errors import AudioError
from tests.audio.music import piece
from tests.servers import PulseSink, jack_server, lags_sec, onsets_sec, pulse_sink

__all__ = ["jack_server", "pulse_sink"]


def wait_until(true: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.02)


def quiet(frames: int) -> np.ndarray:
    return np.zeros((2, frames), np.float32)


class NoSystem:
    def __init__(self, *_arguments: object, **_options: object) -> None:
        raise miniaudio.MiniaudioError("no device")


def test_without_any_device_there_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(miniaudio, "PlaybackDevice", NoSystem)
    monkeypatch.setattr(miniaudio, "Devices", NoSystem)
    assert device_names() == ()
    with pytest.raises(AudioError, match="no sound device"):
        SoundDevice(quiet)
    with pytest.raises(AudioError, match="Headphones is gone"):
        SoundDevice(quiet, "Headphones")


class FakeDevice:
    """miniaudio's device without a thread."""

    backend = "PulseAudio"
    refuses = False

    def __init__(self, **options: object) -> None:
        self.options = options
        self._device: object | None = object()
        self._context = object()

    def start(self, blocks: object) -> None:
        if self.refuses:
            raise miniaudio.MiniaudioError("busy")
        self.blocks = blocks

    def close(self) -> None:
        self._device = None


def pull(device: SoundDevice, frames: int) -> bytes:
    return device._device.blocks.send(frames)


@pytest.fixture
def no_context(monkeypatch: pytest.MonkeyPatch) -> None:
    class Lib:
        @staticmethod
        def ma_context_uninit(_context: object) -> None: ...

    monkeypatch.setattr(device_module, "lib", Lib)


@pytest.mark.usefixtures("no_context")
class TestWithAFakeDevice:
    @pytest.fixture(autouse=True)
    def _fake(self, monkeypatch: pytest.MonkeyPatch) -> None:
        class Fake(FakeDevice):
            pass

        self.fake = Fake
        monkeypatch.setattr(miniaudio, "PlaybackDevice", Fake)

    def test_blocks_are_interleaved(self) -> None:
        device = SoundDevice(lambda frames: np.stack([np.full(frames, 0.25), np.full(frames, 0.5)]).astype(np.float32))
        assert np.frombuffer(pull(device, 3), np.float32).tolist() == [0.25, 0.5] * 3
        device.close()
        device.close()

    def test_a_device_that_plays_to_nobody_counts_as_none(self) -> None:
        self.fake.backend = "Null"
        with pytest.raises(AudioError, match="no sound device"):
            SoundDevice(quiet)

    def test_a_device_that_does_not_start_is_told(self) -> None:
        self.fake.refuses = True
        with pytest.raises(AudioError, match="no sound device"):
            SoundDevice(quiet)

    def test_a_device_that_falls_silent_is_noticed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        device = SoundDevice(quiet)
        for _ in range(20):
            pull(device, 100)
        assert device.problem == ""
        later = time.monotonic() + 3
        monkeypatch.setattr(device_module.time, "monotonic", lambda: later)
        assert "does not answer" in device.problem

    def test_a_slow_beginning_is_not_taken_for_a_failure(self, monkeypatch: pytest.MonkeyPatch) -> None:
        device = SoundDevice(quiet)
        later = time.monotonic() + 3
        monkeypatch.setattr(device_module.time, "monotonic", lambda: later)
        assert device.problem == ""

    def test_a_device_that_says_it_stopped_is_believed(self) -> None:
        device = SoundDevice(quiet)
        device._device.stop_callback()
        assert "does not answer" in device.problem

    def test_recordings_that_are_missing_end_in_a_sentence(self) -> None:
        def fill(_frames: int) -> np.ndarray:
            raise AudioError("The piano recording 060-04.ogg cannot be read.")

        device = SoundDevice(fill)
        with pytest.raises(StopIteration):
            pull(device, 10)
        assert "060-04.ogg" in device.problem

    def test_the_volume_changes_without_a_step_and_the_level_is_told_once(self) -> None:
        engine = Engine()
        engine.transport.load(Timeline(piece((0, 5000, 60, 127))))
        engine.transport.play()
        output = PianoOutput(engine, Samples(), volume=1.0)
        waves = [np.frombuffer(pull(output._device, 4800), np.float32).reshape(-1, 2)]
        assert output.level > 0.1
        assert output.level == 0.0
        output.volume = 0.5
        for _ in range(2):
            waves.append(np.frombuffer(pull(output._device, 4800), np.float32).reshape(-1, 2))
        whole = np.concatenate(waves)
        assert np.abs(np.diff(whole[4700:4900], axis=0)).max() < 2 * np.abs(np.diff(whole[4000:4700], axis=0)).max()


def engine_with(*notes: tuple[int, int, int, int]) -> Engine:
    engine = Engine()
    engine.transport.load(Timeline(piece(*notes)))
    return engine


def loaded_samples() -> Samples:
    samples = Samples()
    samples.load()
    return samples


def recorded_from(sink: PulseSink, engine: Engine) -> np.ndarray:
    """What the sound server hears while an engine plays its score to the end."""
    with sink.recording() as recording:
        engine.attach(0)
        output = PianoOutput(engine, loaded_samples())
        wait_until(lambda: engine.transport.frame > 24_000)
        engine.tell(engine.transport.play)
        wait_until(lambda: engine.transport.state == PLAYING)
        wait_until(lambda: engine.transport.state == STOPPED)
        recording.wait_for(recording.seconds + 1)
        assert output.problem == ""
        output.close()
    return recording.wave


def stumbles(take: Callable[[], np.ndarray]) -> int:
    """How often, at best, a recording goes out of step: its lag behind the score changes by 5 ms or more.

    Where more programs want the processor than there are cores, the sound server and its recorder stumble too: of
    five takes the best counts, and the callers forgive one stumble of it.
    """
    best = 1000
    for _ in range(5):
        best = min(best, int(np.count_nonzero(np.abs(np.diff(take())) >= 0.005)))
        if best == 0:
            break
    return best


def test_a_real_sound_server_hears_each_note_when_the_score_says(pulse_sink: PulseSink) -> None:
    starts = np.array([0, 300, 600, 1000, 1350, 1700, 2100, 2450])

    def take() -> np.ndarray:
        wave = recorded_from(pulse_sink, engine_with(*[(at, 60, 72 + at % 3, 90) for at in starts.tolist()]))
        onsets = onsets_sec(wave)
        assert np.abs(wave).max() > 0.02
        return onsets - starts / 1000 if len(onsets) == len(starts) else np.arange(0, 100.0)

    assert len(device_names()) == 1
    assert stumbles(take) <= 1


def test_a_real_sound_server_hears_chords_without_a_gap(pulse_sink: PulseSink) -> None:
    notes = [(at, 400, pitch + at // 100 % 5, 70) for at in range(0, 3000, 200) for pitch in (48, 60, 64, 67)]
    expected = np.concatenate(list(sound_of(piece(*notes))), axis=1).sum(axis=0)

    def take() -> np.ndarray:
        return lags_sec(recorded_from(pulse_sink, engine_with(*notes)), expected, np.arange(0, 3.0, 0.1))

    assert stumbles(take) <= 1


def test_where_only_jack_runs_it_is_listed_and_opened_again_and_again(jack_server: str) -> None:
    """Asked for together with a sound server that is not there, JACK made miniaudio fall over (a real crash)."""
    for _ in range(3):
        assert len(device_names()) == 1
        device = SoundDevice(quiet)
        assert device.backend == "JACK"
        wait_until(lambda: device.pulls > 0)  # noqa: B023 (used at once)
        assert device.problem == ""
        device.close()


def test_a_named_device_can_be_opened(pulse_sink: PulseSink) -> None:
    device = SoundDevice(quiet, device_names()[0])
    assert device.problem == ""
    device.close()


def test_a_sound_server_that_dies_ends_in_a_sentence(pulse_sink: PulseSink) -> None:
    engine = engine_with((0, 60_000, 60, 90))
    engine.attach(0)
    output = PianoOutput(engine, loaded_samples())
    wait_until(lambda: engine.transport.frame > 24_000)
    pulse_sink.process.kill()
    pulse_sink.process.wait()
    wait_until(lambda: bool(output.problem))
    assert "does not answer" in output.problem
    output.close()
    with pytest.raises(AudioError):
        SoundDevice(quiet)
