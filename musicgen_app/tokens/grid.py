"""Lays the notes and pedals of a score on a grid of whole steps, and makes a score of them again."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from musicgen_app.core.score import NOTE_DTYPE, PEDAL_DOWN_FROM, PEDAL_DTYPE, TEMPO_DTYPE, Score, Track
from musicgen_app.core.timing import TempoMap
from musicgen_app.tokens.classes import ClassTable

GridName = Literal["metrical", "seconds"]

STEPS_PER_BEAT = 24
STEPS_PER_SECOND = 100
VELOCITY_BINS = 32
_BIN_SHIFT = 2
"""128 velocities lie in 32 bins of 4."""

PEDAL_UP = 0
PEDAL_DOWN = 1
FIRST_PITCH = 2
"""Kinds of events inside one step, in their order: pedal up, pedal down, then the pitches upwards."""

_DURATION_BITS = 16
_VELOCITY_BITS = 5
_KIND_BITS = 8

GRID_TICKS: dict[GridName, tuple[int, int]] = {"metrical": (480, 20), "seconds": (500, 10)}
"""Ticks in a quarter note and in a grid step of a decoded score. At 120 beats a minute 500 ticks are half a second."""


@dataclass(frozen=True, slots=True)
class Events:
    """Notes and pedal changes on a grid, in the order of the rows: by step, and inside a step by kind.

    Attributes:
        steps: Shape (events,): place on the grid, in steps from the beginning.
        kinds: Shape (events,): PEDAL_UP, PEDAL_DOWN or FIRST_PITCH + pitch.
        durations: Shape (events,): length of a note in steps, at least 1; 0 for a pedal change.
        velocities: Shape (events,): velocity bin of a note, 0 to 31; 0 for a pedal change.
    """

    steps: NDArray[np.int64]
    kinds: NDArray[np.int64]
    durations: NDArray[np.int64]
    velocities: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.steps)


NOTHING = Events(*(np.zeros(0, dtype=np.int64) for _ in range(4)))


def lay(score: Score, grid: GridName, time: ClassTable, duration: ClassTable, pedal: bool) -> Events:
    """Put a score on the grid: what a codec with these tables can say of it.

    All tracks but percussion are joined. Each step is placed from the place the step before it really got, so the
    error of a coarse class is made good at the next one. Longer gaps than the table knows are shortened, and what
    follows moves with them. No notes give no events.
    """
    found = gather(score, grid, pedal)
    lengths = duration.values[duration.nearest(found.durations)]
    return settle(place(Events(found.steps, found.kinds, lengths, found.velocities), time))


def gather(score: Score, grid: GridName, pedal: bool) -> Events:
    """The piano's notes and pedal changes at their nearest steps, not yet in order, times still as long as they are."""
    piano = ~np.array([track.is_percussion for track in score.tracks], dtype=bool)
    notes = score.notes[piano[score.notes["track"]]]
    if len(notes) == 0:
        return NOTHING
    onsets = _steps(score, notes["onset"], grid)
    ends = _steps(score, notes["onset"] + notes["duration"], grid)
    bins = notes["velocity"].astype(np.int64) >> _BIN_SHIFT
    events = Events(onsets, notes["pitch"].astype(np.int64) + FIRST_PITCH, np.maximum(ends - onsets, 1), bins)
    pedals = score.pedals[_of_tracks(score.pedals["track"], piano)]
    if pedal and len(pedals):
        down = pedals["value"] >= PEDAL_DOWN_FROM
        events = joined(pedal_changes(_steps(score, pedals["onset"], grid), down), events)
    return events


