"""Takes what a file says beside the music to the tracks of the score: names, markers, and what is kept as it is."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from musicgen_app.core.asides import MARKER, Aside, Marker
from musicgen_app.midi.events import META_INSTRUMENT, META_NAME, META_PORT
from musicgen_app.midi.texts import words_of
from musicgen_app.midi.voices import Source, Voices

Placed = tuple[int, int, int, bytes]
"""Tick, track of the file, kind and content of an event."""


@dataclass(slots=True)
class Beside:
    """What was found in the file beside its music.

    Attributes:
        names: The name of each track of the file that has one.
        instruments, ports: What else tracks say about themselves.
        events: All that is no signature and not the name of a track, in the order of the file.
    """

    names: dict[int, bytes] = field(default_factory=dict)
    instruments: dict[int, bytes] = field(default_factory=dict)
    ports: dict[int, bytes] = field(default_factory=dict)
    events: list[Placed] = field(default_factory=list)

    def add(self, event: Placed) -> None:
        """Take over an event."""
        _, track, kind, content = event
        if kind == META_NAME and content and track not in self.names:
            self.names[track] = content
        if content and kind == META_INSTRUMENT:
            self.instruments.setdefault(track, content)
        elif content and kind == META_PORT:
            self.ports.setdefault(track, content)
        self.events.append(event)

    def sources(self, tracks: int) -> list[Source]:
        """What each track of the file says about itself."""
        return [
            Source(
                words_of(self.names.get(track) or self.instruments.get(track, b"")),
                self.ports.get(track, b"\0")[0],
            )
            for track in range(tracks)
        ]

    def markers(self) -> tuple[Marker, ...]:
        """The markers of all tracks."""
        return tuple(Marker(tick, words_of(content)) for tick, _, kind, content in self.events if kind == MARKER)

    def asides(self, voices: Voices) -> tuple[Aside, ...]:
        """Everything else, each in the first track of the score that was made of its track of the file.

        A port holds for all of them. The name of a track is known to it already, unless nothing sounds in it.
        """
        out: list[Aside] = []
        named: set[int] = set()
        for tick, track, kind, content in self.events:
            first = voices.firsts.get(track)
            if kind == META_NAME and first is not None and content and track not in named:
                named.add(track)
            elif kind == META_PORT and first is not None:
                following = (other for other in voices.firsts.values() if other > first)
                stop = min(following, default=len(voices.tracks))
                out += [Aside(tick, kind, content, number) for number in range(first, stop)]
            elif kind != MARKER:
                out.append(Aside(tick, kind, content, first))
        return tuple(out)


def in_file_order(parts: Iterable[tuple[int, Placed]]) -> list[Placed]:
    """Events sorted by their position in the file."""
    return [event for _, event in sorted(parts, key=lambda part: part[0])]
