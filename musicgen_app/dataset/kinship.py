"""What pieces are to each other: the same notes, the same music in another key, another edition of a work.

Data sets are split by it, and libraries tell it, so that both say the same of the same files.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from musicgen_app.dataset.families import HASHES, Related, Sketch, families, related, shared_turns

Relation = Literal["", "same", "transposed", "edition"]


@dataclass(frozen=True, slots=True)
class Pieces:
    """Pieces in an order of which the first of several counts.

    Attributes:
        digests: Equal for pieces of the same notes.
        prints: Equal for pieces of the same music in any key, see ``fingerprint``; empty where that is not known.
        turns: The melodic turns of each.
        below: The number below which all turns are given, see ``families.related``.
    """

    digests: Sequence[Hashable]
    prints: Sequence[bytes]
    turns: Sequence[Sketch]
    below: int = HASHES


@dataclass(frozen=True, slots=True)
class Kinship:
    """What pieces are to each other; pieces go by their index.

    Attributes:
        twins: Shape (pieces,): the first piece with the same notes, which may be the piece itself.
        copies: Shape (pieces,): the first piece with the same music in any key, which may be the piece itself.
        families: Shape (pieces,): a number for each work, rising with first appearance.
        editions: Pairs with turns in common, without twins.
    """

    twins: NDArray[np.int64]
    copies: NDArray[np.int64]
    families: NDArray[np.int64]
    editions: Related


@dataclass(frozen=True, slots=True)
class Kin:
    """What one piece is to another.

    Attributes:
        kind: Empty where it is the first one of its work.
        original: The other one; itself where there is none.
        similarity: The part of the turns of the poorer one that they share, 0 to 1.
    """

    kind: Relation
    original: int
    similarity: float = 1.0


def kinship(pieces: Pieces, at: Callable[[int, int], None] | None = None) -> Kinship:
    """Find out what pieces are to each other.

    Args:
        pieces: All of them.
        at: Told how many of how many parts of the turns are done.
    """
    count = len(pieces.digests)
    twins = _firsts(pieces.digests)
    kept = np.flatnonzero(twins == np.arange(count))
    # A print that is empty is nobody's but the piece's own.
    copies = _firsts([print_ or index for index, print_ in enumerate(pieces.prints)])
    found = related([pieces.turns[index] for index in kept.tolist()], pieces.below, at)
    editions = Related(kept[found.first], kept[found.second], found.shared)
    everyone = np.arange(count)
    first = np.concatenate([twins, copies, editions.first])
    second = np.concatenate([everyone, everyone, editions.second])
    return Kinship(twins, copies, families(count, first, second), editions)


def kin_of(found: Kinship, turns: Sequence[Sketch]) -> Iterator[Kin]:
    """For each piece the one it is compared with: of the same notes, of the same music, or most like it."""
    heads = np.unique(found.families, return_index=True)[1]
    best = _most_alike(found)
    for index, (twin, copy, head) in enumerate(
        zip(found.twins.tolist(), found.copies.tolist(), heads[found.families].tolist(), strict=True)
    ):
        if twin != index:
            yield Kin("same", twin)
        elif copy != index:
            yield Kin("transposed", copy)
        elif head == index:
            yield Kin("", index)
        else:
            other = best.get(index, head)
            yield Kin("edition", other, shared_turns(turns[index], turns[other]))


def _most_alike(found: Kinship) -> dict[int, int]:
    """For each piece the one that shares most turns with it; one that comes before it rather than a later one."""
    pairs = found.editions
    who = np.concatenate([pairs.second, pairs.first])
    whom = np.concatenate([pairs.first, pairs.second])
    order = np.lexsort((whom, -np.tile(pairs.shared, 2), whom > who, who))
    firsts = order[np.flatnonzero(np.diff(who[order], prepend=-1))]
    return dict(zip(who[firsts].tolist(), whom[firsts].tolist(), strict=True))


def _firsts(values: Sequence[Hashable]) -> NDArray[np.int64]:
    """Shape (pieces,): where each value occurs first."""
    first: dict[Hashable, int] = {}
    return np.array([first.setdefault(value, index) for index, value in enumerate(values)], dtype=np.int64)
