"""No edition and no transposed copy of a piece that is held back is learned from, and the library knows of them.

Music is generated: a few works, some of them in other guises (another key, tempo, loudness, resolution, edition), and
pieces that share nothing but their style with them. One pair of real editions stands beside it where it is there.
"""

import csv
import shutil
import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from musicgen_app.core.progress import CancelToken, silent
from musicgen_app.core.score import Score, make_notes
from musicgen_app.dataset.library import Library
from musicgen_app.dataset.library_query import Query
from musicgen_app.dataset.library_tables import INDEX
from musicgen_app.dataset.store import open_dataset
from musicgen_app.workflow.prepare import PrepareConfig, prepare
from musicgen_app.workflow.scan import ScanRequest, scan
from tests.dataset.music import edition, melody, transposed, write_midi_file

WORKS, NOTES, SEEDS = 8, 400, range(4)
REAL = ("op28-9", "op28-10", "op28-11", "op36-1", "op72-5")
"""Works of the shared corpus: the pairs of editions that are least alike, and other pieces that are most like any."""
SEED_OF_CONTROL = 1_000


def finer(score: Score, times: int) -> Score:
    """The same music in more ticks a beat."""
    notes = score.notes.copy()
    notes["onset"] *= times
    notes["duration"] *= times
    return replace(score.with_notes(notes), ticks_per_beat=times * score.ticks_per_beat)


def same_rhythm(score: Score, seed: int) -> Score:
    """Another piece with the rhythm, range and loudness of this one."""
    other = melody(seed, len(score.notes), chords=False).notes
    notes = score.notes.copy()
    notes["pitch"] = other["pitch"]
    return score.with_notes(notes)


@pytest.fixture(scope="module")
def music(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files named WORK-GUISE.mid; each work is there as it is, some in other guises, and each has a control."""
    folder = tmp_path_factory.mktemp("music")
    for work in range(WORKS):
        piece = melody(work, NOTES)
        write_midi_file(folder / f"w{work}-plain.mid", piece)
        write_midi_file(folder / f"c{work}-control.mid", same_rhythm(piece, SEED_OF_CONTROL + work))
    for work in range(0, WORKS, 2):
        piece = melody(work, NOTES)
        write_midi_file(folder / f"w{work}-key.mid", finer(transposed(piece, 3 - work), 4), bpm=77)
        write_midi_file(folder / f"w{work}-edition.mid", transposed(edition(finer(piece, 20), work), work - 5), bpm=150)
    # Three chords, too short for any melodic turn.
    rows = [(24 * step, 24, 40 + 6 * voice + step * step, 64) for step in range(3) for voice in range(6)]
    chords = Score(make_notes(rows), ticks_per_beat=24)
    write_midi_file(folder / "t-chords.mid", chords)
    write_midi_file(folder / "t-chords up.mid", finer(transposed(chords, 5), 4), bpm=60)
    return folder


def prepared(music: Path, out: Path, seed: int) -> dict[str, tuple[int, str]]:
    """Family and side of each file of a data set that is made of a folder."""
    prepare(PrepareConfig((music,), out, 0.3, seed=seed), silent, CancelToken())
    return {piece.file: (piece.family, piece.split) for piece in open_dataset(out).pieces}


def related(library: Path) -> set[frozenset[str]]:
    """The files of each work, as a library has them."""
    connection = sqlite3.connect(library / INDEX)
    found = connection.execute("SELECT name, family FROM relations JOIN files ON id = file").fetchall()
    connection.close()
    return grouped(dict(found))


def grouped(labels: Mapping[str, object]) -> set[frozenset[str]]:
    return {frozenset(file for file, other in labels.items() if other == label) for label in labels.values()}


def scanned(music: Path, library: Path) -> dict[str, tuple[str, ...]]:
    """What a library that is made of a folder says of each file."""
    scan(ScanRequest(library, (music,), processes=1), silent, CancelToken())
    with Library(library) as found:
        return {row.path: found.kin(row) for row in found.pages(Query())}


def test_all_guises_of_a_work_stand_on_one_side_whatever_chance_decides(music: Path, tmp_path: Path) -> None:
    works = grouped({path.name: path.name.split("-")[0] for path in music.iterdir()})
    told = scanned(music, tmp_path / "library")
    assert related(tmp_path / "library") == works
    sides = set()
    for seed in SEEDS:
        found = prepared(music, tmp_path / "set", seed)
        assert grouped({file: family for file, (family, _) in found.items()}) == works
        for work in works:
            assert len({found[file][1] for file in work}) == 1
            sides |= {found[file][1] for file in work if len(work) == 3}
    assert sides == {"train", "validation"}
    assert told["w4-plain.mid"][0] == "The same music as w4-key.mid, 1 semitone higher."
    assert told["w4-edition.mid"][0].startswith("Another edition of w4-key.mid: ")
    assert told["t-chords.mid"] == ("The same music as t-chords up.mid, 5 semitones lower.",)
    assert not any(sentences for file, sentences in told.items() if "control" in file)


def test_a_pair_of_real_editions_stands_on_one_side(shared: Path, tmp_path: Path) -> None:
    music = tmp_path / "music"
    music.mkdir()
    with (shared / "corpus" / "manifest.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["work"] in REAL]
    assert len(rows) == 8
    for row in rows:
        place = shared / "corpus" / row["file"].split("/", 1)[1]
        shutil.copy(place, music / f"{row['work']}={place.name}")
    works = grouped({path.name: path.name.split("=")[0] for path in music.iterdir()})
    for seed in SEEDS:
        found = prepared(music, tmp_path / "set", seed)
        assert grouped({file: family for file, (family, _) in found.items()}) == works
        assert all(len({found[file][1] for file in work}) == 1 for work in works)
    scanned(music, tmp_path / "library")
    assert related(tmp_path / "library") == works
