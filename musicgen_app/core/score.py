"""The Score: frozen, columnar, and shared by every thread without a copy."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

NOTE_DTYPE = np.dtype([("onset", "<i8"), ("duration", "<i8"), ("pitch", "u1"), ("velocity", "u1"), ("track", "<u2")])
PEDAL_DTYPE = np.dtype([("onset", "<i8"), ("track", "<u2"), ("value", "u1")])
TEMPO_DTYPE = np.dtype([("onset", "<i8"), ("microseconds_per_beat", "<i4")])

DEFAULT_TICKS_PER_BEAT = 480
DEFAULT_MICROSECONDS_PER_BEAT = 500_000
PEDAL_DOWN_FROM = 64
"""Controller values from here on hold the sustain pedal down."""

Notes = NDArray[np.void]
"""A structured array of NOTE_DTYPE (likewise for pedals and tempos)."""


@dataclass(frozen=True, slots=True)
class Track:
    """One voice of a score.

    Attributes:
        name: As it stands in the file; may be empty.
        program: General MIDI program, 0 to 127; 0 is the grand piano.
        channel: MIDI channel, 0 to 15; 9 is percussion.
    """

    name: str = ""
    program: int = 0
    channel: int = 0

    @property
    def is_percussion(self) -> bool:
        """Whether the pitches of this track are drums."""
        return self.channel == 9


@dataclass(frozen=True, slots=True)
class TimeSignature:
    """The metre from a tick on: ``numerator`` beats of a 1/``denominator`` note (a power of two)."""

    onset: int
    numerator: int = 4
    denominator: int = 4


@dataclass(frozen=True, slots=True)
class KeySignature:
    """The key from a tick on: ``fifths`` -7 (seven flats) to 7 (seven sharps)."""

    onset: int
    fifths: int = 0
    minor: bool = False


def _frozen(values: NDArray[np.void], dtype: np.dtype[np.void], order: list[str]) -> NDArray[np.void]:
    """Return a sorted, read-only copy of ``dtype``; the very same array where it already is one."""
    untouchable = values.dtype == dtype and not values.flags.writeable and values.flags.owndata
    if untouchable and (len(values) < 2 or _is_sorted(values, order)):
        return values
    out = np.array(values, dtype=dtype)
    if len(out) > 1:
        out = out[np.lexsort([out[name] for name in reversed(order)])]
    out = np.ascontiguousarray(out)
    out.flags.writeable = False
    return out


def _is_sorted(values: NDArray[np.void], order: list[str]) -> bool:
    """Whether rows stand in lexicographic order of the named fields."""
    undecided = np.ones(len(values) - 1, dtype=bool)
    for name in order:
        column = values[name].astype(np.int64)
        steps = np.diff(column)
        if bool(np.any(steps[undecided] < 0)):
            return False
        undecided &= steps == 0
    return True


def _tempo_map(values: NDArray[np.void]) -> NDArray[np.void]:
    """Sort, keep the last of several at one tick, begin at tick 0, drop those that change nothing."""
    tempos = np.array(values, dtype=TEMPO_DTYPE)
    tempos = tempos[np.argsort(tempos["onset"], kind="stable")]
    if len(tempos) == 0 or tempos["onset"][0] > 0:
        first = np.array([(0, DEFAULT_MICROSECONDS_PER_BEAT)], dtype=TEMPO_DTYPE)
        tempos = np.concatenate([first, tempos])
    keep = np.append(np.diff(tempos["onset"]) > 0, True)
    tempos = tempos[keep]
    keep = np.append(True, np.diff(tempos["microseconds_per_beat"]) != 0)
    tempos = np.ascontiguousarray(tempos[keep])
    tempos.flags.writeable = False
    return tempos


@dataclass(frozen=True, slots=True, eq=False)
class Score:
    """A piece of music. An edit returns a new Score; nothing in one ever changes.

    Whatever order the columns come in, they are stored sorted and read-only.

    Attributes:
        notes: Shape (notes,), NOTE_DTYPE, sorted by onset, pitch, track, duration, velocity. Onset and duration in
            ticks (duration at least 1), pitch 0 to 127, velocity 1 to 127, ``track`` an index into ``tracks``.
        pedals: Shape (events,), PEDAL_DTYPE: values of the sustain pedal (controller 64), sorted by onset, track;
            several at one tick keep their order.
        tempos: Shape (changes,), TEMPO_DTYPE; the first stands at tick 0 (120 beats a minute where none is given),
            each differs from the one before.
        time_signatures, key_signatures: Sorted by onset; may be empty (then 4/4).
        tracks: At least one where there are notes.
        ticks_per_beat: Ticks in a quarter note, 1 to 32767.
    """

    notes: Notes = field(default_factory=lambda: np.empty(0, NOTE_DTYPE))
    pedals: Notes = field(default_factory=lambda: np.empty(0, PEDAL_DTYPE))
    tempos: Notes = field(default_factory=lambda: np.empty(0, TEMPO_DTYPE))
    time_signatures: tuple[TimeSignature, ...] = ()
    key_signatures: tuple[KeySignature, ...] = ()
    tracks: tuple[Track, ...] = (Track(),)
    ticks_per_beat: int = DEFAULT_TICKS_PER_BEAT

    def __post_init__(self) -> None:
        if not 1 <= self.ticks_per_beat <= 32767:
            raise ValueError(f"ticks_per_beat is {self.ticks_per_beat}; expected 1 to 32767.")
        put = object.__setattr__
        put(self, "notes", _frozen(self.notes, NOTE_DTYPE, ["onset", "pitch", "track", "duration", "velocity"]))
        put(self, "pedals", _frozen(self.pedals, PEDAL_DTYPE, ["onset", "track"]))
        put(self, "tempos", _tempo_map(self.tempos))
        put(self, "time_signatures", tuple(sorted(self.time_signatures, key=lambda s: s.onset)))
        put(self, "key_signatures", tuple(sorted(self.key_signatures, key=lambda s: s.onset)))
        if len(self.notes):
            if int(self.notes["track"].max()) >= len(self.tracks):
                raise ValueError("A note names a track that is not there.")
            if int(self.notes["onset"][0]) < 0 or int(self.notes["duration"].min()) < 1:
                raise ValueError("A note begins before tick 0 or is shorter than one tick.")
            velocity = self.notes["velocity"]
            if int(self.notes["pitch"].max()) > 127 or int(velocity.max()) > 127 or int(velocity.min()) < 1:
                raise ValueError("A pitch is outside 0..127 or a velocity outside 1..127.")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Score):
            return NotImplemented
        return (
            self.ticks_per_beat == other.ticks_per_beat
            and self.tracks == other.tracks
            and self.time_signatures == other.time_signatures
            and self.key_signatures == other.key_signatures
            and np.array_equal(self.notes, other.notes)
            and np.array_equal(self.pedals, other.pedals)
            and np.array_equal(self.tempos, other.tempos)
        )

    def __hash__(self) -> int:
        return hash((self.ticks_per_beat, self.tracks, self.notes.tobytes()))

    @property
    def end(self) -> int:
        """The tick at which the last note has ended; 0 for an empty score. Pedals do not count."""
        if len(self.notes) == 0:
            return 0
        return int((self.notes["onset"] + self.notes["duration"]).max())

    def with_notes(self, notes: Notes) -> "Score":
        """The same score with other notes."""
        return replace(self, notes=notes)


def make_notes(rows: Iterable[tuple[int, int, int, int] | tuple[int, int, int, int, int]]) -> Notes:
    """Build a note array from rows of (onset, duration, pitch, velocity[, track])."""
    return np.array([(*row, 0) if len(row) == 4 else row for row in rows], dtype=NOTE_DTYPE)
