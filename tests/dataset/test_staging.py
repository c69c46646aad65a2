from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from musicgen_app.core.score import TEMPO_DTYPE, Score, make_notes
from musicgen_app.dataset.staging import Staged, Staging, grid_for, usual_tempo
from musicgen_app.tokens.notes import metrical_codec, seconds_codec
from tests.dataset.music import melody


def free(seed: int, notes: int) -> Score:
    rng = np.random.default_rng(seed)
    onsets = np.cumsum(rng.integers(1, 500, notes))
    return Score(make_notes((int(onset), 100, 60 + index % 12, 64) for index, onset in enumerate(onsets)))


@pytest.fixture
def staging(tmp_path: Path) -> Staging:
    return Staging(tmp_path, ("metrical", "seconds"), pedal=True)


def test_rows_of_every_grid_come_back(staging: Staging) -> None:
    staged = [staging.add(melody(seed)) for seed in range(4)]
    for seed, one in enumerate(staged):
        assert np.array_equal(staging.rows("metrical", one.laid["metrical"]), metrical_codec().encode(melody(seed)))
        assert np.array_equal(staging.rows("seconds", one.laid["seconds"]), seconds_codec().encode(melody(seed)))


def test_equal_notes_have_equal_digests(staging: Staging) -> None:
    one, same, other = (staging.add(melody(seed)) for seed in (1, 1, 2))
    assert one.laid["metrical"].digest == same.laid["metrical"].digest != other.laid["metrical"].digest


def test_what_is_shortened_or_merged_is_counted(staging: Staging) -> None:
    notes = [(0, 480, 60, 64), (0, 240, 60, 64), (480 * 100, 480 * 70, 60, 64)]
    staged = staging.add(Score(make_notes(notes)))
    assert (staged.notes, staged.merged) == (3, 1)
    laid = staged.laid["metrical"]
    assert (laid.long_gaps, laid.long_notes) == (1, 1)


def test_nothing_is_left_when_it_is_cleared(staging: Staging, tmp_path: Path) -> None:
    staging.add(melody(1))
    staging.clear()
    staging.clear()
    assert list(tmp_path.iterdir()) == []


def test_the_grid_suits_most_of_the_notes(staging: Staging) -> None:
    on_the_beat, freely = staging.add(melody(1, 300)), staging.add(free(1, 350))
    assert (on_the_beat.beat, freely.beat) == (True, False)
    assert grid_for([on_the_beat, freely]) == "metrical"
    assert grid_for([on_the_beat, freely, freely]) == "seconds"


def in_tempo(staging: Staging, seed: int, tempo: int, notes: int) -> Staged:
    score = replace(melody(seed, notes, chords=False), tempos=np.array([(0, tempo)], dtype=TEMPO_DTYPE))
    return staging.add(score)


def test_the_usual_tempo_is_the_median_by_notes(staging: Staging) -> None:
    pieces = [
        in_tempo(staging, 1, 300_000, 40),
        in_tempo(staging, 2, 500_000, 100),
        in_tempo(staging, 3, 900_000, 50),
    ]
    assert usual_tempo(pieces) == 500_000
