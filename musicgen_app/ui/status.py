"""The status bar: what goes on, how far it is, how long it will take, and a way to stop it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from musicgen_app.core.progress import Progress
from musicgen_app.ui.controls import GRID, INSIDE, ElidedLabel, Hairline, IconButton, SecondaryLabel
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.jobs import Job
from musicgen_app.ui.messages import Note
from musicgen_app.ui.theme import tabular_font
from musicgen_app.workflow.queue import QueueReport
from musicgen_app.workflow.reports import BatchReport, EpochReport, TrainStarted


def time_left(seconds: float | None) -> str:
    """How long something will still take, in words; empty where it is not known."""
    if seconds is None or seconds < 0:
        return ""
    if seconds < 60:
        return f"{max(1, round(seconds))} s left"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min left"
    return f"{minutes // 60} h {minutes % 60} min left"


class JobRow(QWidget):
    """One job of the stack."""

    ended = Signal(object)

    def __init__(self, job: Job, title: str, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.job = job
        self._queue: QueueReport | None = None
        self._title = QLabel(title)
        self._stage = ElidedLabel("", secondary=True)
        self._bar = QProgressBar()
        self._bar.setRange(0, 0)
        self._bar.setFixedWidth(180)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(f"Progress of {title.lower()}")
        self._left = SecondaryLabel(wrap=False)
        self._left.setFont(tabular_font(self._left.font()))
        self._left.setMinimumWidth(96)
        self._left.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._cancel = IconButton(icons, "x", f"Stop {title[:1].lower()}{title[1:]}")
        self._cancel.clicked.connect(self._on_cancel)
        row = QHBoxLayout(self)
        row.setContentsMargins(INSIDE, 0, GRID, 0)
        row.setSpacing(INSIDE)
        row.addWidget(self._title)
        row.addWidget(self._stage, 1)
        row.addWidget(self._bar)
        row.addWidget(self._left)
        row.addWidget(self._cancel)
        job.progressed.connect(self._on_progress)
        job.succeeded.connect(self._on_end)
        job.failed.connect(self._on_end)
        job.cancelled.connect(self._on_end)
        job.finished.connect(self._on_end)

    @property
    def words(self) -> str:
        """What the row says."""
        return " ".join(word for word in (self._title.text(), self._stage.text(), self._left.text()) if word)

    def _on_progress(self, report: object) -> None:
        if isinstance(report, QueueReport):
            self._queue = report
            stage = f"{report.done} of {report.total} done, run {report.run}: {report.stage}"
            epoch = f", epoch {report.epoch} of {report.epochs}" if report.epochs else ""
            self._show(f"{stage}{epoch}", report.done, report.total, report.seconds_left)
        elif self._queue is not None:
            return  # what a single run says stands in the Training tab
        elif isinstance(report, Progress):
            self._show(f"{report.stage}  {report.item}".strip(), report.done, report.total, report.seconds_left)
        elif isinstance(report, TrainStarted):
            self._show("The network stands; the first batch takes longest.", 0, 0, None)
        elif isinstance(report, BatchReport):
            of = f" of {report.epochs}" if report.epochs else ""
            done = (report.epoch - 1) * report.batches + report.batch
            total = report.epochs * report.batches if report.epochs else 0
            speed = f"{report.notes_per_second:,.0f} notes/s"
            self._show(f"Epoch {report.epoch}{of}, {speed}", done, total, report.seconds_left)
        elif isinstance(report, EpochReport):
            self._stage.set_text(f"Epoch {report.epoch} done")

    def _show(self, stage: str, done: int, total: int, seconds: float | None) -> None:
        self._stage.set_text(stage)
        # Qt counts in 32 bits; thousandths are finer than the bar.
        self._bar.setRange(0, 1000 if total else 0)
        if total:
            self._bar.setValue(round(1000 * min(done / total, 1.0)))
        self._left.setText(time_left(seconds))

    def _on_cancel(self) -> None:
        self._cancel.setEnabled(False)
        self._stage.set_text("Stopping")
        self._left.setText("")
        self.job.cancel()

    def _on_end(self) -> None:
        self.ended.emit(self)


class StatusArea(QWidget):
    """The lowest line of the window, which grows by a line for each further job."""

    def __init__(self, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icons = icons
        self._jobs: list[JobRow] = []
        self._idle = SecondaryLabel("Ready", wrap=False)
        self.note = Note()
        self.note.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(INSIDE, 0, INSIDE, 0)
        row.addWidget(self._idle)
        row.addWidget(self.note, 1)
        line.setFixedHeight(26)
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(0)
        self._rows.addWidget(Hairline())
        self._rows.addWidget(line)

    @property
    def jobs(self) -> tuple[JobRow, ...]:
        """The jobs that run, oldest first."""
        return tuple(self._jobs)

    def add_job(self, job: Job, title: str) -> None:
        """Show a job until it ends."""
        row = JobRow(job, title, self._icons, self)
        row.ended.connect(self._on_ended)
        self._jobs.append(row)
        self._rows.insertWidget(self._rows.count() - 1, row)
        self._tell()
        if job.isFinished():
            self._on_ended(row)

    def tell(self, text: str) -> None:
        """Say what was just done."""
        self.note.tell(text)

    def _on_ended(self, row: JobRow) -> None:
        if row in self._jobs:
            self._jobs.remove(row)
            self._rows.removeWidget(row)
            row.hide()
            row.deleteLater()
            self._tell()

    def _tell(self) -> None:
        count = len(self._jobs)
        self._idle.setText("Ready" if not count else "1 job is running" if count == 1 else f"{count} jobs are running")
