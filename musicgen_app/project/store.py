"""The plain files of a project: checked JSON in, atomic JSON out, versions and their migration."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from musicgen_app.core.errors import FileWriteError, ProjectError
from musicgen_app.core.files import write_atomically

LARGEST_BYTES = 64_000_000
"""No file of ours comes near; a larger one is not ours and is not read."""

_HINT_COPY = "Put back a copy of the file."
_HINT_WRITE = "Check that you may write there, or choose another folder."

Migration = Callable[[dict[str, object]], dict[str, object]]
T = TypeVar("T")


def read_json(path: Path) -> dict[str, object]:
    """Read a file that holds one JSON object.

    Raises:
        ProjectError: The file is missing, unreadable, or does not hold an object.
    """
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise ProjectError(f"{path.name} is far too large to belong to a project.", "Choose another folder.")
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ProjectError(
            f"{path.name} is missing in {path.parent.name}.", "Choose the folder of a project."
        ) from error
    except OSError as error:
        raise ProjectError(
            f"{path.name} cannot be read: {error.strerror}.", "Check the disk and its rights."
        ) from error
    except (ValueError, RecursionError) as error:
        raise ProjectError(
            f"{path.name} in {path.parent.name} is damaged: it is not valid JSON.",
            "Put back a copy of the file, or create a new project and add the music again.",
        ) from error
    if not isinstance(found, dict):
        raise ProjectError(f"{path.name} does not hold what it should.", _HINT_COPY)
    return found


def write_json(path: Path, contents: Mapping[str, object]) -> None:
    """Write one JSON object, so that the file holds either all of the old or all of the new.

    Raises:
        ProjectError: The disk is full, read-only or gone.
    """
    text = json.dumps(contents, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    write_file(path, text.encode())


def write_file(path: Path, content: bytes) -> None:
    """Write a file atomically, making its folder if need be.

    Raises:
        ProjectError: The disk is full, read-only or gone.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, content)
    except FileWriteError as error:
        raise ProjectError(error.message, error.hint) from error
    except OSError as error:
        told = error.strerror or "the disk gave no reason"
        raise ProjectError(f"The folder {path.parent.name} could not be made: {told}.", _HINT_WRITE) from error


def migrated(
    contents: dict[str, object], newest: int, migrations: Mapping[int, Migration], name: str
) -> dict[str, object]:
    """Bring contents of an older version up to date.

    Args:
        contents: As read, with its ``version``.
        newest: The version this program writes.
        migrations: For each older version, what makes the next one of it.
        name: What to call the file in a sentence.

    Raises:
        ProjectError: The version is missing, newer than this program, or has no way up.
    """
    version = contents.get("version")
    if not isinstance(version, int) or isinstance(version, bool):
        raise ProjectError(f"{name} does not say which version it is.", _HINT_COPY)
    if version > newest:
        raise ProjectError(
            f"{name} was written by a newer version of the program (format {version}; this one knows {newest}).",
            "Update the program to open it.",
        )
    while version < newest:
        step = migrations.get(version)
        if step is None:
            raise ProjectError(f"{name} has format {version}, which was never used.", _HINT_COPY)
        version += 1
        contents = {**step(contents), "version": version}
    return contents


class Fields:
    """Takes values out of a JSON object and says in a sentence which one is wrong.

    Args:
        contents: The object.
        name: What to call the file in a sentence.
    """

    def __init__(self, contents: Mapping[str, object], name: str) -> None:
        self._contents = contents
        self._name = name

    def take(self, key: str, kind: type[T], default: T) -> T:
        """The value of ``key``, ``default`` where it is absent.

        Raises:
            ProjectError: It is of another type. A whole number counts as a float, true and false not as numbers.
        """
        value = self._contents.get(key, default)
        if kind is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise ProjectError(f"{self._name} is damaged: “{key}” is not what it should be.", _HINT_COPY)
        return value

    def optional(self, key: str, kind: type[T]) -> T | None:
        """The value of ``key``; None where it is absent or null.

        Raises:
            ProjectError: It is of another type.
        """
        value = self._contents.get(key)
        return None if value is None else self.take(key, kind, kind())

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; empty where it is absent.

        Raises:
            ProjectError: It is no list, or something in it is no text.
        """
        values: list[object] = self.take(key, list, [])
        if not all(isinstance(value, str) for value in values):
            raise ProjectError(f"{self._name} is damaged: “{key}” is not a list of texts.", _HINT_COPY)
        return tuple(str(value) for value in values)

    def section(self, key: str) -> "Fields":
        """The object under ``key``; an empty one where it is absent."""
        inner: dict[str, object] = self.take(key, dict, {})
        return Fields(inner, self._name)
