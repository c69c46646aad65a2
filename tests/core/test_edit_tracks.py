"""Tracks, hands, and ways to choose notes."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from musicgen_app.core import edit_tracks, edits, hands, selections
from musicgen_app.core.asides import CONTROL_DTYPE, NO_TRACK, Aside
from musicgen_app.core.score import PEDAL_DTYPE, Score, TimeSignature, Track, make_notes
from tests.strategies import chosen_scores

Chosen = tuple[Score, NDArray[np.intp]]

BAND = Score(
    make_notes([(0, 5, 60, 64, 0), (1, 5, 61, 64, 1), (2, 5, 62, 64, 2)]),
    np.array([(0, 0, 1), (0, 1, 2), (0, 2, 3)], PEDAL_DTYPE),
    tracks=(Track("A", 1, 1), Track("B", 2, 2), Track("C", 3, 3)),
    controls=np.array(
        [
            (0, 1, 0xB0, 0, 5),
            (0, 1, 0xB0, 32, 5),
            (0, 1, 0xB0, 7, 99),
            (5, 1, 0xC0, 9, 0),
            (5, 2, 0xC0, 8, 0),
            (5, NO_TRACK, 0xB7, 1, 1),
        ],
        CONTROL_DTYPE,
    ),
    asides=(Aside(0, 5, b"a", 0), Aside(0, 5, b"b", 1), Aside(0, 5, b"c", 2), Aside(0, 1, b"d")),
)


def test_a_track_is_taken_out_with_all_that_stands_in_it() -> None:
    score = edit_tracks.remove_track(BAND, 1)
    assert [track.name for track in score.tracks] == ["A", "C"]
    assert score.notes["track"].tolist() == [0, 1]
    assert score.pedals.tolist() == [(0, 0, 1), (0, 1, 3)]
    assert score.controls.tolist() == [(5, 1, 0xC0, 8, 0), (5, NO_TRACK, 0xB7, 1, 1)]
    assert score.asides == (Aside(0, 1, b"d"), Aside(0, 5, b"a", 0), Aside(0, 5, b"c", 1))


@given(chosen_scores())
def test_an_added_track_is_taken_out_again(given_: Chosen) -> None:
    score, _ = given_
    added = edit_tracks.add_track(score, Track("new"))
    assert added.tracks[-1] == Track("new")
    assert edit_tracks.remove_track(added, len(score.tracks)) == score


def test_tracks_get_another_name_channel_and_program() -> None:
    assert edit_tracks.rename_track(BAND, 1, "Bass").tracks[1] == Track("Bass", 2, 2)
    assert edit_tracks.set_channel(BAND, 1, 9).tracks[1].is_percussion
    score = edit_tracks.set_program(BAND, 1, 40)
    assert score.tracks[1].program == 40
    assert score.controls["first"].tolist() == [7, 8, 1]
    with pytest.raises(ValueError):
        edit_tracks.set_channel(BAND, 1, 16)


def test_notes_are_moved_to_a_track_that_is_there() -> None:
    assert edit_tracks.move_to_track(BAND, np.array([0, 2]), 1).score.notes["track"].tolist() == [1, 1, 1]
    with pytest.raises(ValueError):
        edit_tracks.move_to_track(BAND, np.array([0]), 3)


def test_notes_that_are_moved_apart_keep_sound_and_pedal() -> None:
    edited = edit_tracks.move_apart(BAND, np.array([0, 2]), "Left hand")
    score = edited.score
    assert score.tracks[3:] == (Track("Left hand", 1, 1), Track("Left hand", 3, 3))
    assert score.notes["track"].tolist() == [3, 1, 4]
    assert score.pedals.tolist() == [(0, 0, 1), (0, 1, 2), (0, 2, 3), (0, 3, 1), (0, 4, 3)]
    assert edited.selected.tolist() == [0, 2]


def test_the_line_between_the_hands_follows_the_music() -> None:
    low = [(480 * n, 400, pitch, 64) for n in range(16) for pitch in (36, 43, 55, 60)]
    high = [(480 * (n + 40), 400, pitch, 64) for n in range(16) for pitch in (57, 60, 76, 84)]
    score = Score(make_notes([*low, *high]))
    left = hands.is_left(score, edits.everything(score))
    pitches = score.notes["pitch"]
    assert set(pitches[:64][left[:64]].tolist()) == {36, 43}
    assert set(pitches[64:][left[64:]].tolist()) == {57, 60}


def test_one_voice_alone_is_parted_at_middle_c() -> None:
    score = Score(make_notes([(480 * n, 400, 55 + n, 64) for n in range(10)]))
    assert hands.is_left(score, edits.everything(score)).tolist() == [True] * 5 + [False] * 5


def piece() -> Score:
    rows = [(0, 480, 60, 64), (480, 240, 72, 70), (1920, 470, 61, 90), (3000, 100, 60, 10)]
    return Score(make_notes(rows), time_signatures=(TimeSignature(0), TimeSignature(1920, 3, 4)))


def test_notes_are_chosen_by_row_track_time_and_bar() -> None:
    score = piece()
    assert selections.by_pitch(score, {60, 61}).tolist() == [0, 2, 3]
    assert selections.by_track(BAND, [0, 2]).tolist() == [0, 2]
    assert selections.in_range(score, 480, 1921).tolist() == [1, 2]
    assert selections.in_range(score, 900, 480).tolist() == []
    assert selections.by_bars(score, 1, 1).tolist() == [0, 1]
    assert selections.by_bars(score, 2, 2).tolist() == [2, 3]
    assert selections.by_bars(score, 3, 99).tolist() == []
    assert selections.by_bars(score, 0, 0).tolist() == []


@given(chosen_scores())
def test_choosing_the_others_twice_is_no_change(given_: Chosen) -> None:
    score, selected = given_
    others = selections.inverted(score, selected)
    assert selections.inverted(score, others).tolist() == sorted(selected.tolist())


def test_similar_notes_are_found() -> None:
    score, first = piece(), np.array([0])
    assert selections.similar(score, first, pitch=0).tolist() == [0, 3]
    assert selections.similar(score, first, pitch=1).tolist() == [0, 2, 3]
    assert selections.similar(score, first, pitch_class=True).tolist() == [0, 1, 3]
    assert selections.similar(score, first, duration=10).tolist() == [0, 2]
    assert selections.similar(score, first, pitch_class=True, velocity=6).tolist() == [0, 1]
    assert selections.similar(score, first).tolist() == [0, 1, 2, 3]
    assert selections.similar(score, first[:0], pitch=3).tolist() == []


@given(chosen_scores(), st.integers(0, 5), st.integers(0, 100), st.integers(0, 20))
def test_the_chosen_notes_are_similar_to_themselves(given_: Chosen, pitch: int, duration: int, velocity: int) -> None:
    score, selected = given_
    found = selections.similar(score, selected, pitch, True, duration, velocity)
    assert set(selected.tolist()) <= set(found.tolist())
    assert found.tolist() == sorted(found.tolist())


def test_tracks_of_a_score_stay_when_notes_change() -> None:
    moved = edits.move(BAND, np.array([0]), 5)
    assert replace(moved.score, notes=BAND.notes) == BAND


def test_some_tracks_alone_are_read_as_pianos() -> None:
    drums = Score(
        make_notes([(0, 10, 60, 64, 0), (5, 10, 62, 64, 1), (9, 10, 64, 64, 2)]),
        np.array([(1, 1, 127), (2, 2, 127)], PEDAL_DTYPE),
        tracks=(Track("a"), Track("b", 40, 3), Track("c", channel=9)),
    )
    found = edit_tracks.only_tracks(drums, [0, 2])
    assert found.tracks == (Track("a"), Track("c"))
    assert found.notes[["pitch", "track"]].tolist() == [(60, 0), (64, 1)]
    assert found.pedals.tolist() == [(2, 1, 127)]
