"""The window's door: light, polite, and told what nobody foresaw."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QUrl
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from musicgen_app import app as door

HEAVY = ("tensorflow", "keras")


def run(code: str, home: Path, **more: str) -> subprocess.CompletedProcess[str]:
    places = {f"XDG_{name}_HOME": str(home / name.lower()) for name in ("CONFIG", "DATA", "CACHE", "STATE")}
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "HOME": str(home), **places, **more},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_importing_the_window_leaves_tensorflow_out(tmp_path: Path) -> None:
    code = f"import sys, musicgen_app.app; print([name for name in {HEAVY} if name in sys.modules])"
    done = run(code, tmp_path)
    assert done.stdout.strip() == "[]", done.stderr


def test_setting_texts_does_not_wear_out_none(qtbot: QtBot) -> None:
    # Qt bindings 6.12.0 lose a reference to None at each call on Python 3.11, until the program aborts.
    if sys.version_info >= (3, 12):
        pytest.skip("None cannot wear out here.")
    label = QLabel()
    qtbot.addWidget(label)
    label.setText("warm")
    before = sys.getrefcount(None)
    for number in range(1000):
        label.setText(str(number))
    assert abs(sys.getrefcount(None) - before) < 100


def test_without_a_display_it_says_so_in_one_line(tmp_path: Path) -> None:
    if not sys.platform.startswith("linux"):
        pytest.skip("Only Linux has no display at times.")
    code = "import sys; from musicgen_app.app import main; sys.exit(main([]))"
    done = run(code, tmp_path, DISPLAY="", WAYLAND_DISPLAY="", QT_QPA_PLATFORM="")
    assert done.returncode == 1
    assert "no display" in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_first_start_opens_the_demo_and_ends_with_zero(tmp_path: Path) -> None:
    code = """
import sys
from PySide6.QtCore import QTimer
from musicgen_app import app as door
build = door.build
def closing(app, *rest):
    window = build(app, *rest)
    def look():
        if window.desk.project is None or window.dataset.scanning:
            QTimer.singleShot(20, window, look)
            return
        heavy = sorted(set(sys.modules) & {"tensorflow", "keras"})
        print(window.windowTitle(), window.dataset.files.table.rowCount(), heavy)
        window.close()
    QTimer.singleShot(0, window, look)
    return window
door.build = closing
sys.exit(door.main([]))
"""
    done = run(code, tmp_path, QT_QPA_PLATFORM="offscreen")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "Demo - MusicGen Composer 14 []"
    assert list(tmp_path.rglob("musicgen.log"))


def test_the_system_can_end_it_in_good_order(tmp_path: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("Windows sends no such signal.")
    places = {f"XDG_{name}_HOME": str(tmp_path / name.lower()) for name in ("CONFIG", "DATA", "CACHE", "STATE")}
    code = """
import sys
from PySide6.QtCore import QTimer
from musicgen_app import app as door
build = door.build
def telling(app, *rest):
    window = build(app, *rest)
    QTimer.singleShot(500, window, lambda: print("up", flush=True))
    return window
door.build = telling
sys.exit(door.main([]))
"""
    child = subprocess.Popen(
        [sys.executable, "-c", code],
        env={**os.environ, "HOME": str(tmp_path), **places, "QT_QPA_PLATFORM": "offscreen"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    with child.stdout:
        assert child.stdout.readline().strip() == "up"
        child.send_signal(signal.SIGTERM)
        began = time.monotonic()
        assert child.wait(30) == 0
        assert time.monotonic() - began < 25


def test_what_nobody_foresaw_is_told_from_any_thread(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    catcher = door.Catcher()
    told: list[BaseException] = []
    catcher.caught.connect(told.append)
    before, before_threads = sys.excepthook, threading.excepthook
    try:
        catcher.install()
        error = ValueError("strange")
        sys.excepthook(ValueError, error, None)
        assert told == [error]

        def fail() -> None:
            raise KeyError("in a thread")

        thread = threading.Thread(target=fail)
        with qtbot.waitSignal(catcher.caught):
            thread.start()
            thread.join()
        catcher.uninstall()
    finally:
        sys.excepthook, threading.excepthook = before, before_threads
    assert isinstance(told[1], KeyError)


def test_a_file_the_system_hands_over_is_opened(qtbot: QtBot, qapp: QApplication) -> None:
    class Window(QLabel):
        opened: Path | None = None

        def open_path(self, path: Path) -> None:
            self.opened = path

    window = Window()
    qtbot.addWidget(window)
    opener = door.FileOpener(window)  # type: ignore[arg-type]
    assert opener.eventFilter(qapp, QFileOpenEvent(QUrl.fromLocalFile("/songs/a.mid")))
    assert window.opened == Path("/songs/a.mid")
    assert not opener.eventFilter(qapp, QEvent(QEvent.Type.User))
