"""A piece that is played on a keyboard, laid over, quantised, edited, saved, opened again and exported stays itself.

The keyboard is a virtual port of a real JACK server, the sound goes to PulseAudio's null sink.
"""

import gc
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from musicgen_app.app import settle
from musicgen_app.core.asides import Marker
from musicgen_app.core.score import (
    PEDAL_DTYPE,
    TEMPO_DTYPE,
    KeySignature,
    Score,
    TimeSignature,
    Track,
    make_notes,
)
from musicgen_app.core.timing import TempoMap
from musicgen_app.midi.reader import read_midi
from musicgen_app.project.document import Project
from musicgen_app.ui.main_window import GENERATION, MainWindow
from tests.audio.test_inputs import Hands
from tests.servers import CAPTURE_RATE, PulseSink, jack_server, pulse_sink
from tests.ui.test_main_window import new_window, settings

__all__ = ["jack_server", "new_window", "pulse_sink", "settings"]

WAIT = 30_000
USUALLY_LATE_SEC = 0.05
MOST_LATE_SEC = 0.3
"""What a starved sound server may move a message by; on a quiet machine it is about a millisecond. That our own part
moves none is shown without servers, by a clock that does not depend on the machine (tests/audio/test_performance.py).
"""

Played = list[tuple[float, int, list[int]]]

TEMPLATE = Score(
    notes=make_notes([(0, 480, 48, 70, 1), (960, 480, 52, 71, 1)]),
    pedals=np.array([(0, 1, 127), (960, 1, 0)], PEDAL_DTYPE),
    tempos=np.array([(0, 500_000), (1440, 400_000)], TEMPO_DTYPE),
    time_signatures=(TimeSignature(0, 3, 4),),
    key_signatures=(KeySignature(0, 2, False),),
    tracks=(Track("Piano"), Track("Strings", program=48, channel=1)),
    markers=(Marker(0, "Theme"),),
)

FIRST = [
    (0.00, [0x90, 60, 81]),
    (0.05, [0xB0, 64, 127]),
    (0.20, [0x80, 60, 0]),
    (0.25, [0x90, 64, 82]),
    (0.26, [0x90, 67, 83]),
    (0.50, [0xB0, 64, 0]),
    (0.60, [0x80, 64, 0]),
    (0.61, [0x80, 67, 0]),
    (0.75, [0x90, 72, 127]),
    (0.90, [0x80, 72, 0]),
    (1.75, [0x90, 71, 20]),
    (1.95, [0x80, 71, 0]),
]
SECOND = [(0.10, [0x90, 84, 61]), (0.35, [0x80, 84, 0]), (0.40, [0x90, 86, 62]), (0.70, [0x80, 86, 0])]


def play(hands: Hands, window: MainWindow, steps: Sequence[tuple[float, list[int]]], qtbot: QtBot) -> Played:
    """Play with the hands' own clock, and note when, and which tick was heard then."""
    done: Played = []

    def act() -> None:
        begin = time.monotonic()
        for at, message in steps:
            time.sleep(max(begin + at - time.monotonic(), 0))
            now = time.monotonic()
            done.append((now, window.player.engine.tick_heard_at(now), message))
            hands.play(message)

    thread = threading.Thread(target=act)
    thread.start()
    qtbot.waitUntil(lambda: not thread.is_alive(), timeout=WAIT)
    thread.join()
    return done


def record(hands: Hands, window: MainWindow, steps: Sequence[tuple[float, list[int]]], qtbot: QtBot) -> Played:
    """Press R, play as soon as the music goes, press R again."""
    QTest.keyClick(window.generation.roll.view, Qt.Key.Key_R)
    assert window.recording.recording
    qtbot.waitUntil(lambda: window.player.position > 0, timeout=WAIT)
    played = play(hands, window, steps, qtbot)
    qtbot.wait(60)
    assert window.generation.roll.state.arriving is not None
    QTest.keyClick(window.generation.roll.view, Qt.Key.Key_R)
    assert not window.recording.recording
    qtbot.waitUntil(lambda: window.player.state == "stopped", timeout=WAIT)
    return played


def check_times(score: Score, played: Played, recorded: Sequence[tuple[int, tuple[int, ...]]]) -> None:
    """What was recorded stands where it was played, but for the port's delay."""
    tempo = TempoMap(score)
    assert [data for _, data in recorded] == [tuple(message[1:]) for _, _, message in played]
    moments = np.array([moment for moment, _, _ in played])
    seconds = tempo.seconds(np.array([tick for tick, _ in recorded]))
    apart = (seconds - moments) - np.median(seconds - moments)
    heard = seconds - tempo.seconds(np.array([tick for _, tick, _ in played]))
    for late in (np.abs(apart), np.abs(heard)):
        assert np.median(late) < USUALLY_LATE_SEC, late
        assert late.max() < MOST_LATE_SEC, late


