"""Edits of notes."""

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from musicgen_app.core import edits
from musicgen_app.core.edits import Edited
from musicgen_app.core.grid import Grid
from musicgen_app.core.score import NOTE_DTYPE, Score, Track, make_notes

Row = tuple[int, int, int, int]
Chosen = tuple[Score, NDArray[np.intp]]

# Few distinct values, so that notes often share onset and pitch and the order must be settled by the other columns.
rows = st.tuples(
    st.integers(0, 20),
    st.integers(1, 9),
    st.sampled_from([0, 1, 60, 61, 126, 127]),
    st.integers(1, 3),
    st.integers(0, 1),
)


@st.composite
def chosen(draw: st.DrawFn) -> Chosen:
    notes = draw(st.lists(rows, max_size=25))
    score = Score(notes=np.array(notes, dtype=NOTE_DTYPE), tracks=(Track("right"), Track("left")))
    picked = draw(st.lists(st.integers(0, len(notes) - 1), unique=True)) if notes else []
    return score, np.array(picked, dtype=np.intp)


def piece(*notes: Row) -> Score:
    return Score(notes=make_notes(notes))


def only(*indices: int) -> NDArray[np.intp]:
    return np.array(indices, dtype=np.intp)


def listed(score: Score) -> list[tuple[int, ...]]:
    return [tuple(int(value) for value in note)[:4] for note in score.notes]


def bag(notes: NDArray[np.void]) -> list[tuple[int, ...]]:
    return sorted(tuple(int(value) for value in note) for note in notes)


def rest(score: Score, selected: NDArray[np.intp]) -> list[tuple[int, ...]]:
    keep = np.ones(len(score.notes), dtype=bool)
    keep[selected] = False
    return bag(score.notes[keep])


EDITS: dict[str, Callable[[Score, NDArray[np.intp]], Edited]] = {
    "move": lambda s, i: edits.move(s, i, 7, -3),
    "transpose": lambda s, i: edits.transpose(s, i, 5),
    "resize ends": lambda s, i: edits.resize_ends(s, i, -4),
    "resize starts": lambda s, i: edits.resize_starts(s, i, -5),
    "set duration": lambda s, i: edits.set_duration(s, i, 3),
    "set velocity": lambda s, i: edits.set_velocity(s, i, 2),
    "shift velocity": lambda s, i: edits.shift_velocity(s, i, 126),
    "scale velocity": lambda s, i: edits.scale_velocity(s, i, 0.1),
    "quantise": lambda s, i: edits.quantise(s, i, Grid(Fraction(7, 2)), ends=True),
}


@pytest.mark.parametrize("name", EDITS)
@given(chosen())
def test_an_edit_keeps_the_other_notes_and_tells_where_the_touched_ones_are(name: str, given_: Chosen) -> None:
    score, selected = given_
    before = score.notes.tobytes()
    edited = EDITS[name](score, selected)
    assert score.notes.tobytes() == before
    assert len(edited.score.notes) == len(score.notes)
    assert len(edited.selected) == len(selected)
    assert rest(edited.score, edited.selected) == rest(score, selected)
    assert Score(notes=edited.score.notes.copy(), tracks=score.tracks) == edited.score


@given(chosen(), st.integers(-30, 30), st.integers(-140, 140))
def test_moving_keeps_the_shape_of_the_group(given_: Chosen, ticks: int, semitones: int) -> None:
    score, selected = given_
    edited = edits.move(score, selected, ticks, semitones)
    if len(selected) == 0:
        assert edited.score == score
        return
    before, after = score.notes[np.sort(selected)], edited.score.notes[edited.selected]
    for name in ("onset", "pitch"):
        old, new = np.sort(before[name].astype(int)), np.sort(after[name].astype(int))
        assert len(set((new - old).tolist())) == 1
    assert sorted(before["duration"].tolist()) == sorted(after["duration"].tolist())


