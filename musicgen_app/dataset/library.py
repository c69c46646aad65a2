"""The library of a collection, to be read: rows of its index in any order, counts, and the notes of files."""

import json
import sqlite3
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from musicgen_app.core.errors import LibraryError
from musicgen_app.core.score import Score
from musicgen_app.dataset.kin_words import kin_words
from musicgen_app.dataset.library_query import LEFT_OUT, Decision, Query, shown_column
from musicgen_app.dataset.library_tables import FACTS, INDEX, MISSING, USABLE, WAITING, connect, spoken
from musicgen_app.dataset.note_records import unpack
from musicgen_app.dataset.shards import Place, Shards
from musicgen_app.dataset.stored_text import clean, decoded, sorting_key

COUNTED = {"pitches": 128, "velocities": 128, "durations": 21}
"""What is counted of every file, and the number of counts."""

_COLUMNS = ("files.id", "sources.folder", "files.folder", "name", "size", "state", *FACTS)
_SIDE = "coalesce(uses.side, '')"
_PLACE = ("shard", "start", "length")
_ROWS = (
    f"SELECT {', '.join((*_COLUMNS, _SIDE, *_PLACE))} FROM files "
    "JOIN sources ON sources.id = files.source LEFT JOIN uses ON uses.file = files.id"
)
_AT_ONCE = 500
_KIN_TOLD = 4
"""So many files that a file is like are named."""
_DECIDED = (
    "CREATE TEMP TABLE decided (file INTEGER PRIMARY KEY, title TEXT, composer TEXT, key TEXT, excluded INTEGER, "
    "title_key TEXT, composer_key TEXT, verdict TEXT)"
)


@dataclass(frozen=True, slots=True)
class LibraryRow:
    """What the index knows of one file.

    Attributes:
        id: Its number, for good.
        source: The folder that was scanned.
        folder, name: Where it lies inside, with forward slashes, and its name.
        size: Bytes.
        state: 0 waiting to be read, 1 read, 2 missing.
        sha256: Hash of its bytes.
        verdict, findings, error, title, notes, tracks, seconds, polyphony: As in ``workflow.inspect.FileFacts``; the
            verdict of a file with the notes of another is that it is a duplicate.
        composer, licence: As far as they are known.
        lowest, highest: Pitches of the piano; -1 where there are none.
        tempo: Quarter notes a minute that most notes are struck in, as the median.
        metre, key: The first ones the file names, in words; may be empty.
        velocity, velocities: Median velocity, and how many different ones there are.
        pedal: Events of the sustain pedal.
        beat: Whether its notes follow its beat.
        fingerprint: Equal for copies in any key; empty where there are no notes.
        pitch, duration: Medians of the piano notes; the latter in quarter notes, as written.
        signs: What is unusual about the music, words of ``doctor.SIGNS`` with spaces between.
        title_key, composer_key: What title and composer are sorted by (``stored_text.sorting_key``).
        side: What the prepared data set uses it for: "train", "validation", "test", why it is not in it, or nothing.
        place: Where its notes lie; None where they are not kept.
    """

    id: int
    source: str
    folder: str
    name: str
    size: int
    state: int
    sha256: bytes
    verdict: str
    findings: tuple[str, ...]
    error: str
    title: str
    composer: str
    licence: str
    notes: int
    tracks: int
    seconds: float
    lowest: int
    highest: int
    tempo: float
    metre: str
    key: str
    velocity: int
    velocities: int
    pedal: int
    polyphony: int
    beat: bool
    fingerprint: bytes
    pitch: int
    duration: float
    signs: str
    title_key: str
    composer_key: str
    side: str
    place: Place | None

    @property
    def path(self) -> str:
        """Its path inside the folder that was scanned."""
        return f"{self.folder}/{self.name}" if self.folder else self.name

    @property
    def file(self) -> Path:
        """Where it is."""
        return Path(decoded(self.source), decoded(self.path))

    @property
    def words(self) -> str:
        """Its verdict, or why it has none."""
        return {WAITING: "waiting to be read", MISSING: "missing"}.get(self.state, self.verdict)


