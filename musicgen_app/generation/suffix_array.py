"""Puts all passages of some sequences of numbers in order: a suffix array, by doubling, in numpy."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]

_WORD_BITS = 63
_GROWTH = 8
_WIDEST = 64


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A sequence of symbols, which may read differently where a passage begins.

    A symbol that compares its place with an earlier one (the ratio of a gap to the gap before) says nothing to a
    passage that begins with it. So a passage is read with ``opening`` as far as the first place at which the two
    differ, and with ``symbols`` behind it.

    Attributes:
        symbols: Shape (places,): numbers from 0 on.
        opening: Shape (places,): the same as they read with nothing before them. A number that stands here in place
            of another one stands nowhere as itself.

    Raises:
        ValueError: A number is below 0, or the two differ in length.
    """

    symbols: Whole
    opening: Whole

    def __post_init__(self) -> None:
        if len(self.symbols) != len(self.opening):
            raise ValueError(f"A line of {len(self.symbols)} symbols has an opening of {len(self.opening)}.")
        if len(self.symbols) and min(int(self.symbols.min()), int(self.opening.min())) < 0:
            raise ValueError("A symbol of a line is below 0.")

    @classmethod
    def plain(cls, symbols: Whole) -> "Line":
        """A sequence that reads the same from everywhere."""
        return cls(symbols, symbols)


class Text:
    """Lines one after the other, each with an end, packed into words that are in order as their symbols are.

    Args:
        lines: The lines.
        bits: Bits of a symbol.
        end: What stands behind each line.

    Attributes:
        bits, per_word: Bits of a symbol, symbols in a word.
        ends: Shape (letters,): where the line of each letter ends.
        turns: Shape (letters,): the first place, from each letter on, whose opening reads differently.
        words: Shape (letters,): the symbols from each letter on, nothing behind the end of its line.
        openings: Shape (letters,): the same for a passage that begins there.
    """

    def __init__(self, lines: Sequence[Line], bits: int, end: int) -> None:
        self.bits = bits
        self.per_word = _WORD_BITS // bits
        letters = _joined([line.symbols for line in lines], end)
        opening = _joined([line.opening for line in lines], end)
        lengths = np.array([len(line.symbols) + 1 for line in lines], dtype=np.int64)
        places = np.arange(len(letters))
        self.ends = np.repeat(np.cumsum(lengths) - 1, lengths)
        self._turning = letters != opening
        turns = np.where(self._turning, places, len(letters))
        self.turns: Whole = np.minimum.accumulate(turns[::-1])[::-1]
        self._last = self.ends == places
        self.words = letters
        self.openings = opening
        for held in range(1, self.per_word):
            following = self._following(self.words)
            after_opening = np.where(self._turning, following, self._following(self.openings))
            self.words = (letters << (bits * held)) | following
            self.openings = (opening << (bits * held)) | after_opening

    @property
    def turning(self) -> bool:
        """Whether any passage reads differently where it begins."""
        return bool(self._turning.any())

    def word(self, suffixes: Whole, distances: Whole) -> Whole:
        """The word at some distance into passages."""
        places = np.minimum(suffixes + distances, len(self.words) - 1)
        found: Whole = np.where(self.turns[suffixes] < places, self.words[places], self.openings[places])
        return found

    def equal_symbols(self, one: Whole, other: Whole) -> Whole:
        """How many symbols, from the first on, two words that differ have in common."""
        limits = np.int64(1) << (self.bits * np.arange(self.per_word))
        return self.per_word - np.searchsorted(limits, one ^ other, side="right")

    def _following(self, words: Whole) -> Whole:
        """The word after each, 0 behind the end of a line."""
        return np.where(self._last, 0, np.append(words[1:], 0))


