"""The preferences: theme, sound output and how a MIDI port is played, speed. Each takes effect at once."""

import os

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from musicgen_app.audio.outputs import CHOOSE_SOUNDFONT, choice_of
from musicgen_app.audio.port_voice import PortOptions
from musicgen_app.ui.controls import BETWEEN, PrimaryButton, QuietButton
from musicgen_app.ui.forms import Choice, LabelledSlider, NumberBox, Section
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.keyboard_choice import KeyboardChoice
from musicgen_app.ui.keyboards import Keyboards
from musicgen_app.ui.player import Player
from musicgen_app.ui.port_fields import PortFields
from musicgen_app.ui.settings import Settings
from musicgen_app.ui.theme import Theme

_MODES = (("system", "As the system"), ("dark", "Dark"), ("light", "Light"))


class Preferences(QDialog):
    """What can be set for all projects.

    Signals:
        theme_chosen: Another theme mode.
        output_chosen: The id of another output.
        threads_chosen: Another number of processor threads; 0 for all.
    """

    theme_chosen = Signal(str)
    output_chosen = Signal(str)
    threads_chosen = Signal(int)

    def __init__(
        self,
        theme: Theme,
        icons: Icons,
        settings: Settings,
        player: Player,
        keyboards: Keyboards,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Preferences")
        self.setMinimumWidth(460)
        self._settings = settings
        self._player = player
        box = QVBoxLayout(self)
        box.setContentsMargins(BETWEEN, BETWEEN, BETWEEN, BETWEEN)
        box.setSpacing(BETWEEN + 8)
        box.addWidget(self._look(theme))
        box.addWidget(self._sound(icons, keyboards))
        box.addWidget(self._speed())
        box.addStretch(1)
        close = PrimaryButton("Done")
        close.setDefault(True)
        close.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(close)
        box.addLayout(row)

    def _look(self, theme: Theme) -> Section:
        section = Section("Look")
        self.theme_choice = Choice()
        for mode, words in _MODES:
            self.theme_choice.addItem(words, mode)
        self.theme_choice.setCurrentIndex(self.theme_choice.findData(theme.mode))
        self.theme_choice.activated.connect(self._on_theme)
        section.add_row("Theme", self.theme_choice)
        return section

    def _sound(self, icons: Icons, keyboards: Keyboards) -> Section:
        section = Section("Sound")
        self.output_choice = Choice()
        self._fill_outputs()
        self.output_choice.activated.connect(self._on_output)
        section.add_row("Output", self.output_choice)
        self.volume = LabelledSlider("Loudness", 0, 100, round(self._player.volume * 100), suffix=" %")
        self.volume.value_changed.connect(self._on_volume)
        section.add(self.volume)
        self.port = PortFields(icons)
        self.port.changed.connect(self._on_port)
        self.port.panic_asked.connect(self._player.panic)
        section.add(self.port)
        self._show_port()
        self._player.output_changed.connect(self._on_changed)
        row = QHBoxLayout()
        again = QuietButton("Look again", "Look for outputs that were plugged in", icons, "refresh-cw")
        again.clicked.connect(self._fill_outputs)
        test = QuietButton("Test sound", "Play a chord on the chosen output", icons, "volume-2")
        test.clicked.connect(self._player.test_sound)
        row.addWidget(test)
        row.addWidget(again)
        row.addStretch(1)
        section.add_layout(row)
        self.keyboard = KeyboardChoice(keyboards)
        section.add_row("Keyboard", self.keyboard)
        return section

    def _speed(self) -> Section:
        section = Section("Speed")
        self.threads = NumberBox(0, os.cpu_count() or 1, self._settings.threads)
        self.threads.setSpecialValueText("All")
        self.threads.valueChanged.connect(self._on_threads)
        section.add_row(
            "CPU threads", self.threads, "How many processor threads training may use, from its next start."
        )
        return section

    def _fill_outputs(self) -> None:
        self.output_choice.clear()
        for choice in (*self._player.outputs(), CHOOSE_SOUNDFONT):
            self.output_choice.addItem(choice.name, choice.id)
        self._show_output()

    def _show_output(self) -> None:
        output = self._player.output
        if self.output_choice.findData(output) < 0:
            self.output_choice.insertItem(0, choice_of(output).name, output)
        self.output_choice.setCurrentIndex(self.output_choice.findData(output))

    def _show_port(self) -> None:
        """Show how the chosen port is played; other outputs have a loudness instead."""
        is_port = not self._player.has_volume
        self.port.setVisible(is_port)
        self.volume.setVisible(not is_port)
        if is_port:
            self.port.show_options(self._player.port_options(self._player.output.partition(":")[2]))

    def _on_theme(self) -> None:
        self.theme_chosen.emit(str(self.theme_choice.currentData()))

    def _on_output(self) -> None:
        output = str(self.output_choice.currentData())
        self._show_output()  # until it is chosen; a file may have to be asked for
        self.output_chosen.emit(output)

    def _on_changed(self) -> None:
        self._fill_outputs()
        self._show_port()

    def _on_port(self, options: PortOptions) -> None:
        port = self._player.output.partition(":")[2]
        self._settings.set_port_options(port, options)
        self._player.set_port_options(port, options)

    def _on_volume(self, value: float) -> None:
        self._player.set_volume(value / 100)

    def _on_threads(self, threads: int) -> None:
        self._settings.threads = threads
        self.threads_chosen.emit(threads)
