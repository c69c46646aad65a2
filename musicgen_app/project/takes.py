"""The takes of a project: each a MIDI file and a row of facts, written the moment it is made."""

import contextlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from musicgen_app.core.errors import ProjectError
from musicgen_app.project.store import Fields, migrated, read_json, write_json

TAKES_FILE = "takes.json"
TAKES_VERSION = 1
_NAME = re.compile(r"take-(\d{4,9})\.mid")


@dataclass(frozen=True, slots=True)
class TakeRecord:
    """A generated piece that is kept.

    Attributes:
        id: Counts from 1 within the project; never used twice.
        file: Name of its MIDI file in the project's ``scores`` folder.
        title: What a person calls it.
        made: When, as ISO 8601 with a time zone; empty where it is not known.
        starred: Marked as good.
        removed: Taken off the list; its file is still there, so that it can come back.
        facts: How it was made (model, seed, temperature, notes, seconds...), JSON values.
    """

    id: int
    file: str
    title: str = ""
    made: str = ""
    starred: bool = False
    removed: bool = False
    facts: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))


def take_file(take: int) -> str:
    """The name of the MIDI file of a take."""
    return f"take-{take:04d}.mid"


def read_takes(folder: Path) -> tuple[tuple[TakeRecord, ...], str]:
    """The takes of a project folder, oldest first, and what had to be repaired.

    A damaged list costs titles, stars and facts, never music: it is put aside and made anew from the MIDI files.

    Returns:
        The takes, and a sentence about the damage; empty where there was none.

    Raises:
        ProjectError: The list was written by a newer version of the program.
    """
    path = folder / TAKES_FILE
    files = _numbered_files(folder)
    if not path.exists():
        return tuple(TakeRecord(take, name) for take, name in sorted(files.items())), ""
    try:
        contents = read_json(path)
    except ProjectError:
        return _rebuilt(path, files)
    version = contents.get("version")
    if isinstance(version, int) and version > TAKES_VERSION:
        migrated(contents, TAKES_VERSION, {}, TAKES_FILE)  # says so
    try:
        listed = {take.id: take for take in _records(contents)}
    except ProjectError:
        return _rebuilt(path, files)
    known = {take.file for take in listed.values()}
    for take, name in files.items():
        if name not in known:
            listed.setdefault(take, TakeRecord(take, name))
    return tuple(listed[take] for take in sorted(listed)), ""


def write_takes(folder: Path, takes: tuple[TakeRecord, ...]) -> None:
    """Write the list of takes.

    Raises:
        ProjectError: It could not be written.
    """
    rows = [
        {
            "id": take.id,
            "file": take.file,
            "title": take.title,
            "made": take.made,
            "starred": take.starred,
            "removed": take.removed,
            "facts": dict(take.facts),
        }
        for take in takes
    ]
    write_json(folder / TAKES_FILE, {"version": TAKES_VERSION, "takes": rows})


def with_take(takes: tuple[TakeRecord, ...], take: int, **changes: object) -> tuple[TakeRecord, ...]:
    """The list with one take changed.

    Raises:
        ProjectError: There is no such take.
    """
    if all(record.id != take for record in takes):
        raise ProjectError(f"There is no take {take} in this project.", "Open the project again.")
    return tuple(replace(record, **changes) if record.id == take else record for record in takes)  # type: ignore[arg-type]


def _numbered_files(folder: Path) -> dict[int, str]:
    scores = folder / "scores"
    found = {}
    if scores.is_dir():
        for path in scores.iterdir():
            match = _NAME.fullmatch(path.name)
            if match:
                found[int(match.group(1))] = path.name
    return found


def _rebuilt(path: Path, files: dict[int, str]) -> tuple[tuple[TakeRecord, ...], str]:
    with contextlib.suppress(OSError):
        path.replace(path.with_name("takes.damaged.json"))
    takes = tuple(TakeRecord(take, name) for take, name in sorted(files.items()))
    return takes, (
        "The list of takes was damaged. The takes are all here, but without their titles, stars and settings; "
        "the damaged list is kept as takes.damaged.json."
    )


def _records(contents: Mapping[str, object]) -> list[TakeRecord]:
    rows: list[object] = Fields(contents, TAKES_FILE).take("takes", list, [])
    return [_record(row) for row in rows]


def _record(row: object) -> TakeRecord:
    if not isinstance(row, dict):
        raise ProjectError(f"{TAKES_FILE} is damaged: a take is not what it should be.", "Put back a copy of the file.")
    fields = Fields(row, TAKES_FILE)
    take = fields.take("id", int, 0)
    file = fields.take("file", str, "")
    if take < 1 or _NAME.fullmatch(file) is None:
        raise ProjectError(f"{TAKES_FILE} is damaged: a take has no file.", "Put back a copy of the file.")
    facts: dict[str, object] = fields.take("facts", dict, {})
    return TakeRecord(
        id=take,
        file=file,
        title=fields.take("title", str, ""),
        made=fields.take("made", str, ""),
        starred=fields.take("starred", bool, False),
        removed=fields.take("removed", bool, False),
        facts=MappingProxyType(dict(facts)),
    )
