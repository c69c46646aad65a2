"""Folders into a library: verdicts as everywhere, changes found again, kills survived, damage told and mended."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from musicgen_app.core.errors import Cancelled, DamagedLibraryError, LibraryError, UsageError
from musicgen_app.core.progress import CancelToken, Progress, silent
from musicgen_app.core.score import Track
from musicgen_app.dataset.library import Library, LibraryRow
from musicgen_app.dataset.library_query import Query
from musicgen_app.dataset.library_tables import INDEX
from musicgen_app.dataset.library_writer import LibraryWriter
from musicgen_app.dataset.shards import shard_path
from musicgen_app.midi.reader import read_midi
from musicgen_app.midi.writer import write_midi
from musicgen_app.notation.reader import can_read_notation
from musicgen_app.workflow import scan_pool
from musicgen_app.workflow.inspect import facts_of
from musicgen_app.workflow.library_check import check_library
from musicgen_app.workflow.scan import INDEXING, LOOKING, READING, ScanReport, ScanRequest, scan
from tests.dataset.music import melody, transposed, write_midi_file

PIECES = 130


def make_music(folder: Path, pieces: int) -> Path:
    for number in range(pieces):
        write_midi_file(folder / f"{number % 3}" / f"piece {number:03d}.mid", melody(number, notes=30 + number % 9))
    write_midi_file(folder / "0" / "in another key.mid", transposed(melody(0, notes=30), 3))
    shutil.copy(folder / "1" / "piece 001.mid", folder / "2" / "same file.mid")
    write_midi_file(folder / "short.mid", melody(5, notes=4, chords=False))
    (folder / "broken.mid").write_bytes(b"not music at all")
    (folder / "0" / ".hidden.mid").write_bytes(b"")
    (folder / "0" / "LICENCES.json").write_text(
        json.dumps({"pieces": [{"file": "piece 000.mid", "title": "First", "composer": "Somebody", "licence": "CC0"}]})
    )
    return folder


@pytest.fixture(scope="module")
def music(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_music(tmp_path_factory.mktemp("music"), PIECES)


@pytest.fixture(scope="module")
def whole(music: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library that was made without interruption."""
    folder = tmp_path_factory.mktemp("whole")
    assert scanned(folder, music).read == PIECES + 4
    return folder


def scanned(library: Path, *folders: Path, **settings: Any) -> ScanReport:
    return scan(ScanRequest(library, folders, **{"processes": 2, **settings}), silent, CancelToken())


def rows_of(folder: Path, missing: bool = False) -> list[LibraryRow]:
    with Library(folder) as library:
        return list(library.pages(Query(kind="missing" if missing else "all")))


def content(folder: Path) -> list[tuple[Any, ...]]:
    """All that a library knows, but where it lies."""
    with Library(folder) as library:
        return [
            (*(getattr(row, one.name) for one in fields(row) if one.name != "place"), row.place and library.score(row))
            for row in library.pages(Query())
        ]


def assert_no_byte_is_lost(folder: Path) -> None:
    """Every byte of the shards belongs to one file."""
    places = sorted((row.place.shard, row.place.start, row.place.length) for row in rows_of(folder) if row.place)
    ends: dict[int, int] = {}
    for shard, start, length in places:
        assert ends.get(shard, 0) == start
        ends[shard] = start + length
    found = {int(path.stem): path.stat().st_size for path in (folder / "notes").glob("*.shard")}
    assert found == ends


def test_files_are_judged_and_measured_as_everywhere(music: Path, whole: Path) -> None:
    rows = {row.path: row for row in rows_of(whole)}
    assert len(rows) == PIECES + 4
    assert rows.pop("2/same file.mid").verdict == "set aside: duplicate of 1/piece 001.mid"
    for path, row in rows.items():
        facts = facts_of(music / path)
        for name in ("verdict", "findings", "error", "title", "notes", "tracks", "seconds", "polyphony"):
            assert getattr(row, name) == getattr(facts, name)
    assert rows["0/piece 000.mid"].composer == "Somebody"
    assert rows["broken.mid"].place is None


def test_notes_come_back_from_the_shards(music: Path, whole: Path) -> None:
    with Library(whole) as library:
        for row in library.page(Query(), 20):
            if row.place:
                assert library.score(row) == read_midi(music / row.path).score.music_alone()
    assert_no_byte_is_lost(whole)


