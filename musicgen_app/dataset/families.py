"""Finds pieces that are the same work: other editions, other keys, other tempos."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from musicgen_app.core.analysis import piano_notes
from musicgen_app.core.score import Score

Sketch = NDArray[np.uint32]
"""Shape (turns,): hashes of the melodic turns of a piece, rising, each once; of a very long piece the lowest ones."""

HASHES = 1 << 32
"""So many hashes there are."""
MOST_TURNS = 8_192
"""A sketch holds no more than these: all turns of about 12,000 notes."""
SHINGLE = 5
"""Steps of the upper voice that make one turn."""
_FEWEST_MOVES = 2
SAME_FROM = 0.2
"""Two pieces are one work when they share this much of the turns of the poorer one.

Over 655 files of all kinds, pairs of editions shared at least 0.31 (and two drafts of one piece 0.186), other pairs at
most 0.173. Of 245 pieces with 15 of 100 notes changed, left out or ornamented, all were found; with 20, 224.
"""
_FEWEST_SHARED = 18
"""Fewer turns than these may be shared by chance: scales, repeated notes, broken chords..."""
_FEWEST_SEEN = 6
"""... nor is a part of all turns believed where it shows fewer than these..."""
_ALIKE_FROM = 0.8
"""... unless they are almost all the turns that both pieces have."""
_NEIGHBOURS = 8
_WORTH_A_LOOK = 0.125
"""All turns of two pieces are looked at where they are neighbours in this part of what they would have to share."""
_AT_ONCE = 1 << 20
"""So many turns are sorted at a time, which keeps the memory small."""
_MOST_PAIRS = 1 << 24
"""Beyond so many pairs those are forgotten, after each part of the turns, that have met once."""
_STEPS_PER_BEAT = 24
_PITCH_BITS = 8
_WIDEST_INTERVAL = 60
_RATIO_STEPS_PER_OCTAVE = 2
_WIDEST_RATIO = 6


def sketch(score: Score) -> Sketch:
    """The melodic turns of a piece, blind to its key and tempo.

    A turn is a run of intervals between the highest notes of successive moments, each with the ratio of its gap to
    the gap before. Runs that hardly leave a note are none: whatever repeats a note has them.
    """
    places, pitches = _upper_voice(score)
    gaps = np.diff(places)
    intervals = np.clip(np.diff(pitches), -_WIDEST_INTERVAL, _WIDEST_INTERVAL) + _WIDEST_INTERVAL
    ratios = np.rint(_RATIO_STEPS_PER_OCTAVE * np.log2(gaps[1:] / gaps[:-1])).astype(np.int64)
    ratios = np.clip(ratios, -_WIDEST_RATIO, _WIDEST_RATIO) + _WIDEST_RATIO
    symbols = (intervals[1:] * (2 * _WIDEST_RATIO + 1) + ratios + 1).astype(np.uint64)
    count = max(0, len(symbols) - SHINGLE + 1)
    hashes = np.zeros(count, dtype=np.uint64)
    moves = np.zeros(count, dtype=np.int64)
    moving = intervals[1:] != _WIDEST_INTERVAL
    for place in range(SHINGLE):
        moves += moving[place : place + count]
        hashes ^= symbols[place : place + count]
        # Multiplying carries every symbol to the high bits, shifting back down to the low ones.
        hashes *= np.uint64(0x9E3779B97F4A7C15)
        hashes ^= hashes >> np.uint64(32)
    # numpy's own unique takes ten times as long as sorting here.
    turns = (hashes[moves >= _FEWEST_MOVES] >> np.uint64(32)).astype(np.uint32)
    turns.sort()
    different: Sketch = turns[np.diff(turns, prepend=~turns[:1]) != 0][:MOST_TURNS]
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


@dataclass(frozen=True, slots=True)
class Related:
    """Pairs of pieces that are one work.

    Attributes:
        first, second: Shape (pairs,): the pieces by their index, the lower one first.
        shared: Shape (pairs,): the part of the poorer one's turns they share; less where a work has many editions.
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    shared: NDArray[np.float64]


def related(sketches: Sequence[Sketch], below: int = HASHES, at: Callable[[int, int], None] | None = None) -> Related:
    """Find pieces that are one work.

    The turns of all pieces are sorted; pieces that share a turn stand beside each other there. Each is compared with
    its next few neighbours only, which links a work of many editions into a chain. So the effort grows with the number
    of turns, not with the square of the number of pieces.

    Args:
        sketches: The turns of each piece.
        below: The number below which all of them are given; above it there are none.
        at: Told how many of how many parts of the turns are sorted.
    """
    sizes = np.array([len(turns) for turns in sketches], dtype=np.int64)
    parts = int(sizes.sum()) // _AT_ONCE + 1
    # Turns of one hash are in one part, so that none is counted twice and none is missed.
    borders = np.linspace(0, below, parts + 1).astype(np.int64)
    begun = np.zeros(len(sketches), dtype=np.int64)
    pairs, counts = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    for part, border in enumerate(borders[1:].tolist(), 1):
        ends = sizes if part == parts else _ends(sketches, border)
        slices = [turns[begin:end] for turns, begin, end in zip(sketches, begun.tolist(), ends.tolist(), strict=True)]
        pairs, counts = _joined((pairs, counts), _meetings(slices, ends - begun))
        if len(pairs) > _MOST_PAIRS:
            pairs, counts = pairs[counts > 1], counts[counts > 1]
        begun = ends
        if at is not None:
            at(part, parts)
    first, second = np.divmod(pairs, max(1, len(sketches)))
    return _judged(sketches, sizes, below, Related(first, second, counts.astype(np.float64)))


