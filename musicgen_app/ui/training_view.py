"""The middle of the Training tab: figures, curves and the table of runs, or what to do where there are none."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from musicgen_app.ui.controls import BETWEEN, GRID, INSIDE, Hairline, QuietButton, set_kind
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.loss_plot import LossPlot
from musicgen_app.ui.panels import EmptyState
from musicgen_app.ui.queue_page import QueuePage
from musicgen_app.ui.runs_bar import RunsBar
from musicgen_app.ui.runs_pages import RunsPages
from musicgen_app.ui.runs_table import RunsTable
from musicgen_app.ui.take_marks import TakeMarks
from musicgen_app.ui.theme import Theme
from musicgen_app.ui.timeline_strip import TimelineStrip
from musicgen_app.ui.training_tiles import TrainingTiles


class Notice(QFrame):
    """A line of words with one button, that comes and goes."""

    pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "panel")
        self._words = QLabel()
        self._button = QuietButton("")
        self._button.clicked.connect(self.pressed)
        row = QHBoxLayout(self)
        row.setContentsMargins(INSIDE, 4, INSIDE, 4)
        row.addWidget(self._words)
        row.addWidget(self._button)
        row.addStretch(1)
        self.hide()

    def tell(self, words: str, button: str = "") -> None:
        """Show words, and a button where it has a name; without words nothing is shown."""
        self._words.setText(words)
        self._button.setText(button)
        self._button.setVisible(bool(button))
        self.setVisible(bool(words))

    @property
    def words(self) -> str:
        """What is shown; empty while it is hidden."""
        return "" if self.isHidden() else self._words.text()

    @property
    def button(self) -> QuietButton:
        """The button."""
        return self._button


class TrainingView(QStackedWidget):
    """Shows one of three things: no data set yet, nothing trained yet, or the runs.

    Signals:
        dataset_asked: The way to the data set.
        train_asked: The first training.
    """

    dataset_asked = Signal()
    train_asked = Signal()

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tiles = TrainingTiles()
        self.plot = LossPlot(theme, icons)
        self.marks = TakeMarks(self.plot, theme, self)
        self.strip = TimelineStrip(icons)
        self.table = RunsTable(theme, icons)
        self.bar = RunsBar(self.table, icons)
        self.queue = QueuePage(theme, icons)
        self.pages = RunsPages(self.bar, self.table, self.queue)
        self.phase = Notice()
        self.undo = Notice()
        self.no_dataset = EmptyState(
            icons,
            "library",
            "No data set yet",
            "A network learns from a prepared collection of music. Choose the music in the Dataset tab.",
            "Go to Dataset",
        )
        self.no_runs = EmptyState(
            icons,
            "chart-line",
            "Nothing trained yet",
            "The loss of each epoch will be drawn here. With the small network the first results come within minutes.",
            "Train",
        )
        self.addWidget(self.no_dataset)
        self.addWidget(self.no_runs)
        self.addWidget(self._runs_page())
        self._wanted = 0
        self._turner = QTimer(self)
        self._turner.setSingleShot(True)
        self._turner.setInterval(0)
        self._turner.timeout.connect(self._turn)
        self.no_dataset.pressed.connect(self.dataset_asked)
        self.no_runs.pressed.connect(self.train_asked)

    def show_state(self, has_dataset: bool, has_runs: bool) -> None:
        """Show what fits."""
        self._wanted = 2 if has_runs else 1 if has_dataset else 0
        if self._wanted == 2 and self.isVisible():
            # Drawing all this takes a while: the click that led here is answered first.
            self._turner.start()
        else:
            self._turn()

    def _turn(self) -> None:
        self.setCurrentIndex(self._wanted)

    def _floating(self) -> QWidget:
        """Words over the plot, so that nothing moves when they come and go; the mouse goes through."""
        above = QWidget()
        above.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        rows = QVBoxLayout(above)
        rows.setContentsMargins(BETWEEN, 48, BETWEEN, 0)
        rows.addWidget(self.phase, 0, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        set_kind(self.phase, "card")
        return above

    def _runs_page(self) -> QWidget:
        figures = QWidget()
        upper = QVBoxLayout(figures)
        upper.setContentsMargins(BETWEEN, BETWEEN, BETWEEN, GRID)
        upper.setSpacing(GRID)
        upper.addWidget(self.tiles)
        frame = QFrame()
        frame.setProperty("kind", "card")
        framed = QGridLayout(frame)
        framed.setContentsMargins(1, 1, GRID, GRID)
        framed.addWidget(self.plot, 0, 0)
        framed.addWidget(self._floating(), 0, 0)
        framed.addWidget(self.strip, 1, 0)
        upper.addWidget(frame, 1)
        runs = QWidget()
        lower = QVBoxLayout(runs)
        lower.setContentsMargins(0, 0, 0, 0)
        lower.setSpacing(0)
        lower.addWidget(Hairline())
        lower.addWidget(self.undo)
        lower.addWidget(self.pages, 1)
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.setObjectName("training_middle")
        splitter.setChildrenCollapsible(False)
        splitter.setHandleWidth(1)
        splitter.addWidget(figures)
        splitter.addWidget(runs)
        splitter.setStretchFactor(0, 1)
        splitter.setStretchFactor(1, 0)
        splitter.setSizes([490, 240])
        runs.setMinimumHeight(132)
        return splitter
