"""Which scale the roll shows, and whether notes are held to it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from musicgen_app.core.scale import PITCHES, Scale, scales_in_force
from musicgen_app.core.score import Score

OFF, KEY, OWN = "off", "key", "own"
_C_MAJOR = Scale()


@dataclass(frozen=True, slots=True)
class ScaleChoice:
    """The scale of the rows.

    Attributes:
        kind: OFF: none is shown. KEY: that of the key signatures. OWN: one for the whole piece.
        own: The scale that OWN means.
        holds: Whether notes that are drawn or moved go to its pitches.
    """

    kind: str = OFF
    own: Scale = _C_MAJOR
    holds: bool = False

    def stretches(self, score: Score) -> tuple[NDArray[np.int64], list[Scale]]:
        """Where each scale begins, in ticks from 0 on, and which it is; nothing where none is shown."""
        if self.kind == OFF:
            return np.empty(0, np.int64), []
        return (np.zeros(1, np.int64), [self.own]) if self.kind == OWN else scales_in_force(score)

    def held(self, score: Score, tick: int, pitch: int) -> int:
        """The pitch a note gets that is put here: its own, or the nearest of the scale that holds it."""
        onsets, scales = self.stretches(score)
        if not self.holds or not scales:
            return pitch
        scale = scales[max(int(np.searchsorted(onsets, tick, side="right")) - 1, 0)]
        return int(scale.nearest()[min(max(pitch, 0), PITCHES - 1)])
