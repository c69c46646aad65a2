from collections import Counter
from itertools import pairwise
from math import ceil
from pathlib import Path

import numpy as np
import pytest

from musicgen_app.core.errors import DatasetError
from musicgen_app.core.score import Score, make_notes
from musicgen_app.dataset.store import Dataset, Piece, write_dataset
from musicgen_app.dataset.windows import HIGHEST_SHIFT, LOWEST_SHIFT, Windows
from musicgen_app.tokens.context import NO_PITCH, Shown, wide_rows
from musicgen_app.tokens.notes import END_CLASS, PITCH, metrical_codec
from tests.dataset.music import melody

CODEC = metrical_codec()


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    """Seven pieces, some shorter than a window."""
    lengths = [40, 3, 90, 17, 200, 5, 60]
    made = [
        (Piece(str(seed), f"{seed}.mid", "train", 0, 0, 0, seed), CODEC.encode(melody(seed, length)))
        for seed, length in enumerate(lengths)
    ]
    held = Piece("held", "held.mid", "validation", 0, 0, 0, 7)
    return write_dataset(tmp_path, CODEC, [*made, (held, CODEC.encode(melody(7, 50)))])


def pairs_of(rows: np.ndarray) -> Counter[tuple[tuple[int, ...], tuple[int, ...]]]:
    """How often each row is predicted from each row before it."""
    listed = [tuple(row) for row in rows.tolist()]
    return Counter(pairwise(listed))


def dealt(windows: Windows, epoch: int) -> Counter[tuple[tuple[int, ...], tuple[int, ...]]]:
    """The pairs that count in an epoch."""
    found: Counter[tuple[tuple[int, ...], tuple[int, ...]]] = Counter()
    for index in range(windows.batches_per_epoch):
        batch, mask = windows.batch(epoch, index), windows.mask(epoch, index)
        for window, counted in zip(batch.tolist(), mask, strict=True):
            for place in np.flatnonzero(counted):
                found[tuple(window[place]), tuple(window[place + 1])] += 1
    return found


@pytest.mark.parametrize(("batch", "length"), [(4, 16), (1, 1), (64, 300), (3, 7), (5, 1000)])
def test_every_row_is_predicted_once_an_epoch_from_the_row_before_it(dataset: Dataset, batch: int, length: int) -> None:
    expected = sum(
        (pairs_of(np.vstack([CODEC.start_row, dataset.rows(piece)])) for piece in dataset.pieces_of("train")), Counter()
    )
    windows = Windows(dataset, "train", batch, length, seed=3)
    for epoch in (0, 5):
        assert dealt(windows, epoch) == expected


def test_every_batch_is_full(dataset: Dataset) -> None:
    windows = Windows(dataset, "train", 8, 32, seed=0)
    for index in range(windows.batches_per_epoch):
        batch = windows.batch(0, index)
        assert batch.shape == (8, 33, 4)
        assert batch.dtype == np.int16
        assert windows.mask(0, index).shape == (8, 32)


def test_a_batch_depends_on_seed_epoch_and_index_alone(dataset: Dataset) -> None:
    one = Windows(dataset, "train", 4, 16, seed=9, transpose=True)
    seen = {(epoch, index): one.batch(epoch, index) for epoch in (0, 1, 2) for index in (0, 1, 2)}
    other = Windows(dataset, "train", 4, 16, seed=9, transpose=True)
    for epoch, index in [(2, 1), (0, 0), (1, 2), (0, 2), (2, 1)]:
        assert np.array_equal(other.batch(epoch, index), seen[epoch, index])
    assert len({batch.tobytes() for batch in seen.values()}) == len(seen)
    assert not np.array_equal(Windows(dataset, "train", 4, 16, seed=8).batch(0, 0), one.batch(0, 0))


def test_the_context_of_a_window_is_that_of_the_whole_piece(dataset: Dataset) -> None:
    shown = Shown(positions=True, recent=3, repeats=True)
    known = set()
    for piece in dataset.pieces_of("train"):
        wide = wide_rows(CODEC, np.vstack([CODEC.start_row, dataset.rows(piece)]), shown)
        known |= {tuple(row) for row in wide.tolist()}
    windows = Windows(dataset, "train", 4, 16, seed=9, shown=shown)
    seen = [tuple(row) for index in range(windows.batches_per_epoch) for row in windows.batch(1, index).reshape(-1, 16)]
    # The end row of a piece stands before the first row of the next: its place in the bar is the old piece's.
    assert {row for row in seen if row[PITCH] != END_CLASS} <= known
    assert {row[7:] for row in seen if row[PITCH] == END_CLASS} == {(NO_PITCH,) * 7 + (0, 0)}


