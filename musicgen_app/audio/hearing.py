"""Which notes of a score are heard: tracks that are muted or soloed, and notes chosen to sound alone."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from musicgen_app.core.score import Score


@dataclass(frozen=True, slots=True)
class Hearing:
    """What shall sound of a score; all of it as it stands here.

    Attributes:
        muted: Numbers of tracks that are not heard.
        soloed: Numbers of tracks that alone are heard; none is all. A track that is muted too is not heard.
        only: Indices of the notes that alone are heard; None is all.
    """

    muted: frozenset[int] = frozenset()
    soloed: frozenset[int] = frozenset()
    only: tuple[int, ...] | None = None

    def mask(self, score: Score) -> NDArray[np.bool_]:
        """Which notes of a score are heard, shape (notes,); indices beyond its notes count for nothing."""
        tracks = np.arange(len(score.tracks))
        open_ = ~np.isin(tracks, list(self.muted))
        if self.soloed:
            open_ &= np.isin(tracks, list(self.soloed))
        heard: NDArray[np.bool_] = open_[score.notes["track"]]
        if self.only is not None:
            chosen = np.zeros(len(heard), bool)
            indices = np.array(self.only, dtype=np.intp)
            chosen[indices[indices < len(heard)]] = True
            heard &= chosen
        return heard
