"""What tests of the queue have in common."""

import json
import time
from collections.abc import Callable

from musicgen_app.project.document import Project
from musicgen_app.project.queue import DONE
from musicgen_app.project.queue_file import QueueFile


def wait_for(happened: Callable[[], bool]) -> None:
    """Return when something has happened; the timeout of the test is the limit."""
    while not happened():
        time.sleep(0.01)


def assert_whole(project: Project, count: int) -> None:
    """Every entry is done, once, with two epochs, its own settings and its music."""
    entries = QueueFile(project.folder).read().entries
    assert [entry.state for entry in entries] == [DONE] * count, [entry.reason for entry in entries]
    assert [entry.run for entry in entries] == list(range(1, count + 1))
    folders = sorted(path.name for path in project.runs_folder.iterdir())
    assert folders == [f"{number:04d}" for number in range(1, count + 1)]
    settings = set()
    for entry, run in zip(entries, project.runs(), strict=True):
        assert run.status == "done"
        assert run.losses.epochs.tolist() == [1.0, 2.0]
        assert run.output is not None
        assert run.output.name == f"{run.id}_output.mid"
        assert run.settings["seed"] == entry.seed
        settings.add(json.dumps(dict(run.settings), sort_keys=True))
    assert len(settings) == count
    assert not list(project.folder.rglob(".unfinished-*"))
