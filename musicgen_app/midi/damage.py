"""Says where the tracks of a file are broken, and takes out the pauses that damage made up."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from musicgen_app.midi.chunks import Layout
from musicgen_app.midi.columns import DAMAGE, Columns, Ticks
from musicgen_app.midi.events import EventStream
from musicgen_app.midi.findings import Findings, name_tracks

LONGEST_PAUSE_BEATS = 256
"""Longer ones are not believed in a track whose bytes are damaged: they come of reading at the wrong place."""

_OFF, _ON = 0x80, 0x90


def believed_pauses(stream: EventStream, columns: Columns, lengths: Ticks, ticks_per_beat: int) -> tuple[Ticks, int]:
    """The delta times, with those of damaged tracks that are too long set to 0; and how many these are.

    Args:
        stream: What the tracks were gathered in.
        columns: Its events.
        lengths: Shape (tracks,): how many events each track has.
        ticks_per_beat: Ticks in a quarter note.
    """
    damaged = np.array([state.damages > 0 for state in stream.tracks], np.bool_)
    if not bool(damaged.any()):
        return columns.delta, 0
    wild = np.repeat(damaged, lengths) & (columns.delta > LONGEST_PAUSE_BEATS * ticks_per_beat)
    return np.where(wild, 0, columns.delta), int(np.count_nonzero(wild))


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Where the events of a file stand.

    Attributes:
        track: Shape (events,): number of the file's own track.
        tick: Shape (events,): when each comes.
        ends: Shape (tracks,): when each track ends.
        pauses: How many pauses are left out, as ``believed_pauses`` counts them.
    """

    track: NDArray[np.uint16]
    tick: Ticks
    ends: Ticks
    pauses: int


def find_damage(findings: Findings, layout: Layout, stream: EventStream, columns: Columns, places: Places) -> None:
    """Say where tracks are broken, and how many notes were read all the same."""
    at = np.flatnonzero(columns.status == DAMAGE)
    first: dict[int, int] = {}
    last: dict[int, int] = {}
    inside: dict[int, bool] = {}
    before = columns.status[at - 1] & 0xF0
    for row, track, tick in zip(before.tolist(), places.track[at].tolist(), places.tick[at].tolist(), strict=True):
        first.setdefault(track, tick)
        last[track] = tick
        inside[track] = (stream.tracks[track].broken_status or row) & 0xF0 in (_OFF, _ON)
    tracks = list(enumerate(zip(layout.tracks, stream.tracks, strict=False)))
    damaged = {number: first[number] for number, (_span, state) in tracks if state.damages}
    broken = {number: last[number] for number, (_span, state) in tracks if state.broken_off}
    cut = {
        number: int(places.ends[number])
        for number, (span, state) in tracks
        if span.cut and not state.ended and not state.broken_off
    }
    count = sum(state.damages for state in stream.tracks)
    where = "bar {bar}" if count == 1 else f"{count:,} places, the first at bar {{bar}}"
    kind = columns.status & 0xF0
    notes = int(np.count_nonzero((kind == _ON) & (columns.second > 0)))
    read = "1 note was read" if notes == 1 else f"{notes:,} notes were read"
    in_note = {number: tick for number, tick in broken.items() if inside[number]}
    elsewhere = {number: tick for number, tick in broken.items() if not inside[number]}
    _name_places(findings, damaged, ("is", "are"), f"damaged at {where}; the rest was read")
    findings.add(
        "A pause in a damaged track is too long to be meant; it is left out.",
        places.pauses,
        many="{count} pauses in damaged tracks are too long to be meant; they are left out.",
    )
    _name_places(findings, in_note, ("ends", "end"), f"in the middle of a note at bar {{bar}}; {read}")
    _name_places(findings, elsewhere, ("breaks", "break"), f"off at bar {{bar}}; {read}")
    _name_places(findings, cut, ("is", "are"), f"cut off at bar {{bar}}; {read}")
    mended = [number + 1 for number, (span, state) in tracks if span.mended or (span.cut and state.ended)]
    if mended:
        findings.add(f"The length of {name_tracks(mended)} is wrong in the file; the real end was found.")


def _name_places(findings: Findings, ticks: dict[int, int], verbs: tuple[str, str], what: str) -> None:
    """Say the same of some tracks of the file, with the first of the places; the verb is for one or for several."""
    if ticks:
        tracks = name_tracks([number + 1 for number in ticks])
        verb = verbs[0] if len(ticks) == 1 else verbs[1]
        findings.add(f"{tracks.capitalize()} {verb} {what}.", tick=min(ticks.values()))
