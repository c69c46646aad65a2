"""The Score: frozen, columnar, and shared by every thread without a copy."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from musicgen_app.core.asides import CONTROL_DTYPE, Aside, Marker, check_controls, in_place

NOTE_DTYPE = np.dtype([("onset", "<i8"), ("duration", "<i8"), ("pitch", "u1"), ("velocity", "u1"), ("track", "<u2")])
PEDAL_DTYPE = np.dtype([("onset", "<i8"), ("track", "<u2"), ("value", "u1")])
TEMPO_DTYPE = np.dtype([("onset", "<i8"), ("microseconds_per_beat", "<i4")])

DEFAULT_TICKS_PER_BEAT = 480
DEFAULT_MICROSECONDS_PER_BEAT = 500_000
MAX_MICROSECONDS_PER_BEAT = 0xFFFFFF
"""The slowest tempo a MIDI file can name, 3.6 beats a minute."""
MAX_TICK = 2**38
"""Up to here (9 years at 480 ticks and 120 beats) ticks times microseconds fit 64 bits; what is read ends before."""
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

    Raises:
        ValueError: Program or channel are out of range.
    """

    name: str = ""
    program: int = 0
    channel: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.program <= 127 or not 0 <= self.channel <= 15:
            raise ValueError(f"Program {self.program} or channel {self.channel} is outside 0..127 or 0..15.")

    @property
    def is_percussion(self) -> bool:
        """Whether the pitches of this track are drums."""
        return self.channel == 9


@dataclass(frozen=True, slots=True)
class TimeSignature:
    """The metre from a tick on: ``numerator`` (1 to 255) beats of a 1/``denominator`` note (a power of two to 128).

    Raises:
        ValueError: No such metre exists.
    """

    onset: int
    numerator: int = 4
    denominator: int = 4

    def __post_init__(self) -> None:
        _check_onset(self.onset)
        if not 1 <= self.numerator <= 255 or self.denominator not in (1, 2, 4, 8, 16, 32, 64, 128):
            raise ValueError(f"{self.numerator}/{self.denominator} is no time signature.")


@dataclass(frozen=True, slots=True)
class KeySignature:
    """The key from a tick on: ``fifths`` -7 (seven flats) to 7 (seven sharps).

    Raises:
        ValueError: No such key exists.
    """

    onset: int
    fifths: int = 0
    minor: bool = False

    def __post_init__(self) -> None:
        _check_onset(self.onset)
        if not -7 <= self.fifths <= 7:
            raise ValueError(f"A key of {self.fifths} fifths is outside -7..7.")


def _check_onset(onset: int) -> None:
    if onset < 0:
        raise ValueError(f"Tick {onset} is before the beginning.")


def _check_notes(notes: NDArray[np.void], tracks: int) -> None:
    if len(notes) == 0:
        return
    onset, duration, pitch, velocity = (notes[name] for name in ("onset", "duration", "pitch", "velocity"))
    if int(notes["track"].max()) >= tracks:
        raise ValueError("A note names a track that is not there.")
    if int(onset.min()) < 0 or int(duration.min()) < 1:
        raise ValueError("A note begins before tick 0 or is shorter than one tick.")
    if int(pitch.max()) > 127 or int(velocity.max()) > 127 or int(velocity.min()) < 1:
        raise ValueError("A pitch is outside 0..127 or a velocity outside 1..127.")


def _check_pedals(pedals: NDArray[np.void]) -> None:
    if len(pedals):
        _check_onset(int(pedals["onset"].min()))
        if int(pedals["value"].max()) > 127:
            raise ValueError("A pedal has a value above 127.")


def _note_order(notes: NDArray[np.void]) -> NDArray[np.intp] | None:
    """How to sort notes by onset, pitch, track, duration, velocity; None where they are sorted.

    The first three fit into one number; the others are looked at only where those are equal.
    """
    if len(notes) and int(notes["onset"].max()) > MAX_TICK:
        return np.lexsort([notes[name] for name in ("velocity", "duration", "track", "pitch", "onset")])
    key = (notes["onset"] << 24) | (notes["pitch"].astype(np.int64) << 16) | notes["track"]
    order = None
    steps = np.diff(key)
    if bool(np.any(steps < 0)):
        order = np.argsort(key, kind="stable")
        key = key[order]
        steps = np.diff(key)
    equal = steps == 0
    if not bool(equal.any()):
        return order
    tied = np.flatnonzero(np.append(equal, False) | np.append(False, equal))
    rows = notes[tied if order is None else order[tied]]
    within = np.lexsort([rows["velocity"], rows["duration"], key[tied]])
    if order is None:
        if bool(np.all(within[1:] > within[:-1])):
            return None
        order = np.arange(len(notes))
    order[tied] = order[tied][within]
    return order


def _frozen(values: NDArray[np.void], dtype: np.dtype[np.void]) -> NDArray[np.void]:
    """Return a read-only array of ``dtype`` that nobody else can write: the very same one where it already is."""
    if values.dtype == dtype and not values.flags.writeable and values.flags.owndata:
        return values
    out = np.array(values, dtype=dtype)
    out.flags.writeable = False
    return out


