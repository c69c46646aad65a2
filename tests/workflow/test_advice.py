"""What is said of a collection: the split ``prepare`` would make, the vocabulary, the time, and plain advice."""

import sqlite3
from pathlib import Path

import pytest

from musicgen_app.core.progress import CancelToken, silent
from musicgen_app.dataset.library_tables import INDEX
from musicgen_app.generation.presets import PRESETS
from musicgen_app.tokens.notes import DURATION, TIME, metrical_codec
from musicgen_app.workflow.advice import Advice, AdviceRequest, advise
from musicgen_app.workflow.advice_rules import Amounts, given
from musicgen_app.workflow.epoch_time import REFERENCE_GFLOPS, epoch_times, machine_speed
from musicgen_app.workflow.prepare import PrepareConfig, prepare
from musicgen_app.workflow.scan import ScanRequest, scan
from musicgen_app.workflow.wire import from_line, to_line
from tests.dataset.music import melody, write_midi_file

PIECES = 12


@pytest.fixture(scope="module")
def music(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("music")
    for number in range(PIECES):
        write_midi_file(folder / f"{'aAbB'[number % 4]} {number}.mid", melody(number, notes=60 + 7 * number))
    return folder


@pytest.fixture
def library(music: Path, tmp_path: Path) -> Path:
    scan(ScanRequest(tmp_path, (music,), 1), silent, CancelToken())
    return tmp_path


def advice(library: Path, validation: float = 0.3, seed: int = 3) -> Advice:
    asked = AdviceRequest(library, validation, seed=seed, speeds={"small": 100.0})
    return advise(asked, silent, CancelToken())


def test_the_split_is_the_one_prepare_makes(music: Path, library: Path, tmp_path: Path) -> None:
    for seed in (0, 3):
        made = prepare(PrepareConfig((music,), tmp_path / "set", 0.3, seed=seed), silent, CancelToken())
        found = advice(library, seed=seed)
        assert (found.held_notes, found.notes - found.held_notes) == (made.validation_notes, made.train_notes)
        assert (found.pieces, found.works) == (made.pieces, made.families) == (PIECES, PIECES)
    assert from_line(to_line(found)) == found


def test_families_stay_together(library: Path) -> None:
    connection = sqlite3.connect(library / INDEX)
    ids = [number for (number,) in connection.execute("SELECT id FROM files ORDER BY id")]
    rows = [(number, "edition", ids[0], 0.9, 0, 1) for number in ids[:9]]
    connection.executemany("REPLACE INTO relations VALUES (?, ?, ?, ?, ?, ?)", rows)
    connection.commit()
    connection.close()
    for seed in range(6):
        found = advice(library, seed=seed)
        assert (found.pieces, found.works, found.compared) == (PIECES, 4, True)
        # Nine of twelve pieces are one work, too much to hold back.
        assert found.held_pieces == found.held_works <= 3
        assert found.held_notes < found.notes / 2


def test_no_music_and_a_single_work_have_sentences_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "music").mkdir()
    library = tmp_path / "library"
    scan(ScanRequest(library, (tmp_path / "music",), 1), silent, CancelToken())
    nothing = advice(library)
    assert (nothing.advice, nothing.times) == ("There is no music that can be used; add some first.", ())
    write_midi_file(tmp_path / "music" / "one.mid", melody(1))
    scan(ScanRequest(library, (), 1), silent, CancelToken())
    one = advice(library)
    assert one.advice.startswith("1 piece, ")
    assert one.validation_sentence().startswith("All is one work")


def test_the_vocabulary_is_that_of_the_rows(library: Path) -> None:
    rows = [metrical_codec().encode(melody(number, notes=60 + 7 * number)) for number in range(PIECES)]
    found = advice(library).coverage
    assert found is not None
    used = {one.name: one for one in found.fields}
    assert used["gaps"].used == len({int(gap) for part in rows for gap in part[:, TIME]})
    assert used["lengths"].used == len({int(length) for part in rows for length in part[:-1, DURATION]})
    assert used["pitches"].of == 88
    assert f"It uses {used['pitches'].used} of 88 pitches, " in found.sentence()


def test_time_is_told_by_runs_and_else_by_the_machine(tmp_path: Path) -> None:
    by_run = epoch_times(9_000, 3_000, {"medium": 500.0}, lambda: 1.0)
    assert [(one.preset, one.how) for one in by_run] == [
        ("small", "other run"),
        ("medium", "run"),
        ("large", "other run"),
    ]
    assert by_run[1].seconds == 20
    ratio = PRESETS["medium"].notes_per_second / PRESETS["large"].notes_per_second
    assert by_run[2].seconds == pytest.approx(20 * ratio)
    machine = machine_speed(tmp_path, lambda: REFERENCE_GFLOPS / 2)
    assert machine_speed(tmp_path, lambda: 1e6) == machine  # remembered
    slower = epoch_times(9_000, 3_000, {}, lambda: machine, 1.5)
    assert {one.how for one in slower} == {"machine"}
    assert slower[0].seconds == pytest.approx(10_000 * 1.5 * 2 / PRESETS["small"].notes_per_second)


@pytest.mark.parametrize(
    ("amounts", "presets", "said"),
    [
        (Amounts(0, 0, 0, 0, 0, 0), [], ["add music first"]),
        (Amounts(5, 5, 9_000, 8_000, 1, 1_000), ["small"], ["add more music", "leave transposition off"]),
        (
            Amounts(40, 40, 61_000, 55_000, 4, 6_000),
            ["small"],
            ["enough for the small model", "use transposition", "hold back more"],
        ),
        (Amounts(244, 200, 477_000, 430_000, 26, 47_000), ["medium"], ["the medium model", "use transposition"]),
        (Amounts(9_000, 8_000, 40_000_000, 36_000_000, 800, 4_000_000), ["large"], ["a night", "hold back less"]),
    ],
)
def test_advice_follows_the_table(amounts: Amounts, presets: list[str], said: list[str]) -> None:
    rules = given(amounts)
    assert [rule.preset for rule in rules if rule.preset] == presets
    told = "; ".join(rule.advice for rule in rules)
    assert all(words in told for words in said)


def test_advice_is_a_sentence(library: Path) -> None:
    found = advice(library)
    assert found.advice.startswith(f"{PIECES} pieces, {found.notes:,} notes: enough to try the small model")
    assert found.validation_sentence().endswith(f"{found.notes - found.held_notes:,} notes to learn from.")
    assert "its last run here" in found.time_sentences()[0]
