"""A scan that ends itself by kill -9: ``python -m tests.workflow.killed_scan LIBRARY FOLDER STAGE REPORTS``.

STAGE is that of a ``Progress``, or "unsaved": between what was read and what is committed. It dies when it is told for
the REPORTS-th time. Its clock runs so fast that every batch is committed, but for "unsaved", where it stands.
"""

import os
import signal
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from musicgen_app.core.progress import CancelToken, Progress
from musicgen_app.dataset.library_writer import LibraryWriter
from musicgen_app.workflow.scan import ScanRequest, scan


def main(library: Path, folder: Path, stage: str, reports: int) -> None:
    told: Iterator[int] = count(1)

    def die() -> None:
        if next(told) == reports:
            os.kill(os.getpid(), signal.SIGKILL)

    def report(one: object) -> None:
        if isinstance(one, Progress) and one.stage == stage:
            die()

    if stage == "unsaved":
        keep = LibraryWriter.keep

        def keep_and_die(self: LibraryWriter, found: object) -> None:
            keep(self, found)  # type: ignore[arg-type]
            die()

        LibraryWriter.keep = keep_and_die  # type: ignore[assignment,method-assign]
    seconds = count(0, 0 if stage == "unsaved" else 10)
    scan(ScanRequest(library, (folder,), processes=2), report, CancelToken(), lambda: float(next(seconds)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
