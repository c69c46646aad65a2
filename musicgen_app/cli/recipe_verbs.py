"""What ``musicgen recipe`` does: decides about single files of a collection. And ``musicgen prepare --rebuild``."""

import argparse
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from musicgen_app.cli.console import ProgressLine, print_json, print_text
from musicgen_app.core.errors import UsageError
from musicgen_app.dataset.recipe import (
    AS_IT_IS,
    NO_RECIPE,
    FileEdit,
    Recipe,
    edit_of,
    read_recipe,
    with_edit,
    with_label,
    write_recipe,
)
from musicgen_app.workflow.reading import Readers


def show(given: argparse.Namespace) -> int:
    """Say what was decided about files; without names about all."""
    recipe = _opened(given)
    keys = _keys(given, recipe) if given.files else sorted(recipe.edits)
    told = {key: edit_of(recipe, key) for key in keys}
    if given.json:
        print_json({"files": {key: asdict(edit) for key, edit in told.items()}})
        return 0
    for key, edit in told.items():
        print_text(f"{key}: {edit_words(edit)}")
    if not recipe.edits:
        print_text("Nothing was decided: all files are taken as they are.")
    return 0


def exclude(given: argparse.Namespace) -> int:
    """Leave files out."""
    return _change(given, excluded=True)


def include(given: argparse.Namespace) -> int:
    """Take files in again."""
    return _change(given, excluded=False)


def set_values(given: argparse.Namespace) -> int:
    """Rename files, or read them otherwise."""
    changes: dict[str, Any] = {
        name: value for name in ("title", "composer", "key") if (value := getattr(given, name)) is not None
    }
    for name in ("trim", "quantise"):
        if getattr(given, name) is not None:
            changes[name] = getattr(given, name) == "yes"
    if given.tracks is not None:
        changes["tracks"] = _tracks(given.tracks)
    if not changes:
        raise UsageError("Nothing is to be set.", "Add --title, --composer, --key, --tracks, --trim or --quantise.")
    return _change(given, **changes)


def sides(given: argparse.Namespace) -> int:
    """Put files on a side."""
    return _change(given, side="" if given.side == "chance" else given.side)


def move(given: argparse.Namespace) -> int:
    """Say that a folder is called otherwise now."""
    recipe = _opened(given)
    changed = with_label(recipe, given.old, given.new)
    count = len(changed.edits.keys() - recipe.edits.keys())
    if not count:
        raise UsageError(f"Nothing was decided about files of {given.old}.", "Look at musicgen recipe show.")
    _save(given, changed)
    if given.json:
        print_json({"changed": count})
    else:
        print_text(f"{_files(count)}: {given.old} is called {given.new} now.")
    return 0


def rebuild(given: argparse.Namespace, readers: Readers) -> int:
    """Make a data set again and compare; 1 where they differ."""
    from musicgen_app.workflow.rebuild import RebuildRequest, rebuild

    if given.folders or given.recipe is not None:
        raise UsageError("A data set is made again from what it was made of.", "Name no folders and no recipe.")
    line = ProgressLine()
    done = rebuild(RebuildRequest(given.rebuild, given.out, tuple(given.moved)), line, given.cancel, readers=readers)
    line.clear()
    if given.json:
        print_json(done)
    else:
        print_text(done.summary())
    return 0 if done.equal else 1


def edit_words(edit: FileEdit) -> str:
    """What was decided about a file, in a few words."""
    said = ["left out"] if edit.excluded else []
    said += [f"{name} {value}" for name in ("title", "composer", "key") if (value := getattr(edit, name))]
    if edit.tracks is not None:
        said.append(f"tracks {', '.join(str(track + 1) for track in edit.tracks)}")
    said += [words for words, on in (("silence trimmed", edit.trim), ("quantised", edit.quantise)) if on]
    if edit.side:
        said.append(f"side {edit.side}")
    return "; ".join(said) or "as it is"


def _change(given: argparse.Namespace, **changes: Any) -> int:
    recipe = _opened(given)
    keys = _keys(given, recipe)
    changed = with_edit(recipe, keys, **changes)
    if changed is not recipe:
        _save(given, changed)
    differing = sum(edit_of(changed, key) != edit_of(recipe, key) for key in keys)
    if given.json:
        files = {key: asdict(edit_of(changed, key)) for key in keys}
        print_json({"changed": differing, "files": files})
        return 0
    if len(keys) == 1:
        print_text(f"{keys[0]}: {edit_words(edit_of(changed, keys[0]))}")
    else:
        print_text(f"{_files(differing)} of {len(keys):,} changed.")
    return 0


def _opened(given: argparse.Namespace) -> Recipe:
    if given.project is not None:
        from musicgen_app.project.document import Project

        return Project.open(given.project).recipe
    return read_recipe(given.recipe) if given.recipe.exists() else NO_RECIPE


def _save(given: argparse.Namespace, recipe: Recipe) -> None:
    if given.project is not None:
        from musicgen_app.project.document import Project

        Project.open(given.project).recipe = recipe
    else:
        write_recipe(given.recipe, recipe)


def _keys(given: argparse.Namespace, recipe: Recipe) -> tuple[str, ...]:
    """The keys of the files that are named: of those in the sources, or in the recipe.

    Raises:
        UsageError: A name fits none.
    """
    from musicgen_app.workflow.recipe import given_files

    places: Iterable[Path] = given.places
    if given.project is not None:
        from musicgen_app.project.document import Project

        places = [place for place in Project.open(given.project).sources if place.exists()]
    there = given_files(places)
    known = {key: key for key in (*there.keys, *sorted(recipe.edits.keys() - set(there.keys)))}
    for label in there.folders:
        known |= {key: key.removeprefix(f"{label}/") for key in there.keys if key.startswith(f"{label}/")}
    by_name: dict[str, list[str]] = {}
    for key, inside in known.items():
        for name in {key, inside}:
            by_name.setdefault(name, []).append(key)
    found: dict[str, None] = {}
    for name in given.files:
        names = _names(name, there.folders)
        fitting = [key for one in names for key in by_name.get(one, ())] or _fitting(name, names, by_name)
        if not fitting:
            raise UsageError(f"No file is called {name}.", "Write it as musicgen recipe show does, or use * in it.")
        found |= dict.fromkeys(fitting)
    return tuple(found)


def _names(name: str, folders: Mapping[str, Path]) -> list[str]:
    """What a file or folder that a person wrote may be called in a recipe, whose sources are these folders."""
    whole = Path(name).resolve()
    inside = [(label, whole.relative_to(place)) for label, place in folders.items() if whole.is_relative_to(place)]
    return [Path(name).as_posix(), *("/".join((label, *path.parts)) for label, path in inside)]


def _fitting(name: str, names: Sequence[str], by_name: Mapping[str, Sequence[str]]) -> list[str]:
    """The keys of all files in a folder, or else of those that a pattern fits."""
    below = tuple(f"{one}/" for one in names)
    found = [key for one, keys in by_name.items() if one.startswith(below) for key in keys]
    return found or [key for one, keys in by_name.items() if fnmatchcase(one, name) for key in keys]


def _tracks(text: str) -> tuple[int, ...] | None:
    if text == "auto":
        return AS_IT_IS.tracks
    numbers = [part.strip() for part in text.split(",")]
    if not all(number.isdecimal() and 0 < int(number) <= 0xFFFF for number in numbers):
        raise UsageError(f'"{text}" are no tracks.', "Write their numbers, from 1, with commas between them, or auto.")
    return tuple(int(number) - 1 for number in numbers)


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count:,} files"
