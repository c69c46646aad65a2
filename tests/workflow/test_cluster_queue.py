"""The runs of a queue are trained on nodes of a cluster; what comes of them is what one machine makes."""

import csv
import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from musicgen_app.cli.main import main
from musicgen_app.core.errors import Cancelled, ProjectError, TrainingError
from musicgen_app.core.progress import CancelToken, Progress, Report, silent
from musicgen_app.dataset.store import Dataset
from musicgen_app.generation.checkpoint import read_checkpoint
from musicgen_app.ml.runfolder import RunFolder, is_trained
from musicgen_app.project.document import Project
from musicgen_app.project.queue import DONE, RUNNING, STOP, WAITING
from musicgen_app.project.queue_file import QueueFile
from musicgen_app.workflow import cluster_node
from musicgen_app.workflow.cluster import NodeLost, cluster_at
from musicgen_app.workflow.cluster_queue import ClusterTrainings
from musicgen_app.workflow.control import TrainControl
from musicgen_app.workflow.node_folder import node_folder
from musicgen_app.workflow.queue import QueueReport, QueueRequest, run_queue
from musicgen_app.workflow.queue_settings import new_entry
from musicgen_app.workflow.train import TrainRequest
from tests.ml.synthetic import TINY
from tests.workflow.ray_nodes import two_nodes


def project_with(folder: Path, dataset: Dataset, count: int, **settings: Any) -> Project:
    project = Project.create(folder)
    project.dataset_folder = dataset.folder
    entries = tuple(new_entry(project, {**TINY, "epochs": 2, "seed": seed, **settings}) for seed in range(count))
    QueueFile(project.folder).change(lambda queue: queue.added(entries))
    return project


@pytest.fixture
def project(tmp_path: Path, small_dataset: Dataset) -> Project:
    return project_with(tmp_path / "a.musicgen", small_dataset, 4, notes=0)


def states(project: Project) -> list[str]:
    return [entry.state for entry in QueueFile(project.folder).read().entries]


def describe(request: object, status: str) -> None:
    assert isinstance(request, TrainRequest)
    RunFolder(request.out).describe({"config": {}, "status": status})


def test_two_lanes_train_two_entries_at_a_time_and_each_once(project: Project) -> None:
    both, names = threading.Barrier(2, timeout=20), []
    told: list[object] = []

    def child(_verb: str, request: object, _report: Report, _control: CancelToken) -> None:
        both.wait()
        describe(request, "finished")
        names.append(request.out.name)  # type: ignore[attr-defined]

    result = run_queue(QueueRequest(project.folder), told.append, TrainControl(), child, lanes=2)
    assert (result.done, result.waiting) == (4, 0)
    assert sorted(names) == ["0001", "0002", "0003", "0004"]
    assert states(project) == [DONE] * 4
    assert sum(report.over for report in told if isinstance(report, QueueReport)) == 4
    assert (project.folder / "runs.csv").read_text().count("\n") == 5


def test_a_stop_reaches_all_lanes_and_the_entries_are_resumed(project: Project) -> None:
    both = threading.Barrier(2, timeout=20)
    file = QueueFile(project.folder)

    def child(_verb: str, request: object, _report: Report, control: CancelToken) -> None:
        describe(request, "running")
        if both.wait() == 0:
            file.change(lambda queue: queue.__class__(queue.entries, queue.next_id, STOP))
        while not control.cancelled:
            time.sleep(0.01)
        raise Cancelled

    result = run_queue(QueueRequest(project.folder), silent, TrainControl(), child, lanes=2)
    assert (result.done, result.waiting) == (0, 4)
    assert states(project) == [RUNNING, RUNNING, WAITING, WAITING]
    assert [entry.run for entry in file.read().entries] == [1, 2, None, None]


def test_where_the_queue_cannot_be_written_nothing_more_is_begun(project: Project) -> None:
    first, begun = threading.Event(), []

    def child(_verb: str, request: object, _report: Report, _control: CancelToken) -> None:
        begun.append(request)
        describe(request, "finished")
        if len(begun) == 1:
            first.wait(20)
            return
        (project.folder / "queue.json").write_text("{")
        first.set()

    with pytest.raises(ProjectError):
        run_queue(QueueRequest(project.folder), silent, TrainControl(), child, lanes=2)
    assert len(begun) == 2


class _Nodes:
    """Stands for a cluster: objects of this process, that can be lost."""

    processors = (1, 1)

    def __init__(self) -> None:
        self.dead = False
        self.placed = 0
        self._pool = ThreadPoolExecutor(4)

    def place(self, kind: Callable[[], Any], _processors: int) -> "_Node":
        self.dead = False
        self.placed += 1
        return _Node(self, kind())

    def share(self, value: object) -> object:
        return value

    def is_ready(self, answer: "Future[Any]") -> bool:
        return answer.done()

    def result(self, answer: "Future[Any]", check: Callable[[], None]) -> Any:
        while not answer.done():
            check()
            time.sleep(0.01)
        if self.dead:
            raise NodeLost("Gone.")
        return answer.result()

    def call(self, method: Callable[..., Any], *arguments: Any) -> "Future[Any]":
        return self._pool.submit(method, *arguments)


class _Node:
    def __init__(self, nodes: _Nodes, thing: Any) -> None:
        self._nodes = nodes
        self._thing = thing

    def begin(self, method: str, *arguments: Any) -> "Future[Any]":
        return self._nodes.call(getattr(self._thing, method), *arguments)

    def ask(self, method: str, *arguments: Any, check: Callable[[], None]) -> Any:
        return self._nodes.result(self.begin(method, *arguments), check)

    def end(self) -> None:
        self._thing.obey("cancel")
        self._thing.close()


