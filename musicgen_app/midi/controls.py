"""Takes the channel messages that are neither notes nor pedal to the tracks of the score, to be kept as they are."""

import numpy as np
from numpy.typing import NDArray

from musicgen_app.core.asides import CONTROL_DTYPE, CONTROLLER, KEY_PRESSURE, NO_TRACK, PROGRAM, SUSTAIN
from musicgen_app.core.score import Notes
from musicgen_app.midi.columns import OTHER, Bytes, Columns, Ticks


def place_controls(columns: Columns, tick: Ticks, index: NDArray[np.uint16], track: NDArray[np.uint16]) -> Notes:
    """All of them, shape (messages,), CONTROL_DTYPE, in the order of the file.

    Args:
        columns: The events of the file.
        tick: Shape (events,): when each comes.
        index: Shape (pairs,): the track of the score of each pair, or NO_TRACK.
        track: Shape (events,): the track of the file that each stands in.
    """
    # One comparison for both bounds: what is below wraps around.
    at = np.flatnonzero(columns.status - np.uint8(KEY_PRESSURE) < np.uint8(OTHER - KEY_PRESSURE))
    kind: Bytes = columns.status[at] & np.uint8(0xF0)
    other = (kind != CONTROLLER) | (columns.first[at] != SUSTAIN)
    at, kind = at[other], kind[other]
    controls = np.empty(len(at), CONTROL_DTYPE)
    channel = columns.status[at] & np.uint8(0x0F)
    controls["onset"], controls["track"] = tick[at], index[track[at] * 16 + channel]
    controls["status"] = kind | np.where(controls["track"] == NO_TRACK, channel, np.uint8(0))
    controls["first"], controls["second"] = columns.first[at], columns.second[at]
    return controls


def without_openings(controls: Notes, first_notes: Ticks) -> Notes:
    """The controls without the programs that a track begins with and keeps: its Track says those.

    A program stays where anything comes before it (a choice of bank) or where it is not the only one until the first
    note of the track: then its place matters.

    Args:
        controls: In the order of the file.
        first_notes: Shape (tracks,): tick of the first note of each track.
    """
    programs = controls[(controls["status"] == PROGRAM) & (controls["track"] != NO_TRACK)]
    if len(programs) == 0:
        return controls
    early = programs["track"][programs["onset"] <= first_notes[programs["track"]]]
    counts = np.bincount(early, minlength=len(first_notes))
    # Nothing comes before tick 0, so the order of the file is the order of time there.
    at_begin = np.flatnonzero((controls["onset"] == 0) & (controls["track"] != NO_TRACK))
    track, first = np.unique(controls["track"][at_begin], return_index=True)
    begins = at_begin[first]
    opening = (controls["status"][begins] == PROGRAM) & (counts[track] == 1)
    return np.delete(controls, begins[opening])


def opens_itself(controls: Notes, notes: Notes) -> bool:
    """Whether the controls of one track set its program until its first note."""
    programs = controls["onset"][controls["status"] == PROGRAM]
    return len(programs) > 0 and (len(notes) == 0 or int(programs[0]) <= int(notes["onset"][0]))
