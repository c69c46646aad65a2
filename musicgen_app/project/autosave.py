"""Unsaved edits survive the death of the program: each is on disk before the next can be made."""

import contextlib
import io
import json
import logging
import os
import threading
import zipfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from musicgen_app.core.asides import CONTROL_DTYPE, Aside, Marker
from musicgen_app.core.errors import MusicgenError, ProjectError
from musicgen_app.core.score import NOTE_DTYPE, PEDAL_DTYPE, TEMPO_DTYPE, KeySignature, Score, TimeSignature, Track
from musicgen_app.project.document import Project

_log = logging.getLogger(__name__)

AT_ONCE_NOTES = 20_000
"""Scores up to this size are written before ``note_edit`` returns (about a millisecond); larger ones in a thread."""

_FOLDER = "recovery"
_FILE = "score.npz"
_MOST_BYTES = 2_000_000_000
_VERSION = 1
_COLUMNS = {"notes": NOTE_DTYPE, "pedals": PEDAL_DTYPE, "tempos": TEMPO_DTYPE, "controls": CONTROL_DTYPE}


@dataclass(frozen=True, slots=True)
class Recovery:
    """Unsaved edits that were found.

    Attributes:
        score: The score after the last edit.
        take: The take that was being edited; None for the project's own score.
        made: When the last edit was made, as ISO 8601.
    """

    score: Score
    take: int | None
    made: str


@dataclass(frozen=True, slots=True)
class _Edit:
    number: int
    score: Score
    take: int | None
    made: str


