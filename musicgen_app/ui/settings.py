"""What the program remembers between two starts; the only place that names QSettings."""

import json
import os
from dataclasses import astuple
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QByteArray, QSettings
from PySide6.QtWidgets import QHeaderView, QMainWindow, QSplitter, QWidget

from musicgen_app import environment
from musicgen_app.audio.port_voice import PortOptions
from musicgen_app.ui.plot_chips import SMOOTHINGS
from musicgen_app.ui.theme import MODES

RECENT = 10
SOUNDFONTS = 5
"""How many are remembered."""
_W = TypeVar("_W", bound=QWidget)
_VERSION = 1


class Settings:
    """The user's preferences and the window's shape.

    Args:
        path: The file they are kept in; the user's configuration folder where None.
    """

    def __init__(self, path: Path | None = None) -> None:
        file = path if path is not None else environment.user_config_dir() / "settings.ini"
        self._store = QSettings(str(file), QSettings.Format.IniFormat)
        if self._number("version", _VERSION) > _VERSION:
            # A later program wrote it: its window shapes may mean something else to us.
            self._store.remove("window")
        self._store.setValue("version", _VERSION)

    def flush(self) -> None:
        """Write everything to the file now."""
        self._store.sync()

    @property
    def theme_mode(self) -> str:
        """``system``, ``dark`` or ``light``."""
        mode = self._text("theme", "system")
        return mode if mode in MODES else "system"

    @theme_mode.setter
    def theme_mode(self, mode: str) -> None:
        self._store.setValue("theme", mode)

    @property
    def output(self) -> str:
        """The id of the chosen sound output; empty for the default."""
        return self._text("output", "")

    @output.setter
    def output(self, output: str) -> None:
        self._store.setValue("output", output)

    @property
    def volume(self) -> float:
        """Loudness of the built-in piano, 0 to 1."""
        return min(max(self._number("volume", 80) / 100, 0.0), 1.0)

    @volume.setter
    def volume(self, volume: float) -> None:
        self._store.setValue("volume", round(volume * 100))

    @property
    def soundfonts(self) -> tuple[Path, ...]:
        """The SoundFonts that were chosen lately and are still there, newest first."""
        paths = (Path(line) for line in self._text("soundfonts", "").splitlines() if line)
        return tuple(path for path in paths if path.is_file())

    def add_soundfont(self, path: Path) -> None:
        """Put a SoundFont at the top of the list."""
        kept = [path, *(other for other in self.soundfonts if other != path)]
        self._store.setValue("soundfonts", "\n".join(map(str, kept[:SOUNDFONTS])))

    @property
    def port_options(self) -> dict[str, PortOptions]:
        """How each MIDI port is played, by its name; those that were never set are left out."""
        try:
            kept = json.loads(self._text("ports", "{}"))
            return {str(name): PortOptions(*options) for name, options in kept.items()}
        except (ValueError, TypeError, AttributeError):
            return {}

    def set_port_options(self, name: str, options: PortOptions) -> None:
        """Remember how a port is played."""
        kept = {**self.port_options, name: options}
        self._store.setValue("ports", json.dumps({port: astuple(one) for port, one in kept.items()}))

    @property
    def follow(self) -> bool:
        """Whether the roll follows the playhead."""
        return self._number("follow", 1) != 0

    @follow.setter
    def follow(self, follow: bool) -> None:
        self._store.setValue("follow", int(follow))

    @property
    def threads(self) -> int:
        """Processor threads for training; 0 leaves the choice to the program."""
        return min(max(self._number("threads", 0), 0), os.cpu_count() or 1)

    @threads.setter
    def threads(self, threads: int) -> None:
        self._store.setValue("threads", threads)

    @property
    def keys(self) -> str:
        """The keys a person has changed, as `Keymap.text` writes them."""
        return self._text("keys", "")

    @keys.setter
    def keys(self, keys: str) -> None:
        self._store.setValue("keys", keys)

    @property
    def metronome(self) -> bool:
        """Whether the metronome taps."""
        return self._number("metronome", 0) != 0

    @metronome.setter
    def metronome(self, on: bool) -> None:
        self._store.setValue("metronome", int(on))

    @property
    def metronome_volume(self) -> float:
        """How loud the metronome is, 0 to 1."""
        return min(max(self._number("metronome_volume", 60) / 100, 0.0), 1.0)

    @metronome_volume.setter
    def metronome_volume(self, volume: float) -> None:
        self._store.setValue("metronome_volume", round(volume * 100))

    @property
    def count_in(self) -> int:
        """How many bars are counted before playing; 0 for none."""
        return self._number("count_in", 0)

    @count_in.setter
    def count_in(self, bars: int) -> None:
        self._store.setValue("count_in", bars)

    @property
    def keyboard(self) -> str:
        """The id of the chosen MIDI keyboard; empty where it is found by itself."""
        return self._text("keyboard", "")

    @keyboard.setter
    def keyboard(self, keyboard: str) -> None:
        self._store.setValue("keyboard", keyboard)

    @property
    def recording(self) -> frozenset[str]:
        """What holds of recording: "replaces", "quantises", "through"."""
        return frozenset(self._text("recording", "through").split())

    @recording.setter
    def recording(self, words: frozenset[str]) -> None:
        self._store.setValue("recording", " ".join(sorted(words)))

    @property
    def lanes(self) -> tuple[str, ...]:
        """The lanes that are shown below the roll."""
        return tuple(self._text("lanes", "velocity pedal").split())

    @lanes.setter
    def lanes(self, lanes: tuple[str, ...]) -> None:
        self._store.setValue("lanes", " ".join(lanes))

    @property
    def run_columns(self) -> tuple[str, ...]:
        """Names of the columns chosen for the table of runs; empty where none were."""
        return tuple(self._text("run_columns", "").split())

    @run_columns.setter
    def run_columns(self, columns: tuple[str, ...]) -> None:
        self._store.setValue("run_columns", " ".join(columns))

    @property
    def plot_log(self) -> bool:
        """Whether losses stand on a logarithmic axis."""
        return self._number("plot_log", 0) != 0

    @plot_log.setter
    def plot_log(self, log: bool) -> None:
        self._store.setValue("plot_log", int(log))

    @property
    def plot_smooth(self) -> int:
        """Epochs of the running mean of losses; 0 for none."""
        epochs = self._number("plot_smooth", 0)
        return epochs if epochs in SMOOTHINGS else 0

    @plot_smooth.setter
    def plot_smooth(self, epochs: int) -> None:
        self._store.setValue("plot_smooth", epochs)

    @property
    def recent(self) -> tuple[Path, ...]:
        """Projects opened lately that are still there, newest first."""
        size = self._store.beginReadArray("recent")
        found = []
        for index in range(min(size, RECENT)):
            self._store.setArrayIndex(index)
            found.append(Path(self._text("folder", "")))
        self._store.endArray()
        return tuple(folder for folder in found if (folder / "project.json").is_file())

    def add_recent(self, folder: Path) -> None:
        """Put a project at the top of the list."""
        kept = [folder, *(other for other in self.recent if other != folder)]
        self._write_recent(kept[:RECENT])

    def clear_recent(self) -> None:
        """Forget the projects opened lately."""
        self._write_recent([])

    def folder(self, purpose: str) -> Path:
        """The folder used last for a purpose ("midi", "export"...), or where documents are."""
        last = Path(self._text(f"folders/{purpose}", ""))
        return last if last.is_dir() and last != Path() else environment.documents_dir()

    def set_folder(self, purpose: str, folder: Path) -> None:
        """Remember the folder used for a purpose."""
        self._store.setValue(f"folders/{purpose}", str(folder))

    def keep_window(self, window: QMainWindow) -> None:
        """Remember the window's place and size, the panes and the columns inside it."""
        self._store.setValue("window/geometry", window.saveGeometry())
        self._keep_panes(window)
        for header in _named(window, QHeaderView):
            self._store.setValue(f"window/columns/{header.objectName()}", header.saveState())

    def keep_dialog(self, dialog: QWidget, name: str) -> None:
        """Remember the place and size of a window beside the main one, and its panes."""
        self._store.setValue(f"window/{name}", dialog.saveGeometry())
        self._keep_panes(dialog)

    def restore_dialog(self, dialog: QWidget, name: str) -> None:
        """Give a window beside the main one its place, size and panes back."""
        geometry = self._bytes(f"window/{name}")
        if geometry:
            dialog.restoreGeometry(geometry)
        self._restore_panes(dialog)

    def restore_window(self, window: QMainWindow) -> None:
        """Give the window its place and size, its panes and columns back."""
        geometry = self._bytes("window/geometry")
        if geometry:
            window.restoreGeometry(geometry)
        self._restore_panes(window)
        for header in _named(window, QHeaderView):
            state = self._bytes(f"window/columns/{header.objectName()}")
            if state:
                header.restoreState(state)

    def _keep_panes(self, window: QWidget) -> None:
        for splitter in _named(window, QSplitter):
            self._store.setValue(f"window/panes/{splitter.objectName()}", splitter.saveState())
            hidden = [str(index) for index, pane in enumerate(_panes(splitter)) if pane.isHidden()]
            self._store.setValue(f"window/folded/{splitter.objectName()}", " ".join(hidden))

    def _restore_panes(self, window: QWidget) -> None:
        for splitter in _named(window, QSplitter):
            state = self._bytes(f"window/panes/{splitter.objectName()}")
            if not state:
                continue
            folded = self._text(f"window/folded/{splitter.objectName()}", "").split()
            # First who is there: a pane that is hidden forgets the size it is given.
            for index, pane in enumerate(_panes(splitter)):
                pane.setVisible(str(index) not in folded)
            splitter.restoreState(state)

    def _write_recent(self, folders: list[Path]) -> None:
        self._store.remove("recent")
        self._store.beginWriteArray("recent", len(folders))
        for index, folder in enumerate(folders):
            self._store.setArrayIndex(index)
            self._store.setValue("folder", str(folder))
        self._store.endArray()

    def _text(self, key: str, default: str) -> str:
        value = self._store.value(key, default)
        return value if isinstance(value, str) else default

    def _number(self, key: str, default: int) -> int:
        value = self._store.value(key, default)
        try:
            return int(str(value))
        except ValueError:
            return default

    def _bytes(self, key: str) -> QByteArray | None:
        value = self._store.value(key)
        return value if isinstance(value, QByteArray) else None


def _named(window: QWidget, kind: type[_W]) -> list[_W]:
    return [found for found in window.findChildren(kind) if found.objectName()]


def _panes(splitter: QSplitter) -> list[QWidget]:
    found = (splitter.widget(index) for index in range(splitter.count()))
    return [pane for pane in found if pane is not None]
