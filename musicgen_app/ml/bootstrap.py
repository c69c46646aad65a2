"""How far a figure would move if the pieces had been other ones of the same kind."""

from collections.abc import Sequence

import numpy as np

_RESAMPLES = 2000
_TAIL_PERCENT = 2.5
_MOST_DRAWN = 1_000_000
"""Pieces drawn at a time, so that a large collection needs no more memory."""


def interval(nats: Sequence[float], notes: Sequence[int], rng: np.random.Generator) -> tuple[float, float] | None:
    """The middle 95 % of the nats per note of collections drawn, with repetition, from the pieces.

    This is the percentile interval of the bootstrap (B. Efron and R. Tibshirani, "An introduction to the bootstrap",
    1993, chapter 13). Each collection holds as many pieces as there are, and its figure is that of all its pieces
    taken as one body. A few pieces give a coarse interval.

    Args:
        nats: Of each piece.
        notes: Of each piece.
        rng: Draws the collections.

    Returns:
        Low and high; None for fewer than two pieces, which say nothing about others.
    """
    count = len(nats)
    if count < 2:
        return None
    measured, weights = np.array(nats, np.float64), np.array(notes, np.float64)
    at_once = max(1, _MOST_DRAWN // count)
    figures = []
    for first in range(0, _RESAMPLES, at_once):
        drawn = rng.integers(0, count, (min(at_once, _RESAMPLES - first), count))
        figures.append(measured[drawn].sum(axis=1) / np.maximum(1.0, weights[drawn].sum(axis=1)))
    low, high = np.percentile(np.concatenate(figures), [_TAIL_PERCENT, 100 - _TAIL_PERCENT])
    return float(low), float(high)
