"""How the command line speaks: results on stdout, everything else on stderr."""

import dataclasses
import json
import math
import sys
import time
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any, TextIO

from musicgen_app.core.errors import MusicgenError
from musicgen_app.core.progress import Progress


def plain(value: object) -> Any:
    """JSON values for a result: dataclasses become objects, paths and fractions text, numbers that are none null."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, Path | Fraction):
        return str(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def print_json(value: object) -> None:
    """Print a result for programs."""
    json.dump(plain(value), sys.stdout, ensure_ascii=False, indent=1)
    sys.stdout.write("\n")


def print_text(text: str) -> None:
    """Print a result for people."""
    sys.stdout.write(text + "\n")


def complain(error: MusicgenError) -> None:
    """Say what went wrong and what to do."""
    sys.stderr.write(f"musicgen: {error.message}\n")
    if error.hint:
        sys.stderr.write(f"  {error.hint}\n")


def duration_text(seconds: float) -> str:
    """Seconds as people say them: ``7 s``, ``3:05``, ``1:02:03``."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


class ProgressLine:
    """Shows reports of work on stderr: one line that changes on a terminal, a line every few seconds elsewhere."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._live = self._stream.isatty()
        self._interval = 0.1 if self._live else 5.0
        self._shown_at = -math.inf
        self._width = 0

    def __call__(self, report: object) -> None:
        """Show a report; kinds that say nothing to a reader are passed over."""
        if isinstance(report, Progress):
            self.status(progress_text(report))

    def status(self, text: str) -> None:
        """Show what goes on; passing, not kept."""
        now = time.monotonic()
        if now - self._shown_at < self._interval:
            return
        self._shown_at = now
        if self._live:
            self._stream.write("\r" + text[:110].ljust(self._width))
            self._width = len(text[:110])
        else:
            self._stream.write(text + "\n")
        self._stream.flush()

    def line(self, text: str) -> None:
        """Show a line that stays."""
        self.clear()
        self._stream.write(text + "\n")
        self._stream.flush()

    def clear(self) -> None:
        """Take away the changing line."""
        if self._live and self._width:
            self._stream.write("\r" + " " * self._width + "\r")
            self._width = 0


def progress_text(report: Progress) -> str:
    """A report in one line."""
    parts = [report.stage]
    if report.total:
        parts.append(f"{report.done:,} of {report.total:,}")
    if report.seconds_left is not None:
        parts.append(f"about {duration_text(report.seconds_left)} left")
    if report.item:
        parts.append(report.item)
    return ", ".join(parts)
