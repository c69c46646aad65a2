"""New, open, save, what is unsaved, and what a crash left behind."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from musicgen_app import environment
from musicgen_app.core import edits
from musicgen_app.core.errors import ProjectError
from musicgen_app.core.score import Score, make_notes
from musicgen_app.project.document import Project
from musicgen_app.ui import project_desk
from musicgen_app.ui.project_desk import ProjectDesk, demo_project
from musicgen_app.ui.score_editor import ScoreEditor
from musicgen_app.ui.settings import Settings


def piece(*pitches: int) -> Score:
    return Score(notes=make_notes([(480 * i, 240, pitch, 64) for i, pitch in enumerate(pitches)]))


class Answers:
    """Answers questions as they come and remembers what was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.next: list[int] = []

    def __call__(
        self, _parent: QWidget, title: str, _sentence: str, _choices: tuple[str, ...], unanswered: int = -1
    ) -> int:
        self.asked.append(title)
        return self.next.pop(0)


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Answers:
    answers = Answers()
    monkeypatch.setattr(project_desk, "ask", answers)
    return answers


@pytest.fixture
def settings(tmp_path: Path, qapp: object) -> Settings:
    return Settings(tmp_path / "settings.ini")


@pytest.fixture
def new_desk(qtbot: QtBot, settings: Settings, answers: Answers) -> Callable[[], ProjectDesk]:
    desks: list[ProjectDesk] = []

    def made() -> ProjectDesk:
        window = QWidget()
        qtbot.addWidget(window, before_close_func=lambda _: desk.close())
        desk = ProjectDesk(ScoreEditor(window), settings, window)
        desk.errors = []  # type: ignore[attr-defined]
        desk.failed.connect(desk.errors.append)  # type: ignore[attr-defined]
        desks.append(desk)
        return desk

    return made


@pytest.fixture
def desk(new_desk: Callable[[], ProjectDesk], tmp_path: Path) -> ProjectDesk:
    desk = new_desk()
    desk.create(tmp_path / "Songs.musicgen")
    return desk


def write(desk: ProjectDesk, *pitches: int) -> None:
    desk._editor.edit("Draw", piece(*pitches))


def test_a_new_project_is_open_empty_and_remembered(desk: ProjectDesk, settings: Settings, tmp_path: Path) -> None:
    assert desk.title == "Songs"
    assert not desk.unsaved
    assert settings.recent == (tmp_path / "Songs.musicgen",)


def test_saved_music_is_there_when_the_project_is_opened_again(
    desk: ProjectDesk, new_desk: Callable[[], ProjectDesk], tmp_path: Path
) -> None:
    write(desk, 60, 64)
    assert desk.unsaved
    assert desk.save()
    assert not desk.unsaved
    again = new_desk()
    assert again.open(tmp_path / "Songs.musicgen" / "project.json")
    assert again._editor.score.notes["pitch"].tolist() == [60, 64]
    assert not again.unsaved


def test_leaving_with_unsaved_edits_asks(desk: ProjectDesk, answers: Answers, tmp_path: Path) -> None:
    write(desk, 60)
    answers.next = [2, 1, 0]
    assert not desk.create(tmp_path / "Two.musicgen")
    assert desk.title == "Songs"
    assert desk.create(tmp_path / "Two.musicgen")
    write(desk, 61)
    assert desk.create(tmp_path / "Three.musicgen")
    assert len(answers.asked) == 3
    assert Project.open(tmp_path / "Songs.musicgen").score() is None
    saved = Project.open(tmp_path / "Two.musicgen").score()
    assert saved is not None
    assert saved.notes["pitch"].tolist() == [61]


def test_edits_that_were_given_up_are_not_offered_again(desk: ProjectDesk, answers: Answers, tmp_path: Path) -> None:
    write(desk, 60)
    answers.next = [1]
    desk.create(tmp_path / "Two.musicgen")
    desk.open(tmp_path / "Songs.musicgen")
    assert len(answers.asked) == 1


def test_work_that_may_not_be_stopped_keeps_the_project_open(qtbot: QtBot, settings: Settings, tmp_path: Path) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    desk = ProjectDesk(ScoreEditor(window), settings, window, may_stop=lambda: False)
    assert not desk.create(tmp_path / "Songs.musicgen")
    assert not (tmp_path / "Songs.musicgen").exists()


def test_what_was_not_saved_when_the_program_died_is_offered(
    desk: ProjectDesk, new_desk: Callable[[], ProjectDesk], answers: Answers, tmp_path: Path
) -> None:
    write(desk, 60)
    write(desk, 60, 62)
    desk.close()  # as a program that dies, nothing is saved
    again = new_desk()
    answers.next = [0]
    again.open(tmp_path / "Songs.musicgen")
    assert answers.asked == ["Unsaved edits of Songs were found."]
    assert again._editor.score.notes["pitch"].tolist() == [60, 62]
    assert again.unsaved
    again._editor.undo_stack.undo()
    assert len(again._editor.score.notes) == 0


