"""Run the queue of a project: for each entry train, make music, count its score."""

import contextlib
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from musicgen_app.core.errors import Cancelled, MusicgenError, TrainingError
from musicgen_app.core.progress import CancelToken, Progress, Report, silent
from musicgen_app.ml.control import TrainControl
from musicgen_app.ml.runfolder import LOCK_FILE, RunFolder
from musicgen_app.project.document import Project
from musicgen_app.project.queue import CANCELLED, DONE, FAILED, PAUSE, RUNNING, STOP, WAITING, Queue, QueueEntry
from musicgen_app.project.queue_file import QueueFile
from musicgen_app.project.run_rows import row_of
from musicgen_app.project.runs import read_run
from musicgen_app.workflow.child import run_in_child
from musicgen_app.workflow.experiments import ListRequest, list_runs
from musicgen_app.workflow.outputs import OutputRequest, make_output
from musicgen_app.workflow.queue_lanes import Desk, in_lanes
from musicgen_app.workflow.queue_settings import train_request
from musicgen_app.workflow.queue_time import seconds_left
from musicgen_app.workflow.reports import BatchReport, EpochReport

_LOOK_SECONDS = 0.25
_LOCK_SECONDS = 30.0
"""A training whose parent was killed ends by itself in this time."""

InChild = Callable[[str, object, Report, CancelToken], object]


@dataclass(frozen=True, slots=True)
class QueueRequest:
    """Which queue to run.

    Attributes:
        project: The project's folder.
        patience: Seconds to wait for another process that runs it, and may be about to end.
    """

    project: Path
    patience: float = 1.0


@dataclass(frozen=True, slots=True)
class QueueReport:
    """How far a queue is.

    Attributes:
        entry: The entry that goes on.
        run: Number of its run.
        stage: What is being done, in a few words ("training", "writing music", "looking for copies", "done",
            "failed").
        done: Entries that are over, of this queue's ``total``.
        total: Entries in all.
        seconds_left: Estimated time to the end of the queue; None until it can be told.
        epoch, epochs: The epoch that goes on, and how many are planned; 0 where there is none.
        reason: Why the entry failed; empty otherwise.
    """

    entry: int
    run: int
    stage: str
    done: int
    total: int
    seconds_left: float | None = None
    epoch: int = 0
    epochs: int = 0
    reason: str = ""

    @property
    def over(self) -> bool:
        """Whether the entry has come to its end."""
        return self.stage in (DONE, FAILED, CANCELLED)


@dataclass(frozen=True, slots=True)
class QueueResult:
    """How a queue ended.

    Attributes:
        done, failed, cancelled: Entries that ended so since this start.
        waiting: Entries that are not over: it was told to stop.
    """

    done: int
    failed: int
    cancelled: int
    waiting: int


def run_queue(
    request: QueueRequest, report: Report, control: CancelToken, child: InChild = run_in_child, lanes: int = 1
) -> QueueResult:
    """Run the entries of a queue until none is left: one after the other, or several beside each other.

    Each training, and each making of music, has a process of its own: one that dies costs a sentence, not the queue.
    An entry that was interrupted, also by a kill, goes on where its run stopped. Reports a ``QueueReport`` at each
    step, and what the training itself reports.

    Args:
        request: Which queue.
        report: Told how far it is.
        control: A ``TrainControl`` may also pause the training that goes on, or end it early.
        child: Runs a verb in a process of its own.
        lanes: How many entries are worked on at a time. With more than one, ``report`` and ``child`` are called from
            other threads, ``report`` by one at a time.

    Raises:
        Cancelled: Stopped on request; the next start goes on.
        UsageError: Another process runs the queue.
        ProjectError: There is no such project, or its queue cannot be read or written.
    """
    project = Project.open(request.project)
    file = QueueFile(project.folder)
    if file.is_run:
        report(Progress("Waiting for the process that runs the queue"))
    with file.running(request.patience):
        file.change(partial(replace, order=""))
        desk = Desk(file, lanes)
        report = desk.one_at_a_time(report)
        workers = [_Worker(project, desk, report, control, child) for _ in range(lanes)]
        in_lanes([worker.work_off for worker in workers], desk)
        queue = file.change(partial(replace, order=""))
    ends = Counter(end for worker in workers for end in worker.ends)
    return QueueResult(ends[DONE], ends[FAILED], ends[CANCELLED], queue.count(WAITING, RUNNING))


