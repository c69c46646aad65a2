import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from musicgen_app.core.errors import Cancelled, DatasetError, UsageError
from musicgen_app.core.progress import CancelToken, Progress, silent
from musicgen_app.core.score import PEDAL_DTYPE, Score, Track, make_notes
from musicgen_app.dataset.assembly import NOTHING_WANTED, ONE_WORK, TOO_LITTLE
from musicgen_app.dataset.store import Dataset, fingerprint_of, open_dataset
from musicgen_app.dataset.windows import Windows
from musicgen_app.midi.writer import write_midi
from musicgen_app.workflow.inspect import FileFacts
from musicgen_app.workflow.prepare import PrepareConfig, PreparedReport, prepare
from musicgen_app.workflow.wire import from_line, to_line
from tests.dataset.music import melody, transposed, write_midi_file


def collection(folder: Path, count: int) -> Path:
    for seed in range(count):
        write_midi_file(folder / f"piece-{seed:03}.mid", melody(seed))
    return folder


def prepared(folder: Path, **settings: object) -> tuple[PreparedReport, Dataset]:
    out = folder.parent / "set"
    report = prepare(PrepareConfig((folder,), out, **settings), silent, CancelToken())  # type: ignore[arg-type]
    return report, open_dataset(out)


def verdicts(report: PreparedReport) -> dict[str, str]:
    return {Path(one.file).name: one.verdict for one in report.files}


@pytest.mark.parametrize("count", [1, 2, 3, 29])
def test_collections_of_any_size_give_both_sides(tmp_path: Path, count: int) -> None:
    report, dataset = prepared(collection(tmp_path / "music", count))
    assert report.ready == report.pieces == report.families == count
    assert 0 < report.validation_notes <= report.train_notes
    assert report.train_notes + report.validation_notes == dataset.note_count()
    assert dataset.fingerprint == report.fingerprint == fingerprint_of(dataset)
    for split in ("train", "validation"):
        assert Windows(dataset, split, 4, 16, seed=0).batch(0, 0).shape == (4, 17, 4)


def test_one_piece_is_cut_into_passages_and_says_so(tmp_path: Path) -> None:
    report, dataset = prepared(collection(tmp_path / "music", 1), validation=0.2)
    assert report.remarks == dataset.remarks == (ONE_WORK,)
    assert [piece.split for piece in dataset.pieces] == ["train", "validation"]
    learned, held = (dataset.codec.decode(dataset.rows(piece)) for piece in dataset.pieces)
    whole = dataset.codec.quantise(melody(0))
    assert np.array_equal(whole.notes[: len(learned.notes)], learned.notes)
    assert whole.notes["pitch"][len(learned.notes) :].tolist() == held.notes["pitch"].tolist()
    assert report.summary().count(ONE_WORK) == 1


def test_editions_of_one_work_are_all_cut_at_the_same_share(tmp_path: Path) -> None:
    folder = tmp_path / "music"
    write_midi_file(folder / "a.mid", melody(0))
    write_midi_file(folder / "b.mid", transposed(melody(0), 3))
    report, dataset = prepared(folder)
    assert (report.pieces, report.families, report.remarks) == (2, 1, (ONE_WORK,))
    assert [piece.split for piece in dataset.pieces] == ["train", "validation"] * 2


def test_too_little_music_to_cut_is_learned_whole(tmp_path: Path) -> None:
    write_midi_file(tmp_path / "music" / "a.mid", melody(0, 20, chords=False))
    report, dataset = prepared(tmp_path / "music")
    assert (report.remarks, report.validation_notes) == ((TOO_LITTLE,), 0)
    assert len(dataset.pieces) == 1


def test_who_wants_nothing_held_back_gets_a_word_of_warning(tmp_path: Path) -> None:
    report, _ = prepared(collection(tmp_path / "music", 3), validation=0.0)
    assert (report.validation_notes, report.remarks) == (0, (NOTHING_WANTED,))


