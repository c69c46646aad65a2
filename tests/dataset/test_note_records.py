"""A record gives the music back, and says so when it cannot."""

import numpy as np
import pytest
from hypothesis import given

from musicgen_app.core.errors import LibraryError
from musicgen_app.core.score import NOTE_DTYPE, Score, make_notes
from musicgen_app.dataset.note_records import pack, unpack
from tests.dataset.music import melody
from tests.strategies import scores


@given(scores())
def test_unpacking_undoes_packing_but_for_what_is_not_music(score: Score) -> None:
    assert unpack(memoryview(pack(score))) == score.music_alone()


def test_times_beyond_32_bits_are_kept() -> None:
    score = Score(make_notes([(2**33, 2**32, 60, 64)]))
    assert unpack(memoryview(pack(score))) == score


def test_a_note_takes_twelve_bytes() -> None:
    short, long = melody(1, notes=100, chords=False), melody(1, notes=600, chords=False)
    assert len(pack(long)) - len(pack(short)) == 500 * 12


@pytest.mark.parametrize("place", [0, 5, 9, 30, 200, -1])
def test_damage_anywhere_is_noticed(place: int) -> None:
    record = bytearray(pack(melody(2)))
    record[place] ^= 0x10
    with pytest.raises(LibraryError):
        unpack(memoryview(record))


def test_too_few_bytes_are_noticed() -> None:
    with pytest.raises(LibraryError):
        unpack(memoryview(pack(melody(2)))[:20])


def test_what_comes_back_is_a_copy_that_outlives_the_record() -> None:
    record = bytearray(pack(melody(3)))
    score = unpack(memoryview(record))
    record[:] = bytes(len(record))
    assert score == melody(3)
    assert score.notes.dtype == NOTE_DTYPE
    assert not np.shares_memory(score.notes, np.frombuffer(record, np.uint8))
