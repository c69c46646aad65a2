"""The public collections as cards to choose from, each with its licence and its size."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QRadioButton, QVBoxLayout, QWidget

from musicgen_app.dataset.collections import Collection
from musicgen_app.ui.controls import GRID, INSIDE, SecondaryLabel

ELSEWHERE = ""
"""What is chosen where the archive is to be named by its address."""
_MARK_ROOM = 24


def megabytes(size: int) -> str:
    """A number of bytes for people."""
    return f"{size / 1e6:,.0f} MB" if size >= 10_000_000 else f"{size / 1e6:,.1f} MB"


class CollectionCard(QFrame):
    """One thing to fetch: what it is called, and the terms in a few words."""

    def __init__(self, title: str, terms: str, about: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "card")
        self.setProperty("chosen", "false")
        self.setToolTip(about)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.button = QRadioButton(title)
        self.button.setAccessibleDescription(f"{terms}. {about}")
        self.button.toggled.connect(self._on_toggled)
        below = SecondaryLabel(terms, wrap=False)
        below.setContentsMargins(_MARK_ROOM, 0, 0, 0)
        box = QVBoxLayout(self)
        box.setContentsMargins(INSIDE, 6, INSIDE, 8)
        box.setSpacing(0)
        box.addWidget(self.button)
        box.addWidget(below)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.button.setChecked(True)
        self.button.setFocus()

    def _on_toggled(self, chosen: bool) -> None:
        self.setProperty("chosen", "true" if chosen else "false")
        self.style().unpolish(self)
        self.style().polish(self)


class CollectionCards(QWidget):
    """The cards below each other, and a last one for an archive from elsewhere; one is chosen.

    Signals:
        chosen: The name of a collection, or ``ELSEWHERE``.
    """

    chosen = Signal(str)

    def __init__(self, known: tuple[Collection, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._group = QButtonGroup(self)
        self._cards: dict[str, CollectionCard] = {}
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(GRID)
        for one in known:
            size = "" if one.size is None else f", {megabytes(one.size)}"
            self._add(one.name, CollectionCard(one.title, f"{one.licence}{size}", one.about))
        self._add(ELSEWHERE, CollectionCard("Another archive", "From a web address", "Any zip or tar of music"))
        self._rows.addStretch(1)
        self.choose(next(iter(self._cards)))
        self._group.buttonToggled.connect(self._on_toggled)

    @property
    def name(self) -> str:
        """The name of the chosen collection, or ``ELSEWHERE``."""
        return next(name for name, card in self._cards.items() if card.button.isChecked())

    def choose(self, name: str) -> None:
        """Choose a collection."""
        self._cards[name].button.setChecked(True)

    def card(self, name: str) -> CollectionCard:
        """The card of a collection.

        Raises:
            KeyError: There is none of this name.
        """
        return self._cards[name]

    def _add(self, name: str, card: CollectionCard) -> None:
        card.button.setProperty("collection", name)
        self._group.addButton(card.button)
        self._cards[name] = card
        self._rows.addWidget(card)

    def _on_toggled(self, button: QRadioButton, chosen: bool) -> None:
        if chosen:
            self.chosen.emit(str(button.property("collection")))
