"""Edits of how long notes sound, and of notes that overlap, follow or touch each other."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from musicgen_app.core.edits import LAST_TICK, Edited, Selected, arranged
from musicgen_app.core.score import PEDAL_DOWN_FROM, Notes, Score

_ONSET_BITS = 42


def legato(score: Score, selected: Selected, gap: int = 0) -> Edited:
    """Let each note last until the next chosen one of its track begins; those of a chord last equally long.

    Args:
        score: The score.
        selected: The notes to join; the last moment's keep their length.
        gap: Ticks between the end of a note and the next onset; below 0 they overlap.
    """
    notes = score.notes.copy()
    onset = notes["onset"][selected]
    place = _place(notes["track"][selected], onset)
    moments = np.unique(place)
    after = np.searchsorted(moments, place, side="right")
    following = np.append(moments, -1)[after]
    has_next = (following >> _ONSET_BITS) == (place >> _ONSET_BITS)
    length = np.maximum((following & ((1 << _ONSET_BITS) - 1)) - onset - gap, 1)
    notes["duration"][selected] = np.where(has_next, length, notes["duration"][selected])
    return arranged(score, notes, selected)


def scale_lengths(score: Score, selected: Selected, percent: int) -> Edited:
    """Multiply each length, at least to one tick; below 100 percent notes are more detached."""
    notes = score.notes.copy()
    length = np.minimum(notes["duration"][selected], LAST_TICK)
    notes["duration"][selected] = np.clip((2 * length * percent + 100) // 200, 1, LAST_TICK)
    return arranged(score, notes, selected)


def remove_overlaps(score: Score, selected: Selected) -> Edited:
    """Let notes of one track and pitch end where the next begins; of those that begin together the longest stays."""
    notes, chosen, same = _by_key(score, selected)
    onset = notes["onset"][chosen]
    doubled = same & (onset[1:] == onset[:-1])
    gap = np.diff(onset)
    # Of notes that begin together the longest stands last; the others are taken out.
    cut = same & ~doubled
    length = notes["duration"][chosen]
    length[:-1] = np.where(cut, np.minimum(length[:-1], gap), length[:-1])
    notes["duration"][chosen] = length
    return _without(score, notes, chosen, np.append(doubled, False)[: len(chosen)])


def remove_short(score: Score, selected: Selected, ticks: int) -> Edited:
    """Take out the chosen notes that are shorter than so many ticks; the others stay chosen."""
    short = score.notes["duration"][selected] < ticks
    return _without(score, score.notes.copy(), selected, short)


def join(score: Score, selected: Selected, gap: int = 0) -> Edited:
    """Make one of chosen notes of one track and pitch that follow each other by at most so many ticks of silence.

    The first gives the velocity.
    """
    notes, chosen, same = _by_key(score, selected)
    onset, end = notes["onset"][chosen], notes["onset"][chosen] + notes["duration"][chosen]
    group = np.concatenate([[0], np.cumsum(~same)])[: len(chosen)]
    # Ends of later keys are set beyond those of earlier ones, so that one running maximum serves all.
    lift = group * (int(end.max(initial=0)) + 1)
    reached = np.maximum.accumulate(end + lift) - lift
    begins = np.append(True, ~same | (onset[1:] > reached[:-1] + gap))[: len(chosen)]
    firsts = np.flatnonzero(begins)
    lasts = np.append(firsts[1:], len(chosen))[: len(firsts)] - 1
    notes["duration"][chosen[firsts]] = reached[lasts] - onset[firsts]
    return _without(score, notes, chosen, ~begins)


def split_at(score: Score, selected: Selected, tick: int) -> Edited:
    """Cut the chosen notes that sound across a tick in two there; both parts are chosen afterwards."""
    onset, duration = score.notes["onset"][selected], score.notes["duration"][selected]
    crossed = selected[(onset < tick) & (onset + duration > tick)]
    notes = score.notes.copy()
    later = score.notes[crossed]
    later["duration"] = later["onset"] + later["duration"] - tick
    later["onset"] = tick
    notes["duration"][crossed] = tick - notes["onset"][crossed]
    return _with_more(score, notes, selected, later)


def split_equally(score: Score, selected: Selected, parts: int) -> Edited:
    """Cut each chosen note into so many parts of equal length, as far as ticks allow; a part has at least one tick."""
    old = score.notes.take(selected)
    counts = np.minimum(old["duration"], parts)
    number = np.arange(int(counts.sum()), dtype=np.int64) - np.repeat(np.cumsum(counts) - counts, counts)
    pieces = old.take(np.repeat(np.arange(len(old)), counts))
    length, count = pieces["duration"].copy(), np.repeat(counts, counts)
    begin, end = number * length // count, (number + 1) * length // count
    pieces["onset"] += begin
    pieces["duration"] = end - begin
    notes = score.notes.copy()
    notes[selected] = pieces[number == 0]
    return _with_more(score, notes, selected, pieces[number > 0])


def extend_by_pedal(score: Score, selected: Selected, remove: bool = False) -> Edited:
    """Let notes that end under the pedal of their track last until it is lifted, or their key is struck again.

    Args:
        score: The score.
        selected: The notes to extend. A pedal that is never lifted holds to the end of the last note.
        remove: Whether the pedals of the tracks of these notes are taken out afterwards.
    """
    notes = score.notes.copy()
    onset, track = notes["onset"][selected], notes["track"][selected]
    end = onset + notes["duration"][selected]
    held = end.copy()
    for number in np.unique(track).tolist():
        rows, own = track == number, score.pedals[score.pedals["track"] == number]
        held[rows] = _held_until(own, end[rows], score.end)
    struck = _struck_again(score.notes)[selected]
    held = np.maximum(np.minimum(held, struck), end)
    notes["duration"][selected] = held - onset
    if remove:
        score = replace(score, pedals=score.pedals[~np.isin(score.pedals["track"], track)])
    return arranged(score, notes, selected)


def _held_until(pedals: Notes, ends: NDArray[np.int64], last: int) -> NDArray[np.int64]:
    """When each note is silent that is let go at a tick, by one track's pedal."""
    down = np.append(pedals["value"] >= PEDAL_DOWN_FROM, False)
    at = np.searchsorted(pedals["onset"], ends, side="right") - 1
    lifted = np.append(np.where(down[:-1], last, pedals["onset"]), last)
    order = np.where(down, len(down) - 1, np.arange(len(down)))
    next_up = np.minimum.accumulate(order[::-1])[::-1]
    return np.where((at >= 0) & down[at], lifted[next_up[at]], ends)


