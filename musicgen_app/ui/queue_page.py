"""The queue in the lower half of the Training tab: its buttons, how far it is in a sentence, and its list."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QStackedWidget, QVBoxLayout, QWidget

from musicgen_app.ui.controls import BETWEEN, GRID, ElidedLabel, IconButton, QuietButton, SecondaryLabel
from musicgen_app.ui.folding import FoldingRow
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.queue_list import AGAIN, CANCEL, DOWN, END_EPOCH, REMOVE, UP, QueueList
from musicgen_app.ui.theme import Theme

START, CONTINUE, PAUSE, GO_ON = "Start", "Continue", "Pause", "Go on"
_TIPS = {
    START: ("play", "Train what waits, one run after the other"),
    CONTINUE: ("play", "Go on where the queue was interrupted"),
    PAUSE: ("pause", "Let the queue wait after this batch; the processor is free meanwhile"),
    GO_ON: ("play", "Let the queue go on"),
}
_EMPTY = "The queue is empty. Tick runs in the table and add them, add the settings of the form, or build a sweep."


class QueuePage(QWidget):
    """Shows a queue and asks for what is to be done to it; ``bar`` stands above it, beside the choice of the page.

    Signals:
        go_asked: Start, continue, pause or go on, whichever the button says.
        stop_asked, epoch_end_asked, clear_asked, sweep_asked: A button was pressed.
        asked: Something is to be done to an entry, as ``QueueList.asked``.
    """

    go_asked = Signal()
    stop_asked = Signal()
    epoch_end_asked = Signal()
    clear_asked = Signal()
    sweep_asked = Signal()
    asked = Signal(str, int)

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.list = QueueList(theme, icons)
        self.summary = ElidedLabel("", secondary=True)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setRange(0, 1000)
        self.progress.setFixedWidth(120)
        self.progress.setAccessibleName("Progress of the queue")
        self.go = QuietButton(START, "", icons, "play")
        self.stop = QuietButton("Stop", "Stop the queue now; it can be continued at any time", icons, "circle-stop")
        self.epoch_end = QuietButton(
            "After this epoch",
            "End the run of the moment with its epoch and go on with the next",
            icons,
            "skip-forward",
        )
        self.sweep = QuietButton("Sweep...", "Queue all combinations of some settings", icons, "layers")
        self.clear = QuietButton("Clear", "Take what is done, failed or cancelled off the list", icons, "list-x")
        self._entry_buttons = {
            UP: IconButton(icons, "arrow-up", "Move up", "Alt+Up"),
            DOWN: IconButton(icons, "arrow-down", "Move down", "Alt+Down"),
            AGAIN: IconButton(icons, "refresh-cw", "Put back into the queue"),
            CANCEL: IconButton(icons, "circle-x", "Cancel this run"),
            REMOVE: IconButton(icons, "trash-2", "Remove from the queue", "Del"),
        }
        self.bar = FoldingRow()
        self._told = ""
        self._lay_out()
        self.go.clicked.connect(self.go_asked)
        self.stop.clicked.connect(self.stop_asked)
        self.epoch_end.clicked.connect(self.epoch_end_asked)
        self.sweep.clicked.connect(self.sweep_asked)
        self.clear.clicked.connect(self.clear_asked)
        for verb, button in self._entry_buttons.items():
            button.setProperty("verb", verb)
            button.clicked.connect(self._on_entry_button)
        self.list.asked.connect(self.asked)
        self.list.chosen.connect(self.show_possible)
        self.show_go(START, False)
        self.show_possible()

    def entry_button(self, verb: str) -> IconButton:
        """The button that does something to the chosen entry."""
        return self._entry_buttons[verb]

    def show_go(self, words: str, possible: bool, tooltip: str = "") -> None:
        """Say what the first button does."""
        icon, usual = _TIPS[words]
        self.bar.set_words(self.go, words)
        self.go.set_icon_name(icon)
        self.go.setToolTip(tooltip or usual)
        self.go.setEnabled(possible)

    def show_summary(self, words: str, share: float | None) -> None:
        """Say how far the queue is, with a bar while it goes on."""
        self._told = words
        self.progress.setVisible(share is not None)
        self.progress.setValue(round(1000 * (share or 0.0)))
        self._pages.setCurrentIndex(0 if self.list.rows.entries else 1)
        self.show_possible()

    def show_possible(self) -> None:
        """Make usable what can be done to the chosen entry, and say why it failed if it did."""
        entry = self.list.chosen_entry
        possible = self.list.possible(entry)
        self.summary.set_text(entry.reason if entry is not None and entry.reason else self._told)
        for verb, button in self._entry_buttons.items():
            button.setEnabled(verb in possible)

    def _lay_out(self) -> None:
        bar = self.bar.row
        bar.setContentsMargins(0, GRID // 2, BETWEEN, GRID // 2)
        for button in (self.go, self.stop, self.epoch_end):
            bar.addWidget(button)
        bar.addStretch(1)
        for button in (self.sweep, self.clear):
            bar.addWidget(button)
        self.bar.fold_first(self.clear, self.sweep, self.epoch_end, self.stop, self.go)
        line = QHBoxLayout()
        line.setContentsMargins(BETWEEN, 0, BETWEEN, GRID // 2)
        line.setSpacing(GRID)
        line.addWidget(self.progress)
        line.addWidget(self.summary, 1)
        for small in self._entry_buttons.values():
            line.addWidget(small)
        shown = QWidget()
        rows = QVBoxLayout(shown)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addLayout(line)
        rows.addWidget(self.list, 1)
        empty = SecondaryLabel(_EMPTY)
        empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        empty.setContentsMargins(BETWEEN, 0, BETWEEN, BETWEEN)
        self._pages = QStackedWidget()
        self._pages.addWidget(shown)
        self._pages.addWidget(empty)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._pages)

    def _on_entry_button(self) -> None:
        entry, button = self.list.chosen_entry, self.sender()
        if entry is not None and button is not None:
            self.asked.emit(str(button.property("verb")), entry.id)


__all__ = ["AGAIN", "CANCEL", "CONTINUE", "DOWN", "END_EPOCH", "GO_ON", "PAUSE", "REMOVE", "START", "UP", "QueuePage"]
