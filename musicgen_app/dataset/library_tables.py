"""The tables of a library's index, how older ones are brought up to date, and what SQLite's errors mean to a person."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from musicgen_app.core.errors import DamagedLibraryError, LibraryError

INDEX = "index.sqlite"
WAITING, KNOWN, MISSING = 0, 1, 2
"""States of a file: found but not read yet, read, gone from its folder."""

FACTS = (
    "sha256",
    "verdict",
    "findings",
    "error",
    "title",
    "composer",
    "licence",
    "notes",
    "tracks",
    "seconds",
    "lowest",
    "highest",
    "tempo",
    "metre",
    "key",
    "velocity",
    "velocities",
    "pedal",
    "polyphony",
    "beat",
    "fingerprint",
    "pitch",
    "duration",
    "signs",
    "title_key",
    "composer_key",
)
"""Columns that reading a file fills."""

SORTS = {
    "path": ("folder", "name"),
    "title": ("title_key",),
    "composer": ("composer_key",),
    "verdict": ("verdict",),
    "notes": ("notes",),
    "seconds": ("seconds",),
    "lowest": ("lowest",),
    "highest": ("highest",),
    "tempo": ("tempo",),
    "metre": ("metre",),
    "key": ("key",),
    "velocity": ("velocity",),
    "pedal": ("pedal",),
    "polyphony": ("polyphony",),
    "pitch": ("pitch",),
    "duration": ("duration",),
    "size": ("size",),
}
"""What a table can be sorted by, and the columns that decide; each has an index."""
PLAIN_SORTS = {"tracks": ("tracks",), "licence": ("licence",), "side": ("side",)}
"""More of them, without an index: a table of 100,000 files is sorted by them in a tenth of a second all the same."""

MEASURES = {
    "loudness": "files.velocity * (files.velocities > 1)",
    "pedal_rate": "files.pedal * 60.0 / max(files.seconds, 1.0)",
}
"""What files can be chosen by beside these, worked out from columns: median velocity, 0 where all are alike; events of
the pedal a minute."""

USABLE = "state = 1 AND shard >= 0 AND {verdict} NOT LIKE 'set aside%'"
"""Files whose notes can go into a data set."""

_FIRST = """
CREATE TABLE sources (id INTEGER PRIMARY KEY, folder TEXT NOT NULL UNIQUE);
CREATE TABLE scans (id INTEGER PRIMARY KEY, ended INTEGER NOT NULL DEFAULT 0);
CREATE TABLE files (
    id INTEGER PRIMARY KEY,
    source INTEGER NOT NULL REFERENCES sources,
    folder TEXT NOT NULL,
    name TEXT NOT NULL,
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    state INTEGER NOT NULL DEFAULT 0,
    scan INTEGER NOT NULL,
    sha256 BLOB NOT NULL DEFAULT x'',
    verdict TEXT NOT NULL DEFAULT '',
    findings TEXT NOT NULL DEFAULT '[]',
    error TEXT NOT NULL DEFAULT '',
    title TEXT NOT NULL DEFAULT '',
    composer TEXT NOT NULL DEFAULT '',
    licence TEXT NOT NULL DEFAULT '',
    notes INTEGER NOT NULL DEFAULT 0,
    tracks INTEGER NOT NULL DEFAULT 0,
    seconds REAL NOT NULL DEFAULT 0,
    lowest INTEGER NOT NULL DEFAULT -1,
    highest INTEGER NOT NULL DEFAULT -1,
    tempo REAL NOT NULL DEFAULT 0,
    metre TEXT NOT NULL DEFAULT '',
    key TEXT NOT NULL DEFAULT '',
    velocity INTEGER NOT NULL DEFAULT 0,
    velocities INTEGER NOT NULL DEFAULT 0,
    pedal INTEGER NOT NULL DEFAULT 0,
    polyphony INTEGER NOT NULL DEFAULT 0,
    beat INTEGER NOT NULL DEFAULT 0,
    fingerprint BLOB NOT NULL DEFAULT x'',
    shard INTEGER NOT NULL DEFAULT -1,
    start INTEGER NOT NULL DEFAULT 0,
    length INTEGER NOT NULL DEFAULT 0,
    UNIQUE (source, folder, name)
);
CREATE INDEX waiting ON files (id) WHERE state = 0;
CREATE TABLE words (file INTEGER PRIMARY KEY, text TEXT NOT NULL);
CREATE TABLE counts (file INTEGER PRIMARY KEY, packed BLOB NOT NULL);
"""
_SECOND = """
ALTER TABLE files ADD COLUMN pitch INTEGER NOT NULL DEFAULT -1;
ALTER TABLE files ADD COLUMN duration REAL NOT NULL DEFAULT 0;
ALTER TABLE files ADD COLUMN signs TEXT NOT NULL DEFAULT '';
ALTER TABLE files ADD COLUMN title_key TEXT NOT NULL DEFAULT '';
ALTER TABLE files ADD COLUMN composer_key TEXT NOT NULL DEFAULT '';
ALTER TABLE files ADD COLUMN own_verdict TEXT NOT NULL DEFAULT '';
CREATE TABLE turns (file INTEGER PRIMARY KEY, packed BLOB NOT NULL);
CREATE TABLE relations (file INTEGER PRIMARY KEY, kind TEXT NOT NULL, original INTEGER NOT NULL,
    similarity REAL NOT NULL, shift INTEGER NOT NULL, family INTEGER NOT NULL);