def test_what_followed_before_is_transposed_with_the_notes(dataset: Dataset) -> None:
    plain = Windows(dataset, "train", 16, 16, seed=2, shown=Shown(repeats=True))
    moved = Windows(dataset, "train", 16, 16, seed=2, transpose=True, shown=Shown(repeats=True))
    before, after = plain.batch(0, 0).astype(int), moved.batch(0, 0).astype(int)
    again, sounds = before[..., 4 + PITCH], CODEC.is_note(before[..., :4])
    for window in range(16):
        shift = set((after - before)[window, sounds[window], PITCH].tolist()).pop()
        known = (again[window] >= 0) & (again[window] < END_CLASS)
        assert set((after[window, known, 4 + PITCH] - again[window, known]).tolist()) <= {shift}
    assert ((again >= 0) & (again < END_CLASS)).sum() > 20
    assert np.array_equal(np.delete(before, [PITCH, 4 + PITCH], 2), np.delete(after, [PITCH, 4 + PITCH], 2))


def test_recent_pitches_are_transposed_with_the_notes(dataset: Dataset) -> None:
    windows = Windows(dataset, "train", 8, 16, seed=2, transpose=True, shown=Shown(recent=2))
    for row, after in pairwise(windows.batch(0, 1)[3].tolist()):
        if after[PITCH] < END_CLASS:
            assert after[4] == after[PITCH]
        if row[PITCH] < END_CLASS and after[PITCH] < END_CLASS:
            assert after[5] == row[PITCH]


def test_transposing_moves_whole_windows_and_nothing_else(dataset: Dataset) -> None:
    plain = Windows(dataset, "train", 16, 16, seed=2)
    moved = Windows(dataset, "train", 16, 16, seed=2, transpose=True)
    shifts = set()
    for index in range(plain.batches_per_epoch):
        before, after = plain.batch(0, index).astype(int), moved.batch(0, index).astype(int)
        note = CODEC.is_note(before)
        assert np.array_equal(np.delete(before, PITCH, axis=2), np.delete(after, PITCH, axis=2))
        assert np.array_equal(before[~note], after[~note])
        for old, new, sounds in zip(before, after, note, strict=True):
            steps = set((new - old)[sounds, PITCH].tolist())
            assert len(steps) == 1
            shifts |= steps
    assert min(shifts) >= LOWEST_SHIFT
    assert max(shifts) <= HIGHEST_SHIFT
    assert len(shifts) > 6


def test_no_note_is_transposed_out_of_the_pitches(tmp_path: Path) -> None:
    low_and_high = Score(make_notes([(24 * step, 24, pitch, 64) for step in range(30) for pitch in (1, 126)]))
    piece = Piece("edges", "edges.mid", "train", 0, 0, 0, 0)
    dataset = write_dataset(tmp_path, CODEC, [(piece, CODEC.encode(low_and_high))])
    windows = Windows(dataset, "train", 32, 8, seed=1, transpose=True)
    pitches = {int(pitch) for row in windows.batch(0, 0) for pitch in row[CODEC.is_note(row), PITCH]}
    assert pitches == {0, 1, 2, 125, 126, 127}


def test_counts_are_those_of_the_side(dataset: Dataset) -> None:
    windows = Windows(dataset, "validation", 2, 16, seed=0)
    rows = dataset.rows(dataset.pieces_of("validation")[0])
    assert windows.notes_per_epoch == dataset.note_count("validation")
    assert windows.batches_per_epoch == ceil(ceil(len(rows) / 16) / 2)


def test_a_batch_may_be_written_to(dataset: Dataset) -> None:
    windows = Windows(dataset, "train", 2, 8, seed=0)
    windows.batch(0, 0)[:] = 0
    assert windows.batch(0, 0).any()


def test_requests_that_make_no_sense_are_refused(dataset: Dataset, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least one"):
        Windows(dataset, "train", 0, 8, seed=0)
    windows = Windows(dataset, "train", 2, 8, seed=0)
    with pytest.raises(IndexError):
        windows.batch(0, windows.batches_per_epoch)
    (tmp_path / "one").mkdir()
    piece = Piece("only", "only.mid", "train", 0, 0, 0, 0)
    lonely = write_dataset(tmp_path / "one", CODEC, [(piece, CODEC.encode(melody(1)))])
    with pytest.raises(DatasetError, match="validation"):
        Windows(lonely, "validation", 2, 8, seed=0)
