"""How the files of a library are named in recipes, and which of them a recipe speaks of."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

from musicgen_app.dataset.library import Library, LibraryRow
from musicgen_app.dataset.library_query import Decision
from musicgen_app.dataset.recipe import FileEdit, Recipe, edit_of, key_of, labels_of
from musicgen_app.dataset.stored_text import decoded

_MANY = 1_000
"""From so many decisions on, going through all files is quicker than looking for each."""


class LibraryKeys:
    """The keys of a library's files, as long as its sources stay what they are."""

    def __init__(self, library: Library) -> None:
        folders = [Path(decoded(folder)) for folder in library.sources()]
        self._labels = labels_of(folders)

    def key(self, row: LibraryRow) -> str:
        """The key of a file."""
        return key_of(self._labels.get(Path(decoded(row.source)), ""), row.path)

    def keys(self, library: Library, numbers: Collection[int]) -> list[str]:
        """The keys of the files of these numbers, in any order."""
        if len(numbers) <= _MANY:
            return [self.key(row) for row in library.rows(list(numbers))]
        wanted = set(numbers)
        known = ((self._labels[Path(decoded(source))], path) for one, source, path in library.paths() if one in wanted)
        return [key_of(label, path) for label, path in known]

    def edit_of(self, recipe: Recipe, row: LibraryRow) -> FileEdit:
        """What was decided about a file."""
        return edit_of(recipe, self.key(row))

    def edits(self, library: Library, recipe: Recipe) -> Mapping[int, FileEdit]:
        """What a recipe decides, by the numbers of the files; what it says of other files is passed over."""
        if len(recipe.edits) > _MANY:
            keys = ((number, self._labels[Path(decoded(source))], path) for number, source, path in library.paths())
            named = ((number, key_of(label, path)) for number, label, path in keys)
            return {number: recipe.edits[key] for number, key in named if key in recipe.edits}
        found = {}
        for key, edit in recipe.edits.items():
            for folder, label in self._labels.items():
                if key.startswith(f"{label}/"):
                    number = library.find(folder / decoded(key[len(label) + 1 :]))
                    if number is not None:
                        found[number] = edit
        return found


def decide(library: Library, recipe: Recipe) -> Mapping[int, str]:
    """Let a library that was just opened know what a recipe decides.

    Returns:
        The verdicts of files that are no duplicates any more, since their originals are left out, by their numbers.
    """
    edits = LibraryKeys(library).edits(library, recipe)
    heirs = library.heirs({number for number, edit in edits.items() if edit.excluded})
    decisions = {file: Decision(one.title, one.composer, one.key, one.excluded) for file, one in edits.items()}
    for number, verdict in heirs.items():
        decisions[number] = replace(decisions.get(number, Decision()), verdict=verdict)
    library.decide(decisions)
    return heirs
