"""A queue of runs is worked off: each trained, played and counted once, whatever is killed on the way."""

import json
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from musicgen_app.core.errors import Cancelled, MusicgenError, TrainingError, UsageError
from musicgen_app.core.progress import CancelToken, Report, silent
from musicgen_app.core.score import Score, make_notes
from musicgen_app.dataset.store import Dataset
from musicgen_app.generation.checkpoint import write_checkpoint
from musicgen_app.ml.runfolder import RunFolder
from musicgen_app.project.document import Project
from musicgen_app.project.queue import CANCELLED, DONE, FAILED, PAUSE, RUNNING, STOP, WAITING, Queue, QueueEntry
from musicgen_app.project.queue_file import QueueFile
from musicgen_app.workflow.control import TrainControl
from musicgen_app.workflow.generate import GenerateConfig
from musicgen_app.workflow.queue import QueueReport, QueueRequest, run_queue
from musicgen_app.workflow.queue_settings import new_entry
from musicgen_app.workflow.queue_time import expected_seconds, seconds_left
from musicgen_app.workflow.reports import BatchReport, EpochReport
from musicgen_app.workflow.sweep import parsed_axes, sweep_entries
from musicgen_app.workflow.train import TrainRequest
from tests.generation.networks import musical_checkpoint
from tests.ml.synthetic import TINY
from tests.workflow.queue_parts import assert_whole, wait_for


@pytest.fixture
def project(tmp_path: Path, small_dataset: Dataset) -> Project:
    made = Project.create(tmp_path / "a.musicgen")
    made.dataset_folder = small_dataset.folder
    return made


@pytest.fixture
def file(project: Project) -> QueueFile:
    return QueueFile(project.folder)


@dataclass
class _Children:
    """Stands for the processes: writes what they would write, and does on the way what a test wants."""

    on_train: Callable[[TrainRequest, Report, CancelToken], None] = lambda *_: None
    trained: list[str] = field(default_factory=list)
    made: int = 0

    def __call__(self, verb: str, request: object, report: Report, control: CancelToken) -> Any:
        if isinstance(request, TrainRequest):
            self.trained.append(request.out.name)
            RunFolder(request.out).describe({"title": request.title, "config": {"epochs": 2}, "status": "running"})
            self.on_train(request, report, control)
            write_checkpoint(request.out / "model.safetensors", musical_checkpoint())
            RunFolder(request.out).describe({"title": request.title, "config": {"epochs": 2}, "status": "finished"})
            return None
        assert isinstance(request, GenerateConfig)
        self.made += 1
        pitches = enumerate((60, 62, 60, 64))
        return (_Take(Score(notes=make_notes([(480 * beat, 480, pitch, 80) for beat, pitch in pitches]))),)


@dataclass
class _Take:
    score: Score
    words: tuple[str, ...] = ()


def add(project: Project, count: int, **settings: Any) -> None:
    entry = new_entry(project, {**TINY, "epochs": 2, "notes": 20, **settings})
    QueueFile(project.folder).change(lambda queue: queue.added((entry,) * count))


def run(project: Project, children: _Children, report: Report = silent, control: CancelToken | None = None) -> Any:
    return run_queue(QueueRequest(project.folder), report, control or TrainControl(), children)


def states(file: QueueFile) -> list[str]:
    return [entry.state for entry in file.read().entries]


def test_entries_are_trained_played_and_counted_in_their_order(project: Project, file: QueueFile) -> None:
    add(project, 3)
    file.change(lambda queue: queue.moved(3, 1))
    children, told = _Children(), []
    result = run(project, children, told.append)
    assert (result.done, result.failed, result.cancelled, result.waiting) == (3, 0, 0, 0)
    assert children.trained == ["0001", "0002", "0003"]
    assert [(entry.id, entry.run, entry.state) for entry in file.read().entries] == [
        (3, 1, DONE),
        (1, 2, DONE),
        (2, 3, DONE),
    ]
    rows = project.run_rows()
    assert [row.output for row in rows] == ["1_output.mid", "2_output.mid", "3_output.mid"]
    assert [row.score for row in rows] == [0.75] * 3 == [entry.score for entry in file.read().entries]
    assert [report.done for report in told if isinstance(report, QueueReport) and report.over] == [1, 2, 3]
    assert "3_output" not in (project.folder / "runs.csv").read_text()
    assert (project.folder / "runs.csv").read_text().count("\n") == 4


def test_without_notes_no_music_is_made(project: Project, file: QueueFile) -> None:
    add(project, 1, notes=0)
    children = _Children()
    assert run(project, children).done == 1
    assert children.made == 0
    assert file.read().entries[0].score is None
    assert run(project, children).done == 0


