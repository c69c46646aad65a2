"""The longest passages are found exactly, held against looking at every place with every other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicgen_app.generation.suffix_array import Line, Whole
from musicgen_app.generation.suffixes import SuffixIndex


def plain(*symbols: int) -> Line:
    return Line.plain(np.array(symbols, dtype=np.int64))


def shared(one: Line, begin: int, other: Line, place: int) -> int:
    """Symbols that two passages have in common, symbol by symbol."""
    length, turned = 0, False
    while begin + length < len(one.symbols) and place + length < len(other.symbols):
        mine, theirs = (line.symbols if turned else line.opening for line in (one, other))
        if mine[begin + length] != theirs[place + length]:
            break
        turned = turned or one.symbols[begin + length] != one.opening[begin + length]
        length += 1
    return length


def longest(line: Line, lines: list[Line]) -> list[int]:
    return [
        max((shared(line, begin, one, place) for one in lines for place in range(len(one.symbols))), default=0)
        for begin in range(len(line.symbols))
    ]


def first_place(line: Line, begin: int, length: int, lines: list[Line]) -> tuple[int, int]:
    for number, one in enumerate(lines):
        for place in range(len(one.symbols)):
            if shared(line, begin, one, place) >= length:
                return number, place
    raise AssertionError("it stands nowhere")


@st.composite
def some_lines(draw: st.DrawFn, most: int = 5) -> list[Line]:
    """Lines of few or of many different symbols, random or repetitive, some of which turn."""
    largest = draw(st.sampled_from([0, 1, 3, 40, 2**40]))
    turns = draw(st.booleans())

    def one() -> Line:
        motif = draw(st.lists(st.integers(0, largest), min_size=1, max_size=12))
        symbols = np.array(motif * draw(st.integers(0, 4)), dtype=np.int64)
        turning = np.array([turns and draw(st.booleans()) for _ in symbols], dtype=bool)
        return Line(np.where(turning, symbols + largest + 1, symbols), np.where(turning, 3 * largest + 3, symbols))

    return [one() for _ in range(draw(st.integers(1, most)))]


@given(some_lines())
def test_no_longer_passage_is_there_and_its_first_place_is_told(lines: list[Line]) -> None:
    line, *known = lines
    index = SuffixIndex(known)
    found = index.find(line)
    assert found.lengths.tolist() == longest(line, known)
    places = np.flatnonzero(found.lengths)
    told = zip(*(part.tolist() for part in index.first_places(found, places)), strict=True)
    assert list(told) == [first_place(line, begin, found.lengths[begin], known) for begin in places.tolist()]


@given(some_lines(), st.data())
def test_a_group_can_be_left_out(lines: list[Line], data: st.DataObject) -> None:
    groups = [data.draw(st.integers(0, 2)) for _ in lines]
    found = SuffixIndex(lines, groups).find(lines[0], without=groups[0])
    others = [line for line, group in zip(lines, groups, strict=True) if group != groups[0]]
    assert found.lengths.tolist() == longest(lines[0], others)


def test_two_copies_are_found_where_they_stand() -> None:
    rng = np.random.default_rng(1)
    lines = [Line.plain(rng.integers(0, 50, 300)) for _ in range(4)]
    new = rng.integers(0, 50, 200)
    new[20:60] = lines[2].symbols[100:140]
    new[90:110] = lines[0].symbols[280:300]
    index = SuffixIndex(lines)
    found = index.find(Line.plain(new))
    assert (found.lengths[20], found.lengths[90]) == (40, 20)
    pieces, places = index.first_places(found, np.array([20, 90]))
    assert (pieces.tolist(), places.tolist()) == ([2, 0], [100, 280])


def test_a_place_that_compares_itself_with_an_earlier_one_is_open_at_the_beginning_only() -> None:
    # 9 stands for "whatever came before": 5 and 6 turn into it at the beginning of a passage.
    known = Line(np.array([1, 5, 2, 6, 3]), np.array([1, 9, 2, 9, 3]))
    asked = Line(np.array([1, 6, 2, 6, 3]), np.array([1, 9, 2, 9, 3]))
    other = Line(np.array([1, 6, 2, 5, 3]), np.array([1, 9, 2, 9, 3]))
    index = SuffixIndex([known])
    assert index.find(asked).lengths.tolist() == [5, 4, 3, 2, 1]
    assert index.find(other).lengths.tolist() == [3, 2, 3, 2, 1]


@pytest.mark.parametrize("period", [1, 2, 700])
def test_music_that_only_repeats_itself_is_no_trap(period: int) -> None:
    rng = np.random.default_rng(period)
    motif = rng.integers(0, 30, period)
    lines = [Line.plain(np.tile(motif, 6000 // period)), Line.plain(np.tile(motif, 3000 // period))]
    found = SuffixIndex(lines).find(Line.plain(np.tile(motif, 9100 // period)))
    rest = len(found.lengths) - np.arange(len(found.lengths))
    phase = np.arange(len(rest)) % period
    assert found.lengths.tolist() == np.minimum(rest, len(lines[0].symbols) - phase).tolist()


def test_symbols_that_no_line_holds_are_found_nowhere() -> None:
    index = SuffixIndex([plain(1, 2, 3), plain()])
    assert index.find(plain(1, 2, 99, 3)).lengths.tolist() == [2, 1, 0, 1]
    assert index.find(plain()).lengths.tolist() == []


def test_nothing_is_found_in_nothing() -> None:
    for lines in ([], [plain()]):
        assert SuffixIndex(lines).find(plain(0, 1)).lengths.tolist() == [0, 0]


def test_passages_do_not_go_on_in_the_next_line() -> None:
    index = SuffixIndex([plain(1, 2), plain(3, 4)])
    assert index.find(plain(1, 2, 3, 4)).lengths.tolist() == [2, 1, 2, 1]


@pytest.mark.parametrize(
    ("symbols", "opening", "words"), [([1, 2], [1], "opening of 1"), ([1, -1], [1, 1], "below 0"), ([0], [-2], "below")]
)
def test_lines_that_make_no_sense_are_refused(symbols: list[int], opening: list[int], words: str) -> None:
    def whole(values: list[int]) -> Whole:
        return np.array(values, dtype=np.int64)

    with pytest.raises(ValueError, match=words):
        Line(whole(symbols), whole(opening))
