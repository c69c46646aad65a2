"""SoundFonts: the real FluidSynth where it is installed, and sentences where it is not or the file is broken."""

import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
import soundfile

from musicgen_app.audio import soundfont
from musicgen_app.audio.engine import Engine
from musicgen_app.audio.messages import click, control, note_off, note_on, program_change
from musicgen_app.audio.outputs import choice_of, next_best, output_choices
from musicgen_app.audio.remote import RemoteOutput, SoundProcess
from musicgen_app.audio.render import RenderConfig, render, sound_of
from musicgen_app.audio.soundfont import SoundFontSynth
from musicgen_app.audio.timeline import Timeline
from musicgen_app.audio.transport import STOPPED, Event
from musicgen_app.cli.main import main
from musicgen_app.core.errors import AudioError
from musicgen_app.core.progress import CancelToken
from musicgen_app.core.score import Score, Track, make_notes
from musicgen_app.midi.writer import write_midi
from tests.audio.music import piece
from tests.audio.sf2 import tiny_soundfont
from tests.servers import CAPTURE_RATE, PulseSink, pulse_sink

__all__ = ["pulse_sink"]

RATE = 48_000


@pytest.fixture
def font(tmp_path: Path) -> Path:
    if soundfont.missing():
        pytest.skip("FluidSynth or pyfluidsynth is not installed; SoundFonts cannot be tested.")
    path = tmp_path / "Tiny font.sf2"
    path.write_bytes(tiny_soundfont())
    return path


def pitch_hz(wave: np.ndarray) -> float:
    """The loudest frequency of a stretch, shape (frames,)."""
    spectrum = np.abs(np.fft.rfft(wave * np.hanning(len(wave)), 1 << 18))
    return float(np.argmax(spectrum)) * RATE / (1 << 18)


def played(path: Path, told: Sequence[tuple[int, bytes]], blocks: Sequence[int]) -> np.ndarray:
    synth, begin, waves = SoundFontSynth(path), 0, []
    for frames in blocks:
        events = [Event(at - begin, message) for at, message in told if begin <= at < begin + frames]
        waves.append(synth.render(frames, events))
        begin += frames
    return np.concatenate(waves, axis=1)


PHRASE = (
    (0, program_change(0, 0)),
    (1000, note_on(0, 69, 100)),
    (1500, click(True, 90)),
    (9000, note_off(0, 69)),
    (12_000, control(0, 64, 127)),
    (12_000, note_on(0, 64, 60)),
    (13_000, note_off(0, 64)),
)


def test_the_same_messages_give_the_same_samples_however_time_is_cut(font: Path) -> None:
    whole = played(font, PHRASE, [24_000])
    assert np.array_equal(whole, played(font, PHRASE, [*[137] * 175, 25]))
    assert np.abs(whole[:, :1000]).max() < 1e-6
    assert 0.02 < np.abs(whole).max() <= 1.0


def test_each_channel_has_its_own_program_and_the_tenth_is_drums(font: Path) -> None:
    for channel, program, hertz in ((0, 0, 440), (1, 40, 880), (9, 0, 440)):
        told = [(0, program_change(channel, program)), (0, note_on(channel, 69, 100))]
        wave = played(font, told, [RATE])[0, 12_000:]
        assert pitch_hz(wave) == pytest.approx(hertz, abs=1)


def test_a_compressed_soundfont_sounds_the_same(font: Path) -> None:
    told = [(0, note_on(0, 69, 100))]
    plain = played(font, told, [RATE])
    font = font.with_suffix(".sf3")
    font.write_bytes(tiny_soundfont(compressed=True))
    wave = played(font, told, [RATE])
    assert pitch_hz(wave[0, 12_000:]) == pytest.approx(440, abs=1)
    assert np.abs(wave).max() == pytest.approx(np.abs(plain).max(), rel=0.1)


