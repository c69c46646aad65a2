"""Which tracks of a score are edited, seen and heard."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

import numpy as np
from numpy.typing import NDArray

from musicgen_app.core.score import Score, Track

Mask = NDArray[np.bool_]
Tracks = frozenset[int]


@dataclass(frozen=True, slots=True)
class TrackChoice:
    """What a person chose in the list of tracks, by their numbers; all are edited, seen and heard as it stands here.

    Attributes:
        edited: The track whose notes the tools and commands touch; None is all.
        hidden: Not painted, and not touched.
        muted: Not heard.
        soloed: Heard alone; none is all.
    """

    edited: int | None = None
    hidden: Tracks = frozenset()
    muted: Tracks = frozenset()
    soloed: Tracks = frozenset()

    def within(self, tracks: int) -> "TrackChoice":
        """The choice for a score of so many tracks."""
        there = frozenset(range(tracks))
        edited = self.edited if self.edited in there else None
        return TrackChoice(edited, self.hidden & there, self.muted & there, self.soloed & there)

    def with_edited(self, track: int | None) -> "TrackChoice":
        """The same with another track to edit; it is shown."""
        return replace(self, edited=track, hidden=self.hidden - {track} if track is not None else self.hidden)

    def toggled(self, what: str, track: int) -> "TrackChoice":
        """The same with a track put into ``hidden``, ``muted`` or ``soloed``, or taken out of it."""
        own: Tracks = getattr(self, what)
        choice = replace(self, **{what: own ^ {track}})  # type: ignore[arg-type]
        return replace(choice, edited=None) if choice.edited in choice.hidden else choice

    def without(self, track: int) -> "TrackChoice":
        """The choice once a track is gone: those behind it have the numbers before theirs."""

        def moved(numbers: Tracks) -> Tracks:
            return frozenset(number - (number > track) for number in numbers if number != track)

        edited = moved(frozenset() if self.edited is None else frozenset({self.edited}))
        return TrackChoice(next(iter(edited), None), moved(self.hidden), moved(self.muted), moved(self.soloed))

    def carried(self, old: Sequence[Track], new: Sequence[Track]) -> "TrackChoice":
        """The choice once other tracks are in the score: each goes with its track, also where that has a new number."""
        if len(old) == len(new):
            return self
        places = {
            block.a + step: block.b + step
            for block in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
            for step in range(block.size)
        }

        def moved(numbers: Tracks) -> Tracks:
            return frozenset(places[number] for number in numbers if number in places)

        edited = None if self.edited is None else places.get(self.edited)
        return TrackChoice(edited, moved(self.hidden), moved(self.muted), moved(self.soloed))

    def own(self, score: Score) -> Mask | None:
        """Which notes can be touched, shape (notes,); None where all can."""
        if self.edited is not None:
            mask: Mask = score.notes["track"] == self.edited
            return mask
        return ~np.isin(score.notes["track"], list(self.hidden)) if self.hidden else None

    def others(self, score: Score) -> Mask | None:
        """Which notes are seen behind those, shape (notes,); None where none are."""
        if self.edited is None:
            return None
        track = score.notes["track"]
        mask: Mask = (track != self.edited) & ~np.isin(track, list(self.hidden))
        return mask if bool(mask.any()) else None

    def heard(self, track: int) -> bool:
        """Whether a track sounds."""
        return track not in self.muted and (not self.soloed or track in self.soloed)
