"""What a data set costs somebody who knows only how frequent each value is: the line a network has to get below."""

import numpy as np

from musicgen_app.dataset.store import Dataset, Split
from musicgen_app.tokens.codec import Rows

MOST_ROWS = 200_000
"""So many rows of either side tell the frequencies well enough."""


def frequency_loss(dataset: Dataset) -> float | None:
    """Nats per note on the validation pieces when each field is foretold by its frequency in the training pieces.

    Values never seen count as seen once. None where either side is empty.
    """
    learned, _ = _rows(dataset, "train")
    measured, notes = _rows(dataset, "validation")
    if len(learned) == 0 or notes == 0:
        return None
    nats = 0.0
    for place, part in enumerate(dataset.codec.fields):
        counts = np.bincount(learned[:, place], minlength=part.size) + 1.0
        nats -= float(np.log(counts / counts.sum())[measured[:, place]].sum())
    return nats / notes


def _rows(dataset: Dataset, split: Split) -> tuple[Rows, int]:
    """Rows of whole pieces up to about ``MOST_ROWS``, and the notes among them."""
    taken, count, notes = [], 0, 0
    for piece in dataset.pieces_of(split):
        if count >= MOST_ROWS:
            break
        rows = dataset.rows(piece)
        taken.append(rows)
        count += len(rows)
        notes += piece.notes
    if not taken:
        return np.empty((0, len(dataset.codec.fields)), np.int16), 0
    return np.concatenate(taken), notes
