"""What is remembered between two starts."""

from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QLabel, QMainWindow, QTableWidget
from pytestqt.qtbot import QtBot

from musicgen_app.ui.panes import ThreePanes
from musicgen_app.ui.settings import RECENT, Settings


@pytest.fixture
def file(tmp_path: Path, qapp: object) -> Path:
    return tmp_path / "settings.ini"


def project(folder: Path) -> Path:
    folder.mkdir()
    (folder / "project.json").write_text("{}")
    return folder


def again(settings: Settings, file: Path) -> Settings:
    settings.flush()
    return Settings(file)


def test_a_new_user_gets_sensible_values(file: Path) -> None:
    settings = Settings(file)
    assert settings.theme_mode == "system"
    assert settings.output == ""
    assert settings.volume == 0.8
    assert settings.follow
    assert settings.threads == 0
    assert settings.recent == ()


def test_preferences_come_back(file: Path) -> None:
    settings = Settings(file)
    settings.theme_mode = "light"
    settings.output = "port:Midi"
    settings.volume = 0.25
    settings.follow = False
    settings.threads = 1
    fresh = again(settings, file)
    assert fresh.theme_mode == "light"
    assert fresh.output == "port:Midi"
    assert fresh.volume == 0.25
    assert not fresh.follow
    assert fresh.threads == 1


def test_the_view_of_the_loss_plot_comes_back(file: Path) -> None:
    assert (Settings(file).plot_log, Settings(file).plot_smooth) == (False, 0)
    settings = Settings(file)
    settings.plot_log, settings.plot_smooth = True, 9
    fresh = again(settings, file)
    assert (fresh.plot_log, fresh.plot_smooth) == (True, 9)
    fresh.plot_smooth = 7
    assert again(fresh, file).plot_smooth == 0


def test_the_columns_of_the_table_of_runs_come_back(file: Path) -> None:
    assert Settings(file).run_columns == ()
    settings = Settings(file)
    settings.run_columns = ("score", "comments")
    settings.flush()
    assert Settings(file).run_columns == ("score", "comments")


def test_nonsense_in_the_file_is_taken_for_the_default(file: Path) -> None:
    file.write_text("[General]\ntheme=sepia\nvolume=loud\nthreads=99999\nversion=x\n")
    settings = Settings(file)
    assert settings.theme_mode == "system"
    assert settings.volume == 0.8
    assert settings.threads >= 1


def test_window_shapes_of_a_later_program_are_left_alone(file: Path) -> None:
    later = QSettings(str(file), QSettings.Format.IniFormat)
    later.setValue("version", 99)
    later.setValue("window/geometry", "strange")
    later.sync()
    Settings(file).flush()
    assert not QSettings(str(file), QSettings.Format.IniFormat).contains("window/geometry")


def test_the_newest_project_stands_first_and_once(file: Path, tmp_path: Path) -> None:
    settings = Settings(file)
    one, two = project(tmp_path / "one"), project(tmp_path / "two")
    for folder in (one, two, one):
        settings.add_recent(folder)
    assert again(settings, file).recent == (one, two)


def test_projects_that_are_gone_are_not_offered(file: Path, tmp_path: Path) -> None:
    settings = Settings(file)
    settings.add_recent(project(tmp_path / "one"))
    settings.add_recent(tmp_path / "never was")
    assert settings.recent == (tmp_path / "one",)
    settings.clear_recent()
    assert settings.recent == ()


def test_the_list_of_projects_does_not_grow_for_ever(file: Path, tmp_path: Path) -> None:
    settings = Settings(file)
    for number in range(RECENT + 3):
        settings.add_recent(project(tmp_path / str(number)))
    assert len(settings.recent) == RECENT
    assert settings.recent[0] == tmp_path / str(RECENT + 2)


def test_folders_are_remembered_by_purpose_as_long_as_they_are_there(file: Path, tmp_path: Path) -> None:
    settings = Settings(file)
    settings.set_folder("export", tmp_path)
    assert settings.folder("export") == tmp_path
    settings.set_folder("export", tmp_path / "gone")
    assert settings.folder("export") == settings.folder("never used")


class Window(QMainWindow):
    def __init__(self) -> None:
        super().__init__()
        self.table = QTableWidget(2, 3)
        self.table.horizontalHeader().setObjectName("files")
        self.panes = ThreePanes("tab", QLabel("left"), self.table, QLabel("right"))
        self.setCentralWidget(self.panes)
        self.resize(1100, 720)


def test_size_panes_folds_and_columns_come_back(file: Path, qtbot: QtBot) -> None:
    settings = Settings(file)
    first = Window()
    qtbot.addWidget(first)
    first.show()
    first.resize(1200, 750)
    first.panes.setSizes([280, 600, 320])
    first.panes.show_right(False)
    first.table.setColumnWidth(1, 222)
    settings.keep_window(first)
    second = Window()
    qtbot.addWidget(second)
    again(settings, file).restore_window(second)
    second.show()
    assert (second.width(), second.height()) == (1200, 750)
    assert second.panes.sizes()[0] == 280
    assert not second.panes.right_shown
    assert second.panes.left_shown
    assert second.table.columnWidth(1) == 222
