"""Builds a sweep: says how many runs it makes and how long they take before any is queued."""

from functools import partial

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from musicgen_app.core.errors import MusicgenError, UsageError
from musicgen_app.core.progress import Progress
from musicgen_app.project.document import Project
from musicgen_app.project.queue import QueueEntry
from musicgen_app.project.story import duration_words
from musicgen_app.ui.controls import BETWEEN, GRID, Heading, PrimaryButton, QuietButton, SecondaryLabel, set_kind
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.jobs import Job
from musicgen_app.ui.queue_words import runs_words
from musicgen_app.ui.sweep_rows import Base, SweepRow
from musicgen_app.workflow.queue_time import Pace
from musicgen_app.workflow.sweep import Axis, parsed_axes, run_count, sweep_entries

MOST_RUNS = 1000
"""More are refused here: each is checked before any is added."""

_EXPLAINED = (
    "Each combination becomes a run. Write a list (0.1, 0.2, 0.3), a range (1:4), a range with a step (0.1:0.5:0.1) or "
    "with a factor (0.0001:0.01:*10). All other settings are those of the form."
)
_FEWEST = 190


class SweepDialog(QDialog):
    """Rows of settings with their values; ``entries`` holds the checked runs once it is accepted.

    Args:
        project: Whose queue they are for.
        base: What the runs have in common.
        pace: What is known of how long runs take.
        icons: Pictures.
        parent: Qt's owner.
    """

    def __init__(self, project: Project, base: Base, pace: Pace, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Build a sweep")
        self.setMinimumWidth(560)
        self.entries: tuple[QueueEntry, ...] = ()
        self._project = project
        self._base = base
        self._pace = pace
        self._icons = icons
        self._rows: list[SweepRow] = []
        self._job: Job | None = None
        self.more = QuietButton("Another setting", "Vary one more setting", icons, "list-plus")
        self.count = Heading("")
        self.count.setWordWrap(True)
        self.told = QLabel()
        self.told.setWordWrap(True)
        self.told.setMinimumHeight(3 * self.told.fontMetrics().lineSpacing())
        self.told.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.add = PrimaryButton("Add to queue", "Put all these runs at the end of the queue")
        self.add.setDefault(True)
        self.cancel = QuietButton("Cancel")
        self._lay_out()
        self.more.clicked.connect(self._on_more)
        self.add.clicked.connect(self._on_add)
        self.cancel.clicked.connect(self.reject)
        self._on_more()

    @property
    def rows(self) -> tuple[SweepRow, ...]:
        """The rows, first to last."""
        return tuple(self._rows)

    @property
    def axes(self) -> tuple[Axis, ...]:
        """What is varied; rows without values are passed over.

        Raises:
            UsageError: Values cannot be read, or a setting is there twice.
        """
        words = [f"{row.name}={row.values.text().strip()}" for row in self._rows if row.values.text().strip()]
        return parsed_axes(words)

    def shutdown(self) -> None:
        """End what is being checked."""
        job, self._job = self._job, None
        if job is not None:
            job.cancel()
            job.wait()
            job.deleteLater()

    def reject(self) -> None:
        self.shutdown()
        super().reject()

    def _lay_out(self) -> None:
        self._list = QVBoxLayout()
        self._list.setContentsMargins(0, 0, GRID, 0)
        self._list.setSpacing(GRID)
        self._list.addStretch(1)
        inside = QWidget()
        inside.setLayout(self._list)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setMinimumHeight(_FEWEST)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(inside)
        above, ends = QHBoxLayout(), QHBoxLayout()
        above.addWidget(self.more)
        above.addStretch(1)
        ends.setSpacing(GRID)
        ends.addStretch(1)
        self.cancel.setMinimumHeight(self.add.minimumHeight())
        ends.addWidget(self.cancel)
        ends.addWidget(self.add)
        box = QVBoxLayout(self)
        box.setContentsMargins(BETWEEN, BETWEEN, BETWEEN, BETWEEN)
        box.setSpacing(GRID)
        box.addWidget(SecondaryLabel(_EXPLAINED))
        box.addWidget(scroll, 1)
        box.addLayout(above)
        box.addWidget(self.count)
        box.addWidget(self.told)
        box.addLayout(ends)

    def _on_more(self) -> None:
        taken = {row.name for row in self._rows}
        name = next((name for name in self._base.settings if name not in taken and name != "preset"), None)
        if name is None:
            return
        row = SweepRow(self._base, name, self._icons)
        row.changed.connect(self._show)
        row.removed.connect(self._on_removed)
        self._rows.append(row)
        self._list.insertWidget(self._list.count() - 1, row)
        row.values.setFocus()
        self._show()

    def _on_removed(self) -> None:
        row = self.sender()
        if isinstance(row, SweepRow):
            self._rows.remove(row)
            self._list.removeWidget(row)
            row.hide()
            row.deleteLater()
            self._show()

    def _show(self) -> None:
        """Say how many runs it makes, and how long they take; or what cannot be read."""
        names = [row.name for row in self._rows]
        wrong = next((row for row in self._rows if names.count(row.name) > 1), None)
        try:
            axes = self.axes
        except UsageError as error:
            self._refuse(str(error), wrong or self._unreadable())
            return
        count = run_count(axes) if axes else 0
        for row in self._rows:
            row.show_wrong(False)
        self.add.setText(f"Add {runs_words(count)}" if count else "Add to queue")
        if count > MOST_RUNS:
            self._refuse(f"This makes {count:,} runs; at most {MOST_RUNS:,} are added at once.", None)
            return
        self.add.setEnabled(count > 0 and self._job is None)
        product = " \N{MULTIPLICATION SIGN} ".join(str(len(axis.values)) for axis in axes)
        seconds = self._pace.sweep_seconds(self._base.axes(axes)) if axes else None
        about = f", about {duration_words(seconds)} in all" if seconds else ""
        told = runs_words(count) if len(axes) < 2 else f"{product} = {runs_words(count)}"
        self.count.setText(f"{told}{about}" if count else "No run yet")
        unknown = "" if seconds or not count else "How long one takes is known after the first run of such a network."
        focused = next((row for row in self._rows if row.isAncestorOf(self.focusWidget() or self)), None)
        self._tell(unknown or (focused.explanation if focused is not None else ""))

    def _unreadable(self) -> SweepRow | None:
        """The first row whose values alone cannot be read."""
        for row in self._rows:
            text = row.values.text().strip()
            try:
                parsed_axes([f"{row.name}={text}"] if text else [])
            except UsageError:
                return row
        return None

    def _refuse(self, sentence: str, where: SweepRow | None) -> None:
        for row in self._rows:
            row.show_wrong(row is where)
        self.add.setEnabled(False)
        self.count.setText("No run yet")
        self._tell(sentence, "bad")

    def _tell(self, sentence: str, kind: str = "secondary") -> None:
        set_kind(self.told, kind)
        self.told.setText(sentence)

    def _on_add(self) -> None:
        """Check all runs, beside the window; those that can all be trained are handed over."""
        if self._job is not None:
            return
        axes = self._base.axes(self.axes)
        job = self._job = Job(partial(sweep_entries, self._project, axes, most=MOST_RUNS), self)
        job.progressed.connect(self._on_progress)
        job.succeeded.connect(self._on_checked)
        job.failed.connect(self._on_failed)
        self.add.setEnabled(False)
        job.start()

    @Slot(object)
    def _on_progress(self, report: object) -> None:
        if isinstance(report, Progress) and self._job is not None:
            self._tell(f"Checking {report.done + 1:,} of {report.total:,}")

    @Slot(object)
    def _on_checked(self, entries: tuple[QueueEntry, ...]) -> None:
        if self._job is not None and self.sender() is self._job:
            self.shutdown()
            self.entries = entries
            self.accept()

    @Slot(object)
    def _on_failed(self, error: MusicgenError) -> None:
        if self._job is not None and self.sender() is self._job:
            self.shutdown()
            self._refuse(str(error), None)
