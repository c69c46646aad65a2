"""Cuts lists of words into blocks, where there are no pieces to hold back."""

from collections.abc import Sequence
from itertools import pairwise

BLOCK = 1000
FEWEST_WORDS = 16
"""Below this a list says nothing about music."""

_FEWEST_BLOCKS = 20

IN_BLOCKS = (
    "There are no whole pieces to hold back for validation, so blocks of the music are. Most have neighbours of the "
    "same piece that are learned, so the validation loss flatters the model a little."
)


def blocks(words: Sequence[str]) -> list[tuple[str, ...]]:
    """Words in blocks of nearly equal length: a thousand each, fewer where there would not be twenty.

    A list without borders cannot be split by piece. Blocks that are drawn by chance from the whole of it stand for all
    its pieces, which its end alone would not; and they are long, so that few windows lie beside a cut.
    """
    size = max(FEWEST_WORDS, min(BLOCK, len(words) // _FEWEST_BLOCKS))
    count = max(1, len(words) // size)
    ends = [len(words) * number // count for number in range(count + 1)]
    return [tuple(words[begin:end]) for begin, end in pairwise(ends)]
