"""The lab notebook in its window: written, kept, merged with what a training writes, searched and exported."""

from datetime import datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from musicgen_app.core.errors import MusicgenError
from musicgen_app.project.document import Project
from musicgen_app.project.notebook import NOTEBOOK_FILE, read_notebook, write_notebook
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.notebook_desk import NotebookDesk
from musicgen_app.ui.settings import Settings
from musicgen_app.ui.theme import Theme
from musicgen_app.workflow.notebook import note_end
from tests.ui.training_parts import add_run


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.create(tmp_path / "a.musicgen")


@pytest.fixture
def desk(qtbot, project: Project, tmp_path: Path) -> NotebookDesk:
    main = QWidget()
    qtbot.addWidget(main)
    main.desk = NotebookDesk(Icons(Theme()), Settings(tmp_path / "settings.ini"), main)
    main.desk.set_project(project)
    main.desk.show()
    return main.desk


def test_what_is_typed_is_kept_and_can_be_undone(qtbot, desk: NotebookDesk, project: Project) -> None:
    desk.window.begin_entry()
    desk.window.editor.insertPlainText("It works.")
    qtbot.waitUntil(lambda: "It works." in read_notebook(project.folder))
    assert "It works." in desk.window.page.toPlainText()
    desk.window.editor.undo()
    desk.shutdown()
    assert "It works." not in read_notebook(project.folder)


def test_a_runs_entry_comes_in_beside_what_is_being_typed(desk: NotebookDesk, project: Project) -> None:
    desk.window.editor.setPlainText("# Mine\n\nunsaved words \N{MUSICAL SYMBOL G CLEF}\n")
    note_end(add_run(project, 5, 4), datetime(2026, 1, 2))
    desk.refresh()
    assert "unsaved words" in desk.window.text
    assert "[Run 1](run:1)" in desk.window.text == read_notebook(project.folder)
    asked: list[int] = []
    desk.run_asked.connect(asked.append)
    desk.window.page.anchorClicked.emit(QUrl("run:1"))
    assert asked == [1]


def test_a_pasted_picture_is_laid_beside_the_notebook(desk: NotebookDesk, project: Project) -> None:
    image = QImage(8, 8, QImage.Format.Format_RGB32)
    image.fill(0xFF0000)
    pasted = QMimeData()
    pasted.setImageData(image)
    assert desk.window.editor.canInsertFromMimeData(pasted)
    desk.window.editor.insertFromMimeData(pasted)
    desk.shutdown()
    picture = next((project.folder / "notebook").glob("*.png"))
    assert f"](notebook/{picture.name})" in read_notebook(project.folder)


def test_words_are_found(desk: NotebookDesk) -> None:
    desk.window.editor.setPlainText("one two one")
    desk.window.render_page()
    desk.window.search.setText("one")
    assert desk.window.found.text() == "2 found"
    assert desk.window.editor.textCursor().selectedText() == "one"
    assert not desk.window.editor.find_next("three")


@pytest.mark.parametrize("suffix", [".md", ".html", ".pdf"])
def test_it_is_exported_with_its_pictures(desk: NotebookDesk, project: Project, tmp_path: Path, suffix: str) -> None:
    note_end(add_run(project, 5, 4), datetime(2026, 1, 2))
    desk.refresh()
    out = tmp_path / f"out{suffix}"
    desk.export_to(out)
    content = out.read_bytes()
    if suffix == ".md":
        assert b"](out-pictures/" in content
        assert len(list((tmp_path / "out-pictures").iterdir())) == 1
    elif suffix == ".html":
        assert b"data:image/svg+xml;base64," in content
        assert b"run:1" not in content
    else:
        assert content.startswith(b"%PDF")


def test_what_cannot_be_kept_is_told_and_stays_in_the_window(desk: NotebookDesk, project: Project) -> None:
    failed: list[MusicgenError] = []
    desk.failed.connect(failed.append)
    (project.folder / NOTEBOOK_FILE).mkdir()
    desk.window.editor.setPlainText("words")
    desk.shutdown()
    assert failed
    assert desk.window.text == "words"
    desk.export_to(project.folder / "none" / "a.md")
    assert len(failed) >= 2


def test_its_window_comes_back_as_large_as_it_was(qtbot, desk: NotebookDesk, project: Project, tmp_path: Path) -> None:
    desk.window.resize(760, 520)
    desk.window.write.setChecked(False)
    desk.window.close()
    desk._settings.flush()
    main = QWidget()
    qtbot.addWidget(main)
    main.desk = NotebookDesk(Icons(Theme()), Settings(tmp_path / "settings.ini"), main)
    main.desk.set_project(project)
    main.desk.show()
    assert (main.desk.window.width(), main.desk.window.height()) == (760, 520)
    assert main.desk.window.editor.isHidden()
    assert not main.desk.window.write.isChecked()


def test_another_project_has_another_notebook(desk: NotebookDesk, project: Project, tmp_path: Path) -> None:
    desk.window.editor.setPlainText("old project")
    other = Project.create(tmp_path / "b.musicgen")
    write_notebook(other.folder, "new project")
    desk.set_project(other)
    assert read_notebook(project.folder) == "old project"
    assert desk.window.text == "new project"
