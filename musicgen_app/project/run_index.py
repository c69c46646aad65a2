"""The index of a project's runs: their rows in one file, so that ten thousand are listed without opening each.

It lies in ``cache/`` and may be deleted: what it says of a run counts only while the files of that run are the same.
"""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import NoneType

from musicgen_app.core.errors import ProjectError
from musicgen_app.core.progress import CancelToken, Progress, Report, silent
from musicgen_app.project.held_out import HELD_OUT_FILE
from musicgen_app.project.output_file import OUTPUT_FILE, OUTPUT_SUFFIX
from musicgen_app.project.run_rows import RunRow, row_of
from musicgen_app.project.runs import (
    LABEL_FILE,
    LOSSES_FILE,
    MODEL_FILE,
    RUN_FILE,
    STATE_FOLDER,
    read_run,
    run_folders,
)
from musicgen_app.project.store import write_file
from musicgen_app.project.verdict import VERDICT_FILE

INDEX_FILE = "runs.jsonl"
INDEX_VERSION = 2
FEW_RUNS = 60
"""So many are read at once wherever they are wanted; more only where nobody waits for them."""

_ROWS_A_LINE = 25
"""Few, so that a thread that reads lines in the window's process never holds up the window for long."""
_MOST_BYTES = 500_000_000
_WATCHED = (RUN_FILE, LABEL_FILE, LOSSES_FILE, MODEL_FILE, STATE_FOLDER, VERDICT_FILE, OUTPUT_FILE, HELD_OUT_FILE)
_WORDS, _NUMBER, _MAYBE, _YES_NO, _CELLS = (str,), (int,), (int, float, NoneType), (bool,), (list,)
_KINDS = {
    **dict.fromkeys(RunRow._fields, _WORDS),
    **dict.fromkeys(("id", "epochs_done"), _NUMBER),
    **dict.fromkeys(("learning_rate", "lr_time_decay", "weight_decay", "dropout", "loss", "score"), _MAYBE),
    **dict.fromkeys(("runtime_min", "validation", "notes_per_second"), _MAYBE),
    **dict.fromkeys(("batch_size", "epochs", "sequence_length", "random_pick", "best_epoch", "seed"), (int, NoneType)),
    **dict.fromkeys(("accuracy", "held_low", "held_high", "unigram", "bigram", "fourgram"), _MAYBE),
    **dict.fromkeys(("counted_score", "copied_share"), _MAYBE),
    **dict.fromkeys(("longest_copy", "loop_period", "longest_stuck"), (int, NoneType)),
    **dict.fromkeys(("has_model", "has_state"), _YES_NO),
    **dict.fromkeys(("cells", "extra"), _CELLS),
}
_ROW_KINDS = tuple(_KINDS[name] for name in RunRow._fields)


@dataclass(frozen=True, slots=True)
class RunIndex:
    """Rows of runs, oldest first, and for each what its files looked like when it was read."""

    rows: tuple[RunRow, ...] = ()
    stamps: tuple[str, ...] = ()


def index_stamp(project: Path) -> tuple[int, int, int]:
    """What the file of the index looks like; it is another one after every change."""
    try:
        seen = _path(project).stat()
    except OSError:
        return (0, 0, 0)
    return (seen.st_ino, seen.st_mtime_ns, seen.st_size)


def read_index(project: Path, breathe: Callable[[], None] = lambda: None) -> RunIndex:
    """The index as it was last written; an empty one where there is none, or where it is damaged.

    Args:
        project: Its folder.
        breathe: Called after every few rows; where others wait for this thread, it lets them go first.
    """
    path = _path(project)
    rows: list[RunRow] = []
    stamps: list[str] = []
    try:
        if path.stat().st_size > _MOST_BYTES:
            return RunIndex()
        with path.open(encoding="utf-8") as file:
            head = json.loads(file.readline())
            if head != {"version": INDEX_VERSION, "fields": list(RunRow._fields)}:
                return RunIndex()
            for line in file:
                for stamp, values in json.loads(line):
                    rows.append(_row(values))
                    stamps.append(str(stamp))
                breathe()
    except (OSError, ValueError, TypeError, RecursionError):
        return RunIndex()
    return RunIndex(tuple(rows), tuple(stamps))


def refresh_index(project: Path, report: Report = silent, cancel: CancelToken | None = None) -> tuple[RunIndex, bool]:
    """Bring the index up to date: only runs whose files have changed are read.

    Returns:
        The index, and whether anything has changed. Where ``cache`` cannot be written, it is not kept.

    Raises:
        Cancelled: Stopped on request; the index is as it was.
    """
    known = read_index(project)
    before = {row.folder: (stamp, row) for stamp, row in zip(known.stamps, known.rows, strict=True)}
    folders = run_folders(project / "runs")
    rows, stamps, read = [], [], 0
    for done, folder in enumerate(folders):
        if cancel is not None:
            cancel.check()
        stamp = _stamp(folder)
        old, row = before.get(folder.name, ("", None))
        # A run that a process trained may have been killed, which changes no file.
        if row is None or old != stamp or row.status == "running":
            now = row_of(read_run(folder))
            read += now != row or old != stamp
            row = now
            report(Progress("Reading runs", done, len(folders)))
        rows.append(row)
        stamps.append(stamp)
    changed = bool(read) or len(rows) != len(known.rows)
    index = RunIndex(tuple(rows), tuple(stamps))
    if changed:
        with suppress(ProjectError):  # a project on a disk that is read only
            write_file(_path(project), "".join(_lines(index)).encode())
    return index, changed


def _path(project: Path) -> Path:
    return project / "cache" / INDEX_FILE


def _stamp(folder: Path) -> str:
    """What the files of a run look like: names, times and sizes of those its row is made from."""
    found = []
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name in _WATCHED or entry.name.endswith(OUTPUT_SUFFIX):
                seen = entry.stat()
                found.append(f"{entry.name} {seen.st_mtime_ns} {seen.st_size}")
    return "|".join(sorted(found))


def _lines(index: RunIndex) -> Iterator[str]:
    yield json.dumps({"version": INDEX_VERSION, "fields": RunRow._fields}) + "\n"
    pairs = list(zip(index.stamps, index.rows, strict=True))
    for first in range(0, len(pairs), _ROWS_A_LINE):
        yield json.dumps(pairs[first : first + _ROWS_A_LINE], ensure_ascii=False, separators=(",", ":")) + "\n"


def _row(values: list[object]) -> RunRow:
    """A row from what JSON made of it.

    Raises:
        ValueError, TypeError: It is not what ``_lines`` wrote.
    """
    if len(values) != len(_ROW_KINDS) or any(
        type(value) not in kinds for value, kinds in zip(values, _ROW_KINDS, strict=True)
    ):
        raise ValueError("not a row")
    *others, cells, extra = values
    if not isinstance(cells, list) or not isinstance(extra, list):
        raise TypeError("not a row")
    pairs = tuple((str(name), str(cell)) for name, cell in extra)
    return RunRow._make((*others, tuple(map(str, cells)), pairs))
