"""Several processes that train one network together on this machine."""

import json
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from musicgen_app.workflow.train import TrainRequest


def free_addresses(count: int) -> tuple[str, ...]:
    """Addresses on this machine where nobody listens."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return tuple(f"127.0.0.1:{one.getsockname()[1]}" for one in sockets)


def start_worker(request: TrainRequest, addresses: Sequence[str], worker: int) -> "subprocess.Popen[str]":
    """``musicgen train`` as one of several workers."""
    command = [sys.executable, "-m", "musicgen_app", "train", str(request.dataset), "--out", str(request.out), "--json"]
    for name, value in request.overrides.items():
        command += ["--set", f"{name}={json.dumps(value)}"]
    for name in ("epochs", "seed"):
        if getattr(request, name) is not None:
            command += [f"--{name}", str(getattr(request, name))]
    command += ["--resume"] if request.resume else []
    command += ["--workers", ",".join(addresses), "--worker", str(worker)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def losses_of(run: Path) -> list[list[float]]:
    """The rows of a run's losses so far, without the seconds each epoch took."""
    if not (run / "losses.csv").is_file():
        return []
    lines = (run / "losses.csv").read_text().splitlines()[1:]
    return [[float(cell) for cell in line.split(",")[:-1]] for line in lines]


def described(run: Path) -> dict[str, Any]:
    """What ``run.json`` says."""
    values = json.loads((run / "run.json").read_text())
    assert isinstance(values, dict)
    return values
