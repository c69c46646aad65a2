"""What the histograms of a collection count. No Qt here."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from musicgen_app.core.analysis import (
    DURATION_CENTRES_BEATS,
)
from musicgen_app.workflow.inspect import FileFacts

Counts = NDArray[np.int64]
VELOCITY_STEP = 4
"""Velocities counted under one bar."""


@dataclass(frozen=True, slots=True, eq=False)
class NoteCounts:
    """How often each pitch, length and loudness occurs.

    Attributes:
        pitch: Shape (128,).
        duration: Shape (lengths,): under the lengths of ``DURATION_CENTRES_BEATS``.
        velocity: Shape (128 / VELOCITY_STEP,).
    """

    pitch: Counts
    duration: Counts
    velocity: Counts

    @classmethod
    def none(cls) -> "NoteCounts":
        """No notes."""
        return cls(
            np.zeros(128, np.int64),
            np.zeros(len(DURATION_CENTRES_BEATS), np.int64),
            np.zeros(128 // VELOCITY_STEP, np.int64),
        )

    @classmethod
    def known(cls, facts: FileFacts) -> "NoteCounts":
        """What was counted when a file was looked at."""
        if not facts.pitches:
            return cls.none()
        velocity = np.array(facts.velocities, np.int64).reshape(-1, VELOCITY_STEP).sum(axis=1)
        return cls(np.array(facts.pitches, np.int64), np.array(facts.durations, np.int64), velocity)

    @classmethod
    def of(cls, counts: Mapping[str, Counts]) -> "NoteCounts":
        """What a library has counted of all its files (``Library.counts``)."""
        velocity = counts["velocities"].reshape(-1, VELOCITY_STEP).sum(axis=1)
        return cls(counts["pitches"], counts["durations"], velocity)

    def __add__(self, other: "NoteCounts") -> "NoteCounts":
        return NoteCounts(self.pitch + other.pitch, self.duration + other.duration, self.velocity + other.velocity)

    @property
    def notes(self) -> int:
        """How many notes were counted."""
        return int(self.pitch.sum())
