"""Limits of time and memory for what reads files in a process of its own."""

import resource
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SECONDS = 5
MOST_MIB = 300
"""What the reader promises for any file below 64 MB, Python and numpy included."""

_STATUS = Path("/proc/self/status")


class TooSlowError(Exception):
    pass


def _give_up(_signal: int, _frame: object) -> None:
    raise TooSlowError


@contextmanager
def limited() -> Iterator[None]:
    """Raise TooSlowError after SECONDS of the processor; of the clock would be unjust where others are busy."""
    signal.signal(signal.SIGPROF, _give_up)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def peak_mib() -> float:
    """The most memory this process has had; on Linux without that of the process that started it."""
    if _STATUS.exists():
        line = next(line for line in _STATUS.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
