"""The lower half of the Training tab: the table of runs, or the queue."""

from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from musicgen_app.ui.controls import BETWEEN, GRID
from musicgen_app.ui.header import Segments
from musicgen_app.ui.queue_page import QueuePage
from musicgen_app.ui.runs_bar import RunsBar
from musicgen_app.ui.runs_table import RunsTable

RUNS, QUEUE = range(2)
_SEGMENT_WIDTH = 68
_WIDE_SEGMENT = 96


class RunsPages(QWidget):
    """Two pages under one line: a choice between them, and the buttons of the one that is shown."""

    def __init__(self, bar: RunsBar, table: RunsTable, queue: QueuePage, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._table = table
        self._queue = queue
        self.segments = Segments(("Runs", "Queue"), ("The runs of this project", "The runs that are to be trained"))
        self.segments.button(RUNS).setMinimumWidth(_SEGMENT_WIDTH)
        self.segments.button(QUEUE).setMinimumWidth(_WIDE_SEGMENT)
        self._bars = QStackedWidget()
        self._bars.addWidget(bar)
        self._bars.addWidget(queue.bar)
        self._pages = QStackedWidget()
        self._pages.addWidget(table)
        self._pages.addWidget(queue)
        line = QHBoxLayout()
        line.setContentsMargins(BETWEEN, 0, 0, 0)
        line.setSpacing(GRID)
        line.addWidget(self.segments)
        line.addWidget(self._bars, 1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addLayout(line)
        outer.addWidget(self._pages, 1)
        self.segments.chosen.connect(self.show_page)

    @property
    def page(self) -> int:
        """The page that is shown: RUNS or QUEUE."""
        return self._pages.currentIndex()

    def show_page(self, index: int, focus: bool = False) -> None:
        """Show a page; with ``focus`` the keys go to its list."""
        self.segments.choose(index)
        self._bars.setCurrentIndex(index)
        self._pages.setCurrentIndex(index)
        if focus:
            (self._table if index == RUNS else self._queue.list).setFocus()

    def show_waiting(self, count: int) -> None:
        """Say how many runs are not over."""
        self.segments.button(QUEUE).setText(f"Queue ({count:,})" if count else "Queue")
