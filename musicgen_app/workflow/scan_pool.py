"""Several processes that read files for a scan, a small batch at a time.

A process has at most two batches: one it reads and one that lies ready. So neither memory nor pipes fill, however many
files there are, and the pace is that of whoever writes the index.
"""

import base64
import contextlib
import json
import queue
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from musicgen_app.core.errors import LibraryError
from musicgen_app.core.progress import CancelToken
from musicgen_app.dataset.library_writer import Found
from musicgen_app.dataset.parts import PIANO
from musicgen_app.dataset.shards import SHARD_BYTES, Place
from musicgen_app.workflow.file_profile import given_up

_AHEAD = 2
_LOOK_SEC = 0.05
_END_SEC = 2.0


@dataclass(frozen=True, slots=True)
class Errand:
    """A file to be read: its number, path inside its source, where it is, and the hash of what was read before."""

    id: int
    path: str
    file: Path
    known: str


Batch = tuple[Errand, ...]


@dataclass(slots=True, eq=False)
class _Reader:
    """One process, the shard it writes into, and the batches it has."""

    process: "subprocess.Popen[bytes]"
    shard: int
    end: int
    ready: bool = False
    batches: deque[Batch] = field(default_factory=deque)

    def send(self, batch: Batch) -> None:
        """Hand over a batch; a process that is dead does not hear it, and its end will be noticed."""
        self.batches.append(batch)
        files = [(one.id, str(one.file), one.known) for one in batch]
        line = json.dumps({"shard": self.shard, "end": self.end, "files": files})
        if self.process.stdin is not None:
            with contextlib.suppress(OSError):
                self.process.stdin.write(line.encode("ascii") + b"\n")
                self.process.stdin.flush()

    def dismiss(self) -> None:
        """Let the process end when it has done what it has."""
        if self.process.stdin is not None:
            with contextlib.suppress(OSError):
                self.process.stdin.close()


class Pool:
    """Reads files with several processes."""

    def __init__(
        self, library: Path, processes: int, ends: Mapping[int, int], shard_bytes: int = SHARD_BYTES, programs: str = ""
    ) -> None:
        """Prepare to read; processes are started when there is something for them.

        Args:
            library: Its folder.
            processes: How many at most.
            ends: The shards there are, and the last byte of each that is needed.
            shard_bytes: A shard that has grown to this is left alone.
            programs: Which tracks are music, as ``Parts.text``; empty means the piano.
        """
        self._programs = programs or PIANO.text
        self._library = library
        self._processes = processes
        self._shard_bytes = shard_bytes
        self._free = deque(sorted((number, end) for number, end in ends.items() if end < shard_bytes))
        self._next = max(ends, default=-1) + 1
        self._answers: queue.SimpleQueue[tuple[_Reader, bytes | None]] = queue.SimpleQueue()
        self._readers: list[_Reader] = []
        self._leaving: list[_Reader] = []
        self._again: deque[Batch] = deque()

    def read(self, batches: Iterator[Batch], cancel: CancelToken) -> Iterator[list[Found]]:
        """What is found in each batch, as it comes; its notes are on the disk by then.

        Raises:
            Cancelled: Stopped on request.
            LibraryError: Notes cannot be written, or no process can be started.
        """
        try:
            self._fill(batches)
            while self._readers:
                cancel.check()
                try:
                    reader, line = self._answers.get(timeout=_LOOK_SEC)
                except queue.Empty:
                    continue
                if line is not None:
                    found = self._taken(reader, line)
                else:
                    found = self._lost(reader) if reader in self._readers else []
                if found:
                    yield found
                self._fill(batches)
        except BaseException:
            for reader in self._readers:
                reader.process.kill()
            raise
        finally:
            self._end()

    def _fill(self, batches: Iterator[Batch]) -> None:
        """Give every process enough to do, start another while there is more, let go who has nothing left."""
        for reader in list(self._readers):
            while len(reader.batches) < _AHEAD and (batch := self._batch(batches)):
                reader.send(batch)
            if not reader.batches:
                self._readers.remove(reader)
                self._leaving.append(reader)
                reader.dismiss()
        while len(self._readers) < self._processes and (batch := self._batch(batches)):
            self._start().send(batch)

    def _batch(self, batches: Iterator[Batch]) -> Batch | None:
        return self._again.popleft() if self._again else next(batches, None)

    def _shard(self) -> tuple[int, int]:
        """A shard that nobody writes into, and where it ends."""
        if self._free:
            return self._free.popleft()
        self._next += 1
        return self._next - 1, 0

    def _start(self) -> _Reader:
        try:
            process = subprocess.Popen(
                [sys.executable, "-m", "musicgen_app.workflow.scan_child", str(self._library), self._programs],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                # Ctrl+C in a terminal is for the parent alone.
                start_new_session=True,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            raise LibraryError("The program could not start a process of its own.", str(error)) from error
        reader = _Reader(process, *self._shard())
        self._readers.append(reader)
        threading.Thread(target=self._listen, args=(reader, process.stdout), daemon=True).start()
        return reader

    def _listen(self, reader: _Reader, stream: IO[bytes]) -> None:
        with stream:
            for line in stream:
                self._answers.put((reader, line))
        self._answers.put((reader, None))

    def _taken(self, reader: _Reader, line: bytes) -> list[Found]:
        answer = json.loads(line)
        if "failed" in answer:
            raise LibraryError(answer["failed"], answer["hint"])
        if "ready" in answer:
            reader.ready = True
            return []
        batch, shard = reader.batches.popleft(), answer["shard"]
        if shard == reader.shard:
            reader.end = answer["end"]
            if reader.end >= self._shard_bytes:
                reader.shard, reader.end = self._shard()
        return [_found(errand, row, shard) for errand, row in zip(batch, answer["rows"], strict=True)]

    def _lost(self, reader: _Reader) -> list[Found]:
        """A process has ended: its batch is read again file by file. A file that ends a process alone is given up."""
        code = reader.process.wait()
        reader.dismiss()
        self._readers.remove(reader)
        if not reader.ready:
            raise LibraryError(f"The process that was to read files ended at once (exit code {code}).", "Try it again.")
        self._free.append((reader.shard, reader.end))
        begun, *rest = reader.batches
        self._again.extend(rest)
        if len(begun) > 1:
            self._again.extend((errand,) for errand in begun)
            return []
        profile = given_up(begun[0].file, "the process that read it ended without a word")
        return [_found(begun[0], (begun[0].id, profile.facts, "", -1, 0, ""), -1)]

    def _end(self) -> None:
        """See to it that all processes are gone."""
        for reader in (*self._readers, *self._leaving):
            reader.dismiss()
            try:
                reader.process.wait(_END_SEC)
            except subprocess.TimeoutExpired:
                reader.process.kill()
                reader.process.wait()


def _found(errand: Errand, row: Sequence[Any], shard: int) -> Found:
    _, facts, counts, start, length, turns = row
    if facts is None:
        return Found(errand.id, errand.path, None)
    for name in ("sha256", "fingerprint"):
        facts[name] = bytes.fromhex(facts[name])
    place = Place(shard, start, length) if start >= 0 else None
    return Found(errand.id, errand.path, facts, base64.b64decode(counts), place, base64.b64decode(turns))
