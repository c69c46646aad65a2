"""Help > Sound doctor: what can sound here, a test with its level, and what to do where nothing sounds."""

from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

import musicgen_app
from musicgen_app.audio.diagnosis import Diagnosis, InUse, Machine, diagnose, survey
from musicgen_app.audio.outputs import OutputChoice
from musicgen_app.core.progress import CancelToken, Report
from musicgen_app.ui.controls import BETWEEN, GRID, INSIDE, Heading, PrimaryButton, QuietButton, SecondaryLabel
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.jobs import Job
from musicgen_app.ui.level_meter import LevelMeter
from musicgen_app.ui.output_loss import Loss
from musicgen_app.ui.panels import FactList
from musicgen_app.ui.player import Player
from musicgen_app.ui.settings import Settings
from musicgen_app.ui.theme import Theme

_HEARD = 0.01
_ICON = 22


class SoundDoctor(QDialog):
    """Looks at the machine when it opens and whenever an output changes.

    Args:
        theme: Of the level meter.
        icons: For the verdict and the buttons.
        settings: Which output and SoundFonts a person has chosen.
        player: What plays.
        parent: Qt's owner.

    Signals:
        output_chosen: The id of an output to use from now on.
    """

    output_chosen = Signal(str)

    def __init__(
        self, theme: Theme, icons: Icons, settings: Settings, player: Player, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Sound doctor")
        self.resize(620, 700)
        self._icons = icons
        self._settings = settings
        self._player = player
        self._stale = False
        self._testing = False
        self._machine = Machine()
        self.job: Job | None = None
        self.diagnosis: Diagnosis | None = None
        self._make_parts(theme)
        self._lay_out()
        self._connect()
        self.look()

    def _make_parts(self, theme: Theme) -> None:
        self._sign = QLabel()
        self._sign.setFixedWidth(_ICON + GRID)
        self.verdict = Heading("Looking...")
        self.verdict.setWordWrap(True)
        self.advice = QLabel()
        self.advice.setWordWrap(True)
        self.advice.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.test = PrimaryButton("Test sound", "Play a chord on the chosen output")
        self.meter = LevelMeter(theme)
        self.meter.setFixedSize(180, 10)
        self.heard = SecondaryLabel("The level shows what the program makes.")
        self.facts = FactList(name_width=104)
        self.rows = QVBoxLayout()
        self.rows.setSpacing(2)
        self.copy = QuietButton("Copy report", "Copy all of this as text", self._icons, "copy")
        self.again = QuietButton("Look again", "Ask the system anew", self._icons, "refresh-cw")
        self.leave = QuietButton("Close")

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        top.addWidget(self.verdict, 1)
        test = QHBoxLayout()
        test.setSpacing(INSIDE)
        test.addWidget(self.test)
        test.addWidget(self.meter)
        test.addWidget(self.heard, 1)
        outputs = QWidget()
        inside = QVBoxLayout(outputs)
        inside.setContentsMargins(0, 0, GRID, 0)
        inside.addLayout(self.rows)
        inside.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(outputs)
        area.setAccessibleName("Outputs")
        ends = QHBoxLayout()
        for button in (self.copy, self.again):
            ends.addWidget(button)
        ends.addStretch(1)
        ends.addWidget(self.leave)
        box = QVBoxLayout(self)
        box.setContentsMargins(BETWEEN, BETWEEN, BETWEEN, BETWEEN)
        box.setSpacing(INSIDE)
        box.addLayout(top)
        box.addWidget(self.advice)
        box.addLayout(test)
        box.addWidget(self.facts)
        box.addWidget(Heading("Outputs"))
        box.addWidget(area, 1)
        box.addLayout(ends)

    def _connect(self) -> None:
        player = self._player
        self.test.clicked.connect(self._on_test)
        self.copy.clicked.connect(self._on_copy)
        self.again.clicked.connect(self.look)
        self.leave.clicked.connect(self.close)
        player.level_changed.connect(self._on_level)
        for signal in (player.output_changed, player.outputs_changed, player.output_opened, player.output_lost):
            signal.connect(self._on_changed)
        player.output_lost.connect(self._on_lost)
        player.volume_changed.connect(self._show)

    def report(self) -> str:
        """All that is shown, as text."""
        words = self.diagnosis.text() if self.diagnosis is not None else self.verdict.text()
        return f"Sound doctor of MusicGen Composer {musicgen_app.__version__}\n\n{words}\n\nTest: {self.heard.text()}\n"

    @Slot()
    def look(self) -> None:
        """Ask the system, in the background."""
        if self.job is not None:
            self._stale = True
            return
        self._stale = False
        self.again.setEnabled(False)
        self.job = Job(partial(_survey, self._settings.soundfonts, not self._player.output_open), self)
        self.job.succeeded.connect(self._on_surveyed)
        self.job.failed.connect(self._on_failed)
        self.job.start()

    def done(self, result: int) -> None:
        """Go, however it was asked for, after what is just being looked at."""
        job, self.job = self.job, None
        if job is not None:
            job.wait()
        super().done(result)

    @Slot(object)
    def _on_surveyed(self, machine: Machine) -> None:
        if self._end_job():
            # An output that is open is not opened a second time: what was found out before still holds.
            self._machine = replace(machine, backend=machine.backend or self._machine.backend)
            self._show()

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        if self._end_job():
            self.verdict.setText(str(error))

    def _end_job(self) -> bool:
        """Take leave of the job; False where another look is due, or nobody looks any more."""
        job, self.job = self.job, None
        if job is None:
            return False
        job.wait()
        job.deleteLater()
        self.again.setEnabled(True)
        if self._stale:
            self.look()
            return False
        return True

    @Slot()
    def _show(self) -> None:
        player = self._player
        use = InUse(player.output, self._settings.output, player.volume, player.output_open)
        found = self.diagnosis = diagnose(self._machine, use)
        icon, colour = ("circle-check", "good") if found.can_sound else ("circle-alert", "bad")
        self._sign.setPixmap(self._icons.pixmap(icon, _ICON, colour, self.devicePixelRatioF()))
        self.verdict.setText(found.verdict)
        self.advice.setText("\n".join(found.advice))
        self.advice.setVisible(bool(found.advice))
        self.facts.set_fact("Plays on", found.output)
        self.facts.set_fact("Why", found.reason)
        for name, value in found.facts:
            self.facts.set_fact(name, value)
        self.facts.set_fact("MIDI keyboards", ", ".join(found.keyboards) or "none")
        self._show_outputs(found.outputs)

    def _show_outputs(self, outputs: tuple[OutputChoice, ...]) -> None:
        while (item := self.rows.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for output in outputs:
            self.rows.addWidget(self._row(output))

    def _row(self, output: OutputChoice) -> QWidget:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(QLabel(output.name), 1)
        if output.id == self._player.output:
            line.addWidget(SecondaryLabel("in use", wrap=False))
        else:
            use = QuietButton("Use this", f"Play on {output.name} from now on")
            use.setAccessibleName(f"Use {output.name}")
            use.clicked.connect(partial(self.output_chosen.emit, output.id))
            line.addWidget(use)
        return row

    @Slot()
    def _on_changed(self) -> None:
        self.look()

    @Slot(object)
    def _on_lost(self, loss: Loss) -> None:
        if self._testing:
            self._testing = False
            self.heard.setText(f"Nothing was played. {loss.sentence}")

    @Slot()
    def _on_test(self) -> None:
        port = not self._player.has_volume
        self._testing = not port
        words = "Sent. The instrument sounds by itself." if port else "Playing a chord..."
        self.heard.setText(words)
        self._player.test_sound()

    @Slot(float)
    def _on_level(self, level: float) -> None:
        self.meter.show_level(level)
        if self._testing and level > _HEARD:
            self._testing = False
            self.heard.setText("The program makes sound. If you heard nothing, look at the system's volume.")

    @Slot()
    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.report())


def _survey(soundfonts: tuple[Path, ...], try_device: bool, _report: Report, _cancel: CancelToken) -> Machine:
    return survey(soundfonts, try_device)
