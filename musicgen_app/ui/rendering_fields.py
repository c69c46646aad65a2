"""How the seeds' words become notes: the time between onsets, duration, velocity, and the octave of chords."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from musicgen_app.tokens.seed import (
    HIGHEST_OCTAVE,
    LONGEST_BEATS,
    LOWEST_OCTAVE,
    SHORTEST_BEATS,
    Rendering,
)
from musicgen_app.ui.controls import GRID, QuietButton, SecondaryLabel, set_kind
from musicgen_app.ui.forms import DecimalBox, FormRow, NumberBox

_DECIMALS = 5
"""Enough for 1/32."""


class RenderingFields(QWidget):
    """Reads into a ``Rendering``.

    Args:
        told: When and to what it applies, in a sentence.
        parent: Qt's owner.

    Signals:
        changed: A value is another one.
    """

    changed = Signal()

    def __init__(self, told: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tempo = Rendering().tempo
        self.step = _beats(self.tr("Step"), self.tr("Beats from one word to the next"))
        self.length = _beats(self.tr("Duration"), self.tr("Beats that each word lasts"))
        self.velocity = NumberBox(1, 127)
        self.velocity.setAccessibleName(self.tr("Velocity"))
        self.velocity.setToolTip(self.tr("How loud each word is"))
        self.octave = NumberBox(LOWEST_OCTAVE, HIGHEST_OCTAVE)
        self.octave.setAccessibleName(self.tr("Octave of chords"))
        self.octave.setToolTip(self.tr("Chords are laid above this C; C4 is middle C. Single notes name their own"))
        self.octave.setPrefix("C")
        self.usual = QuietButton(self.tr("As the seeds"), self.tr("Half a beat, one beat, velocity 90, chords at C4"))
        set_kind(self.usual, "link")
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(GRID)
        for words, box in (
            (self.tr("Step"), self.step),
            (self.tr("Duration"), self.length),
            (self.tr("Velocity"), self.velocity),
            (self.tr("Chord octave"), self.octave),
        ):
            rows.addWidget(FormRow(words, box))
        rows.addWidget(SecondaryLabel(told))
        rows.addWidget(self.usual)
        self.show_rendering(Rendering())
        for spin in (self.step, self.length, self.velocity, self.octave):
            spin.valueChanged.connect(self._on_changed)
        self.usual.clicked.connect(self._on_usual)
        self._on_changed()

    def value(self) -> Rendering:
        """The rendering that is chosen."""
        chosen = Rendering(self.step.value(), self.length.value(), self.velocity.value(), self._tempo)
        return chosen.in_octave(self.octave.value())

    def show_rendering(self, rendering: Rendering) -> None:
        """Show another rendering."""
        self._tempo = rendering.tempo
        self.step.setValue(rendering.step)
        self.length.setValue(rendering.length)
        self.velocity.setValue(rendering.velocity)
        self.octave.setValue(rendering.octave_number)

    def _on_usual(self) -> None:
        self.show_rendering(Rendering())

    def _on_changed(self) -> None:
        self.usual.setEnabled(self.value() != Rendering())
        self.changed.emit()


class _BeatsBox(DecimalBox):
    """A number of beats, without zeros at its end."""

    def textFromValue(self, value: float) -> str:
        return f"{value:g}"


def _beats(name: str, tooltip: str) -> DecimalBox:
    box = _BeatsBox(SHORTEST_BEATS, LONGEST_BEATS)
    box.setDecimals(_DECIMALS)
    box.setSingleStep(0.25)
    box.setSuffix(" beats")
    box.setAccessibleName(name)
    box.setToolTip(tooltip)
    return box
