"""Joins the player's outputs with what a person is told and asked: losses, SoundFonts, the sound doctor."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget

from musicgen_app.audio.outputs import CHOOSE_SOUNDFONT, SOUNDFONT, OutputChoice
from musicgen_app.audio.soundfont import probe
from musicgen_app.core.progress import CancelToken, Report
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.jobs import Job
from musicgen_app.ui.messages import Message, Messages
from musicgen_app.ui.output_loss import Loss
from musicgen_app.ui.player import Player
from musicgen_app.ui.settings import Settings
from musicgen_app.ui.sound_doctor import SoundDoctor
from musicgen_app.ui.theme import Theme

_FILTER = "SoundFonts (*.sf2 *.sf3 *.SF2 *.SF3);;All files (*)"


class SoundDesk(QObject):
    """Remembers the chosen output, tells of outputs that are lost and offers what can be done.

    Args:
        theme: Of the sound doctor.
        icons: Of the sound doctor.
        settings: What is remembered.
        player: What plays.
        messages: Where losses are told.
        window: Over which dialogs are shown.

    Signals:
        told: Something happened, in a few words.
    """

    told = Signal(str)

    def __init__(
        self, theme: Theme, icons: Icons, settings: Settings, player: Player, messages: Messages, window: QWidget
    ) -> None:
        super().__init__(window)
        self._theme = theme
        self._icons = icons
        self._settings = settings
        self._player = player
        self._messages = messages
        self._window = window
        self._offers: dict[Message, Callable[[], None]] = {}
        self._probing: Job | None = None
        self._doctor: SoundDoctor | None = None
        player.output_lost.connect(self._on_lost)
        player.output_returned.connect(self._on_returned)
        player.output_failed.connect(self._on_failed)
        player.output_opened.connect(self._on_opened)
        messages.acted.connect(self._on_acted)

    def restore(self) -> None:
        """Give the player what was chosen at earlier times."""
        self._player.set_volume(self._settings.volume)
        self._player.set_soundfonts(self._settings.soundfonts)
        for port, options in self._settings.port_options.items():
            self._player.set_port_options(port, options)
        if self._settings.output:
            self._player.choose_output(self._settings.output)

    def outputs(self) -> list[OutputChoice]:
        """What can be chosen now, and the way to choose a SoundFont."""
        return [*self._player.outputs(), CHOOSE_SOUNDFONT]

    def choose(self, output: str) -> None:
        """Play on another output, and remember it; `CHOOSE_SOUNDFONT` asks for a file."""
        if output == CHOOSE_SOUNDFONT.id:
            self.ask_soundfont()
            return
        self._settings.output = output
        self._player.choose_output(output)

    def ask_soundfont(self) -> None:
        """Ask for a SoundFont; it is tried in a process of its own before it is played on."""
        over = QApplication.activeModalWidget() or self._window
        start = str(self._settings.folder("soundfont"))
        chosen, _ = QFileDialog.getOpenFileName(over, "Choose a SoundFont", start, _FILTER)
        if chosen and self._probing is None:
            path = Path(chosen)
            self._settings.set_folder("soundfont", path.parent)
            self._probing = Job(partial(_probed, path), self)
            self._probing.succeeded.connect(self._on_probed)
            self._probing.failed.connect(self._on_broken)
            self._probing.start()
            self.told.emit(f"Trying {path.name}")

    def show_doctor(self) -> None:
        """Show the sound doctor beside the window."""
        if self._doctor is None:
            self._doctor = SoundDoctor(self._theme, self._icons, self._settings, self._player, self._window)
            self._doctor.output_chosen.connect(self.choose)
            self._doctor.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            self._doctor.destroyed.connect(self._on_doctor_gone)
        self._doctor.show()
        self._doctor.raise_()

    def shutdown(self) -> None:
        """Wait for what runs."""
        if self._doctor is not None:
            self._doctor.close()
        if self._probing is not None:
            self._probing.wait()

    @Slot(object)
    def _on_lost(self, loss: Loss) -> None:
        best = loss.next_best
        stopped = "The music has stopped. " if loss.playing else ""
        if best is None:
            words = f"{stopped}Nothing else here can sound; the sound doctor says what to do."
            self._offer(Message(loss.sentence, words, action="Sound doctor", kind="warn"), self.show_doctor)
            return
        again = best == loss.output
        words = f"{stopped}{'It may be there again by now.' if again else f'{best.name} can play instead.'}"
        message = Message(loss.sentence, words, action="Try again" if again else "Use it", kind="warn")
        self._offer(message, partial(self._turn_to, best.id, loss.playing))

    @Slot(object)
    def _on_returned(self, port: OutputChoice) -> None:
        self._take_back()
        if self._player.output == port.id:
            self.told.emit(f"{port.name} is back and plays again")
        else:
            message = Message(f"{port.name} is back.", "It was chosen before.", action="Use it", kind="accent")
            self._offer(message, partial(self._turn_to, port.id, False))

    @Slot(str)
    def _on_failed(self, sentence: str) -> None:
        message = Message(sentence, "Help > Sound doctor says more.", action="Sound doctor", kind="warn")
        self._offer(message, self.show_doctor)

    @Slot()
    def _on_opened(self) -> None:
        for message in [message for message in self._offers if message.action == "Try again"]:
            del self._offers[message]
            self._messages.take_back(message)

    @Slot(object)
    def _on_acted(self, message: Message) -> None:
        act = self._offers.pop(message, None)
        if act is not None:
            act()

    @Slot(object)
    def _on_probed(self, path: Path) -> None:
        self._end_probing()
        self._settings.add_soundfont(path)
        self._player.set_soundfonts(self._settings.soundfonts)
        self.choose(f"{SOUNDFONT}:{path}")
        self.told.emit(f"{path.name} plays now")

    @Slot(object)
    def _on_broken(self, error: Exception) -> None:
        self._end_probing()
        self._messages.show_error(error)

    @Slot()
    def _on_doctor_gone(self) -> None:
        self._doctor = None

    def _end_probing(self) -> None:
        job, self._probing = self._probing, None
        if job is not None:
            job.wait()
            job.deleteLater()

    def _turn_to(self, output: str, play: bool) -> None:
        self._player.choose_output(output)
        if play:
            self._player.play()

    def _offer(self, message: Message, act: Callable[[], None]) -> None:
        self._offers[message] = act
        self._messages.show_message(message)

    def _take_back(self) -> None:
        for message in self._offers:
            self._messages.take_back(message)
        self._offers.clear()


def _probed(path: Path, _report: Report, _cancel: CancelToken) -> Path:
    probe(path)
    return path
