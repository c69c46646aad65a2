"""The MIDI keyboard that is played on: found, opened, missed when it is gone, taken up again when it is back."""

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from musicgen_app.audio.inputs import InputList, Keyboard, Receive
from musicgen_app.audio.performance import Performance
from musicgen_app.audio.ports import is_silent
from musicgen_app.audio.systems import midi_api
from musicgen_app.core.errors import AudioError
from musicgen_app.ui.player import Player

AUTOMATIC, NONE = "auto", "none"
_PORT = "port:"
_WATCH_MS = 1500


class Closable(Protocol):
    """An open keyboard."""

    def close(self) -> None:
        """Let go of it."""


Opener = Callable[[str, Receive], Closable]
Lister = Callable[[], tuple[str, ...]]


class Keyboards(QObject):
    """Keeps one keyboard open: the chosen one, or the only one there is.

    Args:
        player: Makes its sound.
        parent: Qt's owner; it calls `close` before it goes.
        lister: Names of the keyboards; rtmidi's by default.
        opener: How a keyboard is opened.

    Attributes:
        performance: Where its messages go.

    Signals:
        played: A message, some time after it was heard.
        chosen_changed: The id of what was chosen now: `AUTOMATIC`, `NONE` or "port:" and a name.
        open_changed: The name of the keyboard that is played on now; empty for none.
        list_changed: One was plugged in or pulled out.
        through_changed: Whether what is played is heard here.
        told: A sentence: what became of the keyboard.
    """

    played = Signal(object)
    chosen_changed = Signal(str)
    open_changed = Signal(str)
    list_changed = Signal()
    through_changed = Signal(bool)
    told = Signal(str)

    def __init__(
        self,
        player: Player,
        parent: QObject | None = None,
        lister: Lister | None = None,
        opener: Opener = Keyboard,
    ) -> None:
        super().__init__(parent)
        self._player = player
        self.performance = Performance(player.engine)
        self._inputs = InputList()
        self._lister = lister or self._names_here
        self._opener = opener
        self._chosen = AUTOMATIC
        self._names: tuple[str, ...] = ()
        self._keyboard: Closable | None = None
        self._open = ""
        self._missed = ""
        self._refused = ""
        self._watch = QTimer(self)
        self._watch.setInterval(_WATCH_MS)
        self._watch.timeout.connect(self.look)

    @property
    def chosen(self) -> str:
        """The id of what was chosen."""
        return self._chosen

    @property
    def open(self) -> str:
        """The name of the keyboard that is played on; empty for none."""
        return self._open

    @property
    def names(self) -> tuple[str, ...]:
        """The keyboards that were there when somebody looked last."""
        return self._names

    def choices(self) -> list[tuple[str, str]]:
        """What can be chosen, as ids and words, of what `look` found."""
        one = f"By itself ({self._open})" if self._open and self._chosen == AUTOMATIC else "By itself"
        found = [(AUTOMATIC, one), (NONE, "No keyboard")]
        found += [(_PORT + name, f"{name} (never plays)" if is_silent(name) else name) for name in self._names]
        if self._chosen not in [choice for choice, _ in found]:
            found.append((self._chosen, f"{self._chosen.removeprefix(_PORT)} (not there)"))
        return found

    def start(self, chosen: str = AUTOMATIC) -> None:
        """Look for keyboards from now on."""
        self._chosen = chosen or AUTOMATIC
        self._watch.start()
        self.look()

    def choose(self, chosen: str) -> None:
        """Play on another keyboard, on the only one there is, or on none."""
        if chosen != self._chosen:
            self._chosen = chosen
            self._missed = self._refused = ""
            self.chosen_changed.emit(chosen)
            self.look()

    def set_through(self, through: bool) -> None:
        """Let what is played be heard here, or not: many keyboards have a sound of their own."""
        if through != self.performance.through:
            self.performance.through = through
            self.through_changed.emit(through)

    @Slot()
    def look(self) -> None:
        """Notice what was plugged in or pulled out, and open what shall be open."""
        names = self._lister()
        if names != self._names:
            self._names, self._refused = names, ""
            self.list_changed.emit()
        wanted = self._wanted()
        if self._open and self._open != wanted:
            gone = self._open not in names
            self._missed = self._open if gone else ""
            self._let_go()
            if gone:
                self.told.emit(f"The keyboard {self._missed} is gone. It plays again as soon as it is back.")
        if wanted and not self._open and wanted != self._refused:
            self._take(wanted)

    def close(self) -> None:
        """Let go of everything."""
        self._watch.stop()
        if self._open:
            self._let_go()
        self._inputs.close()

    def _wanted(self) -> str:
        """The name of the keyboard that shall be open; empty for none."""
        if self._chosen != AUTOMATIC:
            name = self._chosen.removeprefix(_PORT)
            return name if name in self._names and self._chosen != NONE else ""
        real = [name for name in self._names if not is_silent(name)]
        if self._open in real:
            return self._open
        if self._missed in real:
            return self._missed
        return real[0] if len(real) == 1 else ""

    def _take(self, name: str) -> None:
        try:
            self._keyboard = self._opener(name, self._receive)
        except AudioError as error:
            self._refused = name
            self.told.emit(str(error))
            return
        self._open = name
        self._player.get_ready()
        back, self._missed = self._missed == name, ""
        self.told.emit(f"The keyboard {name} is back" if back else f"You can play on {name}")
        self.open_changed.emit(name)

    def _let_go(self) -> None:
        keyboard, self._keyboard = self._keyboard, None
        if keyboard is not None:
            keyboard.close()
        self._open = ""
        self.performance.let_go()
        self.open_changed.emit("")

    def _receive(self, message: bytes, at: float) -> None:
        """In the thread of the MIDI system."""
        self.performance.hear(message, at)
        self.played.emit(message)

    def _names_here(self) -> tuple[str, ...]:
        if midi_api() is None:
            # Asking a system that is not there makes it complain.
            self._inputs.close()
            return ()
        return self._inputs.names()
