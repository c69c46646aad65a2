"""The queue of a project on the disk: changed by any process, run by one at a time.

Two locks keep order, both lifted by the system even when a process is killed: one for the moment of a change, one held
as long as somebody runs the queue. An entry that is "running" while nobody holds the second was interrupted.
"""

import contextlib
import time
from collections.abc import Callable, Container, Iterator
from functools import partial
from pathlib import Path

from musicgen_app.core.errors import ProjectError, UsageError
from musicgen_app.ml.runfolder import lock_file
from musicgen_app.project.queue import QUEUE_FILE, RUNNING, Queue, QueueEntry
from musicgen_app.project.runs import highest_number
from musicgen_app.project.store import read_json, write_json

_CHANGE_LOCK = ".queue-change.lock"
_RUN_LOCK = ".queue-run.lock"
_PATIENCE_SECONDS = 10.0
_LOOK_SECONDS = 0.02


class QueueFile:
    """The queue of the project in a folder."""

    def __init__(self, project: Path) -> None:
        self._project = project
        self.path = project / QUEUE_FILE

    def read(self) -> Queue:
        """The queue as it is now; an empty one where there is none.

        Raises:
            ProjectError: It is damaged, of a newer version, or cannot be read.
        """
        return Queue.from_json(read_json(self.path)) if self.path.exists() else Queue()

    def stamp(self) -> tuple[int, int]:
        """What tells one version of the file from another; (0, 0) where there is none."""
        try:
            seen = self.path.stat()
        except OSError:
            return 0, 0
        return seen.st_mtime_ns, seen.st_ino

    def change(self, change: Callable[[Queue], Queue]) -> Queue:
        """Write what ``change`` makes of the queue, and return it; no other process changes it meanwhile.

        Raises:
            ProjectError: It is damaged, or cannot be written; then it is as it was.
            UsageError: What ``change`` raises.
        """
        with self._locked(_CHANGE_LOCK, _PATIENCE_SECONDS) as ours:
            if not ours:
                raise ProjectError("The queue is being changed by another process.", "Try it again in a moment.")
            before = self.read()
            after = change(before)
            if after != before:
                write_json(self.path, after.to_json())
            return after

    @contextlib.contextmanager
    def running(self, patience: float = 0.0) -> Iterator[None]:
        """Be the only one who runs the queue.

        Args:
            patience: Seconds to wait for another one. Whoever asks ``is_run`` holds the lock for that moment.

        Raises:
            UsageError: Another process does.
            ProjectError: The project cannot be written.
        """
        with self._locked(_RUN_LOCK, patience) as ours:
            if not ours:
                raise UsageError(
                    "The queue is being run by another process.", "Wait for it, or tell it to stop (--stop)."
                )
            yield

    @property
    def is_run(self) -> bool:
        """Whether a process runs the queue at this moment."""
        if not (self._project / _RUN_LOCK).exists():
            return False
        with self._locked(_RUN_LOCK) as ours:
            return not ours

    def take(self, taken: Container[int] = ()) -> QueueEntry | None:
        """Begin the next entry, or take up one that was interrupted; None with nothing to do.

        Only for whoever holds ``running``. The number of a run is written down before its folder is made: an entry
        whose process is killed in between is found again with its run.

        Args:
            taken: Numbers of entries that whoever holds it works on already.

        Raises:
            ProjectError: The queue, or the folder, cannot be written.
        """
        while (entry := self.read().next_beside(taken)) is not None:
            number = entry.run or highest_number(self._project / "runs") + 1
            queue = self.change(partial(_begun, wanted=entry.id, run=number))
            begun = next((one for one in queue.entries if one.id == entry.id), entry)
            if begun.state != RUNNING or begun.run != number:
                continue  # it was cancelled or removed at this moment
            if self._make_folder(begun, new=entry.run is None):
                return begun
            self.change(partial(Queue.changed, number=entry.id, run=None))
        return None

    def run_folder(self, entry: QueueEntry) -> Path:
        """The folder of an entry's run."""
        return self._project / "runs" / f"{entry.run or 0:04d}"

    def _make_folder(self, entry: QueueEntry, new: bool) -> bool:
        """Make the folder of an entry's run; False where somebody else has just begun a run with this number."""
        try:
            self.run_folder(entry).mkdir(parents=True, exist_ok=not new)
        except FileExistsError:
            return False
        except OSError as error:
            told = error.strerror or "the disk gave no reason"
            raise ProjectError(
                f"A folder for the run could not be made: {told}.", "Check that you may write there."
            ) from error
        return True

    @contextlib.contextmanager
    def _locked(self, name: str, patience: float = 0.0) -> Iterator[bool]:
        """Hold a lock, waited for so many seconds; False where another process holds it."""
        try:
            file = (self._project / name).open("ab")
        except OSError as error:
            told = error.strerror or "the disk gave no reason"
            raise ProjectError(f"The queue cannot be written: {told}.", "Check that you may write there.") from error
        with file:
            until = time.monotonic() + patience
            while not (ours := lock_file(file)) and time.monotonic() < until:
                time.sleep(_LOOK_SECONDS)
            yield ours


def _begun(queue: Queue, wanted: int, run: int) -> Queue:
    """With an entry running, as a run of this number; as it was where there is nothing to begin any more."""
    entry = next((one for one in queue.entries if one.id == wanted), None)
    return queue if entry is None or entry.over else queue.changed(wanted, state=RUNNING, run=run)
