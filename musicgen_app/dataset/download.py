"""Fetches a file over HTTP into a partial file that a later try, or a later start of the program, goes on with."""

import hashlib
import http.client
import json
import shutil
import time
import urllib.error
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from musicgen_app.core.errors import CollectionError
from musicgen_app.core.files import write_atomically
from musicgen_app.core.progress import CancelToken, Progress, Report
from musicgen_app.dataset.web import Redirected, ask, extent_of, mark_of, trouble_of

DOWNLOADING = "Downloading (kB)"
CHECKING = "Checking (kB)"
_KB = 1000
_BLOCK = 1 << 16
_REPORT_EVERY_SEC = 0.2
_LONGEST_WAIT_SEC = 60.0
_MOST_TRIES = 200
_PASSING = (408, 425, 429, 500, 502, 503, 504)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long to try, and for how much.

    Attributes:
        tries: Tries in a row that bring nothing new before it gives up.
        wait_sec: Before the second try; each further wait is twice as long, up to a minute.
        timeout_sec: How long a silent server is waited for.
        most_bytes: A larger file is not fetched.
    """

    tries: int = 6
    wait_sec: float = 1.0
    timeout_sec: float = 30.0
    most_bytes: int = 16 * 2**30


@dataclass(frozen=True, slots=True)
class Clock:
    """Where time comes from, in seconds."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be fetched.

    Attributes:
        address: Where it is.
        size: Its length in bytes; None where it is not known beforehand.
        sha256: Its checksum in hexadecimal; empty where it is not known.
    """

    address: str
    size: int | None = None
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that has come over whole.

    Attributes:
        path: Where it lies.
        size: Its bytes.
        sha256: Its checksum in hexadecimal.
        host: The server that sent it.
        measured: Whether the server had said how long it is, so that nothing can be missing.
        kept: Bytes that an earlier try had left.
    """

    path: Path
    size: int
    sha256: str
    host: str
    measured: bool
    kept: int


@dataclass(frozen=True, slots=True)
class _Trail:
    """What is known of the partial file: where from, which version of it (by the server's mark), and of what length."""

    address: str
    mark: str
    total: int | None
    host: str


