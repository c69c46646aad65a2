from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicgen_app.core.score import PEDAL_DTYPE, TEMPO_DTYPE, KeySignature, Score, TimeSignature, Track, make_notes
from musicgen_app.core.timing import TempoMap
from musicgen_app.dataset.split import from_first_bar, split_passage, validation_families
from tests.dataset.music import DRUMS, melody

sizes = st.lists(st.integers(16, 5000), min_size=2, max_size=40)


@given(sizes, st.floats(0.01, 0.5), st.integers(0, 1000))
def test_what_is_held_back_is_something_but_never_more_than_what_is_learned(
    notes: list[int], share: float, seed: int
) -> None:
    chosen = validation_families(notes, share, seed)
    held = sum(notes[family] for family in chosen)
    assert chosen
    assert held <= sum(notes) - held
    assert held <= share * sum(notes) or chosen == {notes.index(min(notes))}


@given(sizes, st.integers(0, 1000))
def test_the_same_seed_holds_back_the_same_works(notes: list[int], seed: int) -> None:
    assert validation_families(notes, 0.1, seed) == validation_families(notes, 0.1, seed)


def test_other_seeds_hold_back_other_works() -> None:
    assert len({validation_families([100] * 50, 0.1, seed) for seed in range(10)}) == 10


def test_the_share_is_met_where_works_are_small() -> None:
    assert len(validation_families([100] * 200, 0.1, 4)) == 20


def test_of_two_works_the_smaller_is_held_back() -> None:
    for seed in range(5):
        assert validation_families([300, 100], 0.1, seed) == {1}


def test_nothing_is_held_back_where_nothing_is_wanted_or_there_is_one_work() -> None:
    assert validation_families([100, 100], 0.0, 1) == frozenset()
    assert validation_families([100], 0.1, 1) == frozenset()
    assert validation_families([], 0.1, 1) == frozenset()


class TestPassage:
    def test_both_parts_together_are_the_piece_and_the_cut_is_a_bar_line(self) -> None:
        score = melody(1, 200)
        learned, held = split_passage(score, 0.2) or pytest.fail("no cut")
        assert len(learned.notes) + len(held.notes) == len(score.notes)
        cut = int(score.notes["onset"][len(learned.notes)] - held.notes["onset"][0])
        assert cut % (4 * 24) == 0
        assert len(held.notes) == pytest.approx(0.2 * len(score.notes), abs=10)
        back = held.notes.copy()
        back["onset"] += cut
        assert np.array_equal(np.concatenate([learned.notes, back]), score.notes)

    def test_bars_are_those_of_the_metre(self) -> None:
        score = replace(melody(1, 200), time_signatures=(TimeSignature(0, 3, 4),), key_signatures=(KeySignature(0, 2),))
        learned, held = split_passage(score, 0.3) or pytest.fail("no cut")
        cut = int(score.notes["onset"][len(learned.notes)] - held.notes["onset"][0])
        assert cut % 72 == 0
        assert held.time_signatures == (TimeSignature(0, 3, 4),)

    def test_pedal_and_tempo_go_on_in_the_second_part(self) -> None:
        score = melody(1, 200)
        pedals = np.array([(0, 0, 127), (score.end, 0, 0)], dtype=PEDAL_DTYPE)
        tempos = np.array([(0, 400_000), (96, 700_000)], dtype=TEMPO_DTYPE)
        _, held = split_passage(replace(score, pedals=pedals, tempos=tempos), 0.3) or pytest.fail("no cut")
        assert held.pedals[["onset", "value"]].tolist()[0] == (0, 127)
        assert held.pedals["value"].tolist() == [127, 0]
        assert TempoMap(held).second(24) == pytest.approx(0.7)

    def test_a_piece_that_is_too_short_is_not_cut(self) -> None:
        assert split_passage(melody(1, 40, chords=False), 0.1) is None
        assert split_passage(Score(), 0.1) is None
        assert split_passage(replace(melody(1), tracks=DRUMS), 0.1) is None

    def test_a_piece_in_one_bar_is_not_cut(self) -> None:
        notes = make_notes([(tick, 1, 60, 64) for tick in range(90)])
        assert split_passage(Score(notes, ticks_per_beat=24), 0.3) is None

    def test_drums_do_not_count_as_notes(self) -> None:
        score = melody(1, 40, chords=False)
        drums = np.repeat(score.notes[-1:], 100)
        drums["track"] = 1
        noisy = replace(score, notes=np.concatenate([score.notes, drums]), tracks=(Track(), *DRUMS))
        assert split_passage(noisy, 0.3) is None


class TestFirstBar:
    def test_empty_bars_before_the_first_note_are_left_out(self) -> None:
        notes = make_notes([(24 * 10, 24, 60, 64), (24 * 12, 24, 62, 64)])
        begun = from_first_bar(Score(notes, ticks_per_beat=24))
        assert begun.notes["onset"].tolist() == [24 * 2, 24 * 4]

    def test_music_that_begins_in_the_first_bar_stays_as_it_is(self) -> None:
        score = melody(1)
        assert from_first_bar(score) is score
        assert from_first_bar(Score()) == Score()
