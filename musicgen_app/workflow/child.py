"""Runs a verb in a process of its own and passes on what it reports.

The window never imports TensorFlow, never stalls on it, and outlives its death. The worker prints one JSON object a
line; orders ("pause", "resume", "keep", "end_epoch", "cancel") go the other way. A worker whose parent is gone reads
the end of its input and stops by itself.
"""

import contextlib
import os
import queue
import re
import subprocess
import sys
import threading
import time
from collections import deque
from typing import IO, Any

from musicgen_app.core import errors
from musicgen_app.core.errors import Cancelled, MusicgenError
from musicgen_app.core.progress import CancelToken, Report
from musicgen_app.ml.control import TrainControl
from musicgen_app.workflow.wire import Failed, Finished, Stopped, from_line, to_line

STOP_SECONDS = 2.2
"""A worker that was told to stop is killed after this time; what is on its disk is consistent at any moment."""

_LOOK_SECONDS = 0.05
_LAST_WORDS = 40
_OUT_OF_MEMORY = (-9, -6)
"""Killed by the system, or given up by itself: what a process without memory dies of."""
_NOISE = re.compile(r"[IWE]\d{4} |WARNING: All log messages before absl")
"""What TensorFlow says to the error stream on a good day."""


class WorkerError(MusicgenError):
    """A worker died, or failed in a way nobody foresaw.

    Attributes:
        details: What it wrote last, for whoever wants to find out why; may be empty.
    """

    def __init__(self, message: str, hint: str = "", details: str = "") -> None:
        super().__init__(message, hint)
        self.details = details


def run_in_child(verb: str, request: object, report: Report, control: CancelToken) -> Any:
    """Run a verb in a child process and return its result.

    Reports arrive in the calling thread. Being cancelled, a listener that raises and the death of the worker all end
    with the child process gone, in less than three seconds.

    Args:
        verb: One of ``musicgen_app.worker.VERBS``, "train" for example.
        request: What the verb takes: a value that can be sent as a line.
        report: Told what the worker reports.
        control: A ``TrainControl`` may also pause, and ask for an early end.

    Raises:
        Cancelled: Stopped on request.
        MusicgenError: What the verb raises; ``WorkerError`` where the worker died.
    """
    child = _Child(verb)
    try:
        child.send(to_line(request))
        return child.supervise(report, control)
    finally:
        child.end()


class _Child:
    """A worker process, and the threads that read its two streams."""

    def __init__(self, verb: str) -> None:
        self._verb = verb
        self._deadline = float("inf")
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "musicgen_app.worker", verb],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={**os.environ, "PYTHONUTF8": "1"},
                # Ctrl+C in a terminal is for the parent alone, which then stops the worker in good order.
                start_new_session=True,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            raise WorkerError("The program could not start a process of its own.", str(error)) from error
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._last_words: deque[str] = deque(maxlen=_LAST_WORDS)
        self._readers = [
            threading.Thread(target=self._read_lines, args=(self._process.stdout,), daemon=True),
            threading.Thread(target=self._read_words, args=(self._process.stderr,), daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    def send(self, line: str) -> None:
        """Write a line to the worker; one that is dead does not hear it."""
        stdin = self._process.stdin
        if stdin is None or stdin.closed:
            return
        try:
            stdin.write(line.encode() + b"\n")
            stdin.flush()
        except OSError:
            return  # its last line, or the lack of one, tells more than a broken pipe

    def supervise(self, report: Report, control: CancelToken) -> Any:
        """Pass reports on until the worker says its last word."""
        steering = Steering(control)
        while True:
            for order in steering.orders():
                self.send(order)
                if order == "cancel":
                    self._deadline = time.monotonic() + STOP_SECONDS
            left = self._deadline - time.monotonic()
            if left <= 0:
                raise Cancelled
            try:
                line = self._lines.get(timeout=min(_LOOK_SECONDS, left))
            except queue.Empty:
                continue
            if line is None:
                control.check()
                raise self._death()
            value = from_line(line)
            if isinstance(value, Finished | Stopped | Failed):
                return ended(value)
            report(value)

    def end(self) -> None:
        """See to it that the process is gone and has been waited for."""
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):  # it was full, and nobody reads any more
                self._process.stdin.close()
        try:
            self._process.wait(max(0.0, min(STOP_SECONDS, self._deadline - time.monotonic())))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for reader in self._readers:
            reader.join(1.0)
        for stream, reader in zip((self._process.stdout, self._process.stderr), self._readers, strict=True):
            if stream is not None and not reader.is_alive():
                stream.close()

    def _death(self) -> WorkerError:
        code = self._process.wait()
        self._readers[1].join(1.0)
        hint = "Try it again; if it happens every time, the details say where."
        if code in _OUT_OF_MEMORY:
            hint = "The computer may have run out of memory: close other programs, or choose smaller settings."
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        return WorkerError(
            f"The process that was to {self._verb} ended unexpectedly ({how}).", hint, "\n".join(self._last_words)
        )

    def _read_lines(self, stream: IO[bytes]) -> None:
        for line in stream:
            self._lines.put(line.decode("utf-8", "replace"))
        self._lines.put(None)

    def _read_words(self, stream: IO[bytes]) -> None:
        for line in stream:
            words = line.decode("utf-8", "replace").rstrip()
            if words and not _NOISE.match(words):
                self._last_words.append(words)


class Steering:
    """Turns the changes of a control into orders."""

    def __init__(self, control: CancelToken) -> None:
        self._control = control
        self._paused = self._kept = self._ends = self._cancelled = False

    def orders(self) -> list[str]:
        """What has to be said since the last look."""
        orders = []
        if isinstance(self._control, TrainControl):
            if self._control.paused != self._paused:
                self._paused = not self._paused
                orders.append("pause" if self._paused else "resume")
            if self._control.keep_asked and not self._kept:
                self._kept = True
                orders.append("keep")
            if self._control.epoch_end_asked and not self._ends:
                self._ends = True
                orders.append("end_epoch")
        if self._control.cancelled and not self._cancelled:
            self._cancelled = True
            orders.append("cancel")
        return orders


def ended(last: Finished | Stopped | Failed) -> Any:
    """The result that the last line of a worker tells of.

    Raises:
        Cancelled: It was stopped.
        MusicgenError: It failed.
    """
    if isinstance(last, Finished):
        return last.result
    if isinstance(last, Stopped):
        raise Cancelled
    raise _error(last)


def _error(failed: Failed) -> MusicgenError:
    """The error a worker told of, as the class it was."""
    kind = getattr(errors, failed.kind, None)
    if failed.details or not (isinstance(kind, type) and issubclass(kind, MusicgenError)):
        return WorkerError(failed.message, failed.hint, failed.details)
    return kind(failed.message, failed.hint)
