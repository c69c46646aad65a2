"""Puts what was played on a keyboard into a score: over what is there, or in its place."""

from dataclasses import dataclass, replace

import numpy as np

from musicgen_app.core.edits import Edited, insert
from musicgen_app.core.score import PEDAL_DOWN_FROM, PEDAL_DTYPE, Notes, Score, Track


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """What was played.

    Attributes:
        notes: Structured array of NOTE_DTYPE, shape (notes,), by onset; all of one track.
        pedals: Structured array of PEDAL_DTYPE, shape (events,), by onset.
        track: Number of the track that was recorded.
        start, end: The ticks between which was recorded; of a loop all of it, once it went round.
    """

    notes: Notes
    pedals: Notes
    track: int
    start: int
    end: int

    @property
    def empty(self) -> bool:
        """Whether nothing was played."""
        return len(self.notes) == 0 and len(self.pedals) == 0


def overdub(score: Score, recording: Recording) -> Edited:
    """Add what was played to what is there; its notes are selected afterwards."""
    score = _with_track(score, recording.track)
    pedals = np.concatenate([score.pedals, np.asarray(recording.pedals, PEDAL_DTYPE)])
    return insert(replace(score, pedals=pedals), recording.notes)


def replace_by(score: Score, recording: Recording) -> Edited:
    """Put what was played in the place of what the track had between start and end of the recording.

    A note that sounds into it ends where it starts; one that begins before its end goes. A pedal that was down before
    is lifted at the start, and one that is down at the end is pressed again there.
    """
    score = _with_track(score, recording.track)
    start, end = recording.start, recording.end
    notes = score.notes.copy()
    onset, own = notes["onset"], notes["track"] == recording.track
    into = own & (onset < start) & (onset + notes["duration"] > start)
    notes["duration"][into] = start - onset[into]
    notes = notes[~(own & (onset >= start) & (onset < end))]
    pedals = _without_pedals(score.pedals, recording)
    pedals = np.concatenate([pedals, np.asarray(recording.pedals, PEDAL_DTYPE)])
    return insert(replace(score, notes=notes, pedals=pedals), recording.notes)


def _without_pedals(pedals: Notes, recording: Recording) -> Notes:
    """The pedals outside the recording, so that none that is held goes into it or comes out of it unheard."""
    own = pedals["track"] == recording.track
    before, after = own & (pedals["onset"] < recording.start), own & (pedals["onset"] >= recording.end)
    edges = []
    if before.any() and int(pedals["value"][before][-1]) >= PEDAL_DOWN_FROM:
        edges.append((recording.start, recording.track, 0))
    inside = own & (pedals["onset"] < recording.end)
    held = int(pedals["value"][inside][-1]) if inside.any() else 0
    if held >= PEDAL_DOWN_FROM and after.any():
        edges.append((recording.end, recording.track, held))
    return np.concatenate([pedals[~own | before], np.array(edges, PEDAL_DTYPE), pedals[after]])


def _with_track(score: Score, track: int) -> Score:
    """The score, with tracks up to this one where it has fewer."""
    missing = track + 1 - len(score.tracks)
    return score if missing <= 0 else replace(score, tracks=score.tracks + (Track(),) * missing)
