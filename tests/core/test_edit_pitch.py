"""Scales, inversion, and loudness."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from musicgen_app.core import edit_pitch, edit_velocity, edits
from musicgen_app.core.scale import ROOTS, SCALES, Scale, scale_of, scales_in_force
from musicgen_app.core.score import KeySignature, Score, make_notes
from tests.strategies import chosen_scores

Chosen = tuple[Score, NDArray[np.intp]]
scales = st.builds(Scale, st.integers(0, 11), st.sampled_from(list(SCALES)))


def melody(*pitches: int, keys: tuple[KeySignature, ...] = ()) -> Score:
    return Score(make_notes([(10 * n, 5, pitch, 64) for n, pitch in enumerate(pitches)]), key_signatures=keys)


def pitches(edited: edits.Edited) -> list[int]:
    return edited.score.notes["pitch"].tolist()


def test_keys_have_their_scales() -> None:
    assert scale_of(KeySignature(0)) == Scale(0, "major")
    assert scale_of(KeySignature(0, 2)) == Scale(2, "major")
    assert scale_of(KeySignature(0, -3, minor=True)) == Scale(0, "minor")
    assert scale_of(KeySignature(0, 0, minor=True)) == Scale(9, "minor")
    onsets, found = scales_in_force(melody(60, keys=(KeySignature(30, 1),)))
    assert (onsets.tolist(), found) == ([0, 30], [Scale(0), Scale(7)])
    assert len(ROOTS) == 12


@given(scales)
def test_the_nearest_pitch_of_a_scale_belongs_to_it(scale: Scale) -> None:
    members, nearest = scale.members(), scale.nearest()
    assert bool(members[nearest].all())
    assert np.array_equal(nearest[members], np.flatnonzero(members))
    inside = np.flatnonzero(members)
    for pitch in range(128):
        assert abs(int(nearest[pitch]) - pitch) == int(abs(inside - pitch).min())


@given(scales, st.integers(-70, 70))
def test_steps_of_a_scale_lead_from_it_into_it(scale: Scale, steps: int) -> None:
    shifted = scale.shifted(steps)
    assert int(shifted.min()) >= 0
    assert int(shifted.max()) <= 127
    assert bool(scale.members()[shifted[scale.members()]].all())


def test_a_pitch_between_two_of_the_scale_keeps_its_distance() -> None:
    assert Scale().shifted(1)[[60, 61, 62, 64, 66, 71]].tolist() == [62, 63, 64, 65, 68, 72]
    # From C sharp to between E and F there is no room.
    assert Scale().shifted(2)[61] == 64
    assert Scale().shifted(-1)[[60, 62]].tolist() == [59, 60]


def test_pitches_are_snapped_to_the_key_in_force_or_to_a_scale() -> None:
    score = melody(61, 66, 61, 66, keys=(KeySignature(20, 2),))
    chosen = edits.everything(score)
    assert pitches(edit_pitch.snap_to_scale(score, chosen)) == [60, 65, 61, 66]
    assert pitches(edit_pitch.snap_to_scale(score, chosen, Scale(0, "whole tone"))) == [60, 66, 60, 66]
    assert pitches(edit_pitch.transpose_in_scale(score, chosen, 1)) == [63, 68, 62, 67]


@given(chosen_scores())
def test_upside_down_twice_is_no_change(given_: Chosen) -> None:
    score, selected = given_
    there = edit_pitch.invert(score, selected)
    assert edit_pitch.invert(there.score, there.selected).score == score


@given(chosen_scores(), st.integers(0, 127))
def test_around_a_pitch_a_note_that_leaves_the_keyboard_moves_by_octaves(given_: Chosen, axis: int) -> None:
    score, selected = given_
    edited = edit_pitch.invert_around(score, selected, axis)
    wanted = (2 * axis - score.notes["pitch"][selected].astype(int)) % 12
    assert sorted(wanted.tolist()) == sorted((edited.score.notes["pitch"][edited.selected] % 12).tolist())


def loud(*velocities: int) -> Score:
    return Score(make_notes([(10 * n, 5, 60, velocity) for n, velocity in enumerate(velocities)]))


@pytest.mark.parametrize(
    ("ratio", "wanted"), [(0, [60, 60, 60]), (0.5, [40, 60, 80]), (1, [20, 60, 100]), (2, [1, 60, 127])]
)
def test_velocities_come_nearer_to_their_mean(ratio: float, wanted: list[int]) -> None:
    score = loud(20, 60, 100)
    edited = edit_velocity.compress_velocity(score, edits.everything(score), ratio)
    assert edited.score.notes["velocity"].tolist() == wanted


def test_velocities_are_limited_in_either_order() -> None:
    score = loud(1, 60, 127)
    for limits in ((40, 70), (70, 40)):
        edited = edit_velocity.limit_velocity(score, edits.everything(score), *limits)
        assert edited.score.notes["velocity"].tolist() == [40, 60, 70]


def test_a_ramp_goes_by_time() -> None:
    score = Score(make_notes([(100, 5, 60, 1), (150, 5, 60, 1), (300, 5, 60, 1)]))
    edited = edit_velocity.ramp_velocity(score, edits.everything(score), 40, 80)
    assert edited.score.notes["velocity"].tolist() == [40, 50, 80]
    assert edit_velocity.ramp_velocity(score, np.array([1]), 40, 80).score.notes["velocity"].tolist() == [1, 40, 1]
