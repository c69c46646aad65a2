"""A web server of our own for tests of the downloader: it can break off, lie, refuse and send elsewhere."""

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Site:
    """What the server has, and how it behaves; tests change it between requests.

    Attributes:
        content: The one file.
        etag, modified: Its marks; empty for none.
        ranges: Whether it can send a part.
        breaks: After so many bytes each of the next answers breaks off.
        refusals: Codes of the next answers, with their headers.
        redirects: Where the paths lead that are none of the file.
        length: Whether it says how long the file is; without, it sends chunks.
        lies_about_range: Whether a part is sent that was not asked for.
        asked: The header Range of each request; empty for the whole file.
    """

    content: bytes = b""
    etag: str = '"1"'
    modified: str = ""
    ranges: bool = True
    breaks: list[int] = field(default_factory=list)
    refusals: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    redirects: dict[str, str] = field(default_factory=dict)
    length: bool = True
    lies_about_range: bool = False
    asked: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/music.zip"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    site: Site

    def do_GET(self) -> None:
        site = self.site
        site.asked.append(self.headers.get("Range", ""))
        self.close_connection = True
        if self.path in site.redirects:
            self._answer(302, {"Location": site.redirects[self.path]}, b"")
        elif site.refusals:
            code, headers = site.refusals.pop(0)
            self._answer(code, headers, b"")
        else:
            self._send_file()

    def _send_file(self) -> None:
        site = self.site
        marks = {name: mark for name, mark in (("ETag", site.etag), ("Last-Modified", site.modified)) if mark}
        asked = self.headers.get("Range", "")
        same = self.headers.get("If-Range", "") in (site.etag, site.modified)
        if not (asked and site.ranges and same):
            self._answer(200, marks, site.content)
            return
        begin = int(asked.removeprefix("bytes=").removesuffix("-"))
        if begin >= len(site.content):
            self._answer(416, {"Content-Range": f"bytes */{len(site.content)}"}, b"")
            return
        told = begin - 1 if site.lies_about_range else begin
        said = f"bytes {told}-{len(site.content) - 1}/{len(site.content)}"
        self._answer(206, {**marks, "Content-Range": said}, site.content[begin:])

    def _answer(self, code: int, headers: dict[str, str], body: bytes) -> None:
        site = self.site
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        chunked = not site.length and code == 200
        if chunked:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        sent = body[: site.breaks.pop(0)] if body and site.breaks else body
        if chunked:
            self.wfile.write(f"{len(sent):x}\r\n".encode() + sent + b"\r\n")
            if len(sent) == len(body):
                self.wfile.write(b"0\r\n\r\n")
        else:
            self.wfile.write(sent)

    def log_message(self, *_args: object) -> None:
        """Keep quiet."""


@contextlib.contextmanager
def serving(site: Site) -> Iterator[Site]:
    """The site, on a port of this machine."""
    handler = type("Handler", (_Handler,), {"site": site})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    site.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Watch:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds
