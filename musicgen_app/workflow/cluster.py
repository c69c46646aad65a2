"""Work on a Ray cluster. Nobody else speaks to Ray, and it is loaded when a cluster is asked for."""

import contextlib
import logging
import os
import signal
import socket
import sys
import threading
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from musicgen_app.core.errors import ClusterError, UsageError
from musicgen_app.core.progress import CancelToken
from musicgen_app.ml.backend import error_stream_closed
from musicgen_app.workflow.parcels import Batch, batches_of, read_batch
from musicgen_app.workflow.reading import Credited, Look, T
from musicgen_app.workflow.versions import versions

_JOIN = "This machine must be a node of it: `ray start --address HOST:PORT`."
INSTALL = 'Install it with: pip install "musicgen-app[cluster]"'

_CONNECT_SECONDS = 5.0
_SETTINGS = b"\x04"
_GREETING = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0" + _SETTINGS + b"\0\0\0\0\0"
"""How a conversation in HTTP/2 begins, which Ray's head speaks: it answers with settings of its own."""
_LOOK_SECONDS = 0.1
_ALONE_SECONDS = 60.0
"""So long a cluster may be without any processor before its work is given up."""
_CLEAR_SECONDS = 2.0
_RETRIES = 5
"""A batch is begun again so many times where the node that reads it dies."""
_AHEAD_BYTES = 128 << 20
"""Files that have been sent and not been answered for hold at most about so many bytes."""


class NodeLost(ClusterError):  # noqa: N818 (whoever asks begins again elsewhere)
    """The node that something was asked of is gone."""


@contextlib.contextmanager
def cluster_at(address: str) -> Iterator["Cluster"]:
    """Join a Ray cluster as long as the block lasts. What is printed on the output meanwhile is dropped.

    Args:
        address: ``HOST:PORT`` of its head, of which this machine is a node; "auto" for the one it is a node of.

    Raises:
        UsageError: This is no address.
        ClusterError: Ray is not installed, or no cluster answers there.
    """
    _check(address)
    with _own_handlers():
        ray = _started(address)
    try:
        # Ray prints what happens to nodes to the output, which is for results.
        with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
            yield Cluster(ray, address)
    finally:
        with _own_handlers():
            ray.shutdown()


class Cluster:
    """A Ray cluster that this process has joined."""

    def __init__(self, ray: ModuleType, address: str) -> None:
        self._ray = ray
        self._address = address

    @property
    def processors(self) -> tuple[int, ...]:
        """How many processors each node offers that lives and offers any."""
        counts = (int(node["Resources"].get("CPU", 0)) for node in self._ray.nodes() if node["Alive"])
        return tuple(count for count in counts if count)

    def read(self, look: Look[T], files: Iterable[Credited], cancel: CancelToken) -> Iterator[T]:
        """What ``look`` finds in each file, in their order; the nodes get the contents of files, not their places.

        Batches of a node that dies are read by another. What cannot be opened here is looked at here.

        Raises:
            Cancelled: Stopped on request.
            ClusterError: The cluster has lost its nodes.
        """
        read = self._ray.remote(num_cpus=1, max_retries=_RETRIES)(read_batch)
        shared, most = self._ray.put(look), 2 + 2 * sum(self.processors)
        batches = batches_of(files)
        sent: deque[tuple[Batch, Any]] = deque()
        while True:
            while len(sent) < most and sum(batch.size for batch, _ in sent) < _AHEAD_BYTES:
                batch = next(batches, None)
                if batch is None:
                    break
                sent.append((batch.emptied(), read.remote(shared, batch, versions())))
            if not sent:
                return
            batch, answer = sent.popleft()
            for parcel, found in zip(batch.parcels, self.result(answer, cancel.check), strict=True):
                yield found[0] if found else look(parcel.source.path, parcel.source, parcel.credit)

    def result(self, answer: Any, check: Callable[[], None]) -> Any:
        """Wait for an answer.

        Args:
            answer: What Ray gave for it.
            check: Called a few times a second; what it raises ends the waiting.

        Raises:
            NodeLost: It will never come.
            ClusterError: No node has been left for a while.
        """
        lonely_since: float | None = None
        looked_at = time.monotonic()
        while not self._ray.wait([answer], timeout=_LOOK_SECONDS)[0]:
            check()
            if time.monotonic() - looked_at < _CONNECT_SECONDS:
                continue
            looked_at = time.monotonic()
            lonely_since = None if self.processors else lonely_since or looked_at
            if lonely_since is not None and looked_at - lonely_since > _ALONE_SECONDS:
                raise ClusterError(
                    f"The cluster at {self._address} has no processor left.", "Start another node, then try it again."
                )
        try:
            return self._ray.get(answer)
        except self._ray.exceptions.RayTaskError as error:
            raise _cause(error) from error
        except self._ray.exceptions.RayError as error:
            raise NodeLost(
                "Nodes of the cluster died again and again over the same work.",
                "See whether they have enough memory; without --cluster it is done here.",
            ) from error

    def place(self, kind: type, processors: int) -> "Remote":
        """Make an object of a class on some node that has so many processors to spare, as soon as one has."""
        options = {"num_cpus": processors, "max_restarts": 0, "max_concurrency": 2, "scheduling_strategy": "SPREAD"}
        return Remote(self, self._ray, self._ray.remote(**options)(kind).remote())

    def share(self, value: object) -> Any:
        """Send a value to the cluster once; what comes back stands for it in what is asked of objects there."""
        return self._ray.put(value)

    def is_ready(self, answer: Any) -> bool:
        """Whether an answer has come, or never will."""
        return bool(self._ray.wait([answer], timeout=0)[0])


