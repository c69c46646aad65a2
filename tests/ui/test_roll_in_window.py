"""The roll in the whole window: keys that belong to the window, files that are opened, and what a restart keeps."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from musicgen_app import app as door
from musicgen_app.core.score import Score, Track, make_notes
from musicgen_app.midi.writer import write_midi
from musicgen_app.project.document import Project
from musicgen_app.ui.main_window import GENERATION, MainWindow
from musicgen_app.ui.piano_roll.piano_roll import PEDAL, TEMPO, VELOCITY
from musicgen_app.ui.piano_roll.track_choice import TrackChoice
from musicgen_app.ui.settings import Settings

WAIT = 60_000
Key, Held = Qt.Key, Qt.KeyboardModifier


@pytest.fixture
def new_window(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Iterator[Callable[[], MainWindow]]:
    """Makes the program's window over one project; each next one starts with what the one before remembered."""
    dress, palette = qapp.styleSheet(), qapp.palette()
    made: list[MainWindow] = []
    project = Project.create(tmp_path / "Songs.musicgen").folder

    def make() -> MainWindow:
        while made:
            end(made.pop())
        window = door.build(qapp, None, Settings(tmp_path / "settings.ini"))
        made.append(window)
        window.show()
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        window.start(project)
        window.show_tab(GENERATION)
        return window

    def end(window: MainWindow) -> None:
        window.editor.mark_saved()
        window.close()
        shiboken6.delete(window)

    yield make
    for window in made:
        end(window)
    qapp.setStyleSheet(dress)
    qapp.setPalette(palette)


@pytest.fixture
def window(new_window: Callable[[], MainWindow]) -> MainWindow:
    """The window with three notes in the roll, which has the keys."""
    window = new_window()
    window.editor.set_score(Score(make_notes([(0, 480, 60, 64), (480, 480, 64, 64), (3840, 480, 67, 64)])))
    window.generation.roll.setFocus()
    QApplication.processEvents()
    return window


def press(window: MainWindow, key: Qt.Key, held: Qt.KeyboardModifier = Held.NoModifier) -> None:
    """Press a key as a person does: it goes to whatever has the focus."""
    QTest.keyClick(window.focusWidget() or window, key, held)


def test_space_plays_and_pauses_and_with_shift_stops_and_returns(window: MainWindow, qtbot: QtBot) -> None:
    player = window.player
    press(window, Key.Key_Home)
    press(window, Key.Key_Space)
    qtbot.waitUntil(lambda: player.state == "playing", timeout=WAIT)
    press(window, Key.Key_Space)
    qtbot.waitUntil(lambda: player.state == "paused", timeout=WAIT)
    press(window, Key.Key_Space)
    qtbot.waitUntil(lambda: player.state == "playing", timeout=WAIT)
    press(window, Key.Key_Space, Held.ShiftModifier)
    qtbot.waitUntil(lambda: player.state == "stopped", timeout=WAIT)
    qtbot.waitUntil(lambda: player.position == 0, timeout=WAIT)


def test_home_and_end_lead_to_the_first_and_the_last_tick(window: MainWindow) -> None:
    roll = window.generation.roll
    press(window, Key.Key_End)
    assert roll.state.playhead >= 3840
    press(window, Key.Key_Home)
    assert roll.state.playhead == 0


def test_l_turns_the_loop_on_and_off(window: MainWindow) -> None:
    press(window, Key.Key_L)
    assert window.player.loop is not None
    assert window.generation.roll.state.loop == window.player.loop
    press(window, Key.Key_L)
    assert window.player.loop is None
    assert window.generation.roll.state.loop is None


