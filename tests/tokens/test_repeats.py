"""What followed the same passage before: found whole and row by row alike, in any key, and never from the future."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicgen_app.core.score import Score, make_notes
from musicgen_app.tokens.codec import Codec, Field, Rows
from musicgen_app.tokens.notes import metrical_codec
from musicgen_app.tokens.repeats import DISTANCES, LENGTHS, NOTHING, Repeats, moved, repeats

CODEC = metrical_codec()
NONE = [NOTHING] * 4 + [0, 0]


class Words:
    """As much of a codec without pitches as is looked at here; word 0 is the end."""

    fields = (Field("token", 50),)

    def pitches(self, rows: Rows) -> Rows:
        return np.full(len(rows), -1, np.int16)

    def steps(self, rows: Rows) -> np.ndarray:
        return np.zeros(len(rows), np.int64)

    def is_end(self, rows: Rows) -> np.ndarray:
        return rows[:, 0] == 0


def melody(pitches: list[int], velocities: list[int] | None = None) -> Rows:
    """Rows of eighth notes, without the end row."""
    loud = velocities if velocities is not None else [64] * len(pitches)
    notes = [(240 * at, 240, pitch, velocity) for at, (pitch, velocity) in enumerate(zip(pitches, loud, strict=True))]
    return CODEC.encode(Score(make_notes(notes)))[:-1]


def one_by_one(codec: Codec, rows: Rows) -> list[list[int]]:
    following = Repeats(codec)
    told = zip(
        rows.tolist(),
        codec.steps(rows).tolist(),
        codec.pitches(rows).tolist(),
        codec.is_end(rows).tolist(),
        strict=True,
    )
    return [following.add(*row) for row in told]


def searched(rows: Rows) -> list[list[int]]:
    """The definition, by looking everywhere: what ``repeats`` says of rows that are all notes or pedal."""
    pitches, steps = CODEC.pitches(rows).tolist(), CODEC.steps(rows).tolist()
    words, lasts, last = [], [], None
    for row, pitch, step in zip(rows.tolist(), pitches, steps, strict=True):
        words.append((step, None if last is None else pitch - last) if pitch >= 0 else tuple(row))
        last = pitch if pitch >= 0 else last
        lasts.append(last)
    found = []
    for here in range(len(rows)):
        line = list(NONE)
        for index, length in enumerate(LENGTHS):
            passage = words[here - length + 1 : here + 1]
            ends = [end for end in range(length - 1, here) if words[end - length + 1 : end + 1] == passage]
            if len(passage) == length and ends:
                line = [*rows[ends[-1] + 1].tolist(), index + 1, min(int(np.log2(here - ends[-1])), DISTANCES - 1)]
                if line[1] < 128:
                    shifted = line[1] + (lasts[here] or 0) - (lasts[ends[-1]] or 0)
                    line[1] = shifted if 0 <= shifted < 128 else NOTHING
        found.append(line)
    return found


def test_a_tune_that_returns_in_another_key_is_foretold_there() -> None:
    tune = [60, 64, 67, 72, 71, 65]
    rows = melody([*tune, 30, *(pitch + 5 for pitch in tune)], [64] * 7 + [100] * 6)
    told = repeats(CODEC, rows)
    # After three notes of it two intervals are the same; the first note came from somewhere else.
    assert told[9, :4].tolist() == [*rows[10, :3].tolist(), rows[3, 3]]
    assert [told[at, 4] for at in (8, 9, 10, 11)] == [0, 1, 2, 3]
    assert told[11, 1] == 65 + 5
    assert told[:8, :4].max() == NOTHING


def test_a_pitch_beyond_all_pitches_is_not_foretold() -> None:
    rows = melody([60, 62, 64, 90, 20, 100, 102, 104])
    assert repeats(CODEC, rows)[7].tolist() == [12, NOTHING, 12, rows[3, 3], 1, 2]
    assert one_by_one(CODEC, rows)[7] == repeats(CODEC, rows)[7].tolist()


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(60, 63), st.integers(0, 9)), max_size=150))
def test_whole_and_row_by_row_are_what_a_search_finds(told: list[tuple[int, int, int]]) -> None:
    rows = np.array([(12 * time, pitch if kind else 129, 3 * bool(kind), bool(kind)) for time, pitch, kind in told])
    rows = rows.reshape(-1, 4).astype(np.int16)
    assert repeats(CODEC, rows).tolist() == searched(rows)
    assert one_by_one(CODEC, rows) == searched(rows)


def test_long_passages_count_by_the_longest_length_they_reach() -> None:
    rng = np.random.default_rng(4)
    tune = rng.integers(40, 90, 80).tolist()
    lengths = repeats(CODEC, melody([*tune, *tune]))[80:, 4]
    reached = [sum(length <= known for length in LENGTHS) for known in range(80)]
    assert lengths.tolist() == reached


def test_nothing_is_remembered_across_an_end_and_nothing_foretold_behind_it() -> None:
    rows = np.concatenate([melody([60, 62, 64, 60, 62]), CODEC.start_row[np.newaxis], melody([60, 62, 64])])
    told = one_by_one(CODEC, rows)
    assert told[4][4] == 0
    assert told[5:] == [NONE] * 4
    assert repeats(CODEC, rows[:6])[5].tolist() == NONE


def test_a_copy_goes_on_by_itself() -> None:
    rows = melody([60, 62, 64, 60, 62, 64, 65])
    one = Repeats.of(CODEC, rows[:5])
    other = one.copy()
    one.add([12, 99, 12, 16], 12, 99, False)
    assert other.add(rows[5].tolist(), 12, 64, False) == repeats(CODEC, rows)[5].tolist()


def test_words_are_repeated_as_they_are() -> None:
    rows = np.array([[7], [8], [9], [3], [7], [8], [9], [0]], np.int16)
    assert repeats(Words(), rows)[6].tolist() == [3, 2, 2]  # type: ignore[arg-type]
    assert one_by_one(Words(), rows) == repeats(Words(), rows).tolist()  # type: ignore[arg-type]
    assert moved(Words(), rows, np.int64(3)).tolist() == rows.tolist()  # type: ignore[arg-type]


@pytest.mark.parametrize("count", [0, 1, 2])
def test_little_music_repeats_nothing(count: int) -> None:
    assert repeats(CODEC, melody([60] * count)).tolist() == [NONE] * count


def test_it_counts_how_often_in_succession_a_passage_has_come_back() -> None:
    rows = melody([60, 62, 64, 67] * 6)
    following = Repeats(CODEC)
    times = []
    for row, step, pitch in zip(rows.tolist(), CODEC.steps(rows).tolist(), CODEC.pitches(rows).tolist(), strict=True):
        following.add(row, step, pitch, False)
        times.append(following.times)
    # The second interval of the second time round is the first that stands behind a known passage.
    assert times[:6] == [0] * 6
    assert times[6:] == [(at - 5) / 4 for at in range(6, 24)]
    assert following.copy().times == times[-1]
    following.add([12, 20, 12, 16], 12, 20, False)
    assert following.times == 0


def test_a_note_struck_again_and_again_is_counted_in_pairs() -> None:
    assert Repeats.of(CODEC, melody([60] * 13)).times == 5
