"""Finds the longest passages of one sequence of numbers that stand in others; exact, however often they repeat."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from musicgen_app.generation.suffix_array import Line, Text, Whole, meet, suffix_array

_END, _STRANGE, _FIRST = 0, 1, 2
"""Codes: the end of a line in the index; what none of its lines holds, and the end of what is looked up; symbol 0."""
_CHUNK = 8192
"""So many places are looked up together, which bounds the memory."""


@dataclass(frozen=True, slots=True, eq=False)
class Matches:
    """The longest passage, from each place of a line on, that stands in an index.

    Attributes:
        line: What was looked up.
        lengths: Shape (places,): symbols in the passage; 0 where not even one is known.
        ranks: Shape (places,): where in the order of the index it stands.
    """

    line: Line
    lengths: Whole
    ranks: Whole


class SuffixIndex:
    """All passages of some lines in order, so that the one most like a new one is its neighbour there.

    Building takes a sort for each doubling of the longest repetition, looking up some twenty steps, whatever repeats.
    Nothing is hashed or sampled: what is found is the longest there is.

    Args:
        lines: What to index.
        groups: A number for each line; ``find`` can leave one group out.
    """

    def __init__(self, lines: Sequence[Line], groups: Sequence[int] | None = None) -> None:
        both = [part for line in lines for part in (line.symbols, line.opening)]
        self._largest = max((int(part.max()) for part in both if len(part)), default=0)
        coded = [Line(line.symbols + _FIRST, line.opening + _FIRST) for line in lines]
        self._text = Text(coded, (self._largest + _FIRST).bit_length(), _END)
        self._order = suffix_array(self._text)
        self._first_words = self._text.openings[self._order]
        self._lengths = np.array([len(line.symbols) + 1 for line in lines], dtype=np.int64)
        self._groups = np.arange(len(lines)) if groups is None else np.asarray(groups, dtype=np.int64)

    def find(self, line: Line, without: int | None = None) -> Matches:
        """The longest passage from each place of a line on that stands in the index.

        Args:
            line: What to look for.
            without: A group whose lines do not count.
        """
        text = self._coded(line)
        counted = None
        if without is not None:
            counted = np.flatnonzero(np.repeat(self._groups, self._lengths)[self._order] != without)
        count = len(line.symbols)
        lengths, ranks = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
        for start in range(0, count, _CHUNK):
            part = slice(start, min(start + _CHUNK, count))
            lengths[part], ranks[part] = self._longest(text, np.arange(part.start, part.stop), counted)
        return Matches(line, lengths, ranks)

    def first_places(self, matches: Matches, places: Whole) -> tuple[Whole, Whole]:
        """Where in the index the passages found from some places of the line on stand for the first time.

        Returns:
            Shape (places,) each: the line of the index, and the place in it.
        """
        text = self._coded(matches.line)
        twice = np.tile(places, 2)
        outside = np.repeat([-1, len(self._order)], len(places))
        below, above = self._bound(text, (twice, matches.lengths[twice]), outside, matches.ranks[twice]).reshape(2, -1)
        alike = [slice(low, high + 1) for low, high in zip(below.tolist(), above.tolist(), strict=True)]
        found = np.array([self._order[part].min() for part in alike], dtype=np.int64)
        starts = np.cumsum(self._lengths) - self._lengths
        lines = np.searchsorted(starts, found, side="right") - 1
        return lines, found - starts[lines]

    def _coded(self, line: Line) -> Text:
        """A line that is looked up, in the codes of the index; what the index does not know is strange."""
        symbols, opening = (
            np.where(part > self._largest, _STRANGE, part + _FIRST) for part in (line.symbols, line.opening)
        )
        return Text([Line(symbols, opening)], self._text.bits, _STRANGE)

    def _longest(self, text: Text, places: Whole, counted: Whole | None) -> tuple[Whole, Whole]:
        """Lengths and ranks of the longest passages from these places on, among the ranks that count."""
        rank = self._rank(text, places)
        before, after = rank - 1, rank
        if counted is not None:
            known = np.concatenate([[-1], counted, [len(self._order)]])
            before = known[np.searchsorted(counted, before, side="right")]
            after = known[np.searchsorted(counted, after, side="left") + 1]
        shared = [self._shared(text, places, neighbours) for neighbours in (before, after)]
        return np.maximum(*shared), np.where(shared[0] >= shared[1], before, after)

    def _rank(self, text: Text, places: Whole) -> Whole:
        """How many passages of the index come before the one from each place on."""
        words = text.openings[places]
        low = np.searchsorted(self._first_words, words, side="left")
        high = np.searchsorted(self._first_words, words, side="right")
        # Whatever lies between two passages shares with a third at least what both of them share with it.
        low_shared, high_shared = np.ones_like(low), np.ones_like(high)
        while len(left := np.flatnonzero(low < high)):
            middle = (low[left] + high[left]) // 2
            known = np.minimum(low_shared[left], high_shared[left])
            shared, mine, theirs = meet((text, places[left]), (self._text, self._order[middle]), known)
            later = mine > theirs
            low[left[later]], low_shared[left[later]] = middle[later] + 1, shared[later]
            high[left[~later]], high_shared[left[~later]] = middle[~later], shared[~later]
        return low

    def _shared(self, text: Text, places: Whole, ranks: Whole) -> Whole:
        """Symbols that the passages from these places on have in common with those of these ranks; 0 outside."""
        inside = (ranks >= 0) & (ranks < len(self._order))
        suffixes = self._order[ranks[inside]]
        words, mine, theirs = meet((text, places[inside]), (self._text, suffixes), np.zeros_like(suffixes))
        shared = np.zeros(len(places), dtype=np.int64)
        shared[inside] = words * text.per_word + text.equal_symbols(mine, theirs)
        return shared

    def _bound(self, text: Text, wanted: tuple[Whole, Whole], outside: Whole, inside: Whole) -> Whole:
        """The ranks nearest to ``outside`` that share as much as the ranks ``inside``: (places, symbols) wanted."""
        places, symbols = wanted
        outside, inside = outside.copy(), inside.copy()
        while len(left := np.flatnonzero(np.abs(outside - inside) > 1)):
            middle = (outside[left] + inside[left]) // 2
            enough = self._shared(text, places[left], middle) >= symbols[left]
            inside[left[enough]] = middle[enough]
            outside[left[~enough]] = middle[~enough]
        return inside
