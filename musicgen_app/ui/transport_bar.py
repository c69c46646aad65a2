"""The transport line under the tabs: play, stop, loop, where it is, how fast, and on what."""

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from musicgen_app.audio.outputs import CHOOSE_SOUNDFONT, choice_of
from musicgen_app.audio.transport import PLAYING
from musicgen_app.core.score import Score
from musicgen_app.core.timing import Meter, TempoMap
from musicgen_app.ui.action_table import ACTIONS
from musicgen_app.ui.controls import GRID, INSIDE, Hairline, IconButton, SecondaryLabel
from musicgen_app.ui.forms import Choice, NumberBox, QuietSlider
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.level_meter import LevelMeter
from musicgen_app.ui.metronome_controls import MetronomeControls
from musicgen_app.ui.player import Player
from musicgen_app.ui.theme import Theme, tabular_font

_KEYS = {action.id: action.keys[0] for action in ACTIONS if action.keys}
_HEIGHT = 44
_ROOMY = 1130
"""Pixels below which words give way to controls."""
_NARROWEST = 1000


def clock_text(seconds: float) -> str:
    """Minutes, seconds and tenths: ``02:07.4``."""
    tenths = int(max(seconds, 0.0) * 10)
    return f"{tenths // 600:02d}:{tenths // 10 % 60:02d}.{tenths % 10}"


class OutputList(Choice):
    """The list of outputs; it looks for them anew each time it is opened."""

    opening = Signal()

    def showPopup(self) -> None:
        self.opening.emit()
        super().showPopup()


class ReadOut(QLabel):
    """Figures that keep their place while they change."""

    def __init__(self, widest: str, tooltip: str, points: int) -> None:
        super().__init__()
        self.setFont(tabular_font(self.font(), points))
        self.setMinimumWidth(QFontMetrics(self.font()).horizontalAdvance(widest) + 4)
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setToolTip(tooltip)
        self.setAccessibleName(tooltip)


