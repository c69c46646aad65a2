"""What ``musicgen inspect`` does: says what files hold, for people and for programs."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from musicgen_app.cli.console import ProgressLine, duration_text, print_json, print_text

if TYPE_CHECKING:
    from musicgen_app.workflow.details import Looked
    from musicgen_app.workflow.inspect import FileFacts

_FACTS = ("file", "ok", "verdict", "help", "notes", "tracks", "seconds", "findings", "signs", "error")
_COUNTS = ("pitches", "velocities", "durations")
_NOTHING_READ, _NOT_THERE = 1, 2


def inspect(given: argparse.Namespace) -> int:
    """Say what files hold. Fails only where none of them could be read."""
    from musicgen_app.dataset.parts import Parts
    from musicgen_app.workflow.details import look_at
    from musicgen_app.workflow.inspect import inspect_files

    parts = Parts.of(given.programs)
    line = ProgressLine()
    facts = inspect_files(tuple(given.files), line, given.cancel, parts=parts)
    line.clear()
    objects = []
    for fact in facts:
        given.cancel.check()
        looked = look_at(Path(fact.file), given.words) if fact.ok else None
        if given.json:
            objects.append(_described(fact, looked))
        else:
            _print(fact, looked)
    if given.json:
        print_json(objects)
    if any(fact.ok for fact in facts):
        return 0
    return _NOTHING_READ if all(path.exists() for path in given.files) else _NOT_THERE


def _described(fact: "FileFacts", looked: "Looked | None") -> dict[str, Any]:
    told: dict[str, Any] = {name: getattr(fact, name) for name in _FACTS}
    if looked is not None:
        told |= {"details": looked.details, "seed": looked.seed}
        told["counts"] = {name: getattr(fact, name) for name in _COUNTS}
    return told


def _print(fact: "FileFacts", looked: "Looked | None") -> None:
    from musicgen_app.workflow.detail_words import detail_lines

    if looked is None:
        print_text(f"{fact.file}: {fact.error}")
        return
    tracks = "1 track" if fact.tracks == 1 else f"{fact.tracks} tracks"
    print_text(f"{fact.file}: {fact.notes:,} notes, {tracks}, {duration_text(fact.seconds)}")
    if not fact.usable:
        print_text(f"  {fact.verdict[:1].upper()}{fact.verdict[1:]}. {fact.help}".rstrip())
    for told in (*fact.findings, *detail_lines(looked)):
        print_text(f"  {told}")
