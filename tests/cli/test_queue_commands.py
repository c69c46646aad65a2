"""``musicgen runs queue`` and ``musicgen runs sweep`` as a person types them."""

from pathlib import Path

import pytest

from musicgen_app.project.document import Project
from musicgen_app.project.queue import FAILED
from musicgen_app.project.queue_file import QueueFile
from tests.cli.test_commands import musicgen, result_of
from tests.ml.synthetic import TINY, write_synthetic

_TINY = [f"{name}={value}" for name, value in {**TINY, "preset": "small", "notes": 20}.items()]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    made = Project.create(tmp_path / "a.musicgen")
    made.dataset_folder = write_synthetic(tmp_path / "dataset").folder
    return made.folder


def test_a_sweep_is_counted_added_ordered_and_listed(project: Path) -> None:
    where = ("--project", project)
    counted = musicgen("runs", "sweep", "units=16,32", "dropout=0.1:0.3:0.1", "--epochs", "2", "--dry-run", *where)
    assert counted.returncode == 0
    assert "This makes 6 runs." in counted.stderr
    assert musicgen("runs", "queue", *where).stdout == "The queue is empty.\n"
    added = result_of("runs", "sweep", "seed=1:3", "--epochs", "2", "--notes", "50", *where)
    assert [(entry["id"], entry["seed"], entry["epochs"]) for entry in added] == [(1, 1, 2), (2, 2, 2), (3, 3, 2)]
    assert added[0]["sample"] == {"notes": 50}

    for words in (("--move", 3, 1), ("--cancel", 1), ("--add", "preset=small", "batch_size=8"), ("--remove", 2)):
        assert musicgen("runs", "queue", *words, *where).returncode == 0
    listed = result_of("runs", "queue", *where)
    assert [(entry["id"], entry["state"]) for entry in listed["entries"]] == [
        (3, "waiting"),
        (1, "cancelled"),
        (4, "waiting"),
    ]
    assert (listed["running"], listed["order"]) == (False, "")
    assert musicgen("runs", "queue", "--retry", 1, *where).returncode == 0
    QueueFile(project).change(lambda queue: queue.changed(3, state=FAILED, reason="It was too hot.", score=0.5))
    shown = musicgen("runs", "queue", *where).stdout.splitlines()
    assert shown[0].split() == ["entry", "state", "run", "network", "time", "score", "settings"]
    assert shown[2] == "  It was too hot."
    assert "batch=8 epochs=40 seed=0" in shown[4]
    assert musicgen("runs", "queue", "--clear", *where).returncode == 0
    assert [entry.id for entry in QueueFile(project).read().entries] == [1, 4]


@pytest.mark.parametrize(
    "words",
    [
        ("sweep", "units=16,9999"),
        ("sweep", "seed=0:200"),
        ("queue", "--add", "units"),
        ("queue", "--cancel", 9),
        ("queue", "--pause"),
        ("queue", "--end-epoch"),
        ("queue", "--repeat", 9),
    ],
)
def test_wrong_use_is_told_with_exit_code_2_and_changes_nothing(project: Path, words: tuple[object, ...]) -> None:
    done = musicgen("runs", *words, "--project", project)
    assert (done.returncode, done.stdout) == (2, "")
    assert "musicgen: " in done.stderr
    assert not (project / "queue.json").exists()


def test_a_folder_that_is_no_project_fails(tmp_path: Path) -> None:
    assert musicgen("runs", "queue", "--project", tmp_path).returncode == 1
    assert musicgen("runs", "queue", "--run", "--project", tmp_path).returncode == 1


def test_what_is_added_is_run_and_its_row_fills_in(project: Path) -> None:
    done = musicgen("runs", "queue", "--add", *_TINY, "epochs=1", "--run", "--project", project)
    assert done.returncode == 0, done.stderr
    assert "1 done, 0 failed, 0 cancelled; 0 left." in done.stdout
    (row,) = result_of("runs", "list", "--project", project)
    assert (row["status"], row["output"], row["epochs_done"]) == ("done", "1_output.mid", 1)
    assert None not in (row["loss"], row["validation"], row["score"], row["runtime_min"])
    (entry,) = QueueFile(project).read().entries
    assert entry.score == row["score"]
    assert musicgen("runs", "queue", "--repeat", 1, "--project", project).returncode == 0
    again = QueueFile(project).read().entries[1]
    assert (again.title, again.overrides["units"]) == ("Run 1 again", TINY["units"])
    QueueFile(project).change(lambda queue: queue.removed(2))

    (Project.open(project).dataset_folder / "dataset.json").write_text("{}")
    QueueFile(project).change(lambda queue: queue.added((queue.entries[0],)).changed(3, state="waiting", run=None))
    failed = musicgen("runs", "queue", "--run", "--project", project)
    assert failed.returncode == 1
    assert "0 done, 1 failed" in failed.stdout
    refused = musicgen("runs", "queue", "--repeat", 1, "--project", project)
    assert refused.returncode == 2
    assert "Run 1: " in refused.stderr
    assert len(QueueFile(project).read().entries) == 2
