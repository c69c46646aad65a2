"""A project with a run that has a network of the seeds, made without a training."""

import json
from dataclasses import replace
from pathlib import Path

from musicgen_app.dataset.store import Piece, open_dataset, write_dataset
from musicgen_app.generation.checkpoint import write_checkpoint
from musicgen_app.generation.windowed import Layer, WindowedConfig
from musicgen_app.ml.windowed_config import WindowedTrainConfig
from musicgen_app.project.document import Project
from musicgen_app.tokens.seed import SeedCodec
from tests.generation.networks import windowed_checkpoint

WORDS = ("0.4.7", "2.5.9", "7", "B-3", "C#4", "D4", "E4")
CODEC = SeedCodec(WORDS)
LAYERS = (Layer("lstm", 8), Layer("norm"))


def word_project(folder: Path) -> Project:
    """A project with a data set of 63 words."""
    project = Project.create(folder)
    rows = CODEC.rows_of([WORDS[n * n % 7] for n in range(63)])
    project.dataset_folder.mkdir(parents=True, exist_ok=True)
    piece = Piece("Words", "words", "train", 0, len(rows), 63, 0)
    write_dataset(project.dataset_folder, CODEC, [(piece, rows)])
    return project


def add_seed_run(project: Project, plan: dict[str, object] | None = None) -> Path:
    """A run as a training of a network of the seeds leaves it, with random weights."""
    folder = project.new_run_folder()
    config = WindowedTrainConfig.from_preset("seed-base", window=5, time_decay=0.25, optimizer="rmsprop", epochs=2)
    dataset = open_dataset(project.dataset_folder).fingerprint
    described = {
        "version": 1,
        "title": folder.name,
        "created": "2026-01-02T03:04:05+00:00",
        "status": "finished",
        "preset": config.preset,
        "config": config.to_json(),
        "parameters": 1234,
        "dataset": {"path": str(project.dataset_folder), "fingerprint": dataset},
        "summary": {"notes_per_second": 5000.0, "reason": "all epochs done"},
        "output": plan or {},
    }
    (folder / "run.json").write_text(json.dumps(described))
    (folder / "losses.csv").write_text("epoch,train,validation,seconds\n1,1.5,,60\n2,1.25,,60\n")
    network = WindowedConfig(len(WORDS), 5, LAYERS)
    model = windowed_checkpoint(network, CODEC.description(), seed=3)
    model = replace(model, header=replace(model.header, corpus={"fingerprint": dataset}, title=folder.name))
    write_checkpoint(folder / "model.safetensors", model)
    return folder
