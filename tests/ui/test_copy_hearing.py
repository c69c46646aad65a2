"""The output of an imported run is opened, its copy marked, and it and its source are heard in turn."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from musicgen_app.core.progress import CancelToken, silent
from musicgen_app.midi.reader import read_midi
from musicgen_app.midi.writer import write_midi
from musicgen_app.project.document import Project
from musicgen_app.tokens.note_file import write_list
from musicgen_app.ui import main_window
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.main_window import GENERATION, MainWindow
from musicgen_app.ui.player import Player
from musicgen_app.ui.settings import Settings
from musicgen_app.ui.theme import Theme
from musicgen_app.workflow.experiments import ImportRequest, import_experiments
from musicgen_app.workflow.judge import JudgeRequest, judge_runs
from tests.project.experiments import write_experiments
from tests.ui.test_player import FakeSystem
from tests.workflow.etudes import etude, rendered

LONG = 60_000


@pytest.fixture
def project(tmp_path: Path) -> Project:
    clone = write_experiments(tmp_path / "clone")
    (clone / "data").mkdir()
    words = [*etude(clone / "data" / "chet2512.mid", 1, 25), *etude(clone / "data" / "ballade2.mid", 2, 25)]
    write_list(words, clone / "data" / "all notes")
    write_midi(rendered(words[30:90]), clone / "outputs" / "3_output.mid")
    found = import_experiments(ImportRequest(clone, tmp_path / "a.musicgen"), silent, CancelToken())
    assert found.judgeable
    judge_runs(JudgeRequest(tmp_path / "a.musicgen", only_new=True), silent, CancelToken())
    return Project.open(tmp_path / "a.musicgen")


@pytest.fixture
def system() -> FakeSystem:
    return FakeSystem()


@pytest.fixture
def window(
    qtbot: QtBot, project: Project, system: FakeSystem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MainWindow]:
    quiet = partial(Player, opener=system.open, list_devices=lambda: ("Speakers",), list_ports=lambda: ())
    monkeypatch.setattr(main_window, "Player", quiet)
    theme = Theme()
    made = MainWindow(theme, Icons(theme), Settings(tmp_path / "settings.ini"))
    made.resize(1400, 900)
    made.show()
    made.start(project.folder)
    yield made
    made.editor.mark_saved()
    made.close()
    made.deleteLater()
    QApplication.sendPostedEvents(made)


def opened(qtbot: QtBot, window: MainWindow) -> Path:
    output = window.training.shelf.run(3).output
    window.training.output_asked.emit(output)
    qtbot.waitUntil(lambda: bool(window.generation.roll.copies.runs), timeout=LONG)
    return output


def stands_at(qtbot: QtBot, window: MainWindow, system: FakeSystem, tick: int) -> None:
    """Let the sound go on for a moment and see that it is heard from a tick on."""
    system.last.advance(1)
    qtbot.waitUntil(lambda: abs(window.player.position - tick) <= 5, timeout=LONG)


def test_an_opened_output_is_marked_and_a_click_plays_the_source(
    qtbot: QtBot, window: MainWindow, system: FakeSystem, project: Project
) -> None:
    opened(qtbot, window)
    strip = window.generation.roll.copies
    (run,) = strip.runs
    score = window.editor.score
    assert (run.notes, run.onset, run.end) == (60, 0, score.end)
    assert run.words.startswith("60 tokens of Étude op. 25 no. 12, tokens 31 to 90 of ")
    assert window.generation.copy_line.isVisible()
    assert "All 60 tokens are copied in one piece from Étude op. 25 no. 12" in window.generation.copy_line.words.text()
    at = QPoint(round(strip.state.viewport.x((run.onset + run.end) / 2)), 3)
    qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=at)
    assert window.playback.listening
    source = read_midi(project.folder / "reference" / "midi" / "chet2512.mid").score.notes[30:90]
    heard = window.player.score.notes
    assert heard["pitch"].tolist() == source["pitch"].tolist()
    assert np.diff(heard["onset"]).tolist() == np.diff(source["onset"]).tolist(), "in its own timing"


def test_copy_and_source_are_heard_in_turn_from_the_same_note(
    qtbot: QtBot, window: MainWindow, system: FakeSystem
) -> None:
    opened(qtbot, window)
    line = window.generation.copy_line
    qtbot.mouseClick(line.source, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(system.opened) and not window.player._switch.opening, timeout=LONG)
    assert (window.playback.listening, window.player.playing) == (True, True)
    heard = window.player.score
    there = int(heard.notes["onset"][20])
    window.player.seek(there)
    stands_at(qtbot, window, system, there)
    qtbot.mouseClick(line.copy, Qt.MouseButton.LeftButton)
    assert (window.playback.listening, window.player.playing) == (False, True)
    stands_at(qtbot, window, system, 20 * window.editor.score.ticks_per_beat // 2)
    qtbot.mouseClick(line.source, Qt.MouseButton.LeftButton)
    stands_at(qtbot, window, system, there)
    assert window.player.score == heard


def test_from_the_notes_on_a_run_its_source_is_one_click_away(
    qtbot: QtBot, window: MainWindow, system: FakeSystem
) -> None:
    window.training.view.table.choose(3)
    assert "copied in one piece from Étude op. 25 no. 12, tokens 31 to 90" in window.training.notes.story
    qtbot.mouseClick(window.training.notes._source, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.playback.listening, timeout=LONG)
    assert window.tab == GENERATION
    assert len(window.player.score.notes) == 60


def test_another_file_has_no_source(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    opened(qtbot, window)
    etude(tmp_path / "another.mid", 9, 10)
    window.open_midi(tmp_path / "another.mid")
    qtbot.waitUntil(lambda: len(window.editor.score.notes) == 40, timeout=LONG)
    qtbot.waitUntil(lambda: not window.generation.watch.busy, timeout=LONG)
    assert not window.generation.copy_line.isVisible()
    assert not window.generation.roll.copies.runs
    window.hearing.hear_source()
    window.hearing.hear_copy()
    assert not window.playback.listening
