from pathlib import Path

import mido
import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from musicgen_app.audio import render as render_module
from musicgen_app.audio.hearing import Hearing
from musicgen_app.audio.ogg import fix_stream_number
from musicgen_app.audio.render import FORMATS, RenderConfig, render, sound_of
from musicgen_app.audio.resample import Resampler
from musicgen_app.audio.samples import RATE
from musicgen_app.core.errors import AudioError, Cancelled, FileWriteError, UsageError
from musicgen_app.core.progress import CancelToken, Progress, silent
from musicgen_app.core.score import Score, Track, make_notes
from musicgen_app.workflow.export import bars, export_audio, export_midi, export_stems, selection
from tests.audio.music import piece
from tests.servers import onsets_sec

FOUR_NOTES = piece((0, 150, 60, 90), (300, 150, 64, 90), (650, 150, 67, 90), (1100, 150, 72, 90))


def test_notes_are_heard_when_the_score_says() -> None:
    wave = np.concatenate(list(sound_of(FOUR_NOTES)), axis=1).sum(axis=0)
    onsets = onsets_sec(wave)
    assert np.allclose(onsets - onsets[0], [0, 0.3, 0.65, 1.1], atol=0.002)
    assert onsets[0] < 0.004


def test_the_end_is_not_cut_off() -> None:
    wave = np.concatenate(list(sound_of(FOUR_NOTES)), axis=1)
    assert 1.3 < wave.shape[1] / RATE < 2.5
    assert np.abs(wave[:, -100:]).max() < 1e-4


def test_the_same_score_sounds_the_same() -> None:
    one, other = (np.concatenate(list(sound_of(FOUR_NOTES)), axis=1).tobytes() for _ in range(2))
    assert one == other


@pytest.mark.parametrize(
    ("ending", "kind", "tolerance"),
    [("wav", "WAV", 1e-4), ("flac", "FLAC", 1e-4), ("OGG", "OGG", 0.05), ("mp3", "MP3", 0.05)],
)
def test_each_kind_of_file_holds_the_sound(tmp_path: Path, ending: str, kind: str, tolerance: float) -> None:
    path = tmp_path / f"piece.{ending}"
    seconds = export_audio(FOUR_NOTES, path, silent, CancelToken())
    facts = soundfile.info(path)
    assert (facts.format, facts.samplerate, facts.channels) == (kind, RATE, 2)
    wave, _ = soundfile.read(path)
    expected = np.concatenate(list(sound_of(FOUR_NOTES)), axis=1)
    assert seconds == pytest.approx(len(wave) / RATE)
    assert np.abs(wave.T - expected).max() < tolerance


def test_progress_rises_to_the_whole(tmp_path: Path) -> None:
    reports: list[Progress] = []
    render(piece((0, 5000, 60, 80)), tmp_path / "a.wav", reports.append, CancelToken())
    assert [report.done for report in reports] == sorted(report.done for report in reports)
    assert (reports[-1].done, reports[-1].total, reports[-1].seconds_left, reports[-1].item) == (5, 5, 0, "a.wav")


def test_cancelling_leaves_no_file_and_keeps_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(b"old")
    cancel = CancelToken()
    with pytest.raises(Cancelled):
        render(piece((0, 5000, 60, 80)), path, lambda _: cancel.cancel(), cancel)
    assert path.read_bytes() == b"old"
    assert [child.name for child in tmp_path.iterdir()] == ["a.wav"]


def test_an_unknown_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="which kind of sound file"):
        render(FOUR_NOTES, tmp_path / "a.aiff", silent, CancelToken())


def test_nothing_to_hear_is_told(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match="no notes"):
        render(Score(), tmp_path / "a.wav", silent, CancelToken())


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileWriteError):
        render(FOUR_NOTES, tmp_path / "gone" / "a.wav", silent, CancelToken())


