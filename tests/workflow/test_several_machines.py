"""One training by several processes: it learns what one process would learn, and survives the death of any."""

import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from musicgen_app.cli.main import main
from musicgen_app.core.errors import UsageError
from musicgen_app.core.progress import silent
from musicgen_app.generation.checkpoint import read_checkpoint
from musicgen_app.workflow.control import TrainControl
from musicgen_app.workflow.train import TrainRequest, train
from tests.workflow.seed_runs import word_project
from tests.workflow.workers import described, free_addresses, losses_of, start_worker

Requests = Callable[..., TrainRequest]

_SETTINGS = {
    "epochs": 12,
    "seed": 4,
    "batch": 3,
    "window": 12,
    "layers": 1,
    "precision": "float32",
    "learning_rate": 2e-4,
    "save_seconds": 1.0,
}
"""A batch that two workers cannot share evenly. Dropout is the preset's: all draw the masks of the whole batch."""
_INTO_AN_EPOCH = 0.1
"""Seconds. An epoch of fifteen batches takes longer; where it did not, the death would only come in a later one."""
_AT_FIRST = 1e-6
"""Greatest relative difference of a loss in the first epochs: float32 adds up in another order. Measured: 3e-8."""
_AT_THE_END = 1e-4
"""The same after all epochs. Steps are divided by the size of the gradient, so rounding grows as training goes on; it
does so too between two processes with different numbers of threads. Measured: 3e-6."""
_WEIGHTS = 1e-4
"""Greatest difference of a weight at the end. Measured: 2e-6."""


def _wait_for_epochs(run: Path, epochs: int, chief: "subprocess.Popen[str]") -> None:
    while len(losses_of(run)) < epochs:
        assert chief.poll() is None, chief.communicate()
        time.sleep(0.01)


def _assert_same(run: Path, other: Path, epochs: int) -> None:
    found, expected = losses_of(run), losses_of(other)
    assert len(found) == len(expected) == epochs
    np.testing.assert_allclose(found, expected, rtol=_AT_THE_END)
    theirs = read_checkpoint(other / "last.safetensors").weights
    for name, weight in read_checkpoint(run / "last.safetensors").weights.items():
        np.testing.assert_allclose(weight, theirs[name], atol=_WEIGHTS, err_msg=name)


def test_two_workers_learn_as_one_and_the_run_survives_the_death_of_one(tmp_path: Path, request_for: Requests) -> None:
    request = request_for(tmp_path / "run", **_SETTINGS)
    addresses = free_addresses(2)
    with start_worker(request, addresses, 0) as chief, start_worker(request, addresses, 1) as other:
        train(request_for(tmp_path / "alone", **_SETTINGS), silent, TrainControl())
        _wait_for_epochs(request.out, 3, chief)
        time.sleep(_INTO_AN_EPOCH)
        other.kill()
        out, said = chief.communicate()
        other.communicate()
    assert chief.returncode == 1, said
    assert out == ""
    assert f"Worker 1 ({addresses[1]}) is gone. The run can be resumed from epoch " in said
    assert "Traceback" not in said
    assert described(request.out)["status"] == "failed"
    assert described(request.out)["workers"] == list(addresses)
    together = losses_of(request.out)
    assert 3 <= len(together) < 12
    np.testing.assert_allclose(together[:3], losses_of(tmp_path / "alone")[:3], rtol=_AT_FIRST)
    result = train(replace(request, resume=True), silent, TrainControl())
    assert (result.epochs, result.reason) == (12, "all epochs done")
    assert "workers" not in described(request.out)
    _assert_same(request.out, tmp_path / "alone", 12)


def test_what_cannot_be_shared_is_refused_before_anybody_is_waited_for(tmp_path: Path, request_for: Requests) -> None:
    request = replace(request_for(tmp_path, batch=1), workers=free_addresses(2))
    with pytest.raises(UsageError, match="cannot be shared by 2 workers"):
        train(request, silent, TrainControl())
    assert not (tmp_path / "run.json").exists()
    words = word_project(tmp_path / "project").dataset_folder
    seeds = TrainRequest(words, tmp_path, "seed-base", {"window": 3}, workers=request.workers)
    with pytest.raises(UsageError, match="trained on one machine"):
        train(seeds, silent, TrainControl())


def test_a_worker_without_the_others_is_wrong_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", str(tmp_path), "--out", str(tmp_path / "run"), "--worker", "1"]) == 2
    assert "The workers and the number of this one belong together." in capsys.readouterr().err
    command = ["train", str(tmp_path), "--out", str(tmp_path / "run"), "--workers", "a:1,b:2", "--worker", "1"]
    assert main([*command, "--set", "threads=many"]) == 2
    assert "Threads is 'many'" in capsys.readouterr().err


@pytest.mark.slow
def test_three_workers_stop_together_and_a_resumed_run_comes_to_the_same_end(
    tmp_path: Path, request_for: Requests
) -> None:
    request = request_for(tmp_path / "run", **_SETTINGS)
    train(request_for(tmp_path / "alone", **_SETTINGS), silent, TrainControl())
    addresses = free_addresses(3)
    workers = [start_worker(request, addresses, number) for number in range(3)]
    _wait_for_epochs(request.out, 2, workers[0])
    workers[0].send_signal(signal.SIGINT)
    for worker in workers:
        _, said = worker.communicate()
        assert worker.returncode == 1, said
        assert said.endswith("musicgen: stopped.\n")
    assert described(request.out)["status"] == "stopped"
    again = replace(request, resume=True)
    workers = [start_worker(again, addresses, number) for number in range(3)]
    for number, worker in enumerate(workers):
        out, said = worker.communicate()
        assert worker.returncode == 0, said
        assert f'"worker": {number}' in out or number == 0
    _assert_same(request.out, tmp_path / "alone", 12)


@pytest.mark.slow
def test_the_others_say_so_when_the_chief_dies(tmp_path: Path, request_for: Requests) -> None:
    request = request_for(tmp_path / "run", **{**_SETTINGS, "epochs": 400})
    addresses = free_addresses(2)
    with start_worker(request, addresses, 0) as chief, start_worker(request, addresses, 1) as other:
        _wait_for_epochs(request.out, 2, chief)
        chief.kill()
        out, said = other.communicate()
        chief.communicate()
    assert other.returncode == 1, said
    assert out == ""
    assert f"Worker 0 ({addresses[0]}), which keeps the run, is gone." in said
    assert "Traceback" not in said
    train(replace(request, resume=True, epochs=4), silent, TrainControl())
    assert len(losses_of(request.out)) >= 2
