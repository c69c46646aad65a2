"""Edits of tracks: add, remove, name, give a sound and a channel, and take notes from one to another."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from musicgen_app.core.asides import CONTROLLER, NO_TRACK, PROGRAM
from musicgen_app.core.edits import Edited, Selected, arranged
from musicgen_app.core.score import Notes, Score, Track

_BANK_COARSE, _BANK_FINE = 0, 32


def add_track(score: Score, track: Track) -> Score:
    """Put an empty track behind the others."""
    return replace(score, tracks=(*score.tracks, track))


def remove_track(score: Score, index: int) -> Score:
    """Take out a track with its notes, its pedal, and what else stands in it."""
    asides = []
    for aside in score.asides:
        if aside.track is None or aside.track < index:
            asides.append(aside)
        elif aside.track > index:
            asides.append(replace(aside, track=aside.track - 1))
    return replace(
        score,
        notes=_without_track(score.notes, index),
        pedals=_without_track(score.pedals, index),
        controls=_without_track(score.controls, index),
        asides=tuple(asides),
        tracks=(*score.tracks[:index], *score.tracks[index + 1 :]),
    )


def _without_track(rows: Notes, index: int) -> Notes:
    rows = rows[rows["track"] != index]
    rows["track"] -= (rows["track"] > index) & (rows["track"] != NO_TRACK)
    return rows


def only_tracks(score: Score, indices: Sequence[int]) -> Score:
    """The music of some tracks (ascending, all of them there), each as a piano, whatever sound or channel it has."""
    place = np.full(max(len(score.tracks), 1), -1)
    place[list(indices)] = np.arange(len(indices))
    notes = score.notes[place[score.notes["track"]] >= 0]
    notes["track"] = place[notes["track"]]
    pedals = score.pedals[np.isin(score.pedals["track"], indices)]
    pedals["track"] = place[pedals["track"]]
    tracks = tuple(Track(score.tracks[index].name) for index in indices)
    return replace(score.music_alone(), notes=notes, pedals=pedals, tracks=tracks)


def rename_track(score: Score, index: int, name: str) -> Score:
    """Give a track another name."""
    return _with_track(score, index, replace(score.tracks[index], name=name))


def set_channel(score: Score, index: int, channel: int) -> Score:
    """Let a track play on another channel, 0 to 15; what else stands in it goes along."""
    return _with_track(score, index, replace(score.tracks[index], channel=channel))


def set_program(score: Score, index: int, program: int) -> Score:
    """Give a track one sound, 0 to 127, from its beginning to its end.

    Changes of program within it, and the banks that were chosen for them, are taken out.
    """
    controls = score.controls
    kind, first = controls["status"] & np.uint8(0xF0), controls["first"]
    bank = (kind == CONTROLLER) & ((first == _BANK_COARSE) | (first == _BANK_FINE))
    gone = (controls["track"] == index) & ((kind == PROGRAM) | bank)
    changed = replace(score, controls=controls[~gone])
    return _with_track(changed, index, replace(score.tracks[index], program=program))


def _with_track(score: Score, index: int, track: Track) -> Score:
    return replace(score, tracks=(*score.tracks[:index], track, *score.tracks[index + 1 :]))


def move_to_track(score: Score, selected: Selected, index: int) -> Edited:
    """Take notes to another track.

    Raises:
        ValueError: There is no such track.
    """
    notes = score.notes.copy()
    notes["track"][selected] = index
    return arranged(score, notes, selected)


def move_apart(score: Score, selected: Selected, name: str) -> Edited:
    """Take notes to new tracks, one for each track they come from, with its sound, channel and pedal."""
    notes = score.notes.copy()
    sources = np.unique(notes["track"][selected])
    number: NDArray[np.int64] = np.searchsorted(sources, notes["track"][selected])
    notes["track"][selected] = len(score.tracks) + number
    tracks, pedals = list(score.tracks), [score.pedals]
    for source in sources.tolist():
        own = score.pedals[score.pedals["track"] == source]
        own["track"] = len(tracks)
        pedals.append(own)
        tracks.append(replace(score.tracks[source], name=name))
    return arranged(replace(score, tracks=tuple(tracks), pedals=np.concatenate(pedals)), notes, selected)
