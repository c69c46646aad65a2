"""Data sets of the seed codec: prepared, learned from, measured, played on."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from musicgen_app.core.errors import DatasetError, UsageError
from musicgen_app.core.progress import CancelToken, silent
from musicgen_app.dataset.blocks import blocks
from musicgen_app.dataset.store import Dataset, open_dataset
from musicgen_app.generation.generator import SampleConfig
from musicgen_app.midi.reader import read_midi
from musicgen_app.midi.writer import write_midi
from musicgen_app.tokens.note_file import write_json
from musicgen_app.tokens.seed import SeedCodec
from musicgen_app.tokens.seed_reading import seed_words
from musicgen_app.workflow.control import TrainControl
from musicgen_app.workflow.evaluate import evaluate
from musicgen_app.workflow.generate import GenerateConfig, generate
from musicgen_app.workflow.originality import originality
from musicgen_app.workflow.prepare import PrepareConfig, PreparedReport, prepare
from musicgen_app.workflow.train import TrainRequest, train
from tests.dataset.music import melody, write_midi_file
from tests.midi.raw import meta, midi, note, program
from tests.ml.synthetic import TINY


def prepared(*sources: Path, out: Path, **settings: object) -> tuple[PreparedReport, Dataset]:
    config = PrepareConfig(sources, out, codec="seed", **settings)
    report = prepare(config, silent, CancelToken())
    return report, open_dataset(out)


@pytest.fixture
def music(tmp_path: Path) -> Path:
    folder = tmp_path / "music"
    for number in range(6):
        write_midi_file(folder / f"piece {number}.mid", melody(number))
    return folder


def listed(path: Path, count: int) -> Path:
    rng = np.random.default_rng(3)
    write_json([f"{'CDEFGAB'[one]}4" for one in rng.integers(0, 7, count)], path)
    return path


def test_files_become_words_split_by_piece(music: Path, tmp_path: Path) -> None:
    report, dataset = prepared(music, out=tmp_path / "set", validation=0.2)
    assert isinstance(dataset.codec, SeedCodec)
    assert report.grid == f"{len(dataset.codec.words)} words, no times"
    assert (report.pieces, report.families, report.remarks) == (6, 6, ())
    assert len(dataset.pieces_of("validation")) >= 1
    for piece in dataset.pieces:
        words = seed_words(read_midi(music / piece.file))
        assert dataset.codec.words_of(np.array(dataset.rows(piece))) == words
        assert (piece.notes, piece.seconds) == (len(words), pytest.approx(0.25 * len(words) + 0.25))


def test_the_first_part_rule_says_what_it_loses(music: Path, tmp_path: Path) -> None:
    hands = [meta(0, 0x03, name) + program(0, 0) + note(60) * 20 for name in (b"Piano R", b"Piano L")]
    (music / "hands.mid").write_bytes(midi(*hands))
    (music / "other.mid").write_bytes(midi(program(0, 0) + note(60) * 20, program(0, 40, 1) + note(62, channel=1) * 9))
    report, _ = prepared(music, out=tmp_path / "set", first_part=True)
    verdicts = {Path(one.file).name: (one.verdict, one.findings) for one in report.files}
    assert verdicts["hands.mid"][0] == "set aside: the seed read only the first part, which is empty: 40 notes lost"
    assert verdicts["other.mid"] == ("repaired", ("The seed read only the first part: 9 notes lost.",))
    assert report.remarks == ("As the seed did, only the first part is read: 49 notes of 2 of 8 files are lost.",)
    report, dataset = prepared(music, out=tmp_path / "set")
    assert report.set_aside == 0
    found = {Path(one.file).name: (one.verdict, one.findings) for one in report.files}
    assert found["other.mid"] == ("ready", ("The seed read only the first part and lost 9 notes; here they are read.",))
    assert "40 notes" in found["hands.mid"][1][0]
    told = "The seed would have lost 49 notes of 2 of 8 files, as it read only the first part."
    assert report.remarks == dataset.remarks == (told,)
    assert told in report.summary()
    assert " words to learn from" in report.summary()
    assert dataset.unit == "word"


def test_a_list_is_held_back_in_blocks(tmp_path: Path) -> None:
    file = listed(tmp_path / "notes", 4000)
    report, dataset = prepared(file, out=tmp_path / "set", seed=1)
    assert (report.pieces, dataset.note_count()) == (20, 4000)
    assert 0 < dataset.note_count("validation") <= 400
    assert "no whole pieces" in report.remarks[0]
    other, _ = prepared(file, out=tmp_path / "other", seed=2)
    assert other.fingerprint != report.fingerprint


def test_one_file_is_cut_into_blocks_too(music: Path, tmp_path: Path) -> None:
    report, dataset = prepared(music / "piece 0.mid", out=tmp_path / "set")
    assert dataset.pieces_of("validation")
    assert "no whole pieces" in report.remarks[0]
    report, dataset = prepared(music / "piece 0.mid", out=tmp_path / "set", validation=0.0)
    assert (len(dataset.pieces), len(report.remarks)) == (1, 1)


def test_too_little_is_learned_whole(tmp_path: Path) -> None:
    report, dataset = prepared(listed(tmp_path / "notes", 20), out=tmp_path / "set")
    assert (len(dataset.pieces), dataset.pieces_of("validation")) == (1, ())
    assert "too little" in report.remarks[0]


def test_files_of_no_use_get_their_sentence(music: Path, tmp_path: Path) -> None:
    (music / "twin.mid").write_bytes((music / "piece 0.mid").read_bytes())
    (music / "bad.mid").write_bytes(b"\x80\x04cos\nsystem\n.")
    short = listed(tmp_path / "short", 3)
    chord = music / "chord.mid"
    chord.write_bytes(midi(b"".join(bytes([0, 0x90, pitch, 64]) for pitch in range(40, 60)) + note(60)))
    report, _ = prepared(music, short, out=tmp_path / "set")
    verdicts = {Path(one.file).name: one.verdict for one in report.files}
    assert "same notes as piece 0.mid" in verdicts["twin.mid"]
    assert "opcode 0x63" in verdicts["bad.mid"]
    assert "too short (3 tokens" in verdicts["short"]
    assert "too short (" in verdicts["chord.mid"]
    with pytest.raises(DatasetError, match="short cannot be used: too short"):
        prepared(short, out=tmp_path / "none")


@pytest.mark.parametrize("settings", [{"codec": "words"}, {"codec": "notes", "first_part": True}])
def test_settings_that_make_no_sense(tmp_path: Path, settings: dict) -> None:
    with pytest.raises(UsageError):
        PrepareConfig((tmp_path,), tmp_path / "set", **settings)


def test_blocks_are_all_the_words() -> None:
    words = [str(number % 12) for number in range(25_134)]
    cut = blocks(words)
    assert [word for block in cut for word in block] == words
    assert {len(block) for block in cut} == {1005, 1006}


def test_a_network_learns_words_and_goes_on_with_them(tmp_path: Path) -> None:
    prepared(listed(tmp_path / "notes", 600), out=tmp_path / "set")
    request = TrainRequest(tmp_path / "set", tmp_path / "run", overrides=TINY, epochs=1)
    result = train(request, silent, TrainControl())
    assert result.baselines is not None
    measured = evaluate(result.checkpoint, tmp_path / "set", silent, CancelToken())
    assert list(measured.parts) == ["token"]
    assert measured.nats_per_note == pytest.approx(result.validation, rel=1e-6)
    config = GenerateConfig(checkpoint=result.checkpoint, sample=SampleConfig(notes=20, seed=1))
    (take,) = generate(config, silent, CancelToken())
    assert len(take.score.notes) == 20
    assert set(take.score.notes["velocity"].tolist()) == {90}
    write_midi(take.score, tmp_path / "take.mid")
    assert originality(tmp_path / "take.mid", tmp_path / "set", silent, CancelToken()).verdict
    (longer,) = generate(replace(config, prompt=take.score, include_prompt=True), silent, CancelToken())
    onsets = longer.score.notes["onset"]
    assert onsets.tolist() == (np.arange(40) * longer.score.ticks_per_beat // 2).tolist()


def test_files_with_words_a_model_has_not_learned_are_left_out_of_an_evaluation(tmp_path: Path) -> None:
    prepared(listed(tmp_path / "notes", 600), out=tmp_path / "set")
    request = TrainRequest(tmp_path / "set", tmp_path / "run", overrides=TINY, epochs=1)
    result = train(request, silent, TrainControl())
    folder = tmp_path / "music"
    folder.mkdir()
    (folder / "known.mid").write_bytes(midi(note(60) + note(62)))
    (folder / "strange.mid").write_bytes(midi(note(61)))
    measured = evaluate(result.checkpoint, folder, silent, CancelToken())
    assert (measured.pieces, measured.notes) == (1, 2)
    assert "not in the vocabulary (the first is C#4)" in measured.skipped[0].error
