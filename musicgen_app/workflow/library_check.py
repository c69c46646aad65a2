"""The verb ``library check``: reads all notes of a library back and holds them against its index."""

from dataclasses import dataclass
from pathlib import Path

from musicgen_app.core.errors import LibraryError
from musicgen_app.core.progress import CancelToken, Progress, Report
from musicgen_app.dataset.fingerprint import fingerprint
from musicgen_app.dataset.library import Library, LibraryRow
from musicgen_app.dataset.library_query import Query
from musicgen_app.dataset.library_writer import LibraryWriter
from musicgen_app.workflow.scan import alone

CHECKING = "Reading the notes"
_TELL_EVERY = 200


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What came of it.

    Attributes:
        library: Its folder.
        files: Files whose notes were read back.
        notes: How many notes those are.
        damaged: Paths of files whose notes are not what the index says; the next scan reads them again.
    """

    library: Path
    files: int
    notes: int
    damaged: tuple[str, ...]


def check_library(folder: Path, report: Report, cancel: CancelToken) -> CheckReport:
    """Read the notes of every file back; those that are damaged wait for the next scan.

    Raises:
        Cancelled: Stopped on request.
        LibraryError: There is no library, its index is damaged, or a scan goes on.
    """
    with Library(folder) as library, alone(folder):
        rows = (row for row in library.pages(Query()) if row.place is not None)
        total = library.count(Query())
        files = notes = 0
        damaged: list[LibraryRow] = []
        for row in rows:
            cancel.check()
            if files % _TELL_EVERY == 0:
                report(Progress(CHECKING, files, total, item=row.path))
            files += 1
            if _is_sound(library, row):
                notes += row.notes
            else:
                damaged.append(row)
        if damaged:
            writer = LibraryWriter(folder)
            try:
                writer.read_again([row.id for row in damaged])
                writer.commit()
            finally:
                writer.close()
    return CheckReport(folder, files, notes, tuple(row.path for row in damaged))


def _is_sound(library: Library, row: LibraryRow) -> bool:
    try:
        score = library.score(row)
    except LibraryError:
        return False
    return len(score.notes) == row.notes and fingerprint(score) == row.fingerprint
