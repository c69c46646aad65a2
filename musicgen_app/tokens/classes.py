"""Tables of classes for time shifts and durations: exact where music is fine, growing coarser with length."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from musicgen_app.core.errors import CodecError

MAX_STEPS = 32_000
"""The longest value a table may reach; a lookup table of that size is kept for each."""

Segments = tuple[tuple[int, int], ...]
"""Pairs (stop, step): on from the segment before, classes every ``step`` grid steps up to ``stop``."""


@dataclass(frozen=True, slots=True)
class ClassTable:
    """Classes for lengths of time in whole grid steps; class 0 stands for 0 steps.

    Attributes:
        segments: What the table is built from; two tables of equal segments are equal.
        values: Shape (classes,): the length each class stands for, rising from 0.
        log_widths: Shape (classes,): ln of the number of lengths nearest to each class; 0 where it is exact.
        exact: Lengths up to this one are exact.
    """

    segments: Segments
    values: NDArray[np.int64] = field(init=False, repr=False, compare=False)
    log_widths: NDArray[np.float64] = field(init=False, repr=False, compare=False)
    exact: int = field(init=False, repr=False, compare=False)
    _nearest: NDArray[np.int16] = field(init=False, repr=False, compare=False)
    _below: NDArray[np.int16] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        values = _values(self.segments)
        lengths = np.arange(values[-1] + 1)
        below = np.searchsorted(values, lengths, side="right") - 1
        above = np.minimum(below + 1, len(values) - 1)
        nearest = np.where(lengths - values[below] <= values[above] - lengths, below, above)
        widths = np.bincount(nearest, minlength=len(values)).astype(np.float64)
        put = object.__setattr__
        put(self, "values", _read_only(values))
        put(self, "log_widths", _read_only(np.log(widths)))
        put(self, "exact", int(self.segments[0][0]))
        put(self, "_nearest", _read_only(nearest.astype(np.int16)))
        put(self, "_below", _read_only(below.astype(np.int16)))

    def __len__(self) -> int:
        return len(self.values)

    @property
    def longest(self) -> int:
        """The longest length that has a class, in grid steps."""
        return len(self._nearest) - 1

    def nearest(self, lengths: NDArray[np.int64]) -> NDArray[np.int16]:
        """The class nearest to each length (of two equally near ones the shorter); too long becomes the longest."""
        return self._nearest[np.clip(lengths, 0, self.longest)]

    def around(self, length: int) -> tuple[int, int]:
        """The nearest length that has a class, and the nearest that is not longer than ``length``."""
        inside = min(max(length, 0), self.longest)
        return int(self.values[self._nearest[inside]]), int(self.values[self._below[inside]])


def _values(segments: Segments) -> NDArray[np.int64]:
    """Shape (classes,): the lengths the segments name.

    Raises:
        CodecError: The segments do not rise, begin coarse or reach too far.
    """
    if not segments or segments[0][1] != 1:
        raise CodecError("A table of time classes has to begin with exact steps.")
    parts: list[NDArray[np.int64]] = [np.zeros(1, dtype=np.int64)]
    start = 0
    for stop, step in segments:
        if step < 1 or stop <= start or (stop - start) % step or stop > MAX_STEPS:
            raise CodecError(f"A table of time classes cannot go from {start} to {stop} in steps of {step}.")
        parts.append(np.arange(start + step, stop + 1, step, dtype=np.int64))
        start = stop
    return np.concatenate(parts)


def _read_only(values: NDArray[Any]) -> NDArray[Any]:
    values.flags.writeable = False
    return values


METRICAL_CLASSES = ClassTable(((96, 1), (192, 6), (384, 12), (768, 24), (1536, 48)))
"""On a grid of 1/24 quarter: exact up to 4 beats, sixteenths up to 8, eighths up to 16, quarters up to 32, then halves
up to 64 beats."""

SECONDS_CLASSES = ClassTable(((100, 1), (200, 4), (400, 10), (800, 20), (2000, 100)))
"""On a grid of 10 ms: exact up to 1 s, then steps of 40 ms up to 2 s, 0.1 s up to 4 s, 0.2 s up to 8 s, 1 s up to
20 s."""