class Remote:
    """An object on a node. It dies with the node, and with this process."""

    def __init__(self, cluster: Cluster, ray: ModuleType, actor: Any) -> None:
        self._cluster = cluster
        self._ray = ray
        self._actor = actor

    def begin(self, method: str, *arguments: Any) -> Any:
        """Call a method, and do not wait for its answer."""
        return getattr(self._actor, method).remote(*arguments)

    def ask(self, method: str, *arguments: Any, check: Callable[[], None]) -> Any:
        """Call a method and wait for its answer.

        Raises:
            NodeLost: The object is gone.
        """
        return self._cluster.result(self.begin(method, *arguments), check)

    def end(self) -> None:
        """Let the object clear up (``close``), for a moment, and see that it is gone."""
        with contextlib.suppress(self._ray.exceptions.RayError):
            self._ray.wait([self.begin("close")], timeout=_CLEAR_SECONDS)
            self._ray.kill(self._actor)


def _cause(error: Any) -> BaseException:
    """What was raised on the node, as it would have been raised here."""
    cause = getattr(error, "cause", None)
    if isinstance(cause, ImportError):
        return ClusterError(
            f"A node of the cluster cannot do this work: {cause}.", "Install musicgen-app on every machine of it."
        )
    return cause if isinstance(cause, BaseException) else error


def _check(address: str) -> None:
    """See that somebody listens at an address; Ray itself would try for minutes.

    Raises:
        UsageError: It is none.
        ClusterError: Nobody does.
    """
    if address == "auto":
        return
    host, _, port = address.rpartition(":")
    if not host or "/" in host or not port.isdecimal() or not 0 < int(port) < 1 << 16:
        raise UsageError(f'"{address}" is no address of a cluster.', 'Write HOST:PORT, or "auto".')
    hint = "Start one with `ray start --head`, or check the address."
    try:
        with socket.create_connection((host.strip("[]"), int(port)), _CONNECT_SECONDS) as line:
            if not os.environ.get("RAY_USE_TLS"):
                line.sendall(_GREETING)
                if line.recv(9)[3:4] != _SETTINGS:
                    raise ClusterError(f"What answers at {address} is no cluster.", hint)
    except OSError as error:
        raise ClusterError(f"No cluster answers at {address}: {error.strerror or error}.", hint) from error


def _started(address: str) -> ModuleType:
    # Nothing is told to anybody, and what Ray's native half prints is no message of ours.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    with warnings.catch_warnings(), error_stream_closed():
        # Ray speaks of its own future.
        warnings.simplefilter("ignore")
        try:
            import ray
        except ImportError as error:
            raise ClusterError("Ray is not installed here.", INSTALL) from error
        try:
            ray.init(address=address, log_to_driver=False, configure_logging=False, logging_level=logging.ERROR)
        except (OSError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
            if address == "auto" and isinstance(error, ConnectionError):
                raise ClusterError("This machine is a node of no cluster.", _JOIN) from error
            told = str(error).split("\n")[0].rstrip(".")
            raise ClusterError(f"The cluster at {address} cannot be joined: {told}.", _JOIN) from error
    module: ModuleType = ray
    return module


@contextlib.contextmanager
def _own_handlers() -> Iterator[None]:
    """Keep signals and the hook for exceptions as they are: Ray puts its own in their place."""
    hook = sys.excepthook
    main = threading.current_thread() is threading.main_thread()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        sys.excepthook = hook
        if main:
            for number, handler in before.items():
                signal.signal(number, handler)
