"""What the default preset learns from a corpus in so many minutes, on works held out, beside models that only count.

Usage: python -m tests.benchmarks.quality_corpus [--minutes M] [--preset NAME] [--corpus FOLDER] [--work FOLDER]
The figures are added to ``build/quality.json`` under "corpus".
"""

import argparse
import tempfile
from pathlib import Path

from musicgen_app.core.progress import CancelToken, silent
from musicgen_app.generation.presets import DEFAULT_PRESET, PRESETS
from musicgen_app.workflow.evaluate import evaluate
from musicgen_app.workflow.prepare import PrepareConfig, prepare
from musicgen_app.workflow.train import TrainRequest, train
from tests.benchmarks.kept import SHARED, keep


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--preset", choices=list(PRESETS), default=DEFAULT_PRESET)
    parser.add_argument("--corpus", type=Path, default=SHARED / "corpus")
    parser.add_argument("--work", type=Path, default=None, help="keeps data set and run; what is there is used again")
    given = parser.parse_args()
    if not given.corpus.is_dir():
        raise SystemExit(f"There is no corpus in {given.corpus}; name it with --corpus.")
    with tempfile.TemporaryDirectory() as temporary:
        work = given.work or Path(temporary)
        dataset, run = work / "dataset", work / "run"
        if not (dataset / "dataset.json").is_file():
            print(prepare(PrepareConfig((given.corpus,), dataset, pedal="none"), silent, CancelToken()).summary())
        request = TrainRequest(dataset, run, preset=given.preset, minutes=given.minutes, resume=True)
        result = train(request, silent, CancelToken())
        found = evaluate(result.checkpoint, dataset, silent, CancelToken())
    parts = dict(found.parts)
    print(f"{'':<22}{'nats a note':>12}" + "".join(f"{name:>11}" for name in parts))
    told = "".join(f"{value:>11.3f}" for value in parts.values())
    print(f"{f'{given.preset}, {given.minutes:g} minutes':<22}{found.nats_per_note:>12.3f}{told}")
    for name, value in dict(found.baselines or {}).items():
        print(f"{name:<22}{value:>12.3f}")
    print(f"{found.pieces} pieces, {found.notes:,} notes, grid: {found.grid}, 95 %: {found.interval}")
    figures = {"nats_per_note": found.nats_per_note, "interval": found.interval, "parts": parts}
    counted = {
        "baselines": found.baselines,
        "pieces": found.pieces,
        "notes": found.notes,
        "best_epoch": result.best_epoch,
    }
    keep("corpus", {"preset": given.preset, "minutes": given.minutes, **figures, **counted})


if __name__ == "__main__":
    main()
