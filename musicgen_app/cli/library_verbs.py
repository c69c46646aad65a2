"""What ``musicgen library`` does: scans folders into a library, lists its files, counts, and checks its notes."""

import argparse
import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from musicgen_app.cli.console import ProgressLine, duration_text, print_json, print_text
from musicgen_app.dataset.library import Library, LibraryRow
from musicgen_app.dataset.library_query import Query
from musicgen_app.dataset.library_statistics import SetStatistics, count_bars, read_columns
from musicgen_app.dataset.recipe import NO_RECIPE

_SHOWN = (
    ("path", "", 48),
    ("verdict", "", 30),
    ("notes", ">,d", 0),
    ("length", ">", 0),
    ("tempo", ">.0f", 0),
    ("metre", "", 0),
    ("key", "", 0),
    ("composer", "", 20),
    ("like others", "", 0),
)


def scan(given: argparse.Namespace) -> int:
    """Bring a library up to date with its folders."""
    from musicgen_app.workflow.scan import ScanRequest, scan

    line = ProgressLine()
    request = ScanRequest(given.library, tuple(given.folders), given.processes, programs=given.programs)
    done = scan(request, line, given.cancel)
    line.clear()
    if given.json:
        print_json(done)
        return 0
    changes = [("new", done.new), ("changed", done.changed), ("back", done.back), ("moved", done.moved)]
    changes += [("missing", done.missing), ("as before", done.unchanged)]
    told = ", ".join(f"{count:,} {word}" for word, count in changes if count) or "nothing in them"
    print_text(f"{done.files:,} files: {told}. {done.read:,} read in {duration_text(done.seconds)}.")
    for sentence in (*done.remarks, _totals_text(done.totals)):
        print_text(sentence)
    return 0


def list_files(given: argparse.Namespace) -> int:
    """List files of a library by any order and filter."""
    query = Query(given.sort, given.descending, tuple(given.filter.split()), given.kind, tuple(given.only))
    with Library(given.library) as library:
        total = library.count(query)
        if given.start:
            rows = library.rows(library.ids(query)[given.start : given.start + given.limit].tolist())
        else:
            rows = library.page(query, given.limit)
        kin = [library.kin(row) for row in rows]
    if given.json:
        listed = [_described(row, told) for row, told in zip(rows, kin, strict=True)]
        print_json({"found": total, "start": given.start, "files": listed})
        return 0
    cells = [[title for title, _, _ in _SHOWN]]
    cells += [_cells(row, told) for row, told in zip(rows, kin, strict=True)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(_SHOWN))]
    for row_cells in cells:
        print_text("  ".join(map(_padded, _SHOWN, row_cells, widths)).rstrip())
    print_text(f"{len(rows):,} of {total:,} files.")
    return 0


def stats(given: argparse.Namespace) -> int:
    """Say what a library holds, all in all, and how its usable files differ."""
    with Library(given.library) as library:
        totals = library.totals()
        counted = count_bars(library, read_columns(library), Query())
        counts = library.counts()
        sources = library.sources()
    if given.json:
        found = {"sources": sources, **totals, "statistics": _bars(counted)}
        print_json(found | {name: array.tolist() for name, array in counts.items()})
        return 0
    print_text(_totals_text(totals))
    for folder in sources:
        print_text(f"  {folder}")
    for one in counted.columns.quantities:
        print_text(f"{one.title}: {_tally_text(_bars(counted)[one.name])}.")
    return 0


def advice(given: argparse.Namespace) -> int:
    """Say what a library is enough for."""
    from musicgen_app.project.document import Project
    from musicgen_app.workflow.advice import AdviceRequest, advise

    line = ProgressLine()
    recipe = Project.open(given.project).recipe if given.project is not None else NO_RECIPE
    asked = AdviceRequest(
        given.library,
        given.validation,
        given.pedal,
        given.grid,
        given.seed,
        given.codec,
        project=given.project,
        recipe=recipe,
    )
    found = advise(asked, line, given.cancel)
    line.clear()
    if given.json:
        print_json(found)
        return 0
    print_text(found.advice)
    for sentence in (found.validation_sentence(), *found.remarks(), *found.time_sentences()):
        print_text(sentence)
    print_text("Why:")
    for sentence in found.reasons:
        print_text(f"  {sentence}")
    return 0


def check(given: argparse.Namespace) -> int:
    """Read all notes back; fails where some are damaged."""
    from musicgen_app.workflow.library_check import check_library

    line = ProgressLine()
    done = check_library(given.library, line, given.cancel)
    line.clear()
    if given.json:
        print_json(done)
    else:
        print_text(f"{done.files:,} files, {done.notes:,} notes: {len(done.damaged):,} files are damaged.")
        for path in done.damaged:
            print_text(f"  {path}: the next scan reads it again.")
    return 1 if done.damaged else 0


def _totals_text(totals: Mapping[str, Any]) -> str:
    waiting = f", {totals['waiting']:,} waiting" if totals["waiting"] else ""
    missing = f", {totals['missing']:,} missing" if totals["missing"] else ""
    return (
        f"The library holds {totals['files']:,} files: {totals['ready']:,} ready, {totals['repaired']:,} repaired, "
        f"{totals['set_aside']:,} set aside{waiting}{missing}; {totals['notes']:,} notes, "
        f"{totals['seconds'] / 3600:,.1f} hours. {totals['same_music']:,} have the same music as another, "
        f"{totals['same_bytes']:,} are the same file."
    )


def _bars(counted: SetStatistics) -> dict[str, dict[str, int]]:
    return {
        one.name: {bar.words: int(count) for bar, count in zip(one.bars, counted.whole[one.name], strict=True)}
        for one in counted.columns.quantities
    }


def _tally_text(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{value} ({count:,})" for value, count in counts.items() if count) or "no file"


def _padded(shown: tuple[str, str, int], cell: str, width: int) -> str:
    return cell.rjust(width) if shown[1].startswith(">") else cell.ljust(width)


def _cells(row: LibraryRow, kin: Sequence[str]) -> list[str]:
    values: Sequence[Any] = (
        row.path,
        row.words,
        row.notes,
        duration_text(row.seconds),
        row.tempo,
        row.metre,
        row.key,
        row.composer,
        " ".join(kin),
    )
    cells = []
    for (_, form, widest), value in zip(_SHOWN, values, strict=True):
        cell = format(value, form)
        cells.append(f"{cell[: widest - 1]}…" if widest and len(cell) > widest else cell)
    return cells


def _described(row: LibraryRow, kin: Sequence[str]) -> dict[str, Any]:
    told = {field.name: getattr(row, field.name) for field in dataclasses.fields(row)}
    told |= {"sha256": row.sha256.hex(), "fingerprint": row.fingerprint.hex(), "state": row.words}
    return {"path": row.path, **told, "kin": kin}