def test_copies_are_known_in_any_key(whole: Path) -> None:
    with Library(whole) as library:
        rows = {row.path: row for row in library.pages(Query())}
        assert library.kin(rows["0/piece 000.mid"]) == ("The same music as 0/in another key.mid, 3 semitones lower.",)
        assert library.kin(rows["2/same file.mid"]) == ("The same notes as 1/piece 001.mid.",)
        assert library.kin(rows["1/piece 001.mid"]) == ("The same notes as 2/same file.mid.",)
        assert library.kin(rows["2/piece 002.mid"]) == ()
        assert [row.name for row in library.pages(Query(words=("duplicate", "001")))] == ["same file.mid"]
        assert (library.totals()["same_bytes"], library.totals()["same_music"]) == (1, 2)


@pytest.mark.parametrize(
    ("stage", "reports"), [(LOOKING, 2), (READING, 1), (READING, 3), ("unsaved", 1), ("unsaved", 4), (INDEXING, 1)]
)
def test_a_killed_scan_goes_on_without_loss_or_repetition(
    music: Path, whole: Path, tmp_path: Path, stage: str, reports: int
) -> None:
    command = [sys.executable, "-m", "tests.workflow.killed_scan", str(tmp_path), str(music), stage, str(reports)]
    assert subprocess.run(command, check=False).returncode == -9
    done = scanned(tmp_path)
    assert done.read == {(LOOKING, 2): PIECES + 4, (INDEXING, 1): 0}.get((stage, reports), done.read)
    assert done.read < PIECES + 4 or stage in (LOOKING, "unsaved")
    assert content(tmp_path) == content(whole)
    assert_no_byte_is_lost(tmp_path)


def test_three_kills_in_a_row_are_survived(music: Path, whole: Path, tmp_path: Path) -> None:
    for stage, reports in ((READING, 1), ("unsaved", 2), (READING, 1)):
        command = [sys.executable, "-m", "tests.workflow.killed_scan", str(tmp_path), str(music), stage, str(reports)]
        assert subprocess.run(command, check=False).returncode == -9
    assert scanned(tmp_path, music).read < PIECES
    assert content(tmp_path) == content(whole)
    assert_no_byte_is_lost(tmp_path)


def test_a_second_scan_reads_nothing(music: Path, tmp_path: Path) -> None:
    scanned(tmp_path, music)
    before = rows_of(tmp_path)
    again = scanned(tmp_path, music)
    assert (again.read, again.new, again.changed, again.unchanged) == (0, 0, 0, PIECES + 4)
    assert rows_of(tmp_path) == before


def test_new_changed_touched_renamed_removed_and_returned_files(tmp_path: Path) -> None:
    music, library = make_music(tmp_path / "music", 12), tmp_path / "library"
    scanned(library, music)
    before = {row.path: row for row in rows_of(library)}
    write_midi_file(music / "3" / "new.mid", melody(77))
    write_midi_file(music / "1" / "piece 004.mid", melody(78))
    os.utime(music / "2" / "piece 005.mid", (1, 1))
    (music / "0" / "piece 003.mid").rename(music / "moved.mid")
    away = (music / "1" / "piece 007.mid").rename(tmp_path / "away.mid")
    shutil.rmtree(music / "2")
    done = scanned(library)
    gone = [path for path in before if path.startswith("2/")]
    assert (done.new, done.changed, done.moved, done.missing) == (2, 1, 1, len(gone) + 1)
    assert done.read == 3
    after = {row.path: row for row in rows_of(library)}
    assert after["1/piece 004.mid"].notes == len(melody(78).notes)
    assert after["1/piece 004.mid"].id == before["1/piece 004.mid"].id
    assert after["moved.mid"].sha256 == before["0/piece 003.mid"].sha256
    assert {row.path for row in rows_of(library, missing=True)} == {*gone, "1/piece 007.mid"}
    away.rename(music / "1" / "piece 007.mid")
    done = scanned(library)
    assert (done.back, done.read, done.missing) == (1, 0, 0)
    assert {row.path: row for row in rows_of(library)}["1/piece 007.mid"] == before["1/piece 007.mid"]


def test_a_file_that_was_only_touched_is_not_read_again(tmp_path: Path) -> None:
    music, library = make_music(tmp_path / "music", 3), tmp_path / "library"
    scanned(library, music)
    before = rows_of(library)
    os.utime(music / "0" / "piece 000.mid", (1, 1))
    assert scanned(library).changed == 1
    assert rows_of(library) == before
    assert scanned(library).unchanged == 7


def test_shards_are_of_bounded_size(music: Path, whole: Path, tmp_path: Path) -> None:
    scanned(tmp_path, music, processes=1, shard_bytes=10_000)
    shards = list((tmp_path / "notes").glob("*.shard"))
    assert len(shards) > 2
    assert max(path.stat().st_size for path in shards) < 120_000
    assert content(tmp_path) == content(whole)


