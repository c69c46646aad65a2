"""Counts the usable files of a library in the bars of nine pictures, each over what the other pictures leave."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from musicgen_app.dataset.library import Library
from musicgen_app.dataset.library_query import Query
from musicgen_app.dataset.set_bins import Quantity, edges, place_finder, quantities

Counts = NDArray[np.int64]

_ELSEWHERE = 100
"""More refusals than all nine pictures can give."""


@dataclass(frozen=True, slots=True, eq=False)
class SetColumns:
    """In which bar of each picture each usable file stands; read once, counted over and over.

    Attributes:
        quantities: The nine.
        ids: Shape (files,): numbers of the files, rising.
        places: By name of the quantity, shape (files,): the bar.
    """

    quantities: tuple[Quantity, ...]
    ids: NDArray[np.int64]
    places: Mapping[str, NDArray[np.int8]]

    def bars_of(self, file: int) -> Mapping[str, int]:
        """The bar of one file in each picture; empty where it is none of the usable ones."""
        at = int(np.searchsorted(self.ids, file))
        if at == len(self.ids) or self.ids[at] != file:
            return {}
        return {name: int(places[at]) for name, places in self.places.items()}


@dataclass(frozen=True, slots=True, eq=False)
class SetStatistics:
    """What the pictures show.

    Attributes:
        columns: What was counted.
        query: Which files were asked for.
        files: Usable files that the query finds.
        whole: By name of the quantity, shape (bars,): all usable files.
        left: Likewise, those that are left by all conditions but the picture's own.
        chosen: By name of the quantity, the bars its own condition chooses; empty where it has none.
    """

    columns: SetColumns
    query: Query
    files: int
    whole: Mapping[str, Counts]
    left: Mapping[str, Counts]
    chosen: Mapping[str, tuple[int, ...]]


def read_columns(library: Library) -> SetColumns:
    """Read what the pictures count; about half a second for 100,000 files."""
    metres: Counter[str] = Counter()
    for rows in library.usable(["metre"]):
        metres.update(metre for (metre,) in rows)
    nine = quantities(metres)
    ids: list[Counts] = []
    places: dict[str, list[NDArray[np.int8]]] = {one.name: [] for one in nine}
    for rows in library.usable(["id", *(one.measure for one in nine)]):
        numbers, *columns = zip(*rows, strict=True)
        ids.append(np.array(numbers, dtype=np.int64))
        for one, values in zip(nine, columns, strict=True):
            places[one.name].append(_places(one, values))
    if not ids:
        ids = [np.empty(0, dtype=np.int64)]
        places = {name: [np.empty(0, dtype=np.int8)] for name in places}
    return SetColumns(nine, np.concatenate(ids), {name: np.concatenate(parts) for name, parts in places.items()})


def _places(quantity: Quantity, values: tuple[Any, ...]) -> NDArray[np.int8]:
    """Shape (values,): the bar of each."""
    if not quantity.named:
        return np.searchsorted(edges(quantity), np.array(values, dtype=np.float64), side="right").astype(np.int8)
    finder = place_finder(quantity)
    # A word that has no bar was added since the bars were made; the next reading has one.
    return np.array([finder.get(value, len(quantity.bars) - 1) for value in values], dtype=np.int8)


def count_bars(library: Library, columns: SetColumns, query: Query) -> SetStatistics:
    """Count the files of a query; conditions that no picture has, and words, are asked of the index.

    Args:
        library: Where the columns are from.
        columns: What ``read_columns`` gave.
        query: Which files; its order does not matter.
    """
    chosen: dict[str, tuple[int, ...]] = {one.name: () for one in columns.quantities}
    others = []
    for condition in query.only:
        found = [(one.name, bars) for one in columns.quantities if (bars := one.chosen(condition))]
        # Two conditions of one quantity do not add up to bars.
        if found and not chosen[found[0][0]]:
            chosen[found[0][0]] = found[0][1]
        else:
            others.append(condition)
    refused = np.zeros(len(columns.ids), dtype=np.uint8)
    if others or query.words or query.kind != "all":
        asked = library.ids(replace(query, sort="size", only=tuple(others)))
        refused[~np.isin(columns.ids, asked)] = _ELSEWHERE
    refusals = {one.name: _refused(one, columns, chosen[one.name]) for one in columns.quantities if chosen[one.name]}
    for refusal in refusals.values():
        refused += refusal
    whole, left = {}, {}
    for one in columns.quantities:
        places = columns.places[one.name]
        whole[one.name] = np.bincount(places, minlength=len(one.bars))
        own = refusals.get(one.name)
        kept = refused == 0 if own is None else refused == own
        left[one.name] = np.bincount(places[kept], minlength=len(one.bars))
    return SetStatistics(columns, query, int((refused == 0).sum()), whole, left, chosen)


def _refused(quantity: Quantity, columns: SetColumns, bars: tuple[int, ...]) -> NDArray[np.bool_]:
    """Shape (files,): whether each file stands outside these bars."""
    outside = np.ones(len(quantity.bars), dtype=np.bool_)
    outside[list(bars)] = False
    return outside[columns.places[quantity.name]]
