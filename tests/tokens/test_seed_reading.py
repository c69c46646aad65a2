"""The words of MIDI files equal those of music21 9.1.0, token for token."""

import hashlib
import pickletools
import warnings
from pathlib import Path

import pytest

from musicgen_app.midi.reader import read_midi
from musicgen_app.tokens.seed_reading import first_parts, lost_notes, score_words, seed_words
from tests.midi.raw import DIVISION, meta, midi, note, off, on, program, read, tempo

BEAT, BAR = DIVISION, 4 * DIVISION

MUSIC21_SAYS = {
    "ballade2": (1283, "457807d9ff6099d8"),
    "ballade3": (1878, "22d3a9af23a5200e"),
    "ballade4": (2682, "327ede63108533f7"),
    "chet1001": (1328, "52522232df6b5777"),
    "chet1002": (806, "1d235366f69b8773"),
    "chet1003": (1157, "421f205b7ad93fc8"),
    "chet1005": (634, "7b550f266c0387e0"),
    "chet1006": (821, "ef3d1574a7fd88b3"),
    "chet2511": (1436, "0b29b0cb27bd0686"),
    "chet2512": (938, "9ea5b07b9353bf20"),
    "chno0902": (928, "d638d8d3557b4525"),
    "chno1501": (1607, "a9562f72920e11c2"),
    "chno1502": (927, "9346f062efb8f496"),
    "chno1503": (736, "b6428ef632573a57"),
    "chno2701": (1332, "ccd1a110f8ad9117"),
    "chno2702": (1633, "55debada7672fe50"),
    "chno3702": (1346, "393c2ce6cd44aa7a"),
    "chno4801": (1286, "d266049d8ca92f50"),
    "chno4802": (1769, "d27f7f459a308a49"),
    "chno5501": (1153, "01494cf026765e5c"),
    "chno5502": (1356, "e7f7cbdaabf3eb11"),
    "chpson3a": (3471, "348db5c5a5f1901e"),
    "chpson3b": (1067, "1ade9c6ffee896a4"),
    "chpson3c": (1742, "d15438981891128f"),
    "chpson3d": (2403, "e026abef5861da8f"),
}
"""Number and hash of the words of ``converter.parse(file).flatten().notes``."""


@pytest.fixture(scope="module")
def training(shared: Path) -> list[Path]:
    found = sorted((shared / "seed" / "music_gen" / "data" / "chopin_midi" / "train").glob("*.mid"))
    if not found:
        pytest.skip("The training files of the seed experiments do not lie beside this checkout.")
    return found


def test_all_parts_of_the_training_files(training: list[Path]) -> None:
    for path in training:
        words = seed_words(read_midi(path))
        assert (len(words), hashlib.sha256(" ".join(words).encode()).hexdigest()[:16]) == MUSIC21_SAYS[path.stem]


def test_the_first_parts_are_the_seeds_own_list(training: list[Path], shared: Path) -> None:
    listed = shared / "seed" / "music_gen" / "data" / "notes_chopin_train"
    theirs = [word for code, word, _ in pickletools.genops(listed.read_bytes()) if code.name == "SHORT_BINUNICODE"]
    assert (len(theirs), len(set(theirs))) == (25_134, 702)
    readings = [read_midi(path) for path in training]
    files = [words for words in (seed_words(reading, first_part=True) for reading in readings) if words]
    assert len(files) == 17
    assert sum(lost_notes(reading) for reading in readings) == 14_591
    at = 0
    while files:  # they lie in the order in which a disk listed them
        words = next(words for words in files if theirs[at : at + len(words)] == words)
        at += len(words)
        files.remove(words)
    assert at == len(theirs)


@pytest.mark.slow
def test_the_oracle_itself(shared: Path) -> None:
    converter = pytest.importorskip("music21.converter", reason="music21 is not installed.")
    chord = pytest.importorskip("music21.chord")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for path in sorted((shared / "corpus").glob("*/chpn-p*.mid"))[:6]:
            notes = converter.parse(str(path), forceSource=True).flatten().notes
            words = [
                ".".join(map(str, one.normalOrder)) if isinstance(one, chord.Chord) else str(one.pitch) for one in notes
            ]
            assert seed_words(read_midi(path)) == words


def test_notes_that_begin_and_end_together_are_a_chord() -> None:
    assert seed_words(read(on(0, 60) + on(5, 64) + off(BEAT, 60) + off(3, 64))) == ["0.4"]


