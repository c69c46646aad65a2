"""Training survives kill -9 at any moment, also inside the writing of a state: the next start goes on exactly."""

import contextlib
import csv
import os
import random
import select
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from musicgen_app.core.progress import silent
from musicgen_app.generation.checkpoint import read_checkpoint
from musicgen_app.workflow.child import run_in_child
from musicgen_app.workflow.control import TrainControl
from musicgen_app.workflow.train import TrainRequest
from musicgen_app.workflow.wire import to_line

Requests = Callable[..., TrainRequest]

_SETTINGS = {"epochs": 6, "seed": 11, "save_seconds": 1.0, "units": 96, "batch": 6, "resume": True}
"""A state of some megabytes, written after most epochs: there is time to die inside."""


@dataclass
class _Killer:
    """Starts the same training again and again and kills it."""

    request: TrainRequest
    rng: random.Random
    ended: bool = False

    def _start(self) -> "subprocess.Popen[bytes]":
        process = subprocess.Popen(
            [sys.executable, "-m", "musicgen_app.worker", "train"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert process.stdin is not None
        process.stdin.write(to_line(self.request).encode() + b"\n")
        process.stdin.flush()
        return process

    def kill_after_some_reports(self) -> None:
        """Kill at a moment that only the run itself decides: after so many lines of its output."""
        wanted = self.rng.randint(1, 30)
        with self._start() as process:
            assert process.stdout is not None
            for _ in range(wanted):
                self.ended = not process.stdout.readline()
            process.kill()

    def kill_inside_a_write(self) -> bool:
        """Kill when a file is being written; whether that left a part of one behind."""
        folder = self.request.out / "state"
        with self._start() as process:
            assert process.stdout is not None
            while b"BatchReport" not in (line := process.stdout.readline()) and line:
                pass
            while not self._unfinished(folder):
                # Look a thousand times a second, and keep the pipe empty.
                ready, _, _ = select.select([process.stdout], [], [], 0.001)
                if ready and not os.read(process.stdout.fileno(), 1 << 16):
                    self.ended = True
                    return False
            process.kill()
        return bool(self._unfinished(folder))

    @staticmethod
    def _unfinished(folder: Path) -> list[Path]:
        with contextlib.suppress(OSError):
            return list(folder.glob(".unfinished-*"))
        return []


def _table(folder: Path) -> list[list[float]]:
    with (folder / "losses.csv").open() as file:
        rows = list(csv.reader(file))[1:]
    return [[float(cell) for cell in row[:-1]] for row in rows]


def _torment(tmp_path: Path, request_for: Requests, kills: int, inside: int, seed: int) -> None:
    whole = request_for(tmp_path / "whole", **_SETTINGS)
    expected = run_in_child("train", whole, silent, TrainControl())
    killer = _Killer(replace(whole, out=tmp_path / "run"), random.Random(seed))
    killed_inside = 0
    for number in range(kills):
        if killed_inside < inside and number >= kills - 2 * inside:
            killed_inside += killer.kill_inside_a_write()
        else:
            killer.kill_after_some_reports()
        if killer.ended:  # it got through between the kills: once more, into another folder
            _assert_same(tmp_path, killer.request.out)
            killer = _Killer(replace(whole, out=tmp_path / f"run {number}"), killer.rng)
    result = run_in_child("train", killer.request, silent, TrainControl())
    _assert_same(tmp_path, killer.request.out)
    assert result.best_epoch == expected.best_epoch
    assert result.validation == pytest.approx(expected.validation, rel=1e-6)
    assert killed_inside >= inside
    assert not list(killer.request.out.rglob(".unfinished-*"))


def _assert_same(tmp_path: Path, run: Path) -> None:
    np.testing.assert_allclose(_table(run), _table(tmp_path / "whole"), rtol=1e-6)
    ours, theirs = (read_checkpoint(folder / "model.safetensors") for folder in (run, tmp_path / "whole"))
    for name, array in theirs.weights.items():
        np.testing.assert_allclose(ours.weights[name], array, rtol=1e-4, atol=1e-6)


def test_three_kills_cost_nothing_but_time(tmp_path: Path, request_for: Requests) -> None:
    _torment(tmp_path, request_for, kills=3, inside=1, seed=3)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_twenty_kills_and_ten_of_them_inside_writes_cost_nothing_but_time(
    tmp_path: Path, request_for: Requests
) -> None:
    _torment(tmp_path, request_for, kills=22, inside=10, seed=2)
