"""Figures of pieces by hand, and by counting tick by tick as MusPy does."""

import math
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicgen_app.core.likeness import (
    HISTOGRAMS,
    Figures,
    figures,
    histograms,
    notes_per_second,
    overlap,
    overlap_area,
    pitch_class_entropy,
    sounding_keys,
)
from musicgen_app.core.score import TEMPO_DTYPE, Score, Track, make_notes
from tests.strategies import scores

note_lists = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 20), st.integers(58, 62)), min_size=1, max_size=20)


def one_after_another(*pitches: int, velocity: int = 64) -> Score:
    return Score(make_notes([(480 * n, 480, pitch, velocity) for n, pitch in enumerate(pitches)]))


@pytest.mark.parametrize(
    ("pitches", "bits"),
    [
        ([60], 0),
        ([60, 72, 48], 0),
        ([60, 61], 1),
        ([60, 64, 67, 71], 2),
        (range(60, 72), math.log2(12)),
        ([60, 60, 60, 67], 2 - 0.75 * math.log2(3)),
    ],
)
def test_entropy_is_that_of_the_pitch_classes(pitches: list[int], bits: float) -> None:
    assert pitch_class_entropy(one_after_another(*pitches).notes) == pytest.approx(bits)


def test_nothing_has_no_figures() -> None:
    assert figures(Score()) == Figures(0, 0.0, 0.0, 0.0)
    assert math.copysign(1, pitch_class_entropy(one_after_another(60).notes)) == 1, "not minus nothing"


@given(note_lists)
def test_polyphony_is_what_a_roll_of_keys_and_ticks_says(rows: list[tuple[int, int, int]]) -> None:
    roll = np.zeros((70, 128), bool)
    for onset, length, pitch in rows:
        roll[onset : onset + length, pitch] = True
    score = Score(make_notes([(*row, 64) for row in rows]))
    assert figures(score).polyphony == pytest.approx(roll.sum() / roll.any(axis=1).sum())


def test_notes_of_one_key_that_meet_are_one() -> None:
    notes = make_notes([(0, 10, 60, 64), (5, 3, 60, 90), (10, 5, 60, 64), (16, 2, 60, 64), (0, 1, 61, 64)])
    merged = sounding_keys(Score(notes).notes)
    assert [(int(n["onset"]), int(n["duration"]), int(n["pitch"])) for n in merged] == [
        (0, 15, 60), (16, 2, 60), (0, 1, 61),
    ]  # fmt: skip


def test_density_follows_the_tempo_and_begins_with_the_first_note() -> None:
    score = one_after_another(60, 62, 64, 65)
    assert notes_per_second(score) == pytest.approx(2)
    late = score.notes.copy()
    late["onset"] += 4800
    assert notes_per_second(score.with_notes(late)) == pytest.approx(2)
    slow = replace(score, tempos=np.array([(0, 1_000_000)], dtype=TEMPO_DTYPE))
    assert notes_per_second(slow) == pytest.approx(1)


def test_drums_do_not_count() -> None:
    notes = make_notes([(0, 480, 60, 64, 0), (0, 480, 37, 64, 1), (240, 480, 38, 64, 1)])
    score = Score(notes, tracks=(Track(), Track(channel=9)))
    assert figures(score) == Figures(1, 0.0, 1.0, pytest.approx(2.0))
    assert all(counts.sum() <= 1 for counts in histograms([score]).values())


def test_histograms_count_what_their_names_say() -> None:
    chord = make_notes([(0, 480, 60, 1), (0, 240, 64, 4), (0, 480, 67, 127), (480, 960, 60, 100)])
    found = histograms([Score(chord)])
    assert list(found) == list(HISTOGRAMS)
    assert {int(at): int(found["pitch_class"][at]) for at in np.flatnonzero(found["pitch_class"])} == {0: 2, 4: 1, 7: 1}
    assert np.flatnonzero(found["note_length"]).tolist() == [8, 10, 12], "half a beat, a beat, two beats"
    assert found["inter_onset"][0] == 2
    assert found["inter_onset"][1 + 10] == 1
    assert {int(at): int(found["velocity"][at]) for at in np.flatnonzero(found["velocity"])} == {
        0: 1,
        1: 1,
        25: 1,
        31: 1,
    }


@given(scores(max_notes=12), scores(max_notes=12))
def test_pieces_add_up(one: Score, other: Score) -> None:
    apart, together = (histograms([one]), histograms([other])), histograms(iter([one, other]))
    for name in HISTOGRAMS:
        assert np.array_equal(apart[0][name] + apart[1][name], together[name])
    assert sum(together["pitch_class"]) == sum(together["note_length"]) == sum(together["velocity"])


def test_the_overlap_is_the_common_area() -> None:
    assert overlap_area(np.array([2, 2, 0]), np.array([0, 3, 1])) == pytest.approx(0.5)
    assert overlap_area(np.array([1, 3]), np.array([10, 30])) == pytest.approx(1)
    assert overlap_area(np.array([1, 0]), np.array([0, 5])) == 0
    assert overlap_area(np.array([0, 0]), np.array([0, 5])) == overlap_area(np.array([0, 5]), np.array([0, 0])) == 0


@given(scores(max_notes=12), scores(max_notes=12))
def test_the_overlap_is_a_share_and_the_same_both_ways(one: Score, other: Score) -> None:
    there, back = overlap(histograms([one]), histograms([other])), overlap(histograms([other]), histograms([one]))
    assert there == pytest.approx(back)
    assert all(0 <= area <= 1 + 1e-9 for area in there.values())
    with_itself = overlap(histograms([one]), histograms([one]))
    empty = Counter(name for name, counts in histograms([one]).items() if not counts.sum())
    assert all(area == pytest.approx(0 if name in empty else 1) for name, area in with_itself.items())
