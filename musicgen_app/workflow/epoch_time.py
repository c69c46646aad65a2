"""How long an epoch will take with each preset: by earlier runs, or by how quickly this machine multiplies."""

import json
import math
import os
import platform
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from musicgen_app.core.errors import FileWriteError
from musicgen_app.core.files import write_atomically
from musicgen_app.generation.presets import PRESETS

How = Literal["run", "other run", "machine"]

MACHINE_FILE = "machine.json"
REFERENCE_GFLOPS = 228.0
"""What ``multiply`` gave on the machine where the presets' own speeds were measured (docs/benchmarks.md)."""
_ROWS, _WIDTH = 256, 384
_TURNS, _SECONDS = 300, 0.5
"""Short turns, of which the best counts: what other programs take of the processor does not matter much then."""
_VALIDATING = 1 / 3
"""What a row that is only foretold costs of one that is learned: the forward third of the products."""


@dataclass(frozen=True, slots=True)
class EpochTime:
    """One preset.

    Attributes:
        preset: Its name.
        seconds: An epoch with its validation.
        how: By an earlier run of this preset, by one of another preset, or by the speed of this machine.
    """

    preset: str
    seconds: float
    how: How


def multiply(now: Callable[[], float] = time.perf_counter) -> float:
    """GFLOP/s of products like those a training step mostly consists of; takes a fraction of a second."""
    rng = np.random.default_rng(0)
    state = rng.standard_normal((_ROWS, _WIDTH)).astype(np.float32)
    weights = (rng.standard_normal((_WIDTH, 4 * _WIDTH)) / _WIDTH).astype(np.float32)
    best, first = math.inf, now()
    for _ in range(_TURNS):
        began = now()
        np.matmul(state, weights)
        ended = now()
        best = min(best, ended - began)
        if ended - first > _SECONDS:
            break
    return 2 * state.size * 4 * _WIDTH / max(best, 1e-9) / 1e9


def machine_speed(cache: Path, measure: Callable[[], float] = multiply) -> float:
    """How quickly this machine multiplies, measured once and remembered in the cache folder."""
    machine = f"{platform.machine()} {platform.processor()} {os.cpu_count()} {np.__version__}"
    path = cache / MACHINE_FILE
    try:
        kept = json.loads(path.read_bytes())
        if kept["machine"] == machine and 0 < float(kept["gflops"]) < 1e9:
            return float(kept["gflops"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    gflops = round(measure(), 1)
    try:
        write_atomically(path, json.dumps({"machine": machine, "gflops": gflops}).encode())
    except FileWriteError:
        return gflops
    return gflops


def epoch_times(
    learned: float,
    held_back: float,
    speeds: Mapping[str, float],
    machine: Callable[[], float],
    rows_a_note: float = 1.0,
) -> tuple[EpochTime, ...]:
    """How long an epoch takes with each preset, smallest first.

    Args:
        learned: Notes learned from.
        held_back: Notes for validation.
        speeds: Notes a second in the latest run of each preset on this machine, as far as there was one.
        machine: Asked for the machine's speed where there was no run at all.
        rows_a_note: Rows that stand for a note, those of the pedal counted in; presets tell their speed in rows.
    """
    work = learned + held_back * _VALIDATING
    known = {name: speed for name, speed in speeds.items() if name in PRESETS and speed > 0}
    if known:
        # How much quicker or slower than expected those runs were.
        ratio = float(
            np.exp(np.mean([np.log(speed / PRESETS[name].notes_per_second) for name, speed in known.items()]))
        )
    else:
        ratio = machine() / REFERENCE_GFLOPS / rows_a_note
    return tuple(
        EpochTime(
            name,
            work / known.get(name, preset.notes_per_second * ratio),
            "run" if name in known else "other run" if known else "machine",
        )
        for name, preset in PRESETS.items()
    )
