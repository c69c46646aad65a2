import numpy as np
import pytest

from musicgen_app.generation.constraints import HIGHEST_KEY, LOWEST_KEY, Constraints
from musicgen_app.tokens.codec import Codec
from musicgen_app.tokens.notes import (
    DURATION,
    END_CLASS,
    PEDAL_DOWN_CLASS,
    PEDAL_UP_CLASS,
    PITCH,
    TIME,
    NoteCodec,
    metrical_codec,
    seconds_codec,
)

CODEC = metrical_codec()
NOWHERE = np.array([False])
HERE = np.array([True])


def chosen(*classes: int) -> np.ndarray:
    return np.array([classes], np.int16)


def test_an_early_end_is_not_allowed_unless_asked_for() -> None:
    constraints = Constraints(CODEC)
    assert not constraints.allowed(PITCH, chosen(0), may_end=False, must_sound=NOWHERE)[0, END_CLASS]
    assert constraints.allowed(PITCH, chosen(0), may_end=True, must_sound=NOWHERE)[0, END_CLASS]


def test_what_the_codec_forbids_stays_forbidden() -> None:
    constraints = Constraints(CODEC)
    assert not constraints.allowed(PITCH, chosen(5), may_end=True, must_sound=NOWHERE)[0, END_CLASS]


def test_pedal_changes_can_be_held_off_row_by_row() -> None:
    constraints = Constraints(CODEC)
    both = np.array([[0], [0]], np.int16)
    mask = constraints.allowed(PITCH, both, may_end=True, must_sound=np.array([True, False]))
    assert not mask[0, [PEDAL_DOWN_CLASS, PEDAL_UP_CLASS]].any()
    assert mask[0, END_CLASS]
    assert mask[1, [PEDAL_DOWN_CLASS, PEDAL_UP_CLASS]].all()
    assert mask[:, LOWEST_KEY : HIGHEST_KEY + 1].all()


def test_only_the_keys_of_a_piano_are_struck() -> None:
    mask = Constraints(CODEC).allowed(PITCH, chosen(3), may_end=False, must_sound=HERE)
    assert np.flatnonzero(mask[0, :128]).tolist() == list(range(21, 109))


def test_a_choice_made_before_has_the_last_word() -> None:
    mask = Constraints(CODEC).allowed(DURATION, chosen(0, PEDAL_DOWN_CLASS), may_end=False, must_sound=HERE)
    assert np.flatnonzero(mask[0]).tolist() == [0]


def test_something_is_always_allowed() -> None:
    constraints = Constraints(CODEC)
    for pitch in range(131):
        for field, before in ((1, (3,)), (2, (3, pitch)), (3, (3, pitch, 1))):
            assert constraints.allowed(field, chosen(*before), may_end=False, must_sound=HERE).any()


@pytest.mark.parametrize(
    ("codec", "steps"), [(NoteCodec(tempo=500_000), 384), (NoteCodec(tempo=1_000_000), 192), (seconds_codec(), 800)]
)
def test_nobody_waits_eight_seconds_for_a_note(codec: Codec, steps: int) -> None:
    mask = Constraints(codec).allowed(TIME, np.empty((1, 0), np.int16), may_end=False, must_sound=NOWHERE)[0]
    rows = np.zeros((len(mask), 4), np.int16)
    rows[:, TIME] = np.arange(len(mask))
    assert np.array_equal(mask, codec.steps(rows) < steps)
    assert 10 < mask.sum() < len(mask)
