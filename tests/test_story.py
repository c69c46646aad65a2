"""The whole loop in the real window, by mouse and keys: MIDI files in, music heard, edited and exported."""

from pathlib import Path

import mido
import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QFileDialog, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from musicgen_app.audio.render import sound_of
from musicgen_app.core.timing import TempoMap
from musicgen_app.project.document import Project
from musicgen_app.ui.main_window import DATASET, GENERATION, TRAINING, MainWindow
from tests.servers import CAPTURE_RATE, PulseSink, lags_sec, pulse_sink
from tests.ui.piano_roll.conftest import move_mouse
from tests.windows import NewWindow, new_window, settings

__all__ = ["new_window", "pulse_sink", "settings"]

LEFT = Qt.MouseButton.LeftButton
NO_KEYS = Qt.KeyboardModifier.NoModifier
LONG = 240_000
PLAYED_SEC = 12.0


@pytest.fixture
def window(new_window: NewWindow, tmp_path: Path, pulse_sink: PulseSink) -> MainWindow:
    window = new_window()
    window.start(Project.create(tmp_path / "Story.musicgen").folder)
    return window


def answer_file_dialog(qtbot: QtBot, path: Path) -> None:
    """Type a path into the file dialog that is about to open, and press Return."""

    def type_in() -> None:
        dialog = QApplication.activeModalWidget()
        if not isinstance(dialog, QFileDialog) or not dialog.isVisible():
            QTimer.singleShot(50, type_in)
            return
        name = dialog.findChild(QLineEdit, "fileNameEdit")
        name.setText(str(path))
        QTest.keyClick(name, Qt.Key.Key_Return)

    QTimer.singleShot(50, type_in)


def click(qtbot: QtBot, widget: QWidget) -> None:
    assert widget.isVisible()
    assert widget.isEnabled()
    qtbot.mouseClick(widget, LEFT)


def button(place: QWidget, name: str) -> QAbstractButton:
    """The button with an accessible name."""
    (found,) = (b for b in place.findChildren(QAbstractButton) if name in (b.accessibleName(), b.text()))
    return found


