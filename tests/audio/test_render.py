from pathlib import Path

import mido
import numpy as np
import pytest
import soundfile

from musicgen_app.audio import render as render_module
from musicgen_app.audio.render import render, sound_of
from musicgen_app.audio.samples import RATE
from musicgen_app.core.errors import AudioError, Cancelled, FileWriteError, UsageError
from musicgen_app.core.progress import CancelToken, Progress, silent
from musicgen_app.core.score import Score
from musicgen_app.workflow.export import export_audio, export_midi
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
    ("ending", "kind", "tolerance"), [("wav", "WAV", 1e-4), ("flac", "FLAC", 1e-4), ("OGG", "OGG", 0.05)]
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
    with pytest.raises(UsageError, match=r"\.wav, \.flac or \.ogg"):
        render(FOUR_NOTES, tmp_path / "a.mp3", silent, CancelToken())


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


def test_midi_is_exported_with_all_notes_and_the_right_ending(tmp_path: Path) -> None:
    path = export_midi(FOUR_NOTES, tmp_path / "my piece.v2")
    assert path.name == "my piece.v2.mid"
    ons = [message.note for message in mido.MidiFile(path) if message.type == "note_on" and message.velocity > 0]
    assert ons == [60, 64, 67, 72]
    assert export_midi(FOUR_NOTES, tmp_path / "a.midi").name == "a.midi"
