"""Cuts scores at bar lines, and chooses what is held back for validation: works, never a part of what is learned."""

from collections.abc import Sequence, Set
from dataclasses import replace

import numpy as np

from musicgen_app.core.analysis import piano_notes
from musicgen_app.core.score import Score
from musicgen_app.core.silence import from_tick
from musicgen_app.core.timing import Meter
from musicgen_app.dataset.bars import first_bar
from musicgen_app.dataset.doctor import FEWEST_NOTES

LARGEST_SHARE = 0.5


def validation_families(
    notes: Sequence[int], share: float, seed: int, held: Set[int] = frozenset(), fixed: Set[int] = frozenset()
) -> frozenset[int]:
    """Which families to hold back.

    They are drawn by chance, as long as their notes stay within the share; where even the first would be too much, the
    smallest is taken. So chance never holds back more than is learned.

    Args:
        notes: Notes of each family.
        share: Part of all notes that is wanted, 0 to 0.5.
        seed: Same seed, same families.
        held: Families that are held back already; they count for the share.
        fixed: All families that chance has no say in, those among them.

    Returns:
        Indices into ``notes``; without ``held`` empty for a share of 0 or a single family.
    """
    free = [family for family in range(len(notes)) if family not in fixed]
    if share <= 0 or not free or len(notes) < 2:
        return frozenset(held)
    wanted = share * sum(notes)
    chosen = list(held)
    taken = sum(notes[family] for family in held)
    for family in np.random.default_rng(seed).permutation(len(notes)).tolist():
        if family not in fixed and taken + notes[family] <= wanted:
            chosen.append(family)
            taken += notes[family]
    smallest = min(free, key=lambda family: notes[family])
    if not chosen and 2 * notes[smallest] <= sum(notes):
        chosen = [smallest]
    return frozenset(chosen)


def split_passage(score: Score, share: float) -> tuple[Score, Score] | None:
    """Cut one piece at the bar line nearest to where ``share`` of its notes are left.

    Both parts begin at tick 0. A pedal that is down at the bar line is down at the beginning of the second part.

    Returns:
        The part to learn and the part to hold back; None where one of them would be too short to be of use, or the
        second larger than the first.
    """
    onsets = piano_notes(score)["onset"]
    if len(onsets) == 0:
        return None
    meter = Meter(score)
    wanted = int(onsets[min(len(onsets) - 1, round(len(onsets) * (1 - share)))])
    bar = meter.bar_onset(meter.position(wanted).bar)
    following = meter.bar_onset(meter.position(wanted).bar + 1)
    cut = bar if wanted - bar <= following - wanted else following
    held = int((onsets >= cut).sum())
    if held < FEWEST_NOTES or len(onsets) - held < max(FEWEST_NOTES, held):
        return None
    return _before(score, cut), from_tick(score, cut)


def from_first_bar(score: Score) -> Score:
    """The score without the empty bars before its first note, so that a network learns to begin at once."""
    bar = Meter(score).bar_onset(first_bar(score))
    return from_tick(score, bar) if bar > 0 else score


def _before(score: Score, cut: int) -> Score:
    return replace(
        score.music_alone(),
        notes=score.notes[score.notes["onset"] < cut],
        pedals=score.pedals[score.pedals["onset"] < cut],
    )
