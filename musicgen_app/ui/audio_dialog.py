"""Asks what of the music is exported as sound, and how: the notes, the rate, the tail, loudness, stems."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QCheckBox, QDialog, QFormLayout, QHBoxLayout, QVBoxLayout, QWidget

from musicgen_app.audio.render import RATES
from musicgen_app.ui.controls import BETWEEN, PrimaryButton, QuietButton, SecondaryLabel
from musicgen_app.ui.forms import Choice, DecimalBox

_LONGEST_TAIL_SEC = 60
_USUAL_RATE = 48_000


class AudioDialog(QDialog):
    """The options of an audio export.

    Args:
        selected: How many notes are selected; with none only all can be exported.
        tracks: How many tracks have notes; with one there are no stems to be made.
        soundfonts: Files that can play it beside the built-in piano.
        chosen: The one that is chosen at first; None for the piano.
        parent: Qt's owner.
    """

    def __init__(
        self,
        selected: int,
        tracks: int,
        soundfonts: Sequence[Path] = (),
        chosen: Path | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Export audio")
        self.setMinimumWidth(380)
        self.part = Choice()
        self.part.addItem("All notes", False)
        if selected:
            self.part.addItem(f"Selection ({selected:,} {'note' if selected == 1 else 'notes'})", True)
        self.part.setAccessibleName("What is exported")
        self.instrument = Choice()
        self.instrument.addItem("Built-in piano", None)
        for soundfont in soundfonts:
            self.instrument.addItem(f"SoundFont: {soundfont.stem}", soundfont)
            if soundfont == chosen:
                self.instrument.setCurrentIndex(self.instrument.count() - 1)
        self.instrument.setAccessibleName("Instrument")
        self.rate = Choice()
        for rate in RATES:
            self.rate.addItem(f"{rate / 1000:g} kHz", rate)
        self.rate.setCurrentIndex(RATES.index(_USUAL_RATE))
        self.rate.setAccessibleName("Sample rate")
        self.tail = DecimalBox(-0.5, _LONGEST_TAIL_SEC, -0.5)
        self.tail.setDecimals(1)
        self.tail.setSingleStep(0.5)
        self.tail.setSpecialValueText("until all is silent")
        self.tail.setSuffix(" s")
        self.tail.setToolTip("How long the sound goes on after the last note")
        self.tail.setAccessibleName("Tail in seconds")
        self.normalise = QCheckBox("Normalise")
        self.normalise.setToolTip("Bring the loudest moment to 1 dB below full scale")
        self.stems = QCheckBox("A file for each track")
        self.stems.setToolTip("Stems: equally long files, named after the tracks")
        self.stems.setEnabled(tracks > 1)
        self.go_on = PrimaryButton("Choose a file...", "Name the file; its ending says which kind it is")
        self.go_on.setDefault(True)
        self.cancel = QuietButton("Cancel")
        self._lay_out()
        self.go_on.clicked.connect(self.accept)
        self.cancel.clicked.connect(self.reject)

    @property
    def of_selection(self) -> bool:
        """Whether only the selected notes are exported."""
        return bool(self.part.currentData())

    @property
    def chosen_rate(self) -> int:
        """Frames a second."""
        return int(self.rate.currentData())

    @property
    def chosen_soundfont(self) -> Path | None:
        """What plays it; None for the built-in piano."""
        chosen: Path | None = self.instrument.currentData()
        return chosen

    @property
    def chosen_tail(self) -> float | None:
        """Seconds after the last note; None until all is silent."""
        return None if self.tail.value() < 0 else self.tail.value()

    def _lay_out(self) -> None:
        box = QVBoxLayout(self)
        box.setContentsMargins(BETWEEN, BETWEEN, BETWEEN, BETWEEN)
        box.setSpacing(BETWEEN)
        form = QFormLayout()
        form.setSpacing(BETWEEN)
        parts = (("Notes", self.part), ("Instrument", self.instrument))
        for words, widget in (*parts, ("Sample rate", self.rate), ("Tail", self.tail)):
            form.addRow(SecondaryLabel(words, wrap=False), widget)
        form.addRow("", self.normalise)
        form.addRow("", self.stems)
        ends = QHBoxLayout()
        ends.addStretch(1)
        ends.addWidget(self.cancel)
        ends.addWidget(self.go_on)
        box.addLayout(form)
        box.addLayout(ends)
