"""Lets a library hold the files of some places alone: what is new is added, what is not named is forgotten."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from musicgen_app.dataset.library_writer import LibraryWriter
from musicgen_app.dataset.stored_text import clean, decoded

Wanted = Mapping[Path, frozenset[str]]
"""Folders, each with the names of the files in it that are wanted; no names for all in it and below."""


def wanted_of(places: Iterable[Path]) -> Wanted:
    """The folders that hold these folders and files; what lies inside another one of them is covered by it.

    Args:
        places: Folders, and files; one that is not there any more is taken for a folder.
    """
    whole = [place.resolve() for place in places if not place.is_file()]
    whole = [place for place in whole if not any(other in place.parents for other in whole)]
    wanted: dict[Path, frozenset[str]] = dict.fromkeys(whole, frozenset())
    for place in places:
        file = place.resolve()
        if place.is_file() and not any(other in file.parents for other in whole):
            wanted[file.parent] = wanted.get(file.parent, frozenset()) | {clean(file.name)}
    return wanted


def hold_exactly(writer: LibraryWriter, wanted: Wanted) -> None:
    """Let a library hold the files of these places alone.

    A file that is wanted under another folder than before keeps what is known of it. The notes of files that are
    forgotten stay in their shard until nothing else is in it.
    """
    before = {folder: (number, writer.names(number)) for folder, number in writer.sources().items()}
    numbers = {folder: writer.put_source(folder, names) for folder, names in wanted.items()}
    for folder, (number, names) in before.items():
        if folder in wanted and (not wanted[folder] or names == wanted[folder]):
            continue
        moves, drops = [], []
        for file, below, name in writer.files_of(number):
            inside = f"{below}/{name}" if below else name
            home = _home(folder / decoded(inside), wanted)
            if home is None:
                drops.append(file)
            elif numbers[home] != number:
                path = (folder / decoded(inside)).relative_to(home)
                above = clean(path.parent.as_posix()) if path.parent != Path() else ""
                moves.append((file, numbers[home], above))
        writer.rehome(moves)
        writer.forget(drops)
        if folder not in wanted:
            writer.forget_source(number)


def _home(file: Path, wanted: Wanted) -> Path | None:
    """The folder under which a file is wanted; None where it is not."""
    if clean(file.name) in wanted.get(file.parent, ()):
        return file.parent
    return next((folder for folder in file.parents if folder in wanted and not wanted[folder]), None)
