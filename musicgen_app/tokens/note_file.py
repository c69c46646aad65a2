"""Note files: flat lists of words, as JSON of our own or as the pickles the seed experiments left.

A pickle is a program for a machine that can call anything. Here it is read by a machine that knows the opcodes of a
plain list of strings, and refuses a file at the first other one; nothing is imported, built or called.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from musicgen_app.core.errors import NoteFileError
from musicgen_app.core.files import write_atomically
from musicgen_app.tokens.seed_words import is_word

MAX_FILE_BYTES = 64 * 1024 * 1024
MOST_WORDS = 2_000_000
FORMAT = 1

_PROTOCOLS = (2, 3, 4, 5)
_FIRST = b"\x80"
_BATCH = 1000
_LIKE_PICKLES = "Choose a note file as the seed experiments wrote it, or one this program saved as JSON."

_PROTO, _FRAME, _STOP, _EMPTY_LIST, _MARK = 0x80, 0x95, 0x2E, 0x5D, 0x28
_SHORT_TEXT, _TEXT, _APPEND, _APPENDS = 0x8C, 0x58, 0x61, 0x65
_MEMOIZE, _PUT, _LONG_PUT, _GET, _LONG_GET = 0x94, 0x71, 0x72, 0x68, 0x6A

_LIST = None
"""Stands for the one list of the file, on the stack and in the memo."""


def read_notes(path: Path) -> tuple[str, ...]:
    """The words of a note file, in their order.

    Raises:
        NoteFileError: The file cannot be opened, is too large, or is no list of notes and chords.
    """
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise NoteFileError(f"{path.name} is larger than {MAX_FILE_BYTES // 2**20} MB.", _LIKE_PICKLES)
        content = path.read_bytes()
    except OSError as error:
        raise NoteFileError(
            f"{path.name} cannot be opened: {error.strerror or 'the disk gave no reason'}.",
            "Check its name, and that you may read it.",
        ) from error
    words = _Machine(content, path.name).run() if content.startswith(_FIRST) else _from_json(content, path.name)
    return _checked(words, path.name)


def looks_like_notes(path: Path) -> bool:
    """Whether a file that can be read begins as a note file does; its name says nothing, the seeds' have no suffix."""
    try:
        with path.open("rb") as file:
            return file.read(64).lstrip()[:1] in (_FIRST, b"{")
    except OSError:
        return False


def write_json(words: Sequence[str], path: Path) -> None:
    """Save words as JSON.

    Raises:
        FileWriteError: It could not be written.
    """
    text = json.dumps({"format": FORMAT, "notes": list(words)}, indent=0)
    write_atomically(path, (text + "\n").encode())


def write_list(words: Sequence[str], path: Path) -> None:
    """Save words so that the programs of the seed experiments can read them: a list, pickle protocol 4.

    Raises:
        FileWriteError: It could not be written.
    """
    out = bytearray([_PROTO, 4, _EMPTY_LIST])
    for first in range(0, len(words), _BATCH):
        out.append(_MARK)
        for word in words[first : first + _BATCH]:
            text = word.encode()
            out += bytes([_SHORT_TEXT, len(text)]) + text
        out.append(_APPENDS)
    out.append(_STOP)
    write_atomically(path, bytes(out))


def _from_json(content: bytes, name: str) -> list[object]:
    try:
        described = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise NoteFileError(f"{name} is no note file.", _LIKE_PICKLES) from error
    if not isinstance(described, dict) or not isinstance(described.get("notes"), list):
        raise NoteFileError(f"{name} holds no list of notes.", _LIKE_PICKLES)
    if described.get("format") != FORMAT:
        raise NoteFileError(f"{name} was saved by another version of this program.", "Open it with a newer version.")
    return list(described["notes"])


