"""The queue of the open project in the window: filled, put in order, run, steered, and continued."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from musicgen_app.core.errors import MusicgenError
from musicgen_app.project.document import Project
from musicgen_app.project.queue import PAUSE, RUNNING, STOP, WAITING, Queue, QueueEntry
from musicgen_app.project.queue_file import QueueFile
from musicgen_app.project.runs import read_run
from musicgen_app.ui import queue_list as verbs
from musicgen_app.ui.queue_adder import QueueAdder
from musicgen_app.ui.queue_model import INTERRUPTED, MUSIC, PAUSED, Going
from musicgen_app.ui.queue_page import CONTINUE, GO_ON, START, QueuePage
from musicgen_app.ui.queue_page import PAUSE as PAUSE_WORD
from musicgen_app.ui.queue_session import QueueSession
from musicgen_app.ui.queue_words import summary_words
from musicgen_app.workflow.queue import QueueReport
from musicgen_app.workflow.queue_time import Pace
from musicgen_app.workflow.reports import BatchReport

_LOOK_MS = 1000
"""So often it is looked whether another process has changed the queue."""

Change = Callable[[Queue], Queue]


class QueueDesk(QObject):
    """Keeps the page in step with the queue's file, and runs the queue.

    Signals:
        job_started: The queue runs (its Job, a title).
        failed: Something could not be done (a MusicgenError).
        told: Something was done, in a few words.
        changed: The queue is another one, or it runs or does no more.
        interrupted: A queue waits to be continued (how many runs); once for each project that is opened.
        moved_on: Another process has changed the queue.
        run_asked: A run is to be shown (its number).
    """

    job_started = Signal(object, str)
    failed = Signal(object)
    told = Signal(str)
    changed = Signal()
    interrupted = Signal(int)
    moved_on = Signal()
    run_asked = Signal(int)

    def __init__(self, page: QueuePage, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._page = page
        self._project: Project | None = None
        self._file: QueueFile | None = None
        self._queue = Queue()
        self._stamp = (0, 0)
        self._elsewhere = self._offered = False
        self._going = Going()
        self._pace = Pace()
        self.obstacle = ""
        self.session = QueueSession(self)
        self.adder = QueueAdder(self)
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._connect()

    @property
    def queue(self) -> Queue:
        """The queue as it was last seen."""
        return self._queue

    @property
    def busy(self) -> bool:
        """Whether this window runs the queue."""
        return self.session.busy

    @property
    def runs(self) -> bool:
        """Whether the queue runs, here or in another process."""
        return self.busy or self._elsewhere

    @property
    def waiting(self) -> int:
        """How many entries are not over."""
        return self._queue.count(WAITING, RUNNING)

    @property
    def pace(self) -> Pace:
        """What is known of how long entries take."""
        return replace(self._pace, entries=self._queue.entries)

    def folder_of(self, run: int) -> Path | None:
        """The folder of a run of the open project."""
        return None if self._project is None else self._project.runs_folder / f"{run:04d}"

    def set_project(self, project: Project) -> None:
        """Show the queue of a project; one that runs is stopped first, and can be continued."""
        self.shutdown()
        self._project = project
        self._file = QueueFile(project.folder)
        self._stamp, self._elsewhere, self._offered = (0, 0), False, False
        self.adder.set_project(project)
        self.refresh()
        self._look()
        self._timer.start()

    def set_pace(self, notes: int, speeds: Mapping[str, float]) -> None:
        """Say how much there is to learn in an epoch, and how fast networks do."""
        self._pace = Pace(notes, dict(speeds))
        self._show()

    def set_obstacle(self, sentence: str) -> None:
        """Say why the queue cannot be started now; empty where it can."""
        if sentence != self.obstacle:
            self.obstacle = sentence
            self._show()

    def shutdown(self) -> None:
        """Stop the queue, if it runs here; takes less than three seconds."""
        self._timer.stop()
        self.adder.shutdown()
        if self.busy:
            self.session.shutdown()

    def start(self) -> None:
        """Run what waits, beginning with what was interrupted."""
        if self._project is None or self.busy:
            return
        if self.obstacle or not self.waiting:
            sentence = self.obstacle or "Nothing waits in the queue."
            self.failed.emit(MusicgenError(sentence, "" if self.obstacle else "Add runs to it first."))
            return
        self._offered = True
        self._going = Going()
        job = self.session.start_queue(self._project.folder)
        self.job_started.emit(job, "Running the queue")

    @Slot()
    def go(self) -> None:
        """Start, continue, pause or go on, whatever fits."""
        if not self.runs:
            self.start()
        elif self._queue.order == PAUSE:
            self._order("")
        else:
            self._order(PAUSE)

    @Slot()
    def stop(self) -> None:
        """Stop the queue; it can be continued."""
        if self.runs:
            self._order(STOP)

    @Slot()
    def end_epoch(self) -> None:
        """End the run that goes on with its epoch."""
        running = next((entry.id for entry in self._queue.entries if entry.state == RUNNING), None)
        if running is not None and self.runs:
            self.change(lambda queue: queue.ended(running))

    @Slot()
    def clear(self) -> None:
        """Take what is over off the list."""
        self.change(lambda queue: replace(queue, entries=tuple(entry for entry in queue.entries if not entry.over)))

    def add(self, entries: Sequence[QueueEntry]) -> None:
        """Add entries at the end."""
        if self.change(lambda queue: queue.added(tuple(entries))):
            count = len(entries)
            self.told.emit(f"{count:,} {'run is' if count == 1 else 'runs are'} added to the queue")

    def change(self, change: Change) -> bool:
        """Change the queue; whether that was done."""
        if self._file is None:
            return False
        try:
            self._file.change(change)
        except MusicgenError as error:
            self.failed.emit(error)
            return False
        finally:
            self.refresh()
        return True

    @Slot()
    def refresh(self) -> None:
        """Read the queue again."""
        if self._file is None:
            return
        self._stamp = self._file.stamp()
        try:
            self._queue = self._file.read()
        except MusicgenError as error:
            self._queue = Queue()
            self.failed.emit(error)
        self.session.follow(self._queue.order)
        self._show()
        self.changed.emit()

    def _connect(self) -> None:
        page, session = self._page, self.session
        page.go_asked.connect(self.go)
        page.stop_asked.connect(self.stop)
        page.epoch_end_asked.connect(self.end_epoch)
        page.clear_asked.connect(self.clear)
        page.asked.connect(self._on_asked)
        page.list.moved.connect(self._on_moved)
        self._timer.timeout.connect(self._look)
        session.state_changed.connect(self._on_state)
        session.advanced.connect(self._on_advanced)
        session.batch_done.connect(self._on_batch)
        session.failed.connect(self.failed)
        self.adder.failed.connect(self.failed)
        self.adder.added.connect(self.refresh)

    def _order(self, order: str) -> None:
        self.change(lambda queue: replace(queue, order=order))

    @Slot()
    def _look(self) -> None:
        """See whether another process has changed the queue, runs it, or has ceased to."""
        if self._file is None:
            return
        elsewhere = not self.busy and self._file.is_run
        changed = self._file.stamp() != self._stamp
        if changed or elsewhere != self._elsewhere:
            self._elsewhere = elsewhere
            self.refresh()
            if not self.busy:
                self.moved_on.emit()
        if not (self.busy or elsewhere or self._offered) and self._queue.count(RUNNING):
            self._offered = True
            self.interrupted.emit(self.waiting)

    def _show(self) -> None:
        """Show the queue as it is known."""
        queue, page, runs = self._queue, self._page, self.runs
        chosen = page.list.chosen_entry
        pace = self.pace
        expected = {entry.id: pace.seconds(entry) for entry in queue.entries if entry.state == WAITING}
        if not self.busy:
            self._going = self._going_elsewhere()
        if page.list.rows.show_queue(queue, self._going_now(), expected) and chosen is not None:
            page.list.choose(chosen.id)
        page.list.fit()
        interrupted = not runs and queue.count(RUNNING) > 0
        paused = runs and queue.order == PAUSE
        words = (GO_ON if paused else PAUSE_WORD) if runs else CONTINUE if interrupted else START
        possible = runs or (self.waiting > 0 and not self.obstacle)
        page.show_go(words, possible, "" if runs else self.obstacle)
        page.stop.setEnabled(runs)
        page.epoch_end.setEnabled(runs and any(e.state == RUNNING and not e.end_epoch for e in queue.entries))
        page.clear.setEnabled(any(entry.over for entry in queue.entries))
        self._show_summary(expected)

    def _show_summary(self, expected: Mapping[int, float | None]) -> None:
        runs = self.runs
        seconds: float | None = 0.0
        for known in expected.values():
            seconds = None if known is None or seconds is None else seconds + known
        for entry in self._queue.entries:
            if entry.state == RUNNING and seconds is not None:
                left = self._seconds_left(entry)
                seconds = None if left is None else seconds + left
        words = summary_words(self._queue, runs, self._elsewhere, seconds)
        over, count = sum(entry.over for entry in self._queue.entries), len(self._queue.entries)
        self._page.show_summary(words, (over + self._going.share) / max(1, count) if runs else None)

    def _seconds_left(self, entry: QueueEntry) -> float | None:
        """How long the entry that was begun will still take; None where nobody knows."""
        if self._going.seconds_left is not None:
            return self._going.seconds_left
        known = self.pace.seconds(entry)
        return None if known is None else known * (1 - self._going.share)

    def _going_now(self) -> Going:
        runs = self.runs
        state = INTERRUPTED if not runs else PAUSED if self._queue.order == PAUSE else self._going.state
        return replace(self._going, state=state)

    def _going_elsewhere(self) -> Going:
        """How far the entry is that another process has begun, by what its run has written."""
        entry = next((one for one in self._queue.entries if one.state == RUNNING and one.run is not None), None)
        if entry is None or self._project is None:
            return Going()
        run = read_run(self._project.runs_folder / f"{entry.run:04d}")
        planned = entry.epochs or 0
        return Going(epoch=run.epochs, epochs=planned, share=run.epochs / planned if planned else 0.0)

    @Slot()
    def _on_state(self) -> None:
        self.refresh()

    @Slot(object)
    def _on_advanced(self, report: QueueReport) -> None:
        if report.stage == "writing music":
            self._going = Going(MUSIC, share=1.0)
        elif not report.epoch:
            self._going = Going()
        if self._file is not None and (report.over or not report.epoch or self._file.stamp() != self._stamp):
            self.refresh()

    @Slot(object)
    def _on_batch(self, report: BatchReport) -> None:
        at = report.epoch - 1 + report.batch / max(1, report.batches)
        share = at / report.epochs if report.epochs else 0.0
        self._going = Going(RUNNING, report.epoch, report.epochs, share, report.seconds_left)
        self._page.list.rows.show_going(self._going_now())
        pace = self.pace
        self._show_summary({one.id: pace.seconds(one) for one in self._queue.entries if one.state == WAITING})

    @Slot(int, int)
    def _on_moved(self, number: int, place: int) -> None:
        self.change(lambda queue: queue.moved(number, place))
        self._page.list.choose(number)

    @Slot(str, int)
    def _on_asked(self, verb: str, number: int) -> None:
        if verb == verbs.SHOW:
            run = self._queue.entry(number).run
            if run is not None:
                self.run_asked.emit(run)
            return
        changes: dict[str, Change] = {
            verbs.UP: partial(_shifted, number=number, by=-1),
            verbs.DOWN: partial(_shifted, number=number, by=1),
            verbs.CANCEL: lambda queue: queue.cancelled(number),
            verbs.REMOVE: lambda queue: queue.removed(number),
            verbs.AGAIN: lambda queue: queue.retried(number),
            verbs.END_EPOCH: lambda queue: queue.ended(number),
        }
        row = self._page.list.rows.position(number)
        self.change(changes[verb])
        self._choose_near(number, row)

    def _choose_near(self, number: int, row: int) -> None:
        """Choose an entry, or where it is gone the one that has taken its place."""
        rows = self._page.list.rows
        near = rows.at(row) or rows.at(row - 1)
        if rows.position(number) >= 0:
            self._page.list.choose(number)
        elif near is not None:
            self._page.list.choose(near.id)


def _shifted(queue: Queue, number: int, by: int) -> Queue:
    place = [entry.id for entry in queue.entries].index(queue.entry(number).id) + 1
    return queue.moved(number, place + by)
