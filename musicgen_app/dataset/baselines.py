"""What music costs somebody who knows nothing, or counts alone: the figures a network has to get below.

All are in nats per note on the same rows as the network's figure, and pay for the widths of coarse classes as it does,
so that they stand on the same grid.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from musicgen_app.core.progress import CancelToken
from musicgen_app.dataset.ngrams import BACK, Place, Text, probabilities
from musicgen_app.dataset.store import Dataset
from musicgen_app.tokens.codec import Codec, Rows

UNIFORM, UNIGRAM, BIGRAM, FOURGRAM = "uniform", "unigram", "bigram", "4gram"

Baselines = Mapping[str, float | None]
"""Nats per note: "uniform" (all classes of a field alike), "unigram" (each field by its frequencies), "bigram" (each
field from those before it in its row and in the row before) and "4gram" (the same with the three rows before); all but
the first are None without music to count in."""

_BACK = {UNIGRAM: 0, BIGRAM: 1, FOURGRAM: BACK}
"""How many rows before its own each of them foretells a field from."""

LEAST_GAIN = 0.5
"""A model that is not so many nats a note better than the 4-gram has not learned much."""

MOST_ROWS = 2_000_000
"""So many training rows are counted at most: they take about a tenth of a kilobyte each while they are."""

_CONTEXTS: Mapping[str, tuple[tuple[str, int], ...]] = {
    "time": (("time", 1), ("duration", 1), ("duration", 2), ("duration", 3), ("time", 2), ("pitch", 1)),
    "pitch": (("pitch", 1), ("time", 0), ("pitch", 2), ("pitch", 3), ("velocity", 1), ("duration", 1)),
    "duration": (("duration", 1), ("time", 0), ("time", 1), ("pitch", 0), ("pitch", 1), ("duration", 3)),
    "velocity": (("velocity", 1), ("duration", 0), ("time", 0), ("velocity", 3), ("velocity", 2), ("pitch", 0)),
}
"""What each field is foretold from, the most telling first: of many orders the best on five collections of piano music
taken together. A field that is not listed is foretold from its own last three values."""


def baselines(
    codec: Codec,
    learned: Sequence[Rows],
    asked: Sequence[Rows],
    cancel: CancelToken | None = None,
    counted: Sequence[NDArray[np.bool_]] | None = None,
) -> dict[str, float | None]:
    """Nats per note that pieces cost without a network.

    Args:
        codec: Of all rows.
        learned: Rows of the pieces to count in; may be empty.
        asked: Rows of the pieces to foretell.
        cancel: Looked at between fields.
        counted: For each piece to foretell, which of its rows are; None for all. The others are heard only.

    Raises:
        Cancelled: A stop was asked for.
    """
    masks = counted if counted is not None else [np.ones(len(rows), np.bool_) for rows in asked]
    measured = [rows[mask] for rows, mask in zip(asked, masks, strict=True)]
    widths = sum(float(codec.log_widths(rows).sum()) for rows in measured)
    notes = max(1, sum(int(codec.is_note(rows).sum()) for rows in measured))
    rows = sum(len(rows) for rows in measured)
    uniform = rows * sum(float(np.log(field.size)) for field in codec.fields)
    found: dict[str, float | None] = {UNIFORM: (uniform + widths) / notes, **dict.fromkeys(_BACK)}
    if not sum(len(rows) for rows in learned):
        return found
    taught, foretold, wanted = Text(codec, learned), Text(codec, asked), np.concatenate(masks)
    for name, back in _BACK.items():
        nats = widths
        for field in range(len(codec.fields)):
            if cancel is not None:
                cancel.check()
            context = context_of(codec, field, back)
            nats -= float(np.log(probabilities(taught, foretold, field, context)[wanted]).sum())
        found[name] = nats / notes
    return found


def context_of(codec: Codec, field: int, back: int = BACK) -> tuple[Place, ...]:
    """The places that a field of a codec is foretold from, the most telling first.

    Args:
        codec: Of the rows.
        field: Its number.
        back: Rows before its own to look at: 3 for the 4-gram; with 0 the row itself is not looked at either.
    """
    numbers = {one.name: number for number, one in enumerate(codec.fields)}
    name = codec.fields[field].name
    named = _CONTEXTS.get(name, tuple((name, ago) for ago in range(1, BACK + 1)))
    places = ((numbers[known], ago) for known, ago in named if known in numbers)
    return tuple((number, ago) for number, ago in places if (ago or number < field) and ago <= back and back)


def training_rows(dataset: Dataset) -> list[Rows]:
    """The training pieces to count in; of a very large data set every second, third ... piece."""
    pieces = dataset.pieces_of("train")
    every = -(-sum(piece.row_count for piece in pieces) // MOST_ROWS)
    return [dataset.rows(piece) for piece in pieces[:: max(1, every)]]


def verdict(measured: float, found: Baselines) -> str:
    """A sentence where a model's nats per note are not well below the 4-gram's; empty where they are, or unknown."""
    fourgram = found.get(FOURGRAM)
    if fourgram is None or fourgram - measured >= LEAST_GAIN:
        return ""
    if measured > fourgram:
        return "That is worse than the 4-gram: the model has not learned much."
    return f"That beats the 4-gram by less than {LEAST_GAIN} nats a note: the model has not learned much."
