"""Makes the tracks of a Score out of pairs of MIDI track and channel."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from musicgen_app.core.asides import NO_TRACK
from musicgen_app.core.score import Track
from musicgen_app.midi.columns import Bytes, Ticks

_LAST = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Programs:
    """The program changes of a file, in the order of the file. ``pair`` is 16 * track + channel."""

    pair: NDArray[np.uint16]
    tick: Ticks
    program: Bytes


@dataclass(frozen=True, slots=True)
class Source:
    """What the file says about one of its own tracks: its name and the number of its port."""

    name: str = ""
    port: int = 0


@dataclass(frozen=True, slots=True)
class Voices:
    """The tracks of the score.

    Attributes:
        tracks: At least one.
        index: Shape (16 * tracks of the file,): number in ``tracks`` of each pair; NO_TRACK where its channel is
            nobody's. A pair that is no track itself is taken to that which uses its program, else to the first of its
            channel.
        changes: How many changes of program come after the one that its track has.
        first_notes: Shape (tracks,): tick of the first note of each, the largest number where there is none.
        firsts: Number in ``tracks`` of the first track made of each track of the file.
    """

    tracks: tuple[Track, ...]
    index: NDArray[np.uint16]
    changes: int
    first_notes: Ticks
    firsts: dict[int, int]


def make_voices(
    sources: list[Source], sounding: NDArray[np.bool_], first_note: Ticks, programs: Programs, shared: bool
) -> Voices:
    """One track for each pair that has notes, pedals or a program.

    A track has one program: the one in force when its first note begins. A pair with notes but no program of its own
    takes that of its channel from another track (many files set all sounds in their first track); a track that only
    did that is not kept.

    Args:
        sources: One for each track of the file.
        sounding: Shape (pairs,): whether a pair has notes or pedals.
        first_note: Shape (pairs,): tick of the first note, the largest number where there is none.
        programs: All program changes.
        shared: Whether channels are shared by the tracks, as in all files but format 2.
    """
    own, changes = _own_programs(first_note, programs)
    lenders = _lenders(sources, own) if shared else {}
    chosen = dict(own)
    used: dict[int, int] = {}
    for pair in np.flatnonzero(sounding).tolist():
        lender = lenders.get((sources[pair // 16].port, pair % 16))
        if pair not in own and lender is not None:
            chosen[pair] = _in_force(programs, lender, int(first_note[pair]))
            used.setdefault(lender, pair)
    kept = [
        pair
        for pair in sorted(chosen.keys() | set(np.flatnonzero(sounding).tolist()))
        if sounding[pair] or pair not in used
    ]
    tracks = tuple(Track(sources[pair // 16].name, chosen.get(pair, 0), pair % 16) for pair in kept)
    firsts = {pair // 16: number for number, pair in reversed(list(enumerate(kept)))}
    begins = first_note[kept] if kept else no_note(1)
    return Voices(tracks or (Track(),), _index(len(sources), kept, used), changes, begins, firsts)


def _index(sources: int, kept: list[int], used: dict[int, int]) -> NDArray[np.uint16]:
    """The number of the track that each pair belongs to."""
    channels = np.full(16, NO_TRACK, np.uint16)
    for number, pair in reversed(list(enumerate(kept))):
        channels[pair % 16] = number
    if not kept:
        channels[0] = 0
    index = np.tile(channels, sources)
    index[kept] = np.arange(len(kept))
    for lender, borrower in used.items():
        if lender not in kept:
            index[lender] = index[borrower]
    return index


def _in_force(programs: Programs, pair: int, tick: int) -> int:
    """The program of a pair at a tick; the first one where none is set until then."""
    own = programs.pair == pair
    set_by_then = np.flatnonzero(own & (programs.tick <= tick))
    return int(programs.program[set_by_then[-1] if len(set_by_then) else np.flatnonzero(own)[0]])


def _own_programs(first_note: Ticks, programs: Programs) -> tuple[dict[int, int], int]:
    """The program of each pair that has one, and how many changes come after it."""
    if len(programs.pair) == 0:
        return {}, 0
    order = np.argsort(programs.pair, kind="stable")
    pair, program = programs.pair[order], programs.program[order]
    begins = np.flatnonzero(np.concatenate([[True], pair[1:] != pair[:-1]]))
    early = programs.tick[order] <= first_note[pair]
    chosen = begins + np.maximum(np.add.reduceat(early.astype(np.int64), begins) - 1, 0)
    lengths = np.diff(np.append(begins, len(pair)))
    later = np.arange(len(pair)) > np.repeat(chosen, lengths)
    changes = int(np.count_nonzero(later & (program != np.repeat(program[chosen], lengths))))
    return dict(zip(pair[begins].tolist(), program[chosen].tolist(), strict=True)), changes


def _lenders(sources: list[Source], own: dict[int, int]) -> dict[tuple[int, int], int]:
    """The first pair with a program on each channel of each port."""
    lenders: dict[tuple[int, int], int] = {}
    for pair in sorted(own):
        lenders.setdefault((sources[pair // 16].port, pair % 16), pair)
    return lenders


def no_note(pairs: int) -> Ticks:
    """What stands for the first note of pairs that have none."""
    return np.full(pairs, _LAST, np.int64)
