"""Finds pieces that are the same work: other editions, other keys, other tempos."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from musicgen_app.core.analysis import piano_notes
from musicgen_app.core.score import Score

Sketch = NDArray[np.uint64]
"""Shape (shingles,): hashes of the melodic turns of a piece, rising, each once."""

SHINGLE = 6
"""Steps of the upper voice that make one turn."""
SAME_FROM = 0.2
"""Two pieces are one work when they share this much of the turns of the poorer one.

Over 247 piano files with 54 pairs of editions, every such pair shared at least 0.25, other pairs at most 0.174.
"""
_FEWEST_SHARED = 12
"""Fewer turns than these may be shared by chance: scales, repeated notes, broken chords..."""
_ALIKE_FROM = 0.8
"""... unless they are almost all the turns that both pieces have."""
_NEIGHBOURS = 8
_STEPS_PER_BEAT = 24
_PITCH_BITS = 8
_WIDEST_INTERVAL = 60
_RATIO_STEPS_PER_OCTAVE = 2
_WIDEST_RATIO = 6


def sketch(score: Score) -> Sketch:
    """The melodic turns of a piece, blind to its key and tempo.

    A turn is a run of intervals between the highest notes of successive moments, each with the ratio of its gap to
    the gap before.
    """
    places, pitches = _upper_voice(score)
    gaps = np.diff(places)
    intervals = np.clip(np.diff(pitches), -_WIDEST_INTERVAL, _WIDEST_INTERVAL) + _WIDEST_INTERVAL
    ratios = np.rint(_RATIO_STEPS_PER_OCTAVE * np.log2(gaps[1:] / gaps[:-1])).astype(np.int64)
    ratios = np.clip(ratios, -_WIDEST_RATIO, _WIDEST_RATIO) + _WIDEST_RATIO
    symbols = (intervals[1:] * (2 * _WIDEST_RATIO + 1) + ratios + 1).astype(np.uint64)
    count = max(0, len(symbols) - SHINGLE + 1)
    hashes = np.zeros(count, dtype=np.uint64)
    for place in range(SHINGLE):
        hashes ^= symbols[place : place + count]
        # Multiplying carries every symbol to the high bits, shifting back down to the low ones.
        hashes *= np.uint64(0x9E3779B97F4A7C15)
        hashes ^= hashes >> np.uint64(32)
    # numpy's own unique takes ten times as long as sorting here.
    hashes.sort()
    different: Sketch = hashes[np.diff(hashes, prepend=~hashes[:1]) != 0]
    return different


def _upper_voice(score: Score) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Places (in 1/24 beats) and pitches of the highest note of each moment."""
    notes = piano_notes(score)
    beat = score.ticks_per_beat
    places = (notes["onset"] * (2 * _STEPS_PER_BEAT) + beat) // (2 * beat)
    both = np.sort(places << _PITCH_BITS | notes["pitch"])
    places = both >> _PITCH_BITS
    highest = np.append(np.diff(places) > 0, np.ones(min(1, len(places)), dtype=bool))
    return places[highest], both[highest] & ((1 << _PITCH_BITS) - 1)


def families(sketches: Sequence[Sketch]) -> NDArray[np.int64]:
    """Shape (pieces,): a number for each piece, equal for pieces of one work; numbers rise with first appearance.

    The turns of all pieces are sorted once; pieces that share a turn stand beside each other there. Each is compared
    with its next few neighbours only, which links a work of many editions into a chain. So the effort grows with the
    number of turns, not with the square of the number of pieces.
    """
    sizes = np.array([len(turns) for turns in sketches], dtype=np.int64)
    # The piece takes the place of the lowest bits of each hash, so that one plain sort brings both into order.
    bits = np.uint64(len(sketches).bit_length())
    owners = np.repeat(np.arange(len(sketches), dtype=np.uint64), sizes)
    turns = np.concatenate([np.empty(0, dtype=np.uint64), *sketches]) >> bits << bits | owners
    turns.sort()
    owners = (turns & ((np.uint64(1) << bits) - np.uint64(1))).astype(np.int64)
    turns >>= bits
    pairs = [owners[:0]]
    for lag in range(1, _NEIGHBOURS + 1):
        same = turns[lag:] == turns[:-lag]
        pairs.append(owners[:-lag][same] * len(sketches) + owners[lag:][same])
    found, shared = np.unique(np.concatenate(pairs), return_counts=True)
    first, second = np.divmod(found, max(1, len(sketches)))
    poorer = np.minimum(sizes[first], sizes[second])
    richer = np.maximum(sizes[first], sizes[second])
    related = (shared >= np.maximum(SAME_FROM * poorer, _FEWEST_SHARED)) | (shared >= _ALIKE_FROM * richer)
    return _components(len(sketches), first[related], second[related])


def _components(count: int, first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number the groups that links between ``count`` things make of them."""
    parents = list(range(count))

    def root(member: int) -> int:
        while parents[member] != member:
            parents[member] = parents[parents[member]]
            member = parents[member]
        return member

    for one, other in zip(first.tolist(), second.tolist(), strict=True):
        low, high = sorted((root(one), root(other)))
        parents[high] = low
    roots = np.array([root(member) for member in range(count)], dtype=np.int64)
    return np.unique(roots, return_inverse=True)[1].astype(np.int64)