def test_the_pedal_holds_what_the_hand_lets_go_of(font: Path) -> None:
    def rest(pedal: int) -> float:
        told = [(0, control(0, 64, pedal)), (0, note_on(0, 69, 100)), (4000, note_off(0, 69))]
        return float(np.abs(played(font, told, [2 * RATE])[:, -RATE // 2 :]).max())

    assert rest(127) > 10 * rest(0)


def test_all_sound_off_is_obeyed(font: Path) -> None:
    told = [(0, note_on(0, 69, 100)), (RATE, control(0, 120, 0))]
    wave = played(font, told, [4 * RATE])
    assert np.abs(wave[:, -RATE:]).max() < 0.01 * np.abs(wave).max()


def two_tracks() -> Score:
    notes = make_notes([(0, 480, 69, 90, 0), (480, 480, 69, 90, 1)])
    return Score(notes=notes, tracks=(Track("Low", 0, 0), Track("High", 40, 1)))


def test_an_export_with_a_soundfont_sounds_each_track_by_its_program_and_repeats_to_the_byte(
    font: Path, tmp_path: Path
) -> None:
    config = RenderConfig(soundfont=font, normalise=True)
    files = [tmp_path / "one.wav", tmp_path / "two.wav"]
    for file in files:
        render(two_tracks(), file, lambda _told: None, CancelToken(), config)
    assert files[0].read_bytes() == files[1].read_bytes()
    wave, _ = soundfile.read(files[0])
    assert pitch_hz(wave[6000:23_000, 0]) == pytest.approx(440, abs=2)
    assert pitch_hz(wave[30_000:47_000, 0]) == pytest.approx(880, abs=2)
    assert np.abs(wave).max() == pytest.approx(10 ** (-1 / 20), abs=1e-3)
    assert np.abs(wave[-480:]).max() < 0.01


def test_the_command_renders_with_a_soundfont(font: Path, tmp_path: Path) -> None:
    write_midi(two_tracks(), tmp_path / "piece.mid")
    command = ["render", str(tmp_path / "piece.mid"), "--out", str(tmp_path / "piece.flac"), "--soundfont"]
    assert main([*command, str(font)]) == 0
    assert soundfile.info(tmp_path / "piece.flac").duration > 0.9
    assert main([*command, str(tmp_path / "not there.sf2")]) == 2


BROKEN = (b"", b"RIFF", b"RIFF\xff\xff\xff\xffsfbk" + b"\xff" * 3000, b"MThd\0\0\0\6\0\1\0\1\1\xe0")


@pytest.mark.parametrize("content", [*BROKEN, tiny_soundfont()[:5000], tiny_soundfont()[:-300]])
def test_a_broken_soundfont_ends_in_a_sentence(font: Path, content: bytes) -> None:
    font.write_bytes(content)
    with pytest.raises(AudioError, match=r"Tiny font\.sf2 is no SoundFont, or it is damaged"):
        SoundFontSynth(font)


def test_a_soundfont_that_is_gone_is_told_by_name(font: Path) -> None:
    font.unlink()
    with pytest.raises(AudioError, match="is not there"):
        SoundFontSynth(font)


@pytest.mark.parametrize("code", [-11, 1])
def test_a_probe_that_dies_of_the_file_is_a_sentence_and_tried_anew(
    font: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    answers = [code, 0]

    def run(command: list[str], **_options: object) -> "subprocess.CompletedProcess[bytes]":
        return subprocess.CompletedProcess(command, answers.pop(0))

    monkeypatch.setattr(soundfont.subprocess, "run", run)
    with pytest.raises(AudioError, match="damaged"):
        soundfont.probe(font)
    soundfont.probe(font)
    soundfont.probe(font)
    assert answers == []


def test_a_probe_that_hangs_or_cannot_start_is_a_sentence(font: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for error, words in ((subprocess.TimeoutExpired("probe", 60), "too long"), (OSError("full"), "could not start")):

        def run(*_arguments: object, _error: Exception = error, **_options: object) -> None:
            raise _error

        monkeypatch.setattr(soundfont.subprocess, "run", run)
        with pytest.raises(AudioError, match=words):
            soundfont.probe(font)


@pytest.fixture
def without_fluidsynth(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def refuse(_name: str) -> None:
        raise ImportError("Couldn't find the FluidSynth library.")

    soundfont.fluidsynth.cache_clear()
    monkeypatch.setattr(soundfont.importlib, "import_module", refuse)
    yield
    soundfont.fluidsynth.cache_clear()


@pytest.mark.usefixtures("without_fluidsynth")
def test_without_fluidsynth_there_is_a_sentence_that_says_how_to_get_it(tmp_path: Path) -> None:
    (tmp_path / "font.sf2").write_bytes(tiny_soundfont())
    with pytest.raises(AudioError, match="not installed here"):
        SoundFontSynth(tmp_path / "font.sf2")
    assert "libfluidsynth3" in soundfont.missing()
    assert soundfont.found() == ()


def test_the_systems_own_soundfonts_are_found(font: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "default.sf3").symlink_to(font)
    (tmp_path / "readme.txt").touch()
    monkeypatch.setattr(soundfont, "_FOLDERS", (tmp_path, tmp_path / "nowhere"))
    assert soundfont.found() == (font.resolve(),)


def test_soundfonts_stand_between_the_pianos_and_the_ports() -> None:
    choices = output_choices(["Speakers"], ["Stage piano"], [Path("/music/Grand.sf2")])
    assert [choice.id for choice in choices][2] == "soundfont:/music/Grand.sf2"
    assert choices[2].name == "SoundFont: Grand"
    assert choice_of("port:Midi Through").silent


@pytest.mark.parametrize(
    ("failed", "devices", "ports", "expected"),
    [
        ("port:Synth", ("A",), ("Stage",), "piano"),
        ("port:Synth", (), ("Stage", "Synth"), "port:Stage"),
        ("soundfont:/x.sf2", ("A",), (), "piano"),
        ("piano", ("A", "B"), (), "piano:A"),
        ("piano", (), ("Midi Through",), None),
        ("piano:A", ("A",), (), "piano"),
        ("port:Synth", (), (), None),
    ],
)
def test_the_next_best_output_sounds_by_itself(
    failed: str, devices: tuple[str, ...], ports: tuple[str, ...], expected: str | None
) -> None:
    best = next_best({failed}, output_choices(devices, ports))
    assert (best.id if best else None) == expected


def wait_until(true: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.02)


def test_the_sound_process_plays_a_soundfont(font: Path, pulse_sink: PulseSink) -> None:
    process, engine = SoundProcess(), Engine()
    engine.transport.load(Timeline(two_tracks()))
    with pulse_sink.recording() as recording:
        engine.attach(0)
        output = RemoteOutput(engine, process, "soundfont", str(font))
        assert output.latency > SoundFontSynth.latency
        wait_until(lambda: engine.transport.frame > 24_000)
        engine.tell(engine.transport.play)
        wait_until(lambda: engine.transport.timeline.end_second > 0 and engine.transport.state != STOPPED)
        wait_until(lambda: engine.transport.state == STOPPED)
        recording.wait_for(recording.seconds + 0.5)
        assert output.problem == ""
        output.close()
    process.close()
    wave = recording.wave
    begin = int(np.flatnonzero(np.abs(wave) > 0.01)[0])
    assert pitch_hz(wave[begin + 6000 : begin + 22_000]) == pytest.approx(440 * RATE / CAPTURE_RATE, abs=3)
    assert pitch_hz(wave[begin + 30_000 : begin + 46_000]) == pytest.approx(880, abs=3)


def test_a_broken_soundfont_leaves_the_sound_process_alive(font: Path) -> None:
    font.write_bytes(b"RIFF")
    process, engine = SoundProcess(), Engine()
    with pytest.raises(AudioError, match="damaged"):
        RemoteOutput(engine, process, "soundfont", str(font))
    assert process.alive
    process.close()


def test_the_sound_of_a_piece_is_the_same_through_a_soundfont_each_time(font: Path) -> None:
    score = piece((0, 300, 60, 80), (300, 300, 64, 80))
    one, two = (np.concatenate(list(sound_of(score, config=RenderConfig(soundfont=font))), axis=1) for _ in range(2))
    assert np.array_equal(one, two)
