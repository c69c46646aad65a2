"""The note codec: one row a note with time shift, pitch, duration and velocity; pedal changes are rows of their own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from musicgen_app.core.errors import CodecError
from musicgen_app.core.score import DEFAULT_MICROSECONDS_PER_BEAT, Score
from musicgen_app.tokens.classes import METRICAL_CLASSES, SECONDS_CLASSES, ClassTable
from musicgen_app.tokens.codec import Field, Rows
from musicgen_app.tokens.grid import (
    FIRST_PITCH,
    GRID_TICKS,
    PEDAL_DOWN,
    PEDAL_UP,
    STEPS_PER_BEAT,
    STEPS_PER_SECOND,
    VELOCITY_BINS,
    Events,
    GridName,
    compose,
    gather,
    joined,
    lay,
    pedal_changes,
    settle,
)

TIME, PITCH, DURATION, VELOCITY = range(4)
PITCHES = 128
END_CLASS = PITCHES
PEDAL_DOWN_CLASS = PITCHES + 1
PEDAL_UP_CLASS = PITCHES + 2
NAME = "notes"
VERSION = 1
_PEDAL_PART = 4
_POSITIONS = (
    ("beat", STEPS_PER_BEAT, 1),
    ("three", 3 * STEPS_PER_BEAT, STEPS_PER_BEAT // 4),
    ("four", 4 * STEPS_PER_BEAT, STEPS_PER_BEAT // 4),
)
"""Name of a position, steps after which it comes round, steps it is told in."""
_AROUND = np.array([around for _, around, _ in _POSITIONS])
_TOLD_IN = np.array([step for _, _, step in _POSITIONS])
_ANYTHING = (-(PITCHES - 1), PITCHES - 1)


@dataclass(frozen=True, slots=True)
class NoteCodec:
    """One row a note; implements the protocol ``Codec``.

    The time field is the gap to the row before (the start of the piece for the first). In the pitch field 0 to 127 are
    notes, 128 is the end, 129 and 130 (where the pedal has rows) press and lift it. Rows of one moment stand in this
    order: pedal up, pedal down, notes upwards. Pedal and end rows have class 0 as duration and velocity, notes never;
    the end row stands at no distance from the last row, and serves as the row before the first, so that pieces may
    simply be joined.

    Attributes:
        timing: "metrical" (steps of 1/24 quarter note) or "seconds" (10 ms).
        tempo: Microseconds a beat of decoded scores.
        pedal: Whether the sustain pedal has rows.
        time: Classes of the gaps.
        duration: Classes of the durations.
    """

    timing: GridName = "metrical"
    tempo: int = DEFAULT_MICROSECONDS_PER_BEAT
    pedal: bool = True
    time: ClassTable = METRICAL_CLASSES
    duration: ClassTable = METRICAL_CLASSES
    _fields: tuple[Field, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.timing not in GRID_TICKS:
            raise CodecError(f'"{self.timing}" is no grid; expected "metrical" or "seconds".')
        if not 1 <= self.tempo < 2**24:
            raise CodecError(f"{self.tempo} microseconds a beat is no tempo that MIDI can say.")
        if self.timing == "seconds" and self.tempo != DEFAULT_MICROSECONDS_PER_BEAT:
            raise CodecError("On the grid of 10 ms the tempo is always 120 beats a minute.")
        fields = (
            Field("time", len(self.time)),
            Field("pitch", PITCHES + (3 if self.pedal else 1)),
            Field("duration", len(self.duration)),
            Field("velocity", VELOCITY_BINS + 1),
        )
        object.__setattr__(self, "_fields", fields)

    @property
    def fields(self) -> tuple[Field, ...]:
        return self._fields

    @property
    def start_row(self) -> Rows:
        return np.array([0, END_CLASS, 0, 0], dtype=np.int16)

    def encode(self, score: Score) -> Rows:
        events = self._lay(score)
        rows = np.zeros((len(events) + 1, 4), dtype=np.int16)
        is_note = events.kinds >= FIRST_PITCH
        rows[:-1, TIME] = self.time.nearest(np.diff(events.steps, prepend=0))
        pitch = rows[:-1, PITCH]
        pitch[:] = events.kinds - FIRST_PITCH
        pitch[events.kinds == PEDAL_DOWN] = PEDAL_DOWN_CLASS
        pitch[events.kinds == PEDAL_UP] = PEDAL_UP_CLASS
        rows[:-1, DURATION] = self.duration.nearest(events.durations)
        rows[:-1, VELOCITY] = np.where(is_note, events.velocities + 1, 0)
        rows[-1] = self.start_row
        return rows

    def decode(self, rows: Rows) -> Score:
        """The score of rows; whatever follows an end row is left out, a missing end row is no fault.

        Rows that no score encodes to are read kindly: a note without duration or velocity is as short or soft as can
        be, a note struck twice at one moment sounds once.

        Raises:
            CodecError: The rows have another shape than this codec's, or a class it does not have.
        """
        rows = self._checked(rows)
        ends = np.flatnonzero(self.is_end(rows))
        rows = rows[: ends[0]] if len(ends) else rows
        steps = np.cumsum(self.time.values[rows[:, TIME]])
        note = self.is_note(rows)
        notes = Events(
            steps[note],
            rows[note, PITCH].astype(np.int64) + FIRST_PITCH,
            self.duration.values[np.maximum(rows[note, DURATION], 1)],
            np.maximum(rows[note, VELOCITY].astype(np.int64) - 1, 0),
        )
        pedals = pedal_changes(steps[~note], rows[~note, PITCH] == PEDAL_DOWN_CLASS)
        return compose(settle(joined(pedals, notes)), self.timing, self.tempo)

    def quantise(self, score: Score) -> Score:
        return compose(self._lay(score), self.timing, self.tempo)

    def too_long(self, score: Score) -> tuple[int, int]:
        """How many gaps and how many notes of a score last longer than this codec can say, and are shortened."""
        found = gather(score, self.timing, self.pedal)
        gaps = np.diff(np.sort(found.steps), prepend=0)
        return int((gaps > self.time.longest).sum()), int((found.durations > self.duration.longest).sum())

    def _lay(self, score: Score) -> Events:
        return lay(score, self.timing, self.time, self.duration, self.pedal)

    def _checked(self, rows: Rows) -> Rows:
        if rows.ndim != 2 or rows.shape[1] != len(self.fields):
            raise CodecError(f"Rows of shape {rows.shape} are not rows of (time, pitch, duration, velocity).")
        sizes = [one.size for one in self.fields]
        if bool(np.any(rows < 0)) or bool(np.any(rows >= sizes)):
            raise CodecError("The rows hold a class that this codec does not have.")
        return rows

    def allowed(self, field: int, chosen: Rows) -> NDArray[np.bool_]:
        mask = np.ones((len(chosen), self.fields[field].size), dtype=np.bool_)
        if field == PITCH:
            mask[:, END_CLASS] = chosen[:, TIME] == 0
        elif field in (DURATION, VELOCITY):
            note = chosen[:, PITCH] < PITCHES
            mask[:, 0] = ~note
            mask[:, 1:] = note[:, np.newaxis]
        return mask

    def deciding_field(self, field: int) -> int | None:
        return (None, TIME, PITCH, PITCH)[field]

    def is_note(self, rows: Rows) -> NDArray[np.bool_]:
        return rows[..., PITCH] < PITCHES

    def is_end(self, rows: Rows) -> NDArray[np.bool_]:
        ends: NDArray[np.bool_] = rows[..., PITCH] == END_CLASS
        return ends

    @property
    def position_fields(self) -> tuple[Field, ...]:
        if self.timing != "metrical":
            return ()
        return tuple(Field(name, around // step) for name, around, step in _POSITIONS)

    def steps(self, rows: Rows) -> NDArray[np.int64]:
        steps: NDArray[np.int64] = self.time.values[rows[..., TIME]]
        return steps

    @property
    def pause(self) -> int:
        return 0

    def positions(self, clocks: NDArray[np.int64]) -> NDArray[np.int16]:
        """The place in the beat exactly, in a bar of three and in one of four by sixteenths, counted from the first."""
        if self.timing != "metrical":
            return np.empty((len(clocks), 0), np.int16)
        places: NDArray[np.int16] = (clocks[..., np.newaxis] % _AROUND // _TOLD_IN).astype(np.int16)
        return places

    def pitches(self, rows: Rows) -> NDArray[np.int16]:
        return np.where(self.is_note(rows), rows[..., PITCH], -1).astype(np.int16)

    def parts(self, rows: Rows) -> NDArray[np.intp]:
        """Every field of a pedal row counts as "pedal"; the fields of notes and of the end under their own names."""
        parts = np.broadcast_to(np.arange(4, dtype=np.intp), rows.shape).copy()
        parts[rows[..., PITCH] > END_CLASS] = _PEDAL_PART
        return parts

    @property
    def part_names(self) -> tuple[str, ...]:
        return ("time", "pitch", "duration", "velocity", "pedal")

    def log_widths(self, rows: Rows) -> NDArray[np.float64]:
        widths = np.zeros(rows.shape, dtype=np.float64)
        widths[..., TIME] = self.time.log_widths[rows[..., TIME]]
        widths[..., DURATION] = self.duration.log_widths[rows[..., DURATION]]
        return widths

    @property
    def grid(self) -> str:
        return f"{'1/24 quarter' if self.timing == 'metrical' else '10 ms'}, {VELOCITY_BINS} velocities"

    @property
    def longest(self) -> str:
        """The longest time that has a class, in words."""
        steps = min(self.time.longest, self.duration.longest)
        return f"{steps // STEPS_PER_BEAT} beats" if self.timing == "metrical" else f"{steps // STEPS_PER_SECOND} s"

    def transpose(self, rows: Rows, semitones: int) -> Rows:
        """The rows of the piece shifted in pitch.

        Raises:
            CodecError: A note would leave the 128 pitches.
        """
        lowest, highest = self.transposable(rows)
        if not lowest <= semitones <= highest:
            raise CodecError(f"These notes can be moved by {lowest} to {highest} semitones, not by {semitones}.")
        moved = rows.copy()
        moved[self.is_note(rows), PITCH] += semitones
        return moved

    def transposable(self, rows: Rows) -> tuple[int, int]:
        """Lowest and highest shift in semitones; rows without notes may be shifted by anything."""
        pitches = rows[self.is_note(rows), PITCH]
        if len(pitches) == 0:
            return _ANYTHING
        return -int(pitches.min()), PITCHES - 1 - int(pitches.max())

    def description(self) -> Mapping[str, Any]:
        return {
            "codec": NAME,
            "version": VERSION,
            "timing": self.timing,
            "tempo": self.tempo,
            "pedal": self.pedal,
            "velocities": VELOCITY_BINS,
            "time": [list(segment) for segment in self.time.segments],
            "duration": [list(segment) for segment in self.duration.segments],
        }

    @classmethod
    def from_description(cls, description: Mapping[str, Any]) -> "NoteCodec":
        """The codec that ``description`` describes.

        Raises:
            CodecError: Something is missing, of the wrong kind or out of range.
        """
        if description.get("version") != VERSION or description.get("velocities") != VELOCITY_BINS:
            raise CodecError(
                "The notes are written in a way this version of the program does not know.",
                hint="Open them with a newer version.",
            )
        timing, tempo, pedal = (description.get(name) for name in ("timing", "tempo", "pedal"))
        if type(timing) is not str or type(tempo) is not int or type(pedal) is not bool:
            raise CodecError("The description of the codec lacks its timing, its tempo or its pedal.")
        tables = [_table(description.get(name)) for name in ("time", "duration")]
        return cls(cast(GridName, timing), tempo, pedal, *tables)


def metrical_codec(tempo: int = DEFAULT_MICROSECONDS_PER_BEAT, pedal: bool = True) -> NoteCodec:
    """The codec for music on a beat; ``tempo`` (microseconds a beat) is that of decoded scores."""
    return NoteCodec("metrical", tempo, pedal, METRICAL_CLASSES, METRICAL_CLASSES)


def seconds_codec(pedal: bool = True) -> NoteCodec:
    """The codec for music without a beat."""
    return NoteCodec("seconds", DEFAULT_MICROSECONDS_PER_BEAT, pedal, SECONDS_CLASSES, SECONDS_CLASSES)


def _table(segments: object) -> ClassTable:
    if not isinstance(segments, list) or not all(_is_pair(segment) for segment in segments):
        raise CodecError("The description of the codec lacks its classes of time.")
    return ClassTable(tuple((stop, step) for stop, step in segments))


def _is_pair(segment: object) -> bool:
    return isinstance(segment, list) and len(segment) == 2 and all(type(part) is int for part in segment)