@pytest.mark.parametrize("broken", ["write", "info"])
def test_a_disk_that_takes_only_a_part_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(b"old")
    if broken == "write":

        def refuse(*_arguments: object) -> None:
            raise soundfile.LibsndfileError(2)

        monkeypatch.setattr(soundfile.SoundFile, "write", refuse)
    else:
        real = soundfile.info
        monkeypatch.setattr(render_module.soundfile, "info", lambda name: real(str(tmp_path / "short.wav")))
        soundfile.write(tmp_path / "short.wav", np.zeros(10), RATE)
    with pytest.raises(FileWriteError, match="as a whole"):
        render(FOUR_NOTES, path, silent, CancelToken())
    assert path.read_bytes() == b"old"


def test_the_same_music_is_the_same_file(tmp_path: Path) -> None:
    for ending in FORMATS:
        paths = [tmp_path / f"{name}{ending}" for name in "ab"]
        for path in paths:
            export_audio(FOUR_NOTES, path, silent, CancelToken())
        assert paths[0].read_bytes() == paths[1].read_bytes(), ending


def test_an_ogg_file_keeps_its_sums_right(tmp_path: Path) -> None:
    wave = np.random.default_rng(0).normal(size=(60_000, 2)).astype(np.float32) * 0.1
    path = tmp_path / "a.ogg"
    soundfile.write(path, wave, RATE, format="OGG", subtype="VORBIS")
    before = soundfile.read(path)[0]
    assert path.read_bytes()[14:18] != b"MusG"
    fix_stream_number(path)
    assert path.read_bytes()[14:18] == b"MusG"
    assert np.array_equal(soundfile.read(path)[0], before)


@pytest.mark.parametrize("rate", [44_100, 96_000])
def test_another_rate_holds_the_same_sound(tmp_path: Path, rate: int) -> None:
    path = tmp_path / "a.flac"
    seconds = export_audio(FOUR_NOTES, path, silent, CancelToken(), RenderConfig(rate=rate))
    facts = soundfile.info(path)
    assert facts.samplerate == rate
    assert facts.frames / rate == pytest.approx(seconds, abs=1e-4)
    wave, _ = soundfile.read(path)
    expected = np.concatenate(list(sound_of(FOUR_NOTES)), axis=1).sum(axis=0)
    ours = np.fft.rfft(wave.sum(axis=1)[:rate])[:18_000] / rate
    theirs = np.fft.rfft(expected[:RATE])[:18_000] / RATE
    assert np.abs(ours - theirs).max() < 0.01 * np.abs(theirs).max()


