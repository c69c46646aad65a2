"""One short hash for the music of a piece, blind to its key, tempo and loudness: equal for copies."""

import hashlib

import numpy as np

from musicgen_app.core.analysis import piano_notes
from musicgen_app.core.score import Score

_STEPS_PER_BEAT = 24
_BYTES = 16


def fingerprint(score: Score) -> bytes:
    """The hash of when notes begin (in 1/24 beats from the first) and how far each lies above the lowest.

    Lengths, velocities, pedal, tracks and tempo do not count, nor does a note that doubles another. Empty where there
    are no notes.
    """
    notes = piano_notes(score)
    if len(notes) == 0:
        return b""
    beat = score.ticks_per_beat
    places = (notes["onset"] * (2 * _STEPS_PER_BEAT) + beat) // (2 * beat)
    pitches = notes["pitch"].astype(np.int64)
    rows = (places - places[0]) << 8 | (pitches - pitches.min())
    rows.sort()
    rows = rows[np.diff(rows, prepend=-1) != 0]
    return hashlib.blake2b(rows.astype("<i8").tobytes(), digest_size=_BYTES).digest()
