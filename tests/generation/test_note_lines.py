"""Neither key nor tempo changes the line of a piece."""

import numpy as np
import pytest

from musicgen_app.core.score import Notes, make_notes
from musicgen_app.generation.note_lines import pitch_line, rhythm_line


def notes(*rows: tuple[int, int]) -> Notes:
    """Notes of (onset, pitch)."""
    return make_notes([(onset, 1, pitch, 64) for onset, pitch in rows])


PIECE = notes((0, 60), (0, 64), (0, 67), (24, 72), (36, 71), (48, 72), (48, 48), (120, 50))


def moved(piece: Notes, semitones: int, stretch: float) -> Notes:
    out = piece.copy()
    out["pitch"] = out["pitch"].astype(np.int64) + semitones
    out["onset"] = np.rint(out["onset"] * stretch)
    return out


@pytest.mark.parametrize("semitones", [-12, 5])
@pytest.mark.parametrize("stretch", [0.5, 1.1, 2, 3])
def test_another_key_and_tempo_give_the_same_line(semitones: int, stretch: float) -> None:
    one, other = rhythm_line(PIECE), rhythm_line(moved(PIECE, semitones, stretch))
    assert np.array_equal(one.symbols, other.symbols)
    assert np.array_equal(one.opening, other.opening)
    assert np.array_equal(pitch_line(PIECE).symbols, pitch_line(moved(PIECE, semitones, stretch)).symbols)


def test_another_rhythm_gives_another_line_but_the_same_steps() -> None:
    even = PIECE.copy()
    even["onset"] = np.arange(len(even)) * 12
    assert not np.array_equal(rhythm_line(PIECE).symbols, rhythm_line(even).symbols)
    assert np.array_equal(pitch_line(PIECE).symbols, pitch_line(even).symbols)


def test_a_chord_is_told_from_the_same_notes_one_after_the_other() -> None:
    chord, broken = notes((0, 60), (0, 64)), notes((0, 60), (6, 64))
    assert rhythm_line(chord).opening.tolist() != rhythm_line(broken).opening.tolist()


@pytest.mark.parametrize(
    ("gaps", "same"),
    [
        ((12, 12), True), ((12, 16), True), ((12, 18), False), ((12, 24), False), ((12, 36), False),
        ((12, 6), False), ((16, 12), True), ((18, 12), False), ((20, 21), True),
    ],
)  # fmt: skip
def test_a_ratio_of_gaps_is_steady_or_not(gaps: tuple[int, int], same: bool) -> None:
    def line(first: int, second: int) -> list[int]:
        return rhythm_line(notes((0, 60), (first, 62), (first + second, 64))).symbols.tolist()

    assert (line(*gaps) == line(10, 10)) is same


def test_ratios_are_told_apart_by_kinds() -> None:
    ratios = (1 / 12, 1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8, 12)
    kinds = [rhythm_line(notes((0, 60), (960, 60), (960 + round(960 * ratio), 60))).symbols[1] for ratio in ratios]
    assert len(set(kinds)) == len(ratios)
    assert kinds == sorted(kinds)
    threes = [rhythm_line(notes((0, 60), (24, 60), (24 + gap, 60))).symbols[1] for gap in (72, 96)]
    assert threes[0] == threes[1] == kinds[6]


def test_the_first_gap_of_a_passage_is_open() -> None:
    line = rhythm_line(PIECE)
    assert len(set(line.opening[np.diff(PIECE["onset"]) > 0] % 12)) == 1
    assert line.symbols[0] == line.opening[0]


@pytest.mark.parametrize("count", [0, 1])
def test_one_note_makes_no_line(count: int) -> None:
    assert len(rhythm_line(PIECE[:count]).symbols) == len(pitch_line(PIECE[:count]).symbols) == 0
