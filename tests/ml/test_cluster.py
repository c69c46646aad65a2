"""Who trains together, what each has of a batch, and how they find each other."""

import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

import numpy as np
import pytest

from musicgen_app.core.errors import Cancelled, TrainingError, UsageError
from musicgen_app.core.progress import CancelToken, silent
from musicgen_app.ml import links
from musicgen_app.ml.cluster import Cluster, cluster_of
from musicgen_app.ml.links import Caller, Link, LinkError, call_together, last_word, reach_chief
from tests.workflow.workers import free_addresses

_KNOWN = {"version of musicgen-app": "1.0", "data set": "f00d"}


@pytest.mark.parametrize(
    ("workers", "worker", "said"),
    [
        (["a:1"], 0, "two workers or more"),
        (["a:1", "a:1"], 0, "named twice"),
        (["a:1", "b"], 0, "no address"),
        (["a:1", "b:0"], 0, "no address"),
        (["a:1", ":5"], 0, "no address"),
        (["a:1", "b:65536"], 0, "no address"),
        (["a:1", "b:1"], 2, "no worker 2"),
        (["a:1", "b:1"], None, "belong together"),
        ([], 1, "belong together"),
    ],
)
def test_what_makes_no_cluster_is_refused(workers: list[str], worker: int | None, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        cluster_of(workers, worker)


def test_every_window_of_a_batch_is_learned_from_once() -> None:
    addresses = [f"host{number}:7400" for number in range(7)]
    for count in range(2, 8):
        for batch in range(count, 40):
            shares = [Cluster(tuple(addresses[:count]), worker).lanes(batch) for worker in range(count)]
            dealt = np.concatenate([np.arange(share.first, share.last) for share in shares])
            assert dealt.tolist() == list(range(batch))
            sizes = [share.count for share in shares]
            assert max(sizes) - min(sizes) <= 1
    with pytest.raises(UsageError, match="A batch of 1 cannot be shared by 2 workers"):
        Cluster(("a:1", "b:1"), 0).lanes(1)
    assert cluster_of([], None) is None


@pytest.fixture
def addresses() -> tuple[str, ...]:
    return free_addresses(3)


@pytest.fixture
def together(addresses: tuple[str, ...]) -> Iterator[Callable[..., tuple[Caller, list[Link]]]]:
    """Let a chief and two workers find each other."""
    with ExitStack() as stack:

        def join() -> tuple[Caller, list[Link]]:
            found: dict[int, Link] = {}

            def reach(worker: int) -> None:
                cluster = Cluster(addresses, worker)
                found[worker] = stack.enter_context(reach_chief(cluster, _KNOWN, silent, CancelToken()))

            threads = [threading.Thread(target=reach, args=[worker]) for worker in (1, 2)]
            for thread in threads:
                thread.start()
            caller = call_together(Cluster(addresses, 0), _KNOWN, silent, CancelToken())
            for thread in threads:
                thread.join()
            return caller, [found[1], found[2]]

        yield join


def test_the_chief_tells_all_and_learns_who_has_left(together: Callable[[], tuple[Caller, list[Link]]]) -> None:
    caller, (first, second) = together()
    caller.tell("learn", epoch=3, rate=0.1)
    for link in (first, second):
        assert link.receive(5.0) == {"order": "learn", "epoch": 3, "rate": 0.1}
    assert caller.gone(0.0) == []
    for link in (first, second):
        link.send({"order": "ready"})
    caller.hear_from_all(CancelToken())
    first.send({"order": "ready"})
    second.close()
    with pytest.raises(TrainingError, match=r"Worker 2 .* left before the training began"):
        caller.hear_from_all(CancelToken())
    assert caller.gone(5.0) == [2]
    caller.tell("learn", epoch=4)
    with pytest.raises(TrainingError, match="No more"), caller:
        raise TrainingError("No more.")
    assert last_word(first) == {"order": "end", "how": "failed", "why": "No more."}
    assert first.gone
    assert last_word(first) is None
    with pytest.raises(LinkError):
        first.receive(5.0)


def test_how_a_training_ended_is_told(together: Callable[[], tuple[Caller, list[Link]]]) -> None:
    caller, (first, _) = together()
    with pytest.raises(Cancelled), caller:
        raise Cancelled
    assert last_word(first) == {"order": "end", "how": "stopped", "why": ""}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"known": {**_KNOWN, "data set": "beef"}}, "Its data set is not that of worker 0"),
        ({"known": None}, "Its version of musicgen-app is not that of worker 0"),
        ({"workers": ["a:1", "b:1"]}, "Its list of workers is not that of worker 0"),
        ({"worker": 7}, "no number of a worker"),
        ({"worker": 0}, "no number of a worker"),
        ({}, "cannot reach it at 127.0.0.1:"),
    ],
)
def test_who_does_not_belong_is_refused_and_the_chief_waits_on(
    addresses: tuple[str, ...], change: Mapping[str, Any], why: str
) -> None:
    greeting = {"workers": list(addresses), "worker": 1, "known": _KNOWN, **change}
    with _waiting(addresses), links._connected(Cluster(addresses, 1), silent, CancelToken()) as connection:
        connection.sendall(json.dumps(greeting).encode() + b"\n")
        answer = Link(connection).receive(5.0)
    assert answer["order"] == "refused"
    assert why in answer["why"]


def test_a_worker_that_is_refused_says_why(addresses: tuple[str, ...]) -> None:
    cluster = Cluster(addresses, 1)
    with (
        _waiting(addresses),
        pytest.raises(TrainingError, match=r"refused this worker\. Its data set"),
        reach_chief(cluster, {**_KNOWN, "data set": "beef"}, silent, CancelToken()),
    ):
        pass


@contextmanager
def _waiting(addresses: tuple[str, ...]) -> Iterator[None]:
    """A chief that waits for the others, until it is told to stop."""
    control = CancelToken()
    stopped: list[Cancelled] = []

    def wait() -> None:
        try:
            call_together(*_chief(addresses), control)
        except Cancelled as end:
            stopped.append(end)

    thread = threading.Thread(target=wait)
    thread.start()
    yield
    control.cancel()
    thread.join()
    assert stopped


def _chief(addresses: tuple[str, ...]) -> tuple[Any, ...]:
    return Cluster(addresses, 0), _KNOWN, silent


def test_the_chief_does_not_wait_for_ever(addresses: tuple[str, ...]) -> None:
    hours = iter(range(0, 36_000, 3600))
    with pytest.raises(TrainingError, match=r"worker 1 .* worker 2 .* did not come within 10 minutes"):
        call_together(*_chief(addresses), CancelToken(), lambda: float(next(hours)))


def test_a_port_that_is_taken_is_wrong_use(addresses: tuple[str, ...]) -> None:
    host, port = addresses[0].split(":")
    with (
        socket.create_server((host, int(port))),
        pytest.raises(UsageError, match=f"The port {port} of this machine cannot be used"),
    ):
        call_together(*_chief(addresses), CancelToken())


def test_what_is_no_chief_is_recognised(addresses: tuple[str, ...]) -> None:
    host, port = addresses[0].split(":")
    with socket.create_server((host, int(port))) as server:
        thread = threading.Thread(target=lambda: server.accept()[0].close())
        thread.start()
        with (
            pytest.raises(TrainingError, match="no training waits for workers"),
            reach_chief(Cluster(addresses, 1), _KNOWN, silent, CancelToken()),
        ):
            pass
        thread.join()