def meet(mine: tuple[Text, Whole], theirs: tuple[Text, Whole], known: Whole) -> tuple[Whole, Whole, Whole]:
    """Compare passages of two texts, one by one, of which no two are the same up to their ends.

    Args:
        mine: A text and the places where its passages begin.
        theirs: The other text, and the places in it.
        known: Words that each two are known to share.

    Returns:
        The words each two share, and the first words in which they differ.
    """
    (one, places), (other, suffixes) = mine, theirs
    shared = known.copy()
    first_mine, first_theirs = np.zeros_like(shared), np.zeros_like(shared)
    left, width = np.arange(len(shared)), 1
    while len(left):
        distances = (shared[left, np.newaxis] + np.arange(width)) * one.per_word
        ours = one.word(places[left, np.newaxis], distances)
        others = other.word(suffixes[left, np.newaxis], distances)
        differ = ours != others
        first = np.argmax(differ, axis=1)
        rows = np.arange(len(left))
        found = differ[rows, first]
        shared[left] += np.where(found, first, width)
        first_mine[left], first_theirs[left] = ours[rows, first], others[rows, first]
        left = left[~found]
        width = min(width * _GROWTH, _WIDEST)
    return shared, first_mine, first_theirs


def suffix_array(text: Text) -> Whole:
    """The passages of a text in order; those that are equal up to the end of their line stand by their place.

    Each round puts passages in order by twice as many symbols: by their first half, then by what is known of the
    passage that begins with their second half. Only passages that are not alone in their group take part.
    """
    plain = _Ranking(text.words)
    opening = _Ranking(text.openings) if text.turning else plain
    depth = text.per_word
    while plain.wait(text.ends, depth) | opening.wait(text.ends, depth):
        after = opening.waiting + depth
        turned = text.turns[opening.waiting] < after
        after_opening = np.where(turned, plain.ranks[after], opening.ranks[after])
        after_plain = plain.ranks[plain.waiting + depth]
        if opening is not plain:
            opening.refine(after_opening)
        plain.refine(after_plain)
        depth *= 2
    return np.argsort(opening.ranks * len(opening.ranks) + np.arange(len(opening.ranks)))


class _Ranking:
    """Passages in the order of their first symbols; those of a group are equal so far.

    Attributes:
        ranks: Shape (passages,): how many stand before the group of each.
        waiting: Shape (some,): those that are not alone in their group.
    """

    def __init__(self, words: Whole) -> None:
        self.ranks = np.zeros(len(words), dtype=np.int64)
        self.waiting = np.arange(len(words))
        self.refine(words)

    def wait(self, ends: Whole, depth: int) -> bool:
        """Whether some still wait; those that are equal as far as the end of their line, inside this depth, do not."""
        self.waiting = self.waiting[self.waiting + depth <= ends[self.waiting]]
        return len(self.waiting) > 0

    def refine(self, keys: Whole) -> None:
        """Put those that wait in order inside their groups, by a key each."""
        order = _order(self.ranks[self.waiting], keys)
        self.waiting, keys = self.waiting[order], keys[order]
        ranks = self.ranks[self.waiting]
        new_group = _changes(ranks)
        begins = np.flatnonzero(new_group | _changes(keys))
        sizes = np.diff(begins, append=len(keys))
        inside = begins - np.maximum.accumulate(np.where(new_group[begins], begins, 0))
        self.ranks[self.waiting] = ranks + np.repeat(inside, sizes)
        self.waiting = self.waiting[np.repeat(sizes > 1, sizes)]


def _order(ranks: Whole, keys: Whole) -> Whole:
    """How to sort by rank, then by key."""
    if len(ranks) and int(ranks.max()) > 0:
        keys = ranks * (int(keys.max()) + 1) + keys
    return np.argsort(keys)


def _changes(values: Whole) -> NDArray[np.bool_]:
    """Whether each value is another one than the value before; the first one is."""
    changes = np.ones(len(values), dtype=np.bool_)
    np.not_equal(values[1:], values[:-1], out=changes[1:])
    return changes


def _joined(parts: Sequence[Whole], end: int) -> Whole:
    """All parts with an end behind each."""
    terminal = np.array([end], dtype=np.int64)
    return np.concatenate([np.empty(0, dtype=np.int64), *(piece for part in parts for piece in (part, terminal))])
