"""Tables of experiments in and out of a project: import with logs and outputs, export, list."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

from musicgen_app.core.errors import MidiReadError, MusicgenError, ProjectError, UsageError
from musicgen_app.core.files import write_atomically
from musicgen_app.core.progress import CancelToken, Progress, Report
from musicgen_app.midi.reader import read_midi
from musicgen_app.project.document import Project
from musicgen_app.project.output_file import OUTPUT_SUFFIX
from musicgen_app.project.run_index import refresh_index
from musicgen_app.project.run_rows import OWN_COLUMNS, RunRow, experiment_table
from musicgen_app.project.runs import (
    LOSSES_FILE,
    highest_number,
    label_run,
    new_run_folder,
    write_imported,
)
from musicgen_app.project.seed_row import WHOLE_NUMBERS, SeedRow
from musicgen_app.project.seed_table import Table, read_table
from musicgen_app.project.store import write_file
from musicgen_app.workflow.experiment_files import (
    LARGEST_OUTPUT_BYTES,
    ExperimentFiles,
    Log,
    bounded_bytes,
    find_experiments,
    read_log,
)
from musicgen_app.workflow.kept_reference import keep_reference

_STAGE = "Importing experiments"


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """What to import.

    Attributes:
        folder: Holds the table, and logs and outputs wherever they lie below it.
        project: The project's folder; made where it does not exist.
    """

    folder: Path
    project: Path


@dataclass(frozen=True, slots=True)
class ListRequest:
    """Whose runs to list.

    Attributes:
        project: The project's folder.
        out: Where to write the table of experiments; None for the project's own ``runs.csv``.
    """

    project: Path
    out: Path | None = None


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What was imported.

    Attributes:
        rows: Rows that became runs; those imported before do not count.
        logs, outputs: Files taken over.
        warnings: What is missing, contradicts itself or could not be read, in sentences.
        judgeable: Whether what the experiments learned from is at hand, so that their outputs can be held against it.
    """

    rows: int
    logs: int
    outputs: int
    warnings: tuple[str, ...]
    judgeable: bool = False

    def summary(self) -> str:
        """What was imported, in a sentence."""
        parts = [_count(self.rows, "row"), _count(self.logs, "log"), _count(self.outputs, "output")]
        return f"Imported {parts[0]}, {parts[1]} and {parts[2]}."


@dataclass(frozen=True, slots=True)
class _Placed:
    """A row and the run it is."""

    row: SeedRow
    line: int
    folder: Path


def import_experiments(request: ImportRequest, report: Report, cancel: CancelToken) -> ImportReport:
    """Make a run of each row of a table, with its log and its output.

    A row that was imported before is not added again; a log or an output it lacked then is added. What was imported
    until a stop or a full disk stays, and a second import adds the rest. A list of words among the files is kept in the
    project, with the pieces that stand in it.

    Raises:
        UsageError, ProjectError: There is no table, or the project cannot be opened, made or written.
        Cancelled: Stopped on request.
    """
    report(Progress("Looking for files", item=request.folder.name))
    files = find_experiments(request.folder, cancel)
    name = files.table.relative_to(request.folder).as_posix()
    table = read_table(files.table, name)
    project = _project(request.project)
    warnings = [*files.findings, *table.findings, *_remarks_on_rows(table, name)]
    rows = _with_parents(table.rows)
    known = _known_rows(project, report, cancel)
    placed, again = [], 0
    number = highest_number(project.runs_folder)
    counts: Counter[str] = Counter()
    for done, (row, line) in enumerate(zip(rows, table.lines, strict=True)):
        cancel.check()
        report(Progress(_STAGE, done, len(rows), item=row.test))
        before = known.get(row.cells)
        if before:
            folder = before.pop(0)
            again += 1
        else:
            folder = _new_run(project, row, number)
            number = int(folder.name)
            counts["rows"] += 1
        placed.append(_Placed(row, line, folder))
        warnings += _add_log(placed[-1], files, counts)
        warnings += _add_output(placed[-1], files, counts)
    warnings += [*_remarks_on_files(rows, files), *_remark_on_earlier(again, len(rows))]
    list_runs(ListRequest(project.folder), report, cancel)
    # What lies with the table is theirs; other folders may hold other experiments.
    places = dict.fromkeys((files.table.parent, request.folder))
    judgeable = any(keep_reference(place, project.folder, report, cancel) for place in places)
    return ImportReport(counts["rows"], counts["logs"], counts["outputs"], tuple(warnings), judgeable)


def export_experiments(request: ListRequest, report: Report, cancel: CancelToken) -> int:
    """Write the table of experiments to a file and return how many runs are in it.

    Raises:
        ProjectError, FileWriteError: There is no such project, or the file cannot be written.
    """
    project = Project.open(request.project)
    if request.out is None:
        raise UsageError("No file is named to export to.", "Name one, tests.csv for example.")
    index, _ = refresh_index(project.folder, report, cancel)
    write_atomically(request.out, experiment_table(index.rows).encode())
    return len(index.rows)


def list_runs(request: ListRequest, report: Report, cancel: CancelToken) -> int:
    """Bring the list of a project's runs, and its table, up to date, and return how many there are.

    Raises:
        ProjectError: There is no such project.
    """
    project = Project.open(request.project)
    index, changed = refresh_index(project.folder, report, cancel)
    if changed:
        project.write_runs_table(index.rows)
    return len(index.rows)


def run_list(project: Path, report: Report, cancel: CancelToken) -> tuple[RunRow, ...]:
    """The runs of a project as rows, oldest first.

    Raises:
        ProjectError: There is no such project.
    """
    return refresh_index(Project.open(project).folder, report, cancel)[0].rows