def _checked(words: Sequence[object], name: str) -> tuple[str, ...]:
    if not words:
        raise NoteFileError(f"{name} holds no notes.", _LIKE_PICKLES)
    if len(words) > MOST_WORDS:
        raise NoteFileError(f"{name} holds more than {MOST_WORDS:,} notes.", "Divide it into smaller ones.")
    known: dict[str, bool] = {}
    for number, word in enumerate(words, 1):
        if not isinstance(word, str):
            raise NoteFileError(f"Entry {number:,} of {name} is no text.", _LIKE_PICKLES)
        if not known.setdefault(word, is_word(word)):
            raise NoteFileError(
                f'Entry {number:,} of {name}, "{word[:20]}", is neither a note nor a chord.',
                "A note is C#4 or B-3, say, a chord 0.4.7.",
            )
    return tuple(str(word) for word in words)


class _Machine:
    """Runs the few opcodes of a list of strings over the bytes of a file."""

    def __init__(self, content: bytes, name: str) -> None:
        self._content = content
        self._name = name
        self._at = 0
        self._stack: list[str | None] = []
        self._mark: int | None = None
        self._memo: dict[int, str | None] = {}
        self._words: list[object] = []
        self._begun = False
        self._steps: dict[int, Callable[[], object]] = {
            _PROTO: self._proto,
            _FRAME: lambda: self._skip(8),
            _EMPTY_LIST: self._begin,
            _MARK: self._set_mark,
            _SHORT_TEXT: lambda: self._text(1),
            _TEXT: lambda: self._text(4),
            _APPEND: self._append,
            _APPENDS: self._appends,
            _MEMOIZE: lambda: self._put(len(self._memo)),
            _PUT: lambda: self._put(self._number(1)),
            _LONG_PUT: lambda: self._put(self._number(4)),
            _GET: lambda: self._get(self._number(1)),
            _LONG_GET: lambda: self._get(self._number(4)),
        }

    def run(self) -> list[object]:
        """The strings of the list.

        Raises:
            NoteFileError: The file holds anything else, or ends before its end.
        """
        while True:
            place = self._at
            opcode = self._number(1)
            if opcode == _STOP:
                break
            step = self._steps.get(opcode)
            if step is None:
                raise NoteFileError(
                    f"{self._name} is more than a list of notes: opcode 0x{opcode:02X} at byte {place:,} is refused.",
                    "Such a file could run programs when it is opened elsewhere; do not.",
                )
            step()
        if self._stack != [_LIST] or self._mark is not None or self._at != len(self._content):
            raise self._damaged()
        return self._words

    def _damaged(self) -> NoteFileError:
        return NoteFileError(f"{self._name} is damaged at byte {self._at:,}, or no list of notes.", _LIKE_PICKLES)

    def _skip(self, size: int) -> bytes:
        taken = self._content[self._at : self._at + size]
        if len(taken) < size:
            raise self._damaged()
        self._at += size
        return taken

    def _number(self, size: int) -> int:
        return int.from_bytes(self._skip(size), "little")

    def _proto(self) -> None:
        if self._at != 1 or self._number(1) not in _PROTOCOLS:
            raise self._damaged()

    def _begin(self) -> None:
        if self._begun:
            raise self._damaged()
        self._begun = True
        self._stack.append(_LIST)

    def _set_mark(self) -> None:
        if self._mark is not None or self._stack != [_LIST]:
            raise self._damaged()
        self._mark = len(self._stack)

    def _text(self, size: int) -> None:
        try:
            self._push(self._skip(self._number(size)).decode())
        except UnicodeDecodeError as error:
            raise self._damaged() from error

    def _push(self, word: str | None) -> None:
        # The list lies below, and one word or those after the mark above it.
        if word is _LIST or not self._begun or (self._mark is None and len(self._stack) > 1):
            raise self._damaged()
        self._stack.append(word)

    def _append(self) -> None:
        if self._mark is not None or len(self._stack) != 2:
            raise self._damaged()
        self._words.append(self._stack.pop())

    def _appends(self) -> None:
        if self._mark is None:
            raise self._damaged()
        self._words += self._stack[self._mark :]
        del self._stack[self._mark :]
        self._mark = None

    def _put(self, place: int) -> None:
        if not self._stack:
            raise self._damaged()
        self._memo[place] = self._stack[-1]

    def _get(self, place: int) -> None:
        if place not in self._memo:
            raise self._damaged()
        self._push(self._memo[place])