def _struck_again(notes: Notes) -> NDArray[np.int64]:
    """When the key of each note is struck the next time in its track."""
    order = np.lexsort([notes["onset"], notes["pitch"], notes["track"]])
    onset = notes["onset"][order]
    same = (np.diff(notes["pitch"][order].astype(np.int64)) == 0) & (
        np.diff(notes["track"][order].astype(np.int64)) == 0
    )
    # Of notes that begin together all take what comes after the last of them.
    later = np.where(same, onset[1:], LAST_TICK)
    together = np.append(same & (onset[1:] == onset[:-1]), False)
    follow = np.minimum.accumulate(np.where(together, len(order), np.arange(len(order)))[::-1])[::-1]
    out = np.empty(len(order), np.int64)
    out[order] = np.append(later, LAST_TICK)[follow]
    return out


def _place(track: NDArray[np.uint16], onset: NDArray[np.int64]) -> NDArray[np.int64]:
    """One number for a track and an onset; it sorts by track first."""
    return (track.astype(np.int64) << _ONSET_BITS) | np.minimum(onset, (1 << _ONSET_BITS) - 1)


def _by_key(score: Score, selected: Selected) -> tuple[Notes, Selected, NDArray[np.bool_]]:
    """The notes to change; the chosen ones by track, pitch, onset, length; which of these has the key of the next."""
    chosen = np.sort(selected)
    own = score.notes.take(chosen)
    key = (own["track"].astype(np.int64) << 7) | own["pitch"]
    order = np.lexsort([own["duration"], own["onset"], key])
    return score.notes.copy(), chosen[order], np.diff(key[order]) == 0


def _without(score: Score, notes: Notes, chosen: Selected, gone: NDArray[np.bool_]) -> Edited:
    """The changed notes in order, without some of the chosen ones."""
    if not bool(gone.any()):
        return arranged(score, notes, chosen)
    keep = np.ones(len(notes), np.bool_)
    keep[chosen[gone]] = False
    place = np.cumsum(keep) - 1
    return arranged(score, notes.take(np.flatnonzero(keep)), place[chosen[~gone]])


def _with_more(score: Score, notes: Notes, selected: Selected, more: Notes) -> Edited:
    """The changed notes and further ones; the chosen ones and the further ones are chosen."""
    added = np.arange(len(notes), len(notes) + len(more), dtype=np.intp)
    return arranged(score, np.concatenate([notes, more]), np.concatenate([selected, added]))
