"""Which classes may be chosen at all.

What the codec allows, without an early end, without endless pedalling, without keys that a piano does not have, and
without long silence.
"""

import numpy as np
from numpy.typing import NDArray

from musicgen_app.core.timing import TempoMap
from musicgen_app.generation.checkpoint import PITCH, TIME
from musicgen_app.tokens.codec import Codec, Rows
from musicgen_app.tokens.context import NO_PITCH

LOWEST_KEY, HIGHEST_KEY = 21, 108
"""The 88 keys of a piano."""
LONGEST_WAIT = 8.0
"""Seconds, at the codec's tempo, in which the next row has come: what waits longer seems to be over."""


class Constraints:
    """Masks for one codec. It is asked once, for every class that decides; then a mask is a line of a table."""

    def __init__(self, codec: Codec) -> None:
        self._deciding = [codec.deciding_field(index) for index in range(len(codec.fields))]
        self._masks = [_masks(codec, index, deciding) for index, deciding in enumerate(self._deciding)]

    def allowed(self, field: int, chosen: Rows, may_end: bool, must_sound: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which classes of a field may be chosen.

        Args:
            field: Index of the field.
            chosen: Shape (batch, field): the fields already chosen.
            may_end: Whether a piece may come to its end.
            must_sound: Shape (batch,): where the row has to be a note or the end, not a pedal change.

        Returns:
            Shape (batch, size of the field); at least one class in each row.
        """
        deciding, masks = self._deciding[field], self._masks[field][int(may_end)]
        mask: NDArray[np.bool_] = masks[must_sound.astype(np.intp), 0 if deciding is None else chosen[:, deciding]]
        return mask


def _masks(codec: Codec, field: int, deciding: int | None) -> NDArray[np.bool_]:
    """The masks of a field, shape (2, 2, classes that decide, size): whether it may end, whether it must sound."""
    size = codec.fields[field].size
    chosen = np.zeros((1 if deciding is None else codec.fields[deciding].size, field), np.int16)
    if deciding is not None:
        chosen[:, deciding] = np.arange(len(chosen))
    said = codec.allowed(field, chosen)
    rows = np.zeros((size, len(codec.fields)), np.int16)
    rows[:, field] = np.arange(size)
    ends = codec.is_end(rows)
    sounds = codec.is_note(rows) | ends
    if codec.fields[field].name == PITCH:
        pitches = codec.pitches(rows)
        said &= (pitches == NO_PITCH) | ((pitches >= LOWEST_KEY) & (pitches <= HIGHEST_KEY))
    if codec.fields[field].name == TIME:
        said &= codec.steps(rows) * _seconds_a_step(codec) < LONGEST_WAIT
    masks = np.stack([np.stack([said & end, said & end & sounds]) for end in (~ends, np.ones_like(ends))])
    # What was chosen before may leave nothing else; then the codec has the last word.
    return np.where(masks.any(axis=-1, keepdims=True), masks, said)


def _seconds_a_step(codec: Codec) -> float:
    """How long a step of the time of a codec of notes lasts, at the tempo its music is written in."""
    names = [field.name for field in codec.fields]
    note = np.ones((1, len(names)), np.int16)
    note[0, names.index(PITCH)] = LOWEST_KEY
    note[0, names.index(TIME)] = codec.fields[names.index(TIME)].size - 1
    score = codec.decode(note)
    return float(TempoMap(score).seconds(score.notes["onset"])[0]) / int(codec.steps(note)[0])
