"""Which classes may be chosen at all: what the codec allows, without an early end and without endless pedalling."""

import numpy as np
from numpy.typing import NDArray

from musicgen_app.tokens.codec import Codec, Rows


class Constraints:
    """Masks for one codec. It is asked once which classes make a row an end or anything else but a note."""

    def __init__(self, codec: Codec) -> None:
        self._codec = codec
        self._not_ends: list[NDArray[np.bool_]] = []
        self._sounding: list[NDArray[np.bool_]] = []
        for index, field in enumerate(codec.fields):
            rows = np.zeros((field.size, len(codec.fields)), np.int16)
            rows[:, index] = np.arange(field.size)
            self._not_ends.append(~codec.is_end(rows))
            self._sounding.append(codec.is_note(rows) | codec.is_end(rows))

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
        mask = self._codec.allowed(field, chosen)
        wanted = mask if may_end else mask & self._not_ends[field]
        if must_sound.any():
            wanted = np.where(must_sound[:, np.newaxis], wanted & self._sounding[field], wanted)
        some = wanted.any(axis=1, keepdims=True)
        # What was chosen before may leave nothing else; then the codec has the last word.
        return wanted if some.all() else np.where(some, wanted, mask)
