"""Time signatures and key signatures, which hold for all tracks."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from musicgen_app.core.score import KeySignature, TimeSignature
from musicgen_app.midi.events import META_TIME_SIGNATURE
from musicgen_app.midi.findings import Findings

_LARGEST_DENOMINATOR_POWER = 7

PlacedMeta = tuple[int, int, bytes]
"""Tick, kind (META_TIME_SIGNATURE or META_KEY_SIGNATURE) and content of a meta event."""


@dataclass(slots=True)
class Signatures:
    """The signatures of a piece; at most one of a kind at a tick, where the last one read counts."""

    time_signatures: dict[int, TimeSignature] = field(default_factory=dict)
    key_signatures: dict[int, KeySignature] = field(default_factory=dict)

    def read(self, metas: Iterable[PlacedMeta], findings: Findings) -> None:
        """Take over meta events in the order of time; leave out those that make no sense."""
        for tick, kind, content in metas:
            if kind == META_TIME_SIGNATURE:
                self._time_signature(tick, content, findings)
            else:
                self._key_signature(tick, content, findings)

    def begin_bars(self, ticks: Iterable[int]) -> None:
        """Begin a new bar at each of these ticks, in 4/4 where nothing else is said."""
        for tick in ticks:
            self.time_signatures.setdefault(tick, TimeSignature(tick))

    def _time_signature(self, tick: int, content: bytes, findings: Findings) -> None:
        if len(content) < 2 or content[0] == 0 or content[1] > _LARGEST_DENOMINATOR_POWER:
            findings.add(
                "A time signature at bar {bar} makes no sense; it is left out.",
                tick=tick,
                many="{count} time signatures make no sense, the first at bar {bar}; they are left out.",
            )
            return
        self.time_signatures[tick] = TimeSignature(tick, content[0], 1 << content[1])

    def _key_signature(self, tick: int, content: bytes, findings: Findings) -> None:
        fifths = int.from_bytes(content[:1], "big", signed=True)
        if len(content) < 2 or not -7 <= fifths <= 7 or content[1] > 1:
            findings.add(
                "A key signature at bar {bar} makes no sense; it is left out.",
                tick=tick,
                many="{count} key signatures make no sense, the first at bar {bar}; they are left out.",
            )
            return
        self.key_signatures[tick] = KeySignature(tick, fifths, bool(content[1]))
