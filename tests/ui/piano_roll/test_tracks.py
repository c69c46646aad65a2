"""Several tracks: which are edited, seen and heard, and what can be done to them."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QInputDialog

from musicgen_app.core.scale import Scale
from musicgen_app.core.score import KeySignature, Score, Track, make_notes
from musicgen_app.ui.piano_roll.scale_choice import KEY, OWN, ScaleChoice
from musicgen_app.ui.piano_roll.scale_menu import fill_scale_menu, scale_words
from musicgen_app.ui.piano_roll.snap import Snap
from musicgen_app.ui.piano_roll.track_choice import TrackChoice
from musicgen_app.ui.piano_roll.track_list import TrackRow
from tests.ui.piano_roll.conftest import CTRL, LEFT, NONE, Hands

RIGHT_HAND, LEFT_HAND, DRUMS = 0, 1, 2


@pytest.fixture
def band(hands: Hands) -> Hands:
    """Three tracks: C4 and G4 in the first, C3 in the second, a drum in the third."""
    notes = make_notes([(0, 480, 60, 60, 0), (0, 480, 48, 60, 1), (480, 480, 36, 60, 2), (960, 480, 67, 60, 0)])
    tracks = (Track("Right hand"), Track("", 32, 1), Track("Kit", 0, 9))
    hands.editor.set_score(Score(notes, tracks=tracks))
    hands.roll.resize(1000, 500)
    hands.roll.show_tracks(True)
    QApplication.processEvents()
    return hands


def row(hands: Hands, number: int | None) -> TrackRow:
    return next(row for row in hands.roll.tracks.rows if row.number == number)


def edit_only(hands: Hands, number: int | None) -> None:
    QTest.mouseClick(row(hands, number), LEFT, NONE, QPoint(30, 12))


def tracks_of(hands: Hands) -> list[int]:
    return hands.editor.score.notes["track"].tolist()


def test_the_list_shows_names_and_sounds(band: Hands) -> None:
    assert [row.accessibleName() for row in band.roll.tracks.rows] == [
        "All tracks, edited",
        "Right hand",
        "Track 2",
        "Kit",
    ]


def test_only_the_notes_of_the_edited_track_are_touched(band: Hands) -> None:
    edit_only(band, LEFT_HAND)
    assert row(band, LEFT_HAND).accessibleName() == "Track 2, edited"
    band.roll.commands()["select_all"]()
    assert band.selected == [0]  # C3 comes first in order of pitch
    assert int(band.editor.score.notes["pitch"][0]) == 48
    band.click(240, 60)
    assert band.selected == []
    band.roll.commands()["select_all"]()
    band.key(Qt.Key.Key_Delete)
    assert sorted(tracks_of(band)) == [0, 0, 2]


def test_notes_that_cannot_be_touched_any_more_are_not_selected_any_more(band: Hands) -> None:
    band.roll.commands()["select_all"]()
    edit_only(band, RIGHT_HAND)
    assert band.editor.score.notes["track"][band.editor.selected].tolist() == [0, 0]
    edit_only(band, None)
    band.roll.commands()["select_all"]()
    assert len(band.selected) == 4


def test_new_notes_go_to_the_edited_track(band: Hands) -> None:
    edit_only(band, LEFT_HAND)
    band.roll.state.set_tool("draw")
    band.click(1500, 64)
    assert tracks_of(band)[-1] == LEFT_HAND
    band.roll.state.set_tool("select")
    band.select()
    band.roll.set_playhead(1920)
    band.key(Qt.Key.Key_Insert)
    assert tracks_of(band)[-1] == LEFT_HAND


def test_the_cursor_walks_through_the_edited_track(band: Hands) -> None:
    edit_only(band, RIGHT_HAND)
    band.select()
    band.roll.view.setFocus()
    pitches = []
    for _ in range(3):
        band.key(Qt.Key.Key_Period)
        pitches.append(int(band.editor.score.notes["pitch"][band.selected[0]]))
    assert pitches == [60, 67, 67]
    band.key(Qt.Key.Key_Comma)
    assert int(band.editor.score.notes["pitch"][band.selected[0]]) == 60


def test_others_are_painted_faintly_and_hidden_ones_not_at_all(band: Hands) -> None:
    def colour(pitch: int, tick: float) -> str:
        return band.view.grab().toImage().pixelColor(band.place(tick, pitch)).name()

    empty, strong = colour(50, 240), colour(60, 240)
    edit_only(band, LEFT_HAND)
    faint = colour(60, 240)
    assert len({empty, strong, faint}) == 3
    QTest.mouseClick(row(band, RIGHT_HAND).buttons["hidden"], LEFT)
    assert colour(60, 240) == colour(62, 240)
    assert row(band, RIGHT_HAND).accessibleName() == "Right hand, hidden"


def test_switches_say_who_is_heard(band: Hands) -> None:
    QTest.mouseClick(row(band, LEFT_HAND).buttons["soloed"], LEFT)
    QTest.mouseClick(row(band, DRUMS).buttons["muted"], LEFT)
    assert band.roll.state.tracks == TrackChoice(muted=frozenset({2}), soloed=frozenset({1}))
    assert row(band, RIGHT_HAND).accessibleName() == "Right hand, silent"
    assert row(band, DRUMS).buttons["muted"].accessibleName() == "Let sound: Kit"


def test_hiding_the_edited_track_edits_all_others(band: Hands) -> None:
    edit_only(band, LEFT_HAND)
    QTest.mouseClick(row(band, LEFT_HAND).buttons["hidden"], LEFT)
    assert band.roll.state.tracks.edited is None
    band.roll.commands()["select_all"]()
    assert len(band.selected) == 3
    edit_only(band, LEFT_HAND)
    assert not band.roll.state.tracks.hidden


def test_keys_walk_through_the_list(band: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    first = band.roll.tracks.rows[0]
    first.setFocus()
    QTest.keyClick(first, Qt.Key.Key_Up)
    QTest.keyClick(first, Qt.Key.Key_Down)
    QTest.keyClick(row(band, 0), Qt.Key.Key_Down)
    QTest.keyClick(row(band, 1), Qt.Key.Key_Space)
    assert band.roll.state.tracks.edited == 1
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: ("Left hand", True))
    QTest.keyClick(row(band, 1), Qt.Key.Key_F2)
    assert band.editor.score.tracks[1].name == "Left hand"
    assert row(band, 1).accessibleName() == "Left hand, edited"
    QTest.keyClick(row(band, 1), Qt.Key.Key_X)


def test_tracks_are_added_named_given_a_sound_and_removed(band: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    QTest.mouseClick(band.roll.tracks.add, LEFT)
    assert len(band.editor.score.tracks) == 4
    assert band.editor.score.tracks[3].channel == 2
    assert band.roll.state.tracks.edited == 3
    monkeypatch.setattr(QInputDialog, "getItem", lambda _o, _t, _w, names, *_: (names[names.index("Violin")], True))
    row(band, 3).menu().actions()[1].trigger()
    assert band.editor.score.tracks[3].program == 40
    monkeypatch.setattr(QInputDialog, "getItem", lambda *_: ("Drums", True))
    row(band, 3).menu().actions()[1].trigger()
    assert band.editor.score.tracks[3].is_percussion
    monkeypatch.setattr(QInputDialog, "getItem", lambda *_: ("Violin", True))
    row(band, 3).menu().actions()[1].trigger()
    assert not band.editor.score.tracks[3].is_percussion
    monkeypatch.setattr(QInputDialog, "getItem", lambda *_: ("Violin", False))
    row(band, 3).menu().actions()[1].trigger()
    row(band, 1).menu().actions()[3].trigger()
    assert [track.name for track in band.editor.score.tracks] == ["Right hand", "Kit", ""]
    assert band.roll.state.tracks.edited == 2
    assert sorted(tracks_of(band)) == [0, 0, 1]
    assert band.steps == ["Add track", "Change sound", "Change sound", "Change sound", "Remove track"]


def test_a_track_that_comes_back_finds_the_others_as_they_were(band: Hands) -> None:
    QTest.mouseClick(row(band, DRUMS).buttons["muted"], LEFT)
    edit_only(band, DRUMS)
    row(band, RIGHT_HAND).menu().actions()[3].trigger()
    assert band.roll.state.tracks == TrackChoice(edited=1, muted=frozenset({1}))
    band.roll.commands()["undo"]()
    assert band.roll.state.tracks == TrackChoice(edited=2, muted=frozenset({2}))
    band.roll.commands()["redo"]()
    assert band.roll.state.tracks == TrackChoice(edited=1, muted=frozenset({1}))


def test_a_key_selects_its_row_only_in_the_edited_track(band: Hands) -> None:
    notes = make_notes([(0, 480, 60, 60, 0), (480, 480, 60, 60, 1)])
    band.editor.set_score(Score(notes, tracks=(Track(), Track(channel=1))))
    edit_only(band, 1)
    QTest.mouseDClick(band.roll.keyboard, LEFT, NONE, QPoint(50, band.place(0, 60).y()))
    assert band.selected == [1]


def test_copied_notes_go_to_the_edited_track(band: Hands) -> None:
    edit_only(band, RIGHT_HAND)
    band.key(Qt.Key.Key_A, CTRL)
    band.key(Qt.Key.Key_C, CTRL)
    edit_only(band, LEFT_HAND)
    band.roll.set_playhead(1920)
    band.key(Qt.Key.Key_V, CTRL)
    assert tracks_of(band)[-2:] == [LEFT_HAND, LEFT_HAND]
    assert len(band.editor.score.tracks) == 3


def test_a_track_renamed_by_keys_keeps_the_focus(band: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: ("Bass", True))
    row(band, 1).setFocus()
    QTest.keyClick(row(band, 1), Qt.Key.Key_F2)
    assert band.roll.focusWidget() is row(band, 1)


def test_sixteen_tracks_are_listed_and_one_can_be_edited(band: Hands) -> None:
    notes = make_notes([(number * 100, 100, 60, 60, number) for number in range(16)])
    tracks = tuple(Track(f"Part {number}", number, number) for number in range(16))
    band.editor.set_score(Score(notes, tracks=tracks))
    QApplication.processEvents()
    assert len(band.roll.tracks.rows) == 17
    edit_only(band, 15)
    band.roll.commands()["select_all"]()
    assert band.selected == [15]


def test_the_selected_notes_move_to_a_track(band: Hands) -> None:
    band.roll.commands()["select_all"]()
    row(band, 1).menu().actions()[2].trigger()
    assert tracks_of(band) == [1, 1, 1, 1]
    band.select()
    row(band, 0).menu().actions()[2].trigger()
    assert tracks_of(band) == [1, 1, 1, 1]


def test_the_last_track_that_is_removed_leaves_an_empty_one(hands: Hands) -> None:
    hands.roll.tracks.act_asked.emit("remove", 0)
    assert hands.editor.score.tracks == (Track(),)
    assert hands.notes == []
    hands.roll.tracks.act_asked.emit("remove", 7)


def test_another_piece_shows_all_its_tracks(band: Hands) -> None:
    edit_only(band, LEFT_HAND)
    band.editor.set_score(Score(make_notes([(0, 480, 60, 60)])))
    assert band.roll.state.tracks == TrackChoice()
    assert len(band.roll.tracks.rows) == 2


def test_the_choice_follows_when_a_track_goes() -> None:
    choice = TrackChoice(3, frozenset({0, 4}), frozenset({1}), frozenset({2}))
    assert choice.without(1) == TrackChoice(2, frozenset({0, 3}), frozenset(), frozenset({1}))
    assert choice.without(3).edited is None
    assert TrackChoice().without(0) == TrackChoice()
    assert choice.within(2) == TrackChoice(None, frozenset({0}), frozenset({1}), frozenset())


# Scales


def test_notes_that_are_drawn_or_moved_go_to_the_scale(hands: Hands) -> None:
    hands.roll.state.set_snap(Snap(4))
    hands.roll.state.set_scale(ScaleChoice(OWN, Scale(0, "major"), holds=True))
    hands.roll.state.set_tool("draw")
    hands.click(1500, 66)
    assert hands.notes[-1][2] == 65
    hands.roll.state.set_tool("select")
    hands.drag((240, 60), (240, 61))
    assert hands.notes[0][2] == 60
    hands.drag((240, 60), (240, 63))
    assert hands.notes[0][2] == 62
    hands.roll.state.set_scale(ScaleChoice(OWN, Scale(0, "major")))
    hands.drag((240, 62), (240, 63))
    assert hands.notes[0][2] == 63


def test_the_scale_of_the_key_changes_with_it() -> None:
    score = Score(key_signatures=(KeySignature(0, 0), KeySignature(1000, 2)))
    choice = ScaleChoice(KEY, holds=True)
    assert choice.held(score, 999, 66) == 65
    assert choice.held(score, 1000, 66) == 66
    assert ScaleChoice(holds=True).held(score, 0, 66) == 66


def test_rows_outside_the_scale_are_dimmed_from_the_key_on(hands: Hands) -> None:
    notes = hands.editor.score.notes
    hands.editor.set_score(Score(notes, key_signatures=(KeySignature(0, 0), KeySignature(1000, 2))))

    def colour(tick: float, pitch: int) -> str:
        return hands.view.grab().toImage().pixelColor(hands.place(tick, pitch)).name()

    plain = colour(700, 62), colour(1300, 65)
    hands.roll.state.set_scale(ScaleChoice(KEY))
    assert colour(700, 62) == plain[0]
    assert colour(1300, 65) != plain[1]
    assert colour(700, 65) != colour(1300, 65)


def test_the_menu_chooses_a_scale(hands: Hands) -> None:
    state = hands.roll.state
    strip = hands.roll.tools
    menu = strip._scale.menu()

    def choose(words: str) -> None:
        fill_scale_menu(menu, state)
        found = [action for sub in (menu, *menu.findChildren(type(menu))) for action in sub.actions()]
        next(action for action in found if action.text() == words).trigger()

    choose("E♭")
    choose("Harmonic minor")
    assert state.scale == ScaleChoice(OWN, Scale(3, "harmonic minor"))
    assert strip._scale.text() == "E♭ harmonic minor"
    choose("Hold notes to the scale")
    assert scale_words(state.scale) == "E♭ harmonic minor, held"
    choose("The key of the piece")
    assert scale_words(state.scale) == "Key, held"
    choose("No scale")
    assert scale_words(state.scale) == "Scale"
    assert np.array_equal(state.scale.stretches(state.score)[0], [])
