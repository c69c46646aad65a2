"""The list of tracks at the left of the roll: which is edited, seen, heard, and what each is called."""

from functools import partial

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QScrollArea, QVBoxLayout, QWidget

from musicgen_app.core.instruments import instrument_name
from musicgen_app.core.score import Track
from musicgen_app.ui.controls import GRID, ElidedLabel, Heading, IconButton
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.piano_roll.state import RollState
from musicgen_app.ui.theme import Theme

WIDTH = 216
_SMALL = 24
_SWITCHES = (
    ("hidden", ("eye", "eye-off"), ("Hide", "Show")),
    ("muted", ("volume-2", "volume-x"), ("Mute", "Let sound")),
    ("soloed", ("headphones", "headphones"), ("Hear alone", "Hear the others too")),
)


def track_title(track: Track, number: int) -> str:
    """What a track is called: its name, or its number."""
    return track.name.strip() or f"Track {number + 1}"


class TrackList(QFrame):
    """One row a track. A click edits it alone and shows the others faintly; "All tracks" edits all.

    Signals:
        act_asked: Something is to be done to a track ("rename", "sound", "remove", "take", or "add"; its number).
    """

    act_asked = Signal(str, int)

    def __init__(self, state: RollState, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._theme = theme
        self._icons = icons
        self._rows: list[TrackRow] = []
        self._shown: tuple[Track, ...] | None = None
        self.setProperty("kind", "panel")
        self.setFixedWidth(WIDTH)
        self.setAccessibleName("Tracks")
        self.add = IconButton(icons, "plus", "Add a track")
        self.add.clicked.connect(partial(self.act_asked.emit, "add", -1))
        head = QHBoxLayout()
        head.setContentsMargins(12, 6, 6, 2)
        head.addWidget(Heading("Tracks"), 1)
        head.addWidget(self.add)
        self._list = QVBoxLayout()
        self._list.setContentsMargins(6, 0, 6, 6)
        self._list.setSpacing(2)
        self._list.addStretch(1)
        inside = QWidget()
        inside.setLayout(self._list)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(inside)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addLayout(head)
        box.addWidget(scroll, 1)
        state.notes_changed.connect(self._on_score)
        state.tracks_changed.connect(self._show)
        state.editor.streaming_changed.connect(self._on_score)
        theme.changed.connect(self.update)
        self._on_score()

    @property
    def rows(self) -> tuple["TrackRow", ...]:
        """The rows; the first is "All tracks"."""
        return tuple(self._rows)

    def _on_score(self) -> None:
        tracks = self._state.score.tracks
        if tracks != self._shown:
            self._shown = tracks
            self._fill(tracks)
        self.add.setEnabled(not self._state.editor.streaming)

    def _fill(self, tracks: tuple[Track, ...]) -> None:
        holder = self.window().focusWidget()
        focused = next((place for place, row in enumerate(self._rows) if row is holder), None)
        for row in self._rows:
            row.hide()
            row.deleteLater()
        self._rows = [TrackRow(None, "All tracks", "", self._theme, self._icons)]
        self._rows += [
            TrackRow(number, track_title(track, number), instrument_name(track), self._theme, self._icons)
            for number, track in enumerate(tracks)
        ]
        for place, row in enumerate(self._rows):
            row.chosen.connect(self._on_chosen)
            row.switched.connect(self._on_switched)
            row.act_asked.connect(self.act_asked)
            row.stepped.connect(self._on_stepped)
            self._list.insertWidget(place, row)
        self._show()
        if focused is not None:
            row = self._rows[min(focused, len(self._rows) - 1)]
            row.show()  # a layout shows what is new only later, and what is hidden gets no focus
            row.setFocus()

    def _show(self) -> None:
        choice = self._state.tracks
        for row in self._rows:
            row.show_choice(
                row.number == choice.edited,
                {what: row.number in getattr(choice, what) for what, _, _ in _SWITCHES},
                row.number is None or choice.heard(row.number),
            )

    def _on_chosen(self, number: int | None) -> None:
        self._state.set_tracks(self._state.tracks.with_edited(number))

    def _on_switched(self, what: str, number: int) -> None:
        self._state.set_tracks(self._state.tracks.toggled(what, number))

    def _on_stepped(self, number: int | None, way: int) -> None:
        place = (0 if number is None else number + 1) + way
        if 0 <= place < len(self._rows):
            self._rows[place].setFocus()


class TrackRow(QFrame):
    """One track.

    Signals:
        chosen: It is to be edited (its number, None for all).
        switched: "hidden", "muted" or "soloed" is to be turned (what, its number).
        act_asked: Something is to be done to it (what, its number).
        stepped: An arrow key goes on (its number, 1 or -1).
    """

    chosen = Signal(object)
    switched = Signal(str, int)
    act_asked = Signal(str, int)
    stepped = Signal(object, int)

    def __init__(self, number: int | None, title: str, sound: str, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self.number = number
        self._theme = theme
        self._chosen = False
        self._title = title
        self.setProperty("kind", "row")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        name = ElidedLabel(title)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(name)
        self.buttons: dict[str, IconButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(18, 4, 2, 4)
        row.setSpacing(0)
        row.addLayout(words, 1)
        if number is None:
            self.setFixedHeight(34)
            return
        quiet = ElidedLabel(sound, secondary=True)
        words.addWidget(quiet)
        for what, (icon, _), (words_off, _) in _SWITCHES:
            button = IconButton(icons, icon, f"{words_off}: {title}", checkable=True)
            button.setFixedSize(_SMALL, _SMALL)
            button.clicked.connect(partial(self._on_switch, what))
            self.buttons[what] = button
            row.addWidget(button)
        self.setFixedHeight(46)

    def show_choice(self, chosen: bool, switches: dict[str, bool], heard: bool) -> None:
        """Show whether it is edited, which switches are on, and whether it sounds."""
        self._chosen = chosen
        for what, icons, words in _SWITCHES:
            button = self.buttons.get(what)
            if button is not None:
                on = switches[what]
                button.setChecked(on)
                button.set_icon_name(icons[on], "accent" if on and what == "soloed" else "text")
                button.set_tooltip(f"{words[on]}: {self._title}")
        state = ["edited"] * chosen + ["hidden"] * switches["hidden"] + ["silent"] * (not heard)
        self.setAccessibleName(", ".join([self._title, *state]))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if self._chosen or self.underMouse():
            painter.setBrush(self._theme.colour("selected" if self._chosen else "raised"))
            painter.drawRoundedRect(self.rect(), 5, 5)
        if self.hasFocus():
            painter.setPen(self._theme.colour("accent"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 5, 5)
        if self.number is not None:
            colour: QColor = self._theme.series_colour(self.number)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawRoundedRect(6, 9, 4, self.height() - 18, 2, 2)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(self.number)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.number is not None:
            self.act_asked.emit("rename", self.number)

    def enterEvent(self, event: QEvent) -> None:
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self.update()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self._open_menu(event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit(self.number)
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.stepped.emit(self.number, 1 if key == Qt.Key.Key_Down else -1)
        elif key == Qt.Key.Key_F2 and self.number is not None:
            self.act_asked.emit("rename", self.number)
        elif key == Qt.Key.Key_Menu:
            self._open_menu(self.mapToGlobal(QPoint(GRID, self.height())))
        else:
            event.ignore()

    def menu(self) -> QMenu:
        """What can be done to the track."""
        menu = QMenu(self)
        for what, words in (
            ("rename", "Rename..."),
            ("sound", "Sound..."),
            ("take", "Move the selected notes here"),
            ("remove", "Remove the track"),
        ):
            action = menu.addAction(words)
            action.setObjectName(what)
            action.triggered.connect(partial(self._on_act, what))
        return menu

    def _open_menu(self, place: QPoint) -> None:
        if self.number is not None:
            menu = self.menu()
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(place)

    def _on_act(self, what: str) -> None:
        if self.number is not None:
            self.act_asked.emit(what, self.number)

    def _on_switch(self, what: str) -> None:
        if self.number is not None:
            self.switched.emit(what, self.number)
