import pytest

from musicgen_app.core.score import KeySignature, TimeSignature
from tests.midi.raw import meta, note, read, tempo

C = note(60)


def test_tempo_and_signatures_of_all_tracks_hold_for_all() -> None:
    score = read(tempo(96, 400_000), meta(0, 0x58, bytes([6, 3, 24, 8])) + C, meta(5, 0x59, b"\xfd\x01")).score
    assert score.tempos.tolist() == [(0, 500_000), (96, 400_000)]
    assert score.time_signatures == (TimeSignature(0, 6, 8),)
    assert score.key_signatures == (KeySignature(5, -3, minor=True),)


def test_of_several_at_one_tick_the_last_one_counts() -> None:
    four, three = (meta(0, 0x58, bytes([beats, 2, 24, 8])) for beats in (4, 3))
    score = read(tempo(0, 1) + tempo(0, 400_000) + four + three + C, three).score
    assert score.tempos.tolist() == [(0, 400_000)]
    assert score.time_signatures == (TimeSignature(0, 3, 4),)


def test_short_signatures_and_long_tempos_are_understood() -> None:
    reading = read(meta(0, 0x58, bytes([5, 2])) + meta(0, 0x51, b"\x06\x1a\x80\x00") + C)
    assert reading.score.time_signatures == (TimeSignature(0, 5, 4),)
    assert reading.score.tempos.tolist() == [(0, 400_000)]
    assert reading.findings == ()


@pytest.mark.parametrize(
    ("kind", "content", "words"),
    [
        (0x51, b"\0\0\0", "tempo change"),
        (0x51, b"", "tempo change"),
        (0x51, b"\x07\xa1", "tempo change"),
        (0x58, b"", "time signature"),
        (0x58, b"\x04", "time signature"),
        (0x58, b"\x00\x02\x18\x08", "time signature"),
        (0x58, b"\x04\x08\x18\x08", "time signature"),
        (0x59, b"", "key signature"),
        (0x59, b"\x08\x00", "key signature"),
        (0x59, b"\xf8\x00", "key signature"),
        (0x59, b"\x00\x02", "key signature"),
    ],
)
def test_what_makes_no_sense_is_left_out_and_told(kind: int, content: bytes, words: str) -> None:
    reading = read(meta(96 * 4, kind, content) + C)
    score = reading.score
    assert (score.tempos.tolist(), score.time_signatures, score.key_signatures) == ([(0, 500_000)], (), ())
    assert reading.findings == (f"A {words} at bar 2 makes no sense; it is left out.",)


def test_several_of_a_kind_take_one_sentence() -> None:
    reading = read(meta(96 * 8, 0x59, b"\x09\x00") + C, meta(96 * 4, 0x59, b"\x09\x00") * 3)
    assert reading.findings == ("4 key signatures make no sense, the first at bar 2; they are left out.",)
