"""What the takes of the listening timeline cost a training: the same one with and without them, in turns.

The demo corpus with the small preset, and its words with a network of the seeds. The clock runs from the end of the
first epoch, which compiles. What a training waits for its takes is also counted by itself; that figure does not depend
on how evenly the machine runs.
"""

import statistics
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from musicgen_app import environment
from musicgen_app.core.progress import CancelToken, silent
from musicgen_app.ml.reports import EpochReport
from musicgen_app.project.timeline import TimelineTake
from musicgen_app.workflow.prepare import PrepareConfig, prepare
from musicgen_app.workflow.train import TrainRequest, train

ROUNDS = 3
EPOCHS = 10
FILES_OF_WORDS = 5


@dataclass
class Stopwatch:
    """Notes when epochs ended, and what takes cost behind the first of them.

    Attributes:
        ends: Of the epochs.
        cost: Seconds.
        takes: How many.
    """

    ends: list[float] = field(default_factory=list)
    cost: float = 0.0
    takes: int = 0

    def __call__(self, report: object) -> None:
        if isinstance(report, EpochReport):
            self.ends.append(time.perf_counter())
        elif isinstance(report, TimelineTake):
            self.cost += report.cost_sec
            self.takes += 1


def run() -> dict[str, float]:
    """Shares by network, and the highest of them."""
    corpus = environment.bundled("data", "corpus")
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home)
        notes = prepare(PrepareConfig((corpus,), folder / "notes"), silent, CancelToken()).folder
        some = tuple(sorted(corpus.glob("*.mid"))[:FILES_OF_WORDS])
        words = prepare(PrepareConfig(some, folder / "words", codec="seed"), silent, CancelToken()).folder
        figures = {**shares(notes, "small", folder), **shares(words, "seed-base", folder)}
    figures["timeline_share"] = max(value for name, value in figures.items() if name.endswith("_share"))
    return figures


def shares(dataset: Path, preset: str, folder: Path) -> dict[str, float]:
    """What takes cost the training of a preset, as a share of the training without them."""
    longer, counted, takes, cost = [], [], 0, 0.0
    for turn in range(ROUNDS):
        seconds = {}
        for cadence in ("off", "auto"):
            watch = Stopwatch()
            out = folder / f"{preset}-{turn}-{cadence}"
            request = TrainRequest(dataset, out, preset, {"patience": 0}, epochs=EPOCHS, takes=cadence)
            train(request, watch, CancelToken())
            ended = time.perf_counter()
            seconds[cadence] = ended - watch.ends[0]
        longer.append(seconds["auto"] / seconds["off"] - 1)
        counted.append(watch.cost / (seconds["auto"] - watch.cost))
        takes, cost = takes + watch.takes, cost + watch.cost
        print(
            f"   {preset}: {seconds['off']:.1f} s without, {seconds['auto']:.1f} s with {watch.takes} takes", flush=True
        )
    name = f"timeline_{preset.replace('-', '_')}"
    return {
        f"{name}_share": statistics.median(counted),
        f"{name}_longer_in_turns": statistics.median(longer),
        f"{name}_seconds_a_take": cost / max(1, takes),
        f"{name}_takes_a_run": takes / ROUNDS,
    }
