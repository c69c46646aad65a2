"""Which keyboard is open; what is recorded from it, and written step by step."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from musicgen_app.audio.inputs import Receive
from musicgen_app.audio.messages import SUSTAIN, control, note_off, note_on
from musicgen_app.audio.samples import RATE
from musicgen_app.core.errors import AudioError
from musicgen_app.core.score import Score, TimeSignature, Track, make_notes
from musicgen_app.ui import keyboards as keyboards_module
from musicgen_app.ui.keyboards import AUTOMATIC, NONE, Keyboards
from musicgen_app.ui.main_window import GENERATION, MainWindow
from musicgen_app.ui.output_switch import OutputSwitch
from musicgen_app.ui.player import Player
from musicgen_app.ui.settings import Settings
from tests.audio.test_inputs import Hands
from tests.servers import jack_server
from tests.ui.test_main_window import new_window, settings
from tests.ui.test_player import FakeSystem, once, player, system

__all__ = ["jack_server", "new_window", "player", "settings", "system"]

STAGE, CLUB, THROUGH = "Stage piano", "Club piano", "Midi Through Port-0"
MILLISECOND = 48
DUET = Score(
    notes=make_notes([(0, 400, 40, 70, 0), (500, 100, 45, 71, 0), (0, 960, 50, 72, 1)]),
    tracks=(Track(), Track(program=48, channel=1)),
)


class Room:
    """Keyboards that are plugged in and pulled out."""

    def __init__(self) -> None:
        self.names: tuple[str, ...] = ()
        self.taken: set[str] = set()
        self.open: list[str] = []
        self.receive: Receive = lambda *_: None
        self.now: Callable[[], float] = time.monotonic

    def list(self) -> tuple[str, ...]:
        return self.names

    def take(self, name: str, receive: Receive) -> "Room":
        if name in self.taken:
            raise AudioError(f"The keyboard {name} cannot be opened.", "Another program may hold it.")
        self.open.append(name)
        self.receive = receive
        return self

    def close(self) -> None:
        self.open.pop()

    def play(self, *messages: bytes) -> None:
        """In another thread, as the MIDI system does."""

        def act() -> None:
            for message in messages:
                self.receive(message, self.now())

        thread = threading.Thread(target=act)
        thread.start()
        thread.join()


@pytest.fixture
def room() -> Room:
    return Room()


@pytest.fixture
def keyboards(player: Player, room: Room) -> Iterator[Keyboards]:
    keyboards = Keyboards(player, lister=room.list, opener=room.take)
    yield keyboards
    keyboards.close()


def told_by(keyboards: Keyboards) -> list[str]:
    told: list[str] = []
    keyboards.told.connect(told.append)
    return told


def test_the_only_real_keyboard_is_found_by_itself(keyboards: Keyboards, room: Room) -> None:
    room.names = (THROUGH,)
    keyboards.start()
    assert room.open == []
    room.names = (STAGE, THROUGH)
    told = told_by(keyboards)
    keyboards.look()
    assert (keyboards.open, room.open) == (STAGE, [STAGE])
    assert told == ["You can play on Stage piano"]
    room.names = (STAGE, CLUB, THROUGH)
    keyboards.look()
    assert keyboards.open == STAGE
    assert keyboards.choices() == [
        (AUTOMATIC, "By itself (Stage piano)"),
        (NONE, "No keyboard"),
        ("port:Stage piano", STAGE),
        ("port:Club piano", CLUB),
        ("port:Midi Through Port-0", "Midi Through Port-0 (never plays)"),
    ]


def test_of_two_keyboards_none_is_taken_unasked(keyboards: Keyboards, room: Room) -> None:
    room.names = (STAGE, CLUB)
    keyboards.start("")
    assert room.open == []
    keyboards.choose("port:Club piano")
    assert room.open == [CLUB]
    keyboards.choose(NONE)
    assert (room.open, keyboards.open) == ([], "")


@pytest.mark.parametrize("chosen", [AUTOMATIC, "port:Stage piano"])
def test_a_keyboard_that_vanishes_is_told_and_taken_up_again(keyboards: Keyboards, room: Room, chosen: str) -> None:
    room.names = (STAGE, THROUGH)
    keyboards.start(chosen)
    told = told_by(keyboards)
    room.play(note_on(0, 60, 80))
    room.names = (THROUGH,)
    keyboards.look()
    assert told == ["The keyboard Stage piano is gone. It plays again as soon as it is back."]
    assert keyboards.performance.down == frozenset()
    assert (AUTOMATIC, "By itself") in keyboards.choices() or chosen != AUTOMATIC
    room.names = (STAGE, CLUB, THROUGH)
    keyboards.look()
    assert told[1:] == ["The keyboard Stage piano is back"]
    assert room.open == [STAGE]


def test_a_chosen_keyboard_that_is_not_there_stays_chosen(keyboards: Keyboards, room: Room) -> None:
    room.names = (CLUB,)
    keyboards.start("port:Stage piano")
    assert room.open == []
    assert keyboards.choices()[-1] == ("port:Stage piano", "Stage piano (not there)")


def test_a_keyboard_that_is_taken_is_told_once(keyboards: Keyboards, room: Room) -> None:
    room.names, room.taken = (STAGE,), {STAGE}
    told = told_by(keyboards)
    keyboards.start()
    keyboards.look()
    assert told == ["The keyboard Stage piano cannot be opened. Another program may hold it."]
    room.names = ()
    keyboards.look()
    room.names, room.taken = (STAGE,), set()
    keyboards.look()
    assert room.open == [STAGE]


def test_without_a_midi_system_none_is_asked(player: Player, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyboards_module, "midi_api", lambda: None)
    keyboards = Keyboards(player)
    keyboards.start()
    assert keyboards.names == ()
    keyboards.close()


@pytest.fixture
def stage(
    new_window: Callable[[], MainWindow],
    room: Room,
    system: FakeSystem,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    qtbot: QtBot,
) -> MainWindow:
    """A window with a keyboard, a piece of two tracks, and an output that plays only when a test says so."""
    window = new_window()
    engine = window.player.engine
    monkeypatch.setattr(engine, "_now", lambda: engine.transport.frame / RATE)
    room.now = engine.now
    monkeypatch.setattr(OutputSwitch, "_change", lambda switch, _old, output, *_: fake_change(switch, system, output))
    monkeypatch.setattr(window.player, "warm_up", lambda: None)
    monkeypatch.setattr(window.keyboards, "_lister", room.list)
    monkeypatch.setattr(window.keyboards, "_opener", room.take)
    room.names = (STAGE, THROUGH)
    window.keyboards.start()
    window.show_tab(GENERATION)
    window.editor.set_score(DUET)
    once(qtbot, lambda: bool(system.opened) and not window.player._switch.opening)
    return window


def fake_change(switch: OutputSwitch, system: FakeSystem, output: str) -> None:
    switch._output = system.open(switch._engine, switch._process, output)


def key(window: MainWindow, name: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(window.generation.roll.view, name, held)


def heard(window: MainWindow, system: FakeSystem, milliseconds: int, qtbot: QtBot) -> None:
    """Let music go by, and the window see it."""
    system.last.advance(milliseconds * MILLISECOND)
    # The place that a hand chose is shown until it is heard, by a real clock.
    window.player._hold_until = 0.0
    window.player._report()


def rows(window: MainWindow, track: int) -> list[tuple[int, ...]]:
    return [tuple(row[:4]) for row in window.editor.score.notes.tolist() if row[4] == track]


def near(row: tuple[int, ...], *expected: int) -> bool:
    return all(abs(one - other) <= 1 for one, other in zip(row, expected, strict=True))


def perform(window: MainWindow, room: Room, system: FakeSystem, qtbot: QtBot) -> None:
    """R, a note with pedal from 96 to 192 ticks, R."""
    key(window, Qt.Key.Key_R)
    heard(window, system, 100, qtbot)
    room.play(note_on(0, 72, 99), control(0, SUSTAIN, 127))
    heard(window, system, 100, qtbot)
    room.play(note_off(0, 72), control(0, SUSTAIN, 0))
    heard(window, system, 100, qtbot)


def test_recording_is_laid_over_as_one_step_with_its_notes_selected(
    stage: MainWindow, room: Room, system: FakeSystem, qtbot: QtBot
) -> None:
    perform(stage, room, system, qtbot)
    roll = stage.generation.roll
    assert stage.recording.recording
    assert roll.state.arriving is not None
    roll.grab()
    assert stage.verbs["record"].isChecked()
    key(stage, Qt.Key.Key_R)
    assert not stage.verbs["record"].isChecked()
    assert roll.state.arriving is None
    (index,) = stage.editor.selected.tolist()
    assert near(tuple(stage.editor.score.notes[index].tolist()), 96, 96, 72, 99, 0)
    assert near(stage.editor.score.pedals.tolist()[0], 96, 0, 127)
    assert stage.status.note.text() == "Recorded 1 note"
    assert stage.editor.undo_stack.count() == 1
    key(stage, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert stage.editor.score == DUET


def test_recording_goes_into_the_edited_track_and_replaces_it_where_asked(
    stage: MainWindow, room: Room, system: FakeSystem, qtbot: QtBot
) -> None:
    state = stage.generation.roll.state
    state.set_tracks(state.tracks.with_edited(1))
    assert stage.keyboards.performance.channel == 1
    stage.verbs["record_replaces"].trigger()
    stage.verbs["record_quantises"].trigger()
    assert stage.settings.recording == {"replaces", "quantises", "through"}
    perform(stage, room, system, qtbot)
    stage.player.stop()
    (note,) = rows(stage, 1)
    assert note[0] == 120
    assert rows(stage, 0) == [(0, 400, 40, 70), (500, 100, 45, 71)]


def test_the_count_in_comes_before_and_music_goes_on_past_the_end(
    stage: MainWindow, room: Room, system: FakeSystem, qtbot: QtBot
) -> None:
    stage.verbs["count_in"].trigger()
    assert stage.settings.count_in == 1
    key(stage, Qt.Key.Key_R)
    heard(stage, system, 1000, qtbot)
    room.play(note_on(0, 30, 80), note_off(0, 30), note_on(0, 72, 99))
    assert stage.player.position == 0
    heard(stage, system, 1000 + 3000, qtbot)
    assert stage.player.playing
    room.play(note_off(0, 72))
    stage.player.pause()
    added = [row for row in rows(stage, 0) if row[2] in (30, 72)]
    assert len(added) == 1
    assert near(added[0], 0, 2880, 72, 99)
    heard(stage, system, 1, qtbot)
    assert stage.player.state == "paused"


def test_a_loop_goes_round_and_what_was_played_is_heard_in_it(
    stage: MainWindow, room: Room, system: FakeSystem, qtbot: QtBot
) -> None:
    stage.player.set_loop(0, 480)
    stage.player.seek(900)
    heard(stage, system, 1, qtbot)
    perform(stage, room, system, qtbot)
    for _ in range(4):
        heard(stage, system, 100, qtbot)
    assert 72 in stage.player.score.notes["pitch"]
    assert 72 not in stage.editor.score.notes["pitch"]
    room.play(note_on(0, 74, 99))
    for _ in range(4):
        heard(stage, system, 100, qtbot)
    assert stage.player.loop == (0, 480)
    key(stage, Qt.Key.Key_R)
    added = sorted(row[2] for row in rows(stage, 0) if row[2] > 70)
    assert added == [72, 74, 74]
    assert stage.editor.undo_stack.count() == 1


def test_where_nothing_was_played_nothing_changes(
    stage: MainWindow, room: Room, system: FakeSystem, qtbot: QtBot
) -> None:
    stage.recording.set_options(replaces=True, quantises=False)
    key(stage, Qt.Key.Key_R)
    heard(stage, system, 100, qtbot)
    stage.player.seek(0)
    assert not stage.recording.recording
    assert stage.editor.score == DUET
    assert stage.status.note.text() == "Nothing was played"


def test_without_a_keyboard_recording_says_what_to_do(stage: MainWindow, room: Room) -> None:
    stage.keyboards.choose(NONE)
    assert stage.settings.keyboard == NONE
    stage.transport._record.button.click()
    assert not stage.transport._record.button.isChecked()
    assert "No keyboard to record from" in stage.status.note.text()
    stage.keyboards.choose(AUTOMATIC)
    stage.editor.show_streamed(DUET)
    stage.recording.begin()
    assert "being made" in stage.status.note.text()
    stage.editor.end_streaming()


def test_an_output_that_dies_ends_recording_with_what_was_played(
    stage: MainWindow, room: Room, system: FakeSystem, qtbot: QtBot
) -> None:
    perform(stage, room, system, qtbot)
    stage.player._transport.stop()
    stage.player._report()
    assert not stage.recording.recording
    assert 72 in stage.editor.score.notes["pitch"]


def test_keys_that_are_down_light_up(stage: MainWindow, room: Room, qtbot: QtBot) -> None:
    room.play(note_on(0, 72, 99))
    once(qtbot, lambda: stage.generation.roll.keyboard._held == {72})
    room.play(note_off(0, 72))
    once(qtbot, lambda: stage.generation.roll.keyboard._held == frozenset())


def stands(window: MainWindow, system: FakeSystem, tick: int, qtbot: QtBot) -> None:
    """Wait for the playhead to be at a place and stay there."""

    def there() -> bool:
        heard(window, system, 1, qtbot)
        return window.generation.roll.state.playhead == tick

    once(qtbot, there)


def test_step_input_writes_chords_and_rests_and_takes_back(
    stage: MainWindow, room: Room, system: FakeSystem, qtbot: QtBot
) -> None:
    state = stage.generation.roll.state
    stage.player.seek(960)
    stands(stage, system, 960, qtbot)
    key(stage, Qt.Key.Key_R, Qt.KeyboardModifier.ShiftModifier)
    assert stage.steps.on
    assert stage.verbs["step_rest"].isEnabled()
    room.play(note_on(0, 72, 90), note_on(0, 76, 91), note_off(0, 72))
    once(qtbot, lambda: len(stage.editor.score.notes) == 5)
    assert state.playhead == 960
    room.play(note_off(0, 76))
    stands(stage, system, 1080, qtbot)
    assert rows(stage, 0)[-2:] == [(960, 120, 72, 90), (960, 120, 76, 91)]
    assert stage.editor.undo_stack.count() == 1
    key(stage, Qt.Key.Key_Right)
    stands(stage, system, 1200, qtbot)
    room.play(b"\xd0\x40", note_on(0, 60, 90), note_on(0, 60, 0))
    stands(stage, system, 1320, qtbot)
    key(stage, Qt.Key.Key_Backspace)
    stands(stage, system, 1200, qtbot)
    assert rows(stage, 0)[-1][0] == 960
    key(stage, Qt.Key.Key_Left)
    stands(stage, system, 1080, qtbot)
    key(stage, Qt.Key.Key_Backspace)
    stands(stage, system, 960, qtbot)
    assert len(stage.editor.score.notes) == 3
    key(stage, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert len(stage.editor.score.notes) == 5
    stage.steps.set_on(False)
    before = stage.editor.score
    room.play(note_on(0, 72, 90), note_off(0, 72))
    for act in (stage.steps.rest, stage.steps.back, stage.steps.take_back):
        act()
    qtbot.wait(20)
    assert stage.editor.score == before
    stage.editor.select([0])
    key(stage, Qt.Key.Key_Backspace)
    assert len(stage.editor.score.notes) == 4


def test_steps_off_the_grid_end_on_it(stage: MainWindow, room: Room, system: FakeSystem, qtbot: QtBot) -> None:
    stage.editor.set_score(Score(time_signatures=(TimeSignature(0, 4, 4),)))
    stage.player.seek(50)
    stands(stage, system, 50, qtbot)
    stage.steps.set_on(True)
    room.play(note_on(0, 72, 90), note_off(0, 72))
    stands(stage, system, 120, qtbot)
    assert rows(stage, 0) == [(50, 70, 72, 90)]


def test_metronome_keyboard_and_options_are_set_in_their_panels_and_remembered(
    stage: MainWindow, room: Room, qapp: QApplication, settings: Settings, qtbot: QtBot
) -> None:
    bar, controls = stage.transport, stage.transport._record
    key(stage, Qt.Key.Key_K)
    assert bar.metronome.button.isChecked()
    bar.metronome.more.click()
    assert bar.metronome.panel.isVisible()
    bar.metronome.volume.setValue(30)
    bar.metronome.count_in.setCurrentIndex(2)
    bar.metronome.count_in.activated.emit(2)
    assert stage.player.practice.count_in == 2
    QTest.keyClick(bar.metronome.panel, Qt.Key.Key_Escape)
    assert not bar.metronome.panel.isVisible()
    stage.player.practice.set_count_in(3)
    assert bar.metronome.count_in.currentText() == "3 bars"
    controls.more.click()
    controls.through.click()
    controls.replaces.click()
    controls.steps.click()
    room.names = (STAGE, CLUB)
    controls.keyboard.showPopup()
    controls.keyboard.hidePopup()
    controls.keyboard.setCurrentIndex(controls.keyboard.findData("port:Club piano"))
    controls.keyboard.activated.emit(0)
    assert (stage.keyboards.open, stage.steps.on) == (CLUB, True)
    controls.panel.hide()
    assert (settings.metronome, settings.metronome_volume, settings.count_in) == (True, 0.3, 3)
    assert (settings.keyboard, settings.recording) == ("port:Club piano", frozenset({"replaces"}))
    menu = stage.verbs.menu("Playback/Keyboard")
    menu.aboutToShow.emit()
    menu.actions()[0].trigger()
    assert settings.keyboard == ""


def test_what_was_remembered_holds_in_the_next_window(new_window: Callable[[], MainWindow], settings: Settings) -> None:
    settings.metronome, settings.metronome_volume, settings.count_in = True, 0.25, 2
    settings.recording = frozenset({"quantises"})
    window = new_window()
    practice = window.player.practice
    assert (practice.metronome, practice.volume, practice.count_in) == (True, 0.25, 2)
    assert (window.recording.quantises, window.recording.replaces) == (True, False)
    assert not window.keyboards.performance.through
    assert window.verbs["count_in"].isChecked()
    window.verbs["count_in"].trigger()
    window.verbs["count_in"].trigger()
    assert practice.count_in == 2


def test_muted_and_soloed_tracks_are_not_heard_but_a_piece_listened_to_is(stage: MainWindow) -> None:
    state, practice = stage.generation.roll.state, stage.player.practice
    state.set_tracks(state.tracks.toggled("muted", 1).toggled("soloed", 0))
    assert (practice.hearing.muted, practice.hearing.soloed) == ({1}, {0})
    stage.playback.listen_to(DUET)
    assert (practice.hearing.muted, practice.hearing.soloed) == (frozenset(), frozenset())
    stage.playback.back_to_roll()
    assert (practice.hearing.muted, practice.hearing.soloed) == ({1}, {0})


def test_the_selection_is_heard_alone_also_after_an_edit(stage: MainWindow) -> None:
    practice = stage.player.practice
    key(stage, Qt.Key.Key_S)
    assert practice.hearing.only is None
    stage.generation.roll.state.editor.select([2])
    assert practice.hearing.only == (2,)
    key(stage, Qt.Key.Key_Up)
    assert practice.hearing.only == tuple(stage.editor.selected.tolist())
    stage.playback.listen_to(DUET)
    assert practice.hearing.only is None
    stage.playback.back_to_roll()
    assert practice.hearing.only is not None
    key(stage, Qt.Key.Key_S)
    assert practice.hearing.only is None
    key(stage, Qt.Key.Key_S)
    stage.editor.set_score(Score())
    assert not stage.heard.solo
    assert not stage.verbs["solo_selection"].isChecked()


def test_the_selection_is_played_and_nothing_behind_it(stage: MainWindow, system: FakeSystem, qtbot: QtBot) -> None:
    key(stage, Qt.Key.Key_P)
    assert not stage.player.playing
    stage.editor.select([2])
    key(stage, Qt.Key.Key_P)
    heard(stage, system, 10, qtbot)
    assert stage.player.playing
    heard(stage, system, 200, qtbot)
    assert not stage.player.playing


def test_a_drawn_note_sounds_as_its_track(stage: MainWindow, system: FakeSystem, qtbot: QtBot) -> None:
    state = stage.generation.roll.state
    state.set_tracks(state.tracks.with_edited(1))
    state.sound(61, 80)
    heard(stage, system, 1, qtbot)
    assert note_on(1, 61, 80) in [event.message for event in system.last.events]


@pytest.mark.parametrize(
    ("button", "held"),
    [
        (Qt.MouseButton.RightButton, Qt.KeyboardModifier.NoModifier),
        (Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier),
    ],
)
def test_a_drag_on_the_ruler_scrubs(
    stage: MainWindow, system: FakeSystem, qtbot: QtBot, button: Qt.MouseButton, held: Qt.KeyboardModifier
) -> None:
    ruler, state = stage.generation.roll.ruler, stage.generation.roll.state
    place = QPoint(round(state.viewport.x(100)), 30)
    QTest.mousePress(ruler, button, held, place)
    heard(stage, system, 1, qtbot)
    told = [event.message for event in system.last.events]
    assert note_on(0, 40, 70) in told
    assert abs(state.playhead - 100) < 10
    QTest.mouseRelease(ruler, button, held, place)
    heard(stage, system, 1, qtbot)
    assert note_off(0, 40) in [event.message for event in system.last.events]
    assert state.loop is None


def test_a_real_keyboard_that_is_pulled_out_plays_again_when_it_is_back(
    jack_server: str, player: Player, qtbot: QtBot
) -> None:
    hands = Hands()
    keyboards = Keyboards(player)
    told = told_by(keyboards)
    played: list[bytes] = []
    keyboards.played.connect(played.append)
    keyboards.start()
    once(qtbot, lambda: "stage" in keyboards.open)
    hands.close()
    once(qtbot, lambda: keyboards.open == "")
    assert "is gone" in told[-1]
    hands = Hands()
    once(qtbot, lambda: "stage" in keyboards.open)
    assert "is back" in told[-1]
    qtbot.wait(100)
    hands.play([0x90, 60, 80])
    once(qtbot, lambda: played == [note_on(0, 60, 80)])
    keyboards.close()
    hands.close()
