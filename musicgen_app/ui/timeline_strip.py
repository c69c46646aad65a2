"""The strip under a loss plot: what the chosen run sounded like on the way, to be walked through with a slider."""

from collections.abc import Sequence

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from musicgen_app.project.timeline import TimelineTake
from musicgen_app.ui.controls import GRID, IconButton, QuietButton, SecondaryLabel, set_kind
from musicgen_app.ui.forms import QuietSlider
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.take_marks import take_words
from musicgen_app.ui.theme import tabular_font

_TITLE = "What it sounded like"
_OPEN = "Open in the roll"
_TITLE_FROM, _ALL_WORDS_FROM = 700, 520
"""Where the strip is narrower in pixels, its title and then some of its words are left out."""
_SETTLE_MS = 120
"""A slider that is dragged past many takes plays the one it comes to rest at."""


class TimelineStrip(QFrame):
    """Play, a slider over the takes, what the chosen one is, and the way into the roll. Hidden without takes.

    Signals:
        chosen: The person went to another take (a TimelineTake).
        play_asked, stop_asked, open_asked: A button was pressed.
    """

    chosen = Signal(object)
    play_asked = Signal()
    stop_asked = Signal()
    open_asked = Signal()

    def __init__(self, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._takes: tuple[TimelineTake, ...] = ()
        self._playing = False
        self._short = False
        self._title = QLabel(_TITLE)
        self.play = IconButton(icons, "play", "Play this take")
        self.slider = QuietSlider()
        self.slider.setAccessibleName(_TITLE)
        self.slider.setPageStep(5)
        self.words = SecondaryLabel(wrap=False)
        self.words.setFont(tabular_font(self.words.font()))
        self.open = QuietButton(_OPEN, "See this take in the piano roll, and edit it", icons, "piano")
        self.open.setAccessibleName(_OPEN)
        set_kind(self.open, "quiet")
        row = QHBoxLayout(self)
        row.setContentsMargins(GRID, 2, 0, 0)
        row.setSpacing(GRID)
        row.addWidget(self.play)
        row.addWidget(self._title)
        row.addWidget(self.slider, 1)
        row.addWidget(self.words)
        row.addWidget(self.open)
        self._settled = QTimer(self)
        self._settled.setSingleShot(True)
        self._settled.setInterval(_SETTLE_MS)
        self._settled.timeout.connect(self._on_settled)
        self.slider.valueChanged.connect(self._on_moved)
        self.play.clicked.connect(self._on_play)
        self.open.clicked.connect(self.open_asked)
        self.hide()

    @property
    def current(self) -> TimelineTake | None:
        """The take the slider is at."""
        return self._takes[self.slider.value()] if self._takes else None

    def set_takes(self, takes: Sequence[TimelineTake], current: TimelineTake | None) -> None:
        """Show other takes; tells nobody.

        Args:
            takes: In the order of training.
            current: The one the slider is to be at.
        """
        self._takes = tuple(takes)
        blocked = self.slider.blockSignals(True)
        self.slider.setRange(0, max(0, len(takes) - 1))
        if current in self._takes:
            self.slider.setValue(self._takes.index(current))
        self.slider.setEnabled(len(takes) > 1)
        self.slider.blockSignals(blocked)
        self._make_room()
        self.setVisible(bool(takes))

    def set_playing(self, playing: bool) -> None:
        """Offer to stop while the take is heard."""
        if playing != self._playing:
            self._playing = playing
            self.play.set_icon_name("square" if playing else "play")
            self.play.set_tooltip("Stop" if playing else "Play this take")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        """Say as much as fits; the words keep the width of the longest, so that the slider stays where it is."""
        self._title.setVisible(self.width() >= _TITLE_FROM)
        self._short = self.width() < _ALL_WORDS_FROM
        self.open.setText("Open" if self._short else _OPEN)
        metrics = QFontMetrics(self.words.font())
        widths = (metrics.horizontalAdvance(take_words(take, self._short)) for take in self._takes)
        self.words.setMinimumWidth(max(widths, default=0))
        self._show_words()

    def _show_words(self) -> None:
        current = self.current
        words = "" if current is None else take_words(current)
        self.words.setText("" if current is None else take_words(current, self._short))
        self.slider.setAccessibleDescription(words)
        self.slider.setToolTip(f"{words}. The arrow keys go from take to take" if words else "")

    @Slot()
    def _on_moved(self) -> None:
        self._show_words()
        self._settled.start()

    @Slot()
    def _on_settled(self) -> None:
        if self.current is not None:
            self.chosen.emit(self.current)

    @Slot()
    def _on_play(self) -> None:
        if self._playing:
            self.stop_asked.emit()
        else:
            self.play_asked.emit()
