"""Takes the channel messages that are neither notes nor pedal to the tracks of the score, to be kept as they are."""

import numpy as np
from numpy.typing import NDArray

from musicgen_app.core.asides import CONTROL_DTYPE, CONTROLLER, KEY_PRESSURE, NO_TRACK, PROGRAM, SUSTAIN
from musicgen_app.core.score import Notes
from musicgen_app.midi.columns import OTHER, Bytes, Columns, Ticks


def place_controls(columns: Columns, tick: Ticks, index: NDArray[np.uint16], track: NDArray[np.int64]) -> Notes:
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
    if not bool(np.any(controls["status"] == PROGRAM)):
        return controls
    controls = controls[np.argsort((controls["onset"] << 16) | controls["track"], kind="stable")]
    # What stands in no track has a place behind the last, and is no program.
    number = np.minimum(controls["track"], len(first_notes))
    early = (controls["status"] == PROGRAM) & (controls["onset"] <= np.append(first_notes, -1)[number])
    counts = np.bincount(number[early], minlength=len(first_notes) + 1)
    _, begins = np.unique(number, return_index=True)
    opening = early[begins] & (controls["onset"][begins] == 0) & (counts[number[begins]] == 1)
    keep = np.ones(len(controls), np.bool_)
    keep[begins[opening]] = False
    return controls[keep]


def opens_itself(controls: Notes, notes: Notes) -> bool:
    """Whether the controls of one track set its program until its first note."""
    programs = controls["onset"][controls["status"] == PROGRAM]
    return len(programs) > 0 and (len(notes) == 0 or int(programs[0]) <= int(notes["onset"][0]))
