"""Makes velocities of the dynamics in a score: levels, accents, hairpins, and words that mean the same.

A level holds until the next one. A hairpin moves evenly to the level that stands at its end, or by one step where none
does. What is written for one staff of a braced pair (a piano's) holds for both, unless the other has its own there.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

USUAL = 80
"""Where nothing is written: mf."""
LEVELS = {
    "ppppp": 8,
    "pppp": 12,
    "ppp": 20,
    "pp": 34,
    "p": 49,
    "mp": 64,
    "mf": 80,
    "f": 96,
    "ff": 112,
    "fff": 122,
    "ffff": 126,
    "fffff": 127,
}
"""Velocities of the levels, about 16 apart."""
STEP = 16
"""Between one level and the next."""
ACCENTS = ("sf", "sfz", "sff", "sffz", "fz", "ffz", "rf", "rfz", "sfp", "sfpp", "fp")
_ACCENT = 20
_AFTERWARDS = {"fp": 49, "sfp": 49, "sfpp": 34}
"""Levels that follow some accents."""
_LOUDER = ("cresc", "crescendo", "cres")
_SOFTER = ("dim", "dimin", "diminuendo", "decresc", "decrescendo", "decres", "calando")
_NEAR = 0.01
_GOAL_WITHIN = 4.0
_WORD_REACHES = 16.0
_WORD_LASTS = 8.0
_SOFTEST, _LOUDEST = 8, 127


@dataclass(frozen=True, slots=True)
class Mark:
    """A level from a moment on, or an accent at it.

    Attributes:
        onset: In quarter notes from the beginning.
        staves: Where it is written.
        level: Velocity from here on; None for a mere accent.
        accent: Whether the notes that begin here are louder.
    """

    onset: float
    staves: frozenset[int]
    level: int | None
    accent: bool = False


@dataclass(frozen=True, slots=True)
class Hairpin:
    """A crescendo or diminuendo.

    Attributes:
        onset: In quarter notes from the beginning.
        end: None where a word says it, which names no end.
        staves: Where it is written.
        louder: Which of the two it is.
    """

    onset: float
    end: float | None
    staves: frozenset[int]
    louder: bool


@dataclass(frozen=True, slots=True)
class _Line:
    """Velocity that moves evenly from one moment to another, and stays there."""

    onset: float
    start: float
    end: float
    goal: float

    def at(self, onset: float) -> float:
        if onset >= self.end:
            return self.goal
        return self.start + (self.goal - self.start) * (onset - self.onset) / (self.end - self.onset)


def marks_in(text: str, onset: float, end: float | None, staves: frozenset[int]) -> tuple[Mark | Hairpin, ...]:
    """What the words of a dynamic sign mean: "p", "sempre pp", "sfz", "mf cresc.".

    Args:
        text: As it is written.
        onset: Where it begins, in quarter notes.
        end: Where it ends; None where it does not say so.
        staves: Where it is written.
    """
    found: list[Mark | Hairpin] = []
    for word in re.findall(r"[a-z]+", text.lower()):
        if word in LEVELS:
            found.append(Mark(onset, staves, LEVELS[word]))
        elif word in ACCENTS:
            found.append(Mark(onset, staves, _AFTERWARDS.get(word), accent=True))
        elif word in _LOUDER or word in _SOFTER:
            found.append(Hairpin(onset, end, staves, word in _LOUDER))
    return tuple(found)


class Dynamics:
    """The velocities of a score.

    Args:
        marks: Levels and accents.
        hairpins: Hairpins, and words that mean the same.
        groups: Staves that are played as one instrument, by staff; one that is not named stands alone.
    """

    def __init__(
        self, marks: Iterable[Mark], hairpins: Iterable[Hairpin], groups: Mapping[int, frozenset[int]]
    ) -> None:
        self._marks = sorted(marks, key=lambda mark: mark.onset)
        self._hairpins = sorted(hairpins, key=lambda pin: pin.onset)
        self._groups = groups
        self._lines: dict[int, Sequence[_Line]] = {}
        self._accents: dict[int, Sequence[Mark]] = {}

    def velocity(self, staff: int, onset: float) -> int:
        """How loud a note of a staff is that begins at a moment (quarter notes from the beginning)."""
        if staff not in self._lines:
            mine = [mark for mark in self._marks if self._holds(mark, staff)]
            pins = [pin for pin in self._hairpins if self._reaches(pin.staves, staff)]
            self._lines[staff] = _lines([mark for mark in mine if mark.level is not None], pins)
            self._accents[staff] = [mark for mark in mine if mark.accent]
        lines = self._lines[staff]
        place = bisect_right(lines, onset + _NEAR, key=lambda line: line.onset) - 1
        velocity = lines[place].at(onset) if place >= 0 else USUAL
        for mark in self._accents[staff]:
            if abs(mark.onset - onset) < _NEAR:
                velocity = max(velocity + _ACCENT, LEVELS["f"])
                break
        return round(min(max(velocity, _SOFTEST), _LOUDEST))

    def _reaches(self, staves: frozenset[int], staff: int) -> bool:
        return staff in staves or bool(staves & self._groups.get(staff, frozenset()))

    def _holds(self, mark: Mark, staff: int) -> bool:
        """Whether a mark is for a staff: written there, or beside it where it has none of its own at that moment."""
        if staff in mark.staves:
            return True
        return self._reaches(mark.staves, staff) and not any(
            staff in other.staves and abs(other.onset - mark.onset) < _NEAR for other in self._marks
        )


def _lines(marks: Sequence[Mark], pins: Sequence[Hairpin]) -> list[_Line]:
    """The velocity of one staff over time."""
    lines: list[_Line] = []
    rows: list[tuple[float, int, Mark | Hairpin]] = [(mark.onset, 0, mark) for mark in marks]
    rows += [(pin.onset, 1, pin) for pin in pins]
    for onset, _, row in sorted(rows, key=lambda row: row[:2]):
        if isinstance(row, Mark):
            level = float(row.level or USUAL)
            lines.append(_Line(onset, level, onset, level))
        else:
            start = lines[-1].at(onset) if lines else float(USUAL)
            lines.append(_moving(row, start, [mark for mark in marks if mark.onset > onset + _NEAR]))
    return lines


def _moving(pin: Hairpin, start: float, later: Sequence[Mark]) -> _Line:
    """A hairpin's way, to a level that stands at its end."""
    following = later[0] if later else None
    if pin.end is not None:
        end = max(pin.end, pin.onset + _NEAR)
    elif following is not None and following.onset - pin.onset <= _WORD_REACHES:
        end = following.onset
    else:
        end = pin.onset + _WORD_LASTS
    goal = start + (STEP if pin.louder else -STEP)
    if following is not None:
        end = min(end, following.onset)
        level = float(following.level or USUAL)
        if following.onset <= end + _GOAL_WITHIN and (level > start) == pin.louder and level != start:
            goal = level
    return _Line(pin.onset, start, end, min(max(goal, _SOFTEST), _LOUDEST))
