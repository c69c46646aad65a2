"""Speaks to web servers: which addresses are safe, where they send us, which part of a file an answer holds."""

import email.message
import http.client
import re
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO
from urllib.parse import urlsplit

import musicgen_app
from musicgen_app.core.errors import CollectionError, UsageError

_OUR_MACHINE = ("localhost", "127.0.0.1", "::1")
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+)$")


@dataclass(frozen=True, slots=True)
class Redirected:
    """Reported when a server sends us to another one."""

    asked: str
    answering: str


def check_address(address: str, checked: bool) -> None:
    """See that an address can be fetched, and that what comes from there can be trusted to be from there.

    Args:
        address: As it was given.
        checked: Whether a checksum will tell if the file was changed on the way.

    Raises:
        UsageError: It is no web address, or an unsafe one.
    """
    parts = urlsplit(address)
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise UsageError(f"{address} is no web address.", "An address begins with https://.")
    if parts.username or parts.password:
        raise UsageError("The address holds a name or a password.", "Give it without them.")
    if parts.scheme == "http" and not checked and parts.hostname not in _OUR_MACHINE:
        raise UsageError(
            f"What comes from {parts.hostname} could be changed on the way, as the address is not https.",
            "Use an https address, or give the checksum (SHA-256) of the file.",
        )


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows a server to another https address, and tells when it is another server."""

    max_redirections = 5

    def __init__(self, tell: Callable[[str, str], None]) -> None:
        self._tell = tell

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        before, after = urlsplit(req.full_url), urlsplit(newurl)
        at_home = before.hostname in _OUR_MACHINE and after.hostname in _OUR_MACHINE
        if after.scheme != "https" and not (at_home and after.scheme == "http" == before.scheme):
            raise CollectionError(
                f"{before.hostname} sends us on to {after.hostname}, which is no https address.",
                "Nothing was fetched. Look at the page of the collection for a newer address.",
            )
        if after.hostname != before.hostname:
            self._tell(before.hostname or "", after.hostname or "")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def ask(
    address: str, have: int, mark: str, tell: Callable[[str, str], None], timeout_sec: float
) -> http.client.HTTPResponse:
    """Ask a server for a file, or for the rest of it.

    Args:
        address: Where it is.
        have: Bytes that are here already.
        mark: The server's mark of the version they are of; where it is empty, the whole file is asked for.
        tell: Told from which server to which other one we are sent.
        timeout_sec: How long a silent server is waited for.

    Raises:
        CollectionError: It sends us to an unsafe place.
        urllib.error.HTTPError, OSError, http.client.HTTPException: It refused, or cannot be reached.
    """
    headers = {"User-Agent": f"musicgen/{musicgen_app.__version__}", "Accept-Encoding": "identity"}
    if have and mark:
        headers |= {"Range": f"bytes={have}-", "If-Range": mark}
    opener = urllib.request.build_opener(_Redirects(tell))
    request = urllib.request.Request(address, headers=headers)
    response: http.client.HTTPResponse = opener.open(request, timeout=timeout_sec)
    return response


def extent_of(response: http.client.HTTPResponse) -> tuple[int, int | None]:
    """Where in the file the answer begins, and how long the whole file is."""
    if response.status == 206:
        found = _RANGE.match(response.headers.get("Content-Range", ""))
        return (int(found[1]), int(found[2])) if found else (-1, None)
    length = response.headers.get("Content-Length", "")
    return 0, int(length) if length.isdecimal() else None


def mark_of(headers: email.message.Message) -> str:
    """What tells this version of the file from others; empty where parts of two versions could be mixed up."""
    mark = headers.get("ETag", "")
    return mark if mark and not mark.startswith("W/") else headers.get("Last-Modified", "")


def trouble_of(error: OSError) -> str:
    """What went wrong, in a few words."""
    reason = getattr(error, "reason", None)
    if isinstance(reason, OSError):
        return trouble_of(reason)
    if isinstance(error, TimeoutError):
        return "the server is silent"
    return error.strerror or str(error) or "no reason was given"
