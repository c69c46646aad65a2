"""Train the bundled model: ``python packaging/make_model.py FOLDER --minutes 120``.

FOLDER holds MIDI files and a ``manifest.csv`` with the columns ``licence`` and ``attribution``. The music is prepared
and trained on with the default preset, and the best checkpoint goes to ``models/piano.safetensors`` with all
attributions in its header. A training that was stopped goes on where it stood. What a model card needs is printed.
"""

from __future__ import annotations

import argparse
import csv
import json
from dataclasses import replace
from pathlib import Path

from musicgen_app.core.progress import CancelToken, silent
from musicgen_app.dataset.store import open_dataset
from musicgen_app.generation.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from musicgen_app.workflow.evaluate import evaluate
from musicgen_app.workflow.prepare import PrepareConfig, prepare
from musicgen_app.workflow.train import TrainRequest, train

ROOT = Path(__file__).resolve().parent.parent
MODEL = ROOT / "models" / "piano.safetensors"
TITLE = "Piano"
LICENCE = "CC BY-SA 4.0"
"""The strictest licence of the corpus, CC BY-SA 3.0 DE, allows passing on under this one."""


def attributions(folder: Path) -> tuple[str, ...]:
    """One line for each source of the music, with its licence, in the order of the manifest.

    Those of the bundled pieces are added where the folder holds some of them too.
    """
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as file:
        lines = [f"{row['attribution']}, {row['licence']}" for row in csv.DictReader(file)]
    bundled = {path.name for path in (ROOT / "data" / "corpus").glob("*.mid")}
    if any(path.name in bundled for path in folder.rglob("*.mid")):
        lines += open_dataset(ROOT / "data" / "dataset").attribution
    return tuple(dict.fromkeys(lines))


def stamped(checkpoint: Checkpoint, named: tuple[str, ...]) -> Checkpoint:
    """The checkpoint as it is shipped."""
    return replace(checkpoint, header=replace(checkpoint.header, title=TITLE, licence=LICENCE, attribution=named))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="MIDI files and their manifest.csv")
    parser.add_argument("--minutes", type=float, default=120.0)
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "model", help="folder for data set and run")
    parser.add_argument("--pedal", action="store_true", help="learn the sustain pedal too")
    given = parser.parse_args()
    dataset, run = given.work / "dataset", given.work / "run"
    if not (dataset / "dataset.json").is_file():
        prepare(PrepareConfig((given.folder,), dataset, pedal="rows" if given.pedal else "none"), silent, CancelToken())
    result = train(TrainRequest(dataset, run, minutes=given.minutes, resume=True), silent, CancelToken())
    write_checkpoint(MODEL, stamped(read_checkpoint(result.checkpoint), attributions(given.folder)))
    found = evaluate(MODEL, dataset, silent, CancelToken())
    card = {
        "file": MODEL.name,
        "bytes": MODEL.stat().st_size,
        "parameters": read_checkpoint(MODEL).header.network.parameters(),
        "pieces": len(open_dataset(dataset).pieces),
        "nats_per_note": found.nats_per_note,
        "interval": found.interval,
        "baselines": found.baselines,
        "parts": dict(found.parts),
        "training": dict(read_checkpoint(MODEL).header.training),
    }
    print(json.dumps(card, indent=1, default=str))


if __name__ == "__main__":
    main()
