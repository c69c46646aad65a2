"""Takes a stream of events of one shape apart into columns, with numpy."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Ticks = NDArray[np.int64]

OTHER, TRACK, KEPT, DAMAGE, TEMPO, ASIDE = 0xF0, 0xF1, 0xF2, 0xF3, 0xF4, 0xF5
"""Status of the markers: an event that says nothing, the begin of a track, a meta event that is understood, damage, a
tempo event, an event that is kept as it is."""

MARK_OTHER: Final = bytes([OTHER, 0, 0])
"""To be put after a delta time, as MARK_KEPT, MARK_TEMPO and MARK_ASIDE are."""
MARK_KEPT: Final = bytes([KEPT, 0, 0])
MARK_TEMPO: Final = bytes([TEMPO, 0, 0])
MARK_ASIDE: Final = bytes([ASIDE, 0, 0])
MARK_TRACK: Final = bytes([0, TRACK, 0, 0])
"""With a delta time of its own, as MARK_DAMAGE is."""
MARK_DAMAGE: Final = bytes([0, DAMAGE, 0, 0])


@dataclass(frozen=True, slots=True)
class Columns:
    """All events of a file, one row each, in the order of the file.

    Attributes:
        delta: Ticks since the event before.
        status: Shape (events,); running status is filled in. From OTHER on, a marker.
        first, second: Data bytes, 0 to 127.
        abbreviated: How many channel events use running status right after a marker.
    """

    delta: Ticks
    status: Bytes
    first: Bytes
    second: Bytes
    abbreviated: int


@dataclass(slots=True)
class Decoder:
    """Takes a long stream apart in blocks; each block must end between two events."""

    count: int = 0
    _running: int = 0
    _abbreviated: int = 0
    _after_marker: bool = False
    _blocks: list[tuple[Ticks, Bytes, Bytes, Bytes]] = field(default_factory=list)

    def feed(self, block: bytes) -> None:
        """Take the next block apart."""
        if not block:
            return
        raw = np.frombuffer(block, np.uint8)
        low = np.flatnonzero(raw < 0x80)
        # Every event has exactly three bytes below 128: the last of its delta time and its two values.
        delta_end, first, second = low[0::3], low[1::3], low[2::3]
        delta = raw[delta_end].astype(np.int64)
        begin = np.empty_like(delta_end)
        begin[0] = 0
        begin[1:] = second[:-1]
        begin[1:] += 1
        length = delta_end - begin
        for place in range(1, 4):
            longer = np.flatnonzero(length >= place)
            if len(longer) == 0:
                break
            delta[longer] |= (raw[delta_end[longer] - place].astype(np.int64) & 0x7F) << (7 * place)
        self._blocks.append((delta, self._statuses(raw, delta_end, first), raw[first], raw[second]))
        self.count += len(delta)

    def _statuses(self, raw: Bytes, delta_end: NDArray[np.intp], first: NDArray[np.intp]) -> Bytes:
        """The status of each event; where it has none of its own, that of the last channel event that has."""
        before = raw[first - 1]
        own = first - delta_end == 2
        channel = own & (before < OTHER)
        source = np.where(channel, np.arange(1, len(own) + 1), 0)
        np.maximum.accumulate(source, out=source)
        running = np.concatenate([np.array([self._running], np.uint8), before])[source]
        self._running = int(running[-1])
        marker = own & ~channel
        self._abbreviated += int(np.count_nonzero(marker[:-1] & ~own[1:])) + (self._after_marker and not own[0])
        self._after_marker = bool(marker[-1])
        status: Bytes = np.where(marker, before, running)
        return status

    def columns(self) -> Columns:
        """Everything that was fed."""
        if not self._blocks:
            empty = np.empty(0, np.uint8)
            return Columns(np.empty(0, np.int64), empty, empty, empty, 0)
        delta, status, first, second = (np.concatenate(parts) for parts in zip(*self._blocks, strict=True))
        return Columns(delta, status, first, second, self._abbreviated)
