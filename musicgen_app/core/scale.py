"""Scales: which pitches belong to a key, and the way to the nearest that does."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from musicgen_app.core.score import KeySignature, Score

SCALES: dict[str, tuple[int, ...]] = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "harmonic minor": (0, 2, 3, 5, 7, 8, 11),
    "melodic minor": (0, 2, 3, 5, 7, 9, 11),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "locrian": (0, 1, 3, 5, 6, 8, 10),
    "major pentatonic": (0, 2, 4, 7, 9),
    "minor pentatonic": (0, 3, 5, 7, 10),
    "blues": (0, 3, 5, 6, 7, 10),
    "whole tone": (0, 2, 4, 6, 8, 10),
    "chromatic": tuple(range(12)),
}
"""Semitones from the root, by name."""

ROOTS = ("C", "C sharp", "D", "E flat", "E", "F", "F sharp", "G", "A flat", "A", "B flat", "B")
PITCHES = 128


@dataclass(frozen=True, slots=True)
class Scale:
    """The pitches of a scale.

    Attributes:
        root: Pitch class it begins on, 0 (C) to 11 (B).
        name: One of SCALES.
    """

    root: int = 0
    name: str = "major"

    def members(self) -> NDArray[np.bool_]:
        """Shape (128,): whether each pitch belongs to it."""
        inside: NDArray[np.bool_] = np.isin((np.arange(PITCHES) - self.root) % 12, SCALES[self.name])
        return inside

    def nearest(self) -> NDArray[np.int64]:
        """Shape (128,): the pitch of the scale that is nearest to each; of two equally near the lower one."""
        pitches = np.flatnonzero(self.members())
        way = np.abs(np.arange(PITCHES)[:, np.newaxis] - pitches)
        nearest: NDArray[np.int64] = pitches[way.argmin(axis=1)]
        return nearest

    def shifted(self, steps: int) -> NDArray[np.int64]:
        """Shape (128,): the pitch so many steps of the scale above each (below: negative).

        A pitch between two of the scale keeps its distance to the lower one, if that does not lead past the next.
        What would leave 0..127 moves back by octaves of the scale.
        """
        inside = np.array(SCALES[self.name])
        octave, rest = np.divmod(np.arange(PITCHES) - self.root, 12)
        degree = np.searchsorted(inside, rest, side="right") - 1
        raised = rest - inside[degree]
        far, place = np.divmod(degree + steps, len(inside))
        room = np.append(inside, 12)[place + 1] - inside[place] - 1
        pitch: NDArray[np.int64] = self.root + 12 * (octave + far) + inside[place] + np.minimum(raised, room)
        pitch -= 12 * -(-np.maximum(pitch - PITCHES + 1, 0) // 12)
        pitch += 12 * -(-np.maximum(-pitch, 0) // 12)
        return pitch


def scale_of(key: KeySignature) -> Scale:
    """The scale of a key: major, or natural minor."""
    return Scale((7 * key.fifths + (9 if key.minor else 0)) % 12, "minor" if key.minor else "major")


def scales_in_force(score: Score) -> tuple[NDArray[np.int64], list[Scale]]:
    """Where each scale of the piece begins (ascending, from tick 0) and which it is; C major where no key is given."""
    keys = {0: KeySignature(0), **{key.onset: key for key in score.key_signatures}}
    onsets = sorted(keys)
    return np.array(onsets, np.int64), [scale_of(keys[onset]) for onset in onsets]
