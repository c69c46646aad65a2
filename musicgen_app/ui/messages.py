"""How the window tells what went wrong: a title, a sentence, details folded away, and a Copy button."""

import traceback
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from musicgen_app.core.errors import MusicgenError
from musicgen_app.ui.controls import (
    BETWEEN,
    GRID,
    INSIDE,
    PRIMARY_HEIGHT,
    Hairline,
    Heading,
    IconButton,
    PrimaryButton,
    QuietButton,
    SecondaryLabel,
    set_kind,
)
from musicgen_app.ui.icons import Icons
from musicgen_app.workflow.child import WorkerError

NOTE_MS = 8000
_SHOWN_AT_ONCE = 3


@dataclass(frozen=True, slots=True)
class Message:
    """One thing to tell.

    Attributes:
        title: What happened.
        sentence: What to do about it; may be empty.
        details: For those who look closer; may be empty.
        action: The word on a button that does something about it; empty for none.
        kind: Name of the colour it has: "bad", "warn" or "accent".
    """

    title: str
    sentence: str = ""
    details: str = ""
    action: str = ""
    kind: str = "bad"


def message_of(error: BaseException) -> Message:
    """What to tell about an error."""
    if isinstance(error, MusicgenError):
        cause = error.__cause__
        details = "".join(traceback.format_exception(cause)) if cause is not None else ""
        if isinstance(error, WorkerError):
            details = error.details or details
        return Message(error.message, error.hint, details)
    details = "".join(traceback.format_exception(error))
    return Message("Something unexpected happened.", "The program goes on; the details are in the log.", details)