class Library:
    """An index and its shards, opened by one thread. Others may scan into them meanwhile."""

    def __init__(self, folder: Path) -> None:
        """Open the library in a folder.

        Raises:
            LibraryError: There is none, or it is damaged.
        """
        if not (folder / INDEX).is_file():
            raise LibraryError(f"{folder.name} holds no library.", "Scan a folder of MIDI files into it first.")
        self.folder = folder
        self._connection = connect(folder)
        self._shards = Shards(folder)
        self._decided = False

    def close(self) -> None:
        """Close the index."""
        self._connection.close()

    def __enter__(self) -> "Library":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def decide(self, decisions: Mapping[int, Decision]) -> None:
        """Let orders, filters and kinds know, through this connection, what a person has decided about some files."""
        if not decisions:
            return
        rows = [
            (
                file,
                one.title,
                one.composer,
                one.key,
                one.excluded,
                sorting_key(one.title),
                sorting_key(one.composer),
                one.verdict,
            )
            for file, one in decisions.items()
        ]
        told = [(row[0], " ".join((*row[1:4], "excluded" if row[4] else "")).casefold()) for row in rows]
        with spoken(self.folder):
            self._connection.execute("PRAGMA temp_store = MEMORY")
            self._connection.execute(_DECIDED)
            self._connection.execute("CREATE TEMP TABLE told (file INTEGER PRIMARY KEY, text TEXT)")
            self._connection.execute("BEGIN")
            self._connection.executemany("INSERT INTO decided VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
            self._connection.executemany("INSERT INTO told VALUES (?, ?)", told)
            self._connection.execute("COMMIT")
        self._decided = True

    def sources(self) -> tuple[str, ...]:
        """The folders that were scanned."""
        return tuple(folder for (folder,) in self._all("SELECT folder FROM sources ORDER BY folder"))

    def count(self, query: Query) -> int:
        """How many files a query finds."""
        where, values = query.where(self._decided)
        return int(self._all(f"SELECT count(*) FROM files WHERE {where}", values)[0][0])

    def ids(self, query: Query) -> NDArray[np.int64]:
        """Shape (files,): the numbers of all files a query finds, in its order; what a table scrolls over."""
        where, values = query.where(self._decided)
        with self._read(
            f"SELECT files.id FROM files WHERE {where} ORDER BY {query.order(self._decided)}", values
        ) as found:
            return np.fromiter((number for (number,) in found), dtype=np.int64)

    def rows(self, ids: Sequence[int]) -> tuple[LibraryRow, ...]:
        """The files of these numbers, in this order; unknown numbers are passed over."""
        found: dict[int, LibraryRow] = {}
        for begin in range(0, len(ids), _AT_ONCE):
            part = [int(number) for number in ids[begin : begin + _AT_ONCE]]
            marks = ", ".join("?" for _ in part)
            found |= {row[0]: _row(row) for row in self._all(f"{_ROWS} WHERE files.id IN ({marks})", part)}
        return tuple(found[int(number)] for number in ids if int(number) in found)

    def page(self, query: Query, limit: int, after: LibraryRow | None = None) -> tuple[LibraryRow, ...]:
        """The next files of a query: its cost does not depend on how many stand before them.

        Args:
            query: Which files.
            limit: How many.
            after: The last one of the page before.
        """
        where, values = query.where(self._decided)
        bound: list[Any] = [*values]
        if after is not None:
            marks = ", ".join("?" for _ in query.columns)
            sign = "<" if query.descending else ">"
            columns = ", ".join(shown_column(column, self._decided) for column in query.columns)
            where += f" AND ({columns}) {sign} ({marks})"
            bound += [getattr(after, column) for column in query.columns]
        found = self._all(f"{_ROWS} WHERE {where} ORDER BY {query.order(self._decided)} LIMIT ?", [*bound, limit])
        return tuple(_row(row) for row in found)

    def pages(self, query: Query) -> Iterator[LibraryRow]:
        """All files of a query, a page at a time."""
        page = self.page(query, _AT_ONCE)
        while page:
            yield from page
            page = self.page(query, _AT_ONCE, page[-1])

    def find(self, file: Path) -> int | None:
        """The number of the file at a path; None where it is not in the library."""
        asked = "SELECT files.id FROM files WHERE source = ? AND folder = ? AND name = ?"
        for number, folder in self._all("SELECT id, folder FROM sources"):
            place = Path(decoded(folder))
            if place in file.parents:
                inside = file.relative_to(place)
                below = inside.parent.as_posix() if inside.parent != Path() else ""
                for (found,) in self._all(asked, [number, clean(below), clean(inside.name)]):
                    return int(found)
        return None

    def paths(self) -> Iterator[tuple[int, str, str]]:
        """The number of each file, the folder that was scanned, and its path inside."""
        asked = (
            "SELECT files.id, sources.folder, files.folder, name FROM files JOIN sources ON sources.id = files.source"
        )
        with self._read(asked) as found:
            for number, source, folder, name in found:
                yield number, source, f"{folder}/{name}" if folder else name

    def sums(self) -> tuple[int, int, float]:
        """Files that a data set can be made of and that nobody has left out; their notes, and seconds."""
        where = f"state = 1 AND {shown_column('verdict', self._decided)} IN ('ready', 'repaired')"
        if self._decided:
            where += f" AND id NOT IN ({LEFT_OUT})"
        asked = f"SELECT count(*), coalesce(sum(notes), 0), coalesce(sum(seconds), 0) FROM files WHERE {where}"
        files, notes, seconds = self._all(asked)[0]
        return int(files), int(notes), float(seconds)

    def kin(self, row: LibraryRow) -> tuple[str, ...]:
        """What a file is to others, a sentence for each: first to the one it is compared with, then to a few more."""
        asked = (
            "SELECT kind, similarity, {sign}shift, folder, name FROM relations JOIN files ON id = relations.{other} "
            "WHERE relations.{one} = ? AND kind <> '' AND state < 2 ORDER BY similarity DESC, id LIMIT ?"
        )
        found = self._all(asked.format(sign="", one="file", other="original"), [row.id, 1])
        found += self._all(asked.format(sign="-", one="original", other="file"), [row.id, _KIN_TOLD + 1])
        told = tuple(kin_words(*one) for one in found[: _KIN_TOLD + 1])
        return told if len(found) <= _KIN_TOLD else (*told[:_KIN_TOLD], "More files are like it.")

    def heirs(self, left_out: Collection[int]) -> Mapping[int, str]:
        """Files that take the place of an original that is left out, with the verdicts they have then.

        Args:
            left_out: Numbers of all files that are left out.
        """
        asked = (
            "SELECT original, files.id, own_verdict FROM relations JOIN files ON files.id = relations.file "
            "WHERE kind = 'same' AND state = 1 AND own_verdict <> '' ORDER BY original, folder, name, files.id"
        )
        found: dict[int, str] = {}
        served: set[int] = set()
        for original, number, verdict in self._all(asked) if left_out else ():
            if original in left_out and original not in served and number not in left_out:
                served.add(original)
                found[number] = verdict
        return found

    def usable(self, measures: Sequence[str]) -> Iterator[list[tuple[Any, ...]]]:
        """Some rows at a time, by number: these columns or ``library_tables.MEASURES`` of files a data set can use.

        What a person has left out is left out here too.
        """
        asked = ", ".join(shown_column(name, self._decided) for name in measures)
        where = USABLE.format(verdict=shown_column("verdict", self._decided))
        if self._decided:
            where += f" AND files.id NOT IN ({LEFT_OUT})"
        with self._read(f"SELECT {asked} FROM files WHERE {where} ORDER BY files.id") as found:
            while rows := found.fetchmany(_AT_ONCE):
                yield rows

    def families(self) -> Mapping[int, int]:
        """A number for each file that is kin to another, equal for those of one work; none where none was compared."""
        found: dict[int, int] = {}
        for file, original, family in self._all("SELECT file, original, family FROM relations ORDER BY file"):
            found[file] = family
            found.setdefault(original, family)
        return found

    def totals(self) -> Mapping[str, Any]:
        """Counts of the whole library: files by state and verdict, copies; notes and seconds of what can be used."""
        names = ("files", "missing", "waiting", "ready", "repaired", "set_aside", "notes", "seconds")
        sums = self._all(
            "SELECT coalesce(sum(state < 2), 0), coalesce(sum(state = 2), 0), coalesce(sum(state = 0), 0), "
            "coalesce(sum(state = 1 AND verdict = 'ready'), 0), coalesce(sum(state = 1 AND verdict = 'repaired'), 0), "
            "coalesce(sum(state = 1 AND verdict LIKE 'set aside%'), 0), "
            "coalesce(sum(notes * (state = 1 AND verdict IN ('ready', 'repaired'))), 0), "
            "coalesce(sum(seconds * (state = 1 AND verdict IN ('ready', 'repaired'))), 0) FROM files"
        )[0]
        found = dict(zip(names, sums, strict=True))
        for name, column in (("same_bytes", "sha256"), ("same_music", "fingerprint")):
            asked = f"SELECT count(*) - count(DISTINCT {column}) FROM files WHERE state < 2 AND length({column}) > 0"
            found[name] = self._all(asked)[0][0]
        return found

    def counts(self, check: Callable[[], None] = lambda: None) -> Mapping[str, NDArray[np.int64]]:
        """The piano notes of all files together, by pitch, velocity and length.

        Args:
            check: Called for each file; what it raises ends the counting.
        """
        total = np.zeros(sum(COUNTED.values()), dtype=np.int64)
        asked = "SELECT packed FROM counts JOIN files ON files.id = counts.file WHERE state = 1"
        with self._read(asked) as found:
            for (packed,) in found:
                check()
                total += unpacked_counts(packed)
        borders = np.cumsum(list(COUNTED.values()))[:-1]
        return dict(zip(COUNTED, np.split(total, borders), strict=True))

    def score(self, row: LibraryRow) -> Score:
        """The music of a file, from the shard.

        Raises:
            LibraryError: It is not kept, or damaged.
        """
        if row.place is None:
            raise LibraryError(f"The library keeps no notes of {row.name}.")
        return unpack(self._shards.record(row.place))

    @contextmanager
    def _read(self, asked: str, values: Sequence[Any] = ()) -> Iterator[sqlite3.Cursor]:
        with spoken(self.folder):
            yield self._connection.execute(asked, values)

    def _all(self, asked: str, values: Sequence[Any] = ()) -> list[Any]:
        with self._read(asked, values) as found:
            return found.fetchall()


def packed_counts(counts: Sequence[int]) -> bytes:
    """Counts in the order of ``COUNTED``, packed; nothing for none."""
    return zlib.compress(np.array(counts, dtype="<u4").tobytes(), 1) if counts else b""


def unpacked_counts(packed: bytes) -> NDArray[np.int64]:
    """Shape (277,): the counts that were packed."""
    if not packed:
        return np.zeros(sum(COUNTED.values()), dtype=np.int64)
    return np.frombuffer(zlib.decompress(packed), dtype="<u4").astype(np.int64)


_FINDINGS, _BEAT = (
    [field.name for field in fields(LibraryRow)].index("findings"),
    [field.name for field in fields(LibraryRow)].index("beat"),
)


def _row(values: Sequence[Any]) -> LibraryRow:
    *known, shard, start, length = values
    known[_FINDINGS] = tuple(json.loads(known[_FINDINGS]))
    known[_BEAT] = bool(known[_BEAT])
    known.append(Place(shard, start, length) if shard >= 0 else None)
    return LibraryRow(*known)
