"""Takes the channel messages that are neither notes nor pedal to the tracks of the score, to be kept as they are."""

import numpy as np
from numpy.typing import NDArray

from musicgen_app.core.asides import CONTROL_DTYPE, CONTROLLER, KEY_PRESSURE, NO_TRACK, PROGRAM, SUSTAIN
from musicgen_app.core.score import Notes
from musicgen_app.midi.columns import OTHER, Bytes, Columns, Ticks
from musicgen_app.midi.voices import no_note


def place_controls(columns: Columns, tick: Ticks, index: NDArray[np.uint16], track: NDArray[np.int64]) -> Notes:
    """All of them, shape (messages,), CONTROL_DTYPE, in the order of the file.

    Args:
        columns: The events of the file.
        tick: Shape (events,): when each comes.
        index: Shape (pairs,): the track of the score of each pair, or NO_TRACK.
        track: Shape (events,): the track of the file that each stands in.
    """
    status = columns.status
    kind: Bytes = status & np.uint8(0xF0)
    wanted = (kind >= KEY_PRESSURE) & (status < OTHER)
    at = np.flatnonzero(wanted & ~((kind == CONTROLLER) & (columns.first == SUSTAIN)))
    controls = np.empty(len(at), CONTROL_DTYPE)
    channel = status[at] & np.uint8(0x0F)
    controls["onset"], controls["track"] = tick[at], index[track[at] * 16 + channel]
    controls["status"] = kind[at] | np.where(controls["track"] == NO_TRACK, channel, np.uint8(0))
    controls["first"], controls["second"] = columns.first[at], columns.second[at]
    return controls


def without_openings(controls: Notes, notes: Notes) -> Notes:
    """The controls without the programs that a track begins with and keeps: its Track says those.

    A program stays where anything comes before it (a choice of bank) or where it is not the only one until the first
    note of the track: then its place matters.
    """
    if not bool(np.any(controls["status"] == PROGRAM)):
        return controls
    controls = controls[np.argsort((controls["onset"] << 16) | controls["track"], kind="stable")]
    first_note = no_note(NO_TRACK + 1)
    np.minimum.at(first_note, notes["track"], notes["onset"])
    is_program = controls["status"] == PROGRAM
    early = is_program & (controls["onset"] <= first_note[controls["track"]])
    counts = np.bincount(controls["track"][early], minlength=NO_TRACK + 1)
    _, begins = np.unique(controls["track"], return_index=True)
    firsts = controls[begins]
    opening = early[begins] & (firsts["onset"] == 0) & (counts[firsts["track"]] == 1)
    keep = np.ones(len(controls), np.bool_)
    keep[begins[opening]] = False
    return controls[keep]


def opens_itself(controls: Notes, notes: Notes) -> bool:
    """Whether the controls of one track set its program until its first note."""
    programs = controls["onset"][controls["status"] == PROGRAM]
    return len(programs) > 0 and (len(notes) == 0 or int(programs[0]) <= int(notes["onset"][0]))
