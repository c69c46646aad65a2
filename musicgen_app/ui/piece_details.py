"""The lower part of the piece inspector: tracks, tempo, note lengths, velocities, words, and what the seeds read."""

import re
from collections.abc import Iterable

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from musicgen_app.ui.controls import BETWEEN, GRID, QuietButton, SecondaryLabel
from musicgen_app.ui.forms import Section
from musicgen_app.ui.histograms import LENGTH_TICKS, VELOCITY_TICKS, Bars
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.note_counts import NoteCounts
from musicgen_app.ui.panels import FactList
from musicgen_app.ui.theme import Theme
from musicgen_app.workflow.detail_words import (
    Fact,
    file_facts,
    length_words,
    seed_facts,
    text_facts,
    track_facts,
    velocity_words,
)
from musicgen_app.workflow.details import Looked, SeedDetails

_HISTOGRAM = 92
"""Height in pixels, with its title."""
_LONG_WORD = re.compile(r"\S{16}(?=\S)")
_SELECTABLE = Qt.TextInteractionFlag.TextSelectableByMouse


def breakable(text: str) -> str:
    """The text with places to break words that no panel is wide enough for; as plain text it looks the same."""
    return _LONG_WORD.sub("\\g<0>\u200b", text)


class _Entries(QWidget):
    """Names with a text below each; both can be selected and copied."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(2)
        self.texts: list[str] = []

    def show_facts(self, facts: Iterable[Fact]) -> None:
        """Show other ones."""
        while (item := self._box.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.texts = []
        for name, words in facts:
            if self.texts:
                self._box.addSpacing(4)
            for label, text in ((QLabel(), name), (SecondaryLabel(), words)):
                if text:
                    label.setTextFormat(Qt.TextFormat.PlainText)
                    label.setText(breakable(text))
                    label.setWordWrap(True)
                    label.setTextInteractionFlags(_SELECTABLE)
                    self._box.addWidget(label)
            self.texts.append(f"{name}: {words}" if name else words)


class _Counted(QWidget):
    """A small histogram with its figures below."""

    def __init__(self, theme: Theme, title: str, ticks: tuple[tuple[float, str], ...]) -> None:
        super().__init__()
        self.bars = Bars(theme, title, list(ticks))
        self.bars.setFixedHeight(_HISTOGRAM)
        # The wheel scrolls the panel, not the picture.
        self.bars.plot.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.words = SecondaryLabel()
        self.words.setTextInteractionFlags(_SELECTABLE)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(4)
        box.addWidget(self.bars)
        box.addWidget(self.words)


class PieceDetails(QWidget):
    """What is known of a piece only when it is read.

    Signals:
        seed_asked: The words of the seed codec are wanted.
    """

    seed_asked = Signal()

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.facts = FactList()
        self.tracks = _Entries()
        self.texts = _Entries()
        self.lengths = _Counted(theme, "Note lengths", LENGTH_TICKS)
        self.velocities = _Counted(theme, "Velocity", VELOCITY_TICKS)
        self.seed = FactList()
        self.ask_seed = QuietButton(
            "Show seed words",
            "What the seed codec makes of this file, and what its first part lacks",
            icons,
            "file-text",
        )
        self.ask_seed.clicked.connect(self.seed_asked)
        self._tracks = _section("Tracks", self.tracks)
        self._texts = _section("Words in the file", self.texts)
        self._seed = _section("Seed codec", self.seed, self.ask_seed)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(BETWEEN)
        for part in (self.facts, self._tracks, self.lengths, self.velocities, self._texts, self._seed):
            box.addWidget(part)
        theme.changed.connect(self._dress)
        self._dress()
        self.show_nothing()

    def show_nothing(self) -> None:
        """Nothing is known yet."""
        for part in (self.facts, self._tracks, self.lengths, self.velocities, self._texts, self._seed):
            part.hide()

    def show_looked(self, looked: Looked) -> None:
        """Show what was found in a file."""
        self.show_nothing()
        details = looked.details
        if details is not None:
            for name, words in file_facts(details):
                self.facts.set_fact(name, breakable(words))
            self.tracks.show_facts(track_facts(details.tracks))
            texts = text_facts(details)
            self.texts.show_facts(texts)
            self.facts.show()
            self._tracks.show()
            self._texts.setVisible(bool(texts))
            if details.lengths is not None and details.velocities is not None:
                self._show_counts(NoteCounts.known(looked.facts))
                self.lengths.words.setText(length_words(details.lengths) + ".")
                self.velocities.words.setText(velocity_words(details.velocities) + ".")
        if looked.score is not None:
            self._show_seed(looked.seed)

    def _show_seed(self, seed: SeedDetails | None) -> None:
        self.ask_seed.setVisible(seed is None)
        self.seed.setVisible(seed is not None)
        for name, words in seed_facts(seed) if seed is not None else ():
            self.seed.set_fact(name, words)
        self._seed.show()

    def _show_counts(self, counts: NoteCounts) -> None:
        self.lengths.bars.show_shares(np.zeros_like(counts.duration), counts.duration)
        self.velocities.bars.show_shares(np.zeros_like(counts.velocity), counts.velocity)
        self.lengths.show()
        self.velocities.show()

    def _dress(self) -> None:
        self.lengths.bars.dress()
        self.velocities.bars.dress()


def _section(title: str, *widgets: QWidget) -> Section:
    section = Section(title)
    section.body_layout.setSpacing(GRID)
    for widget in widgets:
        section.add(widget)
    return section
