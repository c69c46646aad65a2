"""What stands in a MIDI file beside notes, pedal and tempo: markers, and what is kept as it is and written back."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CONTROL_DTYPE = np.dtype([("onset", "<i8"), ("track", "<u2"), ("status", "u1"), ("first", "u1"), ("second", "u1")])
NO_TRACK = 0xFFFF
"""Track of a channel message on a channel that no track of the score has."""

KEY_PRESSURE, CONTROLLER, PROGRAM, CHANNEL_PRESSURE, BEND = 0xA0, 0xB0, 0xC0, 0xD0, 0xE0
"""Kinds of channel messages: the upper half of their status."""
SUSTAIN = 64

EXCLUSIVE, ESCAPE = 0xF0, 0xF7
MARKER = 0x06
"""Kind of the meta event of a marker."""


@dataclass(frozen=True, slots=True)
class Marker:
    """A name for a place in the piece.

    Raises:
        ValueError: It stands before the beginning.
    """

    onset: int
    text: str

    def __post_init__(self) -> None:
        if self.onset < 0:
            raise ValueError(f"Tick {self.onset} is before the beginning.")


@dataclass(frozen=True, slots=True)
class Aside:
    """A text, a lyric, a system exclusive message or the like: never looked into, and written back where it stood.

    Attributes:
        onset: Where, in ticks.
        kind: 0 to 127: number of the meta event; EXCLUSIVE or ESCAPE: a message to a device.
        content: Its bytes, without their length.
        track: The track it stands in; None where it stands in none that sounds.

    Raises:
        ValueError: It stands before the beginning, or is of no such kind.
    """

    onset: int
    kind: int
    content: bytes
    track: int | None = None

    def __post_init__(self) -> None:
        if self.onset < 0 or not (0 <= self.kind <= 0x7F or self.kind in (EXCLUSIVE, ESCAPE)):
            raise ValueError(f"An aside of kind {self.kind} at tick {self.onset} cannot be written.")


def in_place(aside: Aside) -> tuple[int, int]:
    """What asides are sorted by: those without a track stand first at their tick."""
    return aside.onset, -1 if aside.track is None else aside.track


def check_controls(controls: NDArray[np.void]) -> None:
    """Refuse channel messages that are none, or have a column of their own in a Score.

    Raises:
        ValueError: Some are.
    """
    if len(controls) == 0:
        return
    kind, first = controls["status"] & np.uint8(0xF0), controls["first"]
    if int(controls["onset"].min()) < 0 or int(first.max()) > 127 or int(controls["second"].max()) > 127:
        raise ValueError("A channel message stands before the beginning, or has a value above 127.")
    if (
        int(kind.min()) < KEY_PRESSURE
        or int(kind.max()) > BEND
        or bool(np.any((kind == CONTROLLER) & (first == SUSTAIN)))
    ):
        raise ValueError("Notes and the sustain pedal are no controls.")
