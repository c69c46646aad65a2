"""The seed codec keeps the protocol, and renders as the seeds did."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from musicgen_app.core.errors import CodecError
from musicgen_app.core.score import Score, make_notes
from musicgen_app.midi.reader import read_midi
from musicgen_app.tokens.catalogue import codec_from, rows_of_file
from musicgen_app.tokens.notes import metrical_codec
from musicgen_app.tokens.seed import MOST_WORDS, Rendering, SeedCodec, rendered, vocabulary
from musicgen_app.tokens.seed_words import chord_word, note_word
from tests.midi.raw import off, on, read

WORDS = ("0.4.7", "7", "B-3", "C#4")
CODEC = SeedCodec(WORDS)


def test_words_become_classes_and_back() -> None:
    rows = CODEC.rows_of(["C#4", "0.4.7", "C#4"])
    assert rows.tolist() == [[3], [0], [3], [4]]
    assert CODEC.words_of(rows) == ["C#4", "0.4.7", "C#4"]
    assert CODEC.words_of(rows[:2]) == ["C#4", "0.4.7"]
    assert CODEC.start_row.tolist() == [4]
    assert CODEC.fields[0].size == 5


def test_an_unknown_word_is_named() -> None:
    with pytest.raises(CodecError, match=r"1 of its words are not in the vocabulary \(the first is D4\)"):
        CODEC.rows_of(["D4", "D4", "C#4"])


def test_a_score_is_encoded() -> None:
    score = Score(make_notes([(0, 480, 61, 64), (960, 480, 60, 64), (960, 480, 64, 64), (960, 480, 67, 64)]))
    assert CODEC.encode(score).tolist() == [[3], [0], [4]]
    assert CODEC.quantise(score) == CODEC.decode(CODEC.rows_of(["C#4", "0.4.7"]))
    assert CODEC.encode(Score()).tolist() == [[4]]


def test_what_was_rendered_is_read_as_the_words_it_was() -> None:
    words = ["C#4", "C#4", "7", "0.4.7", "0.4.7", "7", "B-3", "7", "C#4", "C#4", "0.4.7"]
    rows = CODEC.rows_of(words)
    assert CODEC.encode(CODEC.decode(rows)).tolist() == rows.tolist()


def test_a_score_passes_through_even_with_strange_words() -> None:
    score = Score(make_notes([(0, 480, 62, 64), (240, 480, 65, 64), (480, 480, 77, 64), (480, 480, 65, 64)]))
    assert CODEC.quantise(score).notes["pitch"].tolist() == [62, 65, 65]


def test_files_are_read_in_their_own_order() -> None:
    apart = read(on(0, 72) + on(0, 60) + off(96, 72) + off(96, 60))
    codec = SeedCodec(("C4", "C5"))
    assert rows_of_file(codec, apart).tolist() == [[1], [0], [2]]
    notes = metrical_codec()
    assert rows_of_file(notes, apart).tolist() == notes.encode(apart.score).tolist()


def test_rendering() -> None:
    score = CODEC.decode(CODEC.rows_of(["C#4", "7"]))
    assert score.notes.tolist() == make_notes([(0, 480, 61, 90), (240, 480, 67, 90)]).tolist()
    assert score.tempos["microseconds_per_beat"].tolist() == [500_000]
    other = SeedCodec(WORDS, rendering=Rendering(1.0, 0.25, 64, 600_000, 48))
    score = other.decode(other.rows_of(["C#4", "7"]))
    assert score.notes.tolist() == make_notes([(0, 120, 61, 64), (480, 120, 55, 64)]).tolist()


def test_the_outputs_of_the_seeds_are_rendered_alike(shared: Path) -> None:
    outputs = sorted((shared / "seed" / "music_gen" / "outputs").glob("*_output.mid"))
    if not outputs:
        pytest.skip("The outputs of the seed experiments do not lie beside this checkout.")
    for path in outputs:
        theirs = read_midi(path).score
        words = []
        for moment in np.unique(theirs.notes["onset"]):
            pitches = theirs.notes["pitch"][theirs.notes["onset"] == moment].tolist()
            words.append(note_word(pitches[0]) if len(pitches) == 1 else chord_word(pitches))
        codec = SeedCodec(vocabulary(words))
        ours = codec.decode(codec.rows_of(words))
        assert (len(words), heard(ours)) == (200, heard(theirs))


def heard(score: Score) -> list[tuple[float, float, int, int]]:
    """Onset and length in beats, pitch and velocity of all notes."""
    beat = score.ticks_per_beat
    return sorted((on / beat, length / beat, pitch, loud) for on, length, pitch, loud, _ in score.notes.tolist())


def test_what_a_network_asks() -> None:
    rows = CODEC.rows_of(["7"])
    assert CODEC.allowed(0, np.empty((3, 0), np.int16)).tolist() == [[True] * 5] * 3
    assert CODEC.deciding_field(0) is None
    assert CODEC.is_note(rows).tolist() == [True, False]
    assert CODEC.is_end(rows).tolist() == [False, True]
    assert CODEC.position_fields == ()
    assert CODEC.steps(rows).tolist() == [1, 0]
    assert CODEC.positions(np.arange(2)).shape == (2, 0)
    assert CODEC.pitches(rows).tolist() == [-1, -1]
    assert CODEC.parts(rows).tolist() == [[0], [0]]
    assert CODEC.part_names == ("token",)
    assert CODEC.log_widths(rows).tolist() == [[0.0], [0.0]]
    assert CODEC.pause == 240
    assert CODEC.grid == "4 words, no times"


def test_words_stay_in_their_key() -> None:
    rows = CODEC.rows_of(["7"])
    assert CODEC.transposable(rows) == (0, 0)
    assert CODEC.transpose(rows, 0).tolist() == rows.tolist()
    with pytest.raises(CodecError, match="cannot be moved by 1"):
        CODEC.transpose(rows, 1)


@pytest.mark.parametrize("rows", [np.zeros((2, 2), np.int16), np.array([[5]]), np.array([[-1]]), np.zeros(3, np.int16)])
def test_rows_of_something_else(rows: np.ndarray) -> None:
    with pytest.raises(CodecError, match="ows"):
        CODEC.decode(rows)


def test_the_description_builds_it_again() -> None:
    codec = SeedCodec(WORDS, True, Rendering(1.0, 0.5, 64, 600_000, 48))
    assert codec_from(json.loads(json.dumps(codec.description()))) == codec


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("version", 2),
        ("words", None),
        ("words", []),
        ("words", ["C4", 4]),
        ("words", ["H4"]),
        ("words", ["D4", "C4"]),
        ("words", ["C4", "C4"]),
        ("words", [f"0.{number}" for number in range(MOST_WORDS + 1)]),
        ("first_part", 1),
        ("rendering", None),
        ("rendering", {}),
        ("rendering", {"step": 1, "length": 1.0, "velocity": 90, "tempo": 500_000, "octave": 60}),
        ("rendering", {"step": 0.0, "length": 1.0, "velocity": 90, "tempo": 500_000, "octave": 60}),
        ("rendering", {"step": 0.5, "length": 1.0, "velocity": 0, "tempo": 500_000, "octave": 60}),
        ("rendering", {"step": 0.5, "length": 1.0, "velocity": 90, "tempo": 500_000, "octave": 61}),
        ("rendering", {"step": 0.5, "length": 1.0, "velocity": 90, "tempo": 0, "octave": 60}),
    ],
)
def test_descriptions_of_no_codec(name: str, value: Any) -> None:
    with pytest.raises(CodecError):
        codec_from({**CODEC.description(), name: value})


@pytest.mark.parametrize("words", [(), ("D4", "C4"), tuple(str(number) for number in range(MOST_WORDS + 1))])
def test_vocabularies_that_are_none(words: tuple[str, ...]) -> None:
    with pytest.raises(CodecError, match=r"vocabulary"):
        SeedCodec(words)


def test_chords_are_laid_into_an_octave_by_its_number() -> None:
    usual = Rendering()
    assert (usual.octave_number, usual.octave) == (4, 60)
    for number, pitch in ((-1, 0), (5, 72), (8, 108)):
        other = usual.in_octave(number)
        assert (other.octave_number, rendered(["0", "C4"], other).notes["pitch"].tolist()) == (number, [pitch, 60])
    with pytest.raises(CodecError, match="octave"):
        usual.in_octave(9)
    assert Rendering.from_json(other.to_json()) == other
