"""Every window of the joined tokens is dealt once an epoch, in an order that follows from seed and epoch."""

from pathlib import Path

import numpy as np
import pytest

from musicgen_app.core.errors import DatasetError
from musicgen_app.dataset.baselines import baselines
from musicgen_app.dataset.token_windows import TokenWindows, counted, measured_tokens
from tests.dataset.wordsets import write_words
from tests.tokens.words import WordCodec, rows_of

_TRAIN = [[0, 1, 2, 3], [4, 5], [6, 7, 8]]


def _dealt(windows: TokenWindows, epoch: int) -> list[list[int]]:
    batches = [windows.batch(epoch, index)[..., 0].tolist() for index in range(windows.batches_per_epoch)]
    return [window for batch in batches for window in batch]


def test_an_epoch_holds_every_window_of_the_joined_pieces(tmp_path: Path) -> None:
    windows = TokenWindows(write_words(tmp_path, _TRAIN, [[0] * 9]), "train", 2, 3, seed=11)
    assert windows.batches_per_epoch == 3
    assert sorted(_dealt(windows, 0)) == [list(range(first, first + 4)) for first in range(6)]
    assert _dealt(windows, 0) != _dealt(windows, 1)
    assert _dealt(windows, 0) == _dealt(TokenWindows(write_words(tmp_path, _TRAIN), "train", 2, 3, seed=11), 0)


def test_a_last_batch_is_filled_up_and_its_targets_are_the_last_tokens(tmp_path: Path) -> None:
    windows = TokenWindows(write_words(tmp_path, _TRAIN), "train", 4, 3, seed=11)
    first, last = windows.batch(2, 0), windows.batch(2, 1)
    assert last.shape == (4, 4, 1)
    assert np.array_equal(last[2:], first[:2])
    assert windows.targets(first).ravel().tolist() == first[:, 3, 0].tolist()
    with pytest.raises(IndexError, match="no batch 2"):
        windows.batch(2, 2)


def test_too_few_tokens_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="9 tokens for train, too few for a window of 9"):
        TokenWindows(write_words(tmp_path, _TRAIN), "train", 4, 9, seed=11)


def test_tokens_with_a_whole_window_before_them_are_counted() -> None:
    codec = WordCodec()
    assert counted(codec, rows_of(1, 2, 3, 4), 2).tolist() == [False, False, True, True, False]
    assert not counted(codec, rows_of(1, 2), 2).any()
    told = measured_tokens([rows_of(1, 2, 3, 4), rows_of(1)], codec, 2)
    assert told.startswith("2 of 5 held-out tokens are measured")


def test_baselines_measure_the_same_tokens() -> None:
    codec, learned, asked = WordCodec(), [rows_of(*range(9))] * 3, [rows_of(0, 1, 2, 3)]
    found = baselines(codec, learned, asked, counted=[counted(codec, asked[0], 2)])
    assert found["uniform"] == pytest.approx(np.log(10))
    assert found["unigram"] == pytest.approx(np.log(10), abs=0.01)
    fourgram, whole = found["4gram"], baselines(codec, learned, asked)["4gram"]
    assert fourgram is not None
    assert whole is not None
    assert fourgram < whole
