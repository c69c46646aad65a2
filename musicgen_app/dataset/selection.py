"""Decides which pieces of a collection are kept, which belong together, and which are held back."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from musicgen_app.core.errors import DatasetError
from musicgen_app.dataset.families import Sketch
from musicgen_app.dataset.kinship import Pieces, kinship
from musicgen_app.dataset.recipe import Side
from musicgen_app.dataset.split import validation_families
from musicgen_app.dataset.store import Split

_STRICTEST: tuple[Split, ...] = ("test", "validation", "train")
"""Of sides that are given to pieces of one family, the first of these counts: nothing that is learned leaks."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A usable piece.

    Attributes:
        name: What to call it.
        notes: Its notes.
        digest: Equal for pieces of the same notes.
        turns: Its melodic turns.
        side: Where it was put by hand; empty to let chance decide.
        fingerprint: Equal for pieces of the same music in any key; empty where that is not known.
    """

    name: str
    notes: int
    digest: str
    turns: Sketch
    side: Side = ""
    fingerprint: bytes = b""


@dataclass(frozen=True, slots=True)
class Selection:
    """What becomes of the candidates.

    Attributes:
        families: Family of each candidate that is kept, by its index.
        twins: For candidates that are left out, by index, the name of the one with the same notes.
        held_back: Families for validation.
        by_hand: The side of families that have a piece which was put on one by hand.
        torn: Candidates that stand on another side than they were put on, since another of their family was put there.
    """

    families: Mapping[int, int]
    twins: Mapping[int, str]
    held_back: frozenset[int]
    by_hand: Mapping[int, Split] = field(default_factory=dict)
    torn: tuple[int, ...] = ()

    @property
    def family_count(self) -> int:
        """Number of different works."""
        return len(set(self.families.values()))

    def side(self, family: int) -> Split:
        """Where the pieces of a family stand."""
        return self.by_hand.get(family, "validation" if family in self.held_back else "train")


def select(candidates: Mapping[int, Candidate], share: float, seed: int) -> Selection:
    """Leave out exact duplicates (the first stays), find families, and hold back whole families.

    Args:
        candidates: By any index, in an order that does not depend on chance.
        share: Part of the notes to hold back.
        seed: Decides which.

    Raises:
        DatasetError: So much was put aside by hand that nothing is left to learn from.
    """
    everyone = list(candidates.values())
    kin = kinship(
        Pieces([one.digest for one in everyone], [one.fingerprint for one in everyone], [one.turns for one in everyone])
    )
    family_of = dict(zip(candidates, kin.families.tolist(), strict=True))
    originals = zip(candidates, kin.twins.tolist(), strict=True)
    twins = {index: everyone[original].name for place, (index, original) in enumerate(originals) if original != place}
    found = {index: family for index, family in family_of.items() if index not in twins}
    weights = [candidates[index].notes for index in found]
    notes = np.bincount(np.array(list(found.values()), dtype=np.int64), weights=weights).astype(np.int64)
    by_hand = _sides_by_hand(candidates, family_of)
    held = {family for family, side in by_hand.items() if side == "validation"}
    notes[[family for family, side in by_hand.items() if side == "test"]] = 0
    held_back = validation_families(notes.tolist(), share, seed, held, by_hand.keys())
    torn = tuple(
        index for index, family in family_of.items() if candidates[index].side not in ("", by_hand.get(family))
    )
    selection = Selection(found, twins, held_back, by_hand, torn)
    if all(selection.side(family) != "train" for family in found.values()):
        raise DatasetError("Nothing is left to learn from: all pieces are held back.", "Put some into training.")
    return selection


def _sides_by_hand(candidates: Mapping[int, Candidate], family_of: Mapping[int, int]) -> dict[int, Split]:
    """Copies that are left out have their say too."""
    given: dict[int, set[str]] = {}
    for index, family in family_of.items():
        if candidates[index].side:
            given.setdefault(family, set()).add(candidates[index].side)
    return {family: next(side for side in _STRICTEST if side in sides) for family, sides in given.items()}
