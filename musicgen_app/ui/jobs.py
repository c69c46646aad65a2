"""The only place that starts a thread for work: a Job runs a task and tells the window what happens."""

import logging
import threading
import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QThread, Signal

from musicgen_app.core.errors import Cancelled, MusicgenError
from musicgen_app.core.progress import CancelToken, Progress, Report

_log = logging.getLogger(__name__)

REPORTS_A_SECOND = 30
"""At most so many reports of one thinned kind reach the window; the eye sees no more."""

Task = Callable[[Report, CancelToken], object]


class Thinner:
    """Lets frequent reports through at a bounded rate; the newest one held back is never lost, only late.

    A report of another kind, and the end, first let out what is held back, so the order stays true.
    """

    def __init__(
        self, emit: Report, kinds: tuple[type, ...], now: Callable[[], float] = time.monotonic, rate: float = 30.0
    ) -> None:
        self._emit = emit
        self._kinds = kinds
        self._now = now
        self._interval = 1.0 / rate
        self._lock = threading.Lock()
        self._held: dict[type, object] = {}
        self._last: dict[type, float] = {}

    def __call__(self, report: object) -> None:
        """Pass a report on, now or with the next one that passes."""
        with self._lock:
            if not isinstance(report, self._kinds):
                self._let_out()
                self._emit(report)
                return
            kind = type(report)
            now = self._now()
            if now - self._last.get(kind, -self._interval) < self._interval:
                self._held[kind] = report
                return
            self._last[kind] = now
            self._held.pop(kind, None)
            self._let_out()
            self._emit(report)

    def flush(self) -> None:
        """Pass on what is held back."""
        with self._lock:
            self._let_out()

    def _let_out(self) -> None:
        held, self._held = self._held, {}
        for report in held.values():
            self._emit(report)


class Job(QThread):
    """One piece of work in a thread of its own.

    Exactly one of ``succeeded``, ``failed`` and ``cancelled`` is emitted, after the last ``progressed``. Connect only
    methods of QObjects that live in the window: a lambda would run in the worker thread. Whoever owns a job calls
    ``cancel()`` and ``wait()`` before going away.

    Args:
        task: The work: ``task(report, token) -> result``.
        parent: The owner in the window.
        token: What ``cancel()`` sets; a task that needs more than stopping brings a richer one.
        thinned: Kinds of reports that come often and replace each other; at most about 30 a second pass.
    """

    progressed = Signal(object)
    succeeded = Signal(object)
    failed = Signal(object)
    cancelled = Signal()

    def __init__(
        self,
        task: Task,
        parent: QObject | None,
        token: CancelToken | None = None,
        thinned: tuple[type, ...] = (Progress,),
    ) -> None:
        super().__init__(parent)
        self._task: Task | None = task
        self.token = token if token is not None else CancelToken()
        self._thinner = Thinner(self.progressed.emit, thinned, rate=REPORTS_A_SECOND)

    def cancel(self) -> None:
        """Ask the work to stop; ``cancelled`` follows when it has."""
        self.token.cancel()

    def run(self) -> None:
        """Do the work (called by Qt in the new thread)."""
        task, self._task = self._task, None
        if task is None:
            return
        try:
            result = task(self._thinner, self.token)
        except Cancelled:
            self._thinner.flush()
            self.cancelled.emit()
        except MusicgenError as error:
            self._thinner.flush()
            self.failed.emit(error)
        except Exception as error:  # noqa: BLE001 (the boundary: no thread dies without a word)
            _log.exception("A job ended unexpectedly.")
            self._thinner.flush()
            self.failed.emit(unexpected(error))
        else:
            self._thinner.flush()
            self.succeeded.emit(result)


def unexpected(error: Exception) -> MusicgenError:
    """An error of the family that stands for one nobody foresaw; the original is its ``__cause__``."""
    if isinstance(error, MemoryError):
        sentence = MusicgenError("There was not enough memory.", "Close other programs, or choose smaller settings.")
    else:
        told = str(error) or type(error).__name__
        sentence = MusicgenError(f"Something unexpected happened: {told}", "The details are in the log.")
    sentence.__cause__ = error
    return sentence