def events(score: Score, track: int) -> list[tuple[int, tuple[int, ...]]]:
    """The messages that a track's notes and pedal are, as (tick, data)."""
    found: list[tuple[int, tuple[int, ...]]] = []
    for onset, length, pitch, velocity, of in score.notes.tolist():
        if of == track:
            found += [(onset, (pitch, velocity)), (onset + length, (pitch, 0))]
    found += [(onset, (64, value)) for onset, of, value in score.pedals.tolist() if of == track]
    return sorted(found)


def test_a_recorded_piece_is_equal_to_itself(
    jack_server: str, pulse_sink: PulseSink, new_window: Callable[[], MainWindow], qtbot: QtBot, tmp_path: Path
) -> None:
    hands = Hands()
    window = new_window()
    window.start(Project.create(tmp_path / "Songs.musicgen").folder)
    window.show_tab(GENERATION)
    window.editor.set_score(TEMPLATE)
    editor, roll = window.editor, window.generation.roll
    qtbot.waitUntil(lambda: "stage" in window.keyboards.open, timeout=WAIT)
    # A null sink holds its breath for a while when it is opened.
    steady = window.player.engine.transport
    qtbot.waitUntil(lambda: steady.frame > 3 * CAPTURE_RATE, timeout=WAIT)

    played = record(hands, window, FIRST, qtbot)
    assert editor.undo_stack.undoText() == "Record"
    assert editor.undo_stack.count() == 1
    assert len(editor.selected) == 5
    check_times(editor.score, played, events(editor.score, 0))

    before = editor.score
    QTest.keyClick(roll.view, Qt.Key.Key_Home)
    window.recording.set_options(replaces=False, quantises=True)
    record(hands, window, SECOND, qtbot)
    assert editor.undo_stack.count() == 2
    laid_over = editor.score
    grid = roll.state.snap.step_grid(laid_over)
    new = laid_over.notes[editor.selected]
    assert new["pitch"].tolist() == [84, 86]
    assert new["velocity"].tolist() == [61, 62]
    assert np.array_equal(grid.nearest(new["onset"]), new["onset"])
    assert np.array_equal(np.delete(laid_over.notes, editor.selected), before.notes)

    QTest.keyClick(roll.view, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(roll.view, Qt.Key.Key_Q)
    QTest.keyClick(roll.view, Qt.Key.Key_Up)
    final = editor.score
    assert final != laid_over
    assert np.array_equal(grid.nearest(final.notes["onset"]), final.notes["onset"])

    assert window.desk.save()
    folder = tmp_path / "Songs.musicgen"
    file = tmp_path / "piece.mid"
    window.exports.export_midi(file)
    window.editor.mark_saved()
    window.close()
    hands.close()

    assert Project.open(folder).score() == final
    again = new_window()
    again.start(folder)
    assert again.editor.score == final
    same_music(read_midi(file).score, final)
    again.open_midi(file)
    qtbot.waitUntil(lambda: len(again.editor.score.notes) == len(final.notes), timeout=WAIT)
    same_music(again.editor.score, final)


def test_a_window_that_is_held_up_moves_no_note(
    jack_server: str,
    pulse_sink: PulseSink,
    new_window: Callable[[], MainWindow],
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gc, "freeze", lambda: None)
    interval = sys.getswitchinterval()
    settle()
    hands = Hands()
    window = new_window()
    window.start(Project.create(tmp_path / "Songs.musicgen").folder)
    window.show_tab(GENERATION)
    window.editor.set_score(TEMPLATE)
    steady = window.player.engine.transport
    qtbot.waitUntil(lambda: bool(window.keyboards.open) and steady.frame > 3 * CAPTURE_RATE, timeout=WAIT)

    def hold_up() -> None:
        end = time.monotonic() + 0.7
        while time.monotonic() < end:
            pass

    QTimer.singleShot(300, hold_up)
    played = record(hands, window, FIRST, qtbot)
    sys.setswitchinterval(interval)
    check_times(window.editor.score, played, events(window.editor.score, 0))
    window.editor.mark_saved()
    window.close()
    hands.close()


def same_music(score: Score, expected: Score) -> None:
    """Notes, pedal, tempo, signatures and programs are equal, and all else too."""
    assert np.array_equal(score.notes, expected.notes)
    assert np.array_equal(score.pedals, expected.pedals)
    assert np.array_equal(score.tempos, expected.tempos)
    assert score.time_signatures == expected.time_signatures
    assert score.key_signatures == expected.key_signatures
    assert score.tracks == expected.tracks
    assert score == expected
