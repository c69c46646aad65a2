"""Finding the notes in a part of the score."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from musicgen_app.core.score import NOTE_DTYPE, Score, make_notes
from musicgen_app.ui.piano_roll.note_index import NoteIndex
from tests.strategies import scores


@given(scores(), st.integers(-10, 6000), st.integers(1, 3000), st.integers(0, 127), st.integers(0, 127))
def test_the_index_finds_what_looking_at_each_note_finds(
    score: Score, start: int, length: int, one: int, other: int
) -> None:
    index, (low, high), stop = NoteIndex(score), sorted((one, other)), start + length
    expected = [
        place
        for place, note in enumerate(score.notes)
        if note["onset"] < stop and note["onset"] + note["duration"] > start and low <= note["pitch"] <= high
    ]
    assert index.inside(start, stop, low, high).tolist() == expected
    assert index.between(start, stop).tolist() == index.inside(start, stop, 0, 127).tolist()
    assert set(index.begun(start, stop)) == {p for p, n in enumerate(score.notes) if start <= n["onset"] < stop}
    assert index.at(start, stop, low) == max(index.inside(start, stop, low, low), default=None)
    assert len(index) == len(score.notes)


def test_one_note_as_long_as_the_piece_is_found_without_looking_at_all() -> None:
    notes = np.zeros(100_000, NOTE_DTYPE)
    notes["onset"] = np.arange(100_000) * 10
    notes["duration"], notes["pitch"], notes["velocity"] = 5, 60, 64
    notes["duration"][3] = 10**7
    index = NoteIndex(Score(notes=notes))
    assert index.between(900_002, 900_012).tolist() == [3, 90_000, 90_001]
    assert int((index._block_ends > 900_000).sum()) < 50


def test_the_note_that_began_last_lies_uppermost() -> None:
    index = NoteIndex(Score(notes=make_notes([(0, 1000, 60, 64), (100, 100, 60, 64)])))
    assert index.at(150, 151, 60) == 1
    assert index.at(500, 501, 60) == 0
    assert index.at(500, 501, 61) is None
