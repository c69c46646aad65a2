"""Pedal, tempo map, signatures and markers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicgen_app.core import edit_pedal, edit_signs, edit_tempo
from musicgen_app.core.asides import Marker
from musicgen_app.core.score import (
    MAX_MICROSECONDS_PER_BEAT,
    PEDAL_DTYPE,
    TEMPO_DTYPE,
    KeySignature,
    Score,
    TimeSignature,
    Track,
)
from musicgen_app.core.timing import TempoMap

TICKS = range(0, 120, 3)
pedal_rows = st.lists(st.tuples(st.integers(0, 100), st.integers(0, 1), st.sampled_from([0, 50, 127])), max_size=8)
tempo_rows = st.lists(st.tuples(st.integers(0, 1000), st.integers(200_000, 900_000)), max_size=6)
regions = st.tuples(st.integers(0, 1000), st.integers(0, 1000)).map(sorted)


def pedalled(*rows: tuple[int, int, int]) -> Score:
    return Score(pedals=np.array(list(rows), PEDAL_DTYPE), tracks=(Track(), Track()))


def timed(*rows: tuple[int, int]) -> Score:
    return Score(tempos=np.array(list(rows), TEMPO_DTYPE))


@given(pedal_rows, st.integers(-5, 110), st.integers(0, 110), st.sampled_from([0, 50, 127]))
def test_a_drawn_pedal_holds_from_its_start_to_its_stop_and_nowhere_else(
    rows: list[tuple[int, int, int]], start: int, stop: int, value: int
) -> None:
    score = pedalled(*rows)
    drawn = edit_pedal.draw_pedal(score, 0, start, stop, value)
    low, high = sorted((max(start, 0), stop))
    for tick in TICKS:
        wanted = value if low <= tick < high else edit_pedal.pedal_at(score, 0, tick)
        assert edit_pedal.pedal_at(drawn, 0, tick) == wanted
        assert edit_pedal.pedal_at(drawn, 1, tick) == edit_pedal.pedal_at(score, 1, tick)


def test_erasing_lets_the_pedal_up() -> None:
    score = pedalled((0, 0, 127), (50, 0, 0))
    assert edit_pedal.erase_pedal(score, 0, 10, 20).pedals.tolist() == [
        (0, 0, 127),
        (10, 0, 0),
        (20, 0, 127),
        (50, 0, 0),
    ]
    assert edit_pedal.erase_pedal(score, 0, 0, 60).pedals.tolist() == []


def test_changes_of_the_pedal_are_moved() -> None:
    score = pedalled((5, 0, 127), (50, 0, 0))
    both = np.array([0, 1])
    assert edit_pedal.move_pedal(score, both, -10).pedals["onset"].tolist() == [0, 45]
    assert edit_pedal.move_pedal(score, both[1:], -48).pedals["value"].tolist() == [0, 127]
    assert edit_pedal.move_pedal(score, both[:0], -10) == score


def test_tempo_points_are_set_moved_and_removed() -> None:
    score = edit_tempo.set_tempo(timed((0, 500_000), (100, 400_000)), 100, 60)
    assert score.tempos.tolist() == [(0, 500_000), (100, 1_000_000)]
    assert edit_tempo.move_tempo(score, 100, 50).tempos.tolist() == [(0, 500_000), (150, 1_000_000)]
    assert edit_tempo.move_tempo(score, 100, -200).tempos.tolist() == [(0, 1_000_000)]
    assert edit_tempo.move_tempo(score, 99, 50) is score
    assert edit_tempo.remove_tempos(score, 50, 101).tempos.tolist() == [(0, 500_000)]
    assert edit_tempo.microseconds(0.1) == MAX_MICROSECONDS_PER_BEAT
    assert edit_tempo.microseconds(1e12) == 1


def test_a_ramp_goes_evenly_and_replaces_what_was_there() -> None:
    score = edit_tempo.ramp_tempo(timed((0, 500_000), (150, 7), (300, 250_000)), 100, 200, 100, 200, 50)
    assert score.tempos.tolist() == [(0, 500_000), (100, 600_000), (150, 400_000), (200, 300_000), (300, 250_000)]


@given(tempo_rows, regions, st.floats(0.25, 4))
def test_a_region_made_faster_keeps_its_rubato(rows: list[tuple[int, int]], region: list[int], factor: float) -> None:
    score = timed(*rows)
    start, stop = region
    scaled = edit_tempo.scale_tempo(score, start, stop, factor)
    before, after = TempoMap(score), TempoMap(scaled)
    for tick in range(0, 1100, 13):
        share = factor if start <= tick < stop else 1
        assert after.beats_per_minute(tick) == pytest.approx(before.beats_per_minute(tick) * share, rel=1e-4)


@given(tempo_rows, regions, st.floats(40, 400))
def test_a_mean_tempo_is_reached(rows: list[tuple[int, int]], region: list[int], bpm: float) -> None:
    start, stop = region[0], region[1] + 1
    score = edit_tempo.set_mean_tempo(timed(*rows), start, stop, bpm)
    assert edit_tempo.mean_tempo(score, start, stop) == pytest.approx(bpm, rel=1e-4)


@given(tempo_rows, regions)
def test_a_ritardando_over_a_rubato_keeps_its_form(rows: list[tuple[int, int]], region: list[int]) -> None:
    score = timed(*rows)
    start, stop = region
    bent = edit_tempo.bend_tempo(score, start, stop, 1, 0.5, 10)
    before, after = TempoMap(score), TempoMap(bent)
    for tick in range(start, stop, 10):
        share = 1 - 0.5 * (tick - start) / (stop - start)
        assert after.beats_per_minute(tick) == pytest.approx(before.beats_per_minute(tick) * share, rel=1e-4)
    assert after.beats_per_minute(stop) == before.beats_per_minute(stop)


def test_a_region_goes_only_as_far_as_all_its_points_can() -> None:
    score = timed((0, 1_000_000), (100, 2_000_000))
    slow = edit_tempo.scale_tempo(score, 0, 200, 0.01).tempos["microseconds_per_beat"].tolist()
    assert slow[:2] == [round(MAX_MICROSECONDS_PER_BEAT / 2), MAX_MICROSECONDS_PER_BEAT]
    fast = edit_tempo.scale_tempo(score, 0, 200, 1e9).tempos["microseconds_per_beat"].tolist()
    assert fast[:2] == [1, 2]


def test_an_empty_region_changes_nothing() -> None:
    score = timed((0, 400_000))
    assert edit_tempo.scale_tempo(score, 10, 10, 2) is score
    assert edit_tempo.mean_tempo(score, 10, 10) == pytest.approx(150)


def test_signatures_are_put_and_taken_out_at_a_tick() -> None:
    score = edit_signs.set_time_signature(Score(), TimeSignature(100, 3, 4))
    score = edit_signs.set_time_signature(score, TimeSignature(100, 6, 8))
    assert score.time_signatures == (TimeSignature(100, 6, 8),)
    assert edit_signs.remove_time_signature(score, 99) == score
    assert edit_signs.remove_time_signature(score, 100) == Score()
    keyed = edit_signs.set_key_signature(edit_signs.set_key_signature(Score(), KeySignature(5, 1)), KeySignature(5, 2))
    assert keyed.key_signatures == (KeySignature(5, 2),)
    assert edit_signs.remove_key_signature(keyed, 5) == Score()


def test_markers_are_put_moved_and_taken_out() -> None:
    score = edit_signs.set_marker(edit_signs.set_marker(Score(), Marker(10, "A")), Marker(20, "B"))
    assert edit_signs.set_marker(score, Marker(10, "Verse")).markers == (Marker(10, "Verse"), Marker(20, "B"))
    assert edit_signs.remove_marker(score, 10).markers == (Marker(20, "B"),)
