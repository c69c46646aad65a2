"""Decides which pieces of a collection are kept, which belong together, and which are held back."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from musicgen_app.dataset.families import Sketch, families
from musicgen_app.dataset.split import validation_families


@dataclass(frozen=True, slots=True)
class Candidate:
    """A usable piece.

    Attributes:
        name: What to call it.
        notes: Its notes.
        digest: Equal for pieces of the same notes.
        turns: Its melodic turns.
    """

    name: str
    notes: int
    digest: str
    turns: Sketch


@dataclass(frozen=True, slots=True)
class Selection:
    """What becomes of the candidates.

    Attributes:
        families: Family of each candidate that is kept, by its index.
        twins: For candidates that are left out, by index, the name of the one with the same notes.
        held_back: Families for validation.
    """

    families: Mapping[int, int]
    twins: Mapping[int, str]
    held_back: frozenset[int]

    @property
    def family_count(self) -> int:
        """Number of different works."""
        return len(set(self.families.values()))


def select(candidates: Mapping[int, Candidate], share: float, seed: int) -> Selection:
    """Leave out exact duplicates (the first stays), find families, and hold back whole families.

    Args:
        candidates: By any index, in an order that does not depend on chance.
        share: Part of the notes to hold back.
        seed: Decides which.
    """
    first: dict[str, int] = {}
    twins: dict[int, str] = {}
    for index, candidate in candidates.items():
        original = first.setdefault(candidate.digest, index)
        if original != index:
            twins[index] = candidates[original].name
    kept = list(first.values())
    labels = families([candidates[index].turns for index in kept])
    notes = np.bincount(labels, weights=[candidates[index].notes for index in kept]).astype(np.int64)
    held_back = validation_families(notes.tolist(), share, seed)
    return Selection(dict(zip(kept, labels.tolist(), strict=True)), twins, held_back)