@given(chosen(), st.integers(-12, 12))
def test_moving_there_and_back_is_no_change_where_no_border_is_met(given_: Chosen, semitones: int) -> None:
    score, _ = given_
    middle = edits.set_velocity(score.with_notes(score.notes[score.notes["pitch"] == 60]), only(), 1).score
    everything = edits.everything(middle)
    there = edits.move(middle, everything, 5, semitones)
    assert edits.move(there.score, there.selected, -5, -semitones).score == middle


def test_a_group_stops_as_a_whole_at_the_borders() -> None:
    score = piece((10, 5, 60, 64), (30, 5, 125, 64))
    assert listed(edits.move(score, only(0, 1), -20, 10).score) == [(0, 5, 62, 64), (20, 5, 127, 64)]
    assert edits.move(score, only(0), 2**50).score.notes["onset"].max() == edits.LAST_TICK


@given(chosen(), st.integers(-200, 200))
def test_transposing_keeps_pitch_classes(given_: Chosen, semitones: int) -> None:
    score, selected = given_
    edited = edits.transpose(score, selected, semitones)
    wanted = sorted((score.notes["pitch"][selected].astype(int) + semitones).tolist())
    got = edited.score.notes["pitch"][edited.selected].astype(int)
    assert sorted(p % 12 for p in wanted) == sorted((got % 12).tolist())


def test_a_transposed_note_that_leaves_the_keyboard_moves_back_by_octaves() -> None:
    score = piece((0, 5, 126, 64), (10, 5, 1, 64))
    assert edits.transpose(score, only(0, 1), 2).score.notes["pitch"].tolist() == [116, 3]
    assert edits.transpose(score, only(0, 1), -2).score.notes["pitch"].tolist() == [124, 11]


@given(chosen(), st.integers(-30, 30))
def test_resizing_the_start_keeps_the_end(given_: Chosen, ticks: int) -> None:
    score, selected = given_
    edited = edits.resize_starts(score, selected, ticks)
    old, new = score.notes[selected], edited.score.notes[edited.selected]
    assert sorted((old["onset"] + old["duration"]).tolist()) == sorted((new["onset"] + new["duration"]).tolist())


def test_no_note_becomes_shorter_than_a_tick() -> None:
    score = piece((10, 5, 60, 64))
    assert listed(edits.resize_ends(score, only(0), -100).score) == [(10, 1, 60, 64)]
    assert listed(edits.resize_ends(score, only(0), 3).score) == [(10, 8, 60, 64)]
    assert listed(edits.resize_starts(score, only(0), 100).score) == [(14, 1, 60, 64)]
    assert listed(edits.resize_starts(score, only(0), -100).score) == [(0, 15, 60, 64)]
    assert listed(edits.set_duration(score, only(0), -3).score) == [(10, 1, 60, 64)]
    assert listed(edits.quantise(score, only(0), Grid(Fraction(100)), ends=True).score) == [(0, 1, 60, 64)]


@given(chosen())
def test_deleting_and_inserting_again_is_no_change(given_: Chosen) -> None:
    score, selected = given_
    deleted = edits.delete(score, selected)
    assert len(deleted.selected) == 0
    assert bag(deleted.score.notes) == rest(score, selected)
    inserted = edits.insert(deleted.score, score.notes[selected])
    assert inserted.score == score
    assert bag(inserted.score.notes[inserted.selected]) == bag(score.notes[selected])


def test_velocities_are_set_shifted_and_scaled_within_their_range() -> None:
    score = piece((0, 5, 60, 20), (10, 5, 62, 100))
    assert edits.set_velocity(score, only(0, 1), [0, 200]).score.notes["velocity"].tolist() == [1, 127]
    assert edits.set_velocity(score, only(1), 77).score.notes["velocity"].tolist() == [20, 77]
    assert edits.shift_velocity(score, only(0, 1), -30).score.notes["velocity"].tolist() == [1, 70]
    assert edits.scale_velocity(score, only(0, 1), 1.5).score.notes["velocity"].tolist() == [30, 127]