def pixel_of(window: MainWindow, index: int) -> QPoint:
    """The middle of a note in the roll."""
    note = window.editor.score.notes[index]
    port = window.generation.roll.state.viewport
    row = 127 - int(note["pitch"])
    tick = int(note["onset"]) + int(note["duration"]) / 2
    return QPoint(round(port.x(tick)), (port.row_edge(row) + port.row_edge(row + 1)) // 2)


def heard_in_time(window: MainWindow, sink: PulseSink, qtbot: QtBot) -> tuple[np.ndarray, np.ndarray]:
    """Play the first seconds; the lag of every onset in seconds, and what the sound server heard."""
    score = window.editor.score
    with sink.recording() as recording:
        click(qtbot, window.transport.play)
        until = TempoMap(score).tick(PLAYED_SEC)
        qtbot.waitUntil(lambda: window.player.position >= until, timeout=60_000)
        click(qtbot, window.transport.stop)
        qtbot.waitUntil(lambda: not window.player.playing, timeout=5_000)
        qtbot.wait(500)
    expected = np.concatenate(list(sound_of(score)), axis=1).sum(axis=0)[: int((PLAYED_SEC + 0.5) * CAPTURE_RATE)]
    onsets = TempoMap(score).seconds(np.unique(score.notes["onset"]))
    return lags_sec(recording.wave, expected, onsets[onsets < PLAYED_SEC - 1]), recording.wave


@pytest.mark.timeout(900)
def test_a_musician_goes_the_whole_way(
    window: MainWindow, qtbot: QtBot, pulse_sink: PulseSink, tmp_path: Path, root: Path
) -> None:
    # A folder of MIDI files, by the button and its dialog.
    answer_file_dialog(qtbot, root / "data" / "corpus")
    click(qtbot, button(window.dataset, "Add a folder"))
    qtbot.waitUntil(lambda: not window.dataset.scanning and window.dataset.files.table.rowCount() == 14, timeout=60_000)

    # Prepare it.
    with qtbot.waitSignal(window.dataset.dataset_prepared, timeout=60_000):
        click(qtbot, window.dataset.panel.prepare)

    # Train two epochs; the curve shows both losses.
    click(qtbot, window.segments.button(TRAINING))
    epochs = window.training.panel.form.box("epochs")
    epochs.setFocus()
    epochs.selectAll()
    QTest.keyClicks(epochs, "2")
    QTest.keyClick(epochs, Qt.Key.Key_Tab)
    click(qtbot, window.training.panel.train)
    qtbot.waitUntil(lambda: window.training.busy, timeout=5_000)
    qtbot.waitUntil(lambda: not window.training.busy, timeout=LONG)
    plot = window.training.view.plot
    plot.draw_now()
    (run,) = plot.keys
    for kind in ("training", "validation"):
        assert len(plot.curve(run, kind).x) == 2
        assert np.isfinite(plot.curve(run, kind).y).all()

    # Generate 200 notes; they stand in the roll.
    click(qtbot, window.segments.button(GENERATION))
    form = window.generation.form
    form.length.setFocus()
    form.length.selectAll()
    QTest.keyClicks(form.length, "200")
    QTest.keyClick(form.length, Qt.Key.Key_Tab)
    click(qtbot, form.fresh_seed)
    form.seed.setFocus()
    form.seed.selectAll()
    QTest.keyClicks(form.seed, "7")
    QTest.keyClick(form.seed, Qt.Key.Key_Tab)
    click(qtbot, form.button)
    qtbot.waitUntil(lambda: window.generation.busy, timeout=5_000)
    qtbot.waitUntil(lambda: not window.generation.busy, timeout=LONG)
    assert len(window.editor.score.notes) == 200
    assert len(window.generation.takes.cards) == 1

    # Play it: the sound server hears every note when the score says.
    for _ in range(3):
        lags, wave = heard_in_time(window, pulse_sink, qtbot)
        assert np.sqrt(np.mean(wave**2)) > 0.003
        # On a machine with more work than cores the recorder itself stumbles; one clean take shows that we do not.
        if np.abs(lags).max() < 0.005:
            break
    assert np.abs(lags).max() < 0.005

    # Move a note by mouse, and take it back.
    before = window.editor.score
    view = window.generation.roll.view
    QTest.keyClick(view, Qt.Key.Key_F)
    place = pixel_of(window, 100)
    target = place - QPoint(0, 30)
    QTest.mousePress(view, LEFT, NO_KEYS, place)
    move_mouse(view, (place + target) / 2, LEFT, NO_KEYS)
    move_mouse(view, target, LEFT, NO_KEYS)
    QTest.mouseRelease(view, LEFT, NO_KEYS, target)
    assert window.editor.score != before
    assert len(window.editor.score.notes) == 200
    QTest.keyClick(view, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.editor.score == before

    # Export it; another program reads the same notes.
    out = tmp_path / "exported.mid"
    answer_file_dialog(qtbot, out)
    window.verbs["export_midi"].trigger()
    qtbot.waitUntil(lambda: not window.exports.busy and out.is_file(), timeout=20_000)
    tempo_map = TempoMap(before)
    notes = sorted(zip(before.notes["onset"].tolist(), before.notes["pitch"].tolist(), strict=True))
    assert sorted(played(mido.MidiFile(out))) == notes
    assert mido.MidiFile(out).length == pytest.approx(tempo_map.second(before.end), abs=2.0)
    assert window.tab == GENERATION != DATASET


def played(file: mido.MidiFile) -> list[tuple[int, int]]:
    """Onset and pitch of all notes, as mido reads them."""
    found = []
    for track in file.tracks:
        tick = 0
        for message in track:
            tick += message.time
            if message.type == "note_on" and message.velocity:
                found.append((tick, message.note))
    return found
