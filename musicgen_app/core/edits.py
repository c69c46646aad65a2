"""Basic edits of notes: pure functions from a score and the notes chosen in it to another score.

Every function takes the chosen notes as an array of indices into ``score.notes`` and returns where those notes stand
afterwards, so that a selection survives an edit. All work is done on whole columns at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike, NDArray

from musicgen_app.core.grid import Grid
from musicgen_app.core.score import NOTE_DTYPE, Notes, Score, Track

Selected = NDArray[np.intp]
"""Indices into ``score.notes``; any order, no index twice."""

LAST_TICK = 2**40
"""No edit moves a note beyond this tick: decades of music, and far from any overflow."""

HIGHEST_PITCH = 127
_SAFE_TO_PACK = 2**55


@dataclass(frozen=True, slots=True, eq=False)
class Edited:
    """What an edit made.

    Attributes:
        score: The new score.
        selected: Indices of the touched notes in it, ascending.
    """

    score: Score
    selected: Selected


def everything(score: Score) -> Selected:
    """The indices of all notes."""
    return np.arange(len(score.notes), dtype=np.intp)


def move(score: Score, selected: Selected, ticks: int = 0, semitones: int = 0) -> Edited:
    """Shift notes in time and pitch together; at a border the whole group stops, so that chords keep their shape."""
    if len(selected) == 0:
        return Edited(score, selected)
    notes = score.notes.copy()
    onset, pitch = notes["onset"][selected], notes["pitch"][selected].astype(np.int64)
    ticks = min(max(ticks, -int(onset.min())), LAST_TICK - int(onset.max()))
    semitones = min(max(semitones, -int(pitch.min())), HIGHEST_PITCH - int(pitch.max()))
    notes["onset"][selected] = onset + ticks
    notes["pitch"][selected] = pitch + semitones
    return arranged(score, notes, selected)


def transpose(score: Score, selected: Selected, semitones: int) -> Edited:
    """Shift every pitch; a note that leaves 0..127 moves back by octaves."""
    notes = score.notes.copy()
    pitch = notes["pitch"][selected].astype(np.int64) + semitones
    above = pitch > HIGHEST_PITCH
    pitch[above] -= -(-(pitch[above] - HIGHEST_PITCH) // 12) * 12
    below = pitch < 0
    pitch[below] += -(pitch[below] // 12) * 12
    notes["pitch"][selected] = pitch
    return arranged(score, notes, selected)


def resize_ends(score: Score, selected: Selected, ticks: int) -> Edited:
    """Move the end of each note; no note becomes shorter than one tick."""
    notes = score.notes.copy()
    notes["duration"][selected] = np.clip(notes["duration"][selected] + ticks, 1, LAST_TICK)
    return arranged(score, notes, selected)


def resize_starts(score: Score, selected: Selected, ticks: int) -> Edited:
    """Move the onset of each note and keep its end; no note begins before 0 or becomes shorter than one tick."""
    notes = score.notes.copy()
    onset, duration = notes["onset"][selected], notes["duration"][selected]
    start = np.clip(onset + ticks, 0, onset + duration - 1)
    notes["onset"][selected] = start
    notes["duration"][selected] = onset + duration - start
    return arranged(score, notes, selected)


def set_duration(score: Score, selected: Selected, ticks: int) -> Edited:
    """Give every note the same length, at least one tick."""
    notes = score.notes.copy()
    notes["duration"][selected] = min(max(ticks, 1), LAST_TICK)
    return arranged(score, notes, selected)


def delete(score: Score, selected: Selected) -> Edited:
    """Take notes out; nothing is selected afterwards."""
    keep = np.ones(len(score.notes), dtype=bool)
    keep[selected] = False
    return Edited(_with_sorted_notes(score, score.notes.take(np.flatnonzero(keep))), np.empty(0, np.intp))


def insert(score: Score, notes: Notes) -> Edited:
    """Add notes (shape (n,), NOTE_DTYPE, any order); they are selected afterwards.

    Raises:
        ValueError: A note names a track that is not there, or its numbers are out of range.
    """
    old = len(score.notes)
    both = np.concatenate([score.notes, np.asarray(notes, dtype=NOTE_DTYPE)])
    return arranged(score, both, np.arange(old, len(both), dtype=np.intp))


def set_velocity(score: Score, selected: Selected, velocity: ArrayLike) -> Edited:
    """Set the velocity, one for all or one a note (shape of ``selected``); clamped to 1..127."""
    notes = score.notes.copy()
    notes["velocity"][selected] = np.clip(np.rint(np.asarray(velocity, dtype=np.float64)), 1, 127)
    return arranged(score, notes, selected)


def shift_velocity(score: Score, selected: Selected, amount: int) -> Edited:
    """Make notes louder or softer by the same amount; clamped to 1..127."""
    return set_velocity(score, selected, score.notes["velocity"][selected].astype(np.int64) + amount)


def scale_velocity(score: Score, selected: Selected, factor: float) -> Edited:
    """Multiply velocities; clamped to 1..127."""
    return set_velocity(score, selected, score.notes["velocity"][selected] * factor)


def quantise(
    score: Score, selected: Selected, grid: Grid, strength: float = 1.0, ends: bool = False, swing: float = 0.5
) -> Edited:
    """Pull onsets to the nearest grid line.

    A note goes at least one tick of its way, so that pulling again and again by a part of it comes to the line.

    Args:
        score: The score.
        selected: The notes to pull.
        grid: Where to.
        strength: 0 leaves a note where it is, 1 puts it on the line.
        ends: Pull the ends too; otherwise each note keeps its length.
        swing: Where every second line stands between its neighbours: 1/2 in the middle, 2/3 as in a triplet.
    """
    notes = score.notes.copy()
    onset, duration = notes["onset"][selected], notes["duration"][selected]
    start = _pulled(onset, grid, strength, swing)
    notes["onset"][selected] = start
    if ends:
        notes["duration"][selected] = np.maximum(_pulled(onset + duration, grid, strength, swing) - start, 1)
    return arranged(score, notes, selected)


def duplicate(score: Score, selected: Selected, ticks: int, semitones: int = 0) -> Edited:
    """Copy notes to another place in the same score; the copies are selected afterwards."""
    copies = move(Score(notes=score.notes.take(selected), tracks=score.tracks), _first(len(selected)), ticks, semitones)
    return insert(score, copies.score.notes)


def copy(score: Score, selected: Selected) -> Score:
    """The chosen notes as a score of their own that begins at tick 0; it keeps tracks and resolution."""
    notes = score.notes.take(np.sort(selected))
    if len(notes):
        notes["onset"] -= notes["onset"].min()
    return Score(notes=notes, tracks=score.tracks, ticks_per_beat=score.ticks_per_beat)


def paste(score: Score, clip: Score, onset: int, track: int | None = None) -> Edited:
    """Insert a copied score at a tick; the pasted notes are selected afterwards.

    The clip may have another resolution. Where no track is named, its notes go to the first one with the same program;
    a track for a sound that the score does not have is added.
    """
    if track is None:
        tracks, places = _merged_tracks(score.tracks, clip.tracks)
    else:
        tracks, places = score.tracks, np.full(len(clip.tracks), track, np.int64)
    notes = clip.notes.copy()
    start = _rescaled(notes["onset"], clip.ticks_per_beat, score.ticks_per_beat)
    end = _rescaled(notes["onset"] + notes["duration"], clip.ticks_per_beat, score.ticks_per_beat)
    notes["onset"] = np.clip(start + onset, 0, LAST_TICK)
    notes["duration"] = np.maximum(end - start, 1)
    if len(notes):
        notes["track"] = places[notes["track"]]
    return insert(replace(score, tracks=tracks), notes)


def _first(count: int) -> Selected:
    """The indices of the first ``count`` notes."""
    return np.arange(count, dtype=np.intp)


def _pulled(ticks: NDArray[np.int64], grid: Grid, strength: float, swing: float) -> NDArray[np.int64]:
    share = Fraction(strength).limit_denominator(1000)
    way = grid.nearest(ticks, Fraction(swing).limit_denominator(1000)) - ticks
    # Rounded away from 0.
    steps: NDArray[np.int64] = np.sign(way) * -(-abs(way) * share.numerator // share.denominator)
    return ticks + steps


def _rescaled(ticks: NDArray[np.int64], old: int, new: int) -> NDArray[np.int64]:
    return (2 * ticks * new + old) // (2 * old)


def _merged_tracks(mine: tuple[Track, ...], theirs: Sequence[Track]) -> tuple[tuple[Track, ...], NDArray[np.int64]]:
    """My tracks with those of theirs that sound otherwise, and where each of theirs is found."""
    tracks = list(mine)
    sounds = [(track.program, track.is_percussion) for track in tracks]
    places = []
    for track in theirs:
        sound = (track.program, track.is_percussion)
        if sound not in sounds:
            tracks.append(track)
            sounds.append(sound)
        places.append(sounds.index(sound))
    return tuple(tracks), np.array(places, dtype=np.int64)


def arranged(score: Score, notes: Notes, selected: Selected) -> Edited:
    """The score with these notes in order, and where the chosen ones went."""
    order = _order(notes)
    place = np.empty(len(notes), dtype=np.intp)
    place[order] = np.arange(len(notes), dtype=np.intp)
    return Edited(_with_sorted_notes(score, notes.take(order)), np.sort(place[selected]))


def _with_sorted_notes(score: Score, notes: Notes) -> Score:
    notes.flags.writeable = False  # a read-only array in order is taken over without a copy
    return score.with_notes(notes)


def _order(notes: Notes) -> NDArray[np.intp]:
    """The order of a score's notes, several times faster than sorting by five keys: few share the first two."""
    if len(notes) == 0 or int(notes["onset"].max()) >= _SAFE_TO_PACK:
        return np.lexsort([notes[name] for name in ("velocity", "duration", "track", "pitch", "onset")])
    key = (notes["onset"] << 7) | notes["pitch"]
    order = np.argsort(key, kind="stable")
    equal = np.diff(key[order]) == 0
    if equal.any():
        tied = np.append(equal, False) | np.append(False, equal)
        rows = order[tied]
        columns = [notes["velocity"][rows], notes["duration"][rows], notes["track"][rows], key[rows]]
        order[tied] = rows[np.lexsort(columns)]
    return order