@pytest.mark.parametrize("rate", [44_100, 96_000])
@pytest.mark.parametrize("hertz", [100, 1000, 10_000, 20_000])
def test_resampling_keeps_every_tone_and_adds_nothing(rate: int, hertz: int) -> None:
    tone = np.sin(2 * np.pi * hertz * np.arange(RATE) / RATE).astype(np.float32)
    resampler = Resampler(RATE, rate)
    blocks = np.split(np.stack([tone, tone]), range(1000, RATE, 1000), axis=1)
    wave = np.concatenate([*map(resampler.resample, blocks), resampler.rest()], axis=1)
    assert wave.shape == (2, rate)
    middle = slice(rate // 10, -rate // 10)
    at = 2 * np.pi * hertz * np.arange(rate)[middle] / rate
    heard = wave[0].astype(float)[middle]
    assert np.abs(heard - np.sin(at)).max() < 2e-4
    noise = heard - np.sin(at)
    assert 10 * np.log10(np.mean(noise**2) / 0.5) < -80


def test_what_44100_cannot_hold_is_gone() -> None:
    tone = np.sin(2 * np.pi * 22_600 * np.arange(RATE) / RATE).astype(np.float32)
    wave = Resampler(RATE, 44_100).resample(np.stack([tone, tone]))[:, 1000:]
    assert np.abs(wave).max() < 1e-5


@given(st.lists(st.integers(1, 3000), min_size=1, max_size=12), st.sampled_from([44_100, 96_000]))
@settings(max_examples=25)
def test_resampling_does_not_mind_blocks(sizes: list[int], rate: int) -> None:
    wave = np.random.default_rng(1).normal(size=(2, sum(sizes))).astype(np.float32)
    one, other = Resampler(RATE, rate), Resampler(RATE, rate)
    parts = [one.resample(part) for part in np.split(wave, np.cumsum(sizes)[:-1], axis=1)]
    whole = np.concatenate([other.resample(wave), other.rest()], axis=1)
    assert np.array_equal(np.concatenate([*parts, one.rest()], axis=1), whole)


def test_normalised_sound_is_as_loud_as_it_may_be(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    export_audio(FOUR_NOTES, path, silent, CancelToken(), RenderConfig(normalise=True))
    assert 20 * np.log10(np.abs(soundfile.read(path)[0]).max()) == pytest.approx(-1, abs=0.01)


@pytest.mark.parametrize("tail", [0.0, 0.1, 0.3])
def test_a_tail_ends_when_asked_and_without_a_click(tail: float) -> None:
    long = piece((0, 500, 60, 110))
    wave = np.concatenate(list(sound_of(long, config=RenderConfig(tail=tail))), axis=1)
    assert wave.shape[1] / RATE == pytest.approx(0.5 + tail, abs=0.1)
    if tail:
        assert np.abs(wave[:, -20:]).max() < 1e-3


def test_a_selection_sounds_alone_from_its_first_note(tmp_path: Path) -> None:
    hearing, span = selection(FOUR_NOTES, np.array([1, 3]))
    assert span == (300, 1250)
    config = RenderConfig(hearing=hearing, span=span)
    onsets = onsets_sec(np.concatenate(list(sound_of(FOUR_NOTES, config=config)), axis=1).sum(axis=0))
    assert np.allclose(onsets - onsets[0], [0, 0.8], atol=0.002)
    assert onsets[0] < 0.004


DUO = Score(
    notes=make_notes([(0, 480, 60, 80, 0), (240, 960, 64, 80, 2)]),
    tracks=(Track(name="Right/hand"), Track(name="Silent"), Track(channel=1)),
)


def test_stems_are_equally_long_and_add_up_to_the_whole(tmp_path: Path) -> None:
    reports: list[Progress] = []
    files = export_stems(DUO, tmp_path / "duo.wav", reports.append, CancelToken())
    assert [file.name for file in files] == ["duo - 01 Right hand.wav", "duo - 03.wav"]
    waves = [soundfile.read(file)[0] for file in files]
    whole = np.concatenate(list(sound_of(DUO)), axis=1).T
    assert len(waves[0]) == len(waves[1])
    length = min(len(whole), len(waves[0]))
    assert np.abs(sum(wave[:length] for wave in waves) - whole[:length]).max() < 1e-3
    assert [report.done for report in reports] == sorted(report.done for report in reports)
    assert reports[-1].done == reports[-1].total
    only = RenderConfig(hearing=Hearing(muted=frozenset({0})))
    assert len(export_stems(DUO, tmp_path / "one.wav", silent, CancelToken(), only)) == 1


def test_bars_are_counted_from_one() -> None:
    score = piece((0, 5000, 60, 80))
    assert bars(score, 2, 2) == (1920, 3840)
    for wrong in ((0, 1), (2, 1), (9, 9)):
        with pytest.raises(UsageError):
            bars(score, *wrong)


@pytest.mark.parametrize("wrong", [{"rate": 22_050}, {"span": (5, 5)}, {"tail": -1.0}, {"tail": 61.0}])
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        RenderConfig(**wrong)


def test_an_mp3_cannot_hold_every_rate(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="96000"):
        export_audio(FOUR_NOTES, tmp_path / "a.mp3", silent, CancelToken(), RenderConfig(rate=96_000))


def test_midi_is_exported_with_all_notes_and_the_right_ending(tmp_path: Path) -> None:
    path = export_midi(FOUR_NOTES, tmp_path / "my piece.v2")
    assert path.name == "my piece.v2.mid"
    ons = [message.note for message in mido.MidiFile(path) if message.type == "note_on" and message.velocity > 0]
    assert ons == [60, 64, 67, 72]
    assert export_midi(FOUR_NOTES, tmp_path / "a.midi").name == "a.midi"