def test_recovered_edits_can_be_thrown_away(
    desk: ProjectDesk, new_desk: Callable[[], ProjectDesk], answers: Answers, tmp_path: Path
) -> None:
    write(desk, 60)
    desk.close()
    for answer, left in (([1], 0), ([], 0)):
        again = new_desk()
        answers.next = answer
        again.open(tmp_path / "Songs.musicgen")
        assert len(again._editor.score.notes) == left
        again.close()


def test_edits_of_a_take_are_recovered_into_that_take(
    desk: ProjectDesk, new_desk: Callable[[], ProjectDesk], answers: Answers, tmp_path: Path
) -> None:
    assert desk.project is not None
    take = desk.project.add_take(piece(50), {})
    desk.project.current_take = take.id
    desk._editor.set_score(piece(50))
    desk._editor.edit("Transpose", edits.transpose(desk._editor.score, np.array([0], dtype=np.intp), 2))
    desk.project.current_take = None
    desk.close()
    # The edit belongs to the take, whatever is open now.
    again = new_desk()
    answers.next = [0]
    again.open(tmp_path / "Songs.musicgen")
    assert again.project is not None
    assert again.project.current_take == take.id
    assert again._editor.score.notes["pitch"].tolist() == [52]


def test_undoing_everything_leaves_nothing_to_recover(
    desk: ProjectDesk, new_desk: Callable[[], ProjectDesk], answers: Answers, tmp_path: Path
) -> None:
    write(desk, 60)
    desk._editor.undo_stack.undo()
    desk.close()
    new_desk().open(tmp_path / "Songs.musicgen")
    assert answers.asked == []


def test_save_as_goes_on_with_the_copy(desk: ProjectDesk, tmp_path: Path) -> None:
    write(desk, 60)
    assert desk.save_as(tmp_path / "Copy.musicgen")
    assert desk.title == "Copy"
    assert not desk.unsaved
    assert Project.open(tmp_path / "Songs.musicgen").score() is None


def test_what_cannot_be_done_is_told(desk: ProjectDesk, tmp_path: Path) -> None:
    assert not desk.open(tmp_path / "nowhere")
    assert not desk.create(tmp_path / "Songs.musicgen")
    assert not desk.save_as(tmp_path / "Songs.musicgen")
    assert [type(error) for error in desk.errors] == [ProjectError] * 3  # type: ignore[attr-defined]
    assert desk.title == "Songs"


def test_a_damaged_score_is_told_and_the_project_opens_empty(desk: ProjectDesk, tmp_path: Path) -> None:
    scores = tmp_path / "Songs.musicgen" / "scores"
    scores.mkdir(exist_ok=True)
    (scores / "current.mid").write_bytes(b"nothing")
    desk.open(tmp_path / "Songs.musicgen")
    assert len(desk.errors) == 1  # type: ignore[attr-defined]
    assert len(desk._editor.score.notes) == 0


def test_names_are_asked_for_in_dialogs(desk: ProjectDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "Asked"), ""))
    desk.ask_new()
    assert desk.project is not None
    assert desk.project.folder == tmp_path / "Asked.musicgen"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "Other.musicgen"), ""))
    assert desk.ask_save_as()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "Songs.musicgen"))
    desk.ask_open()
    assert desk.title == "Songs"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("", ""))
    assert not desk.ask_save_as()


def test_without_a_project_there_is_nothing_to_save(new_desk: Callable[[], ProjectDesk], tmp_path: Path) -> None:
    desk = new_desk()
    assert desk.title == ""
    assert not desk.save()
    assert not desk.ask_save_as()
    assert not desk.save_as(tmp_path / "x")
    assert desk.may_leave()


def test_the_first_start_opens_the_demo_ready_to_train(tmp_path: Path) -> None:
    project = demo_project(tmp_path / "Demo.musicgen")
    assert project.title == "Demo"
    assert project.has_dataset
    assert project.sources == (environment.bundled("data", "corpus"),)
    again = demo_project(tmp_path / "Demo.musicgen")
    assert again.has_dataset


def test_a_start_opens_what_was_wanted_then_the_last_then_the_demo(
    new_desk: Callable[[], ProjectDesk], settings: Settings, tmp_path: Path
) -> None:
    desk = new_desk()
    desk.open_first(tmp_path / "nowhere")
    assert desk.title == "Demo"
    other = Project.create(tmp_path / "Other.musicgen")
    desk.open_first(other.folder)
    assert desk.title == "Other"
    third = new_desk()
    third.open_first(None)
    assert third.title == "Other"


def test_save_as_asks_before_it_stops_work(
    qtbot: QtBot, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = QWidget()
    qtbot.addWidget(window, before_close_func=lambda _: desk.close())
    may = [True, False, True]
    desk = ProjectDesk(ScoreEditor(window), settings, window, may_stop=lambda: may.pop(0))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "Copy"), ""))
    assert desk.create(tmp_path / "Songs.musicgen")
    assert not desk.ask_save_as()
    assert desk.title == "Songs"
    assert desk.ask_save_as()
    assert desk.title == "Copy"