def test_one_bad_file_never_ends_it(tmp_path: Path) -> None:
    folder = collection(tmp_path / "music", 4)
    (folder / "letter.mid").write_bytes(b"Dear Sir or Madam")
    (folder / "empty.mid").write_bytes(b"")
    write_midi_file(folder / "drums.mid", melody(8), channel=9)
    write_midi_file(folder / "short.mid", melody(9, 5, chords=False))
    write_midi_file(folder / "silent.mid", Score())
    report, dataset = prepared(folder)
    found = verdicts(report)
    assert (report.ready, report.repaired, report.set_aside) == (4, 0, 5)
    assert found["drums.mid"] == "set aside: drums only"
    assert found["letter.mid"].startswith("set aside: not MIDI (it ")
    assert len(dataset.pieces) == 4
    for name in ("letter.mid", "empty.mid", "drums.mid", "short.mid", "silent.mid"):
        assert f"{name}: set aside" in report.summary()


def test_exact_duplicates_are_set_aside_and_name_their_twin(tmp_path: Path) -> None:
    folder = collection(tmp_path / "music", 3)
    shutil.copy(folder / "piece-001.mid", folder / "z-copy.mid")
    seen: list[object] = []
    report = prepare(PrepareConfig((folder,), tmp_path / "set"), seen.append, CancelToken())
    assert verdicts(report)["z-copy.mid"] == "set aside: it has the same notes as piece-001.mid"
    told = [one.verdict for one in seen if isinstance(one, FileFacts) and one.file.endswith("z-copy.mid")]
    assert told == ["ready", "set aside: it has the same notes as piece-001.mid"]
    assert report.pieces == 3


def test_transpositions_stand_on_one_side(tmp_path: Path) -> None:
    folder = tmp_path / "music"
    for seed in range(8):
        write_midi_file(folder / f"{seed}.mid", melody(seed))
        write_midi_file(folder / f"{seed}-higher.mid", transposed(melody(seed), 4))
    report, dataset = prepared(folder, validation=0.3)
    assert (report.pieces, report.families) == (16, 8)
    sides: dict[int, set[str]] = {}
    for piece in dataset.pieces:
        sides.setdefault(piece.family, set()).add(piece.split)
    assert all(len(side) == 1 for side in sides.values())
    assert len({next(iter(side)) for side in sides.values()}) == 2


def test_no_usable_file_is_an_error_that_names_the_folder_and_the_reasons(tmp_path: Path) -> None:
    folder = tmp_path / "holiday"
    folder.mkdir()
    with pytest.raises(DatasetError, match="There are no MIDI files in holiday"):
        prepared(folder)
    write_midi_file(folder / "drums.mid", melody(8), channel=9)
    write_midi_file(folder / "short.mid", melody(9, 5, chords=False))
    (folder / "letter.mid").write_bytes(b"Dear Sir or Madam")
    with pytest.raises(DatasetError) as caught:
        prepared(folder)
    assert caught.value.message.startswith("None of the 3 files in holiday can be used: ")
    for reason in ("1 drums only", "1 too short", "1 not MIDI"):
        assert reason in caught.value.message
    assert not (tmp_path / "set").exists()


def test_the_fingerprint_depends_on_the_music_and_the_seed_but_not_on_the_place(tmp_path: Path) -> None:
    first, _ = prepared(collection(tmp_path / "one" / "music", 12))
    same, _ = prepared(collection(tmp_path / "two" / "sounds", 12))
    other_seed, _ = prepared(tmp_path / "one" / "music", seed=1)
    other_music, _ = prepared(collection(tmp_path / "three" / "music", 11))
    assert first.fingerprint == same.fingerprint
    assert len({first.fingerprint, other_seed.fingerprint, other_music.fingerprint}) == 3


def test_stopping_leaves_nothing_and_keeps_what_was_there(tmp_path: Path) -> None:
    folder = collection(tmp_path / "music", 5)
    before, _ = prepared(folder)
    for stage in ("Reading files", "Writing the data set"):
        cancel = CancelToken()

        def stop(report: object, stage: str = stage, cancel: CancelToken = cancel) -> None:
            if isinstance(report, Progress) and report.stage == stage and report.done == 2:
                cancel.cancel()

        with pytest.raises(Cancelled):
            prepare(PrepareConfig((folder,), tmp_path / "set", seed=5), stop, cancel)
        assert open_dataset(tmp_path / "set").fingerprint == before.fingerprint
        assert sorted(path.name for path in tmp_path.iterdir()) == ["music", "set"]


