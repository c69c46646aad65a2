"""Files that are either the old ones or the new ones, whatever happens while they are written."""

import errno
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from musicgen_app.core.errors import FileWriteError

UNFINISHED = ".unfinished-"
"""How the names of files begin that are being written."""

_HINTS = {
    "ENOSPC": "Free some space on that disk, or choose another folder.",
    "ENOENT": "Choose a folder that exists.",
    "ENOTDIR": "Choose a folder that exists.",
    "EISDIR": "A folder has that name; choose another one.",
    "EEXIST": "A file has that name; choose another one.",
    "ENAMETOOLONG": "Choose a shorter name.",
}
_OTHER_HINT = "Check that you may write in that folder, or choose another one."


def make_folder(folder: Path) -> None:
    """Make a folder, with those above it, unless it is there already.

    Raises:
        FileWriteError: It cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileWriteError(f"The folder {folder} could not be made: {_reason(error)}.", _hint(error)) from error


def write_atomically(path: Path, content: bytes) -> None:
    """Put ``content`` into the file at ``path``, in one step as seen by everybody else.

    A reader, and a later start after a crash or a full disk, finds the old content or the new, never a part of it.
    A symbolic link stays one: the file it names is replaced.

    Raises:
        FileWriteError: Nothing was changed; the message says why.
    """
    with replacing(path) as temporary:
        temporary.write_bytes(content)
        written = temporary.stat().st_size
        if written != len(content):
            raise FileWriteError(f"Only {written:,} of {len(content):,} bytes of {path.name} could be written.")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Let something that writes files by name write one atomically.

    ``with replacing(path) as temporary: soundfile.write(temporary, sound, 48_000)``. The temporary file stands in
    the same folder and has the same suffix. It takes the place of ``path`` when the block ends, after it has reached
    the disk, and is deleted when the block raises.

    Raises:
        FileWriteError: Making, writing or renaming failed with an OSError; ``path`` is as it was.
    """
    try:
        target = path.resolve()
        handle, name = tempfile.mkstemp(prefix=UNFINISHED, suffix=target.suffix[:16], dir=target.parent)
        os.close(handle)
        temporary = Path(name)
        try:
            temporary.chmod(_mode_of(target))
            yield temporary
            _flush_to_disk(temporary)
            temporary.replace(target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        _flush_folder(target.parent)
    except OSError as error:
        raise _write_error(path, error) from error


def sweep_unfinished(folder: Path, older_than_sec: float = 3600.0, now: Callable[[], float] = time.time) -> int:
    """Delete what killed writers left behind in a folder, and return how many files that were.

    Younger ones are left alone: another window may be writing them.
    """
    swept = 0
    for stray in folder.glob(f"{UNFINISHED}*"):
        try:
            if now() - stray.stat().st_mtime >= older_than_sec:
                stray.unlink()
                swept += 1
        except OSError:  # somebody else finished or swept it
            continue
    return swept


def _mode_of(target: Path) -> int:
    """The permissions of the file that is replaced, else those a new file gets."""
    try:
        return target.stat().st_mode & 0o7777
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask


def _flush_to_disk(path: Path) -> None:
    # Opened for update: Windows refuses to flush a file that is open for reading only.
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    """Make the rename itself last; only POSIX can open a folder for that."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write_error(path: Path, error: OSError) -> FileWriteError:
    return FileWriteError(f"{path.name or path} could not be written: {_reason(error)}.", _hint(error))


def _reason(error: OSError) -> str:
    return error.strerror or "the disk gave no reason"


def _hint(error: OSError) -> str:
    return _HINTS.get(errno.errorcode.get(error.errno or 0, ""), _OTHER_HINT)
