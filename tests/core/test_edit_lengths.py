"""Lengths, overlaps, splitting and joining, and what the pedal holds."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from musicgen_app.core import edit_lengths, edits
from musicgen_app.core.score import PEDAL_DTYPE, Score, Track, make_notes
from tests.strategies import chosen_scores

Chosen = tuple[Score, NDArray[np.intp]]
Row = tuple[int, int, int, int] | tuple[int, int, int, int, int]


def piece(*notes: Row, pedals: tuple[tuple[int, int, int], ...] = ()) -> Score:
    return Score(make_notes(notes), np.array(list(pedals), PEDAL_DTYPE), tracks=(Track(), Track()))


def listed(edited: edits.Edited) -> list[tuple[int, int, int]]:
    return [(row[0], row[1], row[2]) for row in edited.score.notes.tolist()]


def every(score: Score) -> NDArray[np.intp]:
    return edits.everything(score)


def test_legato_reaches_to_the_next_moment_of_the_same_track() -> None:
    score = piece((0, 5, 60, 64), (0, 9, 64, 64), (100, 5, 62, 64), (50, 5, 40, 64, 1), (200, 7, 60, 64))
    edited = edit_lengths.legato(score, every(score))
    assert listed(edited) == [(0, 100, 60), (0, 100, 64), (50, 5, 40), (100, 100, 62), (200, 7, 60)]
    assert listed(edit_lengths.legato(score, every(score), gap=10))[0] == (0, 90, 60)
    assert listed(edit_lengths.legato(score, every(score), gap=-10))[0] == (0, 110, 60)
    assert listed(edit_lengths.legato(score, every(score), gap=1000))[0] == (0, 1, 60)


def test_lengths_are_scaled_to_at_least_a_tick() -> None:
    score = piece((0, 5, 60, 64), (10, 1, 64, 64))
    assert listed(edit_lengths.scale_lengths(score, every(score), 50)) == [(0, 3, 60), (10, 1, 64)]
    assert listed(edit_lengths.scale_lengths(score, every(score), 300)) == [(0, 15, 60), (10, 3, 64)]


def test_overlaps_are_cut_and_of_equal_onsets_the_longest_stays() -> None:
    score = piece((0, 50, 60, 64), (20, 5, 60, 64), (20, 30, 60, 65), (30, 9, 60, 64, 1), (30, 9, 61, 64))
    edited = edit_lengths.remove_overlaps(score, every(score))
    assert listed(edited) == [(0, 20, 60), (20, 30, 60), (30, 9, 60), (30, 9, 61)]
    assert edited.selected.tolist() == [0, 1, 2, 3]


@given(chosen_scores())
def test_after_removing_overlaps_no_chosen_note_reaches_into_the_next_of_its_key(given_: Chosen) -> None:
    score, selected = given_
    edited = edit_lengths.remove_overlaps(score, selected)
    ends: dict[tuple[int, int], int] = {}
    for onset, duration, pitch, _, track in edited.score.notes[edited.selected].tolist():
        assert onset >= ends.get((pitch, track), 0)
        ends[pitch, track] = onset + duration
    again = edit_lengths.remove_overlaps(edited.score, edited.selected)
    assert again.score == edited.score


def test_short_notes_are_taken_out() -> None:
    score = piece((0, 5, 60, 64), (10, 6, 64, 64), (20, 1, 60, 64))
    edited = edit_lengths.remove_short(score, np.array([0, 1]), 6)
    assert listed(edited) == [(10, 6, 64), (20, 1, 60)]
    assert edited.selected.tolist() == [0]


@given(chosen_scores(), st.integers(2, 9))
def test_splitting_and_joining_again_is_no_change(given_: Chosen, parts: int) -> None:
    score, selected = given_
    alone = edit_lengths.remove_overlaps(score, every(score)).score
    # Notes that touch would be joined too.
    shorter = edit_lengths.scale_lengths(alone, every(alone), 30).score
    shorter = shorter.with_notes(shorter.notes[shorter.notes["duration"] > 1])
    shorter = edits.resize_ends(shorter, every(shorter), -1).score
    chosen = selected[selected < len(shorter.notes)]
    split = edit_lengths.split_equally(shorter, chosen, parts)
    wanted = int(np.minimum(shorter.notes["duration"][chosen], parts).sum())
    assert len(split.selected) == wanted
    assert edit_lengths.join(split.score, split.selected).score == shorter


def test_notes_are_split_in_equal_parts() -> None:
    score = piece((0, 10, 60, 64), (5, 1, 64, 64))
    assert listed(edit_lengths.split_equally(score, every(score), 3)) == [
        (0, 3, 60),
        (3, 3, 60),
        (5, 1, 64),
        (6, 4, 60),
    ]


def test_notes_are_joined_over_small_gaps() -> None:
    score = piece((0, 10, 60, 11), (12, 5, 60, 64), (14, 20, 60, 64), (40, 5, 60, 64), (3, 4, 61, 9), (34, 1, 60, 1, 1))
    edited = edit_lengths.join(score, every(score), gap=2)
    assert listed(edited) == [(0, 34, 60), (3, 4, 61), (34, 1, 60), (40, 5, 60)]
    assert edited.score.notes["velocity"].tolist() == [11, 9, 1, 64]


def test_notes_are_split_at_a_place() -> None:
    score = piece((0, 10, 60, 64), (5, 20, 64, 64), (10, 5, 62, 64))
    edited = edit_lengths.split_at(score, every(score), 10)
    assert listed(edited) == [(0, 10, 60), (5, 5, 64), (10, 5, 62), (10, 15, 64)]
    assert edited.selected.tolist() == [0, 1, 2, 3]


def test_notes_last_as_long_as_the_pedal_holds_them() -> None:
    score = piece(
        (0, 10, 60, 64),
        (10, 10, 62, 64),
        (20, 20, 60, 64),
        (90, 5, 65, 64),
        (0, 10, 40, 64, 1),
        (300, 50, 70, 64),
        pedals=((5, 0, 127), (12, 0, 100), (50, 0, 0), (80, 0, 64), (9, 1, 10)),
    )
    edited = edit_lengths.extend_by_pedal(score, every(score))
    assert listed(edited) == [(0, 10, 40), (0, 20, 60), (10, 40, 62), (20, 30, 60), (90, 260, 65), (300, 50, 70)]
    assert edited.score.pedals.tolist() == score.pedals.tolist()
    removed = edit_lengths.extend_by_pedal(score, np.array([1]), remove=True)
    assert removed.score.pedals.tolist() == [(9, 1, 10)]


def test_a_note_that_overlaps_the_next_of_its_key_keeps_its_length() -> None:
    score = piece((0, 30, 60, 64), (20, 5, 60, 64), (20, 9, 60, 64), pedals=((0, 0, 127), (100, 0, 0)))
    assert listed(edit_lengths.extend_by_pedal(score, every(score))) == [(0, 30, 60), (20, 80, 60), (20, 80, 60)]


@given(chosen_scores())
def test_by_the_pedal_no_note_gets_shorter(given_: Chosen) -> None:
    score, selected = given_
    edited = edit_lengths.extend_by_pedal(score, selected)
    longer = np.sort(edited.score.notes["duration"][edited.selected]) - np.sort(score.notes["duration"][selected])
    assert bool(np.all(longer >= 0))
