"""What a score becomes in the note codec, written as plainly as can be: the oracle of the property tests."""

from fractions import Fraction
from math import floor

import numpy as np

from musicgen_app.core.score import Score, Track, make_notes
from musicgen_app.core.timing import TempoMap
from musicgen_app.tokens.notes import NoteCodec

METRICAL_VALUES = [
    *range(97),
    *range(102, 193, 6),
    *range(204, 385, 12),
    *range(408, 769, 24),
    *range(816, 1537, 48),
]
SECONDS_VALUES = [
    *range(101),
    *range(104, 201, 4),
    *range(210, 401, 10),
    *range(420, 801, 20),
    *range(900, 2001, 100),
]


def plain_quantise(codec: NoteCodec, score: Score) -> Score:
    """One event after the other, one class after the other."""
    values = METRICAL_VALUES if codec.timing == "metrical" else SECONDS_VALUES
    tempo_map = TempoMap(score)

    def step(tick: int) -> int:
        if codec.timing == "metrical":
            return floor(Fraction(tick * 24, score.ticks_per_beat) + Fraction(1, 2))
        return floor(tempo_map.second(tick) * 100 + 0.5)

    def nearest(length: int) -> int:
        return min(values, key=lambda value: (abs(value - length), value))

    def not_longer(length: int) -> int:
        return max(value for value in values if value <= length)

    notes: dict[tuple[int, int], tuple[int, int]] = {}
    for onset, duration, pitch, velocity, track in score.notes.tolist():
        if not score.tracks[track].is_percussion:
            at = step(onset)
            sound = (nearest(max(1, step(onset + duration) - at)), velocity // 4)
            notes[at, pitch] = max(notes.get((at, pitch), (0, 0)), sound)
    pedals = _pedals(score, step) if codec.pedal and notes else {}
    moved = _moved(sorted({at for at, _ in notes} | set(pedals)), values[-1], nearest, not_longer)
    scale = 20 if codec.timing == "metrical" else 10
    return Score(
        notes=make_notes(
            (moved[at] * scale, duration * scale, pitch, loudness * 4 + 2)
            for (at, pitch), (duration, loudness) in notes.items()
        ),
        pedals=np.array(
            [(moved[at] * scale, 0, value) for at, changes in pedals.items() for value in changes],
            dtype=score.pedals.dtype,
        ),
        tempos=np.array([(0, codec.tempo)], dtype=score.tempos.dtype),
        tracks=(Track("Piano"),),
        ticks_per_beat=480 if codec.timing == "metrical" else 500,
    )


def _pedals(score: Score, step) -> dict[int, list[int]]:
    moments: dict[int, list[bool]] = {}
    for onset, track, value in score.pedals.tolist():
        if not score.tracks[track].is_percussion:
            moments.setdefault(step(onset), []).append(value >= 64)
    is_down = False
    changes = {}
    for at in sorted(moments):
        states = moments[at]
        change = []
        if is_down and False in states:
            change.append(0)
        if states[-1] and (not is_down or change):
            change.append(127)
        is_down = states[-1]
        if change:
            changes[at] = change
    return changes


def _moved(wanted: list[int], longest: int, nearest, not_longer) -> dict[int, int]:
    moved = {}
    last_wanted = last_shortened = at = 0
    shortened = []
    for step in wanted:
        last_shortened += min(step - last_wanted, longest)
        last_wanted = step
        shortened.append(last_shortened)
    for index, target in enumerate(shortened):
        place = at + nearest(target - at)
        if index + 1 < len(shortened) and place >= shortened[index + 1]:
            place = at + not_longer(target - at)
        at = moved[wanted[index]] = place
    return moved
