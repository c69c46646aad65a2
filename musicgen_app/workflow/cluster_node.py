"""What a node of a cluster does for a training: it is sent files, trains in a child process, tells what comes of it."""

import contextlib
import json
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from musicgen_app.core.errors import Cancelled, MusicgenError
from musicgen_app.core.files import UNFINISHED
from musicgen_app.ml.control import TrainControl
from musicgen_app.ml.runfolder import LOCK_FILE, RUN_FILE
from musicgen_app.workflow.child import run_in_child
from musicgen_app.workflow.node_folder import node_folder
from musicgen_app.workflow.train import TrainRequest
from musicgen_app.workflow.versions import check_versions
from musicgen_app.workflow.wire import Failed, Finished, Stopped, from_line, to_line

Contents = Mapping[str, bytes]
"""Files of a folder: what is in each, by its path inside it, with forward slashes."""


@dataclass(frozen=True, slots=True)
class Errand:
    """A training that is to be done on a node.

    Attributes:
        request: The request as a line, as it would be sent to a child on the machine of the queue.
        run: What is in the run's folder there.
        start: The model to start from; None for a fresh network, for a run that has begun, and where it is not there.
        versions: What is installed there.
    """

    request: str
    run: Contents
    start: bytes | None
    versions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class News:
    """What has happened on a node since it was last asked.

    Attributes:
        reports: What the training reported, as lines.
        files: New and changed files of the run's folder.
        names: All files of that folder.
    """

    reports: tuple[str, ...]
    files: Contents
    names: frozenset[str]


class NodeTraining:
    """One training on a node: ``receive``, then ``train``, which waits for its end; the rest is called meanwhile."""

    def __init__(self) -> None:
        _undo_limits()
        self._kept = contextlib.ExitStack()
        self._root = self._kept.enter_context(node_folder())
        self._run = self._root
        self._request: TrainRequest | None = None
        self._places: tuple[tuple[str, str], ...] = ()
        self._control = TrainControl()
        self._lines: list[str] = []
        self._lines_lock = threading.Lock()
        self._sent: dict[str, tuple[int, int]] = {}

    def receive(self, errand: Errand, dataset: Contents) -> None:
        """Get what is needed to train.

        Raises:
            ClusterError: This node has other versions.
        """
        check_versions(errand.versions)
        self._request = self._request_here(from_line(errand.request), errand, dataset)

    def train(self) -> str:
        """Train with what was received, and return the last line of the child."""
        try:
            result = run_in_child("train", self._request, self._listen, self._control)
            return self._told(to_line(Finished(result)))
        except Cancelled:
            return to_line(Stopped())
        except MusicgenError as error:
            details = getattr(error, "details", "")
            return self._told(to_line(Failed(type(error).__name__, error.message, error.hint, details)))

    def obey(self, order: str) -> None:
        """Steer the training: "pause", "resume", "keep", "end_epoch" or "cancel"."""
        orders = {
            "pause": self._control.pause,
            "resume": self._control.unpause,
            "keep": self._control.keep,
            "end_epoch": self._control.keep_after_epoch,
            "cancel": self._control.cancel,
        }
        orders[order]()

    def news(self) -> News:
        """What has happened since this was last asked."""
        with self._lines_lock:
            lines, self._lines = tuple(self._lines), []
        files: dict[str, bytes] = {}
        names = set()
        # States are read before all else: what is read behind them is at least as new, and a run is mended so.
        for path in sorted(files_of(self._run), key=lambda one: one.parent == self._run):
            name = path.relative_to(self._run).as_posix()
            with contextlib.suppress(FileNotFoundError):
                seen = path.stat()
                stamp = (seen.st_mtime_ns, seen.st_size)
                if self._sent.get(name) != stamp:
                    files[name] = self._content(path)
                    self._sent[name] = stamp
                names.add(name)
        return News(lines, files, frozenset(names))

    def close(self) -> None:
        """Leave nothing behind."""
        self._kept.close()

    def _request_here(self, request: TrainRequest, errand: Errand, dataset: Contents) -> TrainRequest:
        """The request with the places that its files have on this node, where they are put."""
        run, music = self._root / "runs" / request.out.name, self._root / request.dataset.name
        write_contents(music, dataset)
        write_contents(run, errand.run)
        start = request.start_from
        if errand.start is not None and start is not None:
            start = self._root / "start" / start.name
            write_contents(start.parent, {start.name: errand.start})
        pairs = ((run, request.out), (music, request.dataset.absolute()))
        self._places = tuple((_quoted(ours), _quoted(theirs)) for ours, theirs in pairs)
        self._run = run
        for path in files_of(run):
            seen = path.stat()
            self._sent[path.relative_to(run).as_posix()] = (seen.st_mtime_ns, seen.st_size)
        return replace(request, dataset=music, out=run, start_from=start)

    def _listen(self, report: object) -> None:
        with self._lines_lock:
            self._lines.append(self._told(to_line(report)))

    def _told(self, text: str) -> str:
        """A text of JSON that names places on the machine of the queue."""
        for ours, theirs in self._places:
            text = text.replace(ours, theirs)
        return text

    def _content(self, path: Path) -> bytes:
        content = path.read_bytes()
        return self._told(content.decode()).encode() if path.name == RUN_FILE else content


def files_of(folder: Path) -> list[Path]:
    """The finished files of a run's folder."""
    return [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith((UNFINISHED, LOCK_FILE))]


def write_contents(folder: Path, contents: Contents) -> None:
    """Make a folder with these files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _quoted(path: Path) -> str:
    return json.dumps(str(path), ensure_ascii=False)[1:-1]


def _undo_limits() -> None:
    """Let the child compute as it would without Ray, which sets these for everything it starts."""
    os.environ.pop("OMP_NUM_THREADS", None)
    if os.environ.get("CUDA_VISIBLE_DEVICES") == "":
        del os.environ["CUDA_VISIBLE_DEVICES"]
