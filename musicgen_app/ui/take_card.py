"""One take as a card: its notes in small, how it was made, and what can be done with it."""

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from musicgen_app.core.score import Score
from musicgen_app.project.takes import TakeRecord
from musicgen_app.ui.controls import ElidedLabel, IconButton, QuietButton, SecondaryLabel, set_kind
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.piano_roll.thumbnail import Thumbnail
from musicgen_app.ui.theme import Theme

ORIGINALITY = "originality"
"""The fact of a take that says what stands in the training pieces too."""
_PICTURE_HEIGHT = 56


class TakeCard(QFrame):
    """Shows a take. Its music is asked for when the card is first seen.

    Signals:
        score_wanted: The card is seen for the first time (the take's number).
        use_asked, play_asked, delete_asked: What the person wants (the take's number).
        starred: The star was pressed (the take's number, whether it is on now).
    """

    score_wanted = Signal(int)
    use_asked = Signal(int)
    play_asked = Signal(int)
    delete_asked = Signal(int)
    starred = Signal(int, bool)

    def __init__(self, theme: Theme, icons: Icons, record: TakeRecord, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.record = record
        self._asked = False
        self.setProperty("kind", "card")
        self.setProperty("chosen", "false")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.picture = Thumbnail(theme)
        self.picture.setFixedHeight(_PICTURE_HEIGHT)
        self.title = ElidedLabel(record.title)
        self.star = IconButton(icons, "star", self.tr("Mark as good"), checkable=True)
        self.use = QuietButton(self.tr("Use"), self.tr("Put this take into the roll (Enter)"), icons, "piano")
        self.play = IconButton(icons, "play", "")
        self.delete = IconButton(icons, "trash-2", self.tr("Delete this take"), "Del")
        set_kind(self.use, "quiet")
        self._icons = icons
        self._made = SecondaryLabel(made_words(record))
        self._from = SecondaryLabel(from_words(record))
        self.verdict = SecondaryLabel()
        self._lay_out()
        self.set_record(record)
        self.set_playing(False)
        self.use.clicked.connect(self._on_use)
        self.play.clicked.connect(self._on_play)
        self.delete.clicked.connect(self._on_delete)
        self.star.toggled.connect(self._on_star)

    @property
    def chosen(self) -> bool:
        """Whether it is the take in the roll."""
        return bool(self.property("chosen") == "true")

    def set_record(self, record: TakeRecord) -> None:
        """Show the facts of the take as they are now."""
        self.record = record
        self.title.set_text(record.title)
        parts = (record.title, made_words(record), from_words(record), verdict_words(record))
        self.setAccessibleName(", ".join(part for part in parts if part))
        self._show_verdict()
        self.setToolTip(tip_words(record))
        blocked = self.star.blockSignals(True)
        self.star.setChecked(record.starred)
        self.star.blockSignals(blocked)
        self._icons.bind(self.star, "star", "warn" if record.starred else "secondary")

    def set_score(self, score: Score) -> None:
        """Show the notes."""
        self.picture.set_score(score)

    def set_chosen(self, chosen: bool) -> None:
        """Mark it as the take in the roll."""
        if chosen != self.chosen:
            self.setProperty("chosen", "true" if chosen else "false")
            self.style().unpolish(self)
            self.style().polish(self)

    def set_playing(self, playing: bool) -> None:
        """Offer to pause the take while it is heard, else to play it."""
        self.play.set_icon_name("pause" if playing else "play")
        self.play.set_tooltip(self.tr("Pause") if playing else self.tr("Put this take into the roll and play it"))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._asked:
            self._asked = True
            self.score_wanted.emit(self.record.id)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.use_asked.emit(self.record.id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.use_asked.emit(self.record.id)
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.delete_asked.emit(self.record.id)
        else:
            super().keyPressEvent(event)

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(4)
        top.addWidget(self.title, 1)
        top.addWidget(self.star)
        foot = QHBoxLayout()
        foot.setSpacing(4)
        foot.addWidget(self.use)
        foot.addStretch(1)
        foot.addWidget(self.play)
        foot.addWidget(self.delete)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(8, 6, 8, 6)
        rows.setSpacing(4)
        rows.addLayout(top)
        rows.addWidget(self.picture)
        rows.addWidget(self._made)
        rows.addWidget(self._from)
        rows.addWidget(self.verdict)
        rows.addLayout(foot)
        self._from.setVisible(bool(self._from.text()))

    def _show_verdict(self) -> None:
        found = self.record.facts.get(ORIGINALITY)
        words = verdict_words(self.record)
        self.verdict.setText(words)
        self.verdict.setVisible(bool(words))
        copied = isinstance(found, Mapping) and found.get("copied") is True
        set_kind(self.verdict, "warn" if copied else "secondary")
        details = found.get("details") if isinstance(found, Mapping) else None
        self.verdict.setToolTip(details if isinstance(details, str) else "")

    def _on_use(self) -> None:
        self.use_asked.emit(self.record.id)

    def _on_play(self) -> None:
        self.play_asked.emit(self.record.id)

    def _on_delete(self) -> None:
        self.delete_asked.emit(self.record.id)

    def _on_star(self, on: bool) -> None:
        self.starred.emit(self.record.id, on)


def made_words(record: TakeRecord) -> str:
    """Length and seed of a take, as far as they are known: "200 notes, 0:42, seed 17"."""
    facts = record.facts
    notes, seconds, seed = (facts.get(name) for name in ("notes", "seconds", "seed"))
    parts = []
    if isinstance(notes, int):
        parts.append(f"{notes:,} notes")
    if isinstance(seconds, int | float):
        parts.append(f"{int(seconds) // 60}:{int(seconds) % 60:02d}")
    if isinstance(seed, int):
        parts.append(f"seed {seed}")
    return ", ".join(parts)


def from_words(record: TakeRecord) -> str:
    """The model of a take and what it goes on from, as far as they are known."""
    model, prompt = record.facts.get("model"), record.facts.get("prompt")
    parts = [model] if isinstance(model, str) and model else []
    if isinstance(prompt, str) and prompt:
        parts.append(f"after {prompt}")
    return ", ".join(parts)


def verdict_words(record: TakeRecord) -> str:
    """What was found about the originality of a take; "" before that."""
    found = record.facts.get(ORIGINALITY)
    words = found.get("verdict") if isinstance(found, Mapping) else None
    return words if isinstance(words, str) else ""


def tip_words(record: TakeRecord) -> str:
    """Everything that is known about how a take was made, a line each."""
    names = {
        "temperature": "Temperature",
        "random_pick": "Random pick",
        "top_k": "Likeliest choices",
        "top_p": "Share of likelihood",
        "notes_per_second": "Notes made a second",
        "ending": "Ended by",
    }
    lines = [f"{title}: {record.facts[name]}" for name, title in names.items() if name in record.facts]
    return "\n".join(part for part in (made_words(record), from_words(record), *lines) if part)
