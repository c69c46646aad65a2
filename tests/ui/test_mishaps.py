"""What goes wrong around the window: damaged files, things that vanish, questions closed unanswered."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from musicgen_app import environment
from musicgen_app.core.score import Score, make_notes
from musicgen_app.midi.writer import write_midi
from musicgen_app.project.document import Project
from musicgen_app.ui.main_window import DATASET, GENERATION, TRAINING, MainWindow
from musicgen_app.ui.messages import Question
from musicgen_app.ui.settings import Settings
from tests.windows import NewWindow, drop, new_window, settings

__all__ = ["new_window", "settings"]

WAIT = 60_000


def piece(*pitches: int) -> Score:
    return Score(notes=make_notes([(480 * i, 240, pitch, 64) for i, pitch in enumerate(pitches)]))


@pytest.fixture
def window(new_window: NewWindow, tmp_path: Path) -> MainWindow:
    window = new_window()
    window.start(Project.create(tmp_path / "Songs.musicgen").folder)
    return window


def when_asked(answer: Callable[[Question], None]) -> list[str]:
    """Answer the question that is about to be asked; what it says is in the list then."""
    said: list[str] = []

    def look() -> None:
        question = QApplication.activeModalWidget()
        if not isinstance(question, Question) or not question.isVisible():
            QTimer.singleShot(20, look)
            return
        said.extend(label.text() for label in question.findChildren(QLabel))
        answer(question)

    QTimer.singleShot(0, look)
    return said


def press(index: int) -> Callable[[Question], None]:
    return lambda question: QTest.mouseClick(question.buttons[index], Qt.MouseButton.LeftButton)


def escape(question: Question) -> None:
    QTest.keyClick(question, Qt.Key.Key_Escape)


def type_name(path: Path) -> None:
    """Type a path into the file dialog that is about to open, and press Return."""

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        if not isinstance(dialog, QFileDialog) or not dialog.isVisible():
            QTimer.singleShot(20, look)
            return
        name = dialog.findChild(QLineEdit, "fileNameEdit")
        name.setText(str(path))
        QTest.keyClick(name, Qt.Key.Key_Return)

    QTimer.singleShot(0, look)


def titles(window: MainWindow) -> list[str]:
    return [message.title for message in window.messages.shown]


def test_closing_the_question_after_a_crash_loses_nothing(
    new_window: NewWindow, window: MainWindow, tmp_path: Path
) -> None:
    window.editor.edit("Draw", piece(60, 64))
    folder = tmp_path / "Copy.musicgen"
    shutil.copytree(tmp_path / "Songs.musicgen", folder)  # as it lies there when the program dies now
    said = when_asked(escape)
    other = new_window()
    other.start(folder)
    assert said[0] == "Unsaved edits of Songs were found."
    assert said[1].startswith("The program ended before they were saved. The last edit was made on 20")
    assert other.editor.score.notes["pitch"].tolist() == [60, 64]
    assert other.desk.unsaved


def test_an_export_asks_before_it_replaces_a_file_whose_ending_was_not_typed(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "song.mid").write_bytes(b"precious")
    window.editor.set_score(piece(60))
    for answer, kept in ((escape, True), (press(1), True), (press(0), False)):
        said = when_asked(answer)
        type_name(tmp_path / "song")
        window.verbs["export_midi"].trigger()
        qtbot.waitUntil(lambda: not window.exports.busy)
        assert said[0] == "Replace song.mid?"
        assert ((tmp_path / "song.mid").read_bytes() == b"precious") is kept


def test_a_damaged_project_of_last_time_is_told_beside_the_demo(
    new_window: NewWindow, settings: Settings, tmp_path: Path
) -> None:
    folder = Project.create(tmp_path / "Songs.musicgen").folder
    settings.add_recent(folder)
    (folder / "project.json").write_text("{")
    window = new_window()
    window.start(None)
    assert window.desk.title == "Demo"
    assert titles(window) == ["project.json in Songs.musicgen is damaged: it is not valid JSON."]


def test_damaged_music_of_a_project_is_told_and_the_next_project_begins_without_messages(
    window: MainWindow, tmp_path: Path
) -> None:
    project = Project.create(tmp_path / "Broken.musicgen")
    project.save(piece(60))
    project.score_path.write_bytes(b"no music")
    window.desk.open(project.folder)
    assert window.desk.title == "Broken"
    assert len(titles(window)) == 1
    window.desk.open(tmp_path / "Songs.musicgen")
    assert titles(window) == []


def test_projects_and_strange_files_may_be_dropped_on_every_tab(window: MainWindow, tmp_path: Path) -> None:
    strange = tmp_path / "letter.txt"
    strange.write_text("hello")
    for index in (DATASET, TRAINING, GENERATION):
        window.show_tab(index)
        other = Project.create(tmp_path / f"Other {index}.musicgen").folder
        drop(window, other)
        assert window.desk.title == f"Other {index}"
        drop(window, strange)
        assert titles(window) == ["letter.txt is no music."]
        assert window.desk.project is not None
        assert window.desk.project.sources == ()


def test_music_is_taken_from_what_is_dropped_and_the_rest_is_told(window: MainWindow, tmp_path: Path) -> None:
    write_midi(piece(60), tmp_path / "one.mid")
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("hello")
    drop(window, tmp_path / "a.txt", tmp_path / "one.mid", tmp_path / "b.txt")
    assert window.desk.project is not None
    assert window.desk.project.sources == (tmp_path / "one.mid",)
    assert titles(window) == ["2 files are no music."]


def test_a_data_set_that_was_deleted_meanwhile_leaves_no_run_behind(window: MainWindow, qtbot: QtBot) -> None:
    project = window.desk.project
    assert project is not None
    shutil.copytree(environment.bundled("data", "dataset"), project.folder / "dataset")
    window.training.refresh_dataset()
    window.show_tab(TRAINING)
    shutil.rmtree(project.folder / "dataset")
    qtbot.mouseClick(window.training.panel.train, Qt.MouseButton.LeftButton)
    assert titles(window) == ["The prepared data set is gone."]
    assert not window.training.busy
    assert not window.training.panel.train.isEnabled()
    assert project.runs() == ()
