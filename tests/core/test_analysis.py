import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicgen_app.core.analysis import (
    DURATION_CENTRES_BEATS,
    Spread,
    beat_strength,
    duration_counts,
    has_beat,
    length_sec,
    piano_notes,
    pitch_counts,
    pitch_range,
    polyphony,
    spread,
    tempos_by_notes,
    velocity_counts,
)
from musicgen_app.core.score import NOTE_DTYPE, TEMPO_DTYPE, Score, Track, make_notes


def score_at(onsets: np.ndarray, beat: int = 480) -> Score:
    notes = np.zeros(len(onsets), dtype=NOTE_DTYPE)
    notes["onset"] = onsets
    notes["duration"], notes["pitch"], notes["velocity"] = 10, 60, 64
    return Score(notes, ticks_per_beat=beat)


def test_drums_are_not_piano_notes() -> None:
    tracks = (Track(), Track(channel=9))
    score = Score(make_notes([(0, 1, 60, 64, 0), (0, 1, 36, 64, 1)]), tracks=tracks)
    assert piano_notes(score)["pitch"].tolist() == [60]
    assert piano_notes(Score()) is Score().notes or len(piano_notes(Score())) == 0


def test_the_length_in_seconds_follows_the_tempo() -> None:
    tempos = np.array([(0, 500_000), (480, 1_000_000)], dtype=TEMPO_DTYPE)
    assert length_sec(Score(make_notes([(0, 960, 60, 64)]), tempos=tempos)) == pytest.approx(1.5)
    assert length_sec(Score()) == 0


def test_pitches_and_velocities_are_counted() -> None:
    notes = make_notes([(0, 1, 60, 64), (0, 1, 72, 64), (5, 1, 60, 100)])
    assert pitch_range(notes) == (60, 72)
    assert pitch_range(notes[:0]) is None
    assert pitch_counts(notes)[[60, 72]].tolist() == [2, 1]
    assert velocity_counts(notes)[[64, 100]].tolist() == [2, 1]
    assert len(pitch_counts(notes[:0])) == len(velocity_counts(notes[:0])) == 128


def test_durations_are_counted_under_the_nearest_length_in_octaves() -> None:
    notes = make_notes([(0, 480, 60, 64), (0, 470, 61, 64), (0, 240, 62, 64), (0, 1, 63, 64), (0, 480_000, 64, 64)])
    counts = dict(zip(DURATION_CENTRES_BEATS.tolist(), duration_counts(notes, 480).tolist(), strict=True))
    assert (counts[1.0], counts[0.5], counts[2.0**-5], counts[32.0]) == (2, 1, 1, 1)
    assert sum(counts.values()) == 5


def test_polyphony_counts_notes_that_sound_together() -> None:
    notes = make_notes([(0, 10, 60, 64), (5, 10, 64, 64), (20, 10, 60, 64)])
    found = polyphony(notes)
    assert found.highest == 2
    assert found.mean == pytest.approx((15 + 5 + 10) / 25)


def test_a_note_that_ends_where_another_begins_does_not_sound_with_it() -> None:
    assert polyphony(make_notes([(0, 10, 60, 64), (10, 10, 62, 64)])).highest == 1
    assert polyphony(make_notes([])).highest == 0


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 30), st.integers(0, 127)), min_size=1, max_size=20))
def test_polyphony_agrees_with_counting_tick_by_tick(rows: list[tuple[int, int, int]]) -> None:
    notes = make_notes([(*row, 64) for row in rows])
    sounding = [sum(onset <= tick < onset + length for onset, length, _ in rows) for tick in range(80)]
    heard = [count for count in sounding if count]
    assert polyphony(notes).highest == max(heard)
    assert polyphony(notes).mean == pytest.approx(sum(heard) / len(heard))


@pytest.mark.parametrize("step", [480, 240, 160, 120, 80, 60, 40, 20])
def test_music_on_a_grid_has_a_beat(step: int) -> None:
    rng = np.random.default_rng(1)
    score = score_at(np.cumsum(rng.integers(1, 5, 200) * step))
    assert beat_strength(score) == pytest.approx(1)
    assert has_beat(score)


def test_music_a_little_beside_the_grid_still_has_a_beat() -> None:
    rng = np.random.default_rng(2)
    onsets = np.arange(300) * 120 + rng.normal(0, 20, 300) + 500
    assert has_beat(score_at(onsets.astype(np.int64)))


def test_music_played_freely_has_none() -> None:
    rng = np.random.default_rng(3)
    for _ in range(20):
        score = score_at(np.cumsum(rng.integers(1, 500, 300)))
        assert not has_beat(score)
        assert beat_strength(score) < 0.2


def test_a_few_notes_are_given_the_benefit_of_the_doubt() -> None:
    assert has_beat(score_at(np.array([3, 118, 407])))
    assert beat_strength(score_at(np.array([7, 7]))) == 1


def test_tempos_are_weighed_by_the_notes_struck_in_them() -> None:
    tempos = np.array([(0, 500_000), (100, 400_000), (200, 500_000)], dtype=TEMPO_DTYPE)
    notes = make_notes([(0, 1, 60, 64), (100, 1, 60, 64), (150, 1, 60, 64), (200, 1, 60, 64), (300, 1, 60, 64)])
    rates, counts = tempos_by_notes(Score(notes, tempos=tempos))
    assert (rates.tolist(), counts.tolist()) == ([400_000, 500_000], [2, 3])


def test_a_spread_has_quartiles_that_occur() -> None:
    assert spread(np.array([])) is None
    assert spread(np.array([7, 1, 3, 3, 9, 5, 2, 8])) == Spread(1, 2, 3, 7, 9, 7)
