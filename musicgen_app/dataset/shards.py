"""Files of bounded size that hold the records of many files, one behind the other: appended to, mapped into memory.

A record is on the disk before the index names it. So whatever ends a scan, a shard holds at most some bytes at its end
that nobody names; who appends next cuts them off.
"""

import mmap
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from musicgen_app.core.errors import LibraryError
from musicgen_app.core.files import make_folder

FOLDER = "notes"
SHARD_BYTES = 512 * 1024 * 1024
"""A shard that has grown beyond this is not appended to any more."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record lies: the number of its shard, its first byte there, and its bytes."""

    shard: int
    start: int
    length: int


def shard_path(library: Path, number: int) -> Path:
    """The file of a shard."""
    return library / FOLDER / f"{number:05d}.shard"


class ShardWriter:
    """Appends to one shard. One process at a time may have it open."""

    def __init__(self, library: Path, number: int, end: int) -> None:
        """Open a shard and cut off what lies behind ``end``, the last byte that the index knows of.

        Raises:
            LibraryError: It cannot be opened.
            FileWriteError: Its folder cannot be made.
        """
        path = shard_path(library, number)
        make_folder(path.parent)
        self.number = number
        try:
            self._file: BinaryIO = path.open("r+b" if path.exists() else "x+b")
            self._file.truncate(end)
            self._file.seek(end)
        except OSError as error:
            raise _unwritten(path, error) from error
        self.end = end

    def append(self, record: bytes) -> Place:
        """Write a record behind the last one.

        Raises:
            LibraryError: The disk is full or gone.
        """
        try:
            self._file.write(record)
        except OSError as error:
            raise _unwritten(Path(self._file.name), error) from error
        place = Place(self.number, self.end, len(record))
        self.end += len(record)
        return place

    def flush(self) -> None:
        """See to it that all records are on the disk.

        Raises:
            LibraryError: The disk is full or gone.
        """
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise _unwritten(Path(self._file.name), error) from error

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def cut_shards(library: Path, ends: Mapping[int, int]) -> frozenset[int]:
    """Cut off what the index does not know of, and return the shards that are shorter than it believes.

    Args:
        library: Its folder.
        ends: The last byte of each shard that the index knows of.

    Raises:
        LibraryError: A shard cannot be changed.
    """
    short = set()
    for path in (library / FOLDER).glob("*.shard"):
        end = ends.get(int(path.stem), 0) if path.stem.isdecimal() else 0
        try:
            if end == 0:
                path.unlink()
            elif path.stat().st_size > end:
                os.truncate(path, end)
        except OSError as error:
            raise _unwritten(path, error) from error
    for number, end in ends.items():
        path = shard_path(library, number)
        if not path.is_file() or path.stat().st_size < end:
            short.add(number)
    return frozenset(short)


class Shards:
    """Reads records; each shard is mapped when its first one is wanted."""

    def __init__(self, library: Path) -> None:
        self._library = library
        self._maps: dict[int, mmap.mmap] = {}

    def record(self, place: Place) -> memoryview:
        """The bytes of a record; a view of the file, not a copy.

        Raises:
            LibraryError: The shard is not there, or is too short.
        """
        mapped = self._maps.get(place.shard)
        if mapped is None or len(mapped) < place.start + place.length:
            mapped = self._maps[place.shard] = self._mapped(shard_path(self._library, place.shard))
        record = memoryview(mapped)[place.start : place.start + place.length]
        if len(record) < place.length:
            raise LibraryError(f"{place.shard:05d}.shard of the library is too short.", "Scan the folder again.")
        return record

    @staticmethod
    def _mapped(path: Path) -> mmap.mmap:
        try:
            with path.open("rb") as file:
                return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            raise LibraryError(f"{path.name} of the library cannot be read.", "Scan the folder again.") from error


def _unwritten(path: Path, error: OSError) -> LibraryError:
    reason = error.strerror or "the disk gave no reason"
    return LibraryError(f"{path.name} of the library cannot be written: {reason}.", "Free some space on that disk.")
