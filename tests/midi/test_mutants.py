"""Thousands of files made wrong in every way that is known, in a process of its own with limits of time and memory."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

if not hasattr(signal, "setitimer"):
    pytest.skip("Time and memory are limited only where processes have timers.", allow_module_level=True)

from tests.midi.limits import MOST_MIB

MUTANTS = 2_000
ALL_MUTANTS = 100_000
PARTS = 4


def read_mutants(root: Path, first: int, count: int) -> dict[str, float]:
    """What became of them; a mutant that is not read or refused as it should be is in the process's traceback."""
    command = [sys.executable, "-m", "tests.midi.mutants", str(first), str(count)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=root)
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, float] = json.loads(done.stdout)
    return found


def test_mutants_are_read_or_refused_within_their_limits(root: Path) -> None:
    found = read_mutants(root, 0, MUTANTS)
    assert found["read"] + found["refused"] == MUTANTS
    assert found["read"] > MUTANTS // 2
    assert found["notes"] > 100 * MUTANTS
    assert found["peak_mib"] < MOST_MIB


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_a_hundred_thousand_mutants_are_read_or_refused(root: Path, part: int) -> None:
    count = ALL_MUTANTS // PARTS
    found = read_mutants(root, MUTANTS + part * count, count)
    assert found["read"] > count // 2
    assert found["peak_mib"] < MOST_MIB
