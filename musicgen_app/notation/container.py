"""Opens files of notation: which kind one is, its text, and what a compressed MusicXML file holds. Believes nothing."""

import io
import re
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from musicgen_app.core.errors import NotationReadError

NOTATION_SUFFIXES = (".musicxml", ".mxl", ".krn", ".abc")
"""Endings of files to look for in folders; a file that ends in ``.xml`` has to be named itself."""
MAX_TEXT_BYTES = 32 * 2**20

Kind = Literal["MusicXML", "Humdrum", "ABC"]
_KINDS: dict[str, Kind] = {
    ".musicxml": "MusicXML",
    ".mxl": "MusicXML",
    ".xml": "MusicXML",
    ".krn": "Humdrum",
    ".abc": "ABC",
}
_MOST_MEMBERS = 1000
_CONTAINER = "META-INF/container.xml"
_ROOT_FILE = re.compile(r"""<rootfile\b[^>]*?\bfull-path\s*=\s*["']([^"']+)["']""")
_DECLARED = re.compile(r"""^(\s*<\?xml\b[^>]*?)\s+encoding\s*=\s*["']([\w.-]+)["']""")
_EXPORT_AGAIN = "Export it again from the program it was written with, as MusicXML."


@dataclass(frozen=True, slots=True)
class NotationText:
    """A file of notation as text.

    Attributes:
        kind: "MusicXML", "Humdrum" or "ABC".
        text: All of it.
    """

    kind: Kind
    text: str


def is_notation(path: Path) -> bool:
    """Whether a file is notation, by its name."""
    return path.suffix.lower() in _KINDS


def open_notation(path: Path) -> NotationText:
    """Read a file of notation as text.

    Raises:
        NotationReadError: It cannot be opened, is too large, or is not what its name says.
    """
    try:
        size = path.stat().st_size
        if size > MAX_TEXT_BYTES:
            raise _too_large(path.name)
        content = path.read_bytes()
    except OSError as error:
        raise NotationReadError(
            f"{path.name} cannot be opened: {error.strerror or 'the disk gave no reason'}.",
            "Check its name, and that you may read it.",
        ) from error
    kind = _KINDS[path.suffix.lower()]
    if content.startswith(b"PK"):
        content = _inside(content, path.name)
    text = _decoded(content)
    _check(text, kind, path.name)
    return NotationText(kind, _DECLARED.sub(r"\1", text, count=1))


def _inside(content: bytes, name: str) -> bytes:
    """The score in a compressed MusicXML file."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if len(members) > _MOST_MEMBERS:
                raise NotationReadError(f"{name} holds {len(members):,} files; expected a score.", _EXPORT_AGAIN)
            names = [member.filename for member in members]
            return _member(archive, _score_name(archive, names, name), name)
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, RuntimeError) as error:
        raise NotationReadError(f"{name} is damaged: {error}.", _EXPORT_AGAIN) from error


def _score_name(archive: zipfile.ZipFile, names: list[str], name: str) -> str:
    """Which of its files is the score: the one it names itself, else the first that looks like one."""
    if _CONTAINER in names:
        found = _ROOT_FILE.search(_decoded(_member(archive, _CONTAINER, name)))
        if found and found[1] in names:
            return found[1]
    for one in names:
        if one.lower().endswith((".musicxml", ".xml")) and not one.startswith("META-INF/"):
            return one
    raise NotationReadError(f"There is no score in {name}.", _EXPORT_AGAIN)


def _member(archive: zipfile.ZipFile, member: str, name: str) -> bytes:
    """One file of the archive; what it states of its length may be a lie, so reading is bounded."""
    with archive.open(member) as file:
        content = file.read(MAX_TEXT_BYTES + 1)
    if len(content) > MAX_TEXT_BYTES:
        raise _too_large(name)
    return content


def _decoded(content: bytes) -> str:
    """Bytes as text: by their byte order mark, else UTF-8, else as they declare, else Latin-1."""
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig")):
        if content.startswith(mark):
            return content.decode(encoding, errors="replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        declared = _DECLARED.match(content[:200].decode("latin-1"))
        try:
            return content.decode(declared[2] if declared else "latin-1", errors="replace")
        except LookupError:
            return content.decode("latin-1")


def _check(text: str, kind: Kind, name: str) -> None:
    if kind == "MusicXML":
        if "<!ENTITY" in text:
            raise NotationReadError(
                f"{name} defines entities, which no score needs and which can be harmful.", _EXPORT_AGAIN
            )
        if "<score-timewise" in text:
            raise NotationReadError(f"{name} is written bar by bar (timewise), which cannot be read.", _EXPORT_AGAIN)
        good = "<score-partwise" in text
    elif kind == "Humdrum":
        good = "**kern" in text
    else:
        good = re.search(r"^X:", text, re.MULTILINE) is not None or re.search(r"^K:", text, re.MULTILINE) is not None
    if not good:
        raise NotationReadError(f"{name} is no {kind} file.", "Choose a MusicXML, Humdrum **kern or ABC file.")


def _too_large(name: str) -> NotationReadError:
    limit = MAX_TEXT_BYTES // 2**20
    return NotationReadError(f"{name} holds more than {limit} MB of text.", "It is most likely no single piece.")
