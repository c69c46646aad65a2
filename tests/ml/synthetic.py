"""Small data sets out of thin air, and settings that train on them in seconds."""

from pathlib import Path
from typing import Any

import numpy as np

from musicgen_app.core.score import PEDAL_DTYPE, Score, make_notes
from musicgen_app.dataset.store import Dataset, Piece, write_dataset
from musicgen_app.ml.config import TrainConfig
from musicgen_app.tokens.notes import metrical_codec

TINY: dict[str, Any] = {
    "units": 16,
    "embedding": 8,
    "head_units": 16,
    "layers": 2,
    "batch": 4,
    "window": 24,
    "warmup": 4,
}
"""Overrides that make any preset small enough for a test."""


def tiny_config(**overrides: Any) -> TrainConfig:
    """A config for tests."""
    return TrainConfig.from_preset("small", **{**TINY, **overrides})


def piece_of_music(seed: int, notes: int = 150) -> Score:
    """A melody with chords, lengths from the grid's exact and coarse classes, and some pedal."""
    rng = np.random.default_rng(seed)
    onsets = np.cumsum(rng.choice([0, 0, 120, 240, 480, 1920], notes))
    lengths = rng.choice([60, 120, 240, 960, 1740], notes)
    pitches = 60 + rng.permutation(12)[np.arange(notes) % 12]
    velocities = rng.integers(30, 120, notes)
    rows = zip(onsets.tolist(), lengths.tolist(), pitches.tolist(), velocities.tolist(), strict=True)
    presses = np.array([(0, 0, 127), (960, 0, 0), (1920, 0, 127), (2400, 0, 0)], dtype=PEDAL_DTYPE)
    return Score(notes=make_notes(rows), pedals=presses)


def write_synthetic(folder: Path, pieces: int = 5, validation: int = 2, notes: int = 150) -> Dataset:
    """A data set of which the first pieces are held out."""
    folder.mkdir(parents=True, exist_ok=True)
    codec = metrical_codec()
    content = []
    for number in range(pieces):
        split = "validation" if number < validation else "train"
        piece = Piece(f"Piece {number}", f"{number}.mid", split, 0, 0, 0, number, licence="CC0-1.0")  # type: ignore[arg-type]
        content.append((piece, codec.encode(piece_of_music(number, notes + 7 * number))))
    return write_dataset(folder, codec, content)