def test_a_failure_is_a_sentence_and_the_queue_goes_on(project: Project, file: QueueFile) -> None:
    add(project, 3)

    def fail(request: TrainRequest, _report: Report, _control: CancelToken) -> None:
        if request.out.name == "0002":
            raise TrainingError("The loss is no longer a number.", "Choose a smaller learning rate.")

    children, told = _Children(fail), []
    result = run(project, children, told.append)
    assert (result.done, result.failed) == (2, 1)
    assert states(file) == [DONE, FAILED, DONE]
    reason = "The loss is no longer a number. Choose a smaller learning rate."
    assert file.read().entries[1].reason == reason
    assert reason in [report.reason for report in told if isinstance(report, QueueReport)]
    assert [row.problems for row in project.run_rows()] == ["", reason, ""]
    file.change(lambda queue: queue.retried(2))
    children.on_train = lambda *_: None
    assert run(project, children).done == 1
    assert children.trained == ["0001", "0002", "0003", "0002"]


def test_a_training_that_never_began_leaves_no_run_behind(project: Project, file: QueueFile) -> None:
    add(project, 1)

    def refuse(_verb: str, request: object, _report: Report, _control: CancelToken) -> None:
        raise MusicgenError("The data set is gone.")

    assert run_queue(QueueRequest(project.folder), silent, TrainControl(), refuse).failed == 1
    assert file.read().entries[0].run is None
    assert project.run_rows() == ()


def test_an_unknown_way_of_making_music_is_a_failure_like_any_other(project: Project, file: QueueFile) -> None:
    add(project, 1)
    file.change(lambda queue: queue.changed(1, sample={"notes": 5, "wildness": 3}))
    assert run(project, _Children()).failed == 1
    assert "'wildness'" in file.read().entries[0].reason


def test_what_is_cancelled_while_it_runs_ends_alone(project: Project, file: QueueFile) -> None:
    add(project, 3)

    def cancel(request: TrainRequest, _report: Report, control: CancelToken) -> None:
        if request.out.name == "0001":
            file.change(lambda queue: queue.cancelled(1).cancelled(3))
            wait_for(lambda: control.cancelled)
            control.check()

    children = _Children(cancel)
    result = run(project, children)
    assert (result.done, result.cancelled, result.waiting) == (1, 1, 0)
    assert states(file) == [CANCELLED, DONE, CANCELLED]


def test_a_stop_from_elsewhere_leaves_the_entry_to_be_resumed(project: Project, file: QueueFile) -> None:
    add(project, 2)

    def stop(_request: TrainRequest, _report: Report, control: CancelToken) -> None:
        file.change(lambda queue: Queue(queue.entries, queue.next_id, STOP))
        wait_for(lambda: control.cancelled)
        control.check()

    children = _Children(stop)
    assert run(project, children).waiting == 2
    assert states(file) == [RUNNING, WAITING]
    assert file.read().order == ""
    children.on_train = lambda *_: None
    assert run(project, children).done == 2
    assert children.trained == ["0001", "0001", "0002"]


def test_the_callers_own_stop_does_the_same(project: Project, file: QueueFile) -> None:
    add(project, 2)
    control = TrainControl()

    def stop(_request: TrainRequest, _report: Report, ours: CancelToken) -> None:
        control.cancel()
        ours.check()

    with pytest.raises(Cancelled):
        run(project, _Children(stop), control=control)
    assert states(file) == [RUNNING, WAITING]


def test_a_pause_reaches_the_training_and_what_comes_after_it(project: Project, file: QueueFile) -> None:
    add(project, 2)
    seen = []

    def pause(request: TrainRequest, _report: Report, control: CancelToken) -> None:
        assert isinstance(control, TrainControl)
        if request.out.name == "0001":
            file.change(lambda queue: Queue(queue.entries, queue.next_id, PAUSE))
            wait_for(lambda: control.paused)
            file.change(lambda queue: Queue(queue.entries, queue.next_id, ""))
            wait_for(lambda: not control.paused)
            seen.append("paused and went on")

    assert run(project, _Children(pause)).done == 2
    assert seen == ["paused and went on"]


def test_ending_with_the_epoch_keeps_the_model_and_spares_the_others(project: Project, file: QueueFile) -> None:
    add(project, 2)
    kept = []

    def end(request: TrainRequest, report: Report, control: CancelToken) -> None:
        assert isinstance(control, TrainControl)
        report(BatchReport(1, 3, 3, 2.0, 100.0, 9.0, 2))
        if request.out.name == "0001":
            file.change(lambda queue: queue.ended(1))
            wait_for(lambda: control.epoch_end_asked)
        report(EpochReport(1, 2.0, None, {}, 1.0, 100.0, True, 2))
        kept.append((control.epoch_end_asked, control.keep_asked))

    assert run(project, _Children(end)).done == 2
    assert kept == [(True, False), (False, False)]
    assert not any(entry.end_epoch for entry in file.read().entries)


