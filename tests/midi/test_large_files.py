"""Files of 64 MB made to be slow or to take all memory, each read in a process of its own."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

if not hasattr(signal, "setitimer"):
    pytest.skip("Time and memory are limited only where processes have timers.", allow_module_level=True)

from tests.midi.large_files import KINDS, large_file
from tests.midi.limits import MOST_MIB

WORST = ("running notes", "programs")


def read_large(kind: str, folder: Path, root: Path) -> dict[str, float]:
    path = folder / "large.mid"
    path.write_bytes(large_file(kind))
    command = [sys.executable, "-m", "tests.midi.large_files", str(path)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=root)
    finally:
        path.unlink()
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, float] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("kind", WORST)
def test_the_worst_large_files_keep_the_limits_of_time_and_memory(kind: str, tmp_path: Path, root: Path) -> None:
    assert read_large(kind, tmp_path, root)["peak_mib"] < MOST_MIB


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_large_files_of_every_kind_keep_the_limits(kind: str, tmp_path: Path, root: Path) -> None:
    assert read_large(kind, tmp_path, root)["peak_mib"] < MOST_MIB
