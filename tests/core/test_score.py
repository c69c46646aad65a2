from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicgen_app.core.score import (
    MAX_TICK,
    NOTE_DTYPE,
    PEDAL_DTYPE,
    TEMPO_DTYPE,
    KeySignature,
    Score,
    TimeSignature,
    Track,
    make_notes,
)
from tests.strategies import note_rows, scores

TWO = (Track("right"), Track("left"))
ORDER = ("onset", "pitch", "track", "duration", "velocity")


def tempos(*rows: tuple[int, int]) -> Score:
    return Score(tempos=np.array(list(rows), dtype=TEMPO_DTYPE))


class TestNotes:
    @given(st.lists(note_rows(track_count=2), max_size=40))
    def test_notes_stand_sorted_whatever_order_they_come_in(self, rows: list[tuple[int, int, int, int, int]]) -> None:
        notes = Score(make_notes(rows), tracks=TWO).notes
        assert [tuple(note[name] for name in ORDER) for note in notes] == sorted(
            (row[0], row[2], row[4], row[1], row[3]) for row in rows
        )

    def test_notes_at_times_beyond_counting_are_sorted_too(self) -> None:
        notes = Score(make_notes([(MAX_TICK * 4, 1, 60, 1), (3, 1, 60, 1), (MAX_TICK * 4, 1, 59, 1)])).notes
        assert notes["pitch"].tolist() == [60, 59, 60]

    def test_notes_alike_in_time_and_pitch_are_sorted_by_length_and_loudness(self) -> None:
        rows = [(0, 5, 60, 9), (0, 5, 60, 3), (0, 2, 60, 127), (7, 1, 60, 1)]
        assert Score(make_notes(rows)).notes["velocity"].tolist() == [127, 3, 9, 1]
        assert Score(make_notes(rows[::-1])).notes["velocity"].tolist() == [127, 3, 9, 1]

    def test_rows_without_a_track_belong_to_the_first(self) -> None:
        assert make_notes([(0, 1, 60, 64), (0, 1, 60, 64, 1)])["track"].tolist() == [0, 1]

    def test_the_columns_cannot_be_written(self) -> None:
        score = Score(make_notes([(0, 1, 60, 64), (5, 1, 60, 64)]), np.array([(0, 0, 1)], PEDAL_DTYPE))
        for column in (score.notes, score.pedals, score.tempos):
            with pytest.raises(ValueError, match="read-only"):
                column["onset"] = 1

    def test_what_is_given_is_copied_unless_nobody_can_write_it(self) -> None:
        notes = make_notes([(0, 1, 60, 64)])
        score = Score(notes)
        notes["pitch"] = 90
        assert score.notes["pitch"].tolist() == [60]
        assert Score(score.notes).notes is score.notes
        assert Score(make_notes([(9, 1, 60, 64)])[:0]).notes.flags.owndata

    @pytest.mark.parametrize(
        ("row", "words"),
        [
            ((-1, 1, 60, 64, 0), "before tick 0"),
            ((0, 0, 60, 64, 0), "shorter than one tick"),
            ((0, 1, 128, 64, 0), "pitch"),
            ((0, 1, 60, 0, 0), "velocity"),
            ((0, 1, 60, 128, 0), "velocity"),
            ((0, 1, 60, 64, 1), "track"),
        ],
    )
    def test_impossible_notes_are_refused(self, row: tuple[int, int, int, int, int], words: str) -> None:
        with pytest.raises(ValueError, match=words):
            Score(make_notes([(5, 5, 60, 64), row]))

    def test_the_end_is_where_the_last_note_has_ended(self) -> None:
        assert Score(make_notes([(0, 100, 60, 64), (50, 10, 62, 64)])).end == 100
        assert Score().end == 0

    def test_other_notes_make_another_score(self) -> None:
        score = Score(make_notes([(0, 1, 60, 64)]), key_signatures=(KeySignature(0, 2),))
        other = score.with_notes(make_notes([(5, 1, 61, 64)]))
        assert other.notes["pitch"].tolist() == [61]
        assert other.key_signatures == score.key_signatures
        assert score.notes["pitch"].tolist() == [60]


