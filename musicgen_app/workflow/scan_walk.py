"""Compares folders with the index of a library: which files are new, changed, gone or back again."""

import contextlib
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from musicgen_app.core.progress import CancelToken
from musicgen_app.dataset.library_tables import KNOWN, MISSING, WAITING
from musicgen_app.dataset.library_writer import LibraryWriter, Stamp
from musicgen_app.dataset.sources import CREDITS_FILE, MUSIC_SUFFIXES
from musicgen_app.dataset.stored_text import clean, decoded

_KINDS_TOLD = 4


@dataclass(slots=True)
class Differences:
    """How many files are there, and how many of them are new, changed, unchanged, or back; and how many are missing."""

    files: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    back: int = 0
    missing: int = 0


class Walk:
    """One comparison. What is found is written folder by folder."""

    def __init__(self, writer: LibraryWriter, cancel: CancelToken) -> None:
        self._writer = writer
        self._cancel = cancel
        self.found = Differences()
        self.remarks: list[str] = []
        self._others: Counter[str] = Counter()

    def source(self, number: int, place: Path, names: frozenset[str] = frozenset()) -> Iterator[int]:
        """Compare a folder and all below it; the number of files so far is handed out after each folder.

        Args:
            number: That of the source.
            place: The folder.
            names: The files in it that are wanted; none for all in it and below.

        Raises:
            Cancelled: Stopped on request.
        """
        gone = set(self._writer.folders(number))
        for folder, files in [("", named_in(place, names))] if names else folders_below(place, self._others):
            self._cancel.check()
            gone.discard(folder)
            if files is None:
                self.remarks.append(f"The folder {folder or place.name} cannot be opened; its files stay as they were.")
                gone = {other for other in gone if folder and not other.startswith(f"{folder}/")}
                continue
            self._compare(number, folder, files)
            self._writer.commit()
            yield self.found.files
        for folder in gone:
            self.found.missing += self._writer.mark_folder_missing(number, folder)
        self._writer.commit()

    def gone(self, number: int, place: Path) -> None:
        """Mark all files of a source that is not there as missing."""
        for folder in self._writer.folders(number):
            self.found.missing += self._writer.mark_folder_missing(number, folder)
        self.remarks.append(f"{place} is not there; its files count as missing until it is back.")
        self._writer.commit()

    def tell_others(self) -> None:
        """Remark how many files that are no music were passed over, and of which kinds."""
        if self._others:
            kinds = ", ".join(f"{count:,} {kind}" for kind, count in self._others.most_common(_KINDS_TOLD))
            rest = sum(self._others.values()) - sum(count for _, count in self._others.most_common(_KINDS_TOLD))
            count = sum(self._others.values())
            told = f"{count:,} other files were" if count > 1 else "1 other file was"
            self.remarks.append(f"{told} passed over: {kinds}{f', {rest:,} of other kinds' if rest else ''}.")

    def _compare(self, source: int, folder: str, files: list[Stamp]) -> None:
        known = dict(self._writer.seen(source, folder))
        new: list[Stamp] = []
        changed: list[tuple[int, Stamp]] = []
        back: dict[int, list[int]] = {KNOWN: [], WAITING: []}
        for stamp in files:
            seen = known.pop(stamp.name, None)
            if seen is None:
                new.append(stamp)
            elif (seen.size, seen.mtime_ns) != (stamp.size, stamp.mtime_ns):
                changed.append((seen.id, stamp))
            elif seen.state == MISSING:
                back[KNOWN if seen.read else WAITING].append(seen.id)
        missing = [seen.id for seen in known.values() if seen.state != MISSING]
        self._writer.add(source, folder, new)
        self._writer.mark_changed(changed)
        self._writer.mark(MISSING, missing)
        for state, numbers in back.items():
            self._writer.mark(state, numbers)
        returned = sum(map(len, back.values()))
        self.found.files += len(files)
        self.found.new += len(new)
        self.found.changed += len(changed)
        self.found.back += returned
        self.found.missing += len(missing)
        self.found.unchanged += len(files) - len(new) - len(changed) - returned


def named_in(place: Path, names: frozenset[str]) -> list[Stamp]:
    """Those files of a folder that have these names and are there."""
    found = []
    for name in sorted(names):
        with contextlib.suppress(OSError):
            seen = (place / decoded(name)).stat()
            found.append(Stamp(name, seen.st_size, seen.st_mtime_ns))
    return found


def folders_below(place: Path, others: Counter[str]) -> Iterator[tuple[str, list[Stamp] | None]]:
    """A folder and all below it, each by its path inside, with its files of music; None where it cannot be opened.

    Hidden folders and files are passed over, and links to folders are not followed, as in ``find_sources``.

    Args:
        place: The folder.
        others: Counts, by their endings, the files that are no music.
    """
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(place / decoded(folder)) as entries:
                listed = sorted(
                    (entry for entry in entries if not entry.name.startswith(".")), key=lambda one: one.name
                )
        except OSError:
            yield folder, None
            continue
        files = [stamp for entry in listed if entry.name.lower().endswith(MUSIC_SUFFIXES) and (stamp := _stamp(entry))]
        below = [clean(entry.name) for entry in listed if entry.is_dir(follow_symlinks=False)]
        others.update(_kind(entry.name) for entry in listed if _is_other(entry))
        waiting += [f"{folder}/{name}" if folder else name for name in reversed(below)]
        yield folder, files


def _is_other(entry: "os.DirEntry[str]") -> bool:
    music = entry.name.lower().endswith(MUSIC_SUFFIXES) or entry.name == CREDITS_FILE
    return not music and entry.is_file()


def _kind(name: str) -> str:
    return clean(Path(name).suffix.lower()) or "without an ending"


def _stamp(entry: "os.DirEntry[str]") -> Stamp | None:
    """What a folder says of a file; None for what is none."""
    try:
        if entry.is_dir():
            return None
        seen = entry.stat()
    except OSError:
        # A link into nowhere: reading it will say so.
        return Stamp(clean(entry.name), 0, 0)
    return Stamp(clean(entry.name), seen.st_size, seen.st_mtime_ns)
