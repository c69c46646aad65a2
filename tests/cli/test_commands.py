"""Every command as a person types it: a real process, its exit code, its two streams."""

import hashlib
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import mido
import numpy as np
import pytest
import soundfile

from musicgen_app.cli.words import train_text
from musicgen_app.core.score import Score, make_notes
from musicgen_app.midi.writer import write_midi
from musicgen_app.workflow.reports import TrainResult


def musicgen(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "musicgen_app", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


def result_of(*arguments: object) -> Any:
    done = musicgen(*arguments, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def piece(seed: int, notes: int = 150) -> Score:
    """Arpeggios over a walking bass, different for every seed."""
    rng = np.random.default_rng(seed)
    roots = rng.integers(48, 60, notes // 4 + 1)
    rows = [
        (240 * n, 220, int(roots[n // 4] + (0, 4, 7, 12)[n % 4] + rng.integers(0, 3)), int(rng.integers(50, 100)))
        for n in range(notes)
    ]
    return Score(notes=make_notes(rows))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("music")
    for number in range(6):
        write_midi(piece(number), folder / f"piece {number}.mid")
    (folder / "broken.mid").write_bytes(b"not music at all")
    return folder


@pytest.fixture(scope="module")
def trained(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, dict[str, Any]]:
    out = tmp_path_factory.mktemp("work")
    prepared = result_of("prepare", folder, "--out", out / "set", "--validation", "0.2")
    assert prepared["fingerprint"]
    result = result_of("train", out / "set", "--out", out / "run", "--epochs", 2, "--seed", 5)
    return out / "set", out / "run", result


def test_version_is_told() -> None:
    done = musicgen("--version")
    assert done.returncode == 0
    assert done.stdout.startswith("musicgen ")


VERBS = [
    "demo", "inspect", "tokens", "prepare", "train", "generate", "evaluate", "originality", "likeness", "render",
    "picture", "models",
]  # fmt: skip


@pytest.mark.parametrize("name", [*VERBS, "runs"])
def test_every_command_explains_itself(name: str) -> None:
    done = musicgen(name, "--help")
    assert done.returncode == 0
    assert name in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["compose"],
        ["inspect"],
        ["tokens", "x.mid", "--out", "x.csv"],
        ["tokens", "nowhere.mid"],
        ["train", "set"],
        ["generate", "model", "--out", "x.mid", "--notes", "10", "--bars", "2"],
        ["originality", "x.mid"],
        ["train", "set", "--out", "run", "--from"],
        ["render", "x.mid", "--out", "x.aiff"],
        ["picture", "x.mid", "--out", "x.gif"],
        ["runs"],
        ["runs", "import", "folder"],
        ["runs", "import", "nowhere", "--project", "a.musicgen"],
        ["runs", "export", "--project", "a.musicgen"],
    ],
)
def test_wrong_use_ends_with_two_and_a_sentence(arguments: list[str]) -> None:
    done = musicgen(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert done.stderr


def test_inspect_tells_of_good_and_bad_files(folder: Path) -> None:
    facts = result_of("inspect", folder / "piece 0.mid", folder / "broken.mid", folder / "nowhere.mid")
    assert [fact["ok"] for fact in facts] == [True, False, False]
    known = {"file", "ok", "verdict", "help", "notes", "tracks", "seconds", "findings", "signs", "error"}
    assert set(facts[0]) == known | {"details", "seed", "counts"}
    assert set(facts[1]) == known
    assert facts[0]["notes"] == 150
    assert facts[0]["seconds"] == pytest.approx(piece(0).end / 960, abs=0.01)
    assert facts[1]["error"]
    assert facts[2]["error"]
    assert (facts[2]["verdict"], facts[0]["help"]) == ("set aside: not there", "")


def test_tokens_of_files_are_printed_and_saved(folder: Path, tmp_path: Path) -> None:
    told = result_of("tokens", folder / "piece 0.mid", folder / "broken.mid", "--out", tmp_path / "notes.json")
    assert told["files"][0]["file"] == str(folder / "piece 0.mid")
    words = told["files"][0]["tokens"]
    assert (len(words) >= 150, told["files"][0]["lost"], told["distinct"]) == (True, 0, len(set(words)))
    assert told["files"][1]["error"]
    assert result_of("tokens", tmp_path / "notes.json")["files"][0]["tokens"] == words
    printed = musicgen("tokens", tmp_path / "notes.json", "--first-part").stdout.splitlines()
    assert printed[1].split() == words
    refused = musicgen("tokens", folder / "broken.mid")
    assert refused.returncode == 1
    assert "not a MIDI file" in refused.stdout


def test_a_folder_becomes_a_data_set_a_model_and_music(
    trained: tuple[Path, Path, dict[str, Any]], tmp_path: Path
) -> None:
    _, run, result = trained
    assert set(result) == {
        "epochs", "best_epoch", "train", "validation", "seconds", "notes_per_second", "checkpoint",
        "baselines", "start", "held_out",
    }  # fmt: skip
    assert set(result["baselines"]) == {"uniform", "unigram", "bigram", "4gram"}
    assert result["epochs"] == 2
    assert Path(result["checkpoint"]) == run / "model.safetensors"
    assert result["validation"] > 0
    made = result_of("generate", run / "model.safetensors", "--out", tmp_path / "new.mid", "--notes", 60, "--seed", 3)
    assert set(made) == {"file", "notes", "seconds", "seed", "notes_per_second"}
    assert made["notes"] == 60
    played = [m for track in mido.MidiFile(made["file"]).tracks for m in track if m.type == "note_on" and m.velocity]
    assert len(played) == 60


def test_the_end_of_a_training_is_told_beside_the_4gram() -> None:
    result = TrainResult(20, 14, 4.9, 5.21, 65.0, 4000.0, Path("run/model.safetensors"))
    known = replace(result, baselines={"uniform": 19.0, "unigram": 11.0, "4gram": 6.8})
    assert train_text(known) == (
        "20 epochs in 1:05. The best model is from epoch 14: training 4.900, validation 5.210 nats per note, "
        "which beats a 4-gram (6.800).\nrun/model.safetensors"
    )
    assert "a 4-gram" not in train_text(result)
    tuned = replace(known, start={"title": "Piano"})
    assert train_text(tuned).startswith("20 epochs in 1:05, starting from the model Piano. The best model is from")
    weak = train_text(replace(known, validation=6.5)).splitlines()
    assert weak[1] == "That beats the 4-gram by less than 0.5 nats a note: the model has not learned much."


def test_the_same_seed_gives_the_same_bytes(trained: tuple[Path, Path, dict[str, Any]], tmp_path: Path) -> None:
    _, run, _ = trained
    for name, seed in (("a.mid", 1), ("b.mid", 1), ("c.mid", 2)):
        result_of("generate", run, "--out", tmp_path / name, "--notes", 40, "--seed", seed)
    first, again, other = ((tmp_path / name).read_bytes() for name in ("a.mid", "b.mid", "c.mid"))
    assert first == again
    assert first != other


def test_takes_continue_a_piece_and_are_numbered(
    trained: tuple[Path, Path, dict[str, Any]], folder: Path, tmp_path: Path
) -> None:
    _, run, _ = trained
    made = result_of(
        "generate", run, "--out", tmp_path / "x.mid", "--bars", 4, "--count", 2, "--prompt", folder / "piece 1.mid"
    )
    assert [Path(take["file"]).name for take in made] == ["x-1.mid", "x-2.mid"]


def test_evaluate_states_parts_that_add_up(trained: tuple[Path, Path, dict[str, Any]], folder: Path) -> None:
    _, run, _ = trained
    found = result_of("evaluate", run / "model.safetensors", folder)
    assert set(found) == {
        "pieces", "notes", "nats_per_note", "parts", "grid", "skipped", "baselines", "interval", "accuracy",
    }  # fmt: skip
    assert set(found["parts"]) == {"time", "pitch", "duration", "velocity", "pedal"}
    assert sum(found["parts"].values()) == pytest.approx(found["nats_per_note"], abs=1e-6)
    assert found["pieces"] == 6
    assert len(found["skipped"]) == 1
    low, high = found["interval"]
    assert low < found["nats_per_note"] < high
    assert found["baselines"]["4gram"] < found["baselines"]["unigram"] < found["baselines"]["uniform"]


def test_evaluate_tells_a_person_what_to_compare_with(
    trained: tuple[Path, Path, dict[str, Any]], folder: Path, tmp_path: Path
) -> None:
    dataset, run, _ = trained
    alone = tmp_path / "alone.safetensors"
    alone.write_bytes((run / "model.safetensors").read_bytes())
    done = musicgen("evaluate", alone, folder)
    assert "without a network: uniform" in done.stdout
    assert "4gram" not in done.stdout
    assert "--against DATASET" in done.stderr
    done = musicgen("evaluate", alone, folder, "--against", dataset)
    assert "95 % interval over pieces" in done.stdout
    assert "4gram" in done.stdout
    assert "--against" not in done.stderr


def test_likeness_lays_takes_beside_held_out_pieces(
    trained: tuple[Path, Path, dict[str, Any]], folder: Path, tmp_path: Path
) -> None:
    dataset, _, _ = trained
    found = result_of("likeness", folder / "piece 0.mid", folder / "broken.mid", "--against", dataset)
    assert set(found) == {"takes", "held_out", "overlap", "grid", "skipped"}
    assert set(found["takes"][0]) == {"file", "notes", "pitch_class_entropy", "polyphony", "notes_per_second"}
    assert set(found["overlap"]) == {"takes", "training"}
    assert len(found["skipped"]) == 1
    done = musicgen("likeness", folder / "piece 0.mid", folder / "broken.mid", "--against", dataset)
    assert "150 notes, pitch-class entropy" in done.stdout
    assert "1 held-out piece: pitch-class entropy" in done.stdout
    assert "overlap of note length" in done.stdout
    assert "left out:" in done.stdout
    alone = tmp_path / "alone"
    result_of("prepare", folder / "piece 1.mid", folder / "piece 2.mid", "--out", alone, "--validation", "0")
    done = musicgen("likeness", folder / "piece 0.mid", "--against", alone)
    assert "2 training pieces: pitch-class entropy" in done.stdout
    assert "holds nothing back" in done.stderr


def test_originality_finds_a_copy_and_says_from_where(
    trained: tuple[Path, Path, dict[str, Any]], folder: Path, tmp_path: Path
) -> None:
    dataset, _, _ = trained
    pieces = json.loads((dataset / "dataset.json").read_text(encoding="utf-8"))["pieces"]
    learned = next(piece for piece in pieces if piece["split"] == "train")
    found = result_of("originality", folder / learned["file"], "--against", dataset)
    assert {"notes", "longest_run", "longest_pitch_run", "source", "shares", "human", "verdict"} <= set(found)
    assert found["notes"] == found["longest_run"] == found["longest_pitch_run"] == learned["notes"]
    assert found["source"] == {"piece": learned["title"], "bar": 1}
    assert found["shares"] == {"8": 1.0, "12": 1.0, "20": 1.0}
    assert set(found["human"]) == {"low", "high"}
    write_midi(piece(99), tmp_path / "new.mid")
    told = musicgen("originality", tmp_path / "new.mid", "--against", dataset)
    assert told.returncode == 0
    assert "within what composers share" in told.stdout


def test_originality_against_no_data_set_ends_with_one_and_a_sentence(folder: Path) -> None:
    done = musicgen("originality", folder / "piece 0.mid", "--against", folder / "broken.mid")
    assert done.returncode == 1
    assert "broken.mid holds no prepared data set" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_finished_run_is_not_overwritten(trained: tuple[Path, Path, dict[str, Any]]) -> None:
    dataset, run, _ = trained
    before = (run / "model.safetensors").read_bytes()
    done = musicgen("train", dataset, "--out", run, "--epochs", 1)
    assert done.returncode in (1, 2)
    assert "Traceback" not in done.stderr
    assert (run / "model.safetensors").read_bytes() == before


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg"])
def test_render_makes_sound(folder: Path, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"sound.{suffix}"
    told = result_of("render", folder / "piece 0.mid", "--out", out)
    sound, rate = soundfile.read(out)
    assert len(sound) / rate == pytest.approx(told["seconds"], abs=0.1)
    assert len(sound) / rate > piece(0).end / 960
    assert 0.01 < float(np.sqrt(np.mean(sound**2))) < 0.5


def test_render_makes_stems_of_some_bars_at_another_rate(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "part.flac"
    options = ["--rate", "44100", "--bars", "2-3", "--tail", "0.5", "--normalise", "--stems"]
    told = result_of("render", folder / "piece 0.mid", "--out", out, *options)
    (stem,) = (Path(file) for file in told["files"])
    assert stem.name.startswith("part - 01")
    assert soundfile.info(stem).samplerate == 44_100


@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_picture_draws_without_a_screen(folder: Path, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"roll.{suffix}"
    told = result_of("picture", folder / "piece 0.mid", "--out", out)
    assert told["notes"] == 150
    assert out.stat().st_size > 2000


def test_a_folder_without_music_ends_with_one_and_a_sentence(tmp_path: Path) -> None:
    done = musicgen("prepare", tmp_path, "--out", tmp_path / "set")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "set").exists()


@pytest.mark.parametrize("command", ["generate", "evaluate"])
def test_a_file_that_is_no_model_ends_with_a_sentence(tmp_path: Path, command: str) -> None:
    fake = tmp_path / "model.safetensors"
    fake.write_bytes(b"\x00" * 64)
    rest = ["--out", tmp_path / "x.mid"] if command == "generate" else [tmp_path]
    done = musicgen(command, fake, *rest)
    assert done.returncode == 1
    assert "model.safetensors" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["generate", "render", "picture", "demo"])
def test_a_place_that_cannot_be_written_ends_with_a_sentence(
    folder: Path, root: Path, tmp_path: Path, command: str
) -> None:
    (tmp_path / "file").write_bytes(b"precious")
    music = folder / "piece 0.mid"
    given = {
        "generate": [root / "models" / "piano.safetensors", "--out", tmp_path / "file" / "x.mid"],
        "render": [music, "--out", tmp_path / "file" / "x.wav"],
        "picture": [music, "--out", tmp_path / "file" / "x.png"],
        "demo": ["--out", tmp_path / "file"],
    }
    done = musicgen(command, *given[command])
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith(f"musicgen: The folder {tmp_path / 'file'} could not be made: ")
    assert (tmp_path / "file").read_bytes() == b"precious"


def test_one_file_that_cannot_be_used_is_named(folder: Path, tmp_path: Path) -> None:
    done = musicgen("prepare", folder / "broken.mid", "--out", tmp_path / "set")
    assert done.returncode == 1
    assert "musicgen: broken.mid cannot be used: not MIDI.\n" in done.stderr


def test_a_seed_out_of_range_is_said_in_full(root: Path, tmp_path: Path) -> None:
    model = root / "models" / "piano.safetensors"
    done = musicgen("generate", model, "--out", tmp_path / "x.mid", "--seed", 2**40)
    assert done.returncode == 2
    assert done.stderr.startswith("musicgen: The seed is 1,099,511,627,776; expected 0 to 2,147,483,647.\n")


def test_resuming_where_no_run_is_says_that_one_begins(tmp_path: Path) -> None:
    done = musicgen("train", tmp_path, "--out", tmp_path / "run", "--resume")
    assert done.returncode == 1
    assert done.stderr.startswith(f"There is no run in {tmp_path / 'run'} yet; a new one begins.\n")


def test_a_model_that_does_not_fit_is_named_with_what_to_do(
    trained: tuple[Path, Path, dict[str, Any]], tmp_path: Path
) -> None:
    dataset, _, result = trained
    assert result["start"] is None
    done = musicgen("train", dataset, "--out", tmp_path / "run", "--from", "bundled")
    assert done.returncode == 1
    assert "piano.safetensors: it has pedal rows, the model none." in done.stderr
    assert "musicgen prepare --pedal none" in done.stderr
    assert done.stdout == ""


def test_a_size_cannot_be_chosen_beside_a_model_to_start_from(
    trained: tuple[Path, Path, dict[str, Any]], tmp_path: Path
) -> None:
    dataset, run, _ = trained
    done = musicgen("train", dataset, "--out", tmp_path / "run", "--from", run, "--preset", "small")
    assert done.returncode == 2
    assert done.stderr.startswith("musicgen: The preset 'small' cannot be chosen where a training starts from a model.")


def test_a_training_starts_from_the_model_of_a_run(trained: tuple[Path, Path, dict[str, Any]], tmp_path: Path) -> None:
    dataset, run, _ = trained
    out = tmp_path / "run"
    result = result_of("train", dataset, "--out", out, "--epochs", 1, "--from", run)
    assert result["start"]["title"] == "run"
    assert result["start"]["fingerprint"] == hashlib.sha256((run / "model.safetensors").read_bytes()).hexdigest()
    assert json.loads((out / "run.json").read_text())["start"]["title"] == "run"


@pytest.mark.slow
def test_the_demo_writes_midi_sound_and_picture(tmp_path: Path) -> None:
    told = result_of("demo", "--minutes", "0.3", "--out", tmp_path)
    for name in ("midi", "audio", "picture", "checkpoint"):
        assert Path(told[name]).stat().st_size > 1000
