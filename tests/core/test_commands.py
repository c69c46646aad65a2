"""The table of edit commands: what holds for each of them, whatever it is told."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from musicgen_app.core.command_table import COMMANDS, GROUPS, command
from musicgen_app.core.commands import NOTE_VALUES, Command, Parameter, Value, note_value, ticks_of, whole
from musicgen_app.core.edits import LAST_TICK, everything
from musicgen_app.core.errors import UsageError
from musicgen_app.core.score import NOTE_DTYPE, Score, Track, make_notes
from tests.strategies import chosen_scores

Chosen = tuple[Score, NDArray[np.intp]]

CHANGE_TEMPO = {"scale-tempo", "mean-tempo", "bend-tempo", "ramp-tempo"}
CHANGE_PEDAL = {"double-time", "half-time", "stretch", "reverse", "extend-by-pedal", "hold-pedal", "erase-pedal"}
ADD_TRACKS = {"split-hands"}


def values_of(parameter: Parameter) -> st.SearchStrategy[Value]:
    if parameter.kind == "flag":
        return st.booleans()
    if parameter.kind == "choice":
        return st.sampled_from([value for value, _ in parameter.choices])
    if parameter.kind == "note":
        return st.sampled_from(NOTE_VALUES).map(note_value)
    if parameter.kind == "number":
        return st.floats(parameter.low, parameter.high)
    # Tracks that are not there are another test's.
    return st.integers(int(parameter.low), 1 if parameter.name == "track" else int(parameter.high))


def told(one: Command) -> st.SearchStrategy[dict[str, Value]]:
    return st.fixed_dictionaries({parameter.name: values_of(parameter) for parameter in one.parameters})


def rest(score: Score, selected: NDArray[np.intp]) -> list[tuple[int, ...]]:
    return sorted(tuple(row) for row in np.delete(score.notes, selected).tolist())


@pytest.mark.parametrize("one", COMMANDS, ids=lambda one: one.id)
@given(st.data(), chosen_scores())
@settings(max_examples=20, deadline=None)
def test_every_command_touches_the_chosen_notes_alone_and_stays_in_range(
    one: Command, data: st.DataObject, given_: Chosen
) -> None:
    score, selected = given_
    before = score.notes.tobytes()
    values = data.draw(told(one))
    edited = one.run(score, selected, values)
    after = edited.score
    assert score.notes.tobytes() == before
    if one.id != "split-hands":  # of the chosen notes the right hand's are neither touched nor chosen afterwards
        assert rest(after, edited.selected) == rest(score, selected)
    assert edited.selected.tolist() == sorted(set(edited.selected.tolist())) or after.notes is score.notes
    assert int((after.notes["onset"]).max(initial=0)) <= LAST_TICK
    assert int(after.notes["duration"].max(initial=0)) <= LAST_TICK
    assert Score(notes=after.notes.copy(), tracks=after.tracks).notes.tobytes() == after.notes.tobytes()
    again = one.run(score, selected, values)
    assert again.score == after
    assert again.selected.tolist() == edited.selected.tolist()


@pytest.mark.parametrize("one", COMMANDS, ids=lambda one: one.id)
@given(chosen_scores())
@settings(max_examples=8, deadline=None)
def test_a_command_changes_beside_the_notes_only_what_it_says(one: Command, given_: Chosen) -> None:
    score, selected = given_
    after = one.run(score, selected).score
    same = ["ticks_per_beat", "time_signatures", "key_signatures", "markers", "asides"]
    if one.id not in ADD_TRACKS | {"set-program"}:
        same.append("tracks")
    assert [getattr(after, name) for name in same] == [getattr(score, name) for name in same]
    if one.id not in CHANGE_TEMPO:
        assert np.array_equal(after.tempos, score.tempos)
    if one.id not in CHANGE_PEDAL | ADD_TRACKS:
        assert np.array_equal(after.pedals, score.pedals)
    if one.id != "set-program":
        assert np.array_equal(after.controls, score.controls)


@pytest.mark.parametrize("one", COMMANDS, ids=lambda one: one.id)
def test_every_command_takes_an_empty_score(one: Command) -> None:
    score = Score()
    edited = one.run(score, everything(score))
    assert edited.score.notes.tobytes() == b""
    assert edited.selected.tolist() == []


def test_the_table_has_words_for_everything() -> None:
    assert len({one.id for one in COMMANDS}) == len(COMMANDS) == len({one.title for one in COMMANDS})
    assert list(dict.fromkeys(one.group for one in COMMANDS)) == list(GROUPS)
    for one in COMMANDS:
        assert one.summary
        assert not one.summary.endswith(".")
        assert one.settled({}) == {parameter.name: parameter.usual for parameter in one.parameters}
        assert all(parameter.label and parameter.expected().endswith(".") for parameter in one.parameters)


def test_a_command_is_found_by_its_id() -> None:
    assert command("reverse").title == "Reverse"
    with pytest.raises(KeyError):
        command("make-it-better")


@pytest.mark.parametrize(
    ("text", "value"),
    [("1/16", (1, 16)), ("1/8t", (1, 12)), ("1/4D", (3, 8)), (" 3/4 ", (3, 4)), ("2/1", (2, 1))],
)
def test_note_values_are_read(text: str, value: tuple[int, int]) -> None:
    assert note_value(text) == Fraction(*value)


@pytest.mark.parametrize("text", ["", "1", "1/", "/4", "1/0", "1/4x", "-1/4", "1/4tt", "½/4", "1/²"])
def test_what_is_no_note_value_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="no note value"):
        note_value(text)


def test_a_note_value_has_at_least_one_tick() -> None:
    assert ticks_of(Score(ticks_per_beat=1), Fraction(1, 64)) == 1
    assert ticks_of(Score(ticks_per_beat=480), Fraction(1, 12)) == 160


WORD = Parameter("sort", "Sort", "choice", "a", choices=(("a", "A"), ("b", "B")))
SHARE = Parameter("share", "Share", "number", 0.5, 0, 1)
COUNT = whole("count", "Count", 1, 1, 9, "times")
FLAG = Parameter("on", "On", "flag", False)
NOTE = Parameter("grid", "Grid", "note", "1/16")


def test_values_are_read_from_text() -> None:
    assert (WORD.read("b"), SHARE.read("0.25"), COUNT.read("9")) == ("b", 0.25, 9)
    assert NOTE.read("1/2") == Fraction(1, 2)
    assert (WORD.usual, SHARE.usual, NOTE.usual) == ("a", 0.5, Fraction(1, 16))


@pytest.mark.parametrize(
    ("parameter", "text", "expected"),
    [
        (WORD, "c", "Expected one of a, b."),
        (SHARE, "2", "Expected a number from 0 to 1."),
        (SHARE, "nan", "Expected a number from 0 to 1."),
        (SHARE, "much", "Expected a number from 0 to 1."),
        (COUNT, "1.5", "Expected a whole number from 1 to 9 times."),
        (COUNT, "10", "Expected a whole number from 1 to 9 times."),
        (FLAG, "maybe", "Expected yes or no."),
        (NOTE, "1/2048", "from 1/1024 to 64/1."),
    ],
)
def test_wrong_values_are_refused_in_a_sentence(parameter: Parameter, text: str, expected: str) -> None:
    with pytest.raises(UsageError) as refused:
        parameter.read(text)
    assert refused.value.message == f"{text} is no value of {parameter.label}."
    assert refused.value.hint.endswith(expected)


def test_values_of_another_kind_are_refused() -> None:
    for parameter, value in ((COUNT, True), (COUNT, 1.0), (SHARE, "1"), (FLAG, 1), (NOTE, 0.25)):
        with pytest.raises(UsageError):
            parameter.checked(value)
    assert SHARE.checked(1) == 1


def test_a_parameter_that_is_not_there_is_refused() -> None:
    with pytest.raises(UsageError, match=r"Transpose has no parameter cents\. It has semitones"):
        command("transpose").run(Score(), everything(Score()), {"cents": 1})
    with pytest.raises(UsageError, match="It has none"):
        command("delete").run(Score(), everything(Score()), {"cents": 1})


def run(name: str, score: Score, **values: Value) -> list[tuple[int, ...]]:
    return [tuple(row) for row in command(name).run(score, everything(score), values).score.notes.tolist()]


def test_commands_turn_note_values_and_milliseconds_into_ticks() -> None:
    score = Score(make_notes([(0, 100, 60, 64)]))
    assert run("fixed-length", score, length=Fraction(1, 8)) == [(0, 240, 60, 64, 0)]
    assert run("move", score, steps=3, grid=Fraction(1, 4)) == [(1440, 100, 60, 64, 0)]
    late = Score(make_notes([(9600, 100, 60, 64)] * 50))
    # 500 ms are one beat at 120.
    onsets = [row[0] for row in run("humanise", late, time=500, velocity=0)]
    assert 9120 <= min(onsets) < 9600 < max(onsets) <= 10080


def test_quantising_again_and_again_comes_to_the_line() -> None:
    score = Score(make_notes([(47, 30, 60, 64), (1, 30, 62, 64)]))
    halves = [row[0] for row in run("quantise", score, strength=0.5)]
    assert halves == [0, 23]
    assert [row[0] for row in run("quantise", score, strength=0.5, passes=20)] == [0, 0]


def test_scales_are_named_with_dashes() -> None:
    score = Score(make_notes([(0, 1, 61, 64), (1, 1, 63, 64)]))
    assert [row[2] for row in run("snap-to-scale", score)] == [60, 62]
    assert [row[2] for row in run("snap-to-scale", score, scale="minor-pentatonic", root="c-sharp")] == [61, 63 + 1]
    assert [row[2] for row in run("transpose-in-scale", score, scale="chromatic")] == [62, 64]


def test_inversion_is_around_the_group_or_a_pitch() -> None:
    score = Score(make_notes([(0, 1, 60, 64), (1, 1, 64, 64)]))
    assert [row[2] for row in run("invert", score)] == [64, 60]
    assert [row[2] for row in run("invert", score, around="pitch", pitch=60)] == [60, 56]


def test_a_track_that_is_not_there_is_refused() -> None:
    score = Score(np.zeros(0, NOTE_DTYPE), tracks=(Track(), Track()))
    with pytest.raises(UsageError, match=r"There is no track 3. The last one is track 2"):
        run("move-to-track", score, track=3)


def test_hands_are_split_by_the_music_or_by_a_pitch() -> None:
    score = Score(make_notes([(0, 480, 40, 64), (0, 480, 62, 64), (0, 480, 80, 64)]))
    assert [row[4] for row in run("split-hands", score)] == [1, 0, 0]
    assert [row[4] for row in run("split-hands", score, by="pitch", pitch=70)] == [1, 1, 0]
