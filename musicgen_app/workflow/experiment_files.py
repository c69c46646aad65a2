"""Finds what belongs to a table of experiments in a folder: the table, logs and outputs named after its tests."""

import csv
import io
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from musicgen_app.core.errors import ProjectError, UsageError
from musicgen_app.core.progress import CancelToken
from musicgen_app.project.output_file import OUTPUT_SUFFIX
from musicgen_app.project.seed_row import decimal, name_of_test, whole_number
from musicgen_app.project.seed_table import decoded, looks_like_table

MOST_FILES = 500_000
MOST_DEPTH = 12
LARGEST_LOG_BYTES = 4_000_000
LARGEST_OUTPUT_BYTES = 16_000_000
_TABLE = "tests.csv"
_TOLD = 5


@dataclass(frozen=True, slots=True)
class ExperimentFiles:
    """What lies in a folder.

    Attributes:
        table: The table.
        logs: By the test's name.
        outputs: By the test's name.
        findings: What is there more than once or too deep, in sentences.
    """

    table: Path
    logs: Mapping[str, Path]
    outputs: Mapping[str, Path]
    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Log:
    """Losses by epoch, as the log writes them.

    Attributes:
        losses: Epoch numbers, rising, each with its loss word for word.
        findings: Rows that could not be read, in sentences.
    """

    losses: tuple[tuple[int, str], ...]
    findings: tuple[str, ...]

    @property
    def lowest(self) -> float:
        """The lowest loss."""
        return min(float(text) for _, text in self.losses)

    def holds(self, loss: float) -> bool:
        """Whether some epoch has this loss, up to rounding."""
        return any(abs(float(text) - loss) <= max(1e-6, 1e-3 * abs(loss)) for _, text in self.losses)


def find_experiments(folder: Path, cancel: CancelToken) -> ExperimentFiles:
    """Look for a table, logs and outputs anywhere below a folder. Hidden folders and links are left out.

    Raises:
        UsageError: The folder is not there.
        ProjectError: There is no table in it.
        Cancelled: Stopped on request.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder.", "Choose the folder with tests.csv, its logs and its outputs.")
    findings: list[str] = []
    files = _below(folder, cancel, findings)
    tables = [path for path in files if path.name.lower() == _TABLE]
    tables = tables or [path for path in files if path.suffix.lower() == ".csv" and looks_like_table(path)]
    if not tables:
        raise ProjectError(
            f"{folder.name} holds no table of experiments.", f"It should be called {_TABLE} and begin with “test_id”."
        )
    for other in tables[1:]:
        findings.append(f"{_name(other, folder)} is another table; {_name(tables[0], folder)} was taken.")
    logs = [path for path in files if path.suffix.lower() == ".csv" and path not in tables]
    outputs = [path for path in files if path.name.endswith(OUTPUT_SUFFIX)]
    return ExperimentFiles(
        tables[0],
        _by_test(((path.stem, path) for path in logs), "logs", folder, findings),
        _by_test(((path.name.removesuffix(OUTPUT_SUFFIX), path) for path in outputs), "outputs", folder, findings),
        tuple(findings),
    )


def read_log(path: Path) -> Log:
    """Read a log of losses by epoch.

    Raises:
        ProjectError: It cannot be read, is far too large, or holds no losses.
    """
    text, findings = decoded(bounded_bytes(path, LARGEST_LOG_BYTES), path.name)
    rows = csv.DictReader(io.StringIO(text, newline=""))
    losses: dict[int, str] = {}
    bad: list[str] = []
    try:
        if not {"epoch", "loss"} <= {str(name).strip() for name in rows.fieldnames or ()}:
            raise ProjectError(f"{path.name} is not a log.", "Its first line should say epoch,loss.")
        for row in rows:
            cells = {str(name).strip(): cell for name, cell in row.items()}
            epoch, loss = whole_number(cells["epoch"] or ""), decimal(cells["loss"] or "")
            if epoch is None or loss is None:
                wrong = "epoch" if epoch is None else "loss"
                bad.append(f"{path.name}, row {rows.line_num}, {wrong}: “{_short(cells[wrong])}” is no number.")
            else:
                losses[epoch] = repr(loss)
    except csv.Error as error:
        bad.append(f"{path.name} cannot be read beyond line {rows.line_num}: {error}.")
    if not losses:
        raise ProjectError(f"{path.name} holds no losses.", "Each row should hold an epoch and its loss.")
    findings += bad[:_TOLD]
    if len(bad) > _TOLD:
        findings.append(f"{path.name}: {len(bad) - _TOLD} more rows cannot be read.")
    return Log(tuple(sorted(losses.items())), tuple(findings))


def bounded_bytes(path: Path, most: int) -> bytes:
    """The content of a file that is not larger than ``most``.

    Raises:
        ProjectError: It is larger, or cannot be read.
    """
    try:
        size = path.stat().st_size
        if size > most:
            raise ProjectError(f"{path.name} is larger than {most // 1_000_000} MB.", "It was left out.")
        return path.read_bytes()
    except OSError as error:
        raise ProjectError(
            f"{path.name} cannot be read: {error.strerror}.", "Check the disk and its rights."
        ) from error


def _below(folder: Path, cancel: CancelToken, findings: list[str]) -> list[Path]:
    """The files below a folder, those nearest to it first."""
    found: list[Path] = []
    for place, folders, names in os.walk(folder):
        cancel.check()
        depth = len(Path(place).relative_to(folder).parts)
        folders[:] = sorted(name for name in folders if not name.startswith(".") and depth < MOST_DEPTH)
        paths = (Path(place, name) for name in sorted(names))
        found += [path for path in paths if path.suffix.lower() in (".csv", ".mid") and path.is_file()]
        if len(found) > MOST_FILES:
            findings.append(f"{folder.name} holds more than {MOST_FILES:,} files; the rest was not looked at.")
            break
    return sorted(found, key=lambda path: len(path.relative_to(folder).parts))


def _by_test(named: Iterable[tuple[str, Path]], kind: str, folder: Path, findings: list[str]) -> Mapping[str, Path]:
    """Files by the test they are named after; of several for one test, one in a folder called ``kind`` counts."""
    found: dict[str, Path] = {}
    for stem, path in sorted(named, key=lambda pair: pair[1].parent.name != kind):
        test = name_of_test(stem)
        if test in found:
            findings.append(f"{_name(path, folder)} was left out; {_name(found[test], folder)} was taken.")
        else:
            found[test] = path
    return found


def _name(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()


def _short(text: str | None) -> str:
    words = (text or "").strip()
    return words if len(words) <= 40 else f"{words[:40]}..."
