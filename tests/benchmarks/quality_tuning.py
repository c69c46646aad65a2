"""What fine-tuning is worth: one composer's pieces, foretold by models that know others, five of them, or both.

Usage: python -m tests.benchmarks.quality_tuning [--base-minutes B] [--minutes T] [--composer NAME] [--corpus FOLDER]
       [--work FOLDER]

All pieces of one composer are taken out of the corpus. A base model learns from the rest for B minutes. Five of the
composer's pieces, chosen by the seed, are a person's own; the others are held out, and measured on with three models:
the base model as it is, the base model fine-tuned for T minutes on the five, and one trained for T minutes on the five
from nothing. The figures are added to ``build/quality.json`` under "tuning".

Grieg is taken by default: 14 pieces, 14 works, all in one edition (piano-midi.de). Chopin is most of the corpus, so
that no base would be left; Mendelssohn (13 pieces) does as well; the other has fewer than 8.
"""

import argparse
import csv
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from musicgen_app.core.progress import CancelToken, silent
from musicgen_app.ml.reports import Evaluation
from musicgen_app.workflow.evaluate import evaluate
from musicgen_app.workflow.prepare import PrepareConfig, prepare
from musicgen_app.workflow.train import TrainRequest, train
from tests.benchmarks.kept import SHARED, keep

OWN_PIECES = 5
FEWEST_PIECES = 8
SEED = 0
MODELS = ("base", "tuned", "fresh")


def split_corpus(corpus: Path, composer: str) -> tuple[list[Path], list[Path], list[Path]]:
    """Files of the other composers, of the composer's own five works, and of the works held out."""
    with (corpus / "manifest.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if _place(corpus, row["file"]).is_file()]
    works = sorted({row["work"] for row in rows if row["composer"] == composer})
    if len(works) < FEWEST_PIECES:
        raise SystemExit(f"The corpus holds {len(works)} works of {composer}; {FEWEST_PIECES} are needed.")
    chosen = np.random.default_rng(SEED).permutation(len(works))[:OWN_PIECES].tolist()
    own = {works[index] for index in chosen}
    theirs = [row for row in rows if row["composer"] == composer]
    return (
        [_place(corpus, row["file"]) for row in rows if row["composer"] != composer],
        [_place(corpus, row["file"]) for row in theirs if row["work"] in own],
        [_place(corpus, row["file"]) for row in theirs if row["work"] not in own],
    )


def prepare_sets(work: Path, others: Sequence[Path], own: Sequence[Path], held_out: Sequence[Path]) -> None:
    """Make the data sets "base" and "own", and the folder "held out"."""
    for name, files in (("base", others), ("own", own)):
        if not (work / name / "dataset.json").is_file():
            config = PrepareConfig(tuple(files), work / name, pedal="none", grid="metrical", seed=SEED)
            print(prepare(config, silent, CancelToken()).summary(), flush=True)
    (work / "held out").mkdir(exist_ok=True)
    for file in held_out:
        shutil.copyfile(file, work / "held out" / file.name)


def train_on(dataset: Path, out: Path, minutes: float, start: Path | None = None, **overrides: Any) -> Path:
    """Train as the command line does, or take the model of an earlier call; the file of the best weights."""
    request = TrainRequest(dataset, out, minutes=minutes, seed=SEED, resume=True, start_from=start, overrides=overrides)
    result = train(request, silent, CancelToken())
    held = "" if result.validation is None else f", validation {result.validation:.3f}"
    print(f"   {out.name}: best of {result.epochs} epochs is {result.best_epoch}{held}, {result.reason}", flush=True)
    return result.checkpoint


def figures_of(found: Evaluation) -> dict[str, Any]:
    """What is kept of an evaluation."""
    return {"nats_per_note": found.nats_per_note, "interval": found.interval, "parts": dict(found.parts)}


def compare(work: Path, base_minutes: float, minutes: float) -> dict[str, Any]:
    """Train the three models and measure each on what is held out."""
    base = train_on(work / "base", work / "run base", base_minutes)
    models = {
        "base": base,
        "tuned": train_on(work / "own", work / "run tuned", minutes, start=base),
        "fresh": train_on(work / "own", work / "run fresh", minutes),
    }
    figures: dict[str, Any] = {}
    for name in MODELS:
        found = evaluate(models[name], work / "held out", silent, CancelToken())
        figures[name] = figures_of(found)
        figures |= {"pieces": found.pieces, "notes": found.notes, "grid": found.grid}
    return figures


def table(figures: dict[str, Any]) -> str:
    """The comparison in lines."""
    names = list(figures["base"]["parts"])
    lines = [f"{'':<8}{'nats a note':>12}" + "".join(f"{name:>11}" for name in names)]
    for name in MODELS:
        parts = figures[name]["parts"]
        lines.append(f"{name:<8}{figures[name]['nats_per_note']:>12.3f}" + "".join(f"{parts[n]:>11.3f}" for n in names))
    lines.append(f"{figures['pieces']} pieces, {figures['notes']:,} notes, grid: {figures['grid']}")
    return "\n".join(lines)


def _place(corpus: Path, named: str) -> Path:
    """Where a file of the manifest lies: its first folder is that of another collection."""
    return corpus.joinpath(*Path(named).parts[1:])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--base-minutes", type=float, default=20.0, metavar="B")
    parser.add_argument("--minutes", type=float, default=10.0, metavar="T")
    parser.add_argument("--composer", default="Grieg")
    parser.add_argument("--corpus", type=Path, default=SHARED / "corpus")
    parser.add_argument("--work", type=Path, default=None, help="keeps data sets and runs; what is there is used again")
    given = parser.parse_args()
    if not (given.corpus / "manifest.csv").is_file():
        raise SystemExit(f"There is no corpus in {given.corpus}; name it with --corpus.")
    with tempfile.TemporaryDirectory() as temporary:
        work = given.work or Path(temporary)
        work.mkdir(parents=True, exist_ok=True)
        others, own, held_out = split_corpus(given.corpus, given.composer)
        prepare_sets(work, others, own, held_out)
        figures = compare(work, given.base_minutes, given.minutes)
    settled = {"composer": given.composer, "base_minutes": given.base_minutes, "minutes": given.minutes}
    print(table(figures))
    keep("tuning", {**settled, **figures})


if __name__ == "__main__":
    main()
