import importlib.util
import json
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import soundfile

from musicgen_app.audio.samples import Samples


@pytest.fixture(scope="module")
def make_piano(root: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_piano", root / "packaging" / "make_piano.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def blow(pitch: int, silence: int, gain: float) -> np.ndarray:
    """A struck string after some silence, on two microphones of which the left one is nearer."""
    time = np.arange(48_000) / 48_000
    tone = sum(np.sin(2 * np.pi * 440 * 2 ** ((pitch - 69) / 12) * part * time) / part for part in (1, 2, 3))
    wave = np.concatenate([np.zeros(silence), gain * tone * np.exp(-3 * time)])
    return np.stack([wave, 0.5 * wave], axis=1)


def test_names_tell_pitch_and_layer(make_piano: ModuleType) -> None:
    assert make_piano.parse("A0v4.ogg") == (21, 4)
    assert make_piano.parse("D#4v10.ogg") == (63, 10)
    assert make_piano.parse("C8v13.ogg") == (108, 13)
    assert make_piano.parse("C8v12.ogg") is None
    assert make_piano.parse("notes.txt") is None


def test_layers_are_cut_at_the_same_moment_of_the_blow(make_piano: ModuleType) -> None:
    silences = {4: 700, 7: 1300, 10: 900, 13: 1111}
    waves = {layer: blow(60, silence, layer / 40)[:, 0] for layer, silence in silences.items()}
    starts = make_piano.aligned_starts(waves)
    assert len({starts[layer] - silence for layer, silence in silences.items()}) == 1
    assert abs(starts[4] - 700) < 100


def test_the_loudness_measure_is_that_of_the_standard(make_piano: ModuleType) -> None:
    tone = np.sin(2 * np.pi * 997 * np.arange(48_000) / 48_000)
    level = 10 * np.log10(np.mean(make_piano.k_weighted(tone)[4800:] ** 2))
    assert level == pytest.approx(-3.01 + 0.69, abs=0.05)


def test_a_whole_folder_becomes_a_piano(make_piano: ModuleType, tmp_path: Path) -> None:
    source, out = tmp_path / "source", tmp_path / "piano"
    (source / "deep").mkdir(parents=True)
    names = {0: "C", 3: "D#", 6: "F#", 9: "A"}
    for pitch in range(21, 109, 3):
        for layer in make_piano.LAYERS:
            name = f"{names[pitch % 12]}{pitch // 12 - 1}v{layer}.ogg"
            soundfile.write(source / "deep" / name, blow(pitch, 500, layer / 40), 48_000, format="OGG")
    assert make_piano.main([str(source), str(out)]) == 0
    index = json.loads((out / "index.json").read_text())
    assert len(index["samples"]) == 120
    assert min(row["likeness"] for row in index["samples"]) > 0.95
    assert "CC BY 3.0" in (out / "LICENCE.txt").read_text()
    assert Samples(out).note(61, 2).frames > 40_000


def test_missing_recordings_are_named(
    make_piano: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert make_piano.main([str(tmp_path)]) == 2
    assert "missing for the pitches [21, 24" in capsys.readouterr().out
    assert make_piano.main([]) == 2
