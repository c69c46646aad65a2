"""The music that imported experiments learned from, kept in the project: lists of words and the pieces in them.

A clone may be moved or deleted; what its outputs were copied from should still be named, and heard.
"""

import os
from dataclasses import replace
from pathlib import Path

from musicgen_app.core.errors import NoteFileError, ProjectError
from musicgen_app.core.files import make_folder
from musicgen_app.core.progress import CancelToken, Progress, Report
from musicgen_app.generation.word_copies import keys_of_words
from musicgen_app.project.store import Fields, read_json, write_file, write_json
from musicgen_app.tokens.note_file import looks_like_notes, read_notes
from musicgen_app.tokens.note_file import write_json as write_words
from musicgen_app.tokens.seed import Rendering
from musicgen_app.workflow.list_pieces import ListedPiece, midi_beside, pieces_in
from musicgen_app.workflow.word_reference import WordLine, WordReference

KEPT_FOLDER, KEPT_FILE = "reference", "reference.json"

_VERSION = 1
_DEEPEST = 4
_MOST_LISTS = 8
_MOST_ENTRIES = 20_000
_LARGEST_LIST = 20_000_000
_LARGEST_MIDI = 5_000_000
_SUFFIXES = ("", ".json", ".pkl", ".pickle")


def lists_in(folder: Path) -> list[Path]:
    """The note files in a folder and below it, those nearest to it first; of very many files not all are looked at."""
    found: list[Path] = []
    seen = 0
    for place, folders, names in os.walk(folder):
        depth = len(Path(place).relative_to(folder).parts)
        folders[:] = sorted(name for name in folders if not name.startswith(".") and depth < _DEEPEST)
        seen += len(names)
        wanted = (Path(place, name) for name in sorted(names) if not name.startswith("."))
        found += [path for path in wanted if path.suffix.lower() in _SUFFIXES and _is_list(path)]
        if len(found) > _MOST_LISTS or seen > _MOST_ENTRIES:
            break
    return sorted(found[:_MOST_LISTS], key=lambda path: len(path.parts))


def keep_reference(clone: Path, project: Path, report: Report, cancel: CancelToken) -> bool:
    """Keep the lists of words in a folder of experiments, and the MIDI files of the pieces that stand in them.

    Where a project keeps a reference already, nothing is done.

    Returns:
        Whether there is a reference in the project now.

    Raises:
        ProjectError, FileWriteError: It could not be written.
        Cancelled: Stopped on request.
    """
    target = project / KEPT_FOLDER
    if (target / KEPT_FILE).is_file():
        return True
    report(Progress("Looking for what was learned from", item=clone.name))
    lists = lists_in(clone)
    if not lists:
        return False
    words = [read_notes(path) for path in lists]
    found = pieces_in(words, midi_beside(clone / "any"), report, cancel)
    described = []
    for number, (path, one, pieces) in enumerate(zip(lists, words, found, strict=True)):
        make_folder(target)
        write_words(one, target / f"{number}.json")
        kept = [_kept(piece, target) for piece in pieces]
        described.append(
            {
                "name": path.name,
                "words": f"{number}.json",
                "pieces": [
                    {
                        "title": piece.title,
                        "place": piece.place,
                        "words": piece.words,
                        "file": "" if piece.file is None else piece.file.name,
                        "first_part": piece.first_part,
                    }
                    for piece in kept
                ],
            }
        )
    write_json(target / KEPT_FILE, {"version": _VERSION, "lists": described})
    return True


def open_kept(folder: Path) -> WordReference:
    """The reference a project keeps.

    Raises:
        ProjectError: It is damaged, or of a newer version.
        NoteFileError: A list of it cannot be read.
    """
    contents = Fields(read_json(folder / KEPT_FILE), KEPT_FILE)
    if contents.take("version", int, 0) != _VERSION:
        raise ProjectError("The reference of this project is of another version.", "Import the experiments again.")
    octave = Rendering().octave
    lines = []
    for one in contents.take("lists", list, []):
        listed = Fields(one if isinstance(one, dict) else {}, KEPT_FILE)
        words = read_notes(folder / _inside(listed.take("words", str, "")))
        pieces = tuple(_piece(folder, given) for given in listed.take("pieces", list, []) if isinstance(given, dict))
        lines.append(WordLine(listed.take("name", str, ""), keys_of_words(words, octave), pieces, words))
    if not lines:
        raise ProjectError("The reference of this project holds no music.", "Import the experiments again.")
    return WordReference(" and ".join(line.name for line in lines), lines)


def _piece(folder: Path, given: dict[str, object]) -> ListedPiece:
    fields = Fields(given, KEPT_FILE)
    file = _inside(fields.take("file", str, ""))
    return ListedPiece(
        title=fields.take("title", str, ""),
        place=fields.take("place", int, 0),
        words=fields.take("words", int, 0),
        file=folder / "midi" / file if file else None,
        first_part=fields.take("first_part", bool, False),
    )


def _inside(name: str) -> str:
    """A file's name without a way out of the folder."""
    return Path(name.replace("\\", "/")).name


def _kept(piece: ListedPiece, target: Path) -> ListedPiece:
    """A piece with its MIDI file beside the list; without one where that is too large or cannot be read."""
    if piece.file is None:
        return piece
    copy = target / "midi" / piece.file.name
    try:
        if piece.file.stat().st_size > _LARGEST_MIDI:
            return replace(piece, file=None)
        content = piece.file.read_bytes()
    except OSError:
        return replace(piece, file=None)
    number = 1
    while copy.exists() and copy.read_bytes() != content:
        number += 1
        copy = copy.with_name(f"{piece.file.stem} {number}{piece.file.suffix}")  # another file of this name
    write_file(copy, content)
    return replace(piece, file=copy)


def _is_list(path: Path) -> bool:
    try:
        if not path.is_file() or path.stat().st_size > _LARGEST_LIST or not looks_like_notes(path):
            return False
        return bool(read_notes(path))
    except (OSError, NoteFileError):
        return False
