"""What tests of the Training tab are made of."""

import json
from pathlib import Path

import numpy as np

from musicgen_app.ml.config import TrainConfig
from musicgen_app.project.document import Project
from musicgen_app.project.runs import Losses


def losses(*validation: float) -> Losses:
    """Losses by epoch; training a little lower, ten seconds an epoch."""
    held_out = np.array(validation)
    return Losses(np.arange(1.0, len(held_out) + 1), held_out - 0.25, held_out, np.full(len(held_out), 10.0))


def add_run(project: Project, *validation: float, status: str = "finished", **config: object) -> Path:
    """Put a run into a project as a training would have left it."""
    folder = project.new_run_folder()
    described = {
        "title": folder.name,
        "created": "2026-01-02T03:04:05+00:00",
        "status": status,
        "config": TrainConfig.from_preset("small", **config).to_json(),
        "parameters": 123_456,
        "summary": {"notes_per_second": 5000.0, "reason": "all epochs done"} if status == "finished" else {},
        "baselines": {"uniform": 19.5, "unigram": 11.0, "4gram": 6.0 + len(validation)},
        "error": "The loss is not a number any more." if status == "failed" else "",
    }
    (folder / "run.json").write_text(json.dumps(described))
    rows = [f"{epoch},{value - 0.25},{value},,,,,,10\n" for epoch, value in enumerate(validation, 1)]
    (folder / "losses.csv").write_text(
        "epoch,train,validation,time,pitch,duration,velocity,pedal,seconds\n" + "".join(rows)
    )
    if validation:
        (folder / "model.safetensors").write_bytes(b"weights")
    (folder / "state").mkdir()
    (folder / "state" / "0001").write_text("")
    return folder
