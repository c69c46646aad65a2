"""Reads files for a scan in a process of its own: ``python -m musicgen_app.workflow.scan_child LIBRARY PROGRAMS``.

Each line of the input is a JSON object: files to be read, the shard their notes go into, and the last byte of it
that is known. Each is answered by a line: what was found, after its notes are on the disk. It ends when its input does.
"""

import base64
import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from musicgen_app.core.errors import LibraryError, MusicgenError
from musicgen_app.core.files import make_folder
from musicgen_app.dataset.library import packed_counts
from musicgen_app.dataset.library_kin import packed_turns
from musicgen_app.dataset.note_records import pack
from musicgen_app.dataset.parts import Parts
from musicgen_app.dataset.shards import FOLDER, ShardWriter
from musicgen_app.dataset.sources import Credit, read_credits
from musicgen_app.ml.runfolder import lock_file
from musicgen_app.workflow.file_profile import hash_of, named, profile_of

_POLITE = 5
"""How much it stands back for the window (the system's "nice")."""
_PATIENCE_SEC = 20.0
"""So long it waits for a shard that a reader of an interrupted scan is still about to leave."""
_LOOK_SEC = 0.05


class _Desk:
    """Answers one line after the other."""

    def __init__(self, library: Path, parts: Parts) -> None:
        self._library = library
        self._parts = parts
        self._writer: ShardWriter | None = None
        self._lock: BinaryIO | None = None
        self._credits: tuple[Path, Mapping[str, Credit]] = (Path(), {})

    def answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Read some files and write their notes."""
        writer = self._shard(asked["shard"], asked["end"])
        rows = [self._read(writer, *one) for one in asked["files"]]
        writer.flush()
        return {"rows": rows, "shard": writer.number, "end": writer.end}

    def _shard(self, number: int, end: int) -> ShardWriter:
        if self._writer is not None and self._writer.number == number:
            return self._writer
        if self._writer is not None:
            self._writer.close()
        self._take(number)
        self._writer = ShardWriter(self._library, number, end)
        return self._writer

    def _take(self, number: int) -> None:
        """Make the shard our own; the lock is lifted when this process ends, however it does."""
        if self._lock is not None:
            self._lock.close()
        make_folder(self._library / FOLDER)
        self._lock = (self._library / FOLDER / f"{number:05d}.lock").open("a+b")
        deadline = time.monotonic() + _PATIENCE_SEC
        while not lock_file(self._lock):
            if time.monotonic() > deadline:
                raise LibraryError(
                    "Another process is still writing into the library.", "Wait until it has ended, and scan again."
                )
            time.sleep(_LOOK_SEC)

    def _read(self, writer: ShardWriter, number: int, file: str, known: str) -> Sequence[Any]:
        """One file: number, facts (None: nothing has changed), counts, first byte and length of its notes, turns."""
        path = Path(file)
        sha256 = hash_of(path)
        if sha256 and sha256 == known:
            return number, None, "", -1, 0, ""
        if self._credits[0] != path.parent:
            self._credits = path.parent, read_credits(path.parent)
        profile = profile_of(path, named(self._credits[1].get(path.name)), sha256, self._parts)
        counts = _text(packed_counts(profile.counts))
        if profile.score is None or profile.turns is None:
            return number, profile.facts, counts, -1, 0, ""
        place = writer.append(pack(profile.score))
        return number, profile.facts, counts, place.start, place.length, _text(packed_turns(profile.turns))


def main() -> int:
    """Answer until the input ends."""
    if hasattr(os, "nice"):
        os.nice(_POLITE)
    desk = _Desk(Path(sys.argv[1]), Parts.of(sys.argv[2]))
    _say({"ready": True})
    for line in sys.stdin.buffer:
        try:
            _say(desk.answer(json.loads(line)))
        except MusicgenError as error:
            _say({"failed": error.message, "hint": error.hint})
    return 0


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def _say(answer: dict[str, Any]) -> None:
    sys.stdout.buffer.write(json.dumps(answer).encode("ascii") + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    sys.exit(main())
