"""The seeds' own music: their networks and ours with one field, each trained for the same time, on blocks held out.

Usage: python -m tests.benchmarks.quality_seed [--minutes M] [--notes FILE] [--work FOLDER]
The note file holds one list without borders between its pieces, so blocks of it are held out (``dataset.blocks``). The
seeds' networks foretell the tokens that have a whole window of their block before them; ours foretells all of them.
The figures are added to ``build/quality.json`` under "seed".
"""

import argparse
import tempfile
from pathlib import Path
from typing import Any

from musicgen_app.core.progress import CancelToken, silent
from musicgen_app.generation.presets import DEFAULT_PRESET
from musicgen_app.workflow.evaluate import evaluate
from musicgen_app.workflow.prepare import PrepareConfig, prepare
from musicgen_app.workflow.train import TrainRequest, train
from tests.benchmarks.kept import SHARED, keep

PRESETS = ("seed-base", "seed-complex2", DEFAULT_PRESET)
"""Most of the experiments, the published result (test 74, but for its epochs), and ours."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=8.0, help="for each network")
    parser.add_argument("--notes", type=Path, default=SHARED / "seed" / "music_gen" / "data" / "notes_chopin_train")
    parser.add_argument("--work", type=Path, default=None, help="keeps data set and runs; what is there is used again")
    given = parser.parse_args()
    if not given.notes.is_file():
        raise SystemExit(f"There is no note file {given.notes}; name it with --notes.")
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as temporary:
        work = given.work or Path(temporary)
        dataset = work / "dataset"
        if not (dataset / "dataset.json").is_file():
            print(prepare(PrepareConfig((given.notes,), dataset, codec="seed"), silent, CancelToken()).summary())
        for preset in PRESETS:
            request = TrainRequest(dataset, work / preset, preset=preset, minutes=given.minutes, resume=True)
            result = train(request, silent, CancelToken())
            found = evaluate(result.checkpoint, dataset, silent, CancelToken())
            figures[preset] = {
                "nats_per_token": found.nats_per_note,
                "tokens": found.notes,
                "epochs": result.epochs,
                "best_epoch": result.best_epoch,
                "train": result.train,
            }
            figures["baselines"] = found.baselines
            print(
                f"{preset:<16}{found.nats_per_note:>8.3f} nats a token ({found.notes:,}), training {result.train:.3f}, "
                f"best of {result.epochs} epochs is {result.best_epoch}",
                flush=True,
            )
    for name, value in dict(figures["baselines"] or {}).items():
        print(f"{name:<16}{value:>8.3f}")
    keep("seed", {"minutes": given.minutes, **figures})


if __name__ == "__main__":
    main()
