"""Runs compared and heard blind in the real window, by mouse and keys."""

import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from musicgen_app.core.progress import CancelToken, silent
from musicgen_app.project.document import Project
from musicgen_app.project.listening import read_sessions
from musicgen_app.project.notebook import read_notebook
from musicgen_app.project.verdict import write_verdict
from musicgen_app.ui.compare_window import CompareWindow
from musicgen_app.ui.listening_dialog import ListeningDialog
from musicgen_app.ui.main_window import GENERATION, TRAINING, MainWindow
from musicgen_app.ui.settings import Settings
from musicgen_app.workflow.compare import CompareRequest, compare
from musicgen_app.workflow.compared_words import LIKELIHOOD
from musicgen_app.workflow.experiments import ImportRequest, import_experiments
from musicgen_app.workflow.judge import judge
from musicgen_app.workflow.references import open_reference
from tests.servers import PulseSink, pulse_sink
from tests.windows import NewWindow, new_window, settings
from tests.workflow.compared_runs import compared_project

__all__ = ["new_window", "pulse_sink", "settings"]

LEFT = Qt.MouseButton.LeftButton
LONG = 240_000


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose likelihoods were measured before."""
    folder = compared_project(tmp_path_factory.mktemp("made")).folder
    compare(CompareRequest(folder, (5, 6), takes=0), silent, CancelToken())
    return folder


@pytest.fixture
def project(made: Path, tmp_path: Path) -> Project:
    return Project.open(Path(shutil.copytree(made, tmp_path / "compared.musicgen")))


@pytest.fixture
def window(qtbot: QtBot, new_window: NewWindow, project: Project, pulse_sink: PulseSink) -> MainWindow:
    window = new_window()
    window.start(project.folder)
    window.show_tab(TRAINING)
    qtbot.waitUntil(lambda: len(window.training.shelf.runs) == 6)
    return window


def tick(window: MainWindow, *runs: int) -> None:
    for run in window.training.view.table.runs.ticks - set(runs):
        window.training.view.table.runs.set_ticked(run, False)
    for run in runs:
        window.training.shelf.show(run)


def compared(qtbot: QtBot, window: MainWindow, *runs: int) -> CompareWindow:
    """The comparison of these runs, when it is done."""
    tick(window, *runs)
    qtbot.waitUntil(window.training.view.bar.compare.isVisible)
    qtbot.mouseClick(window.training.view.bar.compare, LEFT)
    found = window.comparing.window
    assert found is not None
    qtbot.waitUntil(lambda: not window.comparing.busy, timeout=LONG)
    return found


def test_fewer_than_two_runs_are_not_compared(window: MainWindow) -> None:
    tick(window, 5)
    window.verbs["compare_runs"].trigger()
    assert window.comparing.window is None
    assert window.messages.isVisible()


def test_runs_stand_side_by_side_and_their_takes_are_heard(
    qtbot: QtBot, window: MainWindow, settings: Settings, project: Project
) -> None:
    shutil.rmtree(project.cache_folder / "likelihoods")
    tick(window, 1, 5, 6)
    window.comparing.compare((1, 5, 6))
    found = window.comparing.window
    assert found is not None
    # What is known is there at once.
    assert found.plot.keys == (1, 5, 6)
    assert found.table.values("Learning rate") == ("0.001", "0.003", "0.01")
    assert found.table.values("Comments") == ()
    assert not found.again.isEnabled()
    assert window.comparing.busy
    qtbot.waitUntil(lambda: not window.comparing.busy, timeout=LONG)
    assert found.again.isEnabled()
    assert "nats a note" in found.table.values(LIKELIHOOD)[1]
    assert len(found.takes.cells) == 3
    output, one, other = found.takes.cells
    assert "as it came" in output.words.text()
    assert all(len(cell.score.notes) for cell in found.takes.cells)

    found.area.ensureWidgetVisible(one)
    qtbot.mouseClick(one.play, LEFT)
    qtbot.waitUntil(lambda: window.player.playing, timeout=20_000)
    assert window.player.score is one.score
    assert one.playing
    qtbot.mouseClick(other.play, LEFT)
    assert (one.playing, other.playing) == (False, True)
    qtbot.waitUntil(lambda: window.player.playing and window.player.score is other.score, timeout=20_000)
    qtbot.mouseClick(other.play, LEFT)
    qtbot.waitUntil(lambda: not window.player.playing)
    assert not other.playing

    found.takes_box.setValue(2)
    qtbot.mouseClick(found.again, LEFT)
    qtbot.waitUntil(lambda: not window.comparing.busy, timeout=LONG)
    assert len(found.takes.cells) == 5
    window.theme.set_mode("light" if window.theme.dark else "dark")
    assert len(found.takes.cells) == 5
    qtbot.mouseClick(found.takes.cells[1].open, LEFT)
    assert window.tab == GENERATION
    qtbot.waitUntil(lambda: len(window.editor.score.notes) == len(found.takes.cells[1].score.notes))

    found.resize(900, 700)
    found.close()
    again = CompareWindow(window.theme, window.icons, window)
    settings.restore_dialog(again, "compare")
    assert (again.width(), again.height()) == (900, 700)


def test_a_comparison_is_stopped_and_begun_anew(qtbot: QtBot, window: MainWindow) -> None:
    tick(window, 5, 6)
    window.comparing.compare((5, 6))
    found = window.comparing.window
    assert found is not None
    qtbot.mouseClick(found.work.stop, LEFT)
    qtbot.waitUntil(lambda: not window.comparing.busy, timeout=LONG)
    assert found.work.stop.isHidden()
    window.comparing.compare((1, 2))
    found.close()
    qtbot.waitUntil(lambda: not window.comparing.busy, timeout=LONG)


def begun(qtbot: QtBot, window: MainWindow, found: CompareWindow, rounds: int) -> ListeningDialog:
    """A listening test in its first round."""
    qtbot.mouseClick(found.blind, LEFT)
    dialog = window.comparing.dialog
    assert dialog is not None
    dialog.start.rounds.setValue(rounds)
    dialog.start.seconds.setValue(5)
    qtbot.mouseClick(dialog.start.start, LEFT)
    qtbot.waitUntil(lambda: dialog.pages.currentWidget() is dialog.round, timeout=LONG)
    return dialog


def hear(qtbot: QtBot, window: MainWindow, dialog: ListeningDialog) -> None:
    """Play A, then B, by their keys."""
    for key in (Qt.Key.Key_A, Qt.Key.Key_B):
        assert not dialog.round.can_answer
        QTest.keyClick(dialog, Qt.Key.Key_1)
        QTest.keyClick(dialog, key)
        qtbot.waitUntil(lambda: window.player.playing, timeout=20_000)


def test_two_runs_are_heard_blind_and_the_answers_stand_in_the_notebook(
    qtbot: QtBot, window: MainWindow, project: Project
) -> None:
    found = compared(qtbot, window, 5, 6)
    window.notebook.show()
    dialog = begun(qtbot, window, found, 3)
    assert dialog.test is not None
    order = [one.first for one in dialog.test.rounds]
    shown = [label.text() for label in dialog.round.findChildren(type(dialog.round.hint))]
    assert not any("Run" in words for words in shown)
    for first in order:
        hear(qtbot, window, dialog)
        if first == 5:
            QTest.keyClick(dialog, Qt.Key.Key_Left)
        else:
            QTest.keyClick(dialog, Qt.Key.Key_2)
    assert dialog.pages.currentWidget() is dialog.end
    qtbot.waitUntil(lambda: not window.player.playing)
    assert "You preferred Run 5 in 3 of 3 decided rounds" in dialog.end.words.text()
    assert "sign test p = 0.250" in dialog.end.details.text()
    assert "[Run 5](run:5) and [Run 6](run:6)" in read_notebook(project.folder)
    assert window.notebook.window is not None
    assert "Blind listening test" in window.notebook.window.text

    # Further rounds, stopped half-way, are added to these.
    qtbot.mouseClick(dialog.end.again, LEFT)
    dialog.start.rounds.setValue(4)
    qtbot.mouseClick(dialog.start.start, LEFT)
    qtbot.waitUntil(lambda: dialog.pages.currentWidget() is dialog.round, timeout=LONG)
    assert dialog.test.rounds[0].number == 4
    hear(qtbot, window, dialog)
    QTest.keyClick(dialog, Qt.Key.Key_T)
    QTest.keyClick(dialog, Qt.Key.Key_A)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.pages.currentWidget() is dialog.end
    assert dialog.end.title.text() == "Stopped"
    assert "Stopped after 1 of 4 rounds" in dialog.end.words.text()
    assert "With the test before: you preferred Run 5 in 3 of 3" in dialog.end.words.text()
    assert len(read_sessions(project.folder, (5, 6))) == 2
    qtbot.mouseClick(dialog.end.close_it, LEFT)
    assert window.comparing.dialog is None


def test_a_test_that_cannot_begin_says_why_and_one_that_is_left_is_kept(
    qtbot: QtBot, window: MainWindow, project: Project
) -> None:
    found = compared(qtbot, window, 4, 5, 6)
    qtbot.mouseClick(found.blind, LEFT)
    dialog = window.comparing.dialog
    assert dialog is not None
    dialog.start.other.setCurrentIndex(0)
    assert not dialog.start.start.isEnabled()
    dialog.start.other.setCurrentIndex(1)
    qtbot.mouseClick(dialog.start.start, LEFT)
    qtbot.waitUntil(dialog.problem.isVisible, timeout=LONG)
    assert "neither a model nor an output" in dialog.problem.text()
    dialog.start.one.setCurrentIndex(2)
    qtbot.mouseClick(dialog.start.start, LEFT)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: dialog.pages.currentWidget() is dialog.start, timeout=LONG)
    qtbot.mouseClick(dialog.start.start, LEFT)
    qtbot.waitUntil(lambda: dialog.pages.currentWidget() is dialog.round, timeout=LONG)
    hear(qtbot, window, dialog)
    qtbot.mouseClick(dialog.round.answers["same"], LEFT)
    window.comparing.shutdown()
    assert window.comparing.dialog is None
    assert "Stopped after 1 of 10 rounds" in read_notebook(project.folder)


def test_a_whole_copy_among_the_seeds_outputs_is_seen_beside_a_trained_run(
    qtbot: QtBot, window: MainWindow, project: Project, shared: Path
) -> None:
    seeds = shared / "seed" / "music_gen"
    notes = next(seeds.rglob("notes_chopin_train*"), None)
    if notes is None:
        pytest.skip("The seeds' experiments do not lie beside this checkout.")
    import_experiments(ImportRequest(seeds, project.folder), silent, CancelToken())
    copy = next(run for run in project.runs() if run.row is not None and run.title == "Test 74")
    assert copy.output is not None
    write_verdict(copy.folder, judge(copy.output, open_reference(notes, silent, CancelToken())))
    window.comparing.compare((copy.id, 5))
    found = window.comparing.window
    assert found is not None
    qtbot.waitUntil(lambda: not window.comparing.busy, timeout=LONG)
    assert "200 of 200 tokens" in found.table.values("Longest copied run")
    assert any("10177" in words for words in found.table.values("Copied from"))
    assert "0.285" in found.table.values("Score in its table")
