"""Takes music out of zip and tar archives from anywhere: nothing lands outside the folder, and nothing without bounds.

An archive that names a place outside itself is refused as a whole: no honest one does. Links and devices are passed
over, and so are files that are neither music nor words about it, so no program ever reaches the disk this way.
"""

import lzma
import re
import stat
import tarfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from musicgen_app.core.errors import CollectionError
from musicgen_app.core.progress import CancelToken, Progress, Report
from musicgen_app.dataset.sources import MUSIC_SUFFIXES

UNPACKING = "Unpacking (kB)"
_WORDS = (".txt", ".md", ".csv", ".tsv", ".json", ".pdf")
"""Endings of files that tell of the music: licences, tables of titles."""
_WORD_NAMES = ("license", "licence", "copying", "readme")
_LONGEST_NAME = 120
_FORBIDDEN = re.compile(r'[<>:"|?*\x00-\x1f\x7f]')
_DRIVE = re.compile(r"[A-Za-z]:")
_BLOCK = 1 << 16
_LONGEST_END = 64 * 2**20
_KB = 1000
_NEW_COPY = "Fetch it again, or look for another copy of it."


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much an archive may hold.

    Attributes:
        members: Files and folders in it.
        file_bytes: A larger file is passed over.
        all_bytes: All that is taken out of it.
        ratio: Times its own size that it may unpack to; counts above ``ratio_from`` bytes only.
        ratio_from: See there.
    """

    members: int = 400_000
    file_bytes: int = 64 * 2**20
    all_bytes: int = 16 * 2**30
    ratio: int = 100
    ratio_from: int = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What came out of an archive.

    Attributes:
        music: Files with music, as paths inside the folder, in the order of the archive.
        others: Number of files that tell of the music.
        size: Bytes on the disk.
        passed_over: What was left in the archive and why, in sentences.
    """

    music: tuple[PurePosixPath, ...]
    others: int
    size: int
    passed_over: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Member:
    """One entry: its name, whether it is a plain file, its stated size, and how to read it."""

    name: str
    plain: bool
    size: int
    open: Callable[[], IO[bytes] | None]


def unpack(
    archive: Path,
    folder: Path,
    report: Report,
    cancel: CancelToken,
    bounds: Bounds | None = None,
) -> Unpacked:
    """Take the music, and the words about it, out of an archive into a folder that is there and empty.

    Raises:
        Cancelled: Stopped on request.
        CollectionError: It is no archive, damaged, unsafe, or too large.
        OSError: What came out could not be written.
    """
    work = _Unpacking(archive, folder, report, cancel, bounds or Bounds())
    try:
        for member in _members(archive):
            cancel.check()
            work.take(member)
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError) as error:
        raise CollectionError(f"The archive {archive.name} is damaged: {error}.", _NEW_COPY) from error
    except (NotImplementedError, RuntimeError) as error:
        raise CollectionError(
            f"The archive {archive.name} cannot be unpacked: {error}.",
            "It is encrypted or packed in an unusual way; unpack it with another program.",
        ) from error
    except OSError as error:
        # What the unpackers say of damage has no number; what the disk says has one.
        if error.errno is None:
            raise CollectionError(f"The archive {archive.name} is damaged: {error}.", _NEW_COPY) from error
        raise
    return work.result()


