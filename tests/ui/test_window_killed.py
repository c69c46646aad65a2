"""The real window is killed while it is edited; the next start is offered the last state."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from musicgen_app.core.score import Score, make_notes
from musicgen_app.project.autosave import pending
from musicgen_app.project.document import Project

EDITOR = """
import sys
import numpy as np
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from musicgen_app.app import build
from musicgen_app.core.score import make_notes

app = QApplication(["musicgen"])
window = build(app)
window.show()
window.start(Path(sys.argv[1]))
edits = [0]

def edit():
    edits[0] += 1
    score = window.editor.score
    if edits[0] % 7 == 0:
        window.editor.undo_stack.undo()
    else:
        more = make_notes([(240 * edits[0], edits[0], 60 + edits[0] % 12, 64)])
        window.editor.edit("Draw", score.with_notes(np.concatenate([score.notes, more])))
    print(edits[0], window.editor.score.notes["duration"].tolist(), flush=True)

timer = QTimer()
timer.timeout.connect(edit)
timer.start(3)
app.exec()
"""


def kill_a_window(folder: Path, lines: int) -> tuple[list[int], list[int]]:
    """Kill a window after so many edits; the notes it said it had, and those that are offered."""
    project = Project.create(folder)
    project.save(Score(notes=make_notes([(0, 480, 60, 80)])))
    child = subprocess.Popen(
        [sys.executable, "-c", EDITOR, str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
    assert child.stdout is not None
    said = [child.stdout.readline() for _ in range(lines)]
    os.kill(child.pid, signal.SIGKILL)
    said += child.stdout.readlines()
    child.stdout.close()
    child.wait()
    last = [line for line in said if line.endswith("]\n")][-1]
    found = pending(Project.open(folder))
    assert found is not None
    return [int(number) for number in last.split("[")[1].rstrip("]\n").split(",")], found.score.notes[
        "duration"
    ].tolist()


def is_last_state_or_the_one_after(said: list[int], offered: list[int]) -> bool:
    """Whether the offered notes are those that were said last, or one edit further (killed before it was said)."""
    return offered == said or offered[:-1] == said or offered == said[:-1]


def test_a_killed_window_is_recovered(tmp_path: Path) -> None:
    said, offered = kill_a_window(tmp_path / "a.musicgen", 20)
    assert is_last_state_or_the_one_after(said, offered)


@pytest.mark.slow
def test_twenty_killed_windows_are_recovered(tmp_path: Path) -> None:
    chance = random.Random(5)
    for kill in range(20):
        said, offered = kill_a_window(tmp_path / f"{kill}.musicgen", chance.randrange(1, 150))
        assert is_last_state_or_the_one_after(said, offered)
