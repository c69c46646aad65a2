"""What the roll says: names of pitches and places, the grid's list."""

from fractions import Fraction

import pytest

from musicgen_app.core.score import KeySignature, Score, TimeSignature
from musicgen_app.core.timing import Meter
from musicgen_app.ui.piano_roll.note_names import clock, is_black, pitch_name, place_name, prefers_flats
from musicgen_app.ui.piano_roll.ruler import second_step
from musicgen_app.ui.piano_roll.snap import Snap


def test_pitches_have_names_and_octaves() -> None:
    assert [pitch_name(pitch) for pitch in (0, 21, 60, 61, 108, 127)] == ["C-1", "A0", "C4", "C♯4", "C8", "G9"]
    assert pitch_name(61, flats=True) == "D♭4"
    assert [pitch % 12 for pitch in range(12) if is_black(pitch)] == [1, 3, 6, 8, 10]


def test_the_key_in_force_chooses_between_sharps_and_flats() -> None:
    score = Score(key_signatures=(KeySignature(0, -3), KeySignature(1000, 2)))
    assert prefers_flats(score, 500)
    assert not prefers_flats(score, 1000)
    assert not prefers_flats(Score(), 0)


def test_places_are_bars_beats_and_ticks() -> None:
    meter = Meter(Score(time_signatures=(TimeSignature(0, 3, 4),)))
    assert place_name(meter, 1440 + 480 + 30) == "2:2:030"
    assert place_name(meter, -5) == "1:1:000"


@pytest.mark.parametrize(
    ("seconds", "decimals", "words"), [(0, 0, "0:00"), (65.26, 1, "1:05.3"), (59.96, 1, "1:00.0"), (3600, 0, "60:00")]
)
def test_clock_times_round_without_sixty_seconds(seconds: float, decimals: int, words: str) -> None:
    assert clock(seconds, decimals) == words


def test_snap_values_are_parts_of_a_whole_note() -> None:
    assert Snap(16).whole_notes == Fraction(1, 16)
    assert Snap(8, triplet=True).whole_notes == Fraction(1, 12)
    assert Snap(4, dotted=True).whole_notes == Fraction(3, 8)
    assert Snap(None).whole_notes is None
    assert Snap(None).grid(Score()) is None
    assert Snap(None).step_grid(Score()).step == 120
    assert [Snap(4).label, Snap(None).label] == ["1/4", "Off"]


def test_the_ruler_counts_in_round_seconds() -> None:
    assert [second_step(least) for least in (0.01, 0.3, 1.5, 40.0, 5000.0)] == [0.1, 0.5, 2.0, 60.0, 7200.0]