class Banner(QFrame):
    """One message that stays until it is closed.

    Signals:
        closed: It is to go.
        acted: Its action was asked for.
    """

    closed = Signal(object)
    acted = Signal(object)

    def __init__(self, message: Message, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.message = message
        self.setProperty("kind", "banner")
        self.setProperty("colour", message.kind)
        self.setAccessibleName(f"{message.title} {message.sentence}".strip())
        self._icons = icons
        self._picture = QLabel()
        self._picture.setFixedWidth(20)
        self._details = QPlainTextEdit(message.details)
        self._details.setReadOnly(True)
        self._details.setFixedHeight(140)
        self._details.hide()
        self._more = QuietButton("Details", "Show what the program knows about it")
        self._more.setCheckable(True)
        self._more.setVisible(bool(message.details))
        self._more.toggled.connect(self._details.setVisible)
        copy = QuietButton("Copy", "Copy this message with its details")
        copy.clicked.connect(self._copy)
        close = IconButton(icons, "x", "Close this message")
        close.clicked.connect(self._close)
        self.action = QuietButton(message.action, message.sentence)
        self.action.setVisible(bool(message.action))
        self.action.clicked.connect(self._act)
        copy.setVisible(not message.action)
        words = self._words()
        row = QHBoxLayout()
        row.setSpacing(GRID)
        row.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        for button in (self.action, self._more, copy, close):
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(INSIDE, 10, INSIDE, 10)
        outer.addLayout(row)
        outer.addWidget(self._details)
        icons.changed.connect(self._draw)
        self._draw()

    def _words(self) -> QVBoxLayout:
        title = Heading(self.message.title)
        title.setWordWrap(True)
        title.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(title)
        if self.message.sentence:
            sentence = QLabel(self.message.sentence)
            set_kind(sentence, "secondary")
            sentence.setWordWrap(True)
            words.addWidget(sentence)
        return words

    def _draw(self) -> None:
        icon = "info" if self.message.kind == "accent" else "circle-alert"
        self._picture.setPixmap(self._icons.pixmap(icon, 18, self.message.kind, self.devicePixelRatioF()))

    def _copy(self) -> None:
        parts = (self.message.title, self.message.sentence, self.message.details)
        QGuiApplication.clipboard().setText("\n\n".join(part for part in parts if part))

    def _act(self) -> None:
        self.acted.emit(self)

    def _close(self) -> None:
        self.closed.emit(self)


class Messages(QWidget):
    """The place above the status bar where messages wait to be read, the newest on top.

    Signals:
        acted: The action of a message was asked for (the Message, which is closed now).
    """

    acted = Signal(object)

    def __init__(self, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icons = icons
        self._banners: list[Banner] = []
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(0)
        self._rows.addWidget(Hairline())
        self.hide()

    @property
    def shown(self) -> tuple[Message, ...]:
        """The messages that wait, newest first."""
        return tuple(banner.message for banner in self._banners)

    def show_error(self, error: BaseException) -> None:
        """Tell about an error."""
        self.show_message(message_of(error))

    def show_message(self, message: Message) -> None:
        """Tell something; one that waits already is not told twice."""
        if message in self.shown:
            return
        banner = Banner(message, self._icons, self)
        banner.closed.connect(self._on_closed)
        banner.acted.connect(self._on_acted)
        self._banners.insert(0, banner)
        self._rows.insertWidget(1, banner)
        for old in self._banners[_SHOWN_AT_ONCE:]:
            self._on_closed(old)
        self.show()

    def clear(self) -> None:
        """Close all messages."""
        for banner in tuple(self._banners):
            self._on_closed(banner)

    def take_back(self, message: Message) -> None:
        """Close a message that is no longer true."""
        for banner in tuple(self._banners):
            if banner.message == message:
                self._on_closed(banner)

    def _on_acted(self, banner: Banner) -> None:
        self._on_closed(banner)
        self.acted.emit(banner.message)

    def _on_closed(self, banner: Banner) -> None:
        self._banners.remove(banner)
        self._rows.removeWidget(banner)
        banner.hide()
        banner.deleteLater()
        self.setVisible(bool(self._banners))


class Note(SecondaryLabel):
    """A line that says what was just done, and goes by itself."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent, wrap=False)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(NOTE_MS)
        self._timer.timeout.connect(self.clear)

    def tell(self, text: str) -> None:
        """Show a line for some seconds."""
        self.setText(text)
        self.setToolTip(text)
        self._timer.start()


class Question(QDialog):
    """Something that cannot wait: a title, a sentence, and the answers; the first is the one Enter takes."""

    def __init__(
        self, title: str, sentence: str, choices: tuple[str, ...], parent: QWidget | None = None, unanswered: int = -1
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setMinimumWidth(400)
        self.answer = range(len(choices))[unanswered]
        heading = Heading(title)
        heading.setWordWrap(True)
        words = QLabel(sentence)
        set_kind(words, "secondary")
        words.setWordWrap(True)
        self.buttons = [PrimaryButton(choices[0]), *(QuietButton(choice) for choice in choices[1:])]
        self.buttons[0].setDefault(True)
        row = QHBoxLayout()
        row.setSpacing(GRID)
        row.addStretch(1)
        # The answer that is likeliest stands at the right, where the hand ends up.
        for index, button in reversed(tuple(enumerate(self.buttons))):
            button.setMinimumHeight(PRIMARY_HEIGHT)
            button.clicked.connect(partial(self._choose, index))
            row.addWidget(button)
        box = QVBoxLayout(self)
        box.setContentsMargins(BETWEEN, BETWEEN, BETWEEN, BETWEEN)
        box.setSpacing(GRID)
        box.addWidget(heading)
        box.addWidget(words)
        box.addSpacing(INSIDE)
        box.addLayout(row)

    def _choose(self, index: int) -> None:
        self.answer = index
        self.accept()


def ask(parent: QWidget, title: str, sentence: str, choices: tuple[str, ...], unanswered: int = -1) -> int:
    """Ask something that cannot wait; the first choice is the one Enter takes.

    Args:
        parent: The window it is about.
        title: The question.
        sentence: What follows from the answer.
        choices: The answers.
        unanswered: Number of the choice that Esc and closing stand for; the last one by default.

    Returns:
        The number of the choice.
    """
    question = Question(title, sentence, choices, parent, unanswered)
    question.exec()
    answer = question.answer
    question.deleteLater()
    return answer
