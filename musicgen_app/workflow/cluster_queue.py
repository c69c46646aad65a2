"""Trains the runs of a queue on the nodes of a cluster; their folders are filled here while they go on."""

import contextlib
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from musicgen_app.core.errors import Cancelled
from musicgen_app.core.files import make_folder, write_atomically
from musicgen_app.core.progress import CancelToken, Progress, Report
from musicgen_app.dataset.store import DESCRIPTION, ROWS, open_dataset
from musicgen_app.ml.runfolder import RunFolder
from musicgen_app.workflow.child import STOP_SECONDS, Steering, ended, run_in_child
from musicgen_app.workflow.cluster import Cluster, NodeLost, Remote
from musicgen_app.workflow.cluster_node import Errand, News, NodeTraining, files_of
from musicgen_app.workflow.notebook import note_end
from musicgen_app.workflow.train import TrainRequest
from musicgen_app.workflow.versions import versions
from musicgen_app.workflow.wire import from_line, to_line

_LOOK_SECONDS = 0.25
_GRACE_SECONDS = STOP_SECONDS + 3.0
"""A training that was told to stop is left alone after this time; what has come of it is here."""
_NODES = 5
"""So many nodes may die over one run before it is given up."""


class ClusterTrainings:
    """Trains on nodes, one run on each at a time. All else that a queue does is done in children here.

    Safe to call from several threads.
    """

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._processors = min(cluster.processors, default=1)
        self._datasets: dict[tuple[Path, str], Any] = {}
        self._lock = threading.Lock()

    @property
    def lanes(self) -> int:
        """How many runs can be trained at a time."""
        return max(1, len(self._cluster.processors))

    def __call__(self, verb: str, request: object, report: Report, control: CancelToken) -> object:
        """Run a verb, like ``run_in_child``.

        A run whose node dies goes on elsewhere, from its last state that has come here.

        Raises:
            Cancelled: Stopped on request; the run can be resumed, here as well.
            MusicgenError: What the verb raises; ``ClusterError`` where the cluster cannot do it.
        """
        if not isinstance(request, TrainRequest):
            return run_in_child(verb, request, report, control)
        run = RunFolder(request.out)
        with run.locked():
            run.sweep()
            try:
                return self._train(request, report, control)
            finally:
                with self._lock:
                    note_end(run.folder)

    def _train(self, request: TrainRequest, report: Report, control: CancelToken) -> object:
        for _ in range(_NODES - 1):
            with contextlib.suppress(NodeLost):
                return self._on_a_node(request, report, control)
            control.check()
            report(Progress("A node is gone; its run goes on elsewhere"))
        return self._on_a_node(request, report, control)

    def _on_a_node(self, request: TrainRequest, report: Report, control: CancelToken) -> object:
        check = _Grace(control).check
        remote = self._cluster.place(NodeTraining, self._processors)
        try:
            errand = self._errand(request)
            folder = _Mirror(request.out, frozenset(errand.run))
            remote.ask("receive", errand, self._dataset(request.dataset), check=check)
            ending = remote.begin("train")
            steering = Steering(control)
            while not self._cluster.is_ready(ending):
                for order in steering.orders():
                    remote.ask("obey", order, check=check)
                folder.take(_news(remote, check), report)
                time.sleep(_LOOK_SECONDS)
            folder.take(_news(remote, check), report)
            return ended(from_line(self._cluster.result(ending, check)))
        finally:
            remote.end()

    def _errand(self, request: TrainRequest) -> Errand:
        run = {path.relative_to(request.out).as_posix(): path.read_bytes() for path in files_of(request.out)}
        start = None
        if request.start_from is not None and not RunFolder(request.out).begun:
            with contextlib.suppress(FileNotFoundError):  # told by whoever wants to start from it
                start = request.start_from.read_bytes()
        return Errand(to_line(request), run, start, versions())

    def _dataset(self, folder: Path) -> Any:
        """The files of a data set, sent to the cluster once."""
        key = (folder, open_dataset(folder).fingerprint)
        with self._lock:
            if key not in self._datasets:
                contents = {name: (folder / name).read_bytes() for name in (DESCRIPTION, ROWS)}
                self._datasets[key] = self._cluster.share(contents)
            return self._datasets[key]


class _Mirror:
    """The folder of a run on this machine, made like that on a node."""

    def __init__(self, folder: Path, names: frozenset[str]) -> None:
        self._folder = folder
        self._names = names

    def take(self, news: News, report: Report) -> None:
        """Write what is new, delete what is gone, then pass on what was reported."""
        for name, content in news.files.items():
            path = self._folder / name
            make_folder(path.parent)
            write_atomically(path, content)
        for name in self._names - news.names:
            (self._folder / name).unlink(missing_ok=True)
        self._names = news.names
        for line in news.reports:
            report(from_line(line))


class _Grace:
    """Lets a node that was told to stop do so in good order, for a while."""

    def __init__(self, control: CancelToken) -> None:
        self._control = control
        self._until: float | None = None

    def check(self) -> None:
        """Go on, or leave.

        Raises:
            Cancelled: The node has had its time.
        """
        if not self._control.cancelled:
            return
        if self._until is None:
            self._until = time.monotonic() + _GRACE_SECONDS
        elif time.monotonic() > self._until:
            raise Cancelled


def _news(remote: Remote, check: Callable[[], None]) -> News:
    told: News = remote.ask("news", check=check)
    return told
