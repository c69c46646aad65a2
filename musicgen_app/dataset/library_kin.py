"""What the files of a library are to each other: what that is found by, and where it is written down."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from musicgen_app.core.errors import LibraryError
from musicgen_app.core.score import Score
from musicgen_app.dataset.families import HASHES, Sketch, sketch
from musicgen_app.dataset.kinship import Relation
from musicgen_app.dataset.library_tables import connect, spoken
from musicgen_app.dataset.library_writer import FILTERED, filtered
from musicgen_app.dataset.note_records import unpack
from musicgen_app.dataset.shards import Place, Shards
from musicgen_app.dataset.split import from_first_bar

_OWN = "CASE own_verdict WHEN '' THEN verdict ELSE own_verdict END"
_USABLE = f"files.state = 1 AND {_OWN} IN ('ready', 'repaired')"
_MANY = 1_000
_NO_TURNS: Sketch = np.empty(0, dtype=np.uint32)


@dataclass(frozen=True, slots=True)
class Member:
    """A file that can be used, by what reading gave.

    Attributes:
        id: Its number.
        path: Where it lies inside its source.
        sha256, fingerprint, notes, beat, lowest: As in ``LibraryRow``.
        place: Where its notes lie.
    """

    id: int
    path: str
    sha256: bytes
    fingerprint: bytes
    notes: int
    beat: bool
    lowest: int
    place: Place


@dataclass(frozen=True, slots=True)
class Related:
    """A row of the table ``relations``.

    Attributes:
        file, original: Numbers of a file and of the one it is compared with, itself where there is none.
        kind, similarity: As in ``kinship.Kin``.
        shift: How many semitones it lies above the other, where both are the same music.
        family: The number of the first file of the work.
    """

    file: int
    original: int
    kind: Relation
    similarity: float
    shift: int
    family: int


class KinTable:
    """The relations of a library, opened by the one process that scans into it."""

    def __init__(self, folder: Path) -> None:
        """Open the library in a folder.

        Raises:
            LibraryError: It cannot be opened.
        """
        self._folder = folder
        self._connection = connect(folder)
        self._shards = Shards(folder)
        self._looked = 0

    def close(self) -> None:
        """Close the index."""
        self._connection.close()

    def __enter__(self) -> "KinTable":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def stale(self) -> bool:
        """Whether files have come, gone or changed since they were compared."""
        new = f"FROM files LEFT JOIN relations ON relations.file = files.id WHERE {_USABLE} AND relations.file IS NULL"
        gone = [
            f"FROM relations LEFT JOIN files ON files.id = relations.{column} WHERE NOT coalesce({_USABLE}, 0)"
            for column in ("file", "original")
        ]
        return any(self._all(f"SELECT EXISTS (SELECT 1 {one})")[0][0] for one in (new, *gone))

    def members(self) -> list[Member]:
        """All files that can be used, in the order in which ``prepare`` takes them."""
        asked = (
            "SELECT files.id, folder, name, sha256, fingerprint, notes, beat, lowest, shard, start, length FROM files "
            f"WHERE {_USABLE}"
        )
        found = [
            Member(
                number, f"{folder}/{name}" if folder else name, sha256, prints, notes, bool(beat), lowest, Place(*at)
            )
            for number, folder, name, sha256, prints, notes, beat, lowest, *at in self._all(asked)
        ]
        return sorted(found, key=lambda one: (one.path.casefold(), one.path, one.id))

    def turn_count(self) -> int:
        """How many turns are known of all files together."""
        return int(self._all("SELECT coalesce(sum(length(packed)), 0) FROM turns")[0][0]) // _NO_TURNS.itemsize

    def turns(self, members: Sequence[Member], below: int = HASHES) -> Iterator[Sketch]:
        """The turns of each file; those of a file that was read before turns were kept are found in its notes.

        Args:
            members: The files.
            below: Only turns below this number are wanted.
        """
        for begin in range(0, len(members), _MANY):
            part = members[begin : begin + _MANY]
            marks = ", ".join("?" for _ in part)
            asked = f"SELECT file, packed FROM turns WHERE file IN ({marks})"
            found = dict(self._all(asked, [one.id for one in part]))
            for one in part:
                packed = found.get(one.id)
                turns = self._missing_turns(one) if packed is None else np.frombuffer(packed, dtype="<u4")
                yield turns if below >= HASHES else turns[: turns.searchsorted(np.uint32(below))].copy()

    def score(self, member: Member) -> Score | None:
        """The music of a file, from the shard; None where it is damaged."""
        self._looked += 1
        if self._looked % _MANY == 0:
            # What is mapped counts as memory of the process: it is let go now and then.
            self._shards = Shards(self._folder)
        try:
            return unpack(self._shards.record(member.place)) if member.place.shard >= 0 else None
        except LibraryError:
            return None

    def write(self, rows: Iterable[Related], copies: Sequence[tuple[int, str]]) -> None:
        """Put all relations in the place of those before.

        Args:
            rows: One for each file.
            copies: Files with the same notes as another one, and its name: they are set aside, all others no longer.
        """
        values = ((one.file, one.kind, one.original, one.similarity, one.shift, one.family) for one in rows)
        with spoken(self._folder):
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.execute("DELETE FROM relations")
            self._connection.executemany("INSERT INTO relations VALUES (?, ?, ?, ?, ?, ?)", values)
            self._connection.execute("CREATE INDEX IF NOT EXISTS kin ON relations (original) WHERE kind <> ''")
            self._judge(copies)
            self._connection.execute("COMMIT")

    def _judge(self, copies: Sequence[tuple[int, str]]) -> None:
        """Set copies aside, and give files that are none any more the verdict back that reading gave."""
        told = {number: f"set aside: duplicate of {name}" for number, name in copies}
        before = self._connection.execute("SELECT id, verdict FROM files WHERE own_verdict <> ''").fetchall()
        lifted = [(number,) for number, _ in before if number not in told]
        self._connection.executemany("UPDATE files SET verdict = own_verdict, own_verdict = '' WHERE id = ?", lifted)
        known = dict(before)
        fresh = [(verdict, number) for number, verdict in told.items() if known.get(number) != verdict]
        self._connection.executemany(f"UPDATE files SET own_verdict = {_OWN}, verdict = ? WHERE id = ?", fresh)
        asked = f"SELECT folder, name, {', '.join(FILTERED)} FROM files WHERE id = ?"
        for number in [*(number for (number,) in lifted), *(number for _, number in fresh)]:
            folder, name, *texts = self._connection.execute(asked, [number]).fetchone()
            text = filtered(f"{folder}/{name}" if folder else name, texts)
            self._connection.execute("UPDATE words SET text = ? WHERE file = ?", [text, number])

    def _missing_turns(self, member: Member) -> Sketch:
        score = self.score(member)
        if score is None:
            return _NO_TURNS
        turns = sketch(from_first_bar(score))
        with spoken(self._folder):
            self._connection.execute("INSERT OR REPLACE INTO turns VALUES (?, ?)", [member.id, packed_turns(turns)])
        return turns

    def _all(self, asked: str, values: Sequence[Any] = ()) -> list[Any]:
        with spoken(self._folder):
            return self._connection.execute(asked, values).fetchall()


def packed_turns(turns: Sketch) -> bytes:
    """Turns as the index keeps them: 4 bytes each, little-endian."""
    return turns.astype("<u4").tobytes()