def test_quantising_pulls_onsets_and_on_request_ends() -> None:
    score = piece((11, 6, 60, 64), (19, 12, 62, 64))
    grid = Grid(Fraction(10))
    assert listed(edits.quantise(score, only(0, 1), grid).score) == [(10, 6, 60, 64), (20, 12, 62, 64)]
    assert listed(edits.quantise(score, only(0, 1), grid, ends=True).score) == [(10, 10, 60, 64), (20, 10, 62, 64)]


def test_quantising_goes_as_far_as_its_strength() -> None:
    score = piece((104, 6, 60, 64))
    assert listed(edits.quantise(score, only(0), Grid(Fraction(100)), strength=0.5).score)[0][0] == 102
    assert edits.quantise(score, only(0), Grid(Fraction(100)), strength=0.0).score == score


@given(chosen(), st.integers(0, 30))
def test_duplicating_adds_shifted_copies(given_: Chosen, ticks: int) -> None:
    score, selected = given_
    edited = edits.duplicate(score, selected, ticks)
    assert rest(edited.score, edited.selected) == bag(score.notes)
    copies = score.notes[selected].copy()
    copies["onset"] += ticks
    assert bag(edited.score.notes[edited.selected]) == bag(copies)


@given(chosen(), st.integers(0, 30))
def test_pasting_a_copy_at_its_old_place_doubles_the_notes(given_: Chosen, onset: int) -> None:
    score, selected = given_
    clip = edits.copy(score, selected)
    assert len(selected) == 0 or clip.notes["onset"][0] == 0
    begin = int(score.notes["onset"][selected].min()) if len(selected) else onset
    edited = edits.paste(score, clip, begin)
    # Both tracks sound alike, so the copies share the first.
    pasted = sorted(note[:4] for note in bag(edited.score.notes[edited.selected]))
    assert pasted == sorted(note[:4] for note in bag(score.notes[selected]))
    assert rest(edited.score, edited.selected) == bag(score.notes)


def test_pasting_converts_the_resolution_and_finds_the_track_with_the_same_sound() -> None:
    piano, bass = Track("Piano", 0, 0), Track("Bass", 32, 1)
    score = Score(tracks=(Track("Strings", 48), Track("", 0)), ticks_per_beat=480)
    clip = Score(notes=make_notes([(0, 96, 60, 64, 0), (97, 1, 40, 64, 1)]), tracks=(piano, bass), ticks_per_beat=96)
    pasted = edits.paste(score, clip, 1000).score
    assert [tuple(map(int, note)) for note in pasted.notes] == [(1000, 480, 60, 64, 1), (1485, 5, 40, 64, 2)]
    assert pasted.tracks == (*score.tracks, bass)


def test_notes_pasted_into_a_coarser_score_keep_at_least_one_tick() -> None:
    clip = Score(notes=make_notes([(0, 1, 60, 64)]), ticks_per_beat=960)
    assert listed(edits.paste(Score(ticks_per_beat=24), clip, 0).score) == [(0, 1, 60, 64)]


def test_scores_with_times_beyond_all_music_still_come_out_in_order() -> None:
    score = piece((2**60, 5, 60, 64), (3, 5, 60, 64))
    edited = edits.set_velocity(score, only(1), 9)
    assert edited.score.notes["velocity"].tolist() == [64, 9]
    assert edited.selected.tolist() == [1]


def test_pasting_into_a_track_leaves_the_tracks_as_they_are() -> None:
    score = Score(make_notes([(0, 480, 60, 64, 0)]), tracks=(Track(), Track(program=40, channel=1)))
    clip = Score(make_notes([(0, 480, 72, 64)]), tracks=(Track(program=9),))
    pasted = edits.paste(score, clip, 960, track=1).score
    assert pasted.tracks == score.tracks
    assert pasted.notes["track"].tolist() == [0, 1]
