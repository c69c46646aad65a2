"""How the workers of a training find each other, and how the chief tells the others what to do.

Each worker keeps one connection to the chief for as long as the training lasts. Lines of JSON run through it: first
who it is, then the chief's orders. Numbers of weights do not; they go through TensorFlow's collectives
(``ml.distributed``). When a process ends, in whatever way, the other end of its connection learns it at once.
"""

import contextlib
import json
import select
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import Any, Literal

from musicgen_app.core.errors import Cancelled, MusicgenError, TrainingError, UsageError
from musicgen_app.core.progress import CancelToken, Progress, Report
from musicgen_app.ml.cluster import CHIEF, Cluster, place_of

Order = Mapping[str, Any]
End = Literal["finished", "stopped", "failed"]

_WAIT_SECONDS = 600.0
"""So long the workers of a training wait for each other."""
_LOOK_SECONDS = 0.2
_GREETING_SECONDS = 5.0
_LAST_WORD_SECONDS = 15.0
"""TensorFlow calls a silent process dead after ten; the chief has then something to say."""
_LONGEST_LINE = 1 << 20
_KEEP_ALIVE = {"TCP_KEEPIDLE": 10, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3}
"""A machine that vanishes without a word is noticed after 25 seconds of silence."""


class LinkError(TrainingError):
    """The other end is gone, or is no worker."""


class Link:
    """One end of a connection between two workers."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._left = b""
        connection.settimeout(_GREETING_SECONDS)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in _KEEP_ALIVE.items():
            if hasattr(socket, name):
                connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)

    def send(self, values: Mapping[str, Any]) -> None:
        """Send a line.

        Raises:
            LinkError: The other end is gone.
        """
        try:
            self._connection.sendall(json.dumps(values).encode() + b"\n")
        except OSError as error:
            raise LinkError(f"The link to another worker broke: {error}.") from error

    def receive(self, seconds: float | None = None, cancel: CancelToken | None = None) -> dict[str, Any]:
        """The next line.

        Args:
            seconds: So long it may take; None for as long as it takes.
            cancel: Looked at while there is nothing.

        Raises:
            LinkError: The other end is gone, says nothing, or does not speak like a worker.
            Cancelled: A stop was asked for.
        """
        until = None if seconds is None else time.monotonic() + seconds
        while b"\n" not in self._left:
            if cancel is not None:
                cancel.check()
            if until is not None and time.monotonic() > until:
                raise LinkError("Another worker does not answer.")
            self._left += self._more()
            if len(self._left) > _LONGEST_LINE:
                raise LinkError("What answers is no worker.")
        line, self._left = self._left.split(b"\n", 1)
        try:
            values = json.loads(line)
        except ValueError as error:
            raise LinkError("What answers is no worker.") from error
        if not isinstance(values, dict):
            raise LinkError("What answers is no worker.")
        return values

    def _more(self) -> bytes:
        """What has come; nothing where nothing comes for a moment."""
        try:
            ready, _, _ = select.select([self._connection], [], [], _LOOK_SECONDS)
            block = self._connection.recv(1 << 16) if ready else None
        except OSError as error:
            raise LinkError(f"The link to another worker broke: {error}.") from error
        if block == b"":
            raise LinkError("Another worker has left.")
        return block or b""

    @property
    def gone(self) -> bool:
        """Whether the other end has left."""
        try:
            ready, _, _ = select.select([self._connection], [], [], 0)
            return bool(ready) and not self._connection.recv(1, socket.MSG_PEEK)
        except OSError:
            return True

    def close(self) -> None:
        """Leave."""
        self._connection.close()


class Caller:
    """The chief's ends of all links. Used as a context, it tells the others how the training ended."""

    def __init__(self, cluster: Cluster, links: Mapping[int, Link]) -> None:
        self.cluster = cluster
        self._links = dict(links)

    def tell(self, order: str, **values: Any) -> None:
        """Give all others an order.

        Raises:
            LinkError: One of them is gone.
        """
        for link in self._links.values():
            link.send({"order": order, **values})

    def hear_from_all(self, cancel: CancelToken) -> None:
        """Wait until each of the others has sent a line.

        Raises:
            TrainingError: One of them has left instead.
            Cancelled: A stop was asked for.
        """
        for number, link in self._links.items():
            try:
                link.receive(_WAIT_SECONDS, cancel)
            except LinkError as error:
                raise TrainingError(
                    f"{self.cluster.named(number).capitalize()} left before the training began.",
                    "See what it says, and start all of them again.",
                ) from error

    def gone(self, seconds: float = 1.0) -> list[int]:
        """Who has left. The system may need a moment to tell."""
        until = time.monotonic() + seconds
        while not (found := [number for number, link in self._links.items() if link.gone]):
            if time.monotonic() > until:
                break
            time.sleep(_LOOK_SECONDS / 10)
        return found

    def __enter__(self) -> "Caller":
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: TracebackType | None) -> None:
        how: End = "finished" if error is None else "stopped" if isinstance(error, Cancelled) else "failed"
        why = error.message if isinstance(error, MusicgenError) else ""
        for link in self._links.values():
            with contextlib.suppress(LinkError):
                link.send({"order": "end", "how": how, "why": why})
            link.close()


