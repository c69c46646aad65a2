"""The real window for tests that drive it as a person would."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from musicgen_app import app as door
from musicgen_app.ui.main_window import MainWindow
from musicgen_app.ui.settings import Settings

NewWindow = Callable[[], MainWindow]


@pytest.fixture
def settings(tmp_path: Path, qapp: QApplication) -> Settings:
    """What the window remembers, in a file of the test's own."""
    return Settings(tmp_path / "settings.ini")


@pytest.fixture
def new_window(qtbot: QtBot, qapp: QApplication, settings: Settings) -> Iterator[NewWindow]:
    """Makes windows that are shown and active, and takes them apart when the test is over."""
    dress, palette = qapp.styleSheet(), qapp.palette()
    made: list[MainWindow] = []

    def make() -> MainWindow:
        window = door.build(qapp, None, settings)
        made.append(window)
        window.show()
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        return window

    yield make
    for window in made:
        window.editor.mark_saved()
        window.close()
        shiboken6.delete(window)
    qapp.setStyleSheet(dress)
    qapp.setPalette(palette)


def drop(window: MainWindow, *paths: Path) -> None:
    """Let files fall on what is shown in the middle of the window, as Qt hands them on."""
    content = QMimeData()
    content.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    place = window.childAt(window.rect().center())
    assert place is not None
    QApplication.sendEvent(place, QDragEnterEvent(QPoint(9, 9), Qt.DropAction.CopyAction, content, left, none))
    QApplication.sendEvent(place, QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, content, left, none))
