"""The queue of a project: nothing in it is lost, doubled or taken by two."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from musicgen_app.core.errors import ProjectError, UsageError
from musicgen_app.project.queue import CANCELLED, DONE, FAILED, RUNNING, WAITING, Queue, QueueEntry
from musicgen_app.project.queue_file import QueueFile

_HOLDER = """
import sys, pathlib
from musicgen_app.project.queue_file import QueueFile
with QueueFile(pathlib.Path(sys.argv[1])).running():
    print("held", flush=True)
    sys.stdin.read()
"""


def three() -> Queue:
    return Queue().added(tuple(QueueEntry(preset=name, dataset="dataset") for name in ("a", "b", "c")))


def order(queue: Queue) -> list[int]:
    return [entry.id for entry in queue.entries]


def test_entries_keep_their_numbers_and_no_number_is_used_twice() -> None:
    queue = three()
    assert order(queue) == [1, 2, 3]
    assert order(queue.moved(3, 1)) == [3, 1, 2]
    assert order(queue.moved(1, 99)) == [2, 3, 1]
    assert order(queue.moved(1, -5)) == [1, 2, 3]
    queue = queue.removed(3).added((QueueEntry(),))
    assert order(queue) == [1, 2, 4]
    assert Queue.from_json(queue.to_json()) == queue


def test_what_is_interrupted_comes_before_what_waits() -> None:
    queue = three().changed(2, state=RUNNING, run=7)
    assert queue.next_entry == queue.entry(2)
    queue = queue.changed(2, state=DONE).cancelled(1)
    assert queue.next_entry == queue.entry(3)
    assert queue.changed(3, state=FAILED).next_entry is None
    assert queue.count(DONE, CANCELLED) == 2


def test_what_makes_no_sense_is_refused_with_a_sentence() -> None:
    queue = three().changed(1, state=RUNNING).changed(2, state=DONE)
    for change, words in (
        (lambda: queue.removed(1), "is running"),
        (lambda: queue.removed(9), "no entry 9"),
        (lambda: queue.cancelled(2), "done already"),
        (lambda: queue.ended(3), "not running"),
        (lambda: queue.retried(2), "neither failed"),
    ):
        with pytest.raises(UsageError, match=words):
            change()
    assert queue.ended(1).entry(1).end_epoch
    assert queue.cancelled(1).retried(1).entry(1).state == WAITING


def test_the_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    file = QueueFile(tmp_path)
    assert file.read() == Queue()
    assert file.stamp() == (0, 0)
    entry = QueueEntry(preset="small", overrides={"units": 16}, minutes=0.5, sample={"notes": 9}, title="é")
    written = file.change(lambda queue: queue.added((entry,)))
    stamp = file.stamp()
    assert file.read() == written == QueueFile(tmp_path).read()
    file.change(lambda queue: queue)
    assert file.stamp() == stamp
    file.change(lambda queue: queue.changed(1, score=0.5))
    assert file.stamp() != stamp


@pytest.mark.parametrize(
    ("contents", "words"),
    [
        ({"version": 2}, "newer version"),
        ({}, "which version"),
        ({"version": 1, "entries": 3}, "entries"),
        ({"version": 1, "entries": [3]}, "not what it should be"),
        ({"version": 1, "entries": [{"id": 0}]}, "no number"),
        ({"version": 1, "entries": [{"id": 1, "state": "lost"}]}, "does not exist"),
        ({"version": 1, "entries": [{"id": 1}, {"id": 1}]}, "same number"),
        ({"version": 1, "entries": [{"id": 1, "epochs": "many"}]}, "epochs"),
    ],
)
def test_a_damaged_file_is_told_and_left_alone(tmp_path: Path, contents: dict[str, object], words: str) -> None:
    text = json.dumps(contents)
    (tmp_path / "queue.json").write_text(text)
    with pytest.raises(ProjectError, match=words):
        QueueFile(tmp_path).change(lambda queue: queue.added((QueueEntry(),)))
    assert (tmp_path / "queue.json").read_text() == text


def test_a_run_is_begun_once_and_found_again(tmp_path: Path) -> None:
    file = QueueFile(tmp_path)
    file.change(lambda _: three())
    (tmp_path / "runs" / "0004").mkdir(parents=True)
    first = file.take()
    assert first is not None
    assert (first.id, first.state, first.run) == (1, RUNNING, 5)
    assert file.run_folder(first).is_dir()
    assert file.take() == first
    file.run_folder(first).rmdir()  # as if killed before the folder was made
    assert file.take() == first
    assert file.run_folder(first).is_dir()
    file.change(lambda queue: queue.changed(1, state=DONE))
    second = file.take()
    assert second is not None
    assert (second.id, second.run) == (2, 6)
    file.change(lambda queue: replace(queue, entries=()))
    assert file.take() is None


def test_a_number_that_somebody_else_took_meanwhile_is_left_to_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = QueueFile(tmp_path)
    file.change(lambda _: three())
    (tmp_path / "runs" / "0001").mkdir(parents=True)
    numbers = iter((0, 1))
    monkeypatch.setattr("musicgen_app.project.queue_file.highest_number", lambda _: next(numbers))
    begun = file.take()
    assert begun is not None
    assert begun.run == 2


def test_a_queue_is_run_by_one_process_at_a_time_and_free_when_that_is_killed(tmp_path: Path) -> None:
    file = QueueFile(tmp_path)
    assert not file.is_run
    command = [sys.executable, "-c", _HOLDER, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        assert file.is_run
        with pytest.raises(UsageError, match="by another process"), file.running():
            pass
        holder.kill()
    assert not file.is_run
    with file.running():
        assert file.is_run
