"""Looks through the files of a collection in a child process, and remembers what it saw. No Qt here."""

import contextlib
import json
from pathlib import Path

from musicgen_app.core.errors import MusicgenError
from musicgen_app.core.files import write_atomically
from musicgen_app.core.progress import CancelToken, Progress, Report
from musicgen_app.dataset.parts import PIANO
from musicgen_app.dataset.sources import MUSIC_SUFFIXES, find_sources
from musicgen_app.workflow.child import run_in_child
from musicgen_app.workflow.inspect import FileFacts, InspectRequest
from musicgen_app.workflow.wire import from_line, to_line

_VERSION = 2

Stamp = tuple[int, int]
"""Size in bytes and time of change in nanoseconds: a file with the same ones is not read again."""


def scan(
    sources: tuple[Path, ...], memory: Path, report: Report, cancel: CancelToken, programs: str = PIANO.text
) -> int:
    """Report the facts of every file of the sources, those that were seen before at once.

    Args:
        sources: Files and folders.
        memory: The file that remembers; it may be deleted at any time.
        report: Told a ``FileFacts`` for each file and the progress.
        cancel: Stops it.
        programs: Which tracks of the files count, as ``Parts.text``.

    Returns:
        How many files there are.

    Raises:
        Cancelled: Stopped on request.
        MusicgenError: The child process failed.
    """
    report(Progress("Looking for MIDI files"))
    files = [source.path for source in find_sources((place for place in sources if place.exists()), MUSIC_SUFFIXES)]
    cancel.check()
    known = _recalled(memory, programs)
    stamps = {path: _stamp(path) for path in files}
    fresh: dict[Path, FileFacts] = {}
    unread = []
    for path in files:
        before = known.get(str(path))
        if before is not None and before[0] == stamps[path]:
            fresh[path] = before[1]
            report(before[1])
        else:
            unread.append(path)

    def listen(told: object) -> None:
        if isinstance(told, FileFacts):
            fresh[Path(told.file)] = told
        report(told)

    try:
        if unread:
            run_in_child("inspect", InspectRequest(tuple(unread), programs), listen, cancel)
    finally:
        if unread:
            seen = {path: (stamps[path], facts) for path, facts in fresh.items() if path in stamps}
            _remember(memory, programs, seen)
    return len(files)


def _stamp(path: Path) -> Stamp:
    try:
        stat = path.stat()
    except OSError:
        return (-1, -1)
    return (stat.st_size, stat.st_mtime_ns)


def _recalled(memory: Path, programs: str) -> dict[str, tuple[Stamp, FileFacts]]:
    found: dict[str, tuple[Stamp, FileFacts]] = {}
    try:
        lines = memory.read_text(encoding="utf-8").splitlines()
        if not lines or json.loads(lines[0]) != {"version": _VERSION, "programs": programs}:
            return {}
        for line in lines[1:]:
            size, changed, said = line.split(" ", 2)
            facts = from_line(said)
            if isinstance(facts, FileFacts):
                found[str(facts.file)] = ((int(size), int(changed)), facts)
    except (OSError, ValueError, TypeError, MusicgenError):
        # It only saves time; what cannot be read is looked at again.
        return {}
    return found


def _remember(memory: Path, programs: str, seen: dict[Path, tuple[Stamp, FileFacts]]) -> None:
    lines = [json.dumps({"version": _VERSION, "programs": programs})]
    lines += [f"{stamp[0]} {stamp[1]} {to_line(facts)}" for stamp, facts in seen.values() if stamp[0] >= 0]
    with contextlib.suppress(OSError):
        memory.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(memory, ("\n".join(lines) + "\n").encode())
