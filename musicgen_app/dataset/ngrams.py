"""Foretells a field of the rows from counts alone: an n-gram with modified Kneser-Ney smoothing.

The method is the interpolated modified Kneser-Ney of S. F. Chen and J. Goodman, "An empirical study of smoothing
techniques for language modeling" (1999), section 3: of every count a little is taken off and given to the next shorter
context, and shorter contexts count in how many different longer ones a class was seen. The shortest, which knows
frequencies only, is mixed with the uniform distribution by Witten and Bell's rule (their method C, 1991): it has too
few different counts for the discounts to be estimated. Every distribution sums to 1 and leaves no class without a part.

Contexts are places in the row itself and in rows before it, the most telling first; they are shortened from the end.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from musicgen_app.tokens.codec import Codec, Rows

BACK = 3
"""Rows before its own that a row may be foretold from: four rows in all."""

Place = tuple[int, int]
"""A field and how many rows back it stands: (1, 0) is field 1 of the row itself, (1, 2) that of the row but one."""

Whole = NDArray[np.int64]

_LEAST_DISCOUNT = 0.1
_LARGEST_SHARE = 0.95
"""A discount stays between 0.1 and 0.95 of the count, also where there are too few counts to estimate it well."""


class Text:
    """Rows of whole pieces, read one after the other; before each piece stand start rows, as a network hears it."""

    def __init__(self, codec: Codec, pieces: Sequence[Rows]) -> None:
        before = np.repeat(codec.start_row[np.newaxis], BACK, axis=0)
        self.sizes = tuple(field.size for field in codec.fields)
        self._rows = np.concatenate([before, *(part for rows in pieces for part in (rows, before))])
        lengths = np.array([len(rows) for rows in pieces], dtype=np.int64)
        skipped = np.repeat(BACK * np.arange(1, len(pieces) + 1), lengths)
        self._places = np.arange(len(skipped)) + skipped

    def __len__(self) -> int:
        return len(self._places)

    def column(self, place: Place) -> Whole:
        """Shape (rows,): the class at a place, seen from each row."""
        field, back = place
        classes: Whole = self._rows[self._places - back, field].astype(np.int64)
        return classes


@dataclass(frozen=True, slots=True, eq=False)
class _Level:
    """What was counted with contexts of one length.

    Attributes:
        step: Classes of the place that these contexts have more than those of the level before.
        contexts: Shape (contexts,), rising: contexts seen, each as (number of the shorter context) * step + class.
        learned: Shape (rows counted in,): number of each one's context.
        asked: Shape (rows to foretell,): number of each one's context; -1 where it was never seen.
        pairs: Shape (pairs,), rising: (number of the context) * size + class seen in it.
        counts: Shape (pairs,): how often.
        size: Classes of the field that is foretold.
    """

    step: int
    contexts: Whole
    learned: Whole
    asked: Whole
    pairs: Whole
    counts: Whole
    size: int

    def continuations(self, shorter: "_Level") -> Whole:
        """Shape (pairs of the shorter level,): in how many of this level's contexts each pair was seen."""
        parents = self.contexts[self.pairs // self.size] // self.step * self.size + self.pairs % self.size
        return np.bincount(np.searchsorted(shorter.pairs, parents), minlength=len(shorter.pairs))


def probabilities(learned: Text, asked: Text, field: int, context: Sequence[Place]) -> NDArray[np.float64]:
    """How probable the class of a field is in each row, for somebody who counted in other rows.

    Args:
        learned: The rows to count in, at least one.
        asked: The rows to foretell, of the same codec.
        field: The field to foretell.
        context: What it is foretold from, the most telling first; empty leaves the frequencies.

    Returns:
        Shape (rows to foretell,): above 0, and 1 in sum over the classes of the field.
    """
    target = asked.column((field, 0))
    found = np.full(len(asked), 1 / learned.sizes[field])
    for length, (level, counts) in enumerate(_levels(learned, asked, field, context)):
        taken = _discounts(counts) if length else _witten_bell(counts)
        found = _mixed(level, counts, taken, target, found)
    return found


def _levels(learned: Text, asked: Text, field: int, context: Sequence[Place]) -> Iterator[tuple[_Level, Whole]]:
    """Contexts of every length, the empty one first, and what counts there; no more than two are kept at a time."""
    size, target = learned.sizes[field], learned.column((field, 0))
    nowhere = np.zeros(1, np.int64)
    level = _level(1, nowhere, np.zeros(len(learned), np.int64), np.zeros(len(asked), np.int64), target, size)
    for place in context:
        step = learned.sizes[place[0]]
        contexts, here = np.unique(level.learned * step + learned.column(place), return_inverse=True)
        there = np.where(level.asked < 0, -1, _number_of(contexts, level.asked * step + asked.column(place)))
        longer = _level(step, contexts, here, there, target, size)
        yield level, longer.continuations(level)
        level = longer
    yield level, level.counts


def _level(step: int, contexts: Whole, learned: Whole, asked: Whole, target: Whole, size: int) -> _Level:
    pairs, counts = np.unique(learned * size + target, return_counts=True)
    return _Level(step, contexts, learned, asked, pairs, counts.astype(np.int64), size)


def _number_of(keys: Whole, wanted: Whole) -> Whole:
    """Where each wanted key stands among rising keys; -1 where it does not."""
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[at] == wanted, at, -1)


def _discounts(counts: Whole) -> NDArray[np.float64]:
    """Shape (pairs,): what is taken off each count: one amount for counts of 1, of 2, and of 3 and more."""
    ones, twos, *_ = seen = [int((counts == count).sum()) for count in (1, 2, 3, 4)]
    rate = ones / (ones + 2 * twos) if ones else 0.5
    amounts = [0.0]
    for count in (1, 2, 3):
        estimate = count - (count + 1) * rate * seen[count] / max(1, seen[count - 1])
        amounts.append(float(np.clip(estimate, _LEAST_DISCOUNT, _LARGEST_SHARE * count)))
    return np.array(amounts)[np.minimum(counts, 3)]


def _witten_bell(counts: Whole) -> NDArray[np.float64]:
    """Shape (pairs,): what Witten and Bell's rule takes off the counts of one context."""
    return counts.astype(np.float64) * len(counts) / (len(counts) + int(counts.sum()))


def _mixed(
    level: _Level, counts: Whole, taken: NDArray[np.float64], target: Whole, shorter: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The probabilities of this level, what is taken off its counts being dealt out as the shorter context says."""
    of_context = level.pairs // level.size
    total = np.bincount(of_context, counts)
    left = np.bincount(of_context, taken) / total
    pair = _number_of(level.pairs, level.asked * level.size + target)
    kept = np.where(pair < 0, 0.0, (counts - taken)[pair])
    return np.where(level.asked < 0, shorter, kept / total[level.asked] + left[level.asked] * shorter)
