import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from musicgen_app.audio import samples as samples_module
from musicgen_app.audio.samples import RATE, Samples, TunedNote
from musicgen_app.core.errors import AudioError
from musicgen_app.environment import bundled

PIANO = bundled("resources", "piano")


def test_the_bundled_piano_is_complete_and_small() -> None:
    index = json.loads((PIANO / "index.json").read_text(encoding="utf-8"))
    files = {row["file"] for row in index["samples"]}
    assert files == {path.name for path in PIANO.glob("*.ogg")}
    assert len(files) == 120
    assert sum(path.stat().st_size for path in PIANO.iterdir()) <= 6_000_000
    licence = (PIANO / "LICENCE.txt").read_text(encoding="utf-8")
    assert "Alexander Holm" in licence
    assert "CC BY 3.0" in licence


def test_every_recording_is_mono_and_as_long_as_the_index_says() -> None:
    index = json.loads((PIANO / "index.json").read_text(encoding="utf-8"))
    for row in index["samples"]:
        facts = soundfile.info(PIANO / row["file"])
        assert (facts.channels, facts.samplerate, facts.frames) == (1, RATE, row["frames"])


def test_opening_decodes_nothing_and_loading_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def counted(path: Path, **options: object) -> tuple[np.ndarray, int]:
        read.append(path.name)
        return np.zeros(100, np.int16), RATE

    monkeypatch.setattr(samples_module.soundfile, "read", counted)
    samples = Samples()
    assert read == []
    samples.note(60, 0)
    assert read == ["060-04.ogg"]
    samples.load()
    assert len(read) == 120


def test_a_missing_index_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match="cannot be used"):
        Samples(tmp_path)


def test_a_damaged_index_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "index.json").write_text('{"layers": []}')
    with pytest.raises(AudioError, match="cannot be used"):
        Samples(tmp_path)


def test_a_damaged_recording_is_told_in_a_sentence(tmp_path: Path) -> None:
    shutil.copy(PIANO / "index.json", tmp_path)
    (tmp_path / "060-04.ogg").write_bytes(b"not a recording")
    with pytest.raises(AudioError, match=r"060-04\.ogg"):
        Samples(tmp_path).note(60, 0)


def test_tuning_moves_a_tone_by_semitones_and_keeps_its_level() -> None:
    source = (20_000 * np.sin(2 * np.pi * 1000 * np.arange(RATE) / RATE)).astype(np.int16)
    for semitones in (-21, -1, 1, 12):
        note = TunedNote(source, semitones)
        wave = note.part(2000, min(20_000, note.frames - 2000)).astype(float)
        spectrum = np.abs(np.fft.rfft(wave * np.hanning(len(wave)), 1 << 18))
        assert np.argmax(spectrum) * RATE / (1 << 18) == pytest.approx(1000 * 2 ** (semitones / 12), rel=5e-4)
        assert np.abs(wave).max() == pytest.approx(20_000, rel=0.02)


def test_a_tuned_note_does_not_depend_on_how_it_is_asked_for() -> None:
    source = np.random.default_rng(0).integers(-9000, 9000, 30_000).astype(np.int16)
    whole = TunedNote(source, 1)
    bits = TunedNote(source, 1)
    parts = [bits.part(at, min(at + 777, bits.frames)) for at in range(0, bits.frames, 777)]
    assert np.array_equal(np.concatenate(parts), whole.part(0, whole.frames))


def test_tuned_notes_are_forgotten_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samples_module, "_KEPT_FRAMES", 1_000_000)
    samples = Samples()
    first = samples.note(61, 0)
    assert samples.note(61, 0) is first
    for pitch in (62, 64, 65):
        samples.note(pitch, 0)
    again = samples.note(61, 0)
    assert again is not first
    assert np.array_equal(again.part(0, 5000), first.part(0, 5000))
