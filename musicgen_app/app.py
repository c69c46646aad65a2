"""The window's door: builds everything, joins it, and runs until the window is closed."""

import argparse
import gc
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QEvent, QObject, QSocketNotifier, Qt, QTimer, Signal
from PySide6.QtGui import QFileOpenEvent, QGuiApplication, QIcon
from PySide6.QtWidgets import QApplication

import musicgen_app
from musicgen_app import environment
from musicgen_app.ui.actions import KeyGuard
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.main_window import NAME, MainWindow
from musicgen_app.ui.settings import Settings
from musicgen_app.ui.theme import Theme
from musicgen_app.ui.window_actions import WindowActions

_log = logging.getLogger(__name__)

_SETTLED_MS = 1500
"""So long after the start the project is open and the first tab is drawn."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Show the window and return the exit code when it is closed.

    Args:
        arguments: As typed behind the program's name.
    """
    given = _parser().parse_args(sys.argv[1:] if arguments is None else list(arguments))
    if not _has_display():
        sys.stderr.write("musicgen: there is no display to open a window on; `musicgen demo` works without one.\n")
        return 1
    log = environment.start_log()
    _log.info("%s %s starts.", NAME, musicgen_app.__version__)
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    app = QApplication([NAME])
    app.setApplicationName(NAME)
    app.setApplicationVersion(musicgen_app.__version__)
    app.setDesktopFileName("musicgen")
    window = build(app, log)
    catcher = Catcher(window)
    catcher.caught.connect(window.messages.show_error)
    catcher.install()
    openers = FileOpener(window)
    app.installEventFilter(openers)
    stopper = Stopper(window)
    window.show()
    QTimer.singleShot(0, window, lambda: window.start(given.project or given.path))
    QTimer.singleShot(_SETTLED_MS, window, settle)
    code = app.exec()
    stopper.close()
    app.removeEventFilter(openers)
    catcher.uninstall()
    _log.info("%s ends.", NAME)
    return code


def build(app: QApplication, log: Path | None = None, settings: Settings | None = None) -> MainWindow:
    """Make the window with all its parts; nothing is shown and no project is open yet.

    Args:
        app: The program.
        log: Where the log is written.
        settings: What is remembered; the user's own where None.
    """
    remembered = settings if settings is not None else Settings()
    theme = Theme(app)
    theme.set_mode(remembered.theme_mode)
    theme.apply_to(app)
    icons = Icons(theme, app)
    window = MainWindow(theme, icons, remembered)
    remembered.restore_window(window)
    app.setWindowIcon(QIcon(icons.pixmap("piano", 64, "accent")))
    WindowActions(window, log)
    KeyGuard(app, window)
    return window


def settle() -> None:
    """Spare the running program what Python would do to it in bursts; to be called when all parts stand.

    A full round of the garbage collector over the widgets and plots takes 80 ms, which is a visible stall: what exists
    now stays, and is left out of later rounds. And the sound's thread, which asks for the interpreter many times a
    block, is not to wait the usual 5 ms each time.
    """
    gc.freeze()
    sys.setswitchinterval(0.001)


class Catcher(QObject):
    """Writes what nobody foresaw into the log and tells the window, from whatever thread it comes."""

    caught = Signal(object)

    def install(self) -> None:
        """Catch from now on."""
        sys.excepthook = self._catch
        threading.excepthook = self._catch_in_thread

    def uninstall(self) -> None:
        """Leave it to Python again."""
        sys.excepthook = sys.__excepthook__
        threading.excepthook = threading.__excepthook__

    def _catch(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            QApplication.quit()
            return
        _log.error("Nobody foresaw this.", exc_info=(kind, error, trace))
        self.caught.emit(error)

    def _catch_in_thread(self, caught: threading.ExceptHookArgs) -> None:
        if caught.exc_value is not None:
            self._catch(caught.exc_type, caught.exc_value, caught.exc_traceback)


class FileOpener(QObject):
    """Opens what the system asks for: a double click on a project or a MIDI file (macOS sends an event)."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FileOpen and isinstance(event, QFileOpenEvent):
            self._window.open_path(Path(event.file()))
            return True
        return False


class Stopper(QObject):
    """Ends the program in good order when the system or a terminal asks it to; nothing is asked, edits are kept."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        # Qt's loop runs in C++; the byte that Python writes for a signal wakes it, so that Python sees the signal.
        self._near, self._far = socket.socketpair()
        for end in (self._near, self._far):
            end.setblocking(False)
        self._before = signal.set_wakeup_fd(self._far.fileno(), warn_on_full_buffer=False)
        self._notifier = QSocketNotifier(self._near.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_signal)
        self._handlers = {number: signal.signal(number, self._note) for number in (signal.SIGINT, signal.SIGTERM)}
        self._asked = False

    def close(self) -> None:
        """Give the signals back."""
        self._notifier.setEnabled(False)
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._before)
        self._near.close()
        self._far.close()

    def _note(self, _number: int, _frame: object) -> None:
        self._asked = True

    def _on_signal(self) -> None:
        self._near.recv(64)
        if self._asked:
            self._asked = False
            self._window.shutdown()
            QApplication.quit()


def _has_display() -> bool:
    if sys.platform in ("win32", "darwin") or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="musicgen", description="Open the window of MusicGen Composer.")
    parser.add_argument("path", nargs="?", type=Path, help="a project's folder, or a MIDI file")
    parser.add_argument("--project", type=Path, help="the folder of the project to open")
    parser.add_argument("--version", action="version", version=f"musicgen {musicgen_app.__version__}")
    return parser


if __name__ == "__main__":
    sys.exit(main())
