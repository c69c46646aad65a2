"""The pages of a blind listening test: how it goes, one round, and what came of it."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from musicgen_app.project.listening import ANSWERS, FIRST, SAME, SECOND
from musicgen_app.ui.controls import BETWEEN, GRID, Heading, PrimaryButton, QuietButton, SecondaryLabel
from musicgen_app.ui.forms import Choice, FormRow, NumberBox
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.theme import tabular_font
from musicgen_app.workflow.listen import MOST_ROUNDS, USUAL_ROUNDS, USUAL_SECONDS

_EXPLAINED = (
    "In every round you hear two takes, A and B, one of each run, in an order you are not told. Both have one length "
    "and go on from the same music. Of a run without a model you hear parts of its output. Say which you prefer, or "
    "that you hear no difference. You can stop at any time: the rounds so far are kept."
)
_KEYS = (
    "A and B play and stop. 1 or Left: I prefer A. 2 or Right: I prefer B. T or Down: no difference. Esc: stop here."
)
_HEAR = "Hear both before you answer."


class StartPage(QWidget):
    """Which two runs, and how many rounds.

    Args:
        names: Titles of the runs that can be chosen, by number.
        parent: Qt's owner.

    Signals:
        start_asked: The test is to begin.
    """

    start_asked = Signal()

    def __init__(self, names: dict[int, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.one, self.other = Choice(), Choice()
        for place, choice in enumerate((self.one, self.other)):
            for number, name in names.items():
                choice.addItem(name, number)
            choice.setCurrentIndex(place)
            choice.currentIndexChanged.connect(self._on_chosen)
        self.rounds = NumberBox(1, MOST_ROUNDS, USUAL_ROUNDS)
        self.seconds = NumberBox(5, 60, round(USUAL_SECONDS))
        self.seconds.setSuffix(" s")
        self.start = PrimaryButton("Start", "Make the music and begin (Enter)")
        self.start.setDefault(True)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(BETWEEN)
        rows.addWidget(Heading("Which of two runs do you prefer?"))
        rows.addWidget(SecondaryLabel(_EXPLAINED))
        rows.addWidget(FormRow("One run", self.one))
        rows.addWidget(FormRow("The other", self.other))
        rows.addWidget(FormRow("Rounds", self.rounds))
        rows.addWidget(FormRow("Seconds", self.seconds))
        rows.addStretch(1)
        rows.addWidget(self.start)
        self.start.clicked.connect(self.start_asked)

    @property
    def runs(self) -> tuple[int, int]:
        """Numbers of both runs."""
        return int(self.one.currentData()), int(self.other.currentData())

    def _on_chosen(self) -> None:
        self.start.setEnabled(self.one.currentData() != self.other.currentData())


class WaitPage(QWidget):
    """The music is being made."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = SecondaryLabel()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress of the music")
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(BETWEEN)
        rows.addStretch(1)
        rows.addWidget(Heading("Making the music of all rounds"))
        rows.addWidget(self.bar)
        rows.addWidget(self.words)
        rows.addStretch(2)

    def tell(self, done: int, total: int, left: str) -> None:
        """Show how far it is."""
        self.bar.setRange(0, total)
        self.bar.setValue(done)
        self.words.setText(", ".join(part for part in (f"{done} of {total} rounds", left) if part))