class TransportBar(QFrame):
    """Shows and drives a player.

    Args:
        theme: Colours.
        icons: Pictures of the buttons.
        player: What is driven.
        record: What stands beside the stop button.
        parent: Qt's owner.

    Signals:
        output_chosen: The id of the output a person has chosen here, to be remembered; or `CHOOSE_SOUNDFONT`'s.
        volume_chosen: The volume a person has set here, 0 to 1, to be remembered.
    """

    output_chosen = Signal(str)
    volume_chosen = Signal(float)

    def __init__(
        self, theme: Theme, icons: Icons, player: Player, record: QWidget | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setProperty("kind", "panel")
        self.setFixedHeight(_HEIGHT)
        self.setMinimumWidth(_NARROWEST)
        self._player = player
        self._record = record
        self.metronome = MetronomeControls(icons, player.practice)
        self._show_score(player.score)
        self._make_buttons(icons)
        self._make_read_outs()
        self._make_sound(theme, icons)
        self._lay_out()
        self._connect()
        self._fill_outputs(only_known=True)
        self._on_state(player.state)
        self._on_position(player.position)

    def _make_buttons(self, icons: Icons) -> None:
        self.start = IconButton(icons, "skip-back", "To the start", _KEYS["to_start"])
        self.play = IconButton(icons, "play", "Play", _KEYS["play"])
        self.stop = IconButton(icons, "square", "Stop and return", _KEYS["stop"])
        self.loop = IconButton(icons, "repeat", "Loop", _KEYS["loop"], checkable=True)
        self.panic = IconButton(icons, "octagon-alert", "All notes off", _KEYS["panic"])
        named = {"to_start": self.start, "play": self.play, "stop": self.stop, "loop": self.loop, "panic": self.panic}
        for name, button in named.items():
            button.setObjectName(name)

    def _make_read_outs(self) -> None:
        self.place = ReadOut("888:8:000", "Bar, beat and tick", 12)
        self.time = ReadOut("88:88.8", "Minutes and seconds", 12)
        self.length = ReadOut("/ 88:88.8", "Length of the piece", 9)
        self.length.setProperty("kind", "secondary")
        self.speed = NumberBox(10, 400, 100)
        self.speed.setSuffix(" %")
        self.speed.setSingleStep(5)
        self.speed.setFixedWidth(76)
        self.speed.setToolTip("Speed, as a part of the tempo of the piece")
        self.speed.setAccessibleName("Speed")
        self.tempo = ReadOut("888 bpm", "Beats a minute", 9)
        self.tempo.setProperty("kind", "secondary")

    def _make_sound(self, theme: Theme, icons: Icons) -> None:
        self.outputs = OutputList()
        self.outputs.setToolTip("Where the sound goes")
        self.outputs.setAccessibleName("Output")
        self.outputs.setMinimumWidth(126)
        self.outputs.setMaximumWidth(260)
        self.test = IconButton(icons, "audio-lines", "Test sound", _KEYS["test_sound"])
        self.test.setObjectName("test_sound")
        self.mute = IconButton(icons, "volume-2", "Mute")
        self.volume = QuietSlider()
        self.volume.setRange(0, 100)
        self.volume.setFixedWidth(80)
        self.volume.setAccessibleName("Volume")
        self.level = LevelMeter(theme)
        self._loud = max(self._player.volume, 0.1)
        self._on_volume(self._player.volume)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(INSIDE, 0, INSIDE, 0)
        row.setSpacing(4)
        for button in (self.start, self.play, self.stop):
            row.addWidget(button)
        if self._record is not None:
            row.addWidget(self._record)
        row.addWidget(self.loop)
        row.addWidget(self.metronome)
        row.addWidget(self.panic)
        self._part(row)
        row.addWidget(self.place)
        row.addSpacing(GRID)
        row.addWidget(self.time)
        row.addWidget(self.length)
        self._part(row)
        self._speed_label = SecondaryLabel("Speed", wrap=False)
        row.addWidget(self._speed_label)
        row.addWidget(self.speed)
        row.addWidget(self.tempo)
        row.addStretch(1)
        row.addWidget(self.outputs, 2)
        row.addWidget(self.test)
        self._part(row)
        row.addWidget(self.mute)
        row.addWidget(self.volume)
        row.addSpacing(GRID)
        row.addWidget(self.level)

    @staticmethod
    def _part(row: QHBoxLayout) -> None:
        line = Hairline(vertical=True)
        line.setFixedHeight(20)
        row.addSpacing(GRID)
        row.addWidget(line)
        row.addSpacing(GRID)

    def _connect(self) -> None:
        player = self._player
        self.start.clicked.connect(self._on_start)
        self.play.clicked.connect(player.toggle)
        self.stop.clicked.connect(player.stop)
        self.loop.toggled.connect(player.set_looping)
        self.panic.clicked.connect(player.panic)
        self.speed.valueChanged.connect(self._on_speed_chosen)
        self.outputs.opening.connect(self._fill_outputs)
        self.outputs.activated.connect(self._on_output_chosen)
        self.test.clicked.connect(player.test_sound)
        self.mute.clicked.connect(self._on_mute)
        self.volume.valueChanged.connect(self._on_volume_chosen)
        player.state_changed.connect(self._on_state)
        player.position_changed.connect(self._on_position)
        player.score_changed.connect(self._on_score)
        player.loop_changed.connect(self._on_loop)
        player.speed_changed.connect(self._on_speed)
        player.volume_changed.connect(self._on_volume)
        player.level_changed.connect(self.level.show_level)
        player.output_changed.connect(self._on_output)
        player.outputs_changed.connect(self._fill_outputs)

    def sizeHint(self) -> QSize:
        return QSize(1000, _HEIGHT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        roomy = event.size().width() >= _ROOMY
        self._speed_label.setVisible(roomy)
        self.length.setVisible(roomy)
        super().resizeEvent(event)

    # What the player tells.

    def _show_score(self, score: Score) -> None:
        self._meter, self._tempo = Meter(score), TempoMap(score)

    @Slot(object)
    def _on_score(self, score: Score) -> None:
        self._show_score(score)
        self._on_position(self._player.position)

    @Slot(str)
    def _on_state(self, state: str) -> None:
        playing = state == PLAYING
        self.play.set_icon_name("pause" if playing else "play", "accent" if playing else "text")
        self.play.set_words("Pause" if playing else "Play")

    @Slot(int)
    def _on_position(self, tick: int) -> None:
        place = self._meter.position(tick)
        self.place.setText(f"{place.bar}:{place.beat}:{place.tick:03d}")
        self.time.setText(clock_text(self._tempo.second(tick)))
        self.length.setText(f"/ {clock_text(self._tempo.second(self._player.score.end))}")
        self.tempo.setText(f"{self._tempo.beats_per_minute(tick) * self._player.speed:.0f} bpm")

    @Slot(object)
    def _on_loop(self, loop: tuple[int, int] | None) -> None:
        with QSignalBlocker(self.loop):
            self.loop.setChecked(loop is not None)

    @Slot(float)
    def _on_speed(self, speed: float) -> None:
        with QSignalBlocker(self.speed):
            self.speed.setValue(round(speed * 100))
        self._on_position(self._player.position)

    @Slot(float)
    def _on_volume(self, volume: float) -> None:
        with QSignalBlocker(self.volume):
            self.volume.setValue(round(volume * 100))
        self.volume.setToolTip(f"Volume: {volume * 100:.0f} %")
        silent = volume == 0
        self.mute.set_icon_name("volume-x" if silent else "volume-2")
        self.mute.set_tooltip("Unmute" if silent else "Mute")

    @Slot(str)
    def _on_output(self, _output: str) -> None:
        self._fill_outputs(only_known=True)

    @Slot()
    def _fill_outputs(self, only_known: bool = False) -> None:
        """Show what can be chosen; with ``only_known`` without asking the system, which takes a moment."""
        chosen = self._player.output
        if not only_known:
            self.outputs.clear()
            for choice in (*self._player.outputs(), CHOOSE_SOUNDFONT):
                self.outputs.addItem(choice.name, choice.id)
        if self.outputs.findData(chosen) < 0:
            self.outputs.insertItem(0, choice_of(chosen).name, chosen)
        self.outputs.setCurrentIndex(self.outputs.findData(chosen))
        for control in (self.volume, self.mute, self.level):
            control.setEnabled(self._player.has_volume)
        if not self._player.has_volume:
            self.volume.setToolTip("A MIDI instrument sets its own volume")

    # What a person does.

    @Slot()
    def _on_start(self) -> None:
        self._player.seek(0)

    @Slot(int)
    def _on_speed_chosen(self, percent: int) -> None:
        self._player.set_speed(percent / 100)

    @Slot(int)
    def _on_output_chosen(self, index: int) -> None:
        output = str(self.outputs.itemData(index))
        if output == CHOOSE_SOUNDFONT.id:
            self._fill_outputs(only_known=True)
        else:
            self._player.choose_output(output)
        self.output_chosen.emit(output)

    @Slot(int)
    def _on_volume_chosen(self, percent: int) -> None:
        self._player.set_volume(percent / 100)
        self.volume_chosen.emit(percent / 100)

    @Slot()
    def _on_mute(self) -> None:
        if self._player.volume > 0:
            self._loud = self._player.volume
            self._player.set_volume(0.0)
        else:
            self._player.set_volume(self._loud)
