"""Walking through the notes and changing them without a mouse, and what a screen reader is told."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible

from musicgen_app.core.score import KeySignature, Score, TimeSignature
from musicgen_app.core.timing import Meter
from musicgen_app.ui.piano_roll.speech import spoken_length, spoken_note, spoken_pitch, spoken_place, spoken_selection
from tests.ui.piano_roll.conftest import CTRL, Hands, piece

C, E, G = (0, 480, 60, 60), (480, 480, 64, 70), (960, 480, 67, 80)
FAR = (9600, 480, 100, 90)
Key = Qt.Key
NONE = Qt.KeyboardModifier.NoModifier
BOTH = CTRL | Qt.KeyboardModifier.ShiftModifier


def spoken(hands: Hands) -> str:
    """What a screen reader finds."""
    interface = QAccessible.queryAccessibleInterface(hands.view)
    return interface.text(QAccessible.Text.Description)


def test_keys_go_from_note_to_note_and_say_it(hands: Hands) -> None:
    hands.key(Key.Key_Period)
    assert hands.selected == [0]
    assert spoken(hands) == "C 4, bar 1 beat 1, a quarter, velocity 60"
    assert hands.player.sounded[-1] == (60, 60)
    hands.key(Key.Key_Period)
    hands.key(Key.Key_Period)
    assert hands.selected == [2]
    hands.key(Key.Key_Period)
    assert hands.selected == [2]
    hands.key(Key.Key_Comma)
    assert hands.selected == [1]
    assert spoken(hands) == "E 4, bar 1 beat 2, a quarter, velocity 70"


def test_without_a_selection_the_cursor_stands_at_the_playhead(hands: Hands) -> None:
    hands.roll.set_playhead(500)
    hands.key(Key.Key_Period)
    assert hands.selected == [2]
    hands.key(Key.Key_Escape)
    hands.key(Key.Key_Comma)
    assert hands.selected == [1]


def test_higher_and_lower_notes_are_found(hands: Hands) -> None:
    hands.select(1)
    hands.key(Key.Key_PageUp)
    assert hands.selected == [2]
    hands.key(Key.Key_PageUp)
    assert hands.selected == [2]
    hands.key(Key.Key_PageDown)
    hands.key(Key.Key_PageDown)
    assert hands.selected == [0]
    hands.key(Key.Key_Escape)
    hands.key(Key.Key_PageDown)
    assert hands.selected == [0]


def test_bars_with_notes_are_gone_to_and_come_into_view(hands: Hands) -> None:
    hands.editor.set_score(piece(C, E, G, FAR))
    hands.roll.state.set_viewport(hands.roll.state.viewport.zoomed_time(8, 0))
    hands.key(Key.Key_Right, CTRL)
    assert hands.selected == [3]
    view = hands.roll.state.viewport
    assert 0 < view.x(9600) < view.width
    assert view.lowest <= 100 <= view.highest
    assert spoken(hands) == "E 7, bar 6 beat 1, a quarter, velocity 90"
    hands.key(Key.Key_Right, CTRL)
    assert hands.selected == [3]
    hands.key(Key.Key_Left, CTRL)
    assert hands.selected == [0]
    hands.key(Key.Key_Left, CTRL)
    assert hands.selected == [0]


def test_notes_are_added_to_the_selection(hands: Hands) -> None:
    hands.select(1)
    hands.key(Key.Key_Right, BOTH)
    assert hands.selected == [1, 2]
    assert spoken(hands) == "2 notes selected, from bar 1 beat 2"
    hands.key(Key.Key_Left, BOTH)
    assert hands.selected == [0, 1, 2]


def test_a_note_is_inserted_changed_and_deleted_by_keys_alone(hands: Hands) -> None:
    hands.select(2)
    hands.key(Key.Key_Insert)
    assert hands.notes[3] == (1440, 480, 67, 80)
    assert hands.selected == [3]
    hands.key(Key.Key_Up)
    hands.key(Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert hands.notes[3] == (1440, 600, 68, 80)
    hands.key(Key.Key_Delete)
    assert len(hands.notes) == 3
    hands.roll.set_playhead(1950)
    hands.key(Key.Key_Return)
    assert hands.notes[-1][0] == 1920
    assert hands.editor.undo_stack.undoText() == "Insert a note"


def test_a_score_that_is_being_made_is_only_told(hands: Hands) -> None:
    hands.editor.show_streamed(piece(C, E))
    hands.key(Key.Key_Period)
    hands.key(Key.Key_Insert)
    assert hands.selected == []
    assert len(hands.notes) == 2
    assert spoken(hands) == "Nothing selected, 2 notes"


def test_an_empty_roll_can_be_walked_through(hands: Hands) -> None:
    hands.editor.set_score(Score())
    for key, held in ((Key.Key_Period, NONE), (Key.Key_PageUp, NONE), (Key.Key_Left, CTRL), (Key.Key_Right, CTRL)):
        hands.key(key, held)
    assert spoken(hands) == "Nothing selected, 0 notes"


@pytest.mark.parametrize(
    ("ticks", "words"),
    [
        (1920, "a whole note"),
        (480, "a quarter"),
        (475, "a quarter"),
        (720, "a dotted quarter"),
        (320, "a quarter triplet"),
        (240, "an eighth"),
        (360, "a dotted eighth"),
        (160, "an eighth triplet"),
        (1000, "2.08 quarters"),
    ],
)
def test_lengths_in_words(ticks: int, words: str) -> None:
    assert spoken_length(ticks, 480) == words


def test_pitches_and_places_in_words() -> None:
    assert spoken_pitch(61) == "C sharp 4"
    assert spoken_pitch(61, flats=True) == "D flat 4"
    assert spoken_pitch(0) == "C -1"
    waltz = Meter(Score(time_signatures=(TimeSignature(0, 3, 4),)))
    assert spoken_place(waltz, 3 * 480 + 480 + 120) == "bar 2 beat 2.25"


def test_notes_are_named_as_the_key_is_written() -> None:
    score = Score(notes=piece((0, 480, 61, 80)).notes, key_signatures=(KeySignature(0, -3),))
    assert spoken_note(score, Meter(score), 0) == "D flat 4, bar 1 beat 1, a quarter, velocity 80"
    assert spoken_selection(score, Meter(score), np.empty(0, np.intp)) == "Nothing selected, 1 note"
