"""The habits of a piece that a score of distinct tokens does not tell: loops it falls into, tokens it is stuck on."""

from dataclasses import dataclass

import numpy as np

from musicgen_app.generation.suffix_array import Whole

LEAST_LOOP = 24
"""Tokens a loop holds at least: of passages of 200 tokens of Chopin one in a hundred has such a one."""

LONGEST_PERIOD = 512
"""Longer periods are form, not habit, and are not looked for."""


@dataclass(frozen=True, slots=True)
class Loop:
    """A stretch in which every token is the one a period before it, from its second round on.

    Attributes:
        period: Tokens in a round.
        tokens: Length of the stretch; two rounds at least.
        first: The token it begins with, counted from 0.
        at_end: Whether it goes on to the end of the piece.
    """

    period: int
    tokens: int
    first: int
    at_end: bool


@dataclass(frozen=True, slots=True)
class Habits:
    """How varied a sequence of tokens is.

    Attributes:
        tokens: Its length.
        score: Distinct tokens as a share of all, 0 to 1; 0 for no tokens.
        loop: The longest loop; None where there is none of ``LEAST_LOOP`` tokens.
        stuck: Tokens in the longest row of one and the same.
    """

    tokens: int
    score: float
    loop: Loop | None
    stuck: int


def habits(tokens: Whole) -> Habits:
    """The habits of a sequence: shape (tokens,), equal numbers for equal tokens."""
    count = len(tokens)
    score = len(np.unique(tokens)) / count if count else 0.0
    return Habits(count, score, longest_loop(tokens), _longest(tokens, 1)[1] if count else 0)


def longest_loop(tokens: Whole, least: int = LEAST_LOOP) -> Loop | None:
    """The longest stretch with a period, of stretches of one length that with the shortest period.

    Args:
        tokens: Shape (tokens,): equal numbers for equal tokens.
        least: A stretch holds at least so many tokens, and at least two rounds.
    """
    found: Loop | None = None
    for period in range(1, min(len(tokens) // 2, LONGEST_PERIOD) + 1):
        first, length = _longest(tokens, period)
        if length >= max(least, 2 * period) and (found is None or length > found.tokens):
            found = Loop(period, length, first, first + length == len(tokens))
    return found


def _longest(tokens: Whole, period: int) -> tuple[int, int]:
    """The longest stretch of a period, a token at least: where it begins, and its tokens."""
    same = np.concatenate([[False], tokens[period:] == tokens[:-period], [False]])
    borders = np.flatnonzero(same[1:] != same[:-1]).reshape(-1, 2)
    if len(borders) == 0:
        return 0, min(period, len(tokens))
    longest = int(np.argmax(borders[:, 1] - borders[:, 0]))
    begin, end = borders[longest].tolist()
    return begin, end - begin + period
