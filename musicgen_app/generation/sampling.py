"""From logits to a choice: temperature, top-k, top-p, and the class a random number stands for. Pure."""

import numpy as np
from numpy.typing import NDArray

GREEDY_BELOW = 1e-3
"""A temperature below this always takes the likeliest class."""

Probabilities = NDArray[np.float64]


def probabilities(
    logits: NDArray[np.floating], allowed: NDArray[np.bool_], temperature: float, top_k: int, top_p: float
) -> Probabilities:
    """What is left of a prediction when only some choices are wanted. Every row is treated alone.

    Args:
        logits: Shape (batch, classes).
        allowed: Shape (batch, classes); at least one class in each row.
        temperature: Above 1 flattens, below 1 sharpens; 0 leaves only the likeliest class.
        top_k: Keep this many of the likeliest classes; 0 keeps all. Of equally likely ones the lower class stays.
        top_p: Then keep the likeliest classes until their share reaches this, 0 to 1; 1 keeps all.

    Returns:
        Shape (batch, classes), each row adding up to 1; a class that is not wanted has 0 exactly.
    """
    wanted = np.where(allowed, logits, -np.inf).astype(np.float64)
    if temperature < GREEDY_BELOW:
        return _likeliest(wanted)
    shares = np.exp((wanted - wanted.max(axis=1, keepdims=True)) / temperature)
    classes = shares.shape[1]
    if not 0 < top_k < classes and top_p >= 1:
        return _whole(shares)
    # By the logits, not the shares: far apart classes may both have a share of 0 and are still not equally likely.
    order = np.argsort(-wanted, axis=1, kind="stable")
    places = (np.arange(len(shares))[:, np.newaxis], order)
    ranked = shares[places]
    if 0 < top_k < classes:
        ranked[:, top_k:] = 0
    if top_p < 1:
        ranked = _whole(ranked)
        before = np.cumsum(ranked, axis=1) - ranked
        before[:, 0] = -1  # the likeliest class stays, whatever the share asked for
        ranked[before >= top_p] = 0
    shares[places] = ranked
    return _whole(shares)


def choose(shares: Probabilities, draws: NDArray[np.float64]) -> NDArray[np.intp]:
    """The class each random number stands for.

    Args:
        shares: Shape (batch, classes), as ``probabilities`` returns them.
        draws: Shape (batch,): numbers from 0 up to but not including 1.

    Returns:
        Shape (batch,): never a class whose probability is 0.
    """
    sums = np.cumsum(shares, axis=1)
    targets = draws * sums[:, -1]
    chosen: NDArray[np.intp] = (sums <= targets[:, np.newaxis]).sum(axis=1)
    classes = shares.shape[1]
    if chosen.max() == classes:
        # Rounding has carried a draw just below 1 past the last class that has a share.
        chosen = np.minimum(chosen, classes - 1 - np.argmax(shares[:, ::-1] > 0, axis=1))
    return chosen


def _likeliest(wanted: NDArray[np.float64]) -> Probabilities:
    shares = np.zeros_like(wanted)
    shares[np.arange(len(wanted)), np.argmax(wanted, axis=1)] = 1
    return shares


def _whole(shares: Probabilities) -> Probabilities:
    total: Probabilities = shares / shares.sum(axis=1, keepdims=True)
    return total