ALTER TABLE sources ADD COLUMN names TEXT NOT NULL DEFAULT '[]';
CREATE TABLE uses (file INTEGER PRIMARY KEY, side TEXT NOT NULL);
UPDATE files SET state = 0, sha256 = x'' WHERE state = 1;
"""
"""What was read before lacks the new columns, so it is read again."""
_MIGRATIONS = (_FIRST, _SECOND)
"""What brings an index from one version to the next, beginning with none at all."""

_CACHE_KIB = 65_536


def connect(library: Path) -> sqlite3.Connection:
    """Open the index in a folder, make it where there is none, bring it up to date where it is old.

    Raises:
        DamagedLibraryError: It is no index any more.
        LibraryError: It cannot be opened, or a newer version of the program made it.
    """
    with spoken(library):
        connection = sqlite3.connect(library / INDEX, timeout=10.0, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
            _migrate(connection, library)
        except BaseException:
            connection.close()
            raise
    return connection


def _migrate(connection: sqlite3.Connection, library: Path) -> None:
    if connection.execute("PRAGMA user_version").fetchone()[0] == len(_MIGRATIONS):
        return
    # Asked again inside the transaction: another process may be doing the same.
    connection.execute("BEGIN IMMEDIATE")
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > len(_MIGRATIONS):
        raise LibraryError(
            f"The library {library.name} was made by a newer version of this program.",
            "Use that version, or scan anew.",
        )
    for number, script in enumerate(_MIGRATIONS[version:], version + 1):
        for statement in script.split(";\n"):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {number}")
    connection.execute("COMMIT")


def lay_indices(connection: sqlite3.Connection) -> None:
    """Make the indices that sorting and the search for copies need, where they are missing."""
    for name, columns in {**SORTS, "fingerprint": ("fingerprint",), "sha256": ("sha256",)}.items():
        connection.execute(f"CREATE INDEX IF NOT EXISTS by_{name} ON files ({', '.join(columns)}) WHERE state < 2")
    connection.execute("PRAGMA optimize")


def drop_indices(connection: sqlite3.Connection) -> None:
    """Take these indices away: rows in no order go into many big ones slowly, and all at once quickly."""
    for name in (*SORTS, "fingerprint", "sha256"):
        connection.execute(f"DROP INDEX IF EXISTS by_{name}")


@contextlib.contextmanager
def spoken(library: Path) -> Iterator[None]:
    """Put SQLite's errors into words.

    Raises:
        DamagedLibraryError: The index is damaged.
        LibraryError: It cannot be opened, read or written.
    """
    try:
        yield
    except sqlite3.OperationalError as error:
        if "no such" in str(error):
            raise _damaged(library) from error
        raise LibraryError(
            f"The index of the library {library.name} cannot be used: {error}.",
            "Check that its folder is there, that you may write in it, and that the disk has room.",
        ) from error
    except sqlite3.DatabaseError as error:
        raise _damaged(library) from error


def _damaged(library: Path) -> DamagedLibraryError:
    return DamagedLibraryError(
        f"The index of the library {library.name} is damaged.", "Scan its folders again: that makes it anew."
    )
