"""How much of a codec's vocabulary the music of a library uses."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from musicgen_app.core.errors import LibraryError
from musicgen_app.core.progress import CancelToken, Progress, Report
from musicgen_app.dataset.library import Library
from musicgen_app.tokens.notes import DURATION, PITCHES, TIME, VELOCITY, NoteCodec

RARE = 10
"""A value that occurs fewer times than this was hardly heard: once in a window or two of an epoch."""
LOOKED_AT = 300
"""So many files are laid on the grid at most; that takes some seconds."""
COUNTING = "Counting the vocabulary"
_PIANO = slice(21, 109)
_TELL_EVERY = 20


@dataclass(frozen=True, slots=True)
class Used:
    """One field of the codec.

    Attributes:
        name: "pitches", "lengths", "gaps" or "velocities".
        used: Values that occur.
        of: Values there are.
        rare: Those of ``used`` that occur fewer than ``RARE`` times.
    """

    name: str
    used: int
    of: int
    rare: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """What was found.

    Attributes:
        fields: Pitches (of the piano, or of all 128 where others occur), lengths, gaps, velocities.
        looked_at: Files whose lengths and gaps were counted.
        files: Files that can be used; pitches and velocities are those of all.
        rows_a_note: Rows that stand for a note on average, with those of the pedal and the ends.
    """

    fields: tuple[Used, ...]
    looked_at: int
    files: int
    rows_a_note: float

    def sentence(self) -> str:
        """The coverage in words."""
        if not self.looked_at:
            return ""
        parts = [f"{one.used:,} of {one.of:,} {one.name}" for one in self.fields]
        told = f"It uses {', '.join(parts[:-1])} and {parts[-1]}"
        rare = [f"{one.rare:,} {one.name}" for one in self.fields if one.rare]
        if rare:
            seldom = ", ".join(rare[:-1]) + (" and " if rare[:-1] else "") + rare[-1]
            told += f"; {seldom} occur fewer than {RARE} times"
        if self.looked_at < self.files:
            told += f". Lengths and gaps are those of {self.looked_at:,} files of {self.files:,}"
        return f"{told}."


def coverage(
    library: Library, codec: NoteCodec, usable: Sequence[int], report: Report, cancel: CancelToken
) -> Coverage:
    """Count the values the usable files of a library have on a codec's grid.

    Args:
        library: Where the notes are.
        codec: What the notes would be written in.
        usable: Numbers of the files, rising; of many some are looked at, evenly spread.
        report: Told how far it is.
        cancel: A way to stop.
    """
    places = np.unique(np.linspace(0, len(usable) - 1, min(LOOKED_AT, len(usable))).round().astype(np.int64))
    totals = [np.zeros(field.size, dtype=np.int64) for field in codec.fields]
    rows_seen = notes = looked_at = 0
    for done, row in enumerate(library.rows([usable[place] for place in places.tolist()])):
        cancel.check()
        if done % _TELL_EVERY == 0:
            report(Progress(COUNTING, done, len(places), item=row.path))
        try:
            rows = codec.encode(library.score(row))
        except LibraryError:
            # ``library check`` tells of damaged notes and has them read again; advice can do without them.
            continue
        is_note = codec.is_note(rows)
        for field, total in enumerate(totals):
            # Pedal and end rows have no length and no velocity, but a gap before them.
            values = rows[:, field] if field == TIME else rows[is_note, field]
            total += np.bincount(values, minlength=len(total))
        rows_seen += len(rows)
        notes += int(is_note.sum())
        looked_at += 1
    counts = library.counts()
    fields = (
        _pitches(counts["pitches"]),
        _used("lengths", totals[DURATION][1:]),
        _used("gaps", totals[TIME]),
        _used("velocities", _binned(counts["velocities"], len(totals[VELOCITY]) - 1)),
    )
    return Coverage(fields, looked_at, len(usable), rows_seen / notes if notes else 1.0)


def _pitches(counts: NDArray[np.int64]) -> Used:
    on_piano = counts[_PIANO]
    return _used("pitches", on_piano if on_piano.sum() == counts.sum() else counts[:PITCHES])


def _binned(counts: NDArray[np.int64], bins: int) -> NDArray[np.int64]:
    sums: NDArray[np.int64] = counts.reshape(bins, -1).sum(axis=1)
    return sums


def _used(name: str, counts: NDArray[np.int64]) -> Used:
    return Used(name, int((counts > 0).sum()), len(counts), int(((counts > 0) & (counts < RARE)).sum()))
