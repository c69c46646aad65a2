"""The machines that train one network together, and what each has of a batch. Free of TensorFlow."""

from collections.abc import Sequence
from dataclasses import dataclass

from musicgen_app.core.errors import UsageError

CHIEF = 0
"""The worker that decides everything, and the only one that writes."""


@dataclass(frozen=True, slots=True)
class Lanes:
    """The windows of a joint batch that one worker learns from.

    Attributes:
        first, last: Its first window, and the one behind its last.
        of: Windows in the joint batch.
    """

    first: int
    last: int
    of: int

    @property
    def count(self) -> int:
        """Windows of this worker."""
        return self.last - self.first


@dataclass(frozen=True, slots=True)
class Cluster:
    """All workers of a training, seen by one of them.

    Attributes:
        workers: Where each is reached, ``host:port``; the same on every machine. The first is the chief.
        worker: Which of them this process is.

    Raises:
        UsageError: There are fewer than two, an address is none or occurs twice, or there is no such worker.
    """

    workers: tuple[str, ...]
    worker: int

    def __post_init__(self) -> None:
        if len(self.workers) < 2:
            raise UsageError(
                "A training over several machines needs two workers or more.",
                "Write their addresses with commas between them: host1:port,host2:port.",
            )
        for number, address in enumerate(self.workers):
            place_of(address)
            if address in self.workers[:number]:
                raise UsageError(f"The worker {address} is named twice.", "Give each an address of its own.")
        if not 0 <= self.worker < len(self.workers):
            raise UsageError(f"There is no worker {self.worker}.", f"Choose 0 to {len(self.workers) - 1}.")

    @property
    def is_chief(self) -> bool:
        """Whether this process keeps the run."""
        return self.worker == CHIEF

    @property
    def place(self) -> tuple[str, int]:
        """Host and port of this worker."""
        return place_of(self.workers[self.worker])

    def named(self, worker: int) -> str:
        """A worker as messages call it."""
        return f"worker {worker} ({self.workers[worker]})"

    def lanes(self, batch: int) -> Lanes:
        """This worker's windows of a joint batch. Shares differ by one window at most.

        Raises:
            UsageError: There are not enough for all.
        """
        count = len(self.workers)
        if batch < count:
            raise UsageError(
                f"A batch of {batch} cannot be shared by {count} workers.", "Choose a larger batch, or fewer workers."
            )
        return Lanes(self.worker * batch // count, (self.worker + 1) * batch // count, batch)


def cluster_of(workers: Sequence[str], worker: int | None) -> Cluster | None:
    """The cluster that the options of a command name; None where they name none.

    Raises:
        UsageError: Only one of the two is given, or they make no cluster.
    """
    if not workers and worker is None:
        return None
    if not workers or worker is None:
        raise UsageError(
            "The workers and the number of this one belong together.",
            "Write --workers host1:port,host2:port --worker 0 on the first machine, --worker 1 on the second.",
        )
    return Cluster(tuple(workers), worker)


def place_of(address: str) -> tuple[str, int]:
    """Host and port of an address.

    Raises:
        UsageError: It is none.
    """
    host, _, port = address.rpartition(":")
    if not host or not port.isascii() or not port.isdecimal() or not 0 < int(port) < 1 << 16:
        raise UsageError(f"{address!r} is no address of a worker.", "Write host:port, for example studio2:7400.")
    return host, int(port)
