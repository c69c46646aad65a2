"""The showcase of the experiments this program grew from is a copy; in their own notation the meter finds all of it."""

import pickletools
import re
from pathlib import Path

import numpy as np
import pytest

from musicgen_app.generation.suffix_array import Line
from musicgen_app.generation.suffixes import SuffixIndex
from musicgen_app.midi.reader import read_midi

STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
OPCODES = {"PROTO", "FRAME", "EMPTY_LIST", "MEMOIZE", "MARK", "SHORT_BINUNICODE", "APPENDS", "STOP"}
"""A plain list of words needs no other; the file is never unpickled."""


@pytest.fixture(scope="module")
def seed(shared: Path) -> Path:
    folder = shared / "seed" / "music_gen"
    if not folder.is_dir():
        pytest.skip("The outputs of the seed experiments do not lie beside this checkout.")
    return folder


def words(path: Path) -> list[str]:
    """The tokens of a note file."""
    found = list(pickletools.genops(path.read_bytes()))
    assert {opcode.name for opcode, _, _ in found} <= OPCODES
    return [word for opcode, word, _ in found if opcode.name == "SHORT_BINUNICODE"]


def keys(word: str) -> tuple[int, ...]:
    """The keys a token is rendered with: a chord inside one octave, so that one of a single note is that note."""
    if word[0].isdigit():
        return tuple(sorted(60 + int(number) for number in word.split(".")))
    name, signs, octave = re.fullmatch(r"([A-G])([#-]?)(\d)", word).groups()  # type: ignore[union-attr]
    return (12 * (int(octave) + 1) + STEPS[name] + {"#": 1, "-": -1, "": 0}[signs],)


def onsets(path: Path) -> list[tuple[int, ...]]:
    """The keys struck at each moment of an output, which must come half a beat apart."""
    score = read_midi(path).score
    moments = np.unique(score.notes["onset"])
    assert set(np.diff(moments).tolist()) == {score.ticks_per_beat // 2}
    return [tuple(score.notes["pitch"][score.notes["onset"] == moment].tolist()) for moment in moments]


@pytest.mark.parametrize(
    ("number", "copied", "place"), [(74, 200, 10177), (79, 200, 10197), (72, 172, 10157), (62, 143, 10157)]
)
def test_the_published_outputs_are_copies_of_one_etude(seed: Path, number: int, copied: int, place: int) -> None:
    learned = [keys(word) for word in words(seed / "data" / "notes_chopin_train")]
    output = onsets(seed / "outputs" / f"{number}_output.mid")
    assert (len(learned), len(output)) == (25_134, 200)
    names = {chord: index for index, chord in enumerate(dict.fromkeys([*learned, *output]))}
    index = SuffixIndex([Line.plain(np.array([names[chord] for chord in learned]))])
    found = index.find(Line.plain(np.array([names[chord] for chord in output])))
    assert found.lengths.max() == found.lengths[0] == copied
    _, places = index.first_places(found, np.array([0]))
    assert places.tolist() == [place]
