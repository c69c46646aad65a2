"""The verb ``collect``: a public collection, or any archive of music, becomes a folder to prepare."""

import json
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from musicgen_app.core.errors import CollectionError, UsageError
from musicgen_app.core.progress import CancelToken, Report
from musicgen_app.dataset.collections import Collection, collection_named
from musicgen_app.dataset.download import Clock, Download, Fetched, Limits, Wanted, digest_of, kept_of
from musicgen_app.dataset.sources import CREDITS_FILE
from musicgen_app.dataset.unpack import Bounds, Unpacked, unpack
from musicgen_app.dataset.web import check_address

RECEIPT = "collection.json"
"""Says inside the folder where its music comes from."""
_HEX = set("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class CollectConfig:
    """What to fetch, and where to.

    Attributes:
        what: The name of a collection, or the address of an archive.
        out: The folder for its music: a new or an empty one.
        accept_licence: Whether a licence that forbids selling is accepted.
        sha256: The checksum of the archive in hexadecimal; empty where it is not known.
        archive: An archive that is on this machine already; None to fetch it.

    Raises:
        UsageError: The checksum is none.
    """

    what: str
    out: Path
    accept_licence: bool = False
    sha256: str = ""
    archive: Path | None = None

    def __post_init__(self) -> None:
        if self.sha256 and (len(self.sha256) != 64 or not set(self.sha256.lower()) <= _HEX):
            raise UsageError("The checksum is no SHA-256.", "It has 64 digits, 0 to 9 and a to f.")


@dataclass(frozen=True, slots=True)
class CollectStarted:
    """Reported before anything is fetched: what it is, and on what terms."""

    collection: Collection


@dataclass(frozen=True, slots=True)
class Collected:
    """What came of it; JSON values and paths.

    Attributes:
        folder: Where it is.
        name, title, licence, attribution, home: As in ``Collection``; empty where not known.
        address: Where the archive came from; its path, for one that was here already.
        host: The server that sent it in the end; empty for none.
        sha256: The checksum of the archive.
        checked: What vouches for the archive, in a sentence.
        music: Number of files with music.
        size: Bytes on the disk.
        passed_over: What was left in the archive, in sentences.
        fetched: Whether it was fetched now; False where it was there already.
    """

    folder: Path
    name: str
    title: str
    licence: str
    attribution: str
    home: str
    address: str
    host: str
    sha256: str
    checked: str
    music: int
    size: int
    passed_over: tuple[str, ...] = ()
    fetched: bool = True


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand before anything is fetched.

    Attributes:
        there: What an earlier start brought to an end; None for nothing.
        kept: Bytes of a transfer that was stopped or broke off; it goes on behind them.
    """

    there: Collected | None
    kept: int


@dataclass(frozen=True, slots=True)
class Means:
    """With what bounds and clocks to work."""

    limits: Limits = field(default_factory=Limits)
    bounds: Bounds = field(default_factory=Bounds)
    clock: Clock = field(default_factory=Clock)


def collect(config: CollectConfig, report: Report, cancel: CancelToken, means: Means | None = None) -> Collected:
    """Fetch an archive and take the music out of it; until all is there nothing changes at ``config.out``.

    What has come of a transfer that was stopped or broke off stays beside that folder for the next start.

    Raises:
        Cancelled: Stopped on request.
        UsageError: There is no such collection, its licence was not accepted, or something else stands there.
        CollectionError: It cannot be fetched or unpacked, or is not what was expected.
    """
    means = means or Means()
    collection = _collection(config)
    report(CollectStarted(collection))
    _check_consent(collection, config.accept_licence)
    there = _there_already(config, collection)
    if there is not None:
        return there
    try:
        config.out.parent.mkdir(parents=True, exist_ok=True)
        if config.archive is not None:
            fetched = _given(config.archive, collection, report, cancel)
            return _settle(config, collection, fetched, report, cancel, means)
        wanted = Wanted(collection.address, collection.size, collection.sha256)
        download = Download(wanted, _partial(config.out), report, cancel, means.limits, means.clock)
        collected = _settle(config, collection, download.run(), report, cancel, means)
        download.discard()
        return collected
    except OSError as error:
        raise CollectionError(
            f"The folder {config.out.name} could not be written: {error.strerror or 'the disk gave no reason'}.",
            "Check that there is space on that disk and that you may write there, or choose another folder.",
        ) from error


def standing(config: CollectConfig) -> Standing:
    """What is there already of what is to be fetched; speaks to nobody and changes nothing.

    Raises:
        UsageError: It cannot be fetched like this, for one of the reasons ``collect`` knows beforehand.
    """
    collection = _collection(config)
    _check_consent(collection, config.accept_licence)
    if config.archive is not None and not config.archive.is_file():
        raise UsageError(f"There is no file {config.archive}.", "Choose the archive that was downloaded.")
    there = _there_already(config, collection)
    begun = there is None and config.archive is None
    return Standing(there, kept_of(_partial(config.out), collection.address) if begun else 0)


def _partial(out: Path) -> Path:
    """Where a transfer waits for its rest."""
    return out.with_name(f".{out.name}.download")


def _collection(config: CollectConfig) -> Collection:
    """What is known of what was asked for."""
    if "://" in config.what:
        check_address(config.what, bool(config.sha256))
        title = PurePosixPath(urlsplit(config.what).path).name or config.what
        return Collection("", title, address=config.what, sha256=config.sha256.lower())
    found = collection_named(config.what)
    if config.sha256 and found.sha256 and config.sha256.lower() != found.sha256:
        raise UsageError(f"The checksum of {found.title} is {found.sha256}.", "Leave --sha256 away.")
    if config.archive is None and not found.address:
        raise UsageError(
            f"{found.title} cannot be fetched by a program. {found.note}",
            f"Its page: {found.home}. Then name the file with --archive.",
        )
    return replace(found, sha256=found.sha256 or config.sha256.lower())


def _check_consent(collection: Collection, accepted: bool) -> None:
    if collection.asks_for_consent and not accepted:
        raise UsageError(
            f"{collection.title} has the licence {collection.licence}: what is made of it may not be sold, and carries "
            "this licence on.",
            f"Its page is {collection.home}. If you accept that, say so with --accept-licence.",
        )


def _there_already(config: CollectConfig, collection: Collection) -> Collected | None:
    """What an earlier start left in the folder, where it is this very collection.

    Raises:
        UsageError: There is something else.
    """
    out = config.out
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out.name} is a file.", "Choose a folder for the collection.")
    if not out.exists() or not any(out.iterdir()):
        return None
    try:
        kept = json.loads((out / RECEIPT).read_bytes())
        kept["folder"], kept["passed_over"], kept["fetched"] = out, tuple(kept["passed_over"]), False
        there = Collected(**kept)
    except (OSError, ValueError, TypeError, KeyError):
        there = None
    if there is None or there.title != collection.title or (collection.sha256 not in ("", there.sha256)):
        raise UsageError(f"The folder {out.name} holds other files.", "Choose an empty or a new folder.")
    return there


def _given(archive: Path, collection: Collection, report: Report, cancel: CancelToken) -> Fetched:
    """An archive that is here already, as if it had been fetched."""
    digest = digest_of(archive, report, cancel)
    if collection.sha256 and digest != collection.sha256:
        raise CollectionError(
            f"{archive.name} is not the file expected.",
            f"Its checksum is {digest}, expected {collection.sha256}. Fetch it again.",
        )
    return Fetched(archive, archive.stat().st_size, digest, "", True, 0)


def _settle(
    config: CollectConfig, collection: Collection, fetched: Fetched, report: Report, cancel: CancelToken, means: Means
) -> Collected:
    """Unpack an archive, write down where it is from, and put the folder in its place."""
    with _unfinished(config.out) as folder:
        found = unpack(fetched.path, folder, report, cancel, means.bounds)
        if not found.music:
            raise CollectionError(
                f"There is no music in {collection.title}.", "An archive of MIDI or notation files is needed."
            )
        _write_credits(folder, collection, found)
        collected = Collected(
            folder=config.out,
            name=collection.name,
            title=collection.title,
            licence=collection.licence,
            attribution=collection.attribution,
            home=collection.home,
            address=str(config.archive) if config.archive is not None else collection.address,
            host=fetched.host,
            sha256=fetched.sha256,
            checked=_vouched(collection, fetched),
            music=len(found.music),
            size=found.size,
            passed_over=found.passed_over,
        )
        receipt = {key: value for key, value in asdict(collected).items() if key not in ("folder", "fetched")}
        (folder / RECEIPT).write_text(json.dumps(receipt, ensure_ascii=False, indent=1), encoding="utf-8")
        if config.out.exists():
            config.out.rmdir()
        folder.rename(config.out)
    return collected


def _vouched(collection: Collection, fetched: Fetched) -> str:
    if collection.sha256:
        return "Its checksum is the one expected."
    if fetched.measured:
        measured = "it is as long as the server said, and its parts agree with the sums inside it"
    else:
        measured = "the server did not say how long it is; its parts agree with the sums inside it"
    return f"No checksum is known for it: {measured}. Its SHA-256 is {fetched.sha256}."


def _write_credits(folder: Path, collection: Collection, found: Unpacked) -> None:
    """Write beside all music where it is from and on what terms, as ``prepare`` reads it."""
    if not collection.licence and not collection.attribution:
        return
    for parent, files in _by_folder(found.music):
        target = folder.joinpath(*parent.parts, CREDITS_FILE)
        if not target.exists():
            credit = {"licence": collection.licence, "attribution": collection.attribution, "source": collection.home}
            pieces = [{"file": name, **credit} for name in files]
            target.write_text(json.dumps({"pieces": pieces}, ensure_ascii=False, indent=1), encoding="utf-8")


def _by_folder(places: Iterable[PurePosixPath]) -> Iterable[tuple[PurePosixPath, list[str]]]:
    found: dict[PurePosixPath, list[str]] = {}
    for place in places:
        found.setdefault(place.parent, []).append(place.name)
    return found.items()


@contextmanager
def _unfinished(out: Path) -> Iterator[Path]:
    """A new folder beside ``out`` to unpack in; gone at the end unless it was renamed."""
    for stray in out.parent.glob(f".{out.name}.unpacking-*"):
        shutil.rmtree(stray, ignore_errors=True)
    folder = out.with_name(f".{out.name}.unpacking-{secrets.token_hex(4)}-{os.getpid()}")
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
