"""The verb ``uses``: what a prepared data set is, in words, and what it uses each file of a library for."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

from musicgen_app.core.errors import RecipeError
from musicgen_app.core.progress import CancelToken, Report
from musicgen_app.dataset.library import Library, LibraryRow
from musicgen_app.dataset.library_query import Query
from musicgen_app.dataset.library_tables import INDEX
from musicgen_app.dataset.library_writer import LibraryWriter
from musicgen_app.dataset.recipe import NO_RECIPE, RECIPE, Recipe, read_recipe
from musicgen_app.dataset.store import Dataset, Split, open_dataset
from musicgen_app.workflow.scan import alone


@dataclass(frozen=True, slots=True)
class UsesRequest:
    """Which data set, and which library is to know about it.

    Attributes:
        dataset: Folder of the prepared data set.
        library: Folder of the library its files are in.
        left_out: Why a file is not in the data set although it could be, by its path; None where that is not told anew,
            and what the library knows of it holds.
    """

    dataset: Path
    library: Path
    left_out: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Uses:
    """A prepared data set, as the window tells of it.

    Attributes:
        vocabulary: How many values a note can take, in words.
        summary: The data set in a sentence.
        remarks: Sentences a person should read.
        recipe: What was decided about single files when it was made.
    """

    vocabulary: str
    summary: str
    remarks: tuple[str, ...] = ()
    recipe: Recipe = NO_RECIPE


def note_uses(request: UsesRequest, _report: Report, cancel: CancelToken) -> Uses:
    """Write into a library what a data set uses its files for.

    Raises:
        Cancelled: Stopped on request.
        DatasetError: There is no data set, or it is damaged.
        LibraryError: The library cannot be written, or a scan goes on.
    """
    dataset = open_dataset(request.dataset)
    if (request.library / INDEX).is_file():
        sides = {piece.file: str(piece.split) for piece in reversed(dataset.pieces)}
        with Library(request.library) as library:
            found = []
            for row in library.pages(Query()):
                cancel.check()
                if side := sides.get(row.path) or _reason(row, request.left_out):
                    found.append((row.id, side))
        with alone(request.library):
            writer = LibraryWriter(request.library)
            try:
                writer.note_uses(found)
                writer.commit()
            finally:
                writer.close()
    return replace(described(dataset), recipe=_recipe_of(request.dataset))


def _reason(row: LibraryRow, left_out: Mapping[str, str] | None) -> str:
    """Why a file that could be used is not in the data set; nothing where it could not, or nobody has said why."""
    if row.verdict not in ("ready", "repaired"):
        return ""
    if left_out is not None:
        return left_out.get(str(row.file), "")
    return "" if row.side in get_args(Split) else row.side


def _recipe_of(folder: Path) -> Recipe:
    """What a data set's record says was decided; nothing for one without, or with one that cannot be read."""
    try:
        return read_recipe(folder / RECIPE)
    except RecipeError:
        return NO_RECIPE


def described(dataset: Dataset) -> Uses:
    """A data set in words."""
    fields = dataset.codec.fields
    columns = "1 field" if len(fields) == 1 else f"{len(fields)} fields"
    vocabulary = f"{sum(field.size for field in fields):,} values in {columns}"
    learnt, kept = dataset.note_count("train"), dataset.note_count("validation")
    pieces = len({piece.file for piece in dataset.pieces})
    tests = f", {dataset.note_count('test'):,} for tests" if dataset.pieces_of("test") else ""
    summary = f"Prepared: {pieces:,} pieces, {learnt:,} {dataset.unit}s to learn from, {kept:,} kept aside{tests}."
    return Uses(vocabulary, summary, dataset.remarks)
