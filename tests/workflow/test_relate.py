"""What a library says of copies and editions, and that it is what ``prepare`` splits by."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from musicgen_app.core.errors import Cancelled
from musicgen_app.core.progress import CancelToken, Progress, silent
from musicgen_app.dataset.library import Library, LibraryRow
from musicgen_app.dataset.library_query import Query
from musicgen_app.dataset.library_tables import INDEX, KNOWN, MISSING
from musicgen_app.dataset.library_writer import LibraryWriter
from musicgen_app.workflow.prepare import PrepareConfig, prepare
from musicgen_app.workflow.relate import COMPARING, relate
from musicgen_app.workflow.scan import ScanRequest, scan
from tests.dataset.music import edition, melody, transposed, write_midi_file


def library_of(music: Path, library: Path) -> Path:
    scan(ScanRequest(library, (music,), processes=1), silent, CancelToken())
    return library


def rows_of(library: Path) -> dict[str, LibraryRow]:
    with Library(library) as found:
        return {row.path: row for row in found.pages(Query())}


def relations(library: Path) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(library / INDEX)
    found = connection.execute("SELECT * FROM relations ORDER BY file").fetchall()
    connection.close()
    return found


def compared(library: Path) -> tuple[int, int]:
    """How many files were compared, and how many reports there were."""
    told: list[object] = []
    count = relate(library, told.append, CancelToken())
    assert all(isinstance(one, Progress) and one.stage == COMPARING for one in told)
    return count, len(told)


def test_copies_are_set_aside_as_long_as_their_original_is_there(tmp_path: Path) -> None:
    music = tmp_path / "music"
    write_midi_file(music / "a.mid", melody(1))
    shutil.copy(music / "a.mid", music / "b.mid")
    write_midi_file(music / "c.mid", melody(1), bpm=90)
    write_midi_file(music / "d.mid", transposed(melody(1), -2), bpm=90)
    write_midi_file(music / "e.mid", edition(melody(1), 5, 0.08))
    write_midi_file(music / "f.mid", melody(2))
    library = library_of(music, tmp_path / "library")
    rows = rows_of(library)
    with Library(library) as found:
        assert [found.kin(rows[name])[:1] for name in ("b.mid", "c.mid", "d.mid", "f.mid")] == [
            ("The same notes as a.mid.",),
            ("The same notes as a.mid.",),
            ("The same music as a.mid, 2 semitones lower.",),
            (),
        ]
        assert found.kin(rows["e.mid"])[0].startswith("Another edition of a.mid: ")
        assert found.kin(rows["a.mid"])[2] == "The same music as d.mid, 2 semitones higher."
        assert found.count(Query(words=("duplicate", "a.mid"))) == 2
        assert found.sums()[0] == found.totals()["ready"] == 4
    assert compared(library) == (0, 0)
    made = prepare(PrepareConfig((music,), tmp_path / "set"), silent, CancelToken())
    twins = {Path(one.file).name for one in made.files if one.verdict == "set aside: it has the same notes as a.mid"}
    assert twins == {path for path, row in rows.items() if row.verdict == "set aside: duplicate of a.mid"}

    before = relations(library)
    change(library, rows["a.mid"].id, MISSING)
    stopped = CancelToken()
    stopped.cancel()
    with pytest.raises(Cancelled):
        relate(library, silent, stopped)
    assert relations(library) == before
    assert compared(library)[0] == 5
    assert [rows_of(library)[name].verdict for name in ("b.mid", "c.mid")] == ["ready", "set aside: duplicate of b.mid"]
    with Library(library) as found:
        assert found.count(Query(words=("duplicate",))) == 1
    change(library, rows["a.mid"].id, KNOWN)
    assert compared(library)[0] == 6
    assert relations(library) == before
    assert rows_of(library) == rows

    forget_turns(library)
    assert compared(library)[0] == 6
    assert relations(library) == before


def change(library: Path, number: int, state: int) -> None:
    writer = LibraryWriter(library)
    writer.mark(state, [number])
    writer.finish()
    writer.close()


def forget_turns(library: Path) -> None:
    """As an index is that was made before turns were kept."""
    connection = sqlite3.connect(library / INDEX)
    for table in ("turns", "relations"):
        connection.execute(f"DELETE FROM {table}")
    connection.commit()
    connection.close()
