"""The line above the table of runs: a filter, how many are shown, and which columns."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QWidget

from musicgen_app.ui.controls import BETWEEN, GRID, QuietButton, SecondaryLabel
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.runs_table import RunsTable


class RunsBar(QWidget):
    """Filters a table of runs and chooses its columns.

    Signals:
        import_asked: Experiments are to be imported.
        judge_asked: The outputs are to be judged.
        compare_asked: The ticked runs are to be compared.
    """

    import_asked = Signal()
    judge_asked = Signal()
    compare_asked = Signal()

    def __init__(self, table: RunsTable, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._table = table
        self._busy = False
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Filter runs")
        self.filter.setAccessibleName("Filter runs")
        self.filter.setToolTip("Only runs in whose text these words stand")
        self.filter.setClearButtonEnabled(True)
        self.filter.setMaximumWidth(300)
        self.count = SecondaryLabel(wrap=False)
        self.take_in = QuietButton(
            "Import...", "Take a table of experiments (tests.csv) with its logs and outputs in", icons, "download"
        )
        self.judge = QuietButton(
            "Judge outputs...", "Find what of each output is copied, and where it repeats itself", icons, "search"
        )
        self.compare = QuietButton("Compare...", "Lay the ticked runs side by side, and hear them", icons, "columns-2")
        self.columns = QuietButton("Columns", "Choose the columns of the table")
        self._menu = QMenu(self)
        self.columns.setMenu(self._menu)
        row = QHBoxLayout(self)
        row.setContentsMargins(BETWEEN, GRID // 2, BETWEEN, GRID // 2)
        row.setSpacing(GRID)
        row.addWidget(self.filter, 2)
        row.addWidget(self.count)
        row.addStretch(1)
        row.addWidget(self.compare)
        row.addWidget(self.judge)
        row.addWidget(self.take_in)
        row.addWidget(self.columns)
        self.filter.textChanged.connect(table.set_filter)
        self.take_in.clicked.connect(self.import_asked)
        self.judge.clicked.connect(self.judge_asked)
        self.compare.clicked.connect(self.compare_asked)
        self._menu.aboutToShow.connect(self._on_menu)
        self._menu.triggered.connect(table.choose_column)
        table.shown_changed.connect(self._tell)
        self._tell()

    def set_busy(self, busy: bool) -> None:
        """Say whether the runs are still being read."""
        self._busy = busy
        self._tell()

    def _on_menu(self) -> None:
        self._table.fill_columns(self._menu)

    def _tell(self) -> None:
        shown, known = self._table.runs.shown, len(self._table.runs.runs)
        words = f"{known:,} {'run' if known == 1 else 'runs'}"
        if shown != known:
            words = f"{shown:,} of {words}"
        self.count.setText(f"{words}, reading" if self._busy else words)
