"""The seeds' experiments in the real window: imported, judged, heard against their source, repeated, heard blind."""

import shutil
from pathlib import Path

import numpy as np
import psutil
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from musicgen_app.midi.reader import read_midi
from musicgen_app.project.document import Project
from musicgen_app.project.notebook import read_notebook
from musicgen_app.ui.main_window import DATASET, GENERATION, TRAINING, MainWindow
from tests.servers import PulseSink, pulse_sink
from tests.test_story import answer_file_dialog, button, click
from tests.windows import NewWindow, new_window, settings

__all__ = ["new_window", "pulse_sink", "settings"]

LONG = 240_000
COPY = 74


@pytest.fixture
def seeds(shared: Path) -> Path:
    folder = shared / "seed" / "music_gen"
    if not folder.is_dir():
        pytest.skip("The seeds' experiments do not lie beside this checkout.")
    return folder


@pytest.fixture
def window(new_window: NewWindow, tmp_path: Path, pulse_sink: PulseSink) -> MainWindow:
    window = new_window()
    window.start(Project.create(tmp_path / "Laboratory.musicgen").folder)
    return window


@pytest.mark.timeout(900)
def test_somebody_who_did_the_seeds_work_finds_it_all_here(
    window: MainWindow, qtbot: QtBot, pulse_sink: PulseSink, tmp_path: Path, seeds: Path
) -> None:
    training, table = window.training, window.training.view.table

    # Import the folder; the outputs are judged by themselves, since the music they learned from lies in it.
    answer_file_dialog(qtbot, seeds)
    window.verbs["import_runs"].trigger()
    qtbot.waitUntil(lambda: len(training.shelf.runs) == 79 and not window.experiments.busy, timeout=LONG)
    qtbot.waitUntil(lambda: not window.experiments.busy and training.shelf.run(COPY).verdict is not None, timeout=LONG)

    # Open run 74 and read what its output is.
    click(qtbot, window.segments.button(TRAINING))
    qtbot.waitUntil(table.isVisible)
    table.choose(COPY)
    qtbot.waitUntil(lambda: training.shelf.chosen is not None and training.shelf.chosen.id == COPY)
    told = training.notes.story
    assert "200" in told
    assert "op. 25 no. 12" in told

    # Hear it against what it was copied from.
    with pulse_sink.recording() as recording:
        source = button(training.notes, "Hear it against its source")
        source.click()
        qtbot.waitUntil(lambda: window.player.playing, timeout=LONG)
        assert window.tab == GENERATION
        qtbot.wait(2500)
        source_score = window.player.score
        button(window.generation, "Hear the copy").click()
        qtbot.waitUntil(lambda: window.player.playing and window.player.score is window.editor.score, timeout=20_000)
        qtbot.wait(1500)
    assert source_score is not window.editor.score
    assert len(np.unique(window.editor.score.notes["onset"])) == 200
    assert float(np.abs(recording.wave).max()) > 0.01
    assert window.generation.roll.copies.runs[-1].notes >= 200
    click(qtbot, window.transport.stop)

    # A data set of one etude as the seeds' words.
    etude = tmp_path / "etude" / "chet2512.mid"
    etude.parent.mkdir()
    shutil.copy(next(seeds.rglob("train/chet2512.mid")), etude)
    click(qtbot, window.segments.button(DATASET))
    window.dataset.add_sources((etude,))
    qtbot.waitUntil(lambda: not window.dataset.scanning and window.dataset.files.table.rowCount() == 1, timeout=LONG)
    codec = window.dataset.panel.codec
    codec.setCurrentIndex(codec.findData("seed"))
    codec.activated.emit(codec.currentIndex())
    with qtbot.waitSignal(window.dataset.dataset_prepared, timeout=LONG):
        click(qtbot, window.dataset.panel.prepare)

    # Its clone, with words as embeddings instead of numbers, learns for one epoch.
    click(qtbot, window.segments.button(TRAINING))
    training._on_asked("clone", COPY)
    form = training.panel.form
    assert form.value().embedding == 0
    form.box("embedding").setValue(32)
    form.box("epochs").setValue(1)
    click(qtbot, training.panel.train)
    qtbot.waitUntil(lambda: training.session.state == "idle", timeout=LONG)
    new = max(row.id for row in training.shelf.runs)
    assert new == 80
    qtbot.waitUntil(lambda: training.shelf.run(new).output is not None and not training.outputs.busy, timeout=LONG)
    run = training.shelf.run(new)
    assert (run.status, run.settings["embedding"], len(run.losses.train)) == ("done", 32, 1)

    # The two are compared and heard blind.
    for number in table.runs.ticks - {COPY, new}:
        table.runs.set_ticked(number, False)
    training.shelf.show(COPY)
    training.shelf.show(new)
    window.verbs["compare_runs"].trigger()
    comparison = window.comparing.window
    assert comparison is not None
    qtbot.waitUntil(lambda: not window.comparing.busy, timeout=LONG)
    assert "200 of 200" in comparison.table.values("Longest copied run")[0]
    assert comparison.table.values("Embedding")
    click(qtbot, comparison.blind)
    dialog = window.comparing.dialog
    assert dialog is not None
    dialog.start.rounds.setValue(2)
    dialog.start.seconds.setValue(5)
    click(qtbot, dialog.start.start)
    qtbot.waitUntil(lambda: dialog.pages.currentWidget() is dialog.round, timeout=LONG)
    for answer in (Qt.Key.Key_1, Qt.Key.Key_T):
        for key in (Qt.Key.Key_A, Qt.Key.Key_B):
            QTest.keyClick(dialog, key)
            qtbot.waitUntil(lambda: window.player.playing, timeout=20_000)
        QTest.keyClick(dialog, answer)
    assert dialog.pages.currentWidget() is dialog.end
    assert "in 1 of 1 decided" in dialog.end.words.text() or "0 of 1 decided" in dialog.end.words.text()
    notebook = read_notebook(Path(window.desk.project.folder))
    assert "Blind listening test" in notebook
    assert f"run:{COPY}" in notebook
    assert f"run:{new}" in notebook
    click(qtbot, dialog.end.close_it)
    assert window.comparing.dialog is None


