"""The line above the table of runs: a filter, how many are shown, and which columns."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QMenu, QWidget

from musicgen_app.ui.controls import BETWEEN, GRID, QuietButton, SecondaryLabel
from musicgen_app.ui.folding import FoldingRow
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.runs_table import RunsTable


class RunsBar(FoldingRow):
    """Filters a table of runs and chooses its columns.

    Signals:
        queue_asked: The runs that are meant (``RunsTable.meant``) are to be added to the queue.
        import_asked: Experiments are to be imported.
        judge_asked: The outputs are to be judged.
    """

    queue_asked = Signal()
    import_asked = Signal()
    judge_asked = Signal()

    def __init__(self, table: RunsTable, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._table = table
        self._busy = False
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Filter runs")
        self.filter.setAccessibleName("Filter runs")
        self.filter.setToolTip("Only runs in whose text these words stand")
        self.filter.setClearButtonEnabled(True)
        self.filter.setMinimumWidth(84)
        self.filter.setMaximumWidth(300)
        self.count = SecondaryLabel(wrap=False)
        self.queue = QuietButton("Add to queue", "", icons, "list-plus")
        self.take_in = QuietButton(
            "Import...", "Take a table of experiments (tests.csv) with its logs and outputs in", icons, "download"
        )
        self.judge = QuietButton(
            "Judge outputs...", "Find what of each output is copied, and where it repeats itself", icons, "search"
        )
        self.columns = QuietButton("Columns", "Choose the columns of the table", icons, "columns-3")
        self._menu = QMenu(self)
        self.columns.setMenu(self._menu)
        row = self.row
        row.setContentsMargins(0, GRID // 2, BETWEEN, GRID // 2)
        row.addWidget(self.filter, 2)
        row.addWidget(self.count)
        row.addStretch(1)
        row.addWidget(self.queue)
        row.addWidget(self.judge)
        row.addWidget(self.take_in)
        row.addWidget(self.columns)
        self.fold_first(self.take_in, self.judge, self.queue, self.columns)
        self.spare_first(self.count, self.take_in, self.judge)
        self.filter.textChanged.connect(table.set_filter)
        self.queue.clicked.connect(self.queue_asked)
        self.take_in.clicked.connect(self.import_asked)
        self.judge.clicked.connect(self.judge_asked)
        self._menu.aboutToShow.connect(self._on_menu)
        self._menu.triggered.connect(table.choose_column)
        table.shown_changed.connect(self._tell)
        table.chosen.connect(self._show_queue)
        table.runs.ticks_changed.connect(self._show_queue)
        self._tell()
        self._show_queue()

    def set_busy(self, busy: bool) -> None:
        """Say whether the runs are still being read."""
        self._busy = busy
        self._tell()

    def _on_menu(self) -> None:
        self._table.fill_columns(self._menu)

    def _show_queue(self) -> None:
        """Say what would be added to the queue."""
        count = len(self._table.meant)
        what = f"the {count:,} ticked runs" if count > 1 else "the chosen run"
        self.queue.setToolTip(f"Train with the settings of {what} once more, in the queue (Ctrl+Alt+Q)")
        self.queue.setEnabled(count > 0)
        self.set_words(self.queue, f"Add {count:,} to queue" if count > 1 else "Add to queue")

    def _tell(self) -> None:
        shown, known = self._table.runs.shown, len(self._table.runs.runs)
        words = f"{known:,} {'run' if known == 1 else 'runs'}"
        if shown != known:
            words = f"{shown:,} of {words}"
        self.count.setText(f"{words}, reading" if self._busy else words)
        self.fit()