def test_a_damaged_index_is_said_and_made_anew(music: Path, whole: Path, tmp_path: Path) -> None:
    scanned(tmp_path, music)
    (tmp_path / INDEX).write_bytes(b"no index at all, " * 500)
    with pytest.raises(DamagedLibraryError, match="is damaged"):
        scanned(tmp_path)
    done = scanned(tmp_path, music)
    assert "made anew" in done.remarks[0]
    assert content(tmp_path) == content(whole)
    assert_no_byte_is_lost(tmp_path)


def test_an_index_that_lacks_a_table_is_damaged(tmp_path: Path) -> None:
    music, library = make_music(tmp_path / "music", 3), tmp_path / "library"
    scanned(library, music)
    connection = sqlite3.connect(library / INDEX)
    connection.execute("DROP TABLE files")
    connection.close()
    with Library(library) as found, pytest.raises(DamagedLibraryError):
        found.totals()
    assert "made anew" in scanned(library, music).remarks[0]


def test_damaged_notes_are_found_and_read_again(tmp_path: Path) -> None:
    music, library = make_music(tmp_path / "music", 6), tmp_path / "library"
    scanned(library, music, processes=1)
    assert check_library(library, silent, CancelToken()).damaged == ()
    damaged = rows_of(library)[3]
    assert damaged.place is not None
    with shard_path(library, 0).open("r+b") as file:
        file.seek(damaged.place.start + 40)
        file.write(b"\xff\xff\xff\xff")
    assert check_library(library, silent, CancelToken()).damaged == (damaged.path,)
    assert scanned(library).read == 1
    assert check_library(library, silent, CancelToken()).damaged == ()


def test_a_lost_shard_is_read_again(tmp_path: Path) -> None:
    music, library = make_music(tmp_path / "music", 6), tmp_path / "library"
    scanned(library, music, processes=1)
    before = content(library)
    shard_path(library, 0).unlink()
    done = scanned(library)
    assert "were lost" in done.remarks[0]
    assert content(library) == before
    assert_no_byte_is_lost(library)


def test_a_folder_that_is_not_there_loses_nothing(tmp_path: Path) -> None:
    music, library = make_music(tmp_path / "music", 3), tmp_path / "library"
    before = scanned(library, music).totals
    music.rename(tmp_path / "elsewhere")
    done = scanned(library)
    assert done.totals == before
    assert "is not there" in done.remarks[0]


def test_a_file_that_ends_its_reader_is_set_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    music, library = make_music(tmp_path / "music", 40), tmp_path / "library"
    shutil.copy(music / "1" / "piece 001.mid", music / "1" / "deadly.mid")
    start = subprocess.Popen

    def fragile(command: list[str], **settings: Any) -> Any:
        return start([one.replace("musicgen_app.workflow.scan_child", FRAGILE) for one in command], **settings)

    monkeypatch.setattr(scan_pool.subprocess, "Popen", fragile)
    assert scanned(library, music).read == 45
    rows = {row.path: row for row in rows_of(library)}
    assert "ended without a word" in rows.pop("1/deadly.mid").verdict
    assert sum(row.place is not None for row in rows.values()) == 42
    assert check_library(library, silent, CancelToken()).damaged == ()


FRAGILE = "tests.workflow.fragile_reader"


def test_a_reader_that_cannot_even_start_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    music = make_music(tmp_path / "music", 3)
    monkeypatch.setattr(scan_pool.sys, "executable", shutil.which("false"))
    with pytest.raises(LibraryError, match="ended at once"):
        scanned(tmp_path / "library", music)
    monkeypatch.setattr(scan_pool.sys, "executable", str(tmp_path / "nothing"))
    with pytest.raises(LibraryError, match="could not start"):
        scanned(tmp_path / "library", music)


def test_a_scan_can_be_stopped_and_goes_on(music: Path, whole: Path, tmp_path: Path) -> None:
    cancel = CancelToken()
    seconds = iter(range(0, 10**6, 10))

    def report(one: object) -> None:
        if isinstance(one, Progress) and one.stage == READING:
            cancel.cancel()

    with pytest.raises(Cancelled):
        scan(ScanRequest(tmp_path, (music,), processes=2), report, cancel, lambda: float(next(seconds)))
    assert scanned(tmp_path).read < PIECES
    assert content(tmp_path) == content(whole)
    assert_no_byte_is_lost(tmp_path)


def test_only_one_scan_at_a_time(music: Path, tmp_path: Path) -> None:
    def report(one: object) -> None:
        if isinstance(one, Progress) and one.stage == INDEXING:
            with pytest.raises(LibraryError, match="Another scan"):
                scanned(tmp_path, music)

    scan(ScanRequest(tmp_path, (music,)), report, CancelToken())


