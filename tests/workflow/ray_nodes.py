"""A Ray cluster of two nodes on this machine, either of which can be killed."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

_ENVIRONMENT = {
    # A test that waits for processes which stand back for all others takes minutes on a busy machine.
    "RAY_worker_niceness": "0",
    # A dead node is to be noticed in a second or two.
    "RAY_health_check_initial_delay_ms": "0",
    "RAY_health_check_period_ms": "300",
    "RAY_health_check_timeout_ms": "1000",
    "RAY_health_check_failure_threshold": "2",
}
_PATIENCE_SECONDS = 60.0


@dataclass
class Node:
    """The process that keeps a node, and all it has started."""

    keeper: "subprocess.Popen[bytes]"

    def processes(self) -> list[psutil.Process]:
        try:
            keeper = psutil.Process(self.keeper.pid)
            return [*keeper.children(recursive=True), keeper]
        except psutil.NoSuchProcess:
            return []

    def kill(self) -> None:
        """Kill everything at once, as the power does."""
        doomed = self.processes()
        for process in doomed:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self.keeper.wait()
        psutil.wait_procs(doomed, timeout=10)


@dataclass
class TwoNodes:
    """Two nodes with one processor each; the first is the head."""

    address: str
    head: Node
    second: Node


@contextlib.contextmanager
def two_nodes(root: Path) -> Iterator[TwoNodes]:
    """Start a cluster whose nodes have the package at ``root``; nothing of it is left at the end."""
    pytest.importorskip("ray", reason="The extra [cluster] is not installed.")
    # Names of sockets may have 107 characters: too few for a folder of pytest's.
    folder = Path(tempfile.mkdtemp(prefix="mg-ray-"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    nodes: list[Node] = []
    try:
        head = ["--head", "--port", address.split(":")[1], "--include-dashboard=false", "--temp-dir", str(folder)]
        for number, options in enumerate((head, ["--address", address]), 1):
            nodes.append(_start(options, folder / f"node-{number}.log", root))
            _await(nodes[-1], folder / f"node-{number}.log")
        yield TwoNodes(address, *nodes)
    finally:
        for node in reversed(nodes):
            node.kill()
        shutil.rmtree(folder, ignore_errors=True)


def _start(options: list[str], log: Path, root: Path) -> Node:
    few = ["--num-cpus", "1", "--object-store-memory", "80000000", "--disable-usage-stats", "--block"]
    environment = {
        **os.environ,
        **_ENVIRONMENT,
        "PYTHONPATH": str(root),
        "TMPDIR": str(log.parent),
        "RAY_USAGE_STATS_ENABLED": "0",
    }
    with log.open("wb") as out:
        return Node(
            subprocess.Popen(
                [sys.executable, "-m", "ray.scripts.scripts", "start", *few, *options],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env=environment,
                start_new_session=True,
            )
        )


def _await(node: Node, log: Path) -> None:
    """Wait until a node says that it is up."""
    until = time.monotonic() + _PATIENCE_SECONDS
    while b"Ray runtime started" not in log.read_bytes():
        assert node.keeper.poll() is None, log.read_text()
        assert time.monotonic() < until, log.read_text()
        time.sleep(0.05)