def test_something_else_at_the_place_is_left_alone(tmp_path: Path) -> None:
    folder = collection(tmp_path / "music", 2)
    with pytest.raises(UsageError, match="holds other files"):
        prepare(PrepareConfig((folder,), folder), silent, CancelToken())
    assert len(list(folder.iterdir())) == 2


def test_progress_tells_stages_and_the_time_that_is_left(tmp_path: Path) -> None:
    folder = collection(tmp_path / "music", 5)
    seen: list[object] = []
    clock = iter(range(1000))
    prepare(PrepareConfig((folder,), tmp_path / "set"), seen.append, CancelToken(), now=lambda: next(clock))
    progress = [one for one in seen if isinstance(one, Progress)]
    reading = [one for one in progress if one.stage == "Reading files"]
    assert [(one.done, one.total) for one in reading] == [(done, 5) for done in range(6)]
    assert reading[3].seconds_left == pytest.approx(2, abs=0.5)
    assert progress[-1] == Progress("Writing the data set", 5, 5, 0.0)


def test_the_grid_is_chosen_by_measurement_or_by_wish(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    for index in range(3):
        onsets = np.cumsum(rng.integers(1, 700, 200))
        notes = make_notes((int(onset), 200, int(rng.integers(40, 90)), 64) for onset in onsets)
        write_midi_file(tmp_path / "music" / f"{index}.mid", Score(notes), bpm=100)
    report, dataset = prepared(tmp_path / "music")
    assert report.grid == "10 ms, 32 velocities"
    assert dataset.codec.decode(dataset.codec.start_row[None]).ticks_per_beat == 500
    report, _ = prepared(tmp_path / "music", grid="metrical")
    assert report.grid == "1/24 quarter, 32 velocities"
    assert report.repaired == 3
    assert "do not follow the beat" in report.files[0].findings[-1]


def test_the_tempo_of_the_codec_is_that_of_most_notes(tmp_path: Path) -> None:
    for seed, bpm in enumerate((60, 100, 100)):
        write_midi_file(tmp_path / "music" / f"{seed}.mid", melody(seed), bpm=bpm)
    _, dataset = prepared(tmp_path / "music")
    assert dataset.codec.decode(dataset.rows(dataset.pieces[0])).tempos["microseconds_per_beat"].tolist() == [600_000]


def test_very_long_gaps_and_notes_are_shortened_and_counted(tmp_path: Path) -> None:
    notes = melody(1).notes.copy()
    notes["onset"][80:] += 24 * 500
    notes["pitch"][:2] = (20, 21)
    notes["duration"][:2] = 24 * 100
    write_midi_file(tmp_path / "music" / "a.mid", melody(1).with_notes(notes))
    write_midi_file(tmp_path / "music" / "b.mid", melody(2))
    report, _ = prepared(tmp_path / "music")
    assert verdicts(report) == {"a.mid": "repaired", "b.mid": "ready"}
    assert report.files[0].findings[-2:] == (
        "1 very long gap shortened to 64 beats.",
        "2 very long notes shortened to 64 beats.",
    )


def test_only_the_chosen_instruments_are_learned_from(tmp_path: Path) -> None:
    notes = melody(1).notes.copy()
    notes["track"] = np.arange(len(notes)) % 2
    duo = replace(melody(1), notes=notes, tracks=(Track("", 0), Track("", 40, 1)))
    (tmp_path / "music").mkdir()
    write_midi(duo, tmp_path / "music" / "duo.mid")
    report, dataset = prepared(tmp_path / "music", validation=0.2)
    piano = int(np.count_nonzero(duo.notes["track"] == 0))
    # A work alone is cut, so its file is read twice.
    assert len(dataset.pieces) == 2
    assert sum(piece.notes for piece in dataset.pieces) == piano == report.files[0].notes
    whole, _ = prepared(tmp_path / "music", programs="all")
    assert whole.train_notes + whole.validation_notes == len(notes)
    with pytest.raises(DatasetError, match=r"duo\.mid cannot be used: none of the programs chosen\."):
        prepared(tmp_path / "music", programs="74")


def test_the_pedal_has_rows_or_none(tmp_path: Path) -> None:
    collection(tmp_path / "music", 2)
    _, with_rows = prepared(tmp_path / "music")
    _, without = prepared(tmp_path / "music", pedal="none")
    assert [field.size for field in with_rows.codec.fields][1] == 131
    assert [field.size for field in without.codec.fields][1] == 129
    assert PEDAL_DTYPE.names == ("onset", "track", "value")


def test_licences_travel_from_the_table_into_the_data_set(tmp_path: Path) -> None:
    folder = collection(tmp_path / "music" / "inner", 2).parent
    table = {
        "pieces": [
            {"file": "piece-000.mid", "title": "Waltz", "licence": "CC BY-SA 4.0", "attribution": "A. N. Other"},
            {"file": "piece-001.mid", "composer": "Somebody", "licence": "Public Domain"},
        ]
    }
    (folder / "inner" / "LICENCES.json").write_text(json.dumps(table), encoding="utf-8")
    report, dataset = prepared(folder)
    assert (report.licence, report.attribution) == ("CC BY-SA 4.0", ("A. N. Other",))
    assert [(piece.title, piece.file) for piece in dataset.pieces] == [
        ("Waltz", "inner/piece-000.mid"),
        ("Piece 001", "inner/piece-001.mid"),
    ]
    assert dataset.pieces[1].composer == "Somebody"


@pytest.mark.parametrize(
    "settings",
    [
        {"validation": 0.6},
        {"validation": -0.1},
        {"validation": float("nan")},
        {"pedal": "half"},
        {"grid": "free"},
        {"seed": -1},
        {"sources": ()},
    ],
)
def test_settings_out_of_range_are_refused(tmp_path: Path, settings: dict) -> None:
    with pytest.raises(UsageError):
        PrepareConfig(**{"sources": (tmp_path,), "out": tmp_path / "set", **settings})


def test_a_source_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nowhere"):
        prepare(PrepareConfig((tmp_path / "nowhere",), tmp_path / "set"), silent, CancelToken())


def test_configurations_and_reports_travel_to_other_processes(tmp_path: Path) -> None:
    config = PrepareConfig((collection(tmp_path / "music", 3),), tmp_path / "set", validation=0.3)
    assert from_line(to_line(config)) == config
    report = prepare(config, silent, CancelToken())
    assert from_line(to_line(report)) == report
    json.dumps(json.loads(to_line(report)), allow_nan=False)


def test_the_length_of_music_whose_gaps_are_shortened_is_what_is_left(tmp_path: Path) -> None:
    notes = melody(1).notes.copy()
    notes["onset"][80:] += 24 * 1_000_000
    write_midi_file(tmp_path / "music" / "a.mid", melody(1).with_notes(notes))
    write_midi_file(tmp_path / "music" / "b.mid", melody(2))
    report, _ = prepared(tmp_path / "music")
    assert report.seconds < 300


KILLED_AT = """
import os, signal, sys
from pathlib import Path
from musicgen_app.core.progress import CancelToken, Progress
from musicgen_app.workflow.prepare import PrepareConfig, prepare

def report(value):
    if isinstance(value, Progress) and value.stage == sys.argv[3] and value.done == 3:
        os.kill(os.getpid(), signal.SIGKILL)

prepare(PrepareConfig((Path(sys.argv[1]),), Path(sys.argv[2]), seed=7), report, CancelToken())
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL.")
@pytest.mark.parametrize("stage", ["Reading files", "Writing the data set"])
def test_a_killed_preparation_changes_nothing_and_the_next_one_works(tmp_path: Path, stage: str) -> None:
    folder = collection(tmp_path / "music", 5)
    before, _ = prepared(folder)
    out = tmp_path / "set"
    killed = subprocess.run([sys.executable, "-c", KILLED_AT, str(folder), str(out), stage], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert fingerprint_of(open_dataset(out)) == before.fingerprint
    after, _ = prepared(folder, seed=7)
    assert fingerprint_of(open_dataset(out)) == after.fingerprint
