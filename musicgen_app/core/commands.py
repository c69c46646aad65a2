"""What a command is that edits notes: its words, its parameters with their ranges, and what it does.

The menu, the dialogs and the command line are all made from such commands; ``command_table`` holds them.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from musicgen_app.core.edits import Edited, Selected
from musicgen_app.core.errors import UsageError
from musicgen_app.core.grid import WHOLE_NOTE_BEATS
from musicgen_app.core.score import Score

Kind = Literal["whole", "number", "flag", "choice", "note"]
"""A whole number, any number, yes or no, one of some words, a note value."""

Value = bool | int | float | str | Fraction
"""Of a flag, a whole number, a number, a choice, a note value (as part of a whole note)."""

NOTE_VALUES: tuple[str, ...] = tuple(f"1/{part}{sort}" for part in (1, 2, 4, 8, 16, 32, 64) for sort in ("", "t", "d"))
"""The note values a list offers: plain, triplet, dotted."""

_SORTS = {"": Fraction(1), "t": Fraction(2, 3), "d": Fraction(3, 2)}
_FINEST = Fraction(1, 1024)
_LONGEST = Fraction(64)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One thing a command has to be told.

    Attributes:
        name: Its name in the program and, with dashes, on the command line.
        label: Its words in a dialog, without a colon.
        kind: What its values are.
        default: Its usual value; of a note value its words ("1/16").
        low: Least value of a number.
        high: Greatest value of a number.
        unit: What numbers count; empty for none.
        choices: Value and words of each choice.
        explanation: A sentence without a full stop, where the label does not say it all.
    """

    name: str
    label: str
    kind: Kind
    default: Value
    low: float = 0
    high: float = 0
    unit: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    explanation: str = ""

    @property
    def usual(self) -> Value:
        """The default as a value that the command takes."""
        return self.read(self.default) if isinstance(self.default, str) else self.default

    def read(self, text: str) -> Value:
        """The value that a text says.

        Raises:
            UsageError: It says none, or one out of range.
        """
        if self.kind == "note":
            return self.checked(note_value(text))
        if self.kind in ("choice", "flag"):
            return self.checked(text)
        try:
            return self.checked(int(text) if self.kind == "whole" else float(text))
        except ValueError as error:
            raise UsageError(f"{text} is no value of {self.label}.", self.expected()) from error

    def checked(self, value: Value) -> Value:
        """The same value.

        Raises:
            UsageError: It is of another kind or out of range.
        """
        if self._fits(value):
            return value
        shown = f"{value:g}" if isinstance(value, float) else value
        raise UsageError(f"{shown} is no value of {self.label}.", self.expected())

    def _fits(self, value: Value) -> bool:
        if self.kind == "flag":
            return isinstance(value, bool)
        if self.kind == "choice":
            return any(value == choice for choice, _ in self.choices)
        if self.kind == "note":
            return isinstance(value, Fraction) and _FINEST <= value <= _LONGEST
        if isinstance(value, bool) or not isinstance(value, int if self.kind == "whole" else int | float):
            return False
        return math.isfinite(value) and self.low <= value <= self.high

    def expected(self) -> str:
        """What its values are, in a sentence."""
        if self.kind == "flag":
            return "Expected yes or no."
        if self.kind == "choice":
            return f"Expected one of {', '.join(value for value, _ in self.choices)}."
        if self.kind == "note":
            return "Expected a note value as 1/16, with t for a triplet or d for a dotted one, from 1/1024 to 64/1."
        unit = f" {self.unit}" if self.unit else ""
        sort = "a whole number" if self.kind == "whole" else "a number"
        return f"Expected {sort} from {self.low:g} to {self.high:g}{unit}."


def whole(name: str, label: str, default: int, low: int, high: int, unit: str = "") -> Parameter:
    """A parameter that is a whole number."""
    return Parameter(name, label, "whole", default, low, high, unit)


def note_value(text: str) -> Fraction:
    """A note value as part of a whole note: "1/16", "1/8t" (a triplet's), "1/4d" (dotted).

    Raises:
        UsageError: It is none.
    """
    plain = text.strip().lower()
    sort = plain[-1:] if plain[-1:] in ("t", "d") else ""
    above, _, below = plain.removesuffix(sort).partition("/")
    if not above.isascii() or not above.isdigit() or not below.isascii() or not below.isdigit() or int(below) == 0:
        raise UsageError(
            f"{text} is no note value.", "Write it as 1/16, 1/8t for a triplet's or 1/4d for a dotted one."
        )
    return Fraction(int(above), int(below)) * _SORTS[sort]


def ticks_of(score: Score, value: Fraction) -> int:
    """The length of a note value in ticks, at least 1."""
    return max(1, round(value * WHOLE_NOTE_BEATS * score.ticks_per_beat))


Act = Callable[[Score, Selected, Mapping[str, Any]], Edited]
"""From a score, the chosen notes and the value of each parameter to what the edit made."""


@dataclass(frozen=True, slots=True)
class Command:
    """Something that can be done to the chosen notes.

    Attributes:
        id: Its name in the program and on the command line.
        title: Its words in a menu, and the name of the step that can be undone.
        group: The submenu it stands in.
        summary: What it does, in a sentence without a full stop.
        act: What does it; called through ``run``.
        parameters: What it has to be told, in the order of a dialog; without any, no dialog is needed.
    """

    id: str
    title: str
    group: str
    summary: str
    act: Act
    parameters: tuple[Parameter, ...] = ()

    def settled(self, given: Mapping[str, Value]) -> dict[str, Value]:
        """The value of each parameter, the usual one where none is given.

        Raises:
            UsageError: A value is out of range, or there is no such parameter.
        """
        known = {parameter.name: parameter for parameter in self.parameters}
        for name in given:
            if name not in known:
                raise UsageError(f"{self.title} has no parameter {name}.", f"It has {', '.join(known) or 'none'}.")
        return {
            name: parameter.checked(given[name]) if name in given else parameter.usual
            for name, parameter in known.items()
        }

    def run(self, score: Score, selected: Selected, given: Mapping[str, Value] | None = None) -> Edited:
        """Do it to the chosen notes.

        Raises:
            UsageError: A value is out of range, or there is no such parameter.
        """
        return self.act(score, selected, self.settled(given or {}))
