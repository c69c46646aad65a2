"""A queue that the real window runs is interrupted, by a kill and by closing the window, and goes on without loss."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from musicgen_app.project.document import Project
from musicgen_app.project.queue import WAITING
from musicgen_app.project.queue_file import QueueFile
from tests.ml.synthetic import TINY, write_synthetic
from tests.workflow.queue_parts import assert_whole, wait_for

WINDOW = """
import json, sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from musicgen_app.app import build
from musicgen_app.ui.main_window import TRAINING
from musicgen_app.ui.messages import Question
from musicgen_app.ui.sweep_dialog import SweepDialog

project, close, sweep = Path(sys.argv[1]), Path(sys.argv[2]), json.loads(sys.argv[3])
app = QApplication(["musicgen"])
window = build(app)
window.show()
window.start(project)
window.show_tab(TRAINING)
queue, page = window.training.queue, window.training.view.queue
done = set()

def once(name):
    return name not in done and not done.add(name)

def build_sweep(dialog):
    while len(dialog.rows) < len(sweep):
        dialog.more.click()
    for row, (name, values) in zip(dialog.rows, sweep.items()):
        row.setting.setCurrentIndex(row.setting.findData(name))
        row.values.setText(values)
    print(dialog.count.text(), flush=True)
    dialog.add.click()

def later(act):
    # A timer does not fire while its own slot waits for a dialog.
    QTimer.singleShot(0, act)

def look():
    dialog = app.activeModalWidget()
    if isinstance(dialog, SweepDialog):
        if once("sweep"):
            build_sweep(dialog)
    elif isinstance(dialog, Question):
        print(dialog.windowTitle(), flush=True)
        dialog.buttons[0].click()
    elif close.exists():
        if once("close"):
            later(window.close)
        elif not window.isVisible():
            app.quit()
    elif sweep and once("ask"):
        later(page.sweep.click)
    elif window.messages.shown and window.messages.shown[0].action and once("continue"):
        print(window.messages.shown[0].title, flush=True)
        window.messages._banners[0].action.click()
    elif sweep and queue.waiting and not queue.busy and once("start"):
        page.go.click()
    elif queue.queue.entries and not queue.waiting and not queue.busy:
        window.close()
        app.quit()

timer = QTimer()
timer.timeout.connect(look)
timer.start(100)
app.exec()
"""


class _Window:
    """The window in a process of its own, which does what a person would."""

    def __init__(self, project: Project, close: Path, sweep: str = "{}") -> None:
        self._close = close
        self._process = subprocess.Popen(
            [sys.executable, "-c", WINDOW, str(project.folder), str(close), sweep],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        )

    @property
    def is_open(self) -> bool:
        return self._process.poll() is None

    def kill(self) -> str:
        self._process.send_signal(signal.SIGKILL)
        return self._process.communicate()[0]

    def close(self) -> str:
        self._close.touch()
        told = self.wait()
        self._close.unlink()
        return told

    def wait(self) -> str:
        told = self._process.communicate()[0]
        assert self._process.returncode == 0
        return told


@pytest.mark.slow
@pytest.mark.timeout(2400)
def test_a_sweep_of_twelve_runs_survives_a_kill_and_a_close_of_the_window(tmp_path: Path) -> None:
    project = Project.create(tmp_path / "a.musicgen")
    write_synthetic(project.dataset_folder, notes=100)
    close = tmp_path / "close"
    varied = {"dropout": "0.1:0.3:0.1", "learning_rate": "0.001, 0.002", "seed": "1:2"}
    usual = {**{name: str(value) for name, value in TINY.items()}, "epochs": "2", "patience": "0", "notes": "20"}
    sweep = (
        "{" + ", ".join(f'"{name}": "{text}"' for name, text in {"preset": "small", **usual, **varied}.items()) + "}"
    )
    file = QueueFile(project.folder)

    window = _Window(project, close, sweep)
    wanted = project.runs_folder / "0003" / "losses.csv"
    wait_for(lambda: wanted.exists() or not window.is_open)
    assert window.is_open
    assert "3 \N{MULTIPLICATION SIGN} 2 \N{MULTIPLICATION SIGN} 2 = 12 runs, about" in window.kill().replace(
        "1 \N{MULTIPLICATION SIGN} ", ""
    )
    assert len(file.read().entries) == 12

    window = _Window(project, close)
    wanted = project.runs_folder / "0007" / "state"
    wait_for(lambda: wanted.exists() or not window.is_open)
    assert window.is_open
    assert file.is_run
    told = window.close()
    assert "The queue was interrupted: 10 runs wait." in told
    assert "Stop the queue?" in told
    assert not file.is_run
    waiting = file.read().count(WAITING, "running")
    assert waiting in (5, 6)

    told = _Window(project, close).wait()
    assert f"The queue was interrupted: {waiting} runs wait." in told
    assert_whole(project, 12)