class _Worker:
    """Works off one entry after the other.

    Attributes:
        ends: The states in which entries ended.
    """

    def __init__(self, project: Project, desk: Desk, report: Report, control: CancelToken, child: InChild) -> None:
        self._project = project
        self._desk = desk
        self._file = desk.file
        self._report = report
        self._control = control
        self._child = child
        self._told: QueueReport | None = None
        self.ends: list[str] = []

    def work_off(self) -> None:
        """Work until nothing is left to begin.

        Raises:
            Cancelled: The queue was told to stop.
        """
        while not _told_to_stop(self._file, self._control) and (entry := self._desk.take()) is not None:
            try:
                self.work(entry)
            finally:
                self._desk.give_back(entry)

    def work(self, entry: QueueEntry) -> None:
        """Train, make music, count; a failure is written down.

        Raises:
            Cancelled: The queue, not the entry, was told to stop.
        """
        orders = _Orders(self._file, entry.id, self._control)
        began = time.monotonic()
        self._tell(entry, "training")
        try:
            self._train(entry, orders)
            score = self._make_music(entry, orders) if entry.sample else None
        except Cancelled:
            if not orders.entry_cancelled:
                self._control.check()
                return  # told through the file: the loop sees it too, and the entry is resumed at the next start
            self._end(entry, CANCELLED)
            return
        except MusicgenError as error:
            begun = _mark_failed(self._file.run_folder(entry), error)
            self._finish(entry, FAILED, reason=str(error), **({} if begun else {"run": None}))
            return
        finally:
            with self._desk.books:
                list_runs(ListRequest(self._project.folder), silent, CancelToken())
        before = entry.seconds or 0.0
        self._finish(entry, DONE, score=score, seconds=round(before + time.monotonic() - began, 1))

    def _train(self, entry: QueueEntry, orders: "_Orders") -> None:
        folder = self._file.run_folder(entry)
        self._await_lock(folder, orders)
        run = read_run(folder)
        if run.status == "done" and run.checkpoint is not None:
            return  # it was interrupted after the training
        self._child("train", train_request(self._project, entry, folder), self._listener(entry, orders), orders)

    def _await_lock(self, folder: Path, orders: "_Orders") -> None:
        """Wait until the training of a killed queue has noticed that it is alone."""
        until = time.monotonic() + _LOCK_SECONDS
        while True:
            try:
                with RunFolder(folder).locked():
                    return
            except TrainingError:
                if time.monotonic() > until:
                    raise
            orders.check()
            time.sleep(_LOOK_SECONDS)

    def _listener(self, entry: QueueEntry, orders: "_Orders") -> Report:
        """Passes on what a training says, and how far the queue is with it."""

        def listen(told: object) -> None:
            self._report(told)
            if isinstance(told, EpochReport):
                self._tell(entry, "training", epoch=told.epoch, epochs=told.epochs)
            elif isinstance(told, BatchReport):
                self._tell(entry, "training", told.seconds_left, told.epoch, told.epochs)

        return listen

    def _make_music(self, entry: QueueEntry, orders: "_Orders") -> float | None:
        """Write music with the model into the run's folder and return its score."""
        folder = self._file.run_folder(entry)
        run = read_run(folder)
        if run.output is None:
            self._tell(entry, "writing music")
            child = partial(self._child, "generate")
            return make_output(OutputRequest(folder, entry.sample), silent, orders, child).score  # type: ignore[arg-type]
        return row_of(run).score

    def _finish(self, entry: QueueEntry, state: str, **known: object) -> None:
        """Write down how an entry ended, unless it was cancelled at the last moment."""

        def end(queue: Queue) -> Queue:
            now = next((one for one in queue.entries if one.id == entry.id), None)
            if now is None or now.over:
                return queue
            return queue.changed(entry.id, state=state, end_epoch=False, **known)

        queue = self._file.change(end)
        now = next((one.state for one in queue.entries if one.id == entry.id), CANCELLED)
        self._end(entry, now, str(known.get("reason", "")))

    def _end(self, entry: QueueEntry, state: str, reason: str = "") -> None:
        self.ends.append(state)
        self._tell(entry, state, reason=reason)

    def _tell(
        self,
        entry: QueueEntry,
        stage: str,
        left: float | None = None,
        epoch: int = 0,
        epochs: int = 0,
        reason: str = "",
    ) -> None:
        queue = self._file.read()
        over = sum(one.over for one in queue.entries)
        whole = self._desk.shared(seconds_left(queue.entries, entry.id, left), left)
        told = QueueReport(entry.id, entry.run or 0, stage, over, len(queue.entries), whole, epoch, epochs, reason)
        if told != self._told:
            self._told = told
            self._report(told)


class _Orders(TrainControl):
    """What was ordered through the file of the queue, beside what the caller's own control says."""

    def __init__(self, file: QueueFile, entry: int, control: CancelToken) -> None:
        super().__init__()
        self._file = file
        self._entry = entry
        self._control = control
        self._looked_at = float("-inf")
        self._stamp: tuple[int, int] | None = None
        self._queue = Queue()

    @property
    def cancelled(self) -> bool:
        return self._control.cancelled or self._now.order == STOP or self.entry_cancelled

    @property
    def entry_cancelled(self) -> bool:
        """Whether the entry, and not the whole queue, was cancelled or taken away."""
        return all(one.id != self._entry or one.state == CANCELLED for one in self._now.entries)

    @property
    def paused(self) -> bool:
        return self._now.order == PAUSE or (isinstance(self._control, TrainControl) and self._control.paused)

    @property
    def keep_asked(self) -> bool:
        return isinstance(self._control, TrainControl) and self._control.keep_asked

    @property
    def epoch_end_asked(self) -> bool:
        return any(one.id == self._entry and one.end_epoch for one in self._now.entries)

    def check(self) -> None:
        if self.cancelled:
            raise Cancelled

    @property
    def _now(self) -> Queue:
        """The queue, looked at a few times a second and read where it has changed."""
        now = time.monotonic()
        if now - self._looked_at >= _LOOK_SECONDS:
            self._looked_at = now
            seen = self._file.stamp()
            if seen != self._stamp:
                self._stamp, self._queue = seen, self._file.read()
        return self._queue


def _mark_failed(folder: Path, error: MusicgenError) -> bool:
    """See that a run says that it failed, also where its process died; False where it never began.

    A run that never began leaves nothing behind.
    """
    run = RunFolder(folder)
    if not run.begun:
        with contextlib.suppress(OSError):
            (folder / LOCK_FILE).unlink(missing_ok=True)
            folder.rmdir()
        return False
    with contextlib.suppress(MusicgenError), run.locked():
        description = run.description()
        if description.get("status") == "running":
            run.describe({**description, "status": "failed", "error": str(error)})
    return True


def _told_to_stop(file: QueueFile, control: CancelToken) -> bool:
    """Whether no further entry is to be begun. Waits out a pause."""
    while True:
        control.check()
        order = file.read().order
        paused = order == PAUSE or (isinstance(control, TrainControl) and control.paused)
        if not paused:
            return order == STOP
        time.sleep(_LOOK_SECONDS)