class RoundPage(QWidget):
    """One round: two takes that look alike, and three answers.

    Signals:
        play_asked: A take is to be heard, or no longer (0 or 1).
        answered: One of the answers.
    """

    play_asked = Signal(int)
    answered = Signal(str)

    def __init__(self, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = Heading("")
        self.plays = tuple(QuietButton(letter, f"Play or stop {letter}", icons, "play") for letter in ANSWERS[:2])
        self.bars = tuple(QProgressBar() for _ in self.plays)
        self.times = tuple(SecondaryLabel("0:00", wrap=False) for _ in self.plays)
        self.answers = {
            FIRST: QuietButton("I prefer A", "1 or Left"),
            SAME: QuietButton("No difference", "T or Down"),
            SECOND: QuietButton("I prefer B", "2 or Right"),
        }
        self.hint = SecondaryLabel(_HEAR)
        self._heard: set[int] = set()
        self._lay_out()
        for place, button in enumerate(self.plays):
            button.setProperty("place", place)
            button.clicked.connect(self._on_play)
        for answer, button in self.answers.items():
            button.setProperty("answer", answer)
            button.clicked.connect(self._on_answer)

    @property
    def can_answer(self) -> bool:
        """Whether both takes were heard."""
        return len(self._heard) == len(self.plays)

    def begin(self, number: int, of: int) -> None:
        """Another round."""
        self.title.setText(f"Round {number} of {of}")
        self._heard = set()
        self.show_playing(None)
        self.plays[0].setFocus()

    def show_playing(self, place: int | None, second: float = 0.0, seconds: float = 1.0) -> None:
        """Show which take is heard, and how far it is; both look alike."""
        if place is not None:
            self._heard.add(place)
        for at, (button, bar, time) in enumerate(zip(self.plays, self.bars, self.times, strict=True)):
            heard = at == place
            button.set_icon_name("square" if heard else "play")
            button.setAccessibleName(f"{'Stop' if heard else 'Play'} {button.text()}")
            bar.setValue(round(1000 * min(1.0, second / seconds)) if heard else 0)
            time.setText(f"0:{int(min(second, seconds)) if heard else 0:02d}")
        for button in self.answers.values():
            button.setEnabled(self.can_answer)
        self.hint.setText(_KEYS if self.can_answer else f"{_HEAR} {_KEYS}")

    def _lay_out(self) -> None:
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(BETWEEN)
        rows.addWidget(self.title)
        rows.addStretch(1)
        for button, bar, time in zip(self.plays, self.bars, self.times, strict=True):
            button.setAutoDefault(False)
            button.setMinimumSize(96, 44)
            bar.setRange(0, 1000)
            bar.setTextVisible(False)
            bar.setAccessibleName(f"How far {button.text()} is")
            time.setFont(tabular_font(time.font()))
            row = QHBoxLayout()
            row.setSpacing(BETWEEN)
            row.addWidget(button)
            row.addWidget(bar, 1)
            row.addWidget(time)
            rows.addLayout(row)
        rows.addStretch(1)
        choices = QHBoxLayout()
        choices.setSpacing(GRID)
        for button in self.answers.values():
            button.setAutoDefault(False)
            button.setMinimumHeight(34)
            choices.addWidget(button, 1)
        rows.addLayout(choices)
        rows.addWidget(self.hint)

    def _on_play(self) -> None:
        self.play_asked.emit(int(self.sender().property("place")))

    def _on_answer(self) -> None:
        self.answered.emit(str(self.sender().property("answer")))


class EndPage(QWidget):
    """What came of it.

    Signals:
        again_asked: Further rounds are wanted.
        close_asked: It is over.
    """

    again_asked = Signal()
    close_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = Heading("")
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.details = SecondaryLabel()
        self.again = QuietButton("Further rounds...", "Hear more pairs of the same runs; the rounds add up")
        self.close_it = PrimaryButton("Close", "It stands in the lab notebook")
        for button in (self.again, self.close_it):
            button.setAutoDefault(False)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(BETWEEN)
        rows.addWidget(self.title)
        rows.addWidget(self.words)
        rows.addWidget(self.details)
        rows.addStretch(1)
        ends = QHBoxLayout()
        ends.addWidget(self.again)
        ends.addStretch(1)
        ends.addWidget(self.close_it)
        rows.addLayout(ends)
        self.again.clicked.connect(self.again_asked)
        self.close_it.clicked.connect(self.close_asked)

    def show_result(self, title: str, words: str, details: Sequence[str]) -> None:
        """Show the result in a sentence, and the figures below it."""
        self.title.setText(title)
        self.words.setText(words)
        self.details.setText("\n".join(details))
        self.close_it.setFocus()
