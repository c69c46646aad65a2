"""Joins note-ons with note-offs."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Index = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Which note-off ends which note-on.

    Attributes:
        on: Positions of the note-ons that end, shape (notes,).
        off: Positions of their note-offs, same shape.
        open: Positions of the note-ons that never end.
        stray: How many note-offs end nothing.
    """

    on: Index
    off: Index
    open: Index
    stray: int


def pair_notes(voice: NDArray[np.integer], is_on: NDArray[np.bool_]) -> Pairs:
    """Pair first in, first out: a note-off ends the oldest note of its voice that still sounds.

    So a note that is struck again before it ends keeps its own length, and two notes struck together end in the order
    of their note-offs. A note-off while nothing of its voice sounds ends nothing.

    Args:
        voice: Shape (events,), in the order of time: what makes two notes the same one (track, channel and pitch).
        is_on: Shape (events,): whether the event is a note-on.
    """
    order = np.argsort(voice, kind="stable").astype(np.int32)
    by_voice, on = voice[order], is_on[order]
    changes = np.flatnonzero(by_voice[1:] != by_voice[:-1]).astype(np.int32) + 1
    begins = np.concatenate([order[:0], [0], changes], dtype=np.int32) if len(on) else order
    group = np.repeat(np.arange(len(begins), dtype=np.int32), np.diff(np.append(begins, len(on))))
    ends_something = ~on & ~_finds_nothing(on, begins, group)
    ons, offs = order[on], order[ends_something]
    on_group, off_group = group[on], group[ends_something]
    # The k-th note-on of a voice goes with its k-th note-off that ends something.
    first_on = np.searchsorted(on_group, np.arange(len(begins)))
    first_off = np.searchsorted(off_group, np.arange(len(begins)))
    rank = np.arange(len(ons)) - first_on[on_group]
    closed = rank < np.bincount(off_group, minlength=len(begins))[on_group]
    partner = (first_off[on_group] + rank)[closed]
    return Pairs(ons[closed], offs[partner], ons[~closed], int(np.count_nonzero(~on)) - len(offs))


def _finds_nothing(on: NDArray[np.bool_], begins: Index, group: Index) -> NDArray[np.bool_]:
    """Whether an event is a note-off that comes while nothing of its voice sounds.

    Counting up for each on and down for each off within a voice, those are the events that reach a new lowest count.
    """
    step = np.where(on, np.int8(1), np.int8(-1))
    count = np.cumsum(step, dtype=np.int64)
    # Each voice is set lower than all before it can reach, so that one running minimum serves all.
    zero = np.arange(len(begins)) * -(2 * len(on) + 2)
    count += (zero - count[begins] + step[begins])[group]
    np.minimum.accumulate(count, out=count)
    np.minimum(count, zero[group], out=count)
    lower = np.empty(len(on), np.bool_)
    lower[1:] = count[1:] < count[:-1]
    lower[begins] = count[begins] < zero
    return lower
