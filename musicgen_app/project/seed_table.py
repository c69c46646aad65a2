"""Tables of experiments as CSV text: read whatever wrote them, written so that every cell comes back as it was."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from musicgen_app.core.errors import ProjectError
from musicgen_app.project.seed_row import SEED_COLUMNS, SeedRow

LARGEST_TABLE_BYTES = 64_000_000
MOST_ROWS = 100_000
_LONGEST_CELL = 1_000_000
_LEAST_COLUMNS = 4
"""So many of the 14 headings make a table of experiments; ``test_id`` is one of them."""


@dataclass(frozen=True, slots=True)
class Table:
    """What was read.

    Attributes:
        rows: In the order of the table.
        lines: For each row the line it begins in; the headings stand in line 1.
        findings: What was not as it should be, in sentences that name the file.
    """

    rows: tuple[SeedRow, ...]
    lines: tuple[int, ...]
    findings: tuple[str, ...]


def read_table(path: Path, name: str = "") -> Table:
    """Read a table of experiments.

    Args:
        path: The file.
        name: What to call it in sentences; its own name where empty.

    Raises:
        ProjectError: It cannot be read, is far too large, or is no such table.
    """
    name = name or path.name
    text, findings = decoded(_content(path, name, LARGEST_TABLE_BYTES), name)
    rows, more = _parsed(text, name)
    findings += more
    if not rows or not is_header(rows[0][1]):
        raise ProjectError(
            f"{name} is not a table of experiments.", f"Its first line should say {', '.join(SEED_COLUMNS[:4])} ..."
        )
    header = [cell.strip() for cell in rows[0][1]]
    findings += [f"{name} has no column “{column}”." for column in SEED_COLUMNS if column not in header]
    body = rows[1:]
    if len(body) > MOST_ROWS:
        findings.append(f"{name} has {len(body):,} rows; the first {MOST_ROWS:,} were read.")
        body = body[:MOST_ROWS]
    for line, cells in body:
        if len(cells) != len(header):
            findings.append(f"{name}, row {line}: {len(cells)} cells under {len(header)} headings.")
    return Table(tuple(_row(header, cells) for _, cells in body), tuple(line for line, _ in body), tuple(findings))


def is_header(cells: Sequence[str]) -> bool:
    """Whether these are the headings of a table of experiments."""
    names = {cell.strip() for cell in cells}
    return "test_id" in names and len(names & set(SEED_COLUMNS)) >= _LEAST_COLUMNS


def looks_like_table(path: Path) -> bool:
    """Whether a file begins like a table of experiments; only its first line is read."""
    try:
        with path.open("rb") as file:
            first = file.readline(20_000)
    except OSError:
        return False
    return is_header(_split(decoded(first, path.name)[0].splitlines()[0] if first.strip() else ""))


def decoded(content: bytes, name: str) -> tuple[str, list[str]]:
    """The text of a file, and a sentence where it is not in UTF-8."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace"), []
    try:
        return content.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace"), [f"{name} is not in UTF-8; its text was read as Windows-1252."]


def table_text(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table as CSV text; reading it gives the same cells again, whatever is in them."""
    return "".join(",".join(map(_quoted, row)) + "\n" for row in (header, *rows))


def _quoted(cell: str) -> str:
    # Python's own writer leaves a lone carriage return without quotes, which ends the row when it is read.
    if any(sign in cell for sign in ',"\r\n') or cell != cell.strip():
        return '"' + cell.replace('"', '""') + '"'
    return cell


def _content(path: Path, name: str, most: int) -> bytes:
    try:
        if path.stat().st_size > most:
            raise ProjectError(f"{name} is larger than {most // 1_000_000} MB; that is no table of experiments.")
        return path.read_bytes()
    except OSError as error:
        raise ProjectError(f"{name} cannot be read: {error.strerror}.", "Check the disk and its rights.") from error


def _parsed(text: str, name: str) -> tuple[list[tuple[int, list[str]]], list[str]]:
    """The cells of each row with the line it begins in, and what was wrong with the text."""
    delimiter = _delimiter(text)
    before = csv.field_size_limit(_LONGEST_CELL)
    try:
        try:
            return _lines(text, delimiter, strict=True), []
        except csv.Error as error:
            told = f"{name} is not quite CSV ({error}); what could be read was taken."
        try:
            return _lines(text, delimiter, strict=False), [told]
        except csv.Error as error:
            raise ProjectError(f"{name} cannot be read: {error}.", "Write it anew with a spreadsheet.") from error
    finally:
        csv.field_size_limit(before)


def _lines(text: str, delimiter: str, strict: bool) -> list[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=strict)
    rows, begins = [], 1
    for cells in reader:
        if cells:
            rows.append((begins, cells))
        begins = reader.line_num + 1
        if len(rows) > MOST_ROWS + 1:
            break
    return rows


def _delimiter(text: str) -> str:
    first = text[: text.find("\n")] if "\n" in text else text
    return max(",;\t", key=lambda sign: len(set(SEED_COLUMNS) & {cell.strip() for cell in _split(first, sign)}))


def _split(line: str, delimiter: str | None = None) -> list[str]:
    if delimiter is None:
        delimiter = _delimiter(line)
    return [cell.strip().strip('"') for cell in line.split(delimiter)]


def _row(header: Sequence[str], cells: Sequence[str]) -> SeedRow:
    known: dict[str, str] = {}
    extra: dict[str, str] = {}
    for place, cell in enumerate(cells):
        column = header[place] if place < len(header) else ""
        if column in SEED_COLUMNS and column not in known:
            known[column] = cell
        elif cell:
            extra[_free(column or f"column {place + 1}", extra)] = cell
    return SeedRow(tuple(known.get(column, "") for column in SEED_COLUMNS), MappingProxyType(extra))


def _free(column: str, taken: Iterable[str]) -> str:
    number, free = 1, column
    while free in SEED_COLUMNS or free in taken:
        number += 1
        free = f"{column} {number}"
    return free