class Download:
    """One file on its way.

    Args:
        wanted: What to fetch.
        partial: Where to; beside it a small file says what it is a part of.
        report: Told ``Progress`` and ``Redirected``.
        cancel: Stops it; what has come stays for the next time.
        limits: How long to try.
        clock: Where time comes from.
    """

    def __init__(
        self,
        wanted: Wanted,
        partial: Path,
        report: Report,
        cancel: CancelToken,
        limits: Limits | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._wanted, self._partial, self._report, self._cancel = wanted, partial, report, cancel
        self._limits, self._clock = limits or Limits(), clock or Clock()
        self._trail_file = _trail_file_of(partial)
        self._told: set[tuple[str, str]] = set()
        self._trail = _recalled(partial, wanted.address)
        self._kept = self._have()

    def run(self) -> Fetched:
        """Fetch the file, and look whether it is the right one.

        Raises:
            Cancelled: Stopped on request.
            CollectionError: It cannot be fetched, or is another file than was expected.
        """
        dry = 0
        for _ in range(_MOST_TRIES):
            self._cancel.check()
            before = self._have()
            trouble, pause = self._attempt()
            if not trouble:
                return self._checked()
            dry = 0 if self._have() > before else dry + 1
            if dry >= self._limits.tries:
                break
            self._wait(max(pause, min(_LONGEST_WAIT_SEC, self._limits.wait_sec * 2 ** max(0, dry - 1))), trouble)
        raise CollectionError(
            f"The download from {self._host()} failed: {trouble}.",
            "What has come so far is kept; fetching it again goes on from there.",
        )

    def discard(self) -> None:
        """Delete the partial file, and what is known of it."""
        self._partial.unlink(missing_ok=True)
        self._trail_file.unlink(missing_ok=True)
        self._trail = None
        self._kept = 0

    def _attempt(self) -> tuple[str, float]:
        """One try: what went wrong (nothing where the file is complete), and how long the server asks us to wait."""
        if self._trail is not None and self._trail.total == self._have():
            return "", 0.0
        try:
            mark = "" if self._trail is None else self._trail.mark
            with ask(self._wanted.address, self._have(), mark, self._redirected, self._limits.timeout_sec) as response:
                return ("" if self._take(response) else "the connection broke off"), 0.0
        except urllib.error.HTTPError as error:
            with error:
                return self._refused(error)
        except http.client.HTTPException as error:
            return f"the server's answer broke off ({type(error).__name__})", 0.0
        except OSError as error:
            return trouble_of(error), 0.0

    def _redirected(self, asked: str, answering: str) -> None:
        if (asked, answering) not in self._told:
            self._told.add((asked, answering))
            self._report(Redirected(asked, answering))

    def _refused(self, error: urllib.error.HTTPError) -> tuple[str, float]:
        if error.code == 416:
            self.discard()
            return "the server has another file now", 0.0
        if error.code in _PASSING:
            asked = error.headers.get("Retry-After", "")
            return f"the server says {error.code} {error.reason}", float(asked) if asked.isdecimal() else 0.0
        raise CollectionError(
            f"{self._host()} does not give the file: {error.code} {error.reason}.",
            "Check the address, or look at the page of the collection for a newer one.",
        )

    def _take(self, response: http.client.HTTPResponse) -> bool:
        """Write what comes; whether the file is complete."""
        begin, total = extent_of(response)
        if response.status == 206:
            if self._trail is None or begin != self._have() or total != self._trail.total:
                self.discard()
                return False
        else:
            self._begin(response, total)
        self._check_room(total)
        self._write(response, total)
        return total is None or self._have() == total

    def _begin(self, response: http.client.HTTPResponse, total: int | None) -> None:
        """Forget what has come before: this is the whole file."""
        if self._wanted.size is not None and total is not None and total != self._wanted.size:
            raise CollectionError(
                f"The server offers {total:,} bytes; expected {self._wanted.size:,}.",
                "It is not the file this program knows. Look at the page of the collection.",
            )
        self.discard()
        host = urlsplit(response.url).hostname or ""
        self._trail = _Trail(self._wanted.address, mark_of(response.headers), total, host)
        write_atomically(self._trail_file, json.dumps(asdict(self._trail)).encode())

    def _check_room(self, total: int | None) -> None:
        if total is not None and total > self._limits.most_bytes:
            raise self._too_large()
        free = shutil.disk_usage(self._partial.parent).free
        if total is not None and total - self._have() > free:
            raise CollectionError(
                f"The file needs {(total - self._have()) / 1e6:,.0f} MB; {free / 1e6:,.0f} MB are free.",
                "Free some space on that disk, or choose another folder.",
            )

    def _write(self, response: http.client.HTTPResponse, total: int | None) -> None:
        done = first = self._have()
        began = shown = self._clock.now()
        try:
            out = self._partial.open("ab")
        except OSError as error:
            raise _disk_trouble(error) from error
        with out:
            while block := response.read1(_BLOCK):
                self._cancel.check()
                done += len(block)
                if done > self._limits.most_bytes:
                    raise self._too_large()
                try:
                    out.write(block)
                except OSError as error:
                    raise _disk_trouble(error) from error
                now = self._clock.now()
                if now - shown >= _REPORT_EVERY_SEC or done == total:
                    shown = now
                    left = (now - began) / (done - first) * (total - done) if total is not None else None
                    self._report(Progress(DOWNLOADING, done // _KB, (total or 0) // _KB, left))

    def _checked(self) -> Fetched:
        """The whole file with its checksum."""
        size = self._have()
        digest = digest_of(self._partial, self._report, self._cancel)
        trail = self._trail
        kept = self._kept
        if self._wanted.sha256 and digest != self._wanted.sha256.lower():
            self.discard()
            raise CollectionError(
                "The file that came is not the one expected.",
                f"Its checksum is {digest}, expected {self._wanted.sha256.lower()}. It was deleted. Try again; if it "
                "stays so, the file behind the address has changed.",
            )
        measured = trail is not None and trail.total is not None
        return Fetched(self._partial, size, digest, "" if trail is None else trail.host, measured, kept)

    def _wait(self, seconds: float, trouble: str) -> None:
        """Wait before the next try, ready to leave."""
        until = self._clock.now() + min(seconds, _LONGEST_WAIT_SEC)
        while (left := until - self._clock.now()) > 0:
            self._cancel.check()
            self._report(Progress(f"Waiting to try again: {trouble}"))
            self._clock.sleep(min(left, 0.2))

    def _have(self) -> int:
        try:
            return self._partial.stat().st_size
        except OSError:
            return 0

    def _host(self) -> str:
        return urlsplit(self._wanted.address).hostname or self._wanted.address

    def _too_large(self) -> CollectionError:
        return CollectionError(
            f"The file is larger than {self._limits.most_bytes / 1e9:,.1f} GB.", "It is not fetched."
        )


def kept_of(partial: Path, address: str) -> int:
    """How many bytes of the file behind an address an earlier try has left, where it can be gone on from them."""
    trail = _recalled(partial, address)
    if trail is None or not trail.mark:
        return 0
    try:
        return partial.stat().st_size
    except OSError:
        return 0


def _trail_file_of(partial: Path) -> Path:
    return partial.with_name(partial.name + ".json")


def _recalled(partial: Path, address: str) -> _Trail | None:
    """What an earlier start knew of a partial file, where it is a part of the file that is wanted now."""
    try:
        trail = _Trail(**json.loads(_trail_file_of(partial).read_bytes()))
    except (OSError, ValueError, TypeError):
        return None
    good = trail.address == address and isinstance(trail.mark, str)
    return trail if good and (trail.total is None or isinstance(trail.total, int)) else None


def digest_of(path: Path, report: Report, cancel: CancelToken) -> str:
    """The SHA-256 of a file, in hexadecimal.

    Raises:
        Cancelled: Stopped on request.
        CollectionError: It cannot be read.
    """
    digest = hashlib.sha256()
    try:
        total, done = path.stat().st_size, 0
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                cancel.check()
                digest.update(block)
                done += len(block)
                report(Progress(CHECKING, done // _KB, total // _KB))
    except OSError as error:
        raise CollectionError(f"{path.name} cannot be read: {trouble_of(error)}.") from error
    return digest.hexdigest()


def _disk_trouble(error: OSError) -> CollectionError:
    return CollectionError(
        f"What came could not be written: {trouble_of(error)}.",
        "Check that there is space on that disk, then try again.",
    )