def _ends(sketches: Sequence[Sketch], border: int) -> NDArray[np.int64]:
    """Shape (pieces,): how many turns of each lie below a border."""
    wanted = np.uint32(border)
    return np.array([turns.searchsorted(wanted) for turns in sketches], dtype=np.int64)


def _meetings(sketches: Sequence[Sketch], sizes: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of pieces, as first * pieces + second, rising, and in how many turns they are neighbours."""
    owners = np.repeat(np.arange(len(sketches), dtype=np.uint64), sizes)
    # The piece takes the place of the lowest bits of each number, so that one plain sort brings both into order.
    turns = np.concatenate([np.empty(0, dtype=np.uint32), *sketches]).astype(np.uint64) << np.uint64(32) | owners
    turns.sort()
    owned = (turns & np.uint64(HASHES - 1)).astype(np.int64)
    turns >>= np.uint64(32)
    pairs = [owned[:0]]
    for lag in range(1, _NEIGHBOURS + 1):
        same = turns[lag:] == turns[:-lag]
        pairs.append(owned[:-lag][same] * len(sketches) + owned[lag:][same])
    met = np.concatenate(pairs)
    met.sort()
    begins = np.flatnonzero(np.diff(met, prepend=-1))
    return met[begins], np.diff(begins, append=len(met))


def _joined(*found: tuple[NDArray[np.int64], NDArray[np.int64]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Each pair once, rising, with the sum of its counts."""
    pairs = np.concatenate([one for one, _ in found])
    order = np.argsort(pairs, kind="stable")
    pairs = pairs[order]
    begins = np.flatnonzero(np.diff(pairs, prepend=-1))
    reached = np.append(0, np.cumsum(np.concatenate([counts for _, counts in found])[order]))
    return pairs[begins], np.diff(reached[np.append(begins, len(pairs))])


def _judged(sketches: Sequence[Sketch], sizes: NDArray[np.int64], below: int, met: Related) -> Related:
    """Those of some pairs that are one work; ``shared`` is a number of turns in what is given."""
    # Of a sketch that is full the turns above its last one are not known.
    reach = np.full(len(sketches), below, dtype=np.int64)
    for piece in np.flatnonzero(sizes == MOST_TURNS).tolist():
        reach[piece] = int(sketches[piece][-1]) + 1
    within = np.minimum(reach[met.first], reach[met.second])
    mine, others = sizes[met.first], sizes[met.second]
    for pair in np.flatnonzero(reach[met.first] != reach[met.second]).tolist():
        border = np.uint32(within[pair])
        mine[pair] = sketches[met.first[pair]].searchsorted(border)
        others[pair] = sketches[met.second[pair]].searchsorted(border)
    poorer, richer = np.minimum(mine, others), np.maximum(mine, others)
    fewest = np.maximum(SAME_FROM * poorer, np.maximum(_FEWEST_SEEN, _FEWEST_SHARED * within / HASHES))
    fewest = np.minimum(fewest, _ALIKE_FROM * richer)
    shared = met.shared.copy()
    for pair in np.flatnonzero((shared < fewest) & (shared >= _WORTH_A_LOOK * fewest)).tolist():
        shared[pair] = _common(sketches[met.first[pair]], sketches[met.second[pair]])
    same = shared >= fewest
    return Related(met.first[same], met.second[same], shared[same] / np.maximum(1, poorer[same]))


def shared_turns(one: Sketch, other: Sketch) -> float:
    """The part of its turns that the poorer of two pieces has in common with the other, 0 to 1."""
    full = [turns for turns in (one, other) if len(turns) == MOST_TURNS]
    if full:
        border = min(int(turns[-1]) for turns in full)
        one, other = one[one <= border], other[other <= border]
    poorer = min(len(one), len(other))
    return _common(one, other) / poorer if poorer else 0.0


def _common(one: Sketch, other: Sketch) -> int:
    """How many turns two pieces have in common."""
    poorer, richer = sorted((one, other), key=len)
    if len(poorer) == 0:
        return 0
    return int((richer.take(richer.searchsorted(poorer), mode="clip") == poorer).sum())


def families(count: int, first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.int64]:
    """Shape (pieces,): a number for each of ``count`` pieces, equal where pairs link them; rising with appearance."""
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
