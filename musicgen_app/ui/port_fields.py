"""How one MIDI port is played: earlier or later, on which channel, with the metronome or without."""

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QVBoxLayout, QWidget

from musicgen_app.audio.port_voice import WIDEST_MS, PortOptions
from musicgen_app.ui.controls import GRID, QuietButton
from musicgen_app.ui.forms import Choice, FormRow, NumberBox
from musicgen_app.ui.icons import Icons

_CHANNELS = 16


class PortFields(QWidget):
    """Reads into `PortOptions`.

    Signals:
        changed: The options are others (a `PortOptions`).
        panic_asked: Every note that hangs in the instrument is to be silenced.
    """

    changed = Signal(object)
    panic_asked = Signal()

    def __init__(self, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.offset = NumberBox(-WIDEST_MS, WIDEST_MS)
        self.offset.setSuffix(" ms")
        self.offset.setSingleStep(5)
        self.offset.setToolTip("How much later than the playhead notes are sent; less than 0 is earlier")
        self.channel = Choice()
        self.channel.addItem("As in the tracks", None)
        for channel in range(_CHANNELS):
            self.channel.addItem(f"Channel {channel + 1}", channel)
        self.channel.setToolTip("On one channel percussion and programs are left out")
        self.clicks = QCheckBox("Send the metronome")
        self.clicks.setToolTip("As percussion on channel 10")
        self.panic = QuietButton(
            "Silence it", "Silence every note that hangs in this instrument", icons, "octagon-alert"
        )
        row = QHBoxLayout()
        row.addWidget(self.clicks)
        row.addStretch(1)
        row.addWidget(self.panic)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(GRID)
        hint = "Less than 0 sends notes earlier, for an instrument that answers late."
        rows.addWidget(FormRow("Offset", self.offset, hint))
        rows.addWidget(FormRow("MIDI channel", self.channel))
        rows.addLayout(row)
        self.offset.valueChanged.connect(self._on_changed)
        self.channel.activated.connect(self._on_changed)
        self.clicks.toggled.connect(self._on_changed)
        self.panic.clicked.connect(self.panic_asked)

    def value(self) -> PortOptions:
        """What is chosen."""
        return PortOptions(self.offset.value(), self.channel.currentData(), self.clicks.isChecked())

    def show_options(self, options: PortOptions) -> None:
        """Show those of another port."""
        with QSignalBlocker(self.offset), QSignalBlocker(self.clicks):
            self.offset.setValue(options.offset_ms)
            self.clicks.setChecked(options.clicks)
        self.channel.setCurrentIndex(0 if options.channel is None else options.channel + 1)

    def _on_changed(self) -> None:
        self.changed.emit(self.value())