def test_notes_of_one_name_are_a_chord_of_one_digit() -> None:
    assert seed_words(read(on(0, 60) + on(0, 72) + off(BEAT, 60) + off(0, 72))) == ["0"]


def test_notes_that_end_apart_stay_apart_in_the_order_of_the_file() -> None:
    apart = on(0, 72) + on(0, 60) + off(BEAT, 72) + off(BEAT, 60)
    assert seed_words(read(apart)) == ["C5", "C4"]
    assert score_words(read(apart).score) == ["C4", "C5"]


def test_a_note_can_be_in_two_chords() -> None:
    struck = on(0, 60) + on(10, 62) + on(10, 64)
    assert seed_words(read(struck + off(60, 60) + off(22, 64) + off(20, 62))) == ["0.4", "2.4"]


def test_a_note_longer_than_its_bar_is_struck_again() -> None:
    assert seed_words(read(note(60, 2 * BAR))) == ["C4", "C4"]
    signature = meta(0, 0x58, bytes([2, 2, 24, 8]))
    assert seed_words(read(signature + note(60, 2 * BAR))) == ["C4"] * 4


def test_ties_lead_into_voices_and_out_of_them() -> None:
    into = note(62, 2 * BEAT) + on(0, 60) + off(3 * BEAT, 60)
    voices = on(0, 64) + on(0, 67) + off(BEAT, 64) + off(BEAT, 67)
    assert seed_words(read(into + voices)) == ["D4", "C4", "C4", "E4", "G4"]
    out_of = on(0, 64) + on(0, 67) + off(5 * BEAT, 64) + off(BEAT, 67) + note(60)
    assert seed_words(read(out_of)) == ["E4", "G4", "E4", "G4", "C4"]
    both = on(0, 64) + on(0, 67) + off(5 * BEAT, 64) + on(0, 62) + off(BEAT, 67) + off(0, 62)
    assert seed_words(read(both + note(60)))[:2] == ["E4", "G4"]


def test_ties_between_voices() -> None:
    first = on(0, 64) + on(0, 67) + off(5 * BEAT, 64) + off(BEAT, 67)
    second = on(0, 60) + on(0, 72) + off(BEAT // 2, 60) + off(BEAT, 72)
    assert sorted(seed_words(read(first + second))) == ["C4", "C5", "E4", "E4", "G4", "G4"]


def test_marks_of_a_part_are_places_too() -> None:
    assert seed_words(read(tempo(0, 500_000) + note(60) + tempo(9 * BAR, 400_000))) == ["C4"]


def test_nothing_gives_nothing() -> None:
    nothing = read(b"")
    assert (seed_words(nothing), score_words(nothing.score)) == ([], [])
    assert (seed_words(nothing, first_part=True), lost_notes(nothing)) == ([], 0)


def test_drums_are_no_words() -> None:
    drums = read(note(36, channel=9), note(60))
    assert (seed_words(drums), score_words(drums.score)) == (["C4"], ["C4"])


def named(name: str) -> bytes:
    return meta(0, 0x03, name.encode())


def test_a_name_and_a_program_at_odds_leave_the_first_part_empty() -> None:
    hands = read(named("Piano R") + program(0, 0) + note(60), named("Piano L") + program(0, 0) + note(48))
    assert seed_words(hands) == ["C4", "C3"]
    assert (seed_words(hands, first_part=True), lost_notes(hands)) == ([], 2)


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        (program(0, 0), program(0, 1, 1), ["C4", "C3"]),
        (program(0, 0), program(0, 40, 1), ["C4"]),
        (named("Piano") + program(0, 0), program(0, 0, 1), ["C4", "C3"]),
        (named("Piano R"), named("Piano L"), ["C4"]),
        (named("Up"), named("Down"), ["C4", "C3"]),
        (b"", b"", ["C4"]),
    ],
)
def test_the_first_part_is_the_first_instrument(one: bytes, other: bytes, words: list[str]) -> None:
    reading = read(one + note(60), other + note(48, channel=1))
    assert seed_words(reading, first_part=True) == words
    assert lost_notes(reading) == 2 - len(words)
    assert len(first_parts(reading)) == len(words)


def test_channels_of_one_track_are_one_part(tmp_path: Path) -> None:
    path = tmp_path / "two.mid"
    path.write_bytes(midi(on(0, 60) + on(0, 64, channel=1) + off(BEAT, 60) + off(0, 64, channel=1)))
    assert seed_words(read_midi(path)) == ["0.4"]
