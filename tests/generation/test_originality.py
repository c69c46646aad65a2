"""Copies are found in any key and tempo, with the places they come from; nothing else is."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from musicgen_app.core.errors import Cancelled
from musicgen_app.core.progress import CancelToken
from musicgen_app.core.score import NOTE_DTYPE, Score, TimeSignature, Track
from musicgen_app.dataset.store import Dataset
from musicgen_app.generation.originality import CopyFinder
from musicgen_app.tokens.notes import seconds_codec
from tests.dataset.music import DRUMS
from tests.generation.tunes import BEAT, cut, finder, joined, tune, written


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    waltz = replace(tune(2), time_signatures=(TimeSignature(0, 3, 4),))
    return written(tmp_path, tune(1), waltz, tune(3), tune(4), held=1)


def test_two_copies_in_other_keys_and_tempos_are_found_with_their_places(dataset: Dataset) -> None:
    new = [cut(tune(seed), 0, 60) for seed in (21, 22, 23)]
    first, second = cut(tune(2), 50, 90, 5, 2.0), cut(tune(3), 120, 145, -4, 0.5)
    take = joined(new[0], first, new[1], second, new[2])
    copies = finder(dataset).check(take)
    assert [(run.first, run.notes, run.same_rhythm) for run in copies.runs] == [(60, 40, True), (160, 25, True)]
    assert [(run.source.title, run.source.note) for run in copies.runs] == [("Piece 1", 50), ("Piece 2", 120)]
    assert (copies.longest, copies.longest_run, copies.longest_pitch_run) == (copies.runs[0], 40, 40)
    assert copies.notes == 245
    assert copies.shares == {8: pytest.approx(65 / 245), 12: pytest.approx(65 / 245), 20: pytest.approx(65 / 245)}
    onsets = take.notes["onset"]
    for run in copies.runs:
        assert (run.onset, run.end) == (onsets[run.first], onsets[run.first + run.notes])
        assert run.bar == run.onset // (4 * BEAT) + 1
    sources = [int(tune(piece).notes["onset"][note]) for piece, note in ((2, 50), (3, 120))]
    assert [run.source.bar for run in copies.runs] == [sources[0] // (3 * BEAT) + 1, sources[1] // (4 * BEAT) + 1]
    assert [run.source.second for run in copies.runs] == pytest.approx([tick / BEAT / 2 for tick in sources])


def test_a_copy_in_an_even_rhythm_is_found_by_its_pitches(dataset: Dataset) -> None:
    flat = cut(tune(1), 30, 80)
    flat["onset"] = np.arange(50) * BEAT // 2
    copies = finder(dataset).check(joined(cut(tune(21), 0, 40), flat))
    assert copies.longest_pitch_run == 50
    assert copies.longest_run < 20
    (run,) = copies.runs
    assert (run.first, run.notes, run.same_rhythm) == (40, 50, False)
    assert (run.source.title, run.source.note) == ("Piece 0", 30)
    assert copies.longest_pitches == run
    assert copies.shares[20] == pytest.approx(50 / 90)


def test_a_whole_piece_is_copied_from_its_first_note_to_its_last(dataset: Dataset) -> None:
    copies = finder(dataset).check(tune(3))
    assert copies.longest_run == copies.longest_pitch_run == copies.notes == 200
    assert copies.shares == {8: 1.0, 12: 1.0, 20: 1.0}
    (run,) = copies.runs
    assert (run.onset, run.end) == (int(tune(3).notes["onset"][0]), tune(3).end)


def test_chords_are_copied_with_their_notes(tmp_path: Path) -> None:
    chords = tune(5, 90, chords=True)
    copies = finder(written(tmp_path, chords, tune(1))).check(Score(cut(chords, 20, 70, 3, 3.0)))
    assert copies.longest_run == 50


def test_only_training_pieces_are_sources(dataset: Dataset) -> None:
    assert finder(dataset).check(tune(4)).longest_run < 8


def test_what_a_take_goes_on_from_is_not_looked_at(dataset: Dataset) -> None:
    prompt = cut(tune(1), 0, 64)
    take = joined(prompt, cut(tune(21), 0, 40), cut(tune(2), 30, 60))
    copies = finder(dataset).check(take, skipped=64)
    assert copies.notes == 70
    (run,) = copies.runs
    assert (run.first, run.notes, run.source.title) == (104, 30, "Piece 1")
    assert run.onset == take.notes["onset"][104]
    assert copies.shares[8] == pytest.approx(30 / 70)


def test_of_runs_inside_each_other_only_the_longest_counts(tmp_path: Path) -> None:
    piece = tune(1)
    dataset = written(tmp_path, piece, Score(cut(piece, 40, 60)))
    (run,) = finder(dataset).check(Score(cut(piece, 30, 70))).runs
    assert (run.notes, run.source.title, run.source.note) == (40, "Piece 0", 30)


def test_of_several_places_the_first_is_told(tmp_path: Path) -> None:
    part = cut(tune(1), 0, 40)
    dataset = written(tmp_path, tune(2), joined(cut(tune(3), 0, 30), part, part), Score(part))
    run = finder(dataset).check(Score(part)).longest
    assert run is not None
    assert (run.source.title, run.source.note) == ("Piece 1", 30)


def test_music_off_the_grid_is_found_at_its_own_ticks(dataset: Dataset) -> None:
    """A file in another resolution, a little uneven, with drums and a doubled note."""
    chords = tune(5, 60, chords=True)
    copy = cut(chords, 0, 60)
    rng = np.random.default_rng(0)
    copy["onset"] = copy["onset"] * 2 + rng.integers(0, 8, 60) + 5000
    drums = np.array([(tick, 100, 36, 90, 1) for tick in range(0, 60_000, 960)], dtype=NOTE_DTYPE)
    take = Score(np.concatenate([copy, drums]), tracks=(Track(), DRUMS[0]), ticks_per_beat=2 * BEAT)
    known = finder(written(dataset.folder / "chords", chords, tune(1)))
    (run,) = known.check(take).runs
    assert (run.notes, run.first) == (60, 0)
    assert abs(run.onset - 5000) < 8
    assert run.end == Score(copy).end
    doubled = np.concatenate([take.notes, replace(take, notes=copy[:1]).notes])
    (again,) = known.check(take.with_notes(doubled)).runs
    assert (again.notes, again.bar) == (60, run.bar)


def test_without_a_beat_a_place_is_a_time(tmp_path: Path) -> None:
    dataset = written(tmp_path, tune(1), tune(2), codec=seconds_codec())
    run = finder(dataset).check(Score(cut(tune(2), 100, 150))).longest
    assert run is not None
    assert (run.notes, run.source.bar) == (50, None)
    assert run.source.second == pytest.approx(int(tune(2).notes["onset"][100]) / BEAT / 2, abs=0.01)


@pytest.mark.parametrize("notes", [0, 1])
def test_where_there_are_no_two_notes_nothing_is_copied(dataset: Dataset, notes: int) -> None:
    copies = finder(dataset).check(Score(tune(1).notes[:notes]))
    assert (copies.notes, copies.longest, copies.longest_run, copies.longest_pitch_run) == (notes, None, 0, 0)
    assert copies.runs == ()
    assert copies.shares == {8: 0.0, 12: 0.0, 20: 0.0}


def test_two_notes_a_rare_step_apart_stand_nowhere(dataset: Dataset) -> None:
    far = tune(1).notes[:2].copy()
    far["pitch"] = (20, 110)
    copies = finder(dataset).check(Score(far))
    assert (copies.longest, copies.longest_pitches) == (None, None)


def test_reading_can_be_stopped(dataset: Dataset) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        CopyFinder(dataset, cancel)
