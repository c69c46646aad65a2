"""Puts a finished data set in its place in one step, and clears up after those that were not finished."""

import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from musicgen_app.core.errors import DatasetError, UsageError
from musicgen_app.dataset.store import DESCRIPTION

_UNFINISHED = ".unfinished-"
_REPLACED = ".replaced-"
_STALE_AFTER_SEC = 24 * 3600.0


def check_place(out: Path) -> None:
    """Make sure that a data set may be put there.

    Raises:
        UsageError: There is something else.
    """
    if not out.exists():
        return
    if not out.is_dir():
        raise UsageError(f"{out.name} is a file.", "Choose a folder for the data set.")
    if any(out.iterdir()) and not (out / DESCRIPTION).is_file():
        raise UsageError(f"The folder {out.name} holds other files.", "Choose an empty or a new folder.")


@contextmanager
def unfinished_folder(out: Path, now: Callable[[], float] = time.time) -> Iterator[Path]:
    """A new folder beside ``out`` to build in; gone at the end unless it was published.

    Raises:
        DatasetError: It cannot be made there, or writing failed.
    """
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        _clear_up(out, now)
        folder = _beside(out, _UNFINISHED)
        folder.mkdir()
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    except OSError as error:
        raise DatasetError(
            f"The data set {out.name} could not be written: {error.strerror or 'the disk gave no reason'}.",
            "Check that there is space on that disk and that you may write there, or choose another folder.",
        ) from error


def publish(folder: Path, out: Path) -> None:
    """Make a finished folder the one at ``out``, which is replaced if it is there.

    Raises:
        OSError: It could not be done; what was at ``out`` is still there.
    """
    for path in folder.iterdir():
        with path.open("rb+") as file:
            os.fsync(file.fileno())
    if not out.exists():
        folder.rename(out)
        return
    before = _beside(out, _REPLACED)
    out.rename(before)
    try:
        folder.rename(out)
    except OSError:
        before.rename(out)
        raise
    shutil.rmtree(before, ignore_errors=True)


def _beside(out: Path, mark: str) -> Path:
    return out.with_name(f".{out.name}{mark}{secrets.token_hex(4)}")


def _clear_up(out: Path, now: Callable[[], float]) -> None:
    """Delete what killed programs left behind a day ago or more; bring back what one was about to replace."""
    for folder in out.parent.glob(f".{out.name}{_REPLACED}*"):
        if out.exists():
            shutil.rmtree(folder, ignore_errors=True)
        else:
            folder.rename(out)
    for folder in out.parent.glob(f".{out.name}{_UNFINISHED}*"):
        if now() - folder.stat().st_mtime >= _STALE_AFTER_SEC:
            shutil.rmtree(folder, ignore_errors=True)