def _in_order(values: NDArray[np.void], order: NDArray[np.intp] | None) -> NDArray[np.void]:
    if order is None:
        return values
    out = values[order]
    out.flags.writeable = False
    return out


def _by_place(values: NDArray[np.void]) -> NDArray[np.void]:
    """Sorted by onset and track; several at one place keep their order."""
    key = (values["onset"] << 16) | values["track"]
    return _in_order(values, np.argsort(key, kind="stable") if bool(np.any(np.diff(key) < 0)) else None)


def _tempo_map(values: NDArray[np.void]) -> NDArray[np.void]:
    """Sort, keep the last of several at one tick, begin at tick 0, drop those that change nothing."""
    tempos = np.array(values, dtype=TEMPO_DTYPE)
    if len(tempos):
        _check_onset(int(tempos["onset"].min()))
        rates = tempos["microseconds_per_beat"]
        if int(rates.min()) < 1 or int(rates.max()) > MAX_MICROSECONDS_PER_BEAT:
            raise ValueError(f"A tempo is outside 1..{MAX_MICROSECONDS_PER_BEAT} microseconds a beat.")
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
            several at one tick keep their order. One of a track that is not there is heard by nobody.
        tempos: Shape (changes,), TEMPO_DTYPE; the first stands at tick 0 (120 beats a minute where none is given),
            each differs from the one before.
        time_signatures, key_signatures: Sorted by onset; may be empty (then 4/4).
        tracks: At least one where there are notes.
        ticks_per_beat: Ticks in a quarter note, 1 to 32767.
        markers: Names of places, sorted by onset.
        controls: Shape (messages,), CONTROL_DTYPE: all other channel messages, kept as they are: controllers, bends,
            pressures, and changes of program within a track; sorted by onset, track. Their channel is that of the
            track; only those of NO_TRACK have it in their status.
        asides: What else the file holds (lyrics, texts, system exclusive), kept as it is, sorted by onset, track.

    Raises:
        ValueError: Something is out of its range, or a note names a track that is not there.
    """

    notes: Notes = field(default_factory=lambda: np.empty(0, NOTE_DTYPE))
    pedals: Notes = field(default_factory=lambda: np.empty(0, PEDAL_DTYPE))
    tempos: Notes = field(default_factory=lambda: np.empty(0, TEMPO_DTYPE))
    time_signatures: tuple[TimeSignature, ...] = ()
    key_signatures: tuple[KeySignature, ...] = ()
    tracks: tuple[Track, ...] = (Track(),)
    ticks_per_beat: int = DEFAULT_TICKS_PER_BEAT
    markers: tuple[Marker, ...] = ()
    controls: Notes = field(default_factory=lambda: np.empty(0, CONTROL_DTYPE))
    asides: tuple[Aside, ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= self.ticks_per_beat <= 32767:
            raise ValueError(f"ticks_per_beat is {self.ticks_per_beat}; expected 1 to 32767.")
        put = object.__setattr__
        notes, pedals = _frozen(self.notes, NOTE_DTYPE), _frozen(self.pedals, PEDAL_DTYPE)
        controls = _frozen(self.controls, CONTROL_DTYPE)
        _check_notes(notes, len(self.tracks))
        _check_pedals(pedals)
        check_controls(controls)
        put(self, "notes", _in_order(notes, _note_order(notes)))
        put(self, "pedals", _by_place(pedals))
        put(self, "controls", _by_place(controls))
        put(self, "tempos", _tempo_map(self.tempos))
        put(self, "time_signatures", tuple(sorted(self.time_signatures, key=lambda s: s.onset)))
        put(self, "key_signatures", tuple(sorted(self.key_signatures, key=lambda s: s.onset)))
        put(self, "markers", tuple(sorted(self.markers, key=lambda marker: marker.onset)))
        put(self, "asides", tuple(sorted(self.asides, key=in_place)))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Score):
            return NotImplemented
        return (
            self.ticks_per_beat == other.ticks_per_beat
            and self.tracks == other.tracks
            and self.time_signatures == other.time_signatures
            and self.key_signatures == other.key_signatures
            and self.markers == other.markers
            and self.asides == other.asides
            and np.array_equal(self.notes, other.notes)
            and np.array_equal(self.pedals, other.pedals)
            and np.array_equal(self.tempos, other.tempos)
            and np.array_equal(self.controls, other.controls)
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

    def music_alone(self) -> "Score":
        """The same music without markers, controls and asides."""
        return replace(self, markers=(), controls=np.empty(0, CONTROL_DTYPE), asides=())


def make_notes(rows: Iterable[tuple[int, int, int, int] | tuple[int, int, int, int, int]]) -> Notes:
    """Build a note array from rows of (onset, duration, pitch, velocity[, track])."""
    return np.array([(*row, 0) if len(row) == 4 else row for row in rows], dtype=NOTE_DTYPE)
