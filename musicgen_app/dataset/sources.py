"""Finds files with music in folders, and what people wrote beside them about titles and licences."""

import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from musicgen_app.core.errors import UsageError
from musicgen_app.dataset.recipe import AS_IT_IS, FileEdit
from musicgen_app.dataset.titles import known_title
from musicgen_app.notation.container import NOTATION_SUFFIXES

SUFFIXES = (".mid", ".midi", ".kar", ".rmi")
MUSIC_SUFFIXES = (*SUFFIXES, *NOTATION_SUFFIXES)
CREDITS_FILE = "LICENCES.json"


@dataclass(frozen=True, slots=True)
class Source:
    """A file to be read.

    Attributes:
        path: Where it is.
        name: What to call it: its path inside the folder that was given, with forward slashes.
        edit: What was decided about it.
    """

    path: Path
    name: str
    edit: FileEdit = AS_IT_IS


@dataclass(frozen=True, slots=True)
class Credit:
    """What is known of a piece beside its notes; anything may be empty. Its key is only ever given by hand."""

    title: str = ""
    composer: str = ""
    licence: str = ""
    attribution: str = ""
    source: str = ""
    key: str = ""


def find_sources(places: Iterable[Path], suffixes: tuple[str, ...] = SUFFIXES) -> tuple[Source, ...]:
    """All MIDI files in these folders and below, and the files named themselves, each once, ordered by name.

    Args:
        places: Folders and files.
        suffixes: Endings of the files to look for in folders; ``MUSIC_SUFFIXES`` for notation as well.

    Raises:
        UsageError: A folder or file is not there.
    """
    found: dict[Path, Source] = {}
    for place in places:
        if place.is_dir():
            for path in _files_below(place, suffixes):
                found.setdefault(path.resolve(), Source(path, path.relative_to(place).as_posix()))
        elif place.exists():
            found.setdefault(place.resolve(), Source(place, place.name))
        else:
            raise UsageError(f"{place} is not there.", "Check the name of the folder or file.")
    return tuple(sorted(found.values(), key=lambda source: (source.name.casefold(), source.name, str(source.path))))


def _files_below(folder: Path, suffixes: tuple[str, ...]) -> Iterable[Path]:
    """Files by their suffix; hidden folders and files, and folders that may not be read, are passed over."""
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if name.lower().endswith(suffixes) and not name.startswith("."):
                yield Path(parent, name)


def title_of(path: Path) -> str:
    """A file's name as a title: ``maple-leaf_rag.mid`` is Maple Leaf Rag, ``chet2512.mid`` Étude op. 25 no. 12."""
    known = known_title(path.stem)
    if known:
        return known
    words = re.sub(r"[\s_\-]+", " ", path.stem).strip()
    if words == words.lower():
        words = re.sub(r"(?<![\w'])\w", lambda letter: letter.group().upper(), words)
    return words or path.name


def read_credits(folder: Path) -> Mapping[str, Credit]:
    """What the file ``LICENCES.json`` in a folder says of the files beside it, by file name.

    Its form is ``{"pieces": [{"file": "x.mid", "title": ..., "composer": ..., "licence": ..., "attribution": ...,
    "source": ...}, ...]}``; all but ``file`` may be missing. A file that is absent, or is not of this form, says
    nothing.
    """
    try:
        pieces = json.loads((folder / CREDITS_FILE).read_text(encoding="utf-8"))["pieces"]
        return {_text(piece, "file"): _credit(piece) for piece in pieces}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def _credit(piece: Mapping[str, object]) -> Credit:
    return Credit(*(_text(piece, name) for name in ("title", "composer", "licence", "attribution", "source")))


def _text(piece: Mapping[str, object], name: str) -> str:
    value = piece.get(name, "")
    return value.strip() if isinstance(value, str) else ""
