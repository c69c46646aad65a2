"""How long a person waits for the window: seconds from the start of the process, each in a fresh one."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUNS = 5

# Prints the wall-clock time at which the window is on the screen and painted, and what is in memory by then.
CHILD = """
import sys, time
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication
from musicgen_app import app as door
from musicgen_app.ui.main_window import MainWindow

class Watch(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Expose or event.type() == QEvent.Type.Paint:
            window = next((w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow)), None)
            if window is not None and window.isVisible() and not told:
                told.append(time.time())
                QTimer.singleShot(0, window, lambda: wait_for_project(window))
        return False

def wait_for_project(window):
    if window.desk.project is None:
        QTimer.singleShot(5, window, lambda: wait_for_project(window))
        return
    heavy = [name for name in ("tensorflow", "keras") if name in sys.modules]
    print(told[0], time.time(), len(heavy), flush=True)
    QTimer.singleShot(0, window, window.close)

told = []
build = door.build

def watched(app, *rest):
    global watch
    watch = Watch()
    app.installEventFilter(watch)
    return build(app, *rest)

door.build = watched
sys.exit(door.main([]))
"""


def once(home: Path) -> tuple[float, float, float]:
    """Seconds to the painted window, seconds to the open project, and how many heavy libraries were loaded."""
    places = {f"XDG_{name}_HOME": str(home / name.lower()) for name in ("CONFIG", "DATA", "CACHE", "STATE")}
    began = time.time()
    done = subprocess.run(
        [sys.executable, "-c", CHILD],
        env={**os.environ, "HOME": str(home), **places},
        stdout=subprocess.PIPE,
        text=True,
        timeout=120,
        check=True,
    )
    shown, opened, heavy = done.stdout.split()[-3:]
    return float(shown) - began, float(opened) - began, float(heavy)


def run() -> dict[str, float]:
    """Start the program several times under the display of this process (offscreen where there is none)."""
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")) and sys.platform.startswith("linux"):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as folder:
        first = once(Path(folder))
        later = [once(Path(folder)) for _ in range(RUNS)]
    return {
        "start_window_shown_sec": statistics.median(shown for shown, _, _ in later),
        "start_project_open_sec": statistics.median(opened for _, opened, _ in later),
        "start_window_shown_first_time_sec": first[0],
        "start_heavy_modules": max(heavy for _, _, heavy in later),
    }
