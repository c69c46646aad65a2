"""The verb ``library scan``: folders of MIDI files are read into a library, by several processes.

A scan may be killed at any moment: what has been read is in the index, the rest waits there. The next scan goes on.
"""

import contextlib
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from musicgen_app.core.errors import DamagedLibraryError, LibraryError, UsageError
from musicgen_app.core.files import make_folder
from musicgen_app.core.progress import CancelToken, Progress, Report
from musicgen_app.dataset.library import Library
from musicgen_app.dataset.library_sources import hold_exactly, wanted_of
from musicgen_app.dataset.library_tables import INDEX
from musicgen_app.dataset.library_writer import LibraryWriter
from musicgen_app.dataset.parts import PIANO, Parts
from musicgen_app.dataset.shards import FOLDER, SHARD_BYTES, cut_shards
from musicgen_app.dataset.stored_text import decoded
from musicgen_app.ml.runfolder import lock_file
from musicgen_app.notation.reader import NEEDS_EXTRA, can_read_notation
from musicgen_app.workflow.relate import relate
from musicgen_app.workflow.scan_pool import Batch, Errand, Pool
from musicgen_app.workflow.scan_walk import Differences, Walk

LOOKING, READING, INDEXING = "Looking for MIDI files", "Reading files", "Putting the index in order"
_LOCK = ".scan.lock"
_BATCH = 32
_COMMIT_FILES = 512
_COMMIT_SEC = 1.0


@dataclass(frozen=True, slots=True)
class ScanRequest:
    """What to read, and into which library.

    Attributes:
        library: Its folder; made where there is none.
        sources: Folders to look through, and files; none means those that are in the library.
        processes: How many read at a time; 0 means one for each processor.
        shard_bytes: A file of notes that has grown to this is left alone.
        exact: Whether the library is to hold the sources alone: what it knows of others is forgotten, and files of a
            source that is not there count as missing.
        programs: Which tracks are music, as ``Parts.text``; empty means those the library was made with. All files are
            read again where that changes.
    """

    library: Path
    sources: tuple[Path, ...] = ()
    processes: int = 0
    shard_bytes: int = SHARD_BYTES
    exact: bool = False
    programs: str = ""

    def __post_init__(self) -> None:
        """See that it can be done.

        Raises:
            UsageError: A source is not there, or there are none; or there is no such choice of programs.
        """
        Parts.of(self.programs or PIANO.text)
        for place in () if self.exact else self.sources:
            if not place.exists():
                raise UsageError(f"{place} is not there.", "Name a folder of MIDI files, or a file.")
        if not self.exact and not self.sources and not (self.library / INDEX).is_file():
            raise UsageError("There is nothing to scan.", "Name a folder of MIDI files.")


@dataclass(frozen=True, slots=True)
class Committed:
    """More files are in the index now, for whoever shows it.

    Attributes:
        read: Files that were read so far.
        total: Files that were to be read.
    """

    read: int
    total: int


@dataclass(frozen=True, slots=True)
class ScanReport:
    """What came of it.

    Attributes:
        library: Its folder.
        files: Files in the folders that were looked through.
        new, changed, unchanged, back: How many of them are new, look otherwise, look as before, or had been missing.
        missing: Files that were there at the last scan.
        moved: Missing ones whose bytes were found under another name; they are forgotten.
        read: Files that were read.
        seconds: How long it took.
        totals: Of the whole library, as ``Library.totals``.
        remarks: Sentences a person should read.
    """

    library: Path
    files: int
    new: int
    changed: int
    unchanged: int
    back: int
    missing: int
    moved: int
    read: int
    seconds: float
    totals: Mapping[str, Any]
    remarks: tuple[str, ...] = ()


def scan(
    request: ScanRequest, report: Report, cancel: CancelToken, now: Callable[[], float] = time.monotonic
) -> ScanReport:
    """Bring a library up to date with its folders.

    An index that is damaged is made anew, and its notes with it.

    Raises:
        Cancelled: Stopped on request; what was read until then stays.
        UsageError: A folder lies inside another one of the library.
        LibraryError: The library cannot be written, or another process scans into it.
    """
    make_folder(request.library)
    with alone(request.library):
        try:
            return _Scan(request, report, cancel, now).run()
        except DamagedLibraryError:
            if not request.sources:
                raise
            _clear(request.library)
        return _Scan(request, report, cancel, now).run(
            "The index was damaged and has been made anew; folders that were not named now are not in it any more."
        )