def _project(folder: Path) -> Project:
    empty = not folder.exists() or (folder.is_dir() and not any(folder.iterdir()))
    return Project.create(folder) if empty else Project.open(folder)


def _known_rows(project: Project, report: Report, cancel: CancelToken) -> dict[tuple[str, ...], list[Path]]:
    """The folders of the runs that were imported before, by their cells."""
    known: dict[tuple[str, ...], list[Path]] = {}
    for row in refresh_index(project.folder, report, cancel)[0].rows:
        if row.imported:
            known.setdefault(row.cells, []).append(project.runs_folder / row.folder)
    return known


def _new_run(project: Project, row: SeedRow, after: int) -> Path:
    """Make the run of a row. Our own columns say what it was called and noted, should they have been exported by us."""
    folder = new_run_folder(project.runs_folder, after)
    foreign = {name: cell for name, cell in row.extra.items() if name not in OWN_COLUMNS}
    created = datetime.now(UTC).isoformat(timespec="seconds")
    write_imported(folder, replace(row, extra=MappingProxyType(foreign)), created)
    title, notes = row.extra.get("title", ""), row.extra.get("notes", "")
    if title or notes:
        label_run(folder, title, notes)
    return folder


def _with_parents(rows: tuple[SeedRow, ...]) -> tuple[SeedRow, ...]:
    """The rows, those that used another row's model again with its name."""
    first: dict[tuple[str, ...], str] = {}
    found = []
    for row in rows:
        parent = first.setdefault(row.training, row.test) if row.training else row.test
        found.append(replace(row, parent=parent) if parent != row.test else row)
    return tuple(found)


def _add_log(placed: _Placed, files: ExperimentFiles, counts: Counter[str]) -> Iterator[str]:
    """Give a run its losses, and say where they contradict its row."""
    path = files.logs.get(placed.row.test)
    target = placed.folder / LOSSES_FILE
    if path is None or target.exists():
        return
    try:
        log = read_log(path)
    except ProjectError as error:
        yield str(error)
        return
    lines = "".join(f"{epoch},{loss}\n" for epoch, loss in log.losses)
    write_file(target, f"epoch,train\n{lines}".encode())
    counts["logs"] += 1
    yield from log.findings
    yield from _contradictions(placed.row, log, path.name)


def _contradictions(row: SeedRow, log: Log, name: str) -> Iterator[str]:
    loss, epochs = row.number("loss"), row.whole("epochs")
    if loss is not None and not log.holds(loss):
        yield f"{name} contradicts row {row.test}: its lowest loss is {log.lowest:.4g}, the row says {loss:.4g}."
    if epochs is not None and len(log.losses) != epochs:
        problem = f" (“{row.words('Problems')}”)" if row.words("Problems") else ""
        yield f"{name} has {_count(len(log.losses), 'epoch')}, row {row.test} says {epochs:,}{problem}."


def _add_output(placed: _Placed, files: ExperimentFiles, counts: Counter[str]) -> Iterator[str]:
    """Lay a row's output into its run."""
    path = files.outputs.get(placed.row.test)
    if path is None:
        return
    target = placed.folder / f"{placed.row.test}{OUTPUT_SUFFIX}"
    if target.exists():
        return
    try:
        content = bounded_bytes(path, LARGEST_OUTPUT_BYTES)
        read_midi(path)
    except MidiReadError as error:
        yield f"{path.name} cannot be opened as music: {error.message} It was taken over as it is."
    except MusicgenError as error:
        yield str(error)
        return
    write_file(target, content)
    counts["outputs"] += 1


def _remarks_on_rows(table: Table, name: str) -> Iterator[str]:
    """Ids that are there twice or not at all, and cells that are not what their heading says."""
    times = Counter(row.test for row in table.rows)
    for test, count in times.items():
        if test and count > 1:
            yield f"{name} has {count} rows called {test}; each became a run of its own."
    for row, line in zip(table.rows, table.lines, strict=True):
        if not row.test:
            yield f"{name}, row {line}: it has no test_id."
        for column in row.unreadable:
            expected = "whole number" if column in WHOLE_NUMBERS else "number"
            yield f"{name}, row {line}, {column}: “{row.words(column)[:40]}” is no {expected}."


def _remarks_on_files(rows: tuple[SeedRow, ...], files: ExperimentFiles) -> Iterator[str]:
    """Rows without a log, and files without a row."""
    reused = [row for row in rows if row.parent and row.test not in files.logs]
    if reused:
        parents = ", ".join(f"{row.test} (of {row.parent})" for row in reused)
        yield f"Without a log, since another row's model was used again: {parents}."
    missing = [row.test for row in rows if not row.parent and row.test not in files.logs]
    if missing:
        yield f"No log was found for {_count(len(missing), 'row')}: {_listed(missing)}."
    silent = [row.test for row in rows if row.test not in files.outputs]
    if silent:
        yield f"No output was found for {_count(len(silent), 'row')}: {_listed(silent)}."
    tests = {row.test for row in rows}
    for kind, found in (("log", files.logs), ("output", files.outputs)):
        stray = [path.name for test, path in found.items() if test not in tests]
        if stray:
            yield f"{_count(len(stray), kind)} without a row: {_listed(stray)}."


def _remark_on_earlier(again: int, rows: int) -> Iterator[str]:
    if again:
        which = "All of them were" if again == rows else f"{_count(again, 'row')} of {rows:,} were"
        yield f"{which} imported before and not added again."


def _listed(names: list[str]) -> str:
    shown = ", ".join(name or "(no id)" for name in names[:20])
    return shown if len(names) <= 20 else f"{shown} and {len(names) - 20:,} more"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
