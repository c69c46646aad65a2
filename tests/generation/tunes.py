"""Tunes that have nothing in common by chance, parts of them in other keys and tempos, and data sets of them."""

from pathlib import Path

import numpy as np

from musicgen_app.core.progress import CancelToken
from musicgen_app.core.score import NOTE_DTYPE, Notes, Score
from musicgen_app.dataset.bars import bars_of
from musicgen_app.dataset.store import Dataset, Piece, write_dataset
from musicgen_app.generation.originality import CopyFinder
from musicgen_app.tokens.codec import Codec
from musicgen_app.tokens.notes import metrical_codec

BEAT = 480


def tune(seed: int, notes: int = 200, chords: bool = False) -> Score:
    """Notes one after the other, or chords of one to three, anywhere in three octaves."""
    rng = np.random.default_rng(seed)
    rows = np.zeros(notes, dtype=NOTE_DTYPE)
    rows["onset"] = np.cumsum(rng.choice([0, 0, 120, 240] if chords else [120, 240, 360, 480], notes))
    rows["duration"] = 120
    # Notes that are struck together must not be doubled.
    rows["pitch"] = 48 + (np.cumsum(rng.integers(1, 12, notes)) if chords else rng.integers(0, 37, notes)) % 37
    rows["velocity"] = rng.integers(30, 110, notes)
    return Score(rows)


def cut(score: Score, start: int, stop: int, semitones: int = 0, stretch: float = 1.0) -> Notes:
    """Some notes of a score from tick 0 on, in another key and tempo."""
    notes = score.notes[start:stop].copy()
    notes["onset"] = np.rint((notes["onset"] - notes["onset"][0]) * stretch)
    notes["pitch"] = notes["pitch"].astype(np.int64) + semitones
    return notes


def joined(*parts: Notes) -> Score:
    """Parts one after the other, a beat apart."""
    at, out = 0, []
    for part in parts:
        moved = part.copy()
        moved["onset"] += at
        at = int(moved["onset"][-1]) + BEAT
        out.append(moved)
    return Score(np.concatenate(out))


def written(folder: Path, *scores: Score, codec: Codec | None = None, held: int = 0) -> Dataset:
    """A data set of these pieces, each a work of its own, of which the last ones are held back."""
    codec = codec or metrical_codec()
    folder.mkdir(exist_ok=True)
    pieces = []
    for number, score in enumerate(scores):
        split = "validation" if number >= len(scores) - held else "train"
        metre = bars_of(score, 1).metre
        pieces.append((Piece(f"Piece {number}", f"{number}.mid", split, 0, 0, 0, number, metre=metre), score))
    return write_dataset(folder, codec, [(piece, codec.encode(score)) for piece, score in pieces])


def finder(dataset: Dataset) -> CopyFinder:
    return CopyFinder(dataset, CancelToken())
