from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicgen_app.core.score import TEMPO_DTYPE, Score, TimeSignature
from musicgen_app.core.timing import BarPosition, Meter, TempoMap
from tests.strategies import scores


def with_tempos(*rows: tuple[int, int], ticks_per_beat: int = 480) -> Score:
    return Score(tempos=np.array(list(rows), dtype=TEMPO_DTYPE), ticks_per_beat=ticks_per_beat)


def with_metres(*metres: tuple[int, int, int], ticks_per_beat: int = 480) -> Score:
    return Score(time_signatures=tuple(TimeSignature(*metre) for metre in metres), ticks_per_beat=ticks_per_beat)


def exact_seconds(score: Score, tick: int) -> Fraction:
    """Summed one tempo after the other, in fractions."""
    total = Fraction(0)
    rows = [*score.tempos.tolist(), (tick, 0)]
    for (onset, microseconds), (following, _) in pairwise(rows):
        total += Fraction(max(0, min(following, tick) - onset) * microseconds, 1_000_000 * score.ticks_per_beat)
    return total


class TestTempoMap:
    def test_at_120_a_beat_is_half_a_second(self) -> None:
        tempo = TempoMap(Score())
        assert tempo.second(480) == 0.5
        assert tempo.tick(0.5) == 480
        assert tempo.beats_per_minute(10**9) == 120.0

    def test_a_tempo_change_counts_from_its_tick(self) -> None:
        tempo = TempoMap(with_tempos((0, 500_000), (480, 1_000_000)))
        assert tempo.seconds([0, 480, 960]).tolist() == [0.0, 0.5, 1.5]
        assert tempo.ticks([0.0, 0.5, 1.5]).tolist() == [0, 480, 960]
        assert [tempo.beats_per_minute(tick) for tick in (0, 479, 480)] == [120.0, 120.0, 60.0]

    def test_before_the_beginning_time_runs_on_backwards(self) -> None:
        tempo = TempoMap(with_tempos((0, 500_000), (480, 1_000_000)))
        assert tempo.second(-480) == -0.5
        assert tempo.tick(-0.5) == -480
        assert tempo.beats_per_minute(-5) == 120.0

    @given(scores(), st.lists(st.integers(0, 10_000_000), max_size=20))
    def test_seconds_are_exact_and_lead_back_to_the_tick(self, score: Score, ticks: list[int]) -> None:
        tempo = TempoMap(score)
        seconds = tempo.seconds(ticks)
        for tick, second in zip(ticks, seconds.tolist(), strict=True):
            assert second == pytest.approx(float(exact_seconds(score, tick)), rel=1e-14, abs=1e-15)
        assert tempo.ticks(seconds).tolist() == ticks

    @given(scores(), st.lists(st.integers(0, 10_000_000), min_size=2, max_size=20))
    def test_later_ticks_are_later_in_seconds(self, score: Score, ticks: list[int]) -> None:
        seconds = TempoMap(score).seconds(sorted(set(ticks)))
        assert bool(np.all(np.diff(seconds) > 0))

    def test_the_shape_is_kept(self) -> None:
        assert TempoMap(Score()).seconds(np.zeros((2, 3), np.int64)).shape == (2, 3)

    def test_no_error_adds_up_over_a_long_piece_of_many_tempos(self) -> None:
        rows = [(tick * 7, 400_000 + tick % 977) for tick in range(20_000)]
        score = with_tempos(*rows, ticks_per_beat=96)
        assert TempoMap(score).second(140_000) == pytest.approx(float(exact_seconds(score, 140_000)), rel=1e-15)


class TestMeter:
    def test_bars_and_beats_count_from_one(self) -> None:
        meter = Meter(Score())
        assert meter.position(0) == BarPosition(1, 1, 0)
        assert meter.position(1919) == BarPosition(1, 4, 479)
        assert meter.position(1920) == BarPosition(2, 1, 0)

    def test_a_score_that_says_nothing_is_in_four_four_up_to_its_first_signature(self) -> None:
        meter = Meter(with_metres((1920, 3, 4)))
        assert meter.signature(0) == TimeSignature(0, 4, 4)
        assert meter.signature(1920) == TimeSignature(1920, 3, 4)
        assert meter.position(1920 + 1440) == BarPosition(3, 1, 0)

    def test_the_beat_is_the_note_of_the_denominator(self) -> None:
        meter = Meter(with_metres((0, 6, 8)))
        assert meter.beat_ticks(0) == 240
        assert meter.position(1439) == BarPosition(1, 6, 239)
        assert meter.bar_onset(3) == 2880

    def test_a_change_inside_a_bar_begins_a_new_bar(self) -> None:
        meter = Meter(with_metres((0, 4, 4), (1000, 3, 4)))
        assert meter.position(999) == BarPosition(1, 3, 39)
        assert meter.position(1000) == BarPosition(2, 1, 0)
        assert meter.bar_onsets(0, 2441).tolist() == [0, 1000, 2440]

    def test_of_two_signatures_at_one_tick_the_last_counts(self) -> None:
        assert Meter(with_metres((0, 3, 4), (0, 5, 4))).signature(0).numerator == 5

    def test_metres_finer_than_a_tick_still_have_bars(self) -> None:
        meter = Meter(with_metres((0, 1, 128), ticks_per_beat=1))
        assert meter.position(5) == BarPosition(6, 1, 0)
        assert meter.beat_ticks(0) == 1

    def test_before_the_beginning_bars_count_down(self) -> None:
        assert Meter(Score()).position(-1) == BarPosition(0, 4, 479)
        assert Meter(Score()).bar_onset(0) == -1920

    def test_no_bar_lines_lie_in_an_empty_span(self) -> None:
        assert Meter(Score()).bar_onsets(100, 100).tolist() == []
        assert Meter(with_metres((0, 4, 4), (9600, 3, 4))).bar_onsets(10, 1000).tolist() == []

    @given(scores(), st.integers(0, 20_000))
    def test_every_tick_lies_in_its_bar(self, score: Score, tick: int) -> None:
        meter = Meter(score)
        position = meter.position(tick)
        onset = meter.bar_onset(position.bar)
        assert onset <= tick < meter.bar_onset(position.bar + 1)
        assert onset + (position.beat - 1) * meter.beat_ticks(tick) + position.tick == tick
        assert 0 <= position.tick < meter.beat_ticks(tick)

    @given(scores(), st.integers(0, 9_000), st.integers(0, 2_000))
    def test_bar_lines_are_the_ticks_where_bars_begin(self, score: Score, start: int, length: int) -> None:
        meter = Meter(score)
        lines = meter.bar_onsets(start, start + length).tolist()
        first = meter.position(start).bar
        last = meter.position(start + length).bar
        begins = [meter.bar_onset(bar) for bar in range(first, last + 1)]
        assert lines == [onset for onset in begins if start <= onset < start + length]