@contextlib.contextmanager
def alone(library: Path) -> Iterator[None]:
    """Be the only one who writes into a library; the lock is lifted even when its holder is killed.

    Raises:
        LibraryError: Another process holds it.
    """
    with (library / _LOCK).open("a+b") as file:
        if not lock_file(file):
            raise LibraryError(f"Another scan into {library.name} goes on.", "Wait until it has ended.")
        yield


def _clear(library: Path) -> None:
    for path in (*library.glob(f"{INDEX}*"), *(library / FOLDER).glob("*.shard")):
        path.unlink(missing_ok=True)


class _Scan:
    """One run of the verb."""

    def __init__(self, request: ScanRequest, report: Report, cancel: CancelToken, now: Callable[[], float]) -> None:
        self._request = request
        self._report = report
        self._cancel = cancel
        self._now = now

    def run(self, remark: str = "") -> ScanReport:
        """Look through the folders, then read what waits."""
        began = self._now()
        writer = LibraryWriter(self._request.library)
        try:
            chosen = self._request.programs
            writer.choose(Parts.of(chosen).text if chosen else "")
            walk, lost = self._walk(writer)
            read = self._read_waiting(writer)
            self._report(Progress(INDEXING))
            moved = writer.finish()
        finally:
            writer.close()
        relate(self._request.library, self._report, self._cancel, self._now)
        remarks = [remark, lost, *walk.remarks]
        with Library(self._request.library) as library:
            return ScanReport(
                library=self._request.library,
                **asdict(_without(walk.found, moved)),
                moved=moved,
                read=read,
                seconds=self._now() - began,
                totals=library.totals(),
                remarks=tuple(filter(None, remarks)),
            )

    def _walk(self, writer: LibraryWriter) -> tuple[Walk, str]:
        """Compare all folders; a sentence where notes had been lost."""
        wanted = wanted_of(self._request.sources)
        if self._request.exact:
            hold_exactly(writer, wanted)
            writer.commit()
        else:
            for place, names in wanted.items():
                writer.source(place, names)
        if can_read_notation():
            writer.try_again(NEEDS_EXTRA)
        short = cut_shards(writer.folder, writer.ends())
        lost = writer.forget_notes(short)
        walk = Walk(writer, self._cancel)
        for place, number in writer.sources().items():
            if wanted and place not in wanted:
                continue
            if not place.is_dir() and self._request.exact:
                walk.gone(number, place)
                continue
            if not place.is_dir():
                walk.remarks.append(f"{place} is not there; what is known of its files stays as it was.")
                continue
            for found in walk.source(number, place, writer.names(number)):
                self._report(Progress(LOOKING, found))
        self._report(Committed(0, writer.waiting()))
        walk.tell_others()
        return walk, f"The notes of {lost:,} files were lost from the library and are read again." if lost else ""

    def _read_waiting(self, writer: LibraryWriter) -> int:
        total = writer.waiting()
        writer.make_room()
        processes = self._request.processes or os.cpu_count() or 1
        pool = Pool(writer.folder, processes, writer.ends(), self._request.shard_bytes, writer.programs)
        began = committed = self._now()
        read = fresh = 0
        try:
            for found in pool.read(_batches(writer), self._cancel):
                writer.keep(found)
                read += len(found)
                fresh += len(found)
                if fresh >= _COMMIT_FILES or self._now() - committed >= _COMMIT_SEC:
                    writer.commit()
                    committed, fresh = self._now(), 0
                    left = (committed - began) / read * (total - read)
                    self._report(Committed(read, total))
                    self._report(Progress(READING, read, total, left, found[-1].path))
        finally:
            writer.commit()
        return read


def _without(found: Differences, moved: int) -> Differences:
    """What was found, with files that only moved not counted as missing."""
    found.missing = max(0, found.missing - moved)
    return found


def _batches(writer: LibraryWriter) -> Iterator[Batch]:
    """Files that wait, a few at a time; the index is asked only when they are wanted."""
    places = {number: place for place, number in writer.sources().items()}
    after = 0
    while waiting := writer.next_waiting(after, _BATCH):
        after = waiting[-1][0]
        yield tuple(
            _errand(places[source], number, folder, name, known) for number, source, folder, name, known in waiting
        )


def _errand(place: Path, number: int, folder: str, name: str, known: str) -> Errand:
    path = f"{folder}/{name}" if folder else name
    return Errand(number, path, place / decoded(path), known)