def test_notes_copied_in_one_project_are_pasted_in_the_next(window: MainWindow, tmp_path: Path) -> None:
    press(window, Key.Key_A, Held.ControlModifier)
    press(window, Key.Key_C, Held.ControlModifier)
    window.editor.mark_saved()
    window.desk.open(Project.create(tmp_path / "Other.musicgen").folder)
    window.editor.set_score(Score(ticks_per_beat=96))
    window.generation.roll.state.set_playhead(96)
    window.generation.roll.setFocus()
    press(window, Key.Key_V, Held.ControlModifier)
    notes = window.editor.score.notes
    assert notes["onset"].tolist() == [96, 192, 864]
    assert notes["pitch"].tolist() == [60, 64, 67]


def open_file(window: MainWindow, path: Path, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.exports.opened, timeout=WAIT):
        window.open_midi(path)


def test_another_file_shows_all_its_tracks_from_its_beginning(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    notes = make_notes([(0, 480, 60, 64, 0), (480, 480, 64, 64, 1), (96_000, 480, 67, 64, 1)])
    write_midi(Score(notes, tracks=(Track("Right"), Track("Left", channel=1))), tmp_path / "two.mid")
    state = window.generation.roll.state
    open_file(window, tmp_path / "two.mid", qtbot)
    state.set_tracks(TrackChoice(edited=1, hidden=frozenset({0}), muted=frozenset({0})))
    state.set_loop((0, 960))
    state.seek(48_000)
    write_midi(Score(notes, tracks=(Track("One"), Track("Other", channel=1))), tmp_path / "other.mid")
    open_file(window, tmp_path / "other.mid", qtbot)
    assert state.tracks == TrackChoice()
    assert state.loop is None
    assert state.playhead == 0
    assert state.viewport.x(96_480) <= state.viewport.width


def test_the_status_tells_how_far_a_file_is_read(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    notes = make_notes([(number * 60, 50, 60 + number % 12, 64) for number in range(60_000)])
    write_midi(Score(notes), tmp_path / "long.mid")
    told: list[str] = []
    window.exports.job_started.connect(lambda job, _title: job.progressed.connect(lambda one: told.append(one.stage)))
    open_file(window, tmp_path / "long.mid", qtbot)
    assert {"Reading", "Putting the notes in order"} <= set(told)
    assert len(window.editor.score.notes) == 60_000


def test_lanes_come_back_after_a_restart_as_they_were(new_window: Callable[[], MainWindow]) -> None:
    window = new_window()
    window.editor.set_score(Score(make_notes([(0, 480, 60, 64)])))
    roll = window.generation.roll
    window.verbs["lane_tempo"].trigger()
    window.verbs["lane_pedal"].trigger()
    QApplication.processEvents()
    notes, velocity, pedal, tempo = roll._panes.sizes()
    roll._panes.setSizes([notes - 70, velocity + 20, pedal, tempo + 50])
    QApplication.processEvents()
    high = roll.velocities.height(), roll.tempos.height()
    again = new_window()
    again.editor.set_score(Score(make_notes([(0, 480, 60, 64)])))
    QApplication.processEvents()
    lanes = again.generation.roll.lanes
    assert [lanes.shown(name) for name in (VELOCITY, PEDAL, TEMPO)] == [True, False, True]
    assert [again.verbs[f"lane_{name}"].isChecked() for name in (VELOCITY, PEDAL, TEMPO)] == [True, False, True]
    assert again.generation.roll.velocities.height() == pytest.approx(high[0], abs=4)
    assert again.generation.roll.tempos.height() == pytest.approx(high[1], abs=4)


def test_what_is_shown_counts_where_the_windows_shape_says_otherwise(
    new_window: Callable[[], MainWindow], tmp_path: Path
) -> None:
    """A program that died has kept which lanes it showed, but not the shape of its window."""
    window = new_window()
    window.close()
    settings = Settings(tmp_path / "settings.ini")
    settings.lanes = (TEMPO,)
    settings.flush()
    roll = new_window().generation.roll
    assert [roll.lanes.shown(name) for name in (VELOCITY, PEDAL, TEMPO)] == [False, False, True]
    QApplication.processEvents()
    assert roll.view.height() > 200
