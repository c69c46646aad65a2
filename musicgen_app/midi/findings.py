"""Collects what is wrong with a file, and puts it into words a musician understands."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from musicgen_app.core.score import Score
from musicgen_app.core.timing import Meter

_NAMED_TRACKS = 4


@dataclass(slots=True)
class Finding:
    """One kind of thing that was found, however often.

    Attributes:
        text: A sentence; ``{count}`` and ``{bar}`` (of the first) are filled in at the end.
        count: How often.
        tick: Where first; None where that says nothing.
    """

    text: str
    count: int = 1
    tick: int | None = None


@dataclass(slots=True)
class Findings:
    """What was found in one file, in order. Equal sentences are counted, not repeated."""

    _found: dict[str, Finding] = field(default_factory=dict)

    def add(self, text: str, count: int = 1, tick: int | None = None, many: str = "") -> None:
        """Note a finding; a count of 0 is none.

        Args:
            text: The sentence for one.
            count: How often it was found.
            tick: Where it was found first.
            many: The sentence for several, with ``{count}``; needed where a finding may be added again.
        """
        if count == 0:
            return
        found = self._found.setdefault(text, Finding(text, 0, tick))
        found.count += count
        if found.count > 1 and many:
            found.text = many
        if tick is not None and found.tick is not None:
            found.tick = min(found.tick, tick)

    def sentences(self, score: Score) -> tuple[str, ...]:
        """All findings; bars are counted in the metre of the score."""
        if not self._found:
            return ()
        meter = Meter(score)
        return tuple(self._sentence(found, meter) for found in self._found.values())

    @staticmethod
    def _sentence(found: Finding, meter: Meter) -> str:
        text = found.text.replace("{count}", f"{found.count:,}")
        if found.tick is None:
            return text
        return text.replace("{bar}", f"{meter.position(found.tick).bar:,}")


def name_tracks(numbers: Sequence[int]) -> str:
    """Name some tracks by number, not more than a few: "track 3", "tracks 1, 2 and 7", "tracks 1, 2, 3 and 9 more"."""
    if len(numbers) == 1:
        return f"track {numbers[0]}"
    if len(numbers) > _NAMED_TRACKS:
        rest = len(numbers) - _NAMED_TRACKS + 1
        return f"tracks {', '.join(str(number) for number in numbers[: _NAMED_TRACKS - 1])} and {rest:,} more"
    return f"tracks {', '.join(str(number) for number in numbers[:-1])} and {numbers[-1]}"
