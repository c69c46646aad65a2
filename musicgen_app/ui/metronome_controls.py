"""The metronome's button in the transport bar, with its volume and the count-in in a panel."""

from PySide6.QtCore import QSignalBlocker, Slot
from PySide6.QtWidgets import QHBoxLayout, QWidget

from musicgen_app.ui.controls import IconButton
from musicgen_app.ui.forms import Choice, FormRow, QuietSlider
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.pop_up import PopUp, PopUpButton
from musicgen_app.ui.practice import Practice

_BARS = ((0, "None"), (1, "1 bar"), (2, "2 bars"), (4, "4 bars"))


class MetronomeControls(QWidget):
    """Shows and sets metronome and count-in."""

    def __init__(self, icons: Icons, practice: Practice, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._practice = practice
        self.button = IconButton(icons, "metronome", "Metronome", "K", checkable=True)
        self.button.setObjectName("metronome")
        self.panel = PopUp("Metronome and count-in", self)
        self.more = PopUpButton(icons, "Volume of the metronome, count-in", self.panel, self)
        self.volume = QuietSlider()
        self.volume.setRange(0, 100)
        self.count_in = Choice()
        for bars, words in _BARS:
            self.count_in.addItem(words, bars)
        self.panel.add(FormRow("Metronome", self.volume))
        self.panel.add(FormRow("Count-in", self.count_in, "Counted before playing and recording."))
        self.volume.setAccessibleName("Volume of the metronome")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.button)
        row.addWidget(self.more)
        self._show_metronome()
        self._show_bars(practice.count_in)
        self.button.toggled.connect(practice.set_metronome)
        self.volume.valueChanged.connect(self._on_volume)
        self.count_in.activated.connect(self._on_bars)
        practice.metronome_changed.connect(self._show_metronome)
        practice.count_in_changed.connect(self._show_bars)

    @Slot()
    def _show_metronome(self) -> None:
        with QSignalBlocker(self.button), QSignalBlocker(self.volume):
            self.button.setChecked(self._practice.metronome)
            self.volume.setValue(round(self._practice.volume * 100))
        self.volume.setToolTip(f"Volume of the metronome: {self._practice.volume * 100:.0f} %")

    @Slot(int)
    def _show_bars(self, bars: int) -> None:
        if self.count_in.findData(bars) < 0:
            self.count_in.addItem(f"{bars} bars", bars)
        self.count_in.setCurrentIndex(self.count_in.findData(bars))

    @Slot(int)
    def _on_volume(self, percent: int) -> None:
        self._practice.set_metronome(self._practice.metronome, percent / 100)

    @Slot()
    def _on_bars(self) -> None:
        self._practice.set_count_in(int(self.count_in.currentData()))
