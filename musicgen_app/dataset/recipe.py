"""What a person has decided about the files of a collection: left out, renamed, read otherwise, put on a side.

A ``Recipe`` is a value: undo swaps whole recipes. It names a file by its key, the same on every machine.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, get_args

from musicgen_app.core.errors import RecipeError, UsageError
from musicgen_app.core.files import write_atomically
from musicgen_app.core.key_names import key_name, key_named
from musicgen_app.dataset.stored_text import clean

Side = Literal["", "train", "validation", "test"]

RECIPE = "recipe.json"
"""Its name in a project, and in a data set, where it also says what was used."""
FORMAT, VERSION = "musicgen recipe", 1
_LARGEST_BYTES = 512_000_000
_LONGEST_TEXT = 1000


@dataclass(frozen=True, slots=True)
class FileEdit:
    """What was decided about one file; the usual value of each means: as it is.

    Attributes:
        excluded: Whether it is left out without being read.
        title, composer: What to call it, and who wrote it.
        key: Its key in words ("E♭ major"), as the piece is shown; no note moves.
        tracks: The tracks to read as piano, from 0 as in ``Score.tracks``, in ascending order; None for those that the
            doctor takes.
        trim: Whether silence before and after the music is taken away.
        quantise: Whether its notes are put on the grid they lie on.
        side: Where it belongs: "train", "validation" or "test"; empty to let chance decide.

    Raises:
        UsageError: No such key, side or track exists, or a text is too long.
    """

    excluded: bool = False
    title: str = ""
    composer: str = ""
    key: str = ""
    tracks: tuple[int, ...] | None = None
    trim: bool = False
    quantise: bool = False
    side: Side = ""

    def __post_init__(self) -> None:
        if self.side not in get_args(Side):
            raise UsageError(f'"{self.side}" is no side; expected "train", "validation" or "test".')
        for text in (self.title, self.composer):
            if len(text) > _LONGEST_TEXT or not text.isprintable():
                raise UsageError(f"{text[:40]!r} is no name; expected one line of at most {_LONGEST_TEXT:,} letters.")
        if self.key:
            named = key_named(self.key)
            if named is None:
                raise UsageError(f'"{self.key}" is no key.', 'Write it like "E flat major" or "c# minor".')
            object.__setattr__(self, "key", key_name(named.fifths, named.minor))
        if self.tracks is not None:
            tracks = tuple(sorted(set(self.tracks)))
            if not tracks or tracks[0] < 0:
                raise UsageError("No track is chosen.", "Choose at least one, or let the program choose.")
            object.__setattr__(self, "tracks", tracks)

    @property
    def changes_music(self) -> bool:
        """Whether other notes are read than without it."""
        return self.tracks is not None or self.trim or self.quantise


AS_IT_IS = FileEdit()
_USUAL = asdict(AS_IT_IS)


@dataclass(frozen=True, slots=True)
class Recipe:
    """The decisions about all files of a collection.

    Attributes:
        edits: What was decided, by the file's key (``key_of``); files that are left as they are are not named.
    """

    edits: Mapping[str, FileEdit] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        object.__setattr__(self, "edits", MappingProxyType(dict(self.edits)))

    def __hash__(self) -> int:
        return hash(frozenset(self.edits.items()))


NO_RECIPE = Recipe()


def edit_of(recipe: Recipe, key: str) -> FileEdit:
    """What was decided about a file."""
    return recipe.edits.get(key, AS_IT_IS)


def with_edit(recipe: Recipe, keys: Iterable[str], **changes: Any) -> Recipe:
    """The recipe with some values of ``FileEdit`` changed for these files; the same one where nothing changes.

    Raises:
        UsageError: A value is none of this field.
    """
    changed: dict[str, FileEdit] = {}
    for key in keys:
        before = edit_of(recipe, key)
        edit = replace(before, **changes)
        if edit != before:
            changed[key] = edit
    if not changed:
        return recipe
    edits = {**recipe.edits, **changed}
    for key, edit in changed.items():
        if edit == AS_IT_IS:
            del edits[key]
    return Recipe(edits)


def with_label(recipe: Recipe, old: str, new: str) -> Recipe:
    """The recipe for a folder that is called otherwise now."""
    edits = recipe.edits.items()
    return Recipe({new + key.removeprefix(old) if key.startswith(f"{old}/") else key: edit for key, edit in edits})


def labels_of(folders: Iterable[Path]) -> Mapping[Path, str]:
    """What each of these folders is called in keys: its own name, with as many of those above as tell it from others.

    So a collection keeps its keys when it moves as a whole, and when others are added that are called otherwise.

    Args:
        folders: The folders that were given, whole (``Path.resolve``); of a file, the one it lies in.
    """
    names = {folder: folder.parts[1:] or (folder.anchor,) for folder in folders}
    depths = dict.fromkeys(names, 1)
    while True:
        labels = {folder: "/".join(parts[-depths[folder] :]) for folder, parts in names.items()}
        counts = Counter(labels.values())
        above = {label[:end] for label in counts for end, letter in enumerate(label) if letter == "/"}
        grown = False
        for folder, label in labels.items():
            if (counts[label] > 1 or label in above) and depths[folder] < len(names[folder]):
                depths[folder] += 1
                grown = True
        if not grown:
            return labels


def key_of(label: str, name: str) -> str:
    """The key of a file.

    Args:
        label: What its source is called (``labels_of``).
        name: Its path inside, with forward slashes: ``Source.name``, ``LibraryRow.path``.
    """
    return clean(f"{label}/{name}")


def recipe_json(recipe: Recipe) -> dict[str, Any]:
    """A recipe as JSON values; what is left as it is is not named."""
    edits = {key: _told(edit) for key, edit in sorted(recipe.edits.items())}
    return {"format": FORMAT, "version": VERSION, "edits": edits}


def recipe_bytes(recipe: Recipe) -> bytes:
    """A recipe as its file holds it, a line for each file."""
    lines = (f"  {_dumped(key)}: {_dumped(_told(edit))}" for key, edit in sorted(recipe.edits.items()))
    edits = ",\n".join(lines)
    return f'{{\n "format": "{FORMAT}",\n "version": {VERSION},\n "edits": {{\n{edits}\n }}\n}}\n'.encode()


def write_recipe(path: Path, recipe: Recipe) -> None:
    """Write a recipe's file, all of it or nothing.

    Raises:
        FileWriteError: It could not be written; what was there is still there.
    """
    write_atomically(path, recipe_bytes(recipe))


def read_recipe(path: Path) -> Recipe:
    """Read the file of a recipe, also one that a data set holds.

    Raises:
        RecipeError: It is missing, damaged, none of ours or of a newer version.
    """
    return recipe_from(read_contents(path), path.name)


def read_contents(path: Path) -> dict[str, Any]:
    """All that the file of a recipe says, unchecked but for its kind.

    Raises:
        RecipeError: It is missing, damaged, none of ours or of a newer version.
    """
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise RecipeError(f"{path.name} is far too large to be a recipe.")
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RecipeError(f"{path.name} cannot be read: {error.strerror or 'the disk gave no reason'}.") from error
    except (ValueError, RecursionError) as error:
        raise RecipeError(f"{path.name} is damaged: it is not valid JSON.", "Put back a copy of the file.") from error
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise RecipeError(f"{path.name} is no recipe.", f"Choose a file called {RECIPE}.")
    if found.get("version") != VERSION:
        raise RecipeError(f"{path.name} was written by a newer version of the program.", "Update the program.")
    return found


def recipe_from(contents: Mapping[str, Any], name: str) -> Recipe:
    """The recipe that JSON values say; fields that are not ours are passed over.

    Raises:
        RecipeError: A value is not what it should be; the message names the file of the collection.
    """
    edits = contents.get("edits")
    if not isinstance(edits, dict):
        raise RecipeError(f"{name} is damaged: it has no edits.", "Put back a copy of the file.")
    return Recipe({key: edit for key, told in edits.items() if (edit := _edit(told, key, name)) != AS_IT_IS})


def _told(edit: FileEdit) -> dict[str, Any]:
    return {name: value for name, usual in _USUAL.items() if (value := getattr(edit, name)) != usual}


def _dumped(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _edit(told: Any, key: str, name: str) -> FileEdit:
    try:
        values = {one.name: told[one.name] for one in fields(FileEdit) if one.name in told}
        for field_name, value in values.items():
            _check(field_name, value)
        return FileEdit(**values)
    except (TypeError, UsageError) as error:
        raise RecipeError(f"{name} is damaged: what it says of {key} cannot be.", str(error)) from error


def _check(field_name: str, value: object) -> None:
    """See that a JSON value is of the kind of a field.

    Raises:
        TypeError: It is not.
    """
    if field_name == "tracks":
        fitting = value is None or (isinstance(value, list) and all(type(one) is int for one in value))
    else:
        fitting = type(value) is type(_USUAL[field_name])
    if not fitting:
        raise TypeError(f"“{field_name}” is not what it should be.")
