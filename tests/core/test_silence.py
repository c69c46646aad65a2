import numpy as np

from musicgen_app.core.score import PEDAL_DTYPE, Score, make_notes
from musicgen_app.core.silence import from_tick, trimmed


def played(onsets: list[int], pedals: list[tuple[int, int]] = [], **more: object) -> Score:  # noqa: B006
    rows = make_notes([(onset, 100, 60, 64) for onset in onsets])
    return Score(rows, np.array([(at, 0, value) for at, value in pedals], dtype=PEDAL_DTYPE), **more)  # type: ignore[arg-type]


def test_music_without_a_beat_begins_and_ends_with_its_notes() -> None:
    onsets = (960 + np.cumsum(np.random.default_rng(0).integers(20, 700, 60))).tolist()
    score = played(onsets, [(480, 127), (onsets[-1] + 580, 0)])
    found = trimmed(score)
    assert found.score.notes["onset"].tolist() == [onset - onsets[0] for onset in onsets]
    end = onsets[-1] - onsets[0] + 100
    assert found.score.pedals.tolist() == [(0, 0, 127), (end, 0, 0)]
    assert found.before_sec == onsets[0] / 960
    assert found.after_sec == 0.5


def test_music_with_a_beat_keeps_its_place_in_the_bar() -> None:
    score = played([960 + 240 * step for step in range(40)])
    assert trimmed(score).score == score
    assert trimmed(score).before_sec == trimmed(score).after_sec == 0


def test_of_silence_nothing_is_taken() -> None:
    assert trimmed(Score()).score == Score()


def test_what_was_said_before_a_tick_holds_at_the_beginning() -> None:
    later = from_tick(played([0, 480, 960], [(0, 127), (960, 0)]), 480)
    assert later.notes["onset"].tolist() == [0, 480]
    assert later.pedals.tolist() == [(0, 0, 127), (480, 0, 0)]
