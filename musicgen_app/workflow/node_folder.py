"""A folder for passing use on a node of a cluster, whose processes may be killed at any moment."""

import contextlib
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from musicgen_app.ml.runfolder import LOCK_FILE, lock_file

_PREFIX = "musicgen-node-"
_YOUNG_SECONDS = 60.0
"""A folder that is younger may be about to be locked."""


@contextlib.contextmanager
def node_folder(now: Callable[[], float] = time.time) -> Iterator[Path]:
    """A new folder as long as the block lasts. What processes that were killed have left is deleted before."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            if now() - folder.stat().st_mtime > _YOUNG_SECONDS:
                _delete_unless_held(folder)
    own = Path(tempfile.mkdtemp(prefix=_PREFIX))
    try:
        with (own / LOCK_FILE).open("ab") as held:
            lock_file(held)
            yield own
    finally:
        shutil.rmtree(own, ignore_errors=True)


def _delete_unless_held(folder: Path) -> None:
    with (folder / LOCK_FILE).open("r+b") as file:
        left = lock_file(file)
    if left:
        shutil.rmtree(folder, ignore_errors=True)
