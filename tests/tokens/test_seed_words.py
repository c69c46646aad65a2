"""Words of notes and chords."""

import pytest

from musicgen_app.core.errors import CodecError
from musicgen_app.tokens.seed_words import chord_word, is_word, normal_order, note_word, pitches_of


@pytest.mark.parametrize(
    ("pitch", "word"), [(60, "C4"), (61, "C#4"), (63, "E-4"), (66, "F#4"), (68, "G#4"), (58, "B-3"), (0, "C-1")]
)
def test_a_note_is_its_name(pitch: int, word: str) -> None:
    assert note_word(pitch) == word
    assert pitches_of(word, 60) == [pitch]


@pytest.mark.parametrize(
    ("pitches", "word"),
    [
        ((60, 64, 67), "0.4.7"),
        ((64, 67, 72), "0.4.7"),
        ((67, 71, 74), "7.11.2"),
        ((62, 74), "2"),
        ((60, 63, 66, 69), "0.3.6.9"),
        ((68, 70, 61, 63, 64, 65), "8.10.1.3.4.5"),
        ((69, 70, 74), "9.10.2"),
    ],
)
def test_a_chord_is_its_pitch_classes_in_normal_order(pitches: tuple[int, ...], word: str) -> None:
    assert chord_word(pitches) == word


def test_a_chord_lies_in_one_octave() -> None:
    assert pitches_of("7.11.2", 60) == [62, 67, 71]


def test_every_chord_has_each_of_its_classes_once() -> None:
    for mask in range(1, 4096):
        classes = [one for one in range(12) if mask >> one & 1]
        assert sorted(normal_order(classes)) == classes


@pytest.mark.parametrize(
    "word", ["", "H4", "C", "C#", "12", "0.0", "0.12", "0.", ".0", "C#10", "c4", "C4 ", "-1", "G#9"]
)
def test_other_texts_are_no_words(word: str) -> None:
    assert not is_word(word)
    with pytest.raises(CodecError, match="neither a note nor a chord"):
        pitches_of(word, 60)


@pytest.mark.parametrize(
    ("word", "pitch"), [("C-1", 0), ("E--1", 3), ("B--3", 57), ("G9", 127), ("B##3", 61), ("E#4", 65), ("C-4", 59)]
)
def test_unusual_spellings(word: str, pitch: int) -> None:
    assert is_word(word)
    assert pitches_of(word, 60) == [pitch]


def test_the_chord_of_all() -> None:
    assert is_word("0.1.2.3.4.5.6.7.8.9.10.11")
    assert not is_word("0.1.2.3.4.5.6.7.8.9.10.11.0")