def _of_tracks(tracks: NDArray[np.uint16], wanted: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which events belong to wanted tracks. A pedal may name a track that has no notes and is not listed."""
    inside = np.minimum(tracks, len(wanted) - 1)
    return np.where(tracks < len(wanted), wanted[inside], False)


def _steps(score: Score, ticks: NDArray[np.int64], grid: GridName) -> NDArray[np.int64]:
    """The grid step nearest to each tick; half-way goes up."""
    if grid == "metrical":
        return (ticks * (2 * STEPS_PER_BEAT) + score.ticks_per_beat) // (2 * score.ticks_per_beat)
    return np.floor(TempoMap(score).seconds(ticks) * STEPS_PER_SECOND + 0.5).astype(np.int64)


def pedal_changes(steps: NDArray[np.int64], down: NDArray[np.bool_]) -> Events:
    """The pedal as it changes from step to step, without events that change nothing.

    ``steps`` must not fall. Where the pedal is lifted and pressed again inside one step both stay (the dampers fall);
    where it is pressed and lifted inside one step nothing is left.
    """
    if len(steps) == 0:
        return NOTHING
    places, first = np.unique(steps, return_index=True)
    after = down[np.append(first[1:], len(down)) - 1]
    before = np.append(False, after[:-1])
    lifted = np.minimum.reduceat(down, first) == 0
    up = before & lifted
    pressed = after & (lifted | ~before)
    changes = np.concatenate([places[up], places[pressed]])
    kinds = np.repeat(np.array([PEDAL_UP, PEDAL_DOWN]), [int(up.sum()), int(pressed.sum())])
    nothing = np.zeros(len(changes), dtype=np.int64)
    return Events(changes, kinds, nothing, nothing)


def joined(one: Events, other: Events) -> Events:
    """All events of both, not yet in order."""
    return Events(
        np.concatenate([one.steps, other.steps]),
        np.concatenate([one.kinds, other.kinds]),
        np.concatenate([one.durations, other.durations]),
        np.concatenate([one.velocities, other.velocities]),
    )


def place(events: Events, time: ClassTable) -> Events:
    """Move events so that every gap between neighbouring steps has a class of its own.

    Different steps stay different and keep their order.
    """
    wanted, group = np.unique(events.steps, return_inverse=True)
    gaps = np.diff(wanted, prepend=0)
    wanted = np.cumsum(np.minimum(gaps, time.longest))
    return Events(_placed(wanted, time)[group], events.kinds, events.durations, events.velocities)


def _placed(wanted: NDArray[np.int64], time: ClassTable) -> NDArray[np.int64]:
    """Where rising places really come to stand.

    Only gaps in the coarse classes need to be looked at one after the other: behind an exact gap, and as long as gaps
    stay exact, a place is where it was wanted.
    """
    placed = wanted.copy()
    count = len(wanted)
    done = 0
    for start in np.flatnonzero(np.diff(wanted, prepend=0) > time.exact).tolist():
        index = max(start, done)
        at = int(placed[index - 1]) if index else 0
        while index < count and (index == start or at != int(wanted[index - 1])):
            near, below = time.around(int(wanted[index]) - at)
            overtakes = index + 1 < count and at + near >= int(wanted[index + 1])
            at += below if overtakes else near
            placed[index] = at
            index += 1
        done = max(done, index)
    return placed


def settle(events: Events) -> Events:
    """Sort events into the order of rows; of notes of one pitch in one step keep the longest, then the loudest."""
    steps, group = np.unique(events.steps, return_inverse=True)
    keys = (group.astype(np.int64) << _KIND_BITS) | events.kinds
    keys = ((keys << _DURATION_BITS) | events.durations) << _VELOCITY_BITS | events.velocities
    keys.sort()
    same = keys >> (_DURATION_BITS + _VELOCITY_BITS)
    keys = keys[np.append(same[1:] != same[:-1], True)] if len(keys) else keys
    velocities = keys & ((1 << _VELOCITY_BITS) - 1)
    keys >>= _VELOCITY_BITS
    durations = keys & ((1 << _DURATION_BITS) - 1)
    keys >>= _DURATION_BITS
    return Events(steps[keys >> _KIND_BITS], keys & ((1 << _KIND_BITS) - 1), durations, velocities)


def compose(events: Events, grid: GridName, tempo: int) -> Score:
    """The score of settled events: one piano track in one tempo (microseconds a beat)."""
    ticks_per_beat, ticks_per_step = GRID_TICKS[grid]
    is_note = events.kinds >= FIRST_PITCH
    notes = np.zeros(int(is_note.sum()), dtype=NOTE_DTYPE)
    notes["onset"] = events.steps[is_note] * ticks_per_step
    notes["duration"] = events.durations[is_note] * ticks_per_step
    notes["pitch"] = events.kinds[is_note] - FIRST_PITCH
    notes["velocity"] = (events.velocities[is_note] << _BIN_SHIFT) + (1 << (_BIN_SHIFT - 1))
    notes.flags.writeable = False
    pedals = np.zeros(len(events) - len(notes), dtype=PEDAL_DTYPE)
    pedals["onset"] = events.steps[~is_note] * ticks_per_step
    pedals["value"] = np.where(events.kinds[~is_note] == PEDAL_DOWN, 127, 0)
    pedals.flags.writeable = False
    tempos = np.array([(0, tempo)], dtype=TEMPO_DTYPE)
    return Score(notes, pedals, tempos, tracks=(Track("Piano"),), ticks_per_beat=ticks_per_beat)
