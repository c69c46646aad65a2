"""The index of a library, to be written by one process at a time: what a scan finds, reads, and misses."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from musicgen_app.core.errors import UsageError
from musicgen_app.core.files import make_folder
from musicgen_app.dataset.library_tables import (
    FACTS,
    KNOWN,
    MISSING,
    WAITING,
    connect,
    drop_indices,
    lay_indices,
    spoken,
)
from musicgen_app.dataset.shards import Place
from musicgen_app.dataset.stored_text import clean, decoded

_MANY = 2_000
"""So many new files are worth taking the indices away for, and laying them anew behind."""
FILTERED = ("title", "composer", "verdict", "error", "findings")
"""Columns that a filter looks into."""
_BESIDE = ("words", "counts", "turns", "relations", "uses")
"""Tables with a row for a file."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """A file as its folder shows it; one with the same size and time is not read again."""

    name: str
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Seen:
    """A file as the index knows it."""

    id: int
    size: int
    mtime_ns: int
    state: int
    read: bool


@dataclass(frozen=True, slots=True)
class Found:
    """What reading one file gave.

    Attributes:
        id: Its number in the index.
        path: Its path inside the folder that is scanned.
        facts: A value for each of ``library_tables.FACTS``; None where its bytes are those that were read before.
        counts: Packed counts of its notes.
        place: Where its notes were written; None where they are not kept.
        turns: Its melodic turns, packed; none where its notes are not kept.
    """

    id: int
    path: str
    facts: Mapping[str, Any] | None
    counts: bytes = b""
    place: Place | None = None
    turns: bytes = b""


def filtered(path: str, texts: Iterable[str]) -> str:
    """What the words of a filter are looked for in.

    Args:
        path: The path of a file inside its source.
        texts: What is known of it, in the order of ``FILTERED``.
    """
    return " ".join([path, *texts]).casefold()


class LibraryWriter:
    """Writes the index; changes are kept when ``commit`` is called."""

    def __init__(self, folder: Path) -> None:
        """Open the library in a folder, or make one there.

        Raises:
            LibraryError: It cannot be opened.
            FileWriteError: The folder cannot be made.
        """
        make_folder(folder)
        self.folder = folder
        self._connection = connect(folder)
        self._run("INSERT INTO scans (ended) SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM scans WHERE ended = 0)")
        # A scan that was interrupted goes on under its number.
        self._scan = int(self._run("SELECT id FROM scans WHERE ended = 0")[0][0])
        self._begin()

    @property
    def programs(self) -> str:
        """Which tracks of its files are music, as ``Parts.text``."""
        return str(next((text for (text,) in self._run("SELECT value FROM settings WHERE name = 'programs'")), "piano"))

    def choose(self, programs: str) -> None:
        """Judge files by these tracks from now on; empty means as before. A change lets all wait to be read again."""
        self._run("CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL)")
        if programs and programs != self.programs:
            self._run("INSERT OR REPLACE INTO settings (name, value) VALUES ('programs', ?)", [programs])
            self._run("UPDATE files SET state = CASE state WHEN 2 THEN 2 ELSE 0 END, sha256 = x''")

    def close(self) -> None:
        """Close the index; what was not committed is gone."""
        self._connection.close()

    def commit(self) -> None:
        """Keep all changes so far."""
        self._run("COMMIT")
        self._begin()

    def _begin(self) -> None:
        self._run("BEGIN IMMEDIATE")

    def sources(self) -> Mapping[Path, int]:
        """The folders that are scanned, and their numbers."""
        return {
            Path(decoded(folder)): number for number, folder in self._run("SELECT id, folder FROM sources ORDER BY id")
        }

    def source(self, place: Path, names: frozenset[str] = frozenset()) -> int:
        """The number of a folder, which is added where it is new.

        Args:
            place: The folder.
            names: Files in it that are wanted, beside those that were before; none for all in it and below.

        Raises:
            UsageError: It lies inside another, or another inside it: files would be there twice.
        """
        place = place.resolve()
        for other, number in self.sources().items():
            if other == place:
                known = self.names(number)
                return number if not known else self.put_source(place, known | names if names else names)
            if other in place.parents or place in other.parents:
                inner, outer = (place, other) if other in place.parents else (other, place)
                raise UsageError(
                    f"{inner} lies inside {outer}; its files would be in the library twice.",
                    "Scan the one that is there already, or choose another library.",
                )
        return self.put_source(place, names)

    def put_source(self, place: Path, names: frozenset[str]) -> int:
        """The number of a folder, which is added where it is new.

        Args:
            place: The folder, resolved.
            names: The files in it that are wanted; none for all in it and below.
        """
        asked = (
            "INSERT INTO sources (folder, names) VALUES (?, ?) ON CONFLICT (folder) DO UPDATE SET names = "
            "excluded.names RETURNING id"
        )
        return int(self._run(asked, [clean(str(place)), json.dumps(sorted(names))])[0][0])

    def names(self, source: int) -> frozenset[str]:
        """The files of a source that are wanted; none for all."""
        return frozenset(json.loads(self._run("SELECT names FROM sources WHERE id = ?", [source])[0][0]))

    def files_of(self, source: int) -> list[tuple[int, str, str]]:
        """All files of a source: number, folder, name."""
        return self._run("SELECT id, folder, name FROM files WHERE source = ?", [source])

    def rehome(self, files: Iterable[tuple[int, int, str]]) -> None:
        """Let files belong to other sources: number, source, and the folder inside; one that is known there goes."""
        moves = list(files)
        self._many(
            "UPDATE OR IGNORE files SET source = ?, folder = ? WHERE id = ?",
            [(source, folder, number) for number, source, folder in moves],
        )
        left = "SELECT id FROM files WHERE id = ? AND source <> ?"
        self.forget(number for number, source, _ in moves if self._run(left, [number, source]))

    def forget(self, numbers: Iterable[int]) -> None:
        """Take files out of the library."""
        values = [(number,) for number in numbers]
        self._many("DELETE FROM files WHERE id = ?", values)
        for table in _BESIDE:
            self._many(f"DELETE FROM {table} WHERE file = ?", values)

    def forget_source(self, source: int) -> None:
        """Take a source out of the library; it has no files any more."""
        self._run("DELETE FROM sources WHERE id = ?", [source])

    def folders(self, source: int) -> frozenset[str]:
        """The folders of a source that hold files which are not missing."""
        asked = "SELECT DISTINCT folder FROM files WHERE source = ? AND state < 2"
        return frozenset(folder for (folder,) in self._run(asked, [source]))

    def seen(self, source: int, folder: str) -> Mapping[str, Seen]:
        """The files of one folder, by name."""
        asked = "SELECT name, id, size, mtime_ns, state, length(sha256) FROM files WHERE source = ? AND folder = ?"
        return {
            name: Seen(number, size, mtime_ns, state, hashed > 0)
            for name, number, size, mtime_ns, state, hashed in self._run(asked, [source, folder])
        }

    def add(self, source: int, folder: str, files: Iterable[Stamp]) -> None:
        """Put new files in the row of those that wait."""
        self._many(
            "INSERT INTO files (source, folder, name, size, mtime_ns, state, scan) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(source, folder, one.name, one.size, one.mtime_ns, WAITING, self._scan) for one in files],
        )

    def mark_changed(self, files: Iterable[tuple[int, Stamp]]) -> None:
        """Let files that look otherwise wait to be read again; what is known of them stays until then."""
        values = [(WAITING, one.size, one.mtime_ns, number) for number, one in files]
        self._many("UPDATE files SET state = ?, size = ?, mtime_ns = ? WHERE id = ?", values)

    def mark(self, state: int, numbers: Iterable[int]) -> None:
        """Give files another state."""
        self._many("UPDATE files SET state = ? WHERE id = ?", [(state, number) for number in numbers])

    def mark_folder_missing(self, source: int, folder: str) -> int:
        """Mark all files of a folder that is gone, and return how many."""
        asked = "UPDATE files SET state = ? WHERE source = ? AND folder = ? AND state < 2 RETURNING id"
        return len(self._run(asked, [MISSING, source, folder]))

    def waiting(self) -> int:
        """How many files wait to be read."""
        return int(self._run("SELECT count(*) FROM files WHERE state = 0")[0][0])

    def next_waiting(self, after: int, limit: int) -> list[tuple[int, int, str, str, str]]:
        """Files that wait: number, source, folder, name, and the hash of what was read before, as text."""
        asked = (
            "SELECT id, source, folder, name, lower(hex(sha256)) FROM files WHERE state = 0 AND id > ? "
            "ORDER BY id LIMIT ?"
        )
        return self._run(asked, [after, limit])

    def keep(self, found: Sequence[Found]) -> None:
        """Write what reading gave; its notes are in their shard already."""
        self.mark(KNOWN, [one.id for one in found if one.facts is None])
        columns = (*FACTS, "shard", "start", "length")
        rows, words, counts, turns = [], [], [], []
        for one in found:
            if one.facts is None:
                continue
            place = one.place or Place(-1, 0, 0)
            rows.append([*(one.facts[name] for name in FACTS), place.shard, place.start, place.length, one.id])
            words.append((one.id, filtered(one.path, [one.facts[name] for name in FILTERED])))
            counts.append((one.id, one.counts))
            turns.append((one.id, one.turns))
        assigned = ", ".join(f"{column} = ?" for column in columns)
        self._many(f"UPDATE files SET state = {KNOWN}, own_verdict = '', {assigned} WHERE id = ?", rows)
        self._many("INSERT OR REPLACE INTO words (file, text) VALUES (?, ?)", words)
        self._many("INSERT OR REPLACE INTO counts (file, packed) VALUES (?, ?)", counts)
        self._many("INSERT OR REPLACE INTO turns (file, packed) VALUES (?, ?)", turns)
        self._many("DELETE FROM relations WHERE file = ?", [(number,) for number, _ in words])

    def ends(self) -> Mapping[int, int]:
        """The last byte of each shard that a file needs."""
        return dict(self._run("SELECT shard, max(start + length) FROM files WHERE shard >= 0 GROUP BY shard"))

    def forget_notes(self, shards: Iterable[int]) -> int:
        """Let the files wait again whose notes lie in shards that are gone or too short; return how many."""
        lost = 0
        for shard in shards:
            asked = (
                "UPDATE files SET state = CASE state WHEN 2 THEN 2 ELSE 0 END, sha256 = x'', shard = -1 "
                "WHERE shard = ? RETURNING id"
            )
            lost += len(self._run(asked, [shard]))
        return lost

    def try_again(self, reason: str) -> None:
        """Let files wait to be read again that could not be read for a reason that is gone, by words of their error."""
        self._run("UPDATE files SET state = 0, sha256 = x'' WHERE state = 1 AND instr(error, ?) > 0", [reason])

    def read_again(self, numbers: Iterable[int]) -> None:
        """Let files wait to be read whatever they look like."""
        self._many("UPDATE files SET state = 0, sha256 = x'' WHERE id = ?", [(number,) for number in numbers])

    def note_uses(self, uses: Sequence[tuple[int, str]]) -> None:
        """Write what a data set uses files for, by their numbers; of all others it is forgotten."""
        self._run("DELETE FROM uses")
        self._many("INSERT INTO uses (file, side) VALUES (?, ?)", uses)

    def make_room(self) -> None:
        """Take away the indices where so much is to come that laying them anew is quicker."""
        known = int(self._run("SELECT count(*) FROM files WHERE state = 1")[0][0])
        if self.waiting() > max(_MANY, known // 4):
            drop_indices(self._connection)
            self.commit()

    def finish(self) -> int:
        """End a scan: lay the indices, forget missing files that this scan found elsewhere; return how many."""
        lay_indices(self._connection)
        moved = self._run(
            "DELETE FROM files WHERE state = 2 AND sha256 <> x'' AND EXISTS (SELECT 1 FROM files AS other WHERE "
            "other.sha256 = files.sha256 AND other.state < 2 AND other.scan = ?) RETURNING id",
            [self._scan],
        )
        for table in _BESIDE:
            self._many(f"DELETE FROM {table} WHERE file = ?", moved)
        self._run("UPDATE scans SET ended = 1 WHERE id = ?", [self._scan])
        self._run("COMMIT")
        return len(moved)

    def _run(self, asked: str, values: Sequence[Any] = ()) -> list[Any]:
        with spoken(self.folder):
            return self._connection.execute(asked, values).fetchall()

    def _many(self, asked: str, values: Sequence[Any]) -> None:
        if values:
            with spoken(self.folder):
                self._connection.executemany(asked, values)