def test_what_was_interrupted_after_its_training_is_not_trained_again(project: Project, file: QueueFile) -> None:
    add(project, 1)
    children = _Children()
    run(project, children)
    file.change(lambda queue: queue.changed(1, state=RUNNING))
    (project.runs_folder / "0001" / "1_output.mid").unlink()
    assert run(project, children).done == 1
    assert (children.trained, children.made) == (["0001"], 2)
    file.change(lambda queue: queue.changed(1, state=RUNNING))
    assert run(project, children).done == 1
    assert children.made == 2


def test_the_training_of_a_killed_queue_is_waited_for(project: Project, file: QueueFile) -> None:
    add(project, 1)
    (project.runs_folder / "0001").mkdir(parents=True)
    file.change(lambda queue: queue.changed(1, state=RUNNING, run=1))
    control = TrainControl()
    with RunFolder(project.runs_folder / "0001").locked():
        control.cancel()
        with pytest.raises(Cancelled):
            run(project, _Children(), control=control)
    assert run(project, _Children()).done == 1


def test_two_cannot_run_the_same_queue(project: Project, file: QueueFile) -> None:
    add(project, 1)
    with file.running(), pytest.raises(UsageError, match="by another process"):
        run(project, _Children())
    assert states(file) == [WAITING]


def test_time_left_is_told_by_what_was_done_before() -> None:
    done = QueueEntry(id=1, preset="small", epochs=10, state=DONE, seconds=50.0)
    large = QueueEntry(id=2, preset="large", epochs=10, state=DONE, seconds=500.0)
    waiting = QueueEntry(id=3, preset="small", epochs=4)
    limited = QueueEntry(id=4, preset="other", minutes=1.0)
    assert expected_seconds(waiting, ()) is None
    assert expected_seconds(waiting, (done, large)) == 20.0
    assert expected_seconds(QueueEntry(preset="other", epochs=2), (done, large)) == 55.0
    assert expected_seconds(limited, (done,)) == 60.0
    assert expected_seconds(QueueEntry(preset="small", epochs=100, minutes=0.5), (done,)) == 30.0
    assert seconds_left((done, large, waiting, limited), 3, 7.0) == 67.0
    assert seconds_left((waiting, limited), 4, 7.0) is None


# With real processes


def _start(project: Project) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "musicgen_app", "runs", "queue", "--project", str(project.folder), "--run"]
    return subprocess.Popen([*command, "--json"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def _sweep(project: Project, *words: str) -> int:
    usual = {**TINY, "patience": 0, "notes": 20, "preset": "small"}
    for word in words:
        usual.pop(word.partition("=")[0], None)
    axes = parsed_axes([*(f"{name}={value}" for name, value in usual.items()), *words])
    entries = sweep_entries(project, axes, silent, CancelToken())
    QueueFile(project.folder).change(lambda queue: queue.added(entries))
    return len(entries)


def _interrupt(project: Project, number: int, how: int, moments: random.Random) -> None:
    """Run the queue and signal it when the run of this number is being trained, some moments later."""
    folder = project.runs_folder / f"{number:04d}"
    with _start(project) as process:
        wanted = folder / moments.choice(("run.json", "losses.csv", "state"))
        wait_for(lambda: wanted.exists() or process.poll() is not None)
        assert process.poll() is None, "the queue ended before it could be interrupted"
        process.send_signal(how)
        process.communicate()


def test_a_queue_survives_a_kill(project: Project) -> None:
    count = _sweep(project, "epochs=2", "seed=1,2")
    _interrupt(project, 1, signal.SIGKILL, random.Random(1))
    with _start(project) as process:
        out, _ = process.communicate()
    assert process.returncode == 0
    assert json.loads(out)["result"] == {"done": 2, "failed": 0, "cancelled": 0, "waiting": 0}
    assert_whole(project, count)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_sweep_of_twelve_runs_survives_a_kill_and_a_stop(project: Project) -> None:
    count = _sweep(project, "epochs=2", "units=16,24", "dropout=0.1:0.3:0.1", "seed=1,2")
    assert count == 12
    _interrupt(project, 3, signal.SIGKILL, random.Random(3))
    _interrupt(project, 7, signal.SIGTERM, random.Random(7))
    with _start(project) as process:
        process.communicate()
    assert process.returncode == 0
    assert_whole(project, count)
