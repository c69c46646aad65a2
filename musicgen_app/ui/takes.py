"""The takes of the project as cards, newest first."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from musicgen_app.core.score import Score
from musicgen_app.project.takes import TakeRecord
from musicgen_app.ui.controls import BETWEEN, GRID, Heading, IconButton, QuietButton, SecondaryLabel, set_kind
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.panels import EmptyState
from musicgen_app.ui.take_card import TakeCard
from musicgen_app.ui.theme import Theme

MOST_CARDS = 50
"""More cards are made only when they are asked for: a hundred take a quarter of a second."""


class Takes(QFrame):
    """Shows takes and says what the person wants done with them; it changes none itself.

    Signals:
        score_wanted, use_asked, play_asked, delete_asked: As on a card (the take's number).
        starred: As on a card (the take's number, whether it is on now).
        undo_asked: The take deleted last is to come back.
        generate_asked: The button of the empty list was pressed.
    """

    score_wanted = Signal(int)
    use_asked = Signal(int)
    play_asked = Signal(int)
    delete_asked = Signal(int)
    starred = Signal(int, bool)
    undo_asked = Signal()
    generate_asked = Signal()

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "panel")
        self._theme = theme
        self._icons = icons
        self._records: tuple[TakeRecord, ...] = ()
        self._cards: dict[int, TakeCard] = {}
        self._limit = MOST_CARDS
        self._chosen: int | None = None
        self._playing = False
        self._count = SecondaryLabel(wrap=False)
        self.only_starred = IconButton(icons, "star", self.tr("Show only takes with a star"), checkable=True)
        self.empty = EmptyState(
            icons,
            "sparkles",
            self.tr("No takes yet"),
            self.tr("Each piece you generate is kept here, with its seed and settings."),
            self.tr("Generate"),
        )
        self._nothing_starred = SecondaryLabel(self.tr("No take has a star."))
        self.older = QuietButton(self.tr("Show older takes"))
        set_kind(self.older, "link")
        self._undo_words = SecondaryLabel(wrap=False)
        self.undo = QuietButton(self.tr("Undo"), self.tr("Bring the deleted take back"), icons, "undo-2")
        self._undo_bar = QWidget()
        self._pages = QStackedWidget()
        self._lay_out()
        self.only_starred.toggled.connect(self._show_cards)
        self.older.clicked.connect(self._show_older)
        self.empty.pressed.connect(self.generate_asked)
        self.undo.clicked.connect(self.undo_asked)
        self.set_takes(())
        self.show_deleted("")

    @property
    def cards(self) -> tuple[TakeCard, ...]:
        """The cards, newest first."""
        return tuple(self._cards[number] for number in sorted(self._cards, reverse=True))

    def set_takes(self, records: tuple[TakeRecord, ...]) -> None:
        """Show these takes (oldest first); cards that stay are kept."""
        self._records = records
        self._show_cards()

    def clear(self) -> None:
        """Forget all takes, those of another project for example."""
        self._chosen = None
        self._limit = MOST_CARDS
        self.set_takes(())

    def set_score(self, take: int, score: Score) -> None:
        """Show the notes of a take."""
        if take in self._cards:
            self._cards[take].set_score(score)

    def set_chosen(self, take: int | None) -> None:
        """Mark the take that is in the roll, or none."""
        self._chosen = take
        for number, card in self._cards.items():
            card.set_chosen(number == take)
            card.set_playing(self._playing and number == take)

    def set_playing(self, playing: bool) -> None:
        """Whether the music in the roll is heard."""
        self._playing = playing
        for card in self._cards.values():
            card.set_playing(playing and card.chosen)

    def show_newest(self) -> None:
        """Scroll to the newest take."""
        self._scroll.verticalScrollBar().setValue(0)

    def show_deleted(self, words: str) -> None:
        """Offer to undo a deletion, said in words; "" offers nothing."""
        self._undo_words.setText(words)
        self._undo_bar.setVisible(bool(words))

    @property
    def deleted_words(self) -> str:
        """What the offer to undo says; "" where there is none."""
        return self._undo_words.text()

    def _insert(self, record: TakeRecord) -> None:
        card = TakeCard(self._theme, self._icons, record)
        card.score_wanted.connect(self.score_wanted)
        card.use_asked.connect(self.use_asked)
        card.play_asked.connect(self.play_asked)
        card.delete_asked.connect(self.delete_asked)
        card.starred.connect(self.starred)
        card.set_chosen(record.id == self._chosen)
        newer = sum(number > record.id for number in self._cards)
        self._list.insertWidget(newer, card)
        self._cards[record.id] = card

    def _show_cards(self) -> None:
        only = self.only_starred.isChecked()
        fitting = [record for record in reversed(self._records) if record.starred or not only]
        wanted = {record.id: record for record in fitting[: self._limit]}
        for number in [number for number in self._cards if number not in wanted]:
            card = self._cards.pop(number)
            self._list.removeWidget(card)
            card.hide()
            card.deleteLater()
        for number, record in wanted.items():
            if number in self._cards:
                self._cards[number].set_record(record)
            else:
                self._insert(record)
        self._pages.setCurrentIndex(1 if self._records else 0)
        self._nothing_starred.setVisible(not fitting)
        self.older.setVisible(len(fitting) > len(wanted))
        self._count.setText(f"{len(self._records):,}" if self._records else "")
        self.only_starred.setEnabled(bool(self._records))

    @Slot()
    def _show_older(self) -> None:
        self._limit += MOST_CARDS
        self._show_cards()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(BETWEEN, BETWEEN - 4, BETWEEN - 4, 4)
        top.setSpacing(GRID)
        top.addWidget(Heading(self.tr("Takes")))
        top.addWidget(self._count)
        top.addStretch(1)
        top.addWidget(self.only_starred)
        inside = QWidget()
        self._list = QVBoxLayout(inside)
        self._list.setContentsMargins(BETWEEN - 4, 4, BETWEEN - 4, BETWEEN - 4)
        self._list.setSpacing(GRID)
        self._list.addWidget(self._nothing_starred)
        self._list.addWidget(self.older)
        self._list.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(inside)
        self._pages.addWidget(self.empty)
        self._pages.addWidget(self._scroll)
        bar = QHBoxLayout(self._undo_bar)
        bar.setContentsMargins(BETWEEN, 4, BETWEEN - 4, 8)
        bar.addWidget(self._undo_words, 1)
        bar.addWidget(self.undo)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addLayout(top)
        rows.addWidget(self._pages, 1)
        rows.addWidget(self._undo_bar)
