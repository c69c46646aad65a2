"""What long work tells its listener, and how it is told to stop.

Work has the shape ``task(report, cancel) -> result`` and knows no listener: the command line prints the
reports, the worker process writes them as JSON lines, the window draws them.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from musicgen_app.core.errors import Cancelled


class CancelToken:
    """A request to stop, safe to set from any thread."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        """Ask the work to stop at its next check."""
        self._event.set()

    @property
    def cancelled(self) -> bool:
        """Whether a stop was asked for."""
        return self._event.is_set()

    def check(self) -> None:
        """Go on, or leave.

        Raises:
            Cancelled: A stop was asked for.
        """
        if self._event.is_set():
            raise Cancelled


@dataclass(frozen=True, slots=True)
class Progress:
    """How far some work is.

    Attributes:
        stage: What is being done, in a few words ("Reading files").
        done: Units finished.
        total: Units in all; 0 where unknown.
        seconds_left: Estimated time to the end; None until it can be told.
        item: What is being worked on now, a file's name for example.
    """

    stage: str
    done: int = 0
    total: int = 0
    seconds_left: float | None = None
    item: str = ""


Report = Callable[[object], None]


def silent(_report: object) -> None:
    """A listener that does not listen."""