def call_together(
    cluster: Cluster,
    known: Mapping[str, Any],
    report: Report,
    cancel: CancelToken,
    now: Callable[[], float] = time.monotonic,
) -> Caller:
    """Wait for all other workers; called by the chief.

    Args:
        cluster: All workers.
        known: What must be the same on all of them, by its name in a sentence ("data set").
        report: Told who is waited for.
        cancel: Ends the waiting.
        now: The clock, in seconds.

    Raises:
        UsageError: The chief's port is taken.
        TrainingError: Somebody did not come.
        Cancelled: A stop was asked for.
    """
    links: dict[int, Link] = {}
    until = now() + _WAIT_SECONDS
    with contextlib.closing(_listening(cluster)) as server:
        while missing := [n for n in range(1, len(cluster.workers)) if n not in links or links[n].gone]:
            names = ", ".join(map(cluster.named, missing))
            report(Progress(f"Waiting for {names}", len(cluster.workers) - len(missing), len(cluster.workers)))
            try:
                cancel.check()
                if now() > until:
                    raise TrainingError(
                        f"{names} did not come within {_WAIT_SECONDS / 60:.0f} minutes.",
                        "Start the same command there, with its own number, and see that the ports are open.",
                    )
            except (Cancelled, TrainingError):
                for link in links.values():
                    link.close()
                raise
            if select.select([server], [], [], _LOOK_SECONDS)[0]:
                _welcome(Link(server.accept()[0]), cluster, known, links)
    return Caller(cluster, links)


def _welcome(link: Link, cluster: Cluster, known: Mapping[str, Any], links: dict[int, Link]) -> None:
    """Let a worker in, or tell it why not."""
    try:
        greeting = link.receive(_GREETING_SECONDS)
        refusal = _refusal(greeting, cluster, known, links)
        link.send({"order": "refused" if refusal else "welcome", "why": refusal})
    except LinkError:
        refusal = "no worker"
    if refusal:
        link.close()
    else:
        links[greeting["worker"]] = link


def _refusal(greeting: Order, cluster: Cluster, known: Mapping[str, Any], links: Mapping[int, Link]) -> str:
    """Why a worker cannot take part; empty where it can."""
    number = greeting.get("worker")
    if not isinstance(number, int) or not 0 < number < len(cluster.workers):
        return "It has no number of a worker."
    if greeting.get("workers") != list(cluster.workers):
        return f"Its list of workers is not that of {cluster.named(CHIEF)}."
    if number in links and not links[number].gone:
        return f"There is a worker {number} already."
    theirs = greeting.get("known")
    other = [name for name, value in known.items() if not isinstance(theirs, dict) or theirs.get(name) != value]
    if other:
        return f"Its {other[0]} is not that of {cluster.named(CHIEF)}."
    try:
        socket.create_connection(place_of(cluster.workers[number]), _GREETING_SECONDS).close()
    except OSError:
        return f"{cluster.named(CHIEF).capitalize()} cannot reach it at {cluster.workers[number]}: open that port."
    return ""


@contextlib.contextmanager
def reach_chief(cluster: Cluster, known: Mapping[str, Any], report: Report, cancel: CancelToken) -> Iterator[Link]:
    """Wait for the chief and take part; called by the others. Arguments and errors as in ``call_together``.

    Raises:
        TrainingError: The chief did not come, or does not want this worker.
    """
    # The chief tries whether it can reach this worker too, as TensorFlow will have to.
    with (
        contextlib.closing(_listening(cluster)) as server,
        contextlib.closing(Link(_connected(cluster, report, cancel))) as link,
    ):
        try:
            link.send({"workers": list(cluster.workers), "worker": cluster.worker, "known": dict(known)})
            answer = link.receive(2 * _GREETING_SECONDS, cancel)
        except LinkError as error:
            raise TrainingError(
                f"At {cluster.workers[CHIEF]} no training waits for workers.", "It may have begun without this one."
            ) from error
        if answer.get("order") != "welcome":
            raise TrainingError(
                f"{cluster.named(CHIEF).capitalize()} refused this worker. {answer.get('why', '')}",
                "All machines need the same command, version and data set, and an open port.",
            )
        server.close()
        yield link


def last_word(link: Link) -> Order | None:
    """The chief's order to end, which may follow others; None where the chief is gone."""
    try:
        while (order := link.receive(_LAST_WORD_SECONDS)).get("order") != "end":
            pass
    except LinkError:
        return None
    return order


def _connected(cluster: Cluster, report: Report, cancel: CancelToken) -> socket.socket:
    until = time.monotonic() + _WAIT_SECONDS
    while time.monotonic() < until:
        report(Progress(f"Waiting for {cluster.named(CHIEF)}"))
        cancel.check()
        try:
            connection = socket.create_connection(place_of(cluster.workers[CHIEF]), timeout=_GREETING_SECONDS)
        except OSError:
            time.sleep(_LOOK_SECONDS)
            continue
        # A port of the range the system deals from may have been dealt to ourselves.
        if connection.getsockname() != connection.getpeername():
            return connection
        connection.close()
    raise TrainingError(
        f"{cluster.named(CHIEF).capitalize()} did not answer within {_WAIT_SECONDS / 60:.0f} minutes.",
        "Start the training there, and see that its port is open.",
    )


def _listening(cluster: Cluster) -> socket.socket:
    """A socket that listens at this worker's port, for as long as TensorFlow does not."""
    _, port = cluster.place
    both = socket.has_dualstack_ipv6()
    family = socket.AF_INET6 if both else socket.AF_INET
    try:
        return socket.create_server(("", port), family=family, dualstack_ipv6=both)
    except OSError as error:
        raise UsageError(
            f"The port {port} of this machine cannot be used: {error.strerror}.",
            "Choose another one, in the list of every worker.",
        ) from error