def trainer() -> psutil.Process:
    """The child process that trains."""
    children = psutil.Process().children(recursive=True)
    (found,) = (child for child in children if child.cmdline()[-1:] == ["train"])
    return found


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_the_published_row_is_repeated_killed_resumed_and_fills(window: MainWindow, qtbot: QtBot, seeds: Path) -> None:
    training, table = window.training, window.training.view.table
    patience = 2_400_000
    answer_file_dialog(qtbot, seeds)
    window.verbs["import_runs"].trigger()
    qtbot.waitUntil(lambda: len(training.shelf.runs) == 79 and not window.experiments.busy, timeout=LONG)

    # The list of words it was trained with.
    notes = next(seeds.rglob("notes_chopin_train*"))
    click(qtbot, window.segments.button(DATASET))
    codec = window.dataset.panel.codec
    codec.setCurrentIndex(codec.findData("seed"))
    window.dataset.add_sources((notes,))
    qtbot.waitUntil(lambda: not window.dataset.scanning and window.dataset.files.table.rowCount() == 1, timeout=LONG)
    with qtbot.waitSignal(window.dataset.dataset_prepared, timeout=LONG):
        click(qtbot, window.dataset.panel.prepare)

    # Its row, with two epochs.
    click(qtbot, window.segments.button(TRAINING))
    qtbot.waitUntil(table.isVisible)
    table.choose(COPY)
    training._on_asked("clone", COPY)
    form = training.panel.form
    form.box("epochs").setValue(2)
    config = form.value()
    assert (config.preset, config.window, config.batch) == ("seed-complex2", 40, 256)
    click(qtbot, training.panel.train)

    # The trainer is killed within the second epoch; what it had learned is there, and it goes on.
    qtbot.waitUntil(lambda: bool(training.shelf.runs) and training.shelf.runs[0].id == 80, timeout=LONG)
    qtbot.waitUntil(lambda: len(training.shelf.run(80).losses.train) == 1, timeout=patience)
    trainer().kill()
    qtbot.waitUntil(lambda: training.session.state == "idle", timeout=LONG)
    assert training.shelf.run(80).status != "done"
    training._on_asked("resume", 80)
    qtbot.waitUntil(lambda: training.session.state == "idle", timeout=patience)

    # Two hundred words are made, and all its cells are filled.
    qtbot.waitUntil(lambda: training.shelf.run(80).output is not None, timeout=LONG)
    run = training.shelf.run(80)
    assert (run.status, len(run.losses.train)) == ("done", 2)
    onsets = read_midi(run.output).score.notes["onset"]
    assert len(np.unique(onsets)) == 200
    row = next(row for row in training.shelf.runs if row.id == 80)
    assert None not in (row.score, row.loss, row.random_pick, row.runtime_min)
    assert row.output == "80_output.mid"