class Autosave:
    """Keeps the newest state of the open score beside the project.

    The file is written without waiting for the disk, then flushed to it in the background: the death of the program
    costs nothing, the loss of power at most the last moment. It holds the exact arrays in NumPy's own format
    (with a checksum; no pickle), because writing MIDI would take seconds for a long piece.

    Args:
        folder: The project's folder.
        failed: Called once, from whatever thread, when edits can no longer be kept (the disk is full).
        now: The clock.
    """

    def __init__(
        self,
        folder: Path,
        failed: Callable[[MusicgenError], None] | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._folder = folder / _FOLDER
        self._failed = failed
        self._now = now
        self._changed = threading.Condition()
        self._number = 0
        self._written = 0
        self._flushed = 0
        self._waiting: _Edit | None = None
        self._closing = False
        self._told = False
        self._thread: threading.Thread | None = None

    def note_edit(self, score: Score, take: int | None = None) -> None:
        """Keep the score as it is after an edit. Never raises: an edit must not fail for want of a copy."""
        with self._changed:
            self._number += 1
            edit = _Edit(self._number, score, take, self._now().isoformat(timespec="seconds"))
            large = len(score.notes) > AT_ONCE_NOTES
            self._waiting = edit if large else None
        if not large:
            self._write(edit, flush=False)
        self._wake()

    def clear(self) -> None:
        """Forget the edits: they were saved, or given up."""
        with self._changed:
            self._waiting = None
            self._number += 1
            self._written = self._flushed = self._number
            for stale in (self._folder / _FILE, *self._folder.glob("*.part")):
                with contextlib.suppress(OSError):
                    stale.unlink(missing_ok=True)

    def close(self) -> None:
        """Finish what is being written and end the thread."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self._closing = False

    def _wake(self) -> None:
        with self._changed:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="autosave", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._flushed < self._written or self._closing)
                edit, self._waiting = self._waiting, None
                if edit is None and self._flushed >= self._written:
                    return
                number = self._written
            if edit is not None:
                self._write(edit, flush=True)
            else:
                self._flush()
                with self._changed:
                    self._flushed = max(self._flushed, number)

    def _write(self, edit: _Edit, flush: bool) -> None:
        """Write one state, unless a newer one has been written meanwhile."""
        temporary = self._folder / f"{edit.number}-{os.getpid()}.part"
        try:
            content = _packed(edit)
            self._folder.mkdir(parents=True, exist_ok=True)
            with temporary.open("wb") as file:
                if file.write(content) != len(content):
                    raise OSError("not everything could be written")
                file.flush()
                if flush:
                    os.fsync(file.fileno())
            with self._changed:
                if edit.number > self._written:
                    temporary.replace(self._folder / _FILE)
                    self._written = edit.number
                    if flush:
                        self._flushed = edit.number
            temporary.unlink(missing_ok=True)
        except OSError as error:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
            self._tell(error)

    def _flush(self) -> None:
        # The file may have been cleared or replaced since; then there is nothing to wait for.
        with contextlib.suppress(OSError), (self._folder / _FILE).open("rb+") as file:
            os.fsync(file.fileno())

    def _tell(self, error: OSError) -> None:
        _log.warning("Unsaved edits cannot be kept: %s", error)
        with self._changed:
            told, self._told = self._told, True
        if self._failed is not None and not told:
            reason = error.strerror or str(error)
            self._failed(
                ProjectError(
                    f"Unsaved edits can no longer be kept safe: {reason}.", "Save the project, and free some space."
                )
            )


def pending(project: Project) -> Recovery | None:
    """The unsaved edits left by a program that died, or None where there are none.

    Edits that are the same as what was saved are nothing to recover.
    """
    path = project.folder / _FOLDER / _FILE
    try:
        if path.stat().st_size > _MOST_BYTES:
            return None
        found = _unpacked(path.read_bytes())
    except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        if path.exists():
            _log.warning("What was kept of unsaved edits cannot be read: %s", error)
        return None
    try:
        saved = project.score() if project.current_take == found.take else None
    except MusicgenError:
        saved = None
    return None if saved == found.score else found


def _packed(edit: _Edit) -> bytes:
    score = edit.score
    facts = {
        "version": _VERSION,
        "take": edit.take,
        "made": edit.made,
        "ticks_per_beat": score.ticks_per_beat,
        "tracks": [asdict(track) for track in score.tracks],
        "time_signatures": [asdict(signature) for signature in score.time_signatures],
        "key_signatures": [asdict(signature) for signature in score.key_signatures],
        "markers": [asdict(marker) for marker in score.markers],
        "asides": [{**asdict(aside), "content": aside.content.decode("latin-1")} for aside in score.asides],
    }
    encoded = np.frombuffer(json.dumps(facts).encode(), dtype=np.uint8)
    out = io.BytesIO()
    columns = {name: getattr(score, name) for name in _COLUMNS}
    np.savez(out, facts=encoded, **columns)
    return out.getvalue()


def _unpacked(content: bytes) -> Recovery:
    """What ``_packed`` made.

    Raises:
        EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile: It is damaged.
    """
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        facts = json.loads(arrays["facts"].tobytes())
        # Edits kept by a program of an earlier version have no controls.
        columns = {name: arrays[name] for name in _COLUMNS if name != "controls" or name in arrays}
    if facts["version"] != _VERSION:
        raise ValueError("written by another version")
    for name, column in columns.items():
        if column.dtype != _COLUMNS[name] or column.ndim != 1:
            raise ValueError(f"{name} of another kind")
    score = Score(
        **columns,
        time_signatures=tuple(TimeSignature(**signature) for signature in facts["time_signatures"]),
        key_signatures=tuple(KeySignature(**signature) for signature in facts["key_signatures"]),
        tracks=tuple(Track(**track) for track in facts["tracks"]),
        ticks_per_beat=facts["ticks_per_beat"],
        markers=tuple(Marker(**marker) for marker in facts.get("markers", ())),
        asides=tuple(
            Aside(**{**aside, "content": aside["content"].encode("latin-1")}) for aside in facts.get("asides", ())
        ),
    )
    take = facts["take"]
    if take is not None and not isinstance(take, int):
        raise ValueError("a take that is no number")
    return Recovery(score, take, str(facts["made"]))