class _Unpacking:
    """An archive being unpacked, with what was counted so far."""

    def __init__(self, archive: Path, folder: Path, report: Report, cancel: CancelToken, bounds: Bounds) -> None:
        self._archive, self._folder, self._report, self._cancel = archive, folder, report, cancel
        self._bounds = bounds
        self._most = bounds.all_bytes
        packed = archive.stat().st_size
        if packed * bounds.ratio < self._most:
            self._most = max(bounds.ratio_from, packed * bounds.ratio)
        self._seen: set[str] = set()
        self._music: list[PurePosixPath] = []
        self._others = self._members = self._size = 0
        self._left: Counter[str] = Counter()

    def take(self, member: _Member) -> None:
        """Write one entry, or count why not."""
        self._members += 1
        if self._members > self._bounds.members:
            raise self._too_much(f"more than {self._bounds.members:,} files")
        place = _place(member.name, self._archive.name)
        reason = self._reason_against(member, place)
        if reason:
            self._left[reason] += 1
            return
        source = member.open()
        if source is None:
            self._left["could not be read"] += 1
            return
        with source:
            self._copy(source, place)
        self._seen.add(str(place).casefold())
        if is_music(place):
            self._music.append(place)
        else:
            self._others += 1
        self._report(Progress(UNPACKING, self._size // _KB, 0, None, place.name))

    def result(self) -> Unpacked:
        """What came out."""
        left = tuple(
            f"1 file was left in the archive: it {reason[0]}."
            if count == 1
            else f"{count:,} files were left in the archive: they {reason[1]}."
            for reason, count in ((_REASONS[key], count) for key, count in self._left.items() if key)
        )
        return Unpacked(tuple(self._music), self._others, self._size, left)

    def _reason_against(self, member: _Member, place: PurePosixPath) -> str:
        if not member.plain:
            return "link"
        if not is_music(place) and not _is_words(place):
            return "other"
        if member.size > self._bounds.file_bytes:
            return "large"
        return "twice" if str(place).casefold() in self._seen else ""

    def _copy(self, source: IO[bytes], place: PurePosixPath) -> None:
        target = self._folder.joinpath(*place.parts)
        target.parent.mkdir(parents=True, exist_ok=True)
        own = 0
        # "x": a name that means the same file on this disk is never written to twice.
        with target.open("xb") as out:
            while block := source.read(_BLOCK):
                self._cancel.check()
                own += len(block)
                self._size += len(block)
                # What an archive states of itself may be a lie; this is what counts.
                if own > self._bounds.file_bytes or self._size > self._most:
                    raise self._too_much(f"unpacks to more than {self._most / 1e6:,.0f} MB")
                out.write(block)

    def _too_much(self, what: str) -> CollectionError:
        return CollectionError(
            f"The archive {self._archive.name} holds too much: {what}.",
            "It was made to fill disks, or is no collection of music. Nothing of it was kept.",
        )


_REASONS = {
    "link": ("is a link or a device", "are links or devices"),
    "other": ("is neither music nor a text about it", "are neither music nor texts about it"),
    "large": ("is too large for a piece of music", "are too large for pieces of music"),
    "twice": ("has the name of another one", "have the names of others"),
    "could not be read": ("could not be read", "could not be read"),
}


def is_music(place: PurePosixPath) -> bool:
    """Whether a file in an archive is music, by its name."""
    return place.name.lower().endswith(MUSIC_SUFFIXES) and not place.name.startswith(".")


def _is_words(place: PurePosixPath) -> bool:
    name = place.name.lower()
    return name.endswith(_WORDS) or name.startswith(_WORD_NAMES)


def _place(name: str, archive: str) -> PurePosixPath:
    """Where an entry goes inside the folder.

    Raises:
        CollectionError: Its name leads out of the folder.
    """
    parts = name.replace("\\", "/").split("/")
    if name.startswith(("/", "\\")) or _DRIVE.match(name) or ".." in parts or "\0" in name:
        raise CollectionError(
            f"The archive {archive} is unsafe: it wants to write to {name[:80]!r}, outside its folder.",
            "Nothing of it was kept. Do not use this archive.",
        )
    kept = [_harmless(part) for part in parts if part not in ("", ".")]
    return PurePosixPath(*kept) if kept else PurePosixPath("_")


def _harmless(part: str) -> str:
    """A name that every system takes for a plain file's."""
    cleaned = _FORBIDDEN.sub("_", part).rstrip(". ") or "_"
    stem, dot, suffix = cleaned.rpartition(".")
    if len(cleaned) > _LONGEST_NAME:
        cleaned = f"{stem[: _LONGEST_NAME - len(suffix) - 1]}{dot}{suffix}"[:_LONGEST_NAME]
    reserved = cleaned.split(".")[0].upper() in ("CON", "PRN", "AUX", "NUL") or re.fullmatch(
        r"(COM|LPT)\d(\..*)?", cleaned.upper()
    )
    return f"_{cleaned}" if reserved else cleaned


def _members(archive: Path) -> Iterator[_Member]:
    """The entries of a zip or tar archive.

    Raises:
        CollectionError: It is neither.
    """
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as opened:
            for info in opened.infolist():
                if not info.is_dir():
                    kind = stat.S_IFMT(info.external_attr >> 16)
                    yield _Member(info.filename, kind in (0, stat.S_IFREG), info.file_size, _opener(opened, info))
        return
    try:
        tar = tarfile.open(archive, "r:*")  # noqa: SIM115 (closed below)
    except tarfile.ReadError as error:
        raise CollectionError(
            f"{archive.name} is no archive this program can unpack.", "It unpacks zip, tar, tar.gz, tar.bz2 and tar.xz."
        ) from error
    with tar:
        for entry in tar:
            if not entry.isdir():
                yield _Member(entry.name, entry.isreg(), entry.size, _tar_opener(tar, entry))
        # The sum of a compressed archive stands at its very end, behind what the library reads.
        for _ in range(_LONGEST_END // _BLOCK):
            if tar.fileobj is None or not tar.fileobj.read(_BLOCK):
                break


def _opener(opened: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[], IO[bytes]]:
    return lambda: opened.open(info)


def _tar_opener(tar: tarfile.TarFile, entry: tarfile.TarInfo) -> Callable[[], IO[bytes] | None]:
    return lambda: tar.extractfile(entry)
