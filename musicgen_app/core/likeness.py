"""How alike pieces are: figures of single pieces, and how far the histograms of two sets of pieces overlap.

Pitch-class entropy and polyphony are defined as in MusPy (H.-W. Dong et al., "MusPy: a toolkit for symbolic music
generation", ISMIR 2020); the overlap of histograms is the overlapping coefficient (H. F. Inman and E. L. Bradley, 1989)
that L.-C. Yang and A. Lerch, "On the evaluation of generative models in music" (2020), take for distributions of music.
Percussion is left out everywhere.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from musicgen_app.core.analysis import (
    duration_counts,
    length_counts,
    piano_notes,
    pitch_counts,
    polyphony,
    velocity_counts,
)
from musicgen_app.core.score import Notes, Score
from musicgen_app.core.timing import TempoMap

Histograms = Mapping[str, NDArray[np.int64]]
"""Counts of the notes of some pieces, by what is counted."""

HISTOGRAMS = ("pitch_class", "note_length", "inter_onset", "velocity")
_VELOCITIES_IN_BIN = 4


@dataclass(frozen=True, slots=True)
class Figures:
    """A piece in numbers; all are 0 for one without notes.

    Attributes:
        notes: Number of its notes.
        pitch_class_entropy: In bits: 0 where all notes are of one pitch class, 3.58 where all twelve are alike.
        polyphony: Keys that sound at a moment, on average over the time in which any does; the pedal aside.
        notes_per_second: From the first onset to the end of the last note.
    """

    notes: int
    pitch_class_entropy: float
    polyphony: float
    notes_per_second: float


def figures(score: Score) -> Figures:
    """The figures of a piece."""
    notes = piano_notes(score)
    return Figures(
        len(notes), pitch_class_entropy(notes), polyphony(sounding_keys(notes)).mean, notes_per_second(score)
    )


def pitch_class_entropy(notes: Notes) -> float:
    """Entropy in bits of how often each of the twelve pitch classes is struck: -sum of p log2 p (as in MusPy)."""
    counts = _pitch_classes(notes)
    shares = counts[counts > 0] / max(1, len(notes))
    return float(-(shares * np.log2(shares)).sum()) + 0.0


def sounding_keys(notes: Notes) -> Notes:
    """The notes with those of one pitch that overlap or touch made one: when each key sounds, as MusPy counts it."""
    if len(notes) == 0:
        return notes
    ordered = notes[np.lexsort([notes["onset"], notes["pitch"]])].copy()
    ends = ordered["onset"] + ordered["duration"]
    # Every pitch has a stretch of the axis of its own, so that one running maximum serves all.
    stretch = ordered["pitch"].astype(np.int64) * (int(ends.max()) + 1)
    reach = np.maximum.accumulate(ends + stretch)
    begins = np.flatnonzero(np.append(True, ordered["onset"][1:] + stretch[1:] > reach[:-1]))
    lasts = np.append(begins[1:], len(ordered)) - 1
    keys: Notes = ordered[begins]
    keys["duration"] = (reach - stretch)[lasts] - keys["onset"]
    return keys


def notes_per_second(score: Score) -> float:
    """Notes a second, from the first onset to the end of the last note."""
    notes = piano_notes(score)
    if len(notes) == 0:
        return 0.0
    first, last = TempoMap(score).seconds([int(notes["onset"][0]), int((notes["onset"] + notes["duration"]).max())])
    return float(len(notes) / (last - first))


def histograms(scores: Iterable[Score]) -> dict[str, NDArray[np.int64]]:
    """What pieces are made of, all their notes taken together.

    Returns:
        "pitch_class", shape (12,); "note_length", shape (21,), on a scale of octaves; "inter_onset", shape (22,): from
        each onset to the next, 0 (struck together) first and the others like lengths; "velocity", shape (32,).
    """
    total = dict(zip(HISTOGRAMS, (np.zeros(size, np.int64) for size in (12, 21, 22, 32)), strict=True))
    for score in scores:
        notes = piano_notes(score)
        gaps = np.diff(notes["onset"])
        total["pitch_class"] += _pitch_classes(notes)
        total["note_length"] += duration_counts(notes, score.ticks_per_beat)
        total["inter_onset"][0] += int((gaps == 0).sum())
        total["inter_onset"][1:] += length_counts(gaps[gaps > 0], score.ticks_per_beat)
        total["velocity"] += velocity_counts(notes).reshape(-1, _VELOCITIES_IN_BIN).sum(axis=1)
    return total


def overlap(one: Histograms, other: Histograms) -> dict[str, float]:
    """The area that each pair of histograms has in common."""
    return {name: overlap_area(one[name], other[name]) for name in HISTOGRAMS}


def overlap_area(one: NDArray[np.int64], other: NDArray[np.int64]) -> float:
    """The sum over all bins of the smaller of both shares: 1 where both have one shape, 0 where one is empty."""
    if not one.sum() or not other.sum():
        return 0.0
    return float(np.minimum(one / one.sum(), other / other.sum()).sum())


def _pitch_classes(notes: Notes) -> NDArray[np.int64]:
    """Shape (12,): notes of each pitch class, C first."""
    counts = np.bincount(np.arange(128) % 12, pitch_counts(notes), minlength=12)
    return counts.astype(np.int64)
