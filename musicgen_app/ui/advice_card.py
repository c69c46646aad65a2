"""What a collection is enough for, on a quiet card."""

from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from musicgen_app.generation.presets import PRESETS
from musicgen_app.project.story import duration_words
from musicgen_app.ui.controls import GRID, INSIDE, SecondaryLabel, set_kind
from musicgen_app.ui.forms import Section
from musicgen_app.ui.panels import FactList
from musicgen_app.ui.theme import secondary_font
from musicgen_app.workflow.advice import Advice

_NAME_WIDTH = 64
_NOTHING = "Once there is music, this says what it is enough for."


class _QuietSection(Section):
    """Folded, its title no larger than the words around it."""

    def __init__(self, title: str) -> None:
        super().__init__(title, foldable=True, folded=True)
        if self._fold is not None:
            self._fold.setFont(secondary_font(self.font()))


class AdviceCard(QFrame):
    """The advice, what is held back, and, folded, times, vocabulary and reasons."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "card")
        self.advice = QLabel(_NOTHING)
        self.advice.setWordWrap(True)
        self.advice.setAccessibleName("Advice")
        self.validation = SecondaryLabel()
        self.times = _QuietSection("Time for an epoch")
        self._facts = FactList(name_width=_NAME_WIDTH)
        self._how = SecondaryLabel()
        self.times.add(self._facts)
        self.times.add(self._how)
        self.why = _QuietSection("Vocabulary and reasons")
        self._reasons = SecondaryLabel()
        self.why.add(self._reasons)
        box = QVBoxLayout(self)
        box.setContentsMargins(INSIDE, INSIDE, INSIDE, GRID)
        box.setSpacing(GRID)
        for part in (self.advice, self.validation, self.times, self.why):
            box.addWidget(part)
        self.show_advice(None)

    def show_advice(self, advice: Advice | None) -> None:
        """Show what was found; None while nothing is known."""
        known = advice is not None and bool(advice.pieces)
        for part in (self.validation, self.times, self.why):
            part.setVisible(known)
        set_kind(self.advice, "" if known else "secondary")
        if advice is None:
            self.advice.setText(_NOTHING)
            return
        self.advice.setText(advice.advice)
        self.validation.setText(advice.validation_sentence())
        for one in advice.times:
            advised = " (advised)" if one.preset == advice.preset else ""
            time = duration_words(max(1.0, one.seconds))
            self._facts.set_fact(PRESETS[one.preset].title, f"about {time}{advised}")
        self._how.setText(advice.how_timed())
        self._reasons.setText("\n\n".join((*advice.remarks(), *advice.reasons)))