def test_progress_counts_to_the_end_and_estimates(music: Path, tmp_path: Path) -> None:
    told: list[object] = []
    seconds = iter(range(0, 10**6, 10))
    scan(ScanRequest(tmp_path, (music,)), told.append, CancelToken(), lambda: float(next(seconds)))
    reading = [one for one in told if isinstance(one, Progress) and one.stage == READING]
    assert (reading[-1].done, reading[-1].total) == (PIECES + 4, PIECES + 4)
    assert all(one.seconds_left is not None for one in reading)


def test_names_that_are_no_text_are_kept(tmp_path: Path) -> None:
    music, library = make_music(tmp_path / "music", 3), tmp_path / "library"
    (music / "1" / "piece 001.mid").rename(music / os.fsdecode(b"caf\xe9.mid"))
    scanned(library, music)
    row = next(row for row in rows_of(library) if row.name.startswith("caf"))
    assert row.verdict == "set aside: duplicate of 2/same file.mid"
    with Library(library) as found:
        assert found.kin(row) == ("The same notes as 2/same file.mid.",)
    assert scanned(library).unchanged == 7


@pytest.mark.parametrize("folders", [(), ("nowhere",)])
def test_nothing_to_scan_is_wrong_use(tmp_path: Path, folders: tuple[str, ...]) -> None:
    with pytest.raises(UsageError):
        ScanRequest(tmp_path, tuple(tmp_path / name for name in folders))


def test_another_choice_of_instruments_judges_all_files_again(tmp_path: Path) -> None:
    duo = melody(1, notes=40)
    notes = duo.notes.copy()
    notes["track"] = np.arange(len(notes)) % 2
    duo = replace(duo, notes=notes, tracks=(Track("", 0), Track("", 40, 1)))
    (tmp_path / "in").mkdir()
    write_midi(duo, tmp_path / "in" / "duo.mid")
    write_midi(replace(melody(2, notes=40), tracks=(Track("", 40),)), tmp_path / "in" / "violin.mid")
    library = tmp_path / "library"
    scanned(library, tmp_path / "in")
    first = {row.name: row for row in rows_of(library)}
    assert (first["duo.mid"].verdict, first["duo.mid"].notes) == ("ready", np.count_nonzero(duo.notes["track"] == 0))
    assert "Left out: Violin" in first["duo.mid"].findings[0]
    assert (first["violin.mid"].verdict, first["violin.mid"].place) == ("set aside: no piano (Violin)", None)
    done = scanned(library, programs="all")
    assert (done.unchanged, done.read) == (2, 2)
    with Library(library) as opened:
        assert [len(opened.score(row).notes) for row in opened.pages(Query())] == [len(notes)] * 2
    assert [scanned(library).read, scanned(library, programs=" ALL ").read] == [0, 0]


@pytest.mark.skipif(not can_read_notation(), reason='the extra "notation" (verovio) is not installed')
def test_notation_is_read_again_when_its_extra_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    music = tmp_path / "music"
    music.mkdir()
    (music / "song.abc").write_text("X:1\nK:C\n" + "CDEF GABc|" * 8)
    library = tmp_path / "library"
    scan(ScanRequest(library, (music,)), silent, CancelToken())
    writer = LibraryWriter(library)
    writer._run("UPDATE files SET error = 'song.abc is notation; reading it needs the extra \"notation\".'")
    writer.commit()
    writer.close()
    for there, read in ((False, 0), (True, 1), (True, 0)):
        monkeypatch.setattr("musicgen_app.workflow.scan.can_read_notation", lambda there=there: there)
        assert scan(ScanRequest(library), silent, CancelToken()).read == read


def test_a_library_holds_exactly_the_places_of_a_project(music: Path, tmp_path: Path) -> None:
    library, other = tmp_path / "library", tmp_path / "other"
    shutil.copytree(music / "0", other / "inner")
    (other / "picture.jpg").write_bytes(b"")
    inner = sorted(other.glob("inner/[!.]*.mid"))

    def held(*places: Path) -> tuple[set[str], int, tuple[str, ...]]:
        done = scan(ScanRequest(library, places, exact=True), silent, CancelToken())
        with Library(library) as opened:
            return {str(row.file) for row in opened.pages(Query())}, done.read, done.remarks

    assert held(inner[0], inner[1]) == ({str(inner[0]), str(inner[1])}, 2, ())
    # What is known under another place is not read again.
    assert held(inner[1], other / "inner")[1] == len(inner) - 2
    whole, read, remarks = held(other, inner[0])
    assert (whole, read) == ({str(path) for path in inner}, 0)
    assert remarks == ("1 other file was passed over: 1 .jpg.",)
    assert held(inner[3])[:2] == ({str(inner[3])}, 0)
    assert held()[0] == set()
    shutil.move(other, tmp_path / "elsewhere")
    assert held(other)[2] == (f"{other} is not there; its files count as missing until it is back.",)
