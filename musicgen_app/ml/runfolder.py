"""The folder of a run: its description, its table of losses, its checkpoints, its training states."""

import contextlib
import csv
import io
import json
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from musicgen_app.core.errors import FileWriteError, TrainingError
from musicgen_app.core.files import sweep_unfinished, write_atomically

RUN_FILE = "run.json"
LOSSES_FILE = "losses.csv"
MODEL_FILE = "model.safetensors"
LAST_MODEL_FILE = "last.safetensors"
START_MODEL_FILE = "start.safetensors"
STATE_FOLDER = "state"
LOCK_FILE = ".lock"
HELD_OUT_FILE = "held_out.json"
RUN_VERSION = 1

_PATIENCE_SECONDS = 0.5
_LOOK_SECONDS = 0.02


class RunFolder:
    """Where one training writes. Everything in it is either complete or mended at the next start."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.model = folder / MODEL_FILE
        self.last_model = folder / LAST_MODEL_FILE
        self.start_model = folder / START_MODEL_FILE
        self.states = folder / STATE_FOLDER
        self._losses = folder / LOSSES_FILE
        self._run = folder / RUN_FILE

    @property
    def begun(self) -> bool:
        """Whether a training has ever written here."""
        return self._run.is_file()

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Be the only one who trains this run; the system lifts the lock even when this process is killed.

        Raises:
            TrainingError: Another process trains it, or the folder cannot be made.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            file = (self.folder / LOCK_FILE).open("ab")
        except OSError as error:
            raise TrainingError(
                f"The folder {self.folder} cannot be written to: {error.strerror}.", "Choose another folder."
            ) from error
        with file:
            # Whoever looks whether a run is being trained holds its lock for that moment.
            until = time.monotonic() + _PATIENCE_SECONDS
            while not (ours := lock_file(file)) and time.monotonic() < until:
                time.sleep(_LOOK_SECONDS)
            if not ours:
                raise TrainingError(
                    f"The run {self.folder.name} is being trained by another process.",
                    "Wait until it has ended, or choose another folder.",
                )
            yield

    def sweep(self) -> None:
        """Delete what a killed writer left. Only with the lock held."""
        sweep_unfinished(self.folder, older_than_sec=0.0)

    def describe(self, values: Mapping[str, Any]) -> None:
        """Write ``run.json``.

        Raises:
            FileWriteError: The disk is full or not writable.
        """
        text = json.dumps({"version": RUN_VERSION, **values}, indent=1, ensure_ascii=False, allow_nan=False)
        write_atomically(self._run, (text + "\n").encode())

    def description(self) -> dict[str, Any]:
        """What ``run.json`` holds.

        Raises:
            TrainingError: It is not there, or damaged, or of a newer version.
        """
        try:
            values = json.loads(self._run.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise TrainingError(f"The run {self.folder.name} cannot be read.", "Start a new one.") from error
        if not isinstance(values, dict) or values.get("version") != RUN_VERSION:
            raise TrainingError(f"The run {self.folder.name} was made by another version.", "Start a new one.")
        return values

    def write_held_out(self, values: Mapping[str, Any]) -> None:
        """Write how well the validation pieces were foretold at the best epoch.

        Raises:
            FileWriteError: The disk is full or not writable.
        """
        text = json.dumps({"version": RUN_VERSION, **values}, indent=1, allow_nan=False)
        write_atomically(self.folder / HELD_OUT_FILE, (text + "\n").encode())

    def held_out(self, epoch: int) -> dict[str, Any] | None:
        """What ``write_held_out`` wrote at an epoch; None where it did not."""
        try:
            values = json.loads((self.folder / HELD_OUT_FILE).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return values if isinstance(values, dict) and values.get("epoch") == epoch else None

    def append_losses(self, row: Sequence[float | int | None]) -> None:
        """Add a row to ``losses.csv``, all the way to the disk; None becomes an empty cell.

        Raises:
            FileWriteError: The disk is full or not writable.
        """
        try:
            with self._losses.open("ab") as file:
                file.write(_csv_line(row))
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise FileWriteError(
                f"The losses of the run could not be written: {error.strerror}.", "Free some space on that disk."
            ) from error

    def cut_losses(self, header: Sequence[str], epochs: int) -> None:
        """Leave the rows of the first ``epochs`` epochs in ``losses.csv``; begin it where there is none.

        Raises:
            FileWriteError: The disk is full or not writable.
        """
        kept = [_csv_line(header)]
        if self._losses.is_file():
            lines = self._losses.read_bytes().splitlines(keepends=True)[1:]
            whole = [line for line in lines if line.endswith(b"\n") and line.count(b",") == len(header) - 1]
            for line in whole:
                if line.split(b",")[0] == str(len(kept)).encode() and len(kept) <= epochs:
                    kept.append(line)
        write_atomically(self._losses, b"".join(kept))


def is_trained(folder: Path) -> bool:
    """Whether a process trains the run in a folder at this moment."""
    try:
        with (folder / LOCK_FILE).open("r+b") as file:
            return not lock_file(file)
    except OSError:
        return False


def _csv_line(row: Sequence[object]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(["" if cell is None else cell for cell in row])
    return out.getvalue().encode()


def lock_file(file: BinaryIO) -> bool:
    """Take the lock of an open file for this process; False where another holds it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
