"""From logits to a choice: temperature, top-k, top-p, and the class a random number stands for. Pure."""

import numpy as np
from numpy.typing import NDArray

GREEDY_BELOW = 1e-3
"""A temperature below this always takes the likeliest class."""

Probabilities = NDArray[np.float64]

_NEVER = np.float64(-np.inf)
_SHORT_OF_ALL = 1 - 2.0**-52
"""Keeps a draw just below 1 from being rounded past the last class that has a share."""


def probabilities(
    logits: NDArray[np.floating], allowed: NDArray[np.bool_], temperature: float, top_k: int, top_p: float
) -> Probabilities:
    """What is left of a prediction when only some choices are wanted. Every row is treated alone.

    Args:
        logits: Shape (batch, classes).
        allowed: Shape (batch, classes); at least one class in each row.
        temperature: Above 1 flattens, below 1 sharpens; 0 leaves only the likeliest class.
        top_k: Keep this many of the likeliest classes, and those that are as likely as the last; 0 keeps all.
        top_p: Then keep the likeliest classes until their share of all reaches this, and those that are as likely as
            the last; above 0 to 1, which keeps all.

    Returns:
        Shape (batch, classes), each row adding up to 1; a class that is not wanted has 0 exactly.
    """
    wanted = np.where(allowed, logits, _NEVER)
    if temperature < GREEDY_BELOW:
        return _likeliest(wanted)
    if 0 < top_k < wanted.shape[1]:
        # By the logits, not the shares: far apart classes may both have a share of 0 and are still not equally likely.
        wanted = np.where(wanted >= np.sort(wanted, axis=1)[:, [-top_k]], wanted, _NEVER)
    shares: Probabilities = np.exp((wanted - np.maximum.reduce(wanted, axis=1, keepdims=True)) * (1 / temperature))
    if top_p < 1:
        ranked = np.sort(shares, axis=1)
        sums = ranked.cumsum(axis=1)
        left_out = np.add.reduce(sums <= (1 - top_p) * sums[:, -1:], axis=1)
        shares *= shares >= ranked[np.arange(len(ranked)), left_out][:, np.newaxis]
    shares /= np.add.reduce(shares, axis=1, keepdims=True)
    return shares


def drawn(
    logits: NDArray[np.floating],
    allowed: NDArray[np.bool_],
    limits: tuple[float, int, float],
    draws: NDArray[np.float64],
) -> NDArray[np.intp]:
    """``choose`` from ``probabilities`` in one go.

    Args:
        logits: Shape (batch, classes).
        allowed: Shape (batch, classes).
        limits: Temperature, top-k, top-p.
        draws: As in ``choose``.

    Returns:
        Shape (batch,): for each row what it would be alone.
    """
    temperature, top_k, top_p = limits
    if len(logits) == 1 and top_k == 0 and temperature >= GREEDY_BELOW:
        return np.array([_drawn_alone(logits[0], allowed[0], temperature, top_p, draws[0])])
    return choose(probabilities(logits, allowed, temperature, top_k, top_p), draws)


def _drawn_alone(
    logits: NDArray[np.floating], allowed: NDArray[np.bool_], temperature: float, top_p: float, draw: float
) -> int:
    """The same for one row, in fewer and smaller steps: one take is what a person waits for."""
    shares = np.where(allowed, logits, _NEVER)
    shares -= shares.max()
    shares *= 1 / temperature
    np.exp(shares, out=shares)
    if top_p < 1:
        ranked = np.sort(shares)
        sums = ranked.cumsum()
        least = ranked[sums.searchsorted((1 - top_p) * sums[-1], "right")]
        shares *= shares >= least
    shares /= np.add.reduce(shares)
    sums = shares.cumsum()
    return int(sums.searchsorted(draw * (sums[-1] * _SHORT_OF_ALL), "right"))


def random_pick(logits: NDArray[np.floating], allowed: NDArray[np.bool_], count: int) -> Probabilities:
    """What the seeds chose from: so many of the likeliest classes, all alike. Every row is treated alone.

    Args:
        logits: Shape (batch, classes).
        allowed: Shape (batch, classes); at least one class in each row.
        count: How many; 1 leaves the likeliest. Of equally likely classes the first ones are taken.

    Returns:
        Shape (batch, classes), each row adding up to 1.
    """
    wanted = np.where(allowed, logits, _NEVER)
    best = np.argsort(-wanted, axis=1, kind="stable")[:, :count]
    shares = np.zeros_like(wanted)
    np.put_along_axis(shares, best, 1.0, axis=1)
    shares *= wanted > _NEVER
    shares /= np.add.reduce(shares, axis=1, keepdims=True)
    return shares


def choose(shares: Probabilities, draws: NDArray[np.float64]) -> NDArray[np.intp]:
    """The class each random number stands for.

    Args:
        shares: Shape (batch, classes), as ``probabilities`` returns them.
        draws: Shape (batch,): numbers from 0 up to but not including 1.

    Returns:
        Shape (batch,): never a class whose probability is 0.
    """
    sums = shares.cumsum(axis=1)
    targets = draws * (sums[:, -1] * _SHORT_OF_ALL)
    chosen: NDArray[np.intp] = np.add.reduce(sums <= targets[:, np.newaxis], axis=1)
    return chosen


def _likeliest(wanted: NDArray[np.float64]) -> Probabilities:
    shares = np.zeros_like(wanted)
    shares[np.arange(len(wanted)), np.argmax(wanted, axis=1)] = 1
    return shares
