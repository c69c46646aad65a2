"""Several entries of a queue at a time: who works on which, and what only one may do at a moment."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait

from musicgen_app.core.progress import Report
from musicgen_app.project.queue import QueueEntry
from musicgen_app.project.queue_file import QueueFile


class Desk:
    """Hands out the entries of a queue, each to one.

    Attributes:
        file: The queue.
        books: Held by whoever writes the tables of the project.
    """

    def __init__(self, file: QueueFile, lanes: int = 1) -> None:
        self.file = file
        self.books = threading.Lock()
        self._lanes = lanes
        self._taken: set[int] = set()
        self._lock = threading.Lock()
        self._telling = threading.Lock()
        self._closed = False

    def take(self) -> QueueEntry | None:
        """The next entry; None with nothing to do.

        Raises:
            ProjectError: The queue, or the folder of the run, cannot be written.
        """
        with self._lock:
            entry = None if self._closed else self.file.take(self._taken)
            if entry is not None:
                self._taken.add(entry.id)
            return entry

    def give_back(self, entry: QueueEntry) -> None:
        """Say that nobody works on an entry any more."""
        with self._lock:
            self._taken.discard(entry.id)

    def close(self) -> None:
        """Hand out nothing more."""
        self._closed = True

    def shared(self, seconds: float | None, own: float | None) -> float | None:
        """Time to the end of a queue that one alone would need ``seconds`` for, and ``own`` for what it does now."""
        return None if seconds is None else max(seconds / self._lanes, own or 0.0)

    def one_at_a_time(self, report: Report) -> Report:
        """A listener that may be told from several threads."""

        def tell(told: object) -> None:
            with self._telling:
                report(told)

        return tell


def in_lanes(works: Sequence[Callable[[], None]], desk: Desk) -> None:
    """Do work beside each other, one in this thread, and wait until all is done.

    Where one fails the others end what they do, and begin nothing more.
    """
    if len(works) == 1:
        works[0]()
        return

    def guarded(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException:
            desk.close()
            raise

    with ThreadPoolExecutor(len(works)) as pool:
        lanes = [pool.submit(guarded, work) for work in works]
        wait(lanes)
    for lane in lanes:
        lane.result()
