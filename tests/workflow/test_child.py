"""Work in a child process: reports and results come through, and the process is always gone afterwards."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from musicgen_app import environment
from musicgen_app.core.errors import Cancelled, DatasetError
from musicgen_app.core.progress import CancelToken, Progress, silent
from musicgen_app.dataset.store import Dataset, open_dataset
from musicgen_app.generation.generator import SampleConfig
from musicgen_app.workflow import child
from musicgen_app.workflow.child import WorkerError, run_in_child
from musicgen_app.workflow.control import TrainControl
from musicgen_app.workflow.evaluate import EvaluateRequest
from musicgen_app.workflow.generate import GenerateConfig, generate
from musicgen_app.workflow.inspect import FileFacts, InspectRequest
from musicgen_app.workflow.prepare import PrepareConfig
from musicgen_app.workflow.reports import BatchReport, EpochReport, Evaluation, TrainResult, TrainStarted
from musicgen_app.workflow.train import TrainRequest
from musicgen_app.workflow.wire import to_line

Requests = Callable[..., TrainRequest]


def _workers(parent: psutil.Process) -> list[psutil.Process]:
    """The workers among a process's children (there may be an X server too)."""
    return [process for process in parent.children() if "musicgen_app.worker" in process.cmdline()]


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    yield
    assert _workers(psutil.Process()) == []


def test_a_training_is_steered_and_its_result_comes_back(
    tmp_path: Path, request_for: Requests, small_dataset: Dataset
) -> None:
    control = TrainControl()
    told: list[object] = []

    def listen(report: object) -> None:
        told.append(report)
        if isinstance(report, BatchReport) and (report.epoch, report.batch) == (1, 1):
            control.pause()
        if report == Progress("Paused"):
            control.unpause()
        if isinstance(report, EpochReport) and report.epoch == 2:
            control.keep_after_epoch()

    result = run_in_child("train", request_for(tmp_path / "run", epochs=100_000), listen, control)
    assert isinstance(result, TrainResult)
    assert (result.reason, result.epochs > 2) == ("stopped and kept", True)
    assert [report.epoch for report in told if isinstance(report, BatchReport)][-1] == result.epochs
    assert result.checkpoint.is_file()
    assert told[:2] == [Progress("Counting for comparison"), Progress("Starting TensorFlow")]
    assert any(isinstance(report, TrainStarted) for report in told)
    assert Progress("Paused") in told
    evaluation = run_in_child(
        "evaluate", EvaluateRequest(result.checkpoint, small_dataset.folder), silent, CancelToken()
    )
    assert isinstance(evaluation, Evaluation)
    assert evaluation.nats_per_note == pytest.approx(result.validation, rel=1e-6)


def test_files_are_inspected_and_prepared_in_a_child(tmp_path: Path) -> None:
    files = sorted(environment.bundled("data", "corpus").glob("*.mid"))[:3]
    told: list[object] = []
    facts = run_in_child("inspect", InspectRequest(tuple(files)), told.append, CancelToken())
    assert [fact.ok for fact in facts] == [True] * 3
    assert [report for report in told if isinstance(report, FileFacts)] == list(facts)
    prepared = run_in_child("prepare", PrepareConfig(tuple(files), tmp_path / "dataset"), silent, CancelToken())
    assert prepared.fingerprint == open_dataset(tmp_path / "dataset").fingerprint


def test_music_generated_in_a_child_is_the_same_music() -> None:
    model = min(environment.bundled("models").glob("*.safetensors"))
    config = GenerateConfig(model, SampleConfig(notes=40, seed=5))
    (there,) = run_in_child("generate", config, silent, CancelToken())
    (here,) = generate(config, silent, CancelToken())
    assert there.score == here.score


def test_a_cancelled_training_has_saved_its_state(tmp_path: Path, request_for: Requests) -> None:
    control = TrainControl()

    def listen(report: object) -> None:
        if isinstance(report, BatchReport):
            control.cancel()

    with pytest.raises(Cancelled):
        run_in_child("train", request_for(tmp_path, epochs=100_000), listen, control)
    assert list((tmp_path / "state").glob("state-*.safetensors"))


def test_a_worker_that_does_not_stop_in_time_is_killed(
    tmp_path: Path, request_for: Requests, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "STOP_SECONDS", 0.0)
    control = TrainControl()

    def listen(report: object) -> None:
        control.cancel()

    with pytest.raises(Cancelled):
        run_in_child("train", request_for(tmp_path), listen, control)


def test_a_sentence_of_the_verb_comes_through_as_the_same_error(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="holds no prepared data set") as caught:
        run_in_child("train", TrainRequest(tmp_path, tmp_path / "run"), silent, TrainControl())
    assert caught.value.hint


def test_a_worker_that_is_killed_is_told_in_a_sentence(tmp_path: Path, request_for: Requests) -> None:
    killed: list[psutil.Process] = []

    def listen(report: object) -> None:
        # Told again by what it had said before its end, when nobody has waited for it yet.
        if not killed:
            killed.extend(_workers(psutil.Process()))
            for worker in killed:
                worker.kill()

    with pytest.raises(WorkerError, match=r"train ended unexpectedly \(signal 9\).*memory"):
        run_in_child("train", request_for(tmp_path), listen, TrainControl())


def test_an_unforeseen_error_brings_its_traceback() -> None:
    with pytest.raises(WorkerError, match="Something unexpected") as caught:
        run_in_child("train", Progress("No request"), silent, TrainControl())
    assert "Traceback" in caught.value.details


def test_a_worker_that_does_not_start_brings_its_last_words() -> None:
    with pytest.raises(WorkerError, match="exit code 2") as caught:
        run_in_child("dance", (), silent, CancelToken())
    assert "Usage" in caught.value.details


def test_a_listener_that_raises_takes_the_worker_with_it(tmp_path: Path, request_for: Requests) -> None:
    def listen(report: object) -> None:
        raise KeyError("listener")

    with pytest.raises(KeyError, match="listener"):
        run_in_child("train", request_for(tmp_path), listen, TrainControl())


def test_a_program_that_cannot_be_started_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(WorkerError, match="could not start"):
        run_in_child("inspect", InspectRequest(()), silent, CancelToken())


def test_a_worker_whose_parent_was_killed_saves_its_state_and_goes(tmp_path: Path, request_for: Requests) -> None:
    script = (
        "import sys\n"
        "from musicgen_app.workflow.child import run_in_child\n"
        "from musicgen_app.workflow.control import TrainControl\n"
        "from musicgen_app.workflow.wire import from_line\n"
        "def listen(report): print(type(report).__name__, flush=True)\n"
        "run_in_child('train', from_line(sys.argv[1]), listen, TrainControl())\n"
    )
    line = to_line(request_for(tmp_path, epochs=100_000))
    with subprocess.Popen([sys.executable, "-c", script, line], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        while b"BatchReport" not in parent.stdout.readline():
            assert parent.poll() is None
        (worker,) = _workers(psutil.Process(parent.pid))
        parent.kill()
    worker.wait(60)
    assert not worker.is_running()
    assert list((tmp_path / "state").glob("state-*.safetensors"))
