"""The protocol of a codec: a Score becomes rows of small integers, one row a note, and back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from musicgen_app.core.score import Score

Rows = NDArray[np.int16]
"""Shape (rows, fields): one class number a field."""


@dataclass(frozen=True, slots=True)
class Field:
    """One column of the rows.

    Attributes:
        name: What it says of the note ("time", "pitch", "duration", "velocity").
        size: Number of classes; values are 0 to ``size - 1``.
    """

    name: str
    size: int


class Codec(Protocol):
    """Turns scores into rows and back. Frozen; equal descriptions mean equal codecs."""

    @property
    def fields(self) -> tuple[Field, ...]:
        """The columns, in the order in which a network is asked for them."""
        ...

    @property
    def start_row(self) -> Rows:
        """Shape (fields,): the row that stands before the first of a piece. It is fed, never asked for."""
        ...

    def encode(self, score: Score) -> Rows:
        """The rows of a score, closed by one end row. An empty score gives the end row alone."""
        ...

    def decode(self, rows: Rows) -> Score:
        """The score of rows; whatever follows an end row is left out, a missing end row is no fault."""
        ...

    def quantise(self, score: Score) -> Score:
        """What is left of a score when it has passed through the codec."""
        ...

    def allowed(self, field: int, chosen: Rows) -> NDArray[np.bool_]:
        """Which classes of a field make sense.

        Args:
            field: Index of the field to be chosen.
            chosen: Shape (batch, field): the fields of this row that are already chosen.

        Returns:
            Shape (batch, size of the field); at least one class is allowed in every line.
        """
        ...

    def deciding_field(self, field: int) -> int | None:
        """The one earlier field on which alone depends what ``allowed`` says of a field; None where it is constant."""
        ...

    def is_note(self, rows: Rows) -> NDArray[np.bool_]:
        """Shape (rows,): whether each row is a note (not a pedal event, not the end)."""
        ...

    def is_end(self, rows: Rows) -> NDArray[np.bool_]:
        """Shape (rows,): whether each row is the end row."""
        ...

    @property
    def position_fields(self) -> tuple[Field, ...]:
        """What ``positions`` tells; empty where the music has no beat."""
        ...

    def steps(self, rows: Rows) -> NDArray[np.int64]:
        """Shape (rows,): grid steps from the row before to each row. Only the time is looked at."""
        ...

    @property
    def pause(self) -> int:
        """Ticks of a decoded score from one row to the next, for rows that do not say themselves; else 0."""
        ...

    def positions(self, clocks: NDArray[np.int64]) -> NDArray[np.int16]:
        """Shape (rows, position fields): where in the bar moments lie that are so many steps from the beginning."""
        ...

    def pitches(self, rows: Rows) -> NDArray[np.int16]:
        """Shape (rows,): the MIDI pitch of each row that is a single note, -1 for every other."""
        ...

    def parts(self, rows: Rows) -> NDArray[np.intp]:
        """Shape (rows, fields): which part of ``part_names`` each class is counted under in an evaluation."""
        ...

    @property
    def part_names(self) -> tuple[str, ...]:
        """The parts of the likelihood ("time", "pitch", "duration", "velocity", "pedal")."""
        ...

    def log_widths(self, rows: Rows) -> NDArray[np.float64]:
        """Shape (rows, fields): ln of the number of reference grid steps each class covers (0 where it is exact)."""
        ...

    @property
    def grid(self) -> str:
        """The grid in words ("1/24 quarter, 32 velocities")."""
        ...

    def transpose(self, rows: Rows, semitones: int) -> Rows:
        """The rows of the piece shifted in pitch; ``semitones`` must lie in ``transposable(rows)``."""
        ...

    def transposable(self, rows: Rows) -> tuple[int, int]:
        """Lowest and highest shift in semitones that keeps every note of the rows inside the codec's pitches."""
        ...

    def description(self) -> Mapping[str, Any]:
        """Everything needed to build the codec again, as JSON values; ``codec_from`` reads it."""
        ...