class TestPedals:
    def test_pedals_are_sorted_and_keep_their_order_within_a_tick(self) -> None:
        rows = [(9, 1, 1), (9, 0, 2), (9, 1, 3), (4, 1, 4), (9, 1, 0)]
        score = Score(pedals=np.array(rows, PEDAL_DTYPE), tracks=TWO)
        assert score.pedals.tolist() == [(4, 1, 4), (9, 0, 2), (9, 1, 1), (9, 1, 3), (9, 1, 0)]

    @pytest.mark.parametrize(("row", "words"), [((-1, 0, 1), "before the beginning"), ((0, 0, 128), "above 127")])
    def test_impossible_pedals_are_refused(self, row: tuple[int, int, int], words: str) -> None:
        with pytest.raises(ValueError, match=words):
            Score(pedals=np.array([row], PEDAL_DTYPE))


class TestTempos:
    def test_a_score_begins_at_120_unless_it_says_other(self) -> None:
        assert Score().tempos.tolist() == [(0, 500_000)]
        assert tempos((7, 400_000)).tempos.tolist() == [(0, 500_000), (7, 400_000)]
        assert tempos((0, 400_000)).tempos.tolist() == [(0, 400_000)]

    def test_the_last_of_several_at_one_tick_counts(self) -> None:
        assert tempos((0, 1), (9, 2), (0, 3), (9, 4)).tempos.tolist() == [(0, 3), (9, 4)]

    def test_a_change_to_the_same_is_none(self) -> None:
        assert tempos((0, 3), (5, 3), (9, 4)).tempos.tolist() == [(0, 3), (9, 4)]

    @pytest.mark.parametrize("row", [(-1, 500_000), (0, 0), (0, -5), (0, 0x1000000)])
    def test_impossible_tempos_are_refused(self, row: tuple[int, int]) -> None:
        with pytest.raises(ValueError):
            tempos(row)


class TestSignaturesAndTracks:
    def test_signatures_stand_in_the_order_of_time(self) -> None:
        score = Score(
            time_signatures=(TimeSignature(9, 3, 4), TimeSignature(0, 4, 4)),
            key_signatures=(KeySignature(9, 1), KeySignature(0, -1)),
        )
        assert [signature.onset for signature in score.time_signatures] == [0, 9]
        assert [signature.fifths for signature in score.key_signatures] == [-1, 1]

    @pytest.mark.parametrize(
        "make",
        [
            lambda: TimeSignature(-1),
            lambda: TimeSignature(0, 0),
            lambda: TimeSignature(0, 256),
            lambda: TimeSignature(0, 4, 3),
            lambda: TimeSignature(0, 4, 256),
            lambda: KeySignature(-1),
            lambda: KeySignature(0, 8),
            lambda: KeySignature(0, -8),
            lambda: Track(program=128),
            lambda: Track(program=-1),
            lambda: Track(channel=16),
            lambda: Score(ticks_per_beat=0),
            lambda: Score(ticks_per_beat=32768),
        ],
    )
    def test_what_no_file_can_hold_is_refused(self, make: Callable[[], object]) -> None:
        with pytest.raises(ValueError):
            make()

    def test_channel_ten_is_percussion(self) -> None:
        assert Track(channel=9).is_percussion
        assert not Track().is_percussion


class TestEquality:
    @given(scores())
    def test_a_score_equals_its_copy_and_hashes_alike(self, score: Score) -> None:
        copy = Score(
            np.array(score.notes),
            np.array(score.pedals),
            np.array(score.tempos),
            score.time_signatures,
            score.key_signatures,
            score.tracks,
            score.ticks_per_beat,
            score.markers,
            np.array(score.controls),
            score.asides,
        )
        assert copy == score
        assert hash(copy) == hash(score)

    def test_scores_that_differ_in_anything_are_not_equal(self) -> None:
        score = Score()
        others = [
            Score(make_notes([(0, 1, 60, 64)])),
            Score(pedals=np.array([(0, 0, 127)], PEDAL_DTYPE)),
            tempos((0, 1)),
            Score(time_signatures=(TimeSignature(0),)),
            Score(key_signatures=(KeySignature(0),)),
            Score(tracks=(Track("x"),)),
            Score(ticks_per_beat=96),
        ]
        assert all(other != score for other in others)
        assert score != "score"

    def test_a_million_notes_are_fine(self) -> None:
        rng = np.random.default_rng(1)
        notes = np.zeros(1_000_000, NOTE_DTYPE)
        notes["onset"] = rng.integers(0, 10_000_000, len(notes))
        notes["pitch"] = rng.integers(0, 128, len(notes))
        notes["duration"] = notes["velocity"] = 1
        score = Score(notes)
        assert bool(np.all(np.diff(score.notes["onset"]) >= 0))
        assert Score(score.notes).notes is score.notes
