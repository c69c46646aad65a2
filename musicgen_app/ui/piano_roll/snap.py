"""The grid a person chooses to work on: a note value, straight, triplet or dotted, or none."""

from dataclasses import dataclass
from fractions import Fraction

from musicgen_app.core.grid import Grid, grid_of
from musicgen_app.core.score import Score

VALUES: tuple[int, ...] = (1, 2, 4, 8, 16, 32)
"""Parts of a whole note that can be chosen."""


@dataclass(frozen=True, slots=True)
class Snap:
    """What onsets and ends snap to.

    Attributes:
        part: 4 for quarters, 16 for sixteenths; None for no grid.
        triplet: Three in the time of two.
        dotted: Half as long again; never together with ``triplet``.
    """

    part: int | None = 16
    triplet: bool = False
    dotted: bool = False

    @property
    def whole_notes(self) -> Fraction | None:
        """Length of a step as a part of a whole note; None for no grid."""
        if self.part is None:
            return None
        if self.triplet:
            return Fraction(2, 3 * self.part)
        return Fraction(3, 2 * self.part) if self.dotted else Fraction(1, self.part)

    def grid(self, score: Score) -> Grid | None:
        """The lines in a score; None for no grid."""
        return None if self.whole_notes is None else grid_of(score, self.whole_notes)

    def step_grid(self, score: Score) -> Grid:
        """The lines to move and quantise by, which are sixteenths where no grid is chosen."""
        return self.grid(score) or grid_of(score, Fraction(1, 16))

    @property
    def label(self) -> str:
        """As shown in a list: "1/16", "off"."""
        return "Off" if self.part is None else f"1/{self.part}"