def test_a_run_goes_on_elsewhere_with_what_has_come_from_a_lost_node(
    tmp_path: Path, small_dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, nodes, found, told = tmp_path / "runs" / "0007", _Nodes(), [], []
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def child(_verb: str, request: TrainRequest, report: Report, control: CancelToken) -> Path:
        run, state = RunFolder(request.out), request.out / "state"
        found.append(sorted(path.name for path in request.out.rglob("*") if path.is_file()))
        state.mkdir(exist_ok=True)
        known = {"dataset": {"path": str(request.dataset.absolute())}}
        if not run.begun:
            (state / "first").write_bytes(b"1")
            (request.out / ".unfinished-3").write_bytes(b"?")
            run.describe({**known, "status": "running"})
            report(Progress("Learning", 1, 2))
            while not control.cancelled:
                time.sleep(0.01)
            raise Cancelled
        (state / "first").unlink()
        (state / "second").write_bytes(b"2")
        run.describe({**known, "status": "finished"})
        return request.out / "model.safetensors"

    def listen(report: object) -> None:
        told.append(report)
        if report == Progress("Learning", 1, 2):
            assert is_trained(out)
            nodes.dead = True

    monkeypatch.setattr(cluster_node, "run_in_child", child)
    request = TrainRequest(small_dataset.folder, out, resume=True)
    trainings = ClusterTrainings(nodes)  # type: ignore[arg-type]
    assert trainings("train", request, listen, TrainControl()) == out / "model.safetensors"
    assert (trainings.lanes, nodes.placed) == (2, 2)
    assert found == [[], ["first", "run.json"]]
    assert Progress("A node is gone; its run goes on elsewhere") in told
    assert sorted(path.name for path in out.rglob("*") if path.is_file()) == [".lock", "run.json", "second"]
    assert RunFolder(out).description()["dataset"]["path"] == str(small_dataset.folder.absolute())
    assert not list(tmp_path.glob("musicgen-node-*"))


def test_a_node_sweeps_what_killed_processes_have_left_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    left = tmp_path / "musicgen-node-killed"
    left.mkdir()
    (left / ".lock").touch()
    with node_folder() as first:
        assert left.is_dir()
        with node_folder(now=lambda: time.time() + 100) as second:
            assert sorted(tmp_path.iterdir()) == sorted([first, second])
    assert not list(tmp_path.iterdir())


def test_a_failure_on_a_node_is_the_error_it_was_and_a_stop_stops_it(
    tmp_path: Path, small_dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise TrainingError("The loss is no longer a number.", "Choose a smaller learning rate.")

    def wait(_verb: str, _request: object, _report: Report, control: CancelToken) -> None:
        while not control.cancelled:
            time.sleep(0.01)
        raise Cancelled

    trainings = ClusterTrainings(_Nodes())  # type: ignore[arg-type]
    request = TrainRequest(small_dataset.folder, tmp_path / "run", resume=True)
    monkeypatch.setattr(cluster_node, "run_in_child", fail)
    with pytest.raises(TrainingError, match="no longer a number") as caught:
        trainings("train", request, silent, TrainControl())
    assert caught.value.hint == "Choose a smaller learning rate."
    monkeypatch.setattr(cluster_node, "run_in_child", wait)
    control = TrainControl()
    control.cancel()
    with pytest.raises(Cancelled):
        trainings("train", request, silent, control)


def test_a_cluster_is_for_a_queue_that_is_run(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "queue", "--project", str(project.folder), "--cluster", "auto"]) == 2
    assert "Add --run." in capsys.readouterr().err
    command = ["runs", "queue", "--project", str(project.folder), "--run", "--cluster", "127.0.0.1:1"]
    assert main(command) == 1
    assert "No cluster answers at 127.0.0.1:1" in capsys.readouterr().err
    assert states(project) == [WAITING] * 4


def learned(run: Path) -> tuple[dict[str, bytes], list[list[str]], dict[str, bytes]]:
    """Weights, losses without times, and music of a run."""
    weights = {
        name: np.asarray(value).tobytes() for name, value in read_checkpoint(run / "model.safetensors").weights.items()
    }
    with (run / "losses.csv").open(newline="") as file:
        rows = [row[:-1] for row in csv.reader(file)]
    return weights, rows, {file.name: file.read_bytes() for file in run.glob("*.mid")}


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_queue_on_two_nodes_of_which_one_is_killed_learns_what_one_machine_learns(
    tmp_path: Path, small_dataset: Dataset, root: Path
) -> None:
    settings: dict[str, Any] = {"epochs": 4, "notes": 20, "precision": "float32", "save_seconds": 1.0}
    alone = project_with(tmp_path / "one.musicgen", small_dataset, 2, **settings)
    assert run_queue(QueueRequest(alone.folder), silent, TrainControl()).done == 2
    project = project_with(tmp_path / "two.musicgen", small_dataset, 2, **settings)
    killed, told = [], []
    with two_nodes(root) as nodes, cluster_at(nodes.address) as cluster:

        def kill(report: object) -> None:
            told.append(report)
            if isinstance(report, QueueReport) and report.epoch == 2 and not killed:
                killed.append(report.run)
                nodes.second.kill()

        trainings = ClusterTrainings(cluster)
        assert run_queue(QueueRequest(project.folder), kill, TrainControl(), trainings, trainings.lanes).done == 2
    assert killed
    assert any(isinstance(report, Progress) and "A node is gone" in report.stage for report in told)
    for number in ("0001", "0002"):
        one, two = alone.runs_folder / number, project.runs_folder / number
        assert learned(two) == learned(one)
        assert sorted(learned(two)[2]) == [f"{int(number)}_output.mid"]
        assert (
            json.loads((two / "run.json").read_text())["dataset"]
            == json.loads((one / "run.json").read_text())["dataset"]
        )
        assert not is_trained(two)
